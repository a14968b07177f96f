--
-- report: status, tree, history, text and the check that applications make.
-- All of it only reads.
--
CREATE SCHEMA report_test;
SET search_path = report_test, public;
SET client_min_messages = warning;

-- Nothing is registered.
SELECT * FROM migrate_status('report');
SELECT * FROM migrate_tree('report');
SELECT * FROM migrate_history(since => 'infinity');

-- Migrations in each state there is: pending, blocked, applied, adopted,
-- reverted, and a repeatable one that was revised.
SELECT count(migrate_register(name, format('CREATE TABLE report_test.%I ()', replace(name, '-', '_')),
                              format('DROP TABLE report_test.%I', replace(name, '-', '_')),
                              needs, project => 'report'))
FROM (VALUES ('20250101000000-adopted', '{}'::text[]),
             ('20250101000001-applied', '{20250101000000-adopted}'),
             ('20250101000002-reverted', '{20250101000001-applied}'),
             ('20250101000003-pending', '{20250101000001-applied,20250101000002-reverted}'),
             ('20250101000004-blocked', '{20250101000001-applied,20250101000099-missing}'),
             ('20250101000005-behind', '{20250101000004-blocked}'),
             ('20250101000006-second-root', '{}'),
             ('20250101000007-orphan', '{20250101000098-missing,other:20250101000000-missing}'))
     AS m(name, needs);
SELECT outcome FROM migrate_register('20250101000008-repeatable',
    'CREATE OR REPLACE VIEW report_test.one AS SELECT 1 AS one',
    'DROP VIEW report_test.one', kind => 'repeatable', project => 'report');
SELECT migration, outcome FROM migrate_adopt('{20250101000000-adopted}', 'was there', 'report');
SELECT migration, outcome FROM migrate_up('report:20250101000001-applied');
SELECT migration, outcome FROM migrate_up('report:20250101000002-reverted');
SELECT migration, outcome FROM migrate_down('report:20250101000002-reverted', reason => 'too early');
SELECT migration, outcome FROM migrate_up('report:20250101000008-repeatable');
SELECT outcome FROM migrate_register('20250101000008-repeatable',
    'CREATE OR REPLACE VIEW report_test.one AS SELECT 1 AS one -- still one',
    'DROP VIEW report_test.one', kind => 'repeatable', project => 'report');

-- The status, in the order in which they run, with what each waits for.
SELECT migration, state, risk IS NOT NULL AS has_risk, waiting_for FROM migrate_status('report');

-- When and by whom, to the second, as people read it; only of what is there.
SELECT migration, applied_at IS NOT NULL AS has_time,
       applied_at = date_trunc('second', applied_at) AS whole_seconds,
       applied_at BETWEEN now() - interval '1 hour' AND now() AS just_now,
       applied_by = session_user AS by_me
FROM migrate_status('report');

-- One state at a time; blocked is not pending.
SELECT migration FROM migrate_status('report', 'pending');
SELECT migration FROM migrate_status('report', 'blocked');
SELECT migration FROM migrate_status('report', 'applied');
SELECT migration FROM migrate_status('report', 'adopted');
SELECT migration FROM migrate_status('report', 'reverted');
SELECT migration FROM migrate_status('report', state => 'done');
\echo :LAST_ERROR_SQLSTATE
SELECT migration FROM migrate_status('no_such_project');

-- The view is the function without arguments.
SELECT count(*) = 9 AS all_there FROM hipaa_migrate.migration_status
WHERE migration ~ '^report:';
SELECT count(*) AS different
FROM (TABLE hipaa_migrate.migration_status EXCEPT SELECT * FROM migrate_status()) AS d;

-- The tree: each hangs under what it needs and runs last, and says what else
-- it needs that is not above it; what is missing is said to be.
SELECT line FROM migrate_tree('report');

-- Seen from one project, what another one has is named, not drawn.
SELECT outcome FROM migrate_register('20250101000000-elsewhere', 'SELECT 1', 'SELECT 2',
    '{report:20250101000003-pending}', project => 'report_b');
SELECT outcome FROM migrate_register('20250101000001-elsewhere', 'SELECT 1', 'SELECT 2',
    '{20250101000000-elsewhere,report:20250101000006-second-root}', project => 'report_b');
SELECT line FROM migrate_tree('report_b');
SELECT line FROM migrate_tree() WHERE line ~ 'report';

-- The history, the latest first: what ran, in which direction, how it ended.
SELECT migration, direction, outcome, sqlstate, message
FROM migrate_history() WHERE migration ~ '^report:';

-- A failure is in it with its place and its SQLSTATE, not with the server's
-- words: they hold values.  So is what was refused by a constraint, by name.
CREATE TABLE patient (name text CONSTRAINT no_digits CHECK (name !~ '\d'));
SELECT outcome FROM migrate_register('20250101000009-failing',
    E'SELECT 1;\n\nINSERT INTO report_test.patient VALUES (''John Doe 1970'');',
    project => 'report');
