--
-- runner: applying, reverting, adopting; what each call answers, refuses and
-- puts on record.
--
-- In a database of its own, so that the registry begins empty.
--
\set home :DBNAME
\set owner :USER
CREATE DATABASE regression_runner TEMPLATE template0;
\c regression_runner
CREATE EXTENSION hipaa_migrate;

-- Progress lines tell the time.
SET client_min_messages = warning;

-- A table for each letter; b needs a, c needs b, and d stands alone.
CREATE PROCEDURE register(letter "char", depends_on text[] DEFAULT '{}')
LANGUAGE sql
AS $$
    SELECT migrate_register(
        name => format('20250101000000-create-%s', letter),
        up => format('CREATE TABLE %1$s (id integer PRIMARY KEY);'
                     ' INSERT INTO %1$s VALUES (1);', letter),
        down => format('DROP TABLE %s', letter),
        depends_on => depends_on);
$$;
CALL register('a');
CALL register('b', '{20250101000000-create-a}');
CALL register('c', '{20250101000000-create-b}');
CALL register('d');

CREATE VIEW state AS
    SELECT migration, state FROM migrate_status();
CREATE VIEW record AS
    SELECT migration, direction, outcome, sqlstate, message
    FROM migrate_history();
CREATE VIEW step AS
    SELECT r.command, r.target, r.reason, m.name AS migration, s.direction,
           s.outcome, s.statements
    FROM hipaa_migrate.run AS r
    JOIN hipaa_migrate.run_step AS s USING (run_id)
    JOIN hipaa_migrate.migration AS m USING (migration_id)
    ORDER BY s.step_id DESC;

--
-- migrate_up
--
-- A target takes along what it needs, and nothing else.
SELECT migration, outcome, statements, details
FROM migrate_up('20250101000000-create-b');
SELECT * FROM state;

-- The rest, in one run; time has passed for each.
SELECT migration, outcome, statements, duration > '0' AS has_taken_time,
       count(*) OVER (PARTITION BY run_id) AS steps_of_the_run
FROM migrate_up();
SELECT * FROM state;

-- Once everything is applied, nothing is left to do: no rows, no run.
SELECT migration FROM migrate_up();
SELECT migration FROM migrate_up('20250101000000-create-b');
SELECT command, target, reason, migration, outcome, statements FROM step;

-- How each statement fared.
SELECT m.name, s.direction, t.statement_no, t.line, t.command,
       t.duration >= '0' AS has_duration
FROM hipaa_migrate.run_statement AS t
JOIN hipaa_migrate.run_step AS s USING (step_id)
JOIN hipaa_migrate.migration AS m USING (migration_id)
WHERE m.name IN ('20250101000000-create-a', '20250101000000-create-d')
ORDER BY s.step_id, t.statement_no;

-- Neither a LIMIT nor the select list cuts a run short.
SELECT count(*) FROM migrate_down_to('20250101000000-create-a');
SELECT migration FROM migrate_up() LIMIT 1;
SELECT * FROM state;
SELECT count(*) FROM migrate_down_to('20250101000000-create-a');
SELECT (migrate_up()).migration LIMIT 1;
SELECT * FROM state;
SELECT count(*) FROM migrate_down_to('20250101000000-create-a');
SELECT left(migrate_up()::text, 32) AS migrate_up;

-- Refused: what cannot be.
SELECT * FROM migrate_up('20250101000000-create-x');
SELECT * FROM migrate_up(project => 'no-such-project');
SELECT * FROM migrate_up('20250101000000-create-a', project => 'other');
SELECT * FROM migrate_up(blocked => 'maybe');
SELECT * FROM migrate_up(blocked => NULL);

BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM migrate_up();
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT * FROM migrate_up();
ROLLBACK;
BEGIN READ ONLY;
SELECT * FROM migrate_up();
ROLLBACK;

-- If one may not run, none does, and every reason is listed.
CALL register('e', '{20250101000000-create-x}');
CALL register('f', '{20250101000000-create-e}');
CALL register('g');
SELECT outcome, details FROM migrate_register('20250101000000-index-concurrently',
    'CREATE INDEX CONCURRENTLY g_idx ON g (id)', 'DROP INDEX CONCURRENTLY g_idx',
    depends_on => '{20250101000000-create-g}');
SELECT * FROM migrate_up();
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM state WHERE state NOT IN ('applied');

-- A target that needs none of them may; and what may not can be left out.
SELECT migration, outcome FROM migrate_up('20250101000000-create-g');
CALL register('h');
SELECT migration, outcome, statements, details
FROM migrate_up(blocked => 'skip');

