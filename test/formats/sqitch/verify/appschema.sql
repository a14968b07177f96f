-- Verify clinic:appschema on pg

BEGIN;

SELECT id FROM appschema WHERE false;

ROLLBACK;
