-- Revert clinic:nurse from pg

BEGIN;

DROP TABLE nurse;

COMMIT;
