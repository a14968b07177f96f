-- Deploy clinic:wards/ward to pg

BEGIN;

CREATE TABLE wards_ward (id integer PRIMARY KEY);

COMMIT;
