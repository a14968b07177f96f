--
-- guard: what is done about changes that are no migration, in this database
-- and, of what acts on the cluster, from others.
--
\set superuser :USER
SET client_min_messages = error;
CREATE ROLE regress_guard_app LOGIN;
CREATE ROLE regress_guard_dba SUPERUSER LOGIN;
GRANT CREATE ON SCHEMA public TO regress_guard_app;
SELECT migrate_grant('operator', 'regress_guard_app');
SELECT COALESCE(max(event_id), 0) AS start FROM hipaa_migrate.audit_log \gset

-- A new installation observes: nothing is refused, all is on record.
SELECT class, mode, since, changed_by FROM migrate_guard();
\c - regress_guard_app
SET application_name = 'guard test';
CREATE TABLE guard_observed (id integer);
CREATE TABLE guard_observed_too (id integer);
ALTER TABLE guard_observed ADD COLUMN name text DEFAULT 'somebody';
CREATE TEMP TABLE guard_passing (id integer);
BEGIN;
CREATE TABLE guard_undone (id integer);
ROLLBACK;
CREATE TABLE IF NOT EXISTS guard_observed (id integer);
DROP TABLE guard_observed_too;
\c - :superuser
SET client_min_messages = error;
SELECT role, command, object_type, object, application, class, count, to_exempt
  FROM hipaa_migrate.guard_observed
 WHERE application = 'guard test' ORDER BY first_at, command, object;

-- The script of an extension is part of its command.
CREATE EXTENSION citext;
DROP EXTENSION citext;
SELECT command, object, rule FROM hipaa_migrate.audit_log
 WHERE event_id > :start AND event = 'guard.observed' AND statement ~ 'citext' ORDER BY event_id;

-- Changing it is for superusers, called by themselves.
\c - regress_guard_app
SELECT * FROM migrate_guard('enforce', 'no');
\c - regress_guard_dba
CREATE FUNCTION guard_by_owner() RETURNS SETOF record LANGUAGE sql SECURITY DEFINER AS
    $$ SELECT migrate_guard('off', 'borrowed') $$;
GRANT EXECUTE ON FUNCTION guard_by_owner() TO regress_guard_app;
\c - regress_guard_app
SELECT * FROM guard_by_owner() AS f(a record);
\c - regress_guard_dba
SELECT * FROM migrate_guard('enforce', NULL);
SELECT * FROM migrate_guard('enforce', ' ');
SELECT * FROM migrate_guard('deny', 'x');
SELECT * FROM migrate_guard('enforce', 'x', '{schema,own}');
SELECT class, mode, changed_by FROM migrate_guard('enforce', 'first', '{schema,privilege}');
SELECT class, mode, changed_by, reason FROM hipaa_migrate.guard_status;

-- Refused, whoever it is, wherever it comes from.
CREATE TABLE guard_refused (id integer);
\echo :LAST_ERROR_SQLSTATE
\c - regress_guard_app
ALTER TABLE guard_observed ADD COLUMN more text;
DROP TABLE guard_observed;

-- The catalogs are no way round, though class danger is observed only.
\c - regress_guard_dba
UPDATE pg_attribute SET attname = 'x' WHERE attrelid = 'guard_observed'::regclass AND attname = 'name';
\c - regress_guard_app
TRUNCATE guard_observed;
GRANT SELECT ON guard_observed TO PUBLIC;
CREATE TABLE guard_taken AS SELECT 1 AS id;
SELECT 1 AS id INTO guard_taken;
\set VERBOSITY terse
EXPLAIN ANALYZE CREATE TABLE guard_taken AS SELECT 1 AS id;
PREPARE guard_make AS SELECT 1 AS id;
CREATE TABLE guard_taken AS EXECUTE guard_make;
DO $$ BEGIN EXECUTE 'CREATE TABLE guard_taken (id integer)'; END $$;
DO $$ BEGIN CREATE TABLE guard_taken (id integer); EXCEPTION WHEN OTHERS THEN NULL; END $$;
CREATE VIEW guard_seen AS SELECT 1;
COMMENT ON TABLE guard_observed IS 'x';

\set VERBOSITY default
-- Ordinary life.
CREATE TABLE IF NOT EXISTS guard_observed (id integer);
DROP TABLE IF EXISTS guard_absent;
CREATE TEMP TABLE guard_passing AS SELECT 1 AS id;
ALTER TABLE guard_passing ADD COLUMN name text;
CREATE INDEX ON guard_passing (id);
TRUNCATE guard_passing;
DROP TABLE guard_passing;
INSERT INTO guard_observed VALUES (1);
ANALYZE guard_observed;
BEGIN; LOCK TABLE guard_observed; COMMIT;
COPY guard_observed TO STDOUT;
SELECT relname FROM pg_class WHERE relname ~ '^guard_' AND relkind = 'r' ORDER BY relname;