-- Left out, a migration that needs migrate_deploy has its own hint.
SELECT migrate_unregister('20250101000000-create-f', 'test');
SELECT migrate_unregister('20250101000000-create-e', 'test');
SELECT * FROM migrate_up();
\echo :LAST_ERROR_SQLSTATE

--
-- migrate_deploy
--
CALL register('i');
CALL migrate_deploy();
CALL migrate_deploy();
SELECT * FROM state WHERE migration >= '20250101000000-create-g';
SELECT indisvalid FROM pg_index WHERE indexrelid = 'g_idx'::regclass;
SELECT command, migration, outcome, statements FROM step LIMIT 2;

-- It commits, so not where that cannot be.
BEGIN;
CALL migrate_deploy();
ROLLBACK;
\echo :LAST_ERROR_SQLSTATE
BEGIN;
CALL migrate_deploy_down();
ROLLBACK;
DO $$
BEGIN
    CALL migrate_deploy();
EXCEPTION WHEN division_by_zero THEN
    RAISE WARNING 'never';
END
$$;
CREATE FUNCTION deploy() RETURNS void LANGUAGE plpgsql
AS $$ BEGIN CALL migrate_deploy(); END $$;
SELECT deploy();
CALL migrate_deploy('20250101000000-create-x');
CALL migrate_deploy(project => 'no-such-project');

-- A DO block that is in no transaction may.
SELECT outcome FROM migrate_register('20250101000000-vacuum', 'VACUUM g', 'SELECT 1');
DO $$ BEGIN CALL migrate_deploy(); END $$;
SELECT * FROM state WHERE migration = '20250101000000-vacuum';
CALL migrate_deploy_down('20250101000000-vacuum');

-- What cannot be reverted in a transaction is not.
SELECT * FROM migrate_down('20250101000000-index-concurrently');
\echo :LAST_ERROR_SQLSTATE
CALL migrate_deploy_down('20250101000000-create-g');
CALL migrate_deploy_down('20250101000000-create-g', 'dependents', 'no longer wanted');
SELECT * FROM state WHERE migration >= '20250101000000-create-g';
SELECT command, target, reason, migration, outcome FROM step LIMIT 2;
SELECT to_regclass('g'), to_regclass('g_idx');

--
-- migrate_down
--
-- The one applied last in time, whatever its name.
SELECT migration, outcome, statements, details FROM migrate_down();
SELECT migration, outcome FROM migrate_up('20250101000000-create-g');
SELECT migration, outcome FROM migrate_down();
SELECT * FROM state WHERE state <> 'applied';

-- A named one: refused while others depend on it.
SELECT * FROM migrate_down('20250101000000-create-a');
\echo :LAST_ERROR_SQLSTATE
SELECT migration, outcome FROM migrate_down('20250101000000-create-c');
SELECT migration, outcome, statements
FROM migrate_down('20250101000000-create-a', 'dependents', reason => 'a mistake');
SELECT command, target, reason, migration, direction, outcome FROM step LIMIT 3;

-- Nothing to revert is a warning.
SELECT * FROM migrate_down('20250101000000-create-a');
SELECT * FROM migrate_down('20250101000000-create-x');
SELECT * FROM migrate_down('20250101000000-create-a', 'everything');
SELECT * FROM migrate_down('20250101000000-create-a', NULL);

-- Without a down there is no way back, and nothing of the chain goes.
SELECT migration, outcome FROM migrate_up('20250101000000-create-a');
SELECT outcome, details FROM migrate_register('20250101000001-one-way',
    'CREATE TABLE one_way (id integer)', depends_on => '{20250101000000-create-a}');
SELECT migration, outcome FROM migrate_up('20250101000001-one-way');
SELECT * FROM migrate_down();
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate_down('20250101000000-create-a', 'dependents');
SELECT * FROM migrate_redo('20250101000001-one-way');
SELECT to_regclass('a'), to_regclass('one_way');

--
-- migrate_down_to
--
SELECT * FROM migrate_down_to('20250101000000-create-a');
SELECT outcome, revision FROM migrate_register('20250101000001-one-way',
    'CREATE TABLE one_way (id integer)', 'DROP TABLE one_way',
    depends_on => '{20250101000000-create-a}');
SELECT migrate_unregister('20250101000001-one-way', 'cannot while it is applied');
\echo :LAST_ERROR_SQLSTATE

