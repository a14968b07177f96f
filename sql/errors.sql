--
-- errors: what the client is told when a migration fails, what is undone,
-- and what the record keeps.
--
-- In a database of its own, so that the registry begins empty.
--
\set home :DBNAME
CREATE DATABASE regression_errors TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regression_errors
\encoding UTF8
CREATE EXTENSION hipaa_migrate;

-- Progress lines tell the time.
SET client_min_messages = warning;

CREATE VIEW record AS
    SELECT migration, direction, outcome, sqlstate, message
    FROM migrate_history();
CREATE VIEW state AS
    SELECT migration, state FROM migrate_status();

--
-- Statement 3 of migration 5 of 9
--
CREATE FUNCTION add_file(number integer, content text) RETURNS text
LANGUAGE sql
RETURN (SELECT outcome FROM migrate_register_file(
    format('2025010100000%s-step-%1$s.up.sql', number), content));
SELECT add_file(n, format('CREATE TABLE step_%s (id integer);', n))
FROM generate_series(1, 9) AS n WHERE n <> 5;
SELECT add_file(5, $$-- depends-on: 20250101000004-step-4
-- description: the third statement names a column that is not there

CREATE TABLE step_5 (id integer);
INSERT INTO step_5
    VALUES (1), (2);

/* Größe: a comment before the statement, with ; inside */
UPDATE step_5
   SET naïve = 'é',
       id = 3
 WHERE id = 1;
DROP TABLE step_1;
$$);

-- Nothing is applied by migrate_up.
SELECT migration FROM migrate_up();
\echo :LAST_ERROR_SQLSTATE
SELECT state, count(*) FROM state GROUP BY state;
SELECT relname FROM pg_class WHERE relname LIKE 'step_%' AND relkind = 'r';
SELECT * FROM record;

-- Four are applied by migrate_deploy.
CALL migrate_deploy();
SELECT * FROM state;
SELECT relname FROM pg_class WHERE relname LIKE 'step_%' AND relkind = 'r' ORDER BY relname;
SELECT * FROM record;

-- The failed step counts what completed in vain, and names where it ended.
SELECT r.command, s.outcome, s.statements, s.failed_statement,
       (SELECT count(*) FROM hipaa_migrate.run_statement AS t
        WHERE t.step_id = s.step_id) AS statements_on_record
FROM hipaa_migrate.run_step AS s JOIN hipaa_migrate.run AS r USING (run_id)
WHERE s.outcome = 'failed' ORDER BY s.step_id;

-- Mended, the rest runs.
SELECT add_file(5, 'CREATE TABLE step_5 (id integer);');
CALL migrate_deploy();
SELECT state, count(*) FROM state GROUP BY state;

--
-- Where an error is
--
-- A syntax error is found when the migration is registered.
SELECT add_file(1, E'-- a comment\n\nCREATE TABLE step_1 (\n    id integr primary,\n);\n');
SELECT add_file(1, $$SELECT 1;
CREATE FUNCTION f() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
SELEC 2;$$);

-- A function's body that does not parse, found when it is created.
SELECT migrate_register('20250102000001-body', $migration$SELECT 1;

CREATE FUNCTION broken() RETURNS integer
LANGUAGE plpgsql
AS $$
BEGIN
    RETRUN 1;
END
$$;
$migration$) IS NOT NULL AS registered;
SELECT migration FROM migrate_up();

-- An error raised far below shows the way.
SELECT migrate_register('20250102000001-body', $migration$
CREATE FUNCTION deeper() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'SELECT * FROM absent';
END
$$;
DO $$
BEGIN
    PERFORM deeper();
END
$$;
$migration$) IS NOT NULL AS registered;
SELECT migration FROM migrate_up();
SELECT * FROM record LIMIT 1;

-- Downs and original names too.
SELECT outcome FROM migrate_register('20250102000001-body', 'SELECT 1;',
    E'SELECT 1;\nDROP TABLE absent;');
