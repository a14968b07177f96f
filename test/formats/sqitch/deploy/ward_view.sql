-- Deploy clinic:ward_view to pg

BEGIN;

CREATE TABLE ward_view (id integer PRIMARY KEY);

COMMIT;
