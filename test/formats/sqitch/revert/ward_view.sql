-- Revert clinic:ward_view from pg

BEGIN;

DROP TABLE ward_view;

COMMIT;
