-- Verify clinic:ward_view@v1.0 on pg

BEGIN;

SELECT id FROM ward_view_v1_0 WHERE false;

ROLLBACK;
