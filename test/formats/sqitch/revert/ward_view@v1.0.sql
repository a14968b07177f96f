-- Revert clinic:ward_view@v1.0 from pg

BEGIN;

DROP TABLE ward_view_v1_0;

COMMIT;
