-- What no migration may do, whoever has approved it: change event triggers,
-- guarded settings or this extension.
CREATE DATABASE regression_forbidden;
\set home :DBNAME
\c regression_forbidden
SET client_min_messages = warning;
CREATE EXTENSION hipaa_migrate;
\set VERBOSITY terse
CREATE FUNCTION lint(sql text, rules text DEFAULT 'all')
    RETURNS TABLE (no integer, severity text, rule text, object text, message text)
    LANGUAGE sql AS
$$ SELECT l.statement_no, l.severity, l.rule, l.object, l.message
     FROM migrate_lint_sql(sql, rules => rules) AS l
    WHERE l.rule IN ('own-extension', 'event-trigger', 'guarded-setting')
    ORDER BY l.statement_no, l.rule, l.message $$;
CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watcher ON ddl_command_end EXECUTE FUNCTION watch();
CREATE TABLE event (id integer, hipaa_migrate text);

-- Event triggers, and what only sounds like one.
SELECT * FROM lint('CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION watch();
    ALTER EVENT TRIGGER watcher DISABLE;
    DROP EVENT TRIGGER watcher;
    ALTER EVENT TRIGGER watcher RENAME TO w;
    ALTER EVENT TRIGGER watcher OWNER TO postgres');
SELECT * FROM lint('CREATE TRIGGER event BEFORE INSERT ON event EXECUTE FUNCTION watch(); DROP TRIGGER event ON event;
    ALTER TABLE event OWNER TO postgres');

-- Guarded settings, however they are set, and harmless ones.
SELECT * FROM lint('SET session_replication_role = replica;
    SET LOCAL Session_Replication_Role = replica;
    RESET session_replication_role;
    SELECT set_config(''session_replication_role'', ''replica'', true);
    ALTER SYSTEM SET archive_command = ''true'';
    ALTER ROLE postgres SET hipaa_migrate.small_table = 0;
    ALTER DATABASE postgres SET session_preload_libraries = ''x'';
    CREATE FUNCTION f() RETURNS integer LANGUAGE sql SET session_replication_role = replica AS ''SELECT 1'';
    ALTER FUNCTION lint(text, text) SET session_replication_role = replica;
    GRANT SET ON PARAMETER session_replication_role TO postgres;
    DO $$ BEGIN SET LOCAL session_replication_role = replica; END $$;
    DO $$ BEGIN EXECUTE ''SET session_replication_role = '' || ''replica''; END $$');
SELECT * FROM lint('SET search_path = public; SET work_mem = ''1MB''; SELECT set_config(''work_mem'', ''1MB'', true);
    ALTER ROLE postgres SET work_mem = ''1MB''; RESET ALL;
    SELECT ''session_replication_role''; SHOW session_replication_role');

-- The extension and what is in its schema; reading is free, and so are
-- labels, and names that only look alike.
SELECT * FROM lint('DROP EXTENSION hipaa_migrate CASCADE; ALTER EXTENSION hipaa_migrate UPDATE;
    ALTER EXTENSION hipaa_migrate DROP FUNCTION migrate_up(text, text, text);
    DELETE FROM hipaa_migrate.run; TRUNCATE hipaa_migrate.migration; DROP TABLE hipaa_migrate.run;
    CREATE TABLE hipaa_migrate.x (id integer); ALTER TABLE hipaa_migrate.run DISABLE TRIGGER ALL;
    DROP SCHEMA hipaa_migrate CASCADE; GRANT SELECT ON hipaa_migrate.audit_log TO PUBLIC;
    ALTER EXTENSION hipaa_migrate SET SCHEMA public');
SELECT * FROM lint('SELECT count(*) FROM hipaa_migrate.audit_log; CREATE EXTENSION IF NOT EXISTS hipaa_migrate;
    UPDATE event SET hipaa_migrate = ''x''; DROP TABLE event; COMMENT ON COLUMN event.hipaa_migrate IS ''hipaa_migrate.run''');

-- Such a migration can be registered, and adopted, but it does not run: the
-- plan says why, nothing is applied, and what depends on it waits.
SELECT migration, outcome FROM migrate_register('20260101000000-fine', up => 'CREATE TABLE fine (id integer)',
    down => 'SET session_replication_role = replica; DROP TABLE fine');
SELECT migration, outcome FROM migrate_register('20260102000000-watch', up => E'SELECT 1;\nDROP EVENT TRIGGER watcher');
SELECT migration, outcome FROM migrate_register('20260103000000-after', up => 'CREATE TABLE after (id integer)', depends_on => '{20260102000000-watch}');
SELECT step, migration, runnable, reason FROM migrate_plan();
\set VERBOSITY default
SELECT migration, outcome FROM migrate_up();
\set VERBOSITY terse
CALL migrate_deploy();
SELECT to_regclass('fine'), to_regclass('after');
SELECT migration, outcome FROM migrate_up(blocked => 'skip');
-- Nor in a down.
SELECT migration, outcome FROM migrate_down('20260101000000-fine');
SELECT migration, outcome FROM migrate_adopt('{20260102000000-watch}', 'the trigger was dropped by hand');
SELECT migration, outcome FROM migrate_up();

-- What a text computes is met when it runs: in DO, in functions, by
-- set_config(), by the SET clause of a function that was there before.
CREATE FUNCTION quietly() RETURNS integer LANGUAGE plpgsql SET session_replication_role = replica AS 'BEGIN RETURN 1; END';
CREATE FUNCTION set_it(name text, value text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN set_config(name, value, true); END';
CREATE FUNCTION run_it(command text) RETURNS void LANGUAGE plpgsql AS 'BEGIN EXECUTE command; END';
CREATE PROCEDURE try(up text, transactional text DEFAULT 'auto') LANGUAGE plpgsql AS $$
DECLARE
    message text;
    state text;
BEGIN
    PERFORM migrate_register('20260110000000-try', up => up, transactional => transactional);
    PERFORM migrate_up();
    RAISE WARNING 'it ran: %', up;
    RAISE EXCEPTION 'undone';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
    RAISE WARNING '% %', state, message;
END $$;
CALL try($m$DO $$ BEGIN EXECUTE format('DR%s EVENT TRIGGER watcher', 'OP'); END $$$m$);
CALL try($m$DO $$ BEGIN EXECUTE format('SET session_%s = replica', 'replication_role'); END $$$m$);
CALL try($m$SELECT run_it('ALTER EVENT TRIGGER wat' || 'cher DISABLE')$m$);
CALL try($m$SELECT run_it('ALTER EXTENSION hipaa' || '_migrate UPDATE')$m$);
CALL try($m$SELECT run_it('CREATE TABLE hipaa' || '_migrate.x ()')$m$);
CALL try($m$SELECT set_it('session_' || 'replication_role', 'replica'); SELECT 1$m$);
CALL try($m$DO $$ BEGIN PERFORM set_it('session_' || 'replication_role', 'replica'); PERFORM 1; END $$$m$);
CALL try($m$SELECT quietly()$m$);
-- What is not guarded runs.
CALL try($m$DO $$ BEGIN EXECUTE format('SET LOCAL %I = 0', 'statement_timeout'); END $$; SELECT set_it('work_mem', '1MB'); SELECT 1$m$);
-- Nor does the worker run it.
SELECT migration, outcome FROM migrate_register('20260111000000-worker',
    up => $m$SELECT 1; SELECT run_it('ALTER EVENT TRIGGER wat' || 'cher DISABLE')$m$, transactional => 'no');
CALL migrate_deploy();
-- By hand all of it is as before.
SET session_replication_role = replica;
RESET session_replication_role;
SELECT quietly(), set_it('session_replication_role', 'origin');
-- Everything is as it was.
SELECT evtname, evtenabled FROM pg_event_trigger WHERE evtname = 'watcher';
DROP EVENT TRIGGER watcher;

\c :home
DROP DATABASE regression_forbidden;
