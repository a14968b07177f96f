-- Deploy clinic:nurse to pg

BEGIN;

CREATE TABLE nurse (id integer PRIMARY KEY);

COMMIT;
