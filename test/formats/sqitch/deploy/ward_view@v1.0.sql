-- Deploy clinic:ward_view@v1.0 to pg

BEGIN;

CREATE TABLE ward_view_v1_0 (id integer PRIMARY KEY);

COMMIT;
