--
-- audit: every kind of event, with all its fields, and what a text may hold.
--
-- In a database of its own, so that the record begins with it.
--
\set home :DBNAME
SELECT current_user AS superuser \gset
CREATE DATABASE regression_audit TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regression_audit
SET client_min_messages = warning;
CREATE EXTENSION hipaa_migrate;
CREATE ROLE regress_audit_author;
CREATE ROLE regress_audit_owner LOGIN SUPERUSER;
CREATE ROLE regress_audit_second LOGIN SUPERUSER;
CREATE ROLE regress_audit_nobody LOGIN;
\c - regress_audit_owner
SET client_min_messages = warning;
SET application_name = 'audit test';

-- What is recorded by another process may come a moment after.
CREATE PROCEDURE await_event(kind text, number integer DEFAULT 1)
LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. 2400 LOOP
        EXIT WHEN (SELECT count(*) FROM hipaa_migrate.audit_event AS e
                   WHERE e.kind = await_event.kind) >= number;
        COMMIT;
        PERFORM pg_sleep(0.05);
    END LOOP;
END
$$;

--
-- One after the other, all that can happen in a session
--
SELECT migrate_grant('author', 'regress_audit_author');
SELECT migrate_revoke('author', 'regress_audit_author');

-- Registering, revising, unregistering; the same content again is no event.
SELECT outcome FROM migrate_register('20250101000001-clinic',
    $$CREATE SCHEMA clinic CREATE TABLE visit (id integer) CREATE VIEW today AS SELECT id FROM visit$$,
    'DROP SCHEMA clinic CASCADE');
SELECT outcome FROM migrate_register('20250101000001-clinic',
    $$CREATE SCHEMA clinic CREATE TABLE visit (id integer) CREATE VIEW today AS SELECT id FROM visit$$,
    'DROP SCHEMA clinic CASCADE');
SELECT outcome FROM migrate_register('20250101000002-draft', 'SELECT 1', source => '{"commit": "1f2e3d", "author": "ann"}');
SELECT outcome FROM migrate_register('20250101000002-draft', 'SELECT 2', run_as => 'regress_audit_owner');
SELECT migrate_unregister('20250101000002-draft', 'not needed');
SELECT outcome FROM migrate_register('20250101000003-old', 'SELECT 1');
SELECT outcome FROM migrate_adopt('{20250101000003-old}', 'it was there before');

-- Applying and reverting, with what the statements touch.
SELECT outcome FROM migrate_up();
SELECT outcome FROM migrate_down('20250101000001-clinic', reason => 'try the way back');

-- Statements that commit by themselves are on record before and after.
SELECT outcome FROM migrate_register('20250101000004-build',
    $$CREATE TABLE big (a integer); CREATE INDEX CONCURRENTLY big_idx ON big (a); VACUUM big; DROP INDEX CONCURRENTLY big_idx$$, transactional => 'no');
CALL migrate_deploy('20250101000004-build');
SELECT outcome FROM migrate_register('20250101000005-clash', 'CREATE UNIQUE INDEX CONCURRENTLY clash_idx ON big (a)');
INSERT INTO big VALUES (1), (1);
CALL migrate_deploy('20250101000005-clash');
SELECT migrate_unregister('20250101000005-clash', 'cannot be');
-- Databases too.
SELECT outcome FROM migrate_register('20250101000006-database', 'CREATE DATABASE regression_audit_other; DROP DATABASE regression_audit_other', transactional => 'no');
CALL migrate_deploy('20250101000006-database');
-- Commands that event triggers do not see, and commands inside others.
SELECT outcome FROM migrate_register('20250101000007-hidden', $$
TRUNCATE big;
DO $do$ BEGIN EXECUTE 'CREATE TABLE inside (a integer)'; EXECUTE 'ALTER TABLE inside ADD b text'; END $do$;
GRANT regress_audit_author TO regress_audit_second;
REVOKE regress_audit_author FROM regress_audit_second;
COMMENT ON TABLE big IS 'patients';
EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) CREATE TABLE explained AS SELECT 1 AS one;
$$);
SELECT outcome FROM migrate_up('20250101000007-hidden');

-- Labels, and one that protects less than the one before.
SECURITY LABEL FOR hipaa_migrate ON COLUMN big.a IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON COLUMN big.a IS 'pii';

