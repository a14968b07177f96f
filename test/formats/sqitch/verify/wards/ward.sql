-- Verify clinic:wards/ward on pg

BEGIN;

SELECT id FROM wards_ward WHERE false;

ROLLBACK;
