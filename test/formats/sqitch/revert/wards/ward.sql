-- Revert clinic:wards/ward from pg

BEGIN;

DROP TABLE wards_ward;

COMMIT;