SELECT migration FROM migrate_up('report:20250101000009-failing');
SELECT migration, direction, outcome, sqlstate, message
FROM migrate_history('report:20250101000009-failing');

-- By name, with or without project; a name that is not there has no history.
SELECT migration, outcome FROM migrate_history('20250101000002-reverted');
SELECT migration, outcome FROM migrate_history('report:20250101000002-reverted');
SELECT migration, outcome FROM migrate_history('report_b:20250101000002-reverted');
SELECT count(*) FROM migrate_history('20250101000002');

-- Since when, and how many at most; null is all there are.
SELECT count(*) FROM migrate_history('report:20250101000002-reverted', since => now() - interval '1 hour');
SELECT count(*) FROM migrate_history('report:20250101000002-reverted', since => now() + interval '1 hour');
SELECT migration, outcome FROM migrate_history('report:20250101000002-reverted', max_rows => 1);
SELECT count(*) FROM migrate_history('report:20250101000002-reverted', max_rows => 0);
SELECT count(*) FROM migrate_history('report:20250101000002-reverted', max_rows => NULL);
SELECT count(*) FROM migrate_history(max_rows => -1);
\echo :LAST_ERROR_SQLSTATE

-- What it says of time and place.
SELECT started_at = date_trunc('second', started_at) AS whole_seconds,
       duration >= interval '0' AS lasted, executed_by = session_user AS by_me,
       client = 'local' OR client ~ ':' AS has_client, run_id > 0 AS has_run
FROM migrate_history('report:20250101000002-reverted', max_rows => 1);

-- Each statement's time is kept too, under its number and its command tag.
SELECT t.statement_no, t.line, t.command, t.duration >= interval '0' AS lasted
FROM hipaa_migrate.run_statement AS t
JOIN hipaa_migrate.run_step AS s USING (step_id)
JOIN hipaa_migrate.migration AS m USING (migration_id)
WHERE m.project = 'report' AND m.name = '20250101000002-reverted'
ORDER BY s.step_id, t.statement_no;

-- The text, statement by statement; in which direction there is none, there
-- are no rows.
SELECT * FROM migrate_show('report:20250101000009-failing');
SELECT * FROM migrate_show('report:20250101000009-failing', 'down');
SELECT * FROM migrate_show('report:20250101000009-failing', 'verify');
SELECT * FROM migrate_show('report:20250101000001-applied', 'down');
SELECT * FROM migrate_show('report:20250101000001-applied', 'sideways');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate_show(NULL);
SELECT * FROM migrate_show('report:20250101000001-applied', NULL);

-- What an application asks at its start: is all that I need applied?  Adopted
-- is applied, too.
SELECT migrate_require('{20250101000000-adopted,20250101000001-applied}', project => 'report');
SELECT migrate_require('{report:20250101000001-applied}');
SELECT migrate_require('{}', project => 'report');

-- If not, it is refused, with the state and with what to do.
SELECT migrate_require('{20250101000003-pending}', project => 'report');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_require('{20250101000001-applied,20250101000002-reverted}', project => 'report');
SELECT migrate_require('{20250101000004-blocked}', project => 'report');
SELECT migrate_require('{20250101000008-repeatable}', project => 'report');
SELECT migrate_require('{20250101000099-missing}', project => 'report');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_require('{20250101000001-applied}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_require(NULL);
SELECT migrate_require('{NULL}');
SELECT migrate_require('{}', project => NULL);

-- Or: is the schema newer than what I know?
SELECT migrate_require('{20250101000001-applied}', '20250101000001-applied', 'report');
SELECT migrate_require('{20250101000001-applied}', '20250101000000-adopted', 'report');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_require('{}', 'report:20250101000000-adopted');
SELECT migrate_require('{}', '20250101000000-adopted', 'report_b');

-- All of this only reads: it works in a transaction that may not write, and
-- under a snapshot that is kept.
BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT count(*) FROM migrate_status('report');
SELECT count(*) FROM migrate_tree('report');
SELECT count(*) FROM migrate_plan(project => 'report');
SELECT count(*) FROM migrate_history('report:20250101000002-reverted');
SELECT count(*) FROM migrate_show('report:20250101000001-applied');
SELECT migrate_require('{20250101000001-applied}', project => 'report');
SELECT count(*) FROM hipaa_migrate.migration_status WHERE migration ~ '^report:';
SELECT count(*) FROM migrate_up(project => 'report');
ROLLBACK;

-- Nothing is left for the tests that follow.
SELECT count(*) FROM migrate_down('report:20250101000008-repeatable');
SELECT count(*) FROM migrate_down('report:20250101000001-applied');
CREATE TABLE "20250101000000_adopted" ();
SELECT count(*) FROM migrate_down('report:20250101000000-adopted');
SELECT count(migrate_unregister(migration, 'end of the test'))
FROM migrate_status() WHERE migration ~ '^report';
DROP SCHEMA report_test CASCADE;