-- Everything applied later goes, the latest first; the named one stays.
SELECT count(*) FROM migrate_down('20250101000000-create-d');
SELECT outcome FROM migrate_register('20250101000002-after', 'SELECT 1', 'SELECT 1');
SELECT outcome FROM migrate_register('20250101000003-later', 'SELECT 1', 'SELECT 1');
SELECT migration FROM migrate_up('20250101000003-later');
SELECT migration FROM migrate_up('20250101000002-after');
SELECT migration, outcome FROM migrate_down_to('20250101000003-later', 'try again');
SELECT migration, outcome FROM migrate_down_to('20250101000003-later');
SELECT command, target, reason, migration, outcome FROM step LIMIT 1;
SELECT * FROM migrate_down_to('20250101000002-after');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate_down_to('20250101000000-create-x');
SELECT * FROM migrate_down_to(NULL);

--
-- migrate_redo
--
SELECT migration, outcome, statements FROM migrate_redo();
SELECT migration, outcome FROM migrate_redo('20250101000000-create-h', 'index was lost');
SELECT command, target, reason, migration, direction, outcome FROM step LIMIT 2;
SELECT * FROM migrate_redo('20250101000000-create-a');
SELECT * FROM migrate_redo('20250101000002-after');
SELECT * FROM migrate_redo('20250101000000-create-x');

-- If it cannot be applied again, it stays as it was.
SELECT outcome FROM migrate_register('20250101000004-once',
    'CREATE TABLE once (id integer)', 'SELECT 1');
SELECT migration, outcome FROM migrate_up('20250101000004-once');
SELECT * FROM migrate_redo('20250101000004-once');
SELECT * FROM state WHERE migration = '20250101000004-once';
SELECT * FROM record LIMIT 1;

-- In a project other than the default one, too.
SELECT outcome FROM migrate_register('20250101000000-redo', 'SELECT 1', 'SELECT 1',
    project => 'clinic');
SELECT migration FROM migrate_up(project => 'clinic');
SELECT migration, outcome FROM migrate_redo('clinic:20250101000000-redo');
SELECT migration, outcome FROM migrate_redo();
SELECT migration, outcome FROM migrate_down('20250101000000-redo');
SELECT migration, outcome FROM migrate_down('clinic:20250101000000-redo');

--
-- migrate_adopt
--
-- What is there already: marked, not executed, and with what it needs first.
CALL register('s');
CALL register('t', '{20250101000000-create-s}');
SELECT * FROM migrate_adopt('{20250101000000-create-t}', 'restored from the old system');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate_adopt('{20250101000000-create-t, 20250101000000-create-s}',
                            'restored from the old system');
SELECT * FROM migrate_adopt('{20250101000000-create-s}', 'again');
SELECT * FROM state WHERE migration IN ('20250101000000-create-s', '20250101000000-create-t');
SELECT command, target, reason, migration, outcome, statements FROM step LIMIT 2;
SELECT to_regclass('s');
SELECT migration FROM migrate_up('20250101000000-create-t');

-- A migration that can verify itself is asked; what it changes is undone.
SELECT outcome FROM migrate_register('20250101000005-verified',
    'CREATE TABLE verified (id integer)',
    verify => E'INSERT INTO verified VALUES (1);\nSELECT 1 / count(*) FROM verified');
SELECT * FROM migrate_adopt('{20250101000005-verified}', 'it is there');
CREATE TABLE verified (id integer);
SELECT * FROM migrate_adopt('{20250101000005-verified}', 'it is there');
SELECT * FROM verified;

SELECT * FROM migrate_adopt('{20250101000000-create-x}', 'no such');
SELECT * FROM migrate_adopt('{20250101000000-create-s}', ' ');
SELECT * FROM migrate_adopt('{20250101000000-create-s}', NULL);
SELECT * FROM migrate_adopt(NULL, 'none');
SELECT * FROM migrate_adopt('{}', 'none');
SELECT * FROM migrate_adopt('{20250101000000-create-s}', 'other', project => 'other');

-- It was there before us, so only a named revert removes it.
SELECT migration, outcome FROM migrate_down('20250101000000-create-s');
CREATE TABLE t ();
SELECT migration, outcome FROM migrate_down('20250101000000-create-t');
SELECT * FROM state WHERE state = 'adopted';

--
-- Verify texts
--
-- After up the text must pass, or nothing is applied.
SELECT outcome FROM migrate_register('20250101000006-checked',
    'CREATE TABLE checked (id integer)', 'DROP TABLE checked',
    verify => E'INSERT INTO checked VALUES (1);\n\nSELECT 1 / (count(*) - 1) FROM checked;');
SELECT migration FROM migrate_up('20250101000006-checked');
SELECT * FROM record LIMIT 1;
SELECT to_regclass('checked');
SELECT outcome, revision FROM migrate_register('20250101000006-checked',
    'CREATE TABLE checked (id integer)', 'DROP TABLE checked',
    verify => 'INSERT INTO checked VALUES (1); DELETE FROM h;');