SELECT migration FROM migrate_up();
SELECT * FROM migrate_down();
SELECT * FROM record LIMIT 1;
SELECT migration, outcome FROM migrate_register_file('V7__original_name.sql',
    E'SELECT 1;\n\nDROP TABLE absent;', 'flyway');
SELECT * FROM migrate_up(project => 'flyway');
SELECT migrate_unregister(migration, 'test') FROM migrate_status('flyway');

--
-- The server's own words stay as they are.
--
SELECT migrate_register('20250102000002-words', $migration$DO $$
BEGIN
    RAISE EXCEPTION 'the message' USING
        DETAIL = 'The detail.', HINT = 'The hint.', ERRCODE = 'XX999',
        SCHEMA = 'schema', TABLE = 'table', COLUMN = 'column',
        CONSTRAINT = 'constraint', DATATYPE = 'type';
END
$$$migration$) IS NOT NULL AS registered;
SELECT migration FROM migrate_up();
DO $$
DECLARE
    s text; t text; c text; k text; d text;
BEGIN
    PERFORM migrate_up();
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS s = SCHEMA_NAME, t = TABLE_NAME,
        c = COLUMN_NAME, k = CONSTRAINT_NAME, d = PG_DATATYPE_NAME;
    RAISE WARNING '%: %', SQLSTATE, concat_ws(', ', s, t, c, k, d);
END
$$;
SELECT * FROM record LIMIT 1;
CALL migrate_deploy();
SELECT * FROM record LIMIT 1;
SELECT migrate_unregister('20250102000002-words', 'test');

--
-- What one transaction cannot do, with a hint at what can
--
CREATE TYPE mood AS ENUM ('calm');
SELECT migrate_register('20250103000001-enum', $$ALTER TYPE mood ADD VALUE IF NOT EXISTS 'glad'$$) IS NOT NULL AS registered;
SELECT migrate_register('20250103000002-use', $$CREATE TABLE visit (mood mood DEFAULT 'glad')$$) IS NOT NULL AS registered;
SELECT migration FROM migrate_up();
\echo :LAST_ERROR_SQLSTATE
CALL migrate_deploy();
SELECT * FROM state WHERE migration LIKE '20250103%';

-- A run that takes more locks than there are.  The wording differs among
-- majors, so only ours is shown; the first line is the server's.
SELECT migrate_register('20250103000003-locks', $$SELECT pg_advisory_xact_lock(n) FROM generate_series(1, 1000000) AS n$$) IS NOT NULL AS registered;
DO $$
DECLARE
    hint text;
BEGIN
    PERFORM migrate_up();
EXCEPTION WHEN out_of_memory THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RAISE WARNING '%', SQLERRM USING HINT = replace(hint, '"', '');
END
$$;
SELECT migrate_unregister('20250103000003-locks', 'test');

-- CONCURRENTLY, hidden from the registry in a string.
CREATE TABLE patient (ssn text, name text);
SELECT migrate_register('20250103000004-hidden', $migration$DO $$
BEGIN
    EXECUTE 'CREATE INDEX CONCURRENTLY patient_ssn_idx ON patient (ssn)';
END
$$$migration$) IS NOT NULL AS registered;
SELECT migration FROM migrate_up();
CALL migrate_deploy();

-- COMMIT, hidden in a block.
SELECT migrate_register('20250103000004-hidden', 'DO $$ BEGIN COMMIT; END $$') IS NOT NULL AS registered;
SELECT migration FROM migrate_up();
CALL migrate_deploy();

-- As the hint says.
SELECT migrate_register('20250103000004-hidden', 'DO $$ BEGIN COMMIT; END $$', transactional => 'no') IS NOT NULL AS registered;
SELECT migration FROM migrate_up();
CALL migrate_deploy();
SELECT * FROM state WHERE migration = '20250103000004-hidden';

-- Where that has been done the hint would mislead.  What is committed is said.
SELECT migrate_register('20250103000005-already',
    E'SELECT 1;\nSELECT 2;\nDO $$ BEGIN EXECUTE ''VACUUM patient''; END $$',
    transactional => 'no') IS NOT NULL AS registered;
