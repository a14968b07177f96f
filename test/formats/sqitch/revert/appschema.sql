-- Revert clinic:appschema from pg

BEGIN;

DROP TABLE appschema;

COMMIT;