SELECT migration, outcome, statements FROM migrate_up('20250101000006-checked');
SELECT (SELECT count(*) FROM checked) AS checked, (SELECT count(*) FROM h) AS h;

--
-- The transaction is the caller's
--
-- Rolled back, nothing was ever there but the gaps of sequences.
SELECT count(*) AS steps FROM step \gset before_
BEGIN;
CALL register('u');
SELECT migration, outcome FROM migrate_up('20250101000000-create-u');
SELECT count(*) FROM u;
ROLLBACK;
SELECT to_regclass('u');
SELECT * FROM state WHERE migration = '20250101000000-create-u';
SELECT count(*) - :before_steps AS new_steps FROM step;

-- Committed, all of it is: the registration, too.
BEGIN;
CALL register('u');
SELECT migration, outcome FROM migrate_up('20250101000000-create-u');
SELECT migration, outcome FROM migrate_down('20250101000000-create-u');
SELECT migration, outcome FROM migrate_up('20250101000000-create-u');
COMMIT;
SELECT * FROM u;
SELECT migration, direction, outcome FROM record LIMIT 3;

-- A savepoint undoes as much as it should.
BEGIN;
SAVEPOINT before;
SELECT migration, outcome FROM migrate_down('20250101000000-create-u');
ROLLBACK TO before;
SELECT * FROM state WHERE migration = '20250101000000-create-u';
COMMIT;

-- PL/pgSQL that catches the error goes on with the state as before.
CALL register('v');
SELECT outcome FROM migrate_register('20250101000000-wrong', 'SELECT 1 / 0',
    depends_on => '{20250101000000-create-v}');
DO $$
BEGIN
    PERFORM migrate_up('20250101000000-wrong');
EXCEPTION WHEN division_by_zero THEN
    RAISE WARNING 'caught: %, create-v is %', SQLERRM,
        (SELECT state FROM state WHERE migration = '20250101000000-create-v');
    PERFORM migrate_up('20250101000000-create-v');
END
$$;
SELECT * FROM state WHERE migration IN ('20250101000000-create-v', '20250101000000-wrong');

-- A loop around the runner keeps its own cursor.
SELECT migration, outcome FROM migrate_down('20250101000000-create-v');
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT '20250101000000-create-' || letter
                FROM unnest('{s,v}'::text[]) AS letter
    LOOP
        PERFORM migrate_up(name);
    END LOOP;
END
$$;
SELECT * FROM state WHERE migration IN ('20250101000000-create-s', '20250101000000-create-v');

-- A failure of what only this transaction knows leaves no trace.
BEGIN;
SELECT outcome FROM migrate_register('20250101000000-unknown', 'SELECT 1 / 0');
SELECT * FROM migrate_up('20250101000000-unknown');
ROLLBACK;
SELECT count(*) FROM hipaa_migrate.run
WHERE NOT EXISTS (SELECT FROM hipaa_migrate.run_step WHERE run_step.run_id = run.run_id);

-- Long texts among short ones are read one at a time.
SELECT count(*) FROM generate_series(1, 4) AS n,
	migrate_register('2025010200000' || n || '-create-l' || n,
		'CREATE TABLE l' || n || ' (a integer); --' || repeat('x', n % 3 * 200000),
		down => 'DROP TABLE l' || n || '; --' || repeat('x', n % 2 * 300000), project => 'long',
		depends_on => CASE n WHEN 1 THEN '{}' ELSE ARRAY['2025010200000' || n - 1 || '-create-l' || n - 1] END);
BEGIN;
SELECT migration, outcome FROM migrate_up(project => 'long');
SELECT migration, outcome FROM migrate_down('long:20250102000001-create-l1', scope => 'dependents');
SELECT to_regclass('l1'), to_regclass('l2'), to_regclass('l3'), to_regclass('l4');
ROLLBACK;

--
-- Whoever lacks the capability runs nothing.
--
CREATE ROLE regress_runner_nobody LOGIN;
\c - regress_runner_nobody
SELECT * FROM migrate_up();
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate_down();
SELECT * FROM migrate_down_to('20250101000000-create-a');
SELECT * FROM migrate_redo();
SELECT * FROM migrate_adopt('{20250101000000-create-a}', 'mine');
SELECT migrate_unregister('20250101000000-create-a', 'mine');
CALL migrate_deploy();
CALL migrate_deploy_down();

\c :home :owner
DROP DATABASE regression_runner;
DROP ROLE regress_runner_nobody;
