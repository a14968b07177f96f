/*
 * The database that is attacked: a clinic, with what a plain guard would be
 * made of, an event trigger and a trigger.
 */

SET client_min_messages = error;
ALTER SYSTEM SET cursor_tuple_fraction = 0.2;

CREATE ROLE application LOGIN;
CREATE ROLE owner LOGIN CREATEDB;
CREATE ROLE creator LOGIN CREATEROLE CREATEDB;
CREATE ROLE auditor;
CREATE ROLE heir;
CREATE ROLE vendor LOGIN SUPERUSER;
GRANT application TO creator WITH ADMIN OPTION;
GRANT heir TO owner;
SELECT format('CREATE ROLE %s_%s LOGIN %s', kind, n, what)
  FROM generate_series(0, 23) AS n,
       (VALUES ('super', 'SUPERUSER'), ('application', 'IN ROLE application'), ('owner', 'CREATEDB IN ROLE owner')) AS k (kind, what)
\gexec

CREATE DATABASE elsewhere;
CREATE DATABASE publisher;
CREATE DATABASE spare_victim;
CREATE DATABASE victim OWNER owner;
GRANT CREATE ON DATABASE victim TO application;
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE spare LOCATION '';

\connect elsewhere
CREATE EXTENSION dblink;
CREATE EXTENSION postgres_fdw;
CREATE TABLE public.cargo (id integer);
GRANT ALL ON SCHEMA public TO application, owner;

\connect victim
CREATE EXTENSION dblink;
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION file_fdw;
CREATE EXTENSION hstore VERSION '1.7';
GRANT CREATE ON SCHEMA public TO application, owner;
CREATE SERVER loopback FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname 'elsewhere');
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
GRANT USAGE ON FOREIGN SERVER loopback TO owner, application;
GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO owner;

CREATE FUNCTION public.plain_guard() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('plain.guard', true) = 'on' THEN
        RAISE 'no change of the schema without approval';
    END IF;
END $$;
CREATE EVENT TRIGGER plain_guard ON ddl_command_start EXECUTE FUNCTION public.plain_guard();

CREATE SCHEMA clinic AUTHORIZATION owner;
CREATE SCHEMA scratch AUTHORIZATION owner;
GRANT USAGE ON SCHEMA clinic TO application;
GRANT CREATE ON SCHEMA clinic TO application;

/* What a superuser has left lying about. */
CREATE FUNCTION clinic.as_superuser(command text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN EXECUTE command; END $$;
CREATE FUNCTION clinic.as_replica(command text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET session_replication_role = replica AS $$ BEGIN EXECUTE command; END $$;
CREATE VIEW clinic.settings_of_roles AS SELECT * FROM pg_db_role_setting;
CREATE VIEW clinic.classes AS SELECT * FROM pg_class;
CREATE FUNCTION clinic.classes_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE pg_class SET relname = NEW.relname WHERE oid = OLD.oid;
    RETURN NEW;
END $$;
CREATE VIEW clinic.classes_by_trigger AS SELECT oid, relname FROM pg_class;
CREATE TRIGGER classes INSTEAD OF UPDATE ON clinic.classes_by_trigger
    FOR EACH ROW EXECUTE FUNCTION clinic.classes_update();
CREATE TABLE clinic.letter_box (relation oid, new_name name);
CREATE RULE to_catalog AS ON INSERT TO clinic.letter_box
    DO INSTEAD UPDATE pg_class SET relname = NEW.new_name WHERE oid = NEW.relation;
CREATE SUBSCRIPTION idle CONNECTION 'dbname=publisher' PUBLICATION nothing
    WITH (connect = false, enabled = false, slot_name = NONE);

SET SESSION AUTHORIZATION owner;
SET search_path = clinic;

CREATE TYPE colour AS ENUM ('red', 'green');
CREATE TYPE pair AS (a integer, b integer);
CREATE DOMAIN zip AS text CONSTRAINT zip_digits CHECK (VALUE ~ '^\d{5}$');
CREATE COLLATION plain FROM "C";
CREATE SEQUENCE number;
CREATE TABLE patient (
    id integer PRIMARY KEY,
    name text NOT NULL,
    born date,
    ward integer DEFAULT 1 CHECK (ward > 0)
);
INSERT INTO patient SELECT n, 'patient ' || n, date '1950-01-01' + n FROM generate_series(1, 20) AS n;
CREATE INDEX patient_name ON patient (name);
CREATE INDEX patient_born ON patient (born);
CREATE TABLE loose (LIKE patient INCLUDING ALL);
CREATE TABLE parent_of_all ();
CREATE TABLE base (id integer, name text);
CREATE TABLE child () INHERITS (base);
CREATE TABLE stranger (id integer, name text);
CREATE TABLE visit (id integer, at date) PARTITION BY RANGE (at);
CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
CREATE TABLE visit_2 (id integer, at date);
CREATE TABLE numbered (id integer GENERATED ALWAYS AS IDENTITY, twice integer GENERATED ALWAYS AS (3 * 2) STORED);
CREATE TABLE typed OF pair;
CREATE TABLE coloured (c colour, z zip);
CREATE TABLE note (id integer, owner name DEFAULT current_user, body text);
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_notes ON note USING (owner = current_user);
CREATE VIEW patients AS SELECT id, name FROM patient;
CREATE MATERIALIZED VIEW summary AS SELECT count(*) AS patients FROM patient;
CREATE RULE kept AS ON DELETE TO stranger DO INSTEAD NOTHING;
CREATE STATISTICS patient_stats ON name, born FROM patient;
CREATE FUNCTION one() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE PROCEDURE nothing() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer);
CREATE FUNCTION same(pair, pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a = $2.a';
CREATE OPERATOR === (LEFTARG = pair, RIGHTARG = pair, FUNCTION = same);
CREATE TEXT SEARCH CONFIGURATION search (COPY = pg_catalog.simple);
CREATE TEXT SEARCH DICTIONARY words (TEMPLATE = pg_catalog.simple);
CREATE USER MAPPING FOR owner SERVER loopback OPTIONS (user 'owner');

CREATE TABLE ledger (id integer, entry text);
INSERT INTO ledger VALUES (1, 'paid'), (2, 'owed');
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'append only'; END $$;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION keep();
CREATE TABLE queue (id integer);
CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CREATE TABLE clinic.made_at_commit (id integer);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON queue
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit();
CREATE FUNCTION make_table(name text) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE clinic.%I (id integer)', name);
    RETURN 1;
END $$;
CREATE TABLE shelf (id integer, price integer);
CREATE FUNCTION on_shelf() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM clinic.make_table('made_by_trigger');
    RETURN NEW;
END $$;
CREATE TRIGGER on_shelf BEFORE INSERT ON shelf FOR EACH ROW EXECUTE FUNCTION on_shelf();
CREATE PROCEDURE make_and_commit(name text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE clinic.%I (id integer)', name);
    COMMIT;
END $$;
CREATE FUNCTION make_view() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    CREATE OR REPLACE VIEW clinic.made_by_definer AS SELECT 1 AS one;
    RETURN 1;
END $$;
SELECT lo_create(4711);
RESET SESSION AUTHORIZATION;
CREATE PUBLICATION patients FOR TABLE clinic.patient;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA clinic TO application;