-- A migration may; a transaction that was let change what is guarded cannot
-- be prepared.
\c - :superuser
SET client_min_messages = error;
SELECT outcome FROM migrate_register('20250101000000-guard', 'CREATE TABLE guard_migrated (id integer)', 'DROP TABLE guard_migrated', project => 'guard');
BEGIN;
SELECT outcome FROM migrate_up(project => 'guard');
PREPARE TRANSACTION 'guard';
SELECT outcome FROM migrate_up(project => 'guard');
SELECT outcome FROM migrate_down();

-- Armed, the extension stays.
DROP EXTENSION hipaa_migrate;
ALTER EXTENSION hipaa_migrate UPDATE;
ALTER DATABASE :"DBNAME" RENAME TO elsewhere;

-- What is undone is undone.
BEGIN;
SELECT class, mode FROM migrate_guard('off', 'not for long');
CREATE TABLE guard_undone (id integer);
ROLLBACK;
CREATE TABLE guard_undone (id integer);
BEGIN;
SAVEPOINT s;
SELECT class, mode FROM migrate_guard('off', 'not for long') WHERE class = 'schema';
ROLLBACK TO s;
CREATE TABLE guard_undone (id integer);
ROLLBACK;
BEGIN;
SELECT class, mode FROM migrate_guard('observe', 'not for long') WHERE class = 'schema';
PREPARE TRANSACTION 'guard';

-- What acts on the cluster, from a database that has no guard.
SELECT class, mode FROM migrate_guard('enforce', 'second', '{accounts,cluster}');
\set guarded :DBNAME
\c template1 :superuser
CREATE ROLE regress_guard_more;
UPDATE pg_authid SET rolpassword = NULL WHERE rolname = 'regress_guard_app';
UPDATE pg_database SET datconnlimit = 0 WHERE datname = :'guarded';
DELETE FROM pg_shseclabel WHERE provider = 'hipaa_migrate';
ALTER ROLE regress_guard_app PASSWORD 'x';
CREATE DATABASE regress_guard_other;
ALTER DATABASE :"guarded" CONNECTION LIMIT 0;
DROP DATABASE :"guarded";
CREATE TABLE guard_free (id integer);
DROP TABLE guard_free;
SECURITY LABEL FOR hipaa_migrate ON DATABASE :"guarded" IS '{}';
\c :guarded :superuser
SET client_min_messages = error;
SELECT class, mode FROM migrate_guard('observe', 'third', '{accounts}');
\c template1 :superuser
CREATE ROLE regress_guard_more;
DROP ROLE regress_guard_more;
\c :guarded :superuser
SET client_min_messages = error;

-- Off: as if there were no guard.
SELECT class, mode FROM migrate_guard('off', 'fourth', '{schema}');
CREATE TABLE guard_unseen (id integer);
DROP TABLE guard_unseen;
SELECT class, mode FROM migrate_guard('observe', 'end of test');
DROP TABLE guard_observed;
DROP FUNCTION guard_by_owner();

-- All of it is on record: what passed and what did not.
CREATE PROCEDURE guard_await(what text, number integer) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1..600 LOOP
        EXIT WHEN number <= (SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = what);
        COMMIT;
        PERFORM pg_sleep(0.1);
    END LOOP;
END $$;
CALL guard_await('guard.skipped', 3);
SELECT event, outcome, actor, command, object, rule, sqlstate,
       details::jsonb ->> 'layer' AS layer, details::jsonb ->> 'cluster' AS cluster, statement
  FROM hipaa_migrate.audit_log
 WHERE event_id > :start AND event IN ('guard.refused', 'guard.skipped', 'guard.observed')
   AND (actor ~ '^regress_guard' OR event = 'guard.refused')
 ORDER BY event COLLATE "C", event_id;
SELECT event, actor = current_user AS by_me, object, reason, details
  FROM hipaa_migrate.audit_log
 WHERE event_id > :start AND event = 'guard.changed' ORDER BY event_id;

-- Where arming is refused.
SELECT v, hipaa_migrate.server_fits(v) FROM unnest('{150008,150009,150010,160005,170001,170002}'::int[]) AS v;

DROP PROCEDURE guard_await;
REVOKE CREATE ON SCHEMA public FROM regress_guard_app;
SELECT migrate_revoke('operator', 'regress_guard_app');
SELECT migrate_unregister('20250101000000-guard', 'end of test');
DROP ROLE regress_guard_app, regress_guard_dba;