-- A run that fails, one that is rolled back, one whose session is killed.
SELECT outcome FROM migrate_register('20250101000008-fails', $$ALTER TABLE big ADD CONSTRAINT big_positive CHECK (a > 0); INSERT INTO big VALUES (-4711)$$);
SELECT migrate_up();
SELECT migrate_unregister('20250101000008-fails', 'cannot be');
BEGIN;
SELECT outcome FROM migrate_register('20250101000009-nothing', 'SELECT 1');
SELECT outcome FROM migrate_up();
ROLLBACK;
BEGIN;
SAVEPOINT before;
SELECT outcome FROM migrate_register('20250101000009-nothing', 'SELECT 1');
SELECT outcome FROM migrate_up();
ROLLBACK TO before;
COMMIT;
SELECT outcome FROM migrate_register('20250101000010-fatal', 'SELECT pg_terminate_backend(pg_backend_pid())');
\setenv PGAPPNAME 'audit test'
\! psql -X -q -d regression_audit -U regress_audit_owner -c 'SELECT migrate_up()' >/dev/null 2>&1
CALL await_event('run.interrupted');
SELECT migrate_unregister('20250101000010-fatal', 'cannot be');
SELECT outcome FROM migrate_register('20250101000011-slow', 'SELECT pg_sleep(60)');
SET hipaa_migrate.statement_timeout = '50ms';
SELECT migrate_up();
RESET hipaa_migrate.statement_timeout;
SELECT migrate_unregister('20250101000011-slow', 'cannot be');

-- What is refused.
\c - regress_audit_nobody
SET client_min_messages = warning;
SET application_name = 'audit test';
SELECT migrate_up();
SELECT * FROM hipaa_migrate.audit_log;
\c - regress_audit_owner
SET client_min_messages = warning;
SET application_name = 'audit test';
UPDATE hipaa_migrate.audit_event SET actor = 'somebody else';
CALL await_event('door.refused');

-- The record's own life.
SELECT outcome FROM audit_seal();
SELECT audit_hold('case 17', object => 'table clinic.visit') AS hold \gset
SELECT audit_hold_end(:hold, 'settled');
SELECT event_id AS to_redact FROM hipaa_migrate.audit_log WHERE event = 'migration.revised' \gset
SELECT audit_redact(:to_redact, 'it should not have been written') AS act \gset
-- Not by the same person.
SELECT outcome FROM migrate_confirm(:act, 'yes');
SELECT audit_redact(:to_redact, 'twice') AS other_act \gset
SELECT migrate_confirm_end(:other_act, 'once is enough');
\c - regress_audit_second
SET client_min_messages = warning;
SET application_name = 'audit test';
SELECT outcome FROM migrate_confirm(:act, 'seen');
\c - regress_audit_owner
SET client_min_messages = warning;
SET application_name = 'audit test';
SELECT check_name, outcome FROM audit_verify() WHERE outcome = 'failed';
CALL await_event('record.verified');

--
-- What is on record
--
SET ROLE regress_audit_author;
RESET ROLE;

-- Numbers that differ from run to run are shown as what they belong to.  When a
-- seal notes memberships depends on the clock: see test/tap/access.pl.  What the
-- server is set to depends on the server.
CREATE VIEW event AS
    SELECT row_number() OVER (ORDER BY event_id) AS n, e.*
    FROM hipaa_migrate.audit_event AS e
    WHERE kind NOT LIKE 'guard.%' AND kind <> 'access.changed'
      AND NOT (kind = 'setting.changed' AND details LIKE '%"scope": "server"%');

-- What happened to what.
SELECT kind, outcome, command, object_type,
       CASE object_type WHEN 'epoch' THEN '(its number)' ELSE object END AS object,
       migration