CALL migrate_deploy();
SELECT migrate_register('20250103000005-already', 'SELECT 1', transactional => 'no',
    verify => 'SELECT 1 / 0') IS NOT NULL AS registered;
CALL migrate_deploy();
SELECT * FROM record LIMIT 1;
SELECT migrate_unregister('20250103000005-already', 'test');

--
-- Values are for the client alone.
--
INSERT INTO patient VALUES ('123-45-6789', 'Ada'), ('123-45-6789', 'Bo');

-- Which of our tables hold a text, in whatever column.
CREATE FUNCTION found_in(what text) RETURNS SETOF regclass
LANGUAGE plpgsql
AS $$
DECLARE
    relation regclass;
    is_there boolean;
BEGIN
    FOR relation IN SELECT oid FROM pg_class
        WHERE relnamespace = 'hipaa_migrate'::regnamespace AND relkind = 'r'
        ORDER BY relname
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s AS t WHERE strpos(t::text, %L) > 0)',
                       relation, what) INTO is_there;
        IF is_there THEN
            RETURN NEXT relation;
        END IF;
    END LOOP;
END
$$;

-- Each way in which a server's error holds a row.
CREATE PROCEDURE try(up text, transactional text DEFAULT 'auto')
LANGUAGE sql
AS $$
    SELECT migrate_register('20250104000001-values', up, transactional => transactional)
$$;

CALL try('ALTER TABLE patient ADD CONSTRAINT patient_ssn_key UNIQUE (ssn)');
SELECT migration FROM migrate_up();
SELECT * FROM record LIMIT 1;

CALL try($$ALTER TABLE patient ADD CONSTRAINT patient_ssn_check CHECK (ssn ~ '^[0-9]{9}$')$$);
SELECT migration FROM migrate_up();
SELECT * FROM record LIMIT 1;

CALL try($$CREATE TABLE copy (ssn text NOT NULL, name text CONSTRAINT named CHECK (name = 'Bo'));
INSERT INTO copy SELECT ssn, name FROM patient$$);
SELECT migration FROM migrate_up();
SELECT * FROM record LIMIT 1;

CALL try('ALTER TABLE patient ALTER COLUMN ssn TYPE integer USING ssn::integer');
CALL migrate_deploy();
SELECT * FROM record LIMIT 1;

CALL try($migration$DO $$
DECLARE
    p patient;
BEGIN
    SELECT * INTO p FROM patient LIMIT 1;
    RAISE EXCEPTION 'patient % has no guardian', p.ssn USING DETAIL = p, HINT = p.ssn;
END
$$$migration$);
SELECT migration FROM migrate_up();
SELECT * FROM record LIMIT 1;

-- From the worker, too; and what the failed index build left is gone.
CALL try('SELECT 1; CREATE UNIQUE INDEX CONCURRENTLY patient_ssn_idx ON patient (ssn)');
CALL migrate_deploy();
SELECT * FROM record LIMIT 1;
SELECT to_regclass('patient_ssn_idx');

-- They are nowhere in our tables; what was registered is, and the names of
-- objects are.
SELECT found_in('123-45-6789');
SELECT found_in('has no guardian');
SELECT found_in('constraint patient_ssn_key');

--
-- Time limits are the runner's.
--
SET hipaa_migrate.statement_timeout = '1s';
CALL try(E'SELECT 1;\nSELECT pg_sleep(20)');
SELECT migration FROM migrate_up();
SELECT * FROM record LIMIT 1;
CALL try(E'SELECT 1;\nSELECT pg_sleep(20)', 'no');
CALL migrate_deploy();
SELECT * FROM record LIMIT 1;

-- A migration may ask for another.
CALL try('SET statement_timeout = 0; SELECT pg_sleep(1.2)');
SELECT migration, outcome FROM migrate_up();
RESET hipaa_migrate.statement_timeout;

\c :home
DROP DATABASE regression_errors;
