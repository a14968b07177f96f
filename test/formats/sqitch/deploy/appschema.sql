-- Deploy clinic:appschema to pg

BEGIN;

CREATE TABLE appschema (id integer PRIMARY KEY);

COMMIT;