FROM event
ORDER BY migration COLLATE "C" NULLS FIRST, run_id NULLS FIRST, event_id;
-- All objects, where a command touched more than one.
SELECT command, objects FROM event WHERE objects LIKE E'%\n%' ORDER BY event_id;
-- Whose, why, and with which error.
SELECT kind, author, rule, reason, sqlstate FROM event
WHERE (author, rule, reason, sqlstate) IS DISTINCT FROM (NULL, NULL, NULL, NULL)
ORDER BY migration COLLATE "C" NULLS FIRST, run_id NULLS FIRST, event_id;
-- Texts.
SELECT kind, statement_no, statement FROM event WHERE statement IS NOT NULL
ORDER BY migration COLLATE "C" NULLS FIRST, run_id NULLS FIRST, event_id;
-- The rest of each kind, without what differs from run to run.
SELECT DISTINCT kind, regexp_replace(regexp_replace(details, '[0-9a-f]{8}[0-9a-f-]{28,56}', '...', 'g'),
    '"(boot_id|event_id|act_id|seq|block|tree_size|events|blocks|role|role_oid|expires_at)": ("[^"]*"|[0-9]+)', '"\1": ...', 'g') AS details
FROM event WHERE details IS NOT NULL ORDER BY 1, 2;

-- Fields that every event has, and what they must be.
SELECT count(*) FILTER (WHERE epoch <> (SELECT epoch FROM hipaa_migrate.audit_state)) AS epoch,
       count(*) FILTER (WHERE xid <= 0) AS xid,
       count(*) FILTER (WHERE occurred_at NOT BETWEEN now() - interval '1 hour' AND clock_timestamp()) AS occurred_at,
       count(*) FILTER (WHERE statement_at > occurred_at) AS statement_at,
       count(*) FILTER (WHERE actor NOT LIKE 'regress_audit_%' AND kind NOT LIKE 'record.%') AS actor,
       count(*) FILTER (WHERE session_role <> actor) AS session_role,
       count(*) FILTER (WHERE effective_role <> actor) AS effective_role,
       count(*) FILTER (WHERE client NOT IN ('local', 'server process')) AS client,
       count(*) FILTER (WHERE kind NOT LIKE 'record.%' AND client = 'local' AND application <> 'audit test') AS application,
       count(*) FILTER (WHERE pid <= 0) AS pid,
       count(*) FILTER (WHERE database <> current_database()) AS database,
       count(*) FILTER (WHERE host = '') AS host,
       count(*) FILTER (WHERE system_identifier <> (SELECT system_identifier FROM pg_control_system())) AS system,
       count(*) FILTER (WHERE timeline <> 1) AS timeline,
       count(*) FILTER (WHERE length(leaf_hash) <> 32) AS leaf_hash
FROM event;
SELECT count(*) - count(DISTINCT event_id) AS twice FROM event;
-- A statement comes with the hash of all of it.
SELECT count(*) FROM event WHERE (statement IS NULL) <> (statement_hash IS NULL) OR length(statement_hash) <> 32;
-- Durations are there where something took time.
SELECT DISTINCT kind FROM event WHERE duration > 0 ORDER BY kind;
-- Kinds that take another server, or another time: test/tap/{recorder,seal,
-- retention,dump_restore,access}.pl see them.
SELECT kind, description FROM hipaa_migrate.audit_event_kind
WHERE kind NOT IN (SELECT kind FROM event) ORDER BY kind;

-- Nothing of what was tried in an aborted transaction is there.
SELECT kind FROM event WHERE migration = '20250101000009-nothing';
-- The role that a session has put on is beside who it is.
SET ROLE regress_audit_second;
SELECT migrate_grant('auditor', 'regress_audit_author');
RESET ROLE;
SET SESSION AUTHORIZATION regress_audit_second;
SELECT migrate_revoke('auditor', 'regress_audit_author');
RESET SESSION AUTHORIZATION;
SELECT kind, actor, session_role, effective_role FROM event WHERE details LIKE '%auditor%' AND kind LIKE 'capability%';

--
-- The view for people
--
SELECT attname FROM pg_attribute
WHERE attrelid = 'hipaa_migrate.audit_log'::regclass AND attnum > 0 ORDER BY attnum;
SELECT outcome FROM audit_seal();
-- seq is dense.
SELECT count(*) = max(seq) AND min(seq) = 1 AS dense
FROM hipaa_migrate.audit_leaf;
SELECT count(*) FROM hipaa_migrate.audit_log WHERE seq IS NULL AND event <> 'record.sealed';

\c :home :superuser
DROP DATABASE regression_audit;
DROP ROLE regress_audit_author, regress_audit_owner, regress_audit_second, regress_audit_nobody;
