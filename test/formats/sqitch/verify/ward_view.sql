-- Verify clinic:ward_view on pg

BEGIN;

SELECT id FROM ward_view WHERE false;

ROLLBACK;
