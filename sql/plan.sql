--
-- plan: which migrations would run, in which order, and why one may not; and
-- that the runner does what the plan says.
--
CREATE SCHEMA plan_test;
SET search_path = plan_test, public;
SET client_min_messages = warning;

-- A migration that leaves a trace of when it ran.  Shorthand for this test:
-- "b: a" is migration b, which depends on a.
CREATE TABLE trace (n integer GENERATED ALWAYS AS IDENTITY, what text);
CREATE PROCEDURE register(VARIADIC graph text[]) LANGUAGE plpgsql AS $$
DECLARE
    line text;
    name text;
    needs text[];
BEGIN
    FOREACH line IN ARRAY graph LOOP
        name := '202501010000' || split_part(line, ':', 1);
        needs := ARRAY(SELECT CASE WHEN n ~ ':' THEN n ELSE '202501010000' || n END
                       FROM regexp_split_to_table(nullif(trim(
                           substring(line FROM ': (.*)')), ''), ', ') AS n
                       WHERE n IS NOT NULL);
        PERFORM migrate_register(name,
            format('INSERT INTO plan_test.trace (what) VALUES (''up %s'')', name),
            format('INSERT INTO plan_test.trace (what) VALUES (''down %s'')', name),
            needs, project => 'plan');
    END LOOP;
END $$;

-- What ran since the last time it was asked, in one line.
CREATE FUNCTION ran() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    SELECT string_agg(replace(what, '202501010000', ''), ', ' ORDER BY n)
    INTO line FROM trace;
    DELETE FROM trace;
    RETURN line;
END $$;

-- Nothing is registered: nothing to plan.
SELECT step, migration, runnable, risk IS NOT NULL AS has_risk, reason, details FROM migrate_plan(project => 'plan');
SELECT step, migration, runnable, risk IS NOT NULL AS has_risk, reason, details FROM migrate_plan(direction => 'down', project => 'plan');
SELECT * FROM migrate_up(project => 'plan');

-- A diamond, registered in the wrong order: each after all that it needs, and
-- by name where nothing else decides.
CALL register('40-bottom: 20-left, 30-right', '30-right: 10-top', '20-left: 10-top', '10-top');
SELECT step, migration, runnable, risk IS NOT NULL AS has_risk, reason, details FROM migrate_plan(project => 'plan');
SELECT migration, outcome, statements FROM migrate_up(project => 'plan');
SELECT ran();

-- Everything is applied: the plan is empty, and the run says so.
SELECT step, migration, runnable, risk IS NOT NULL AS has_risk, reason, details FROM migrate_plan(project => 'plan');
SET client_min_messages = notice;
SELECT * FROM migrate_up(project => 'plan');
SET client_min_messages = warning;

-- Merged late: what sorts before everything that is applied is due as well,
-- and dependencies are stronger than names.
CALL register('05-late: 30-right', '01-early', '06-later: 05-late, 40-bottom');
SELECT step, migration, runnable FROM migrate_plan(project => 'plan');
SELECT migration, outcome FROM migrate_up(project => 'plan');
SELECT ran();

-- Last by time, not by name: the late ones go first.
SELECT step, migration FROM migrate_plan(direction => 'down', project => 'plan');
SELECT migration, outcome FROM migrate_down();
SELECT migration, outcome FROM migrate_down();
SELECT migration, outcome FROM migrate_down();
SELECT migration, outcome FROM migrate_down();
SELECT ran();

-- A target in the middle: it and what it needs, nothing else.
CALL register('50-side', '60-end: 40-bottom, 50-side');
SELECT migrate_unregister('plan:20250101000005-late', 'not needed any more');
SELECT migrate_unregister('plan:20250101000006-later', 'not needed any more');
SELECT migration, outcome FROM migrate_down('plan:20250101000010-top', scope => 'dependents');
SELECT step, migration, runnable FROM migrate_plan('20250101000040-bottom', project => 'plan');
SELECT migration, outcome FROM migrate_up('20250101000040-bottom', project => 'plan');
SELECT ran();
SELECT migration, state FROM migrate_status('plan');

-- A target that is applied needs nothing, one that is not registered is an
-- error, and so is no direction at all.
SELECT step, migration FROM migrate_plan('20250101000010-top', project => 'plan');
SELECT step, migration FROM migrate_plan('20250101000099-absent', project => 'plan');
\echo :LAST_ERROR_SQLSTATE
SELECT step, migration FROM migrate_plan(direction => 'sideways');
\echo :LAST_ERROR_SQLSTATE
SELECT step, migration FROM migrate_plan(direction => NULL);

-- What a name depends on may be missing: that one may not run, nor anything
-- behind it, and because of them nothing does.  Each reason is given.
CALL register('61-orphan: 62-nowhere', '63-behind: 61-orphan, 50-side');
SELECT step, migration, runnable, reason FROM migrate_plan(project => 'plan');
SELECT migration, outcome FROM migrate_up(project => 'plan');
\echo :LAST_ERROR_SQLSTATE
SELECT migration, outcome FROM migrate_up('plan:20250101000063-behind');
SELECT ran();

-- Unless they are to be left out.
SELECT migration, outcome, details FROM migrate_up(project => 'plan', blocked => 'skip');
SELECT ran();
SELECT migration, state, waiting_for FROM migrate_status('plan', 'blocked');
SELECT * FROM migrate_up(project => 'plan', blocked => 'ignore');
\echo :LAST_ERROR_SQLSTATE

-- The missing one arrives.
CALL register('62-nowhere');
SELECT migration, outcome FROM migrate_up(project => 'plan');
SELECT ran();

-- A cycle of three cannot be registered in one session after the other, but
-- two transactions at once can do it, for neither sees the other's.  It is
-- spelled out, for each member and for what is behind.
BEGIN;
CALL register('70-one: 72-three');
PREPARE TRANSACTION 'plan_test';
CALL register('71-two: 70-one', '72-three: 71-two', '73-behind: 72-three', '74-free');
COMMIT PREPARED 'plan_test';
SELECT step, migration, runnable, reason FROM migrate_plan(project => 'plan');
SELECT migration, outcome FROM migrate_up(project => 'plan');
\echo :LAST_ERROR_SQLSTATE
SELECT migration, state, waiting_for FROM migrate_status('plan') WHERE migration ~ '00007';
SELECT line FROM migrate_tree('plan') WHERE line ~ '00007';
SELECT migration, outcome FROM migrate_up(project => 'plan', blocked => 'skip');
SELECT ran();

-- One of the three is registered anew without the dependency.
CALL register('71-two');
SELECT migration, outcome FROM migrate_up(project => 'plan');
SELECT ran();

-- Reverting what others depend on: refused, with their names and with the
-- way to take them along.  What does not depend on it stays.
SELECT migration, outcome FROM migrate_down('plan:20250101000040-bottom');
\echo :LAST_ERROR_SQLSTATE
SELECT step, migration FROM migrate_plan('20250101000040-bottom', 'down', 'plan');
SELECT migration, outcome FROM migrate_down('plan:20250101000040-bottom', scope => 'dependents');
SELECT ran();
SELECT migration, outcome FROM migrate_down('plan:20250101000061-orphan', scope => 'all');
\echo :LAST_ERROR_SQLSTATE

-- The last of all, alone; and what is not applied cannot be reverted.
SELECT migration, outcome FROM migrate_down('plan:20250101000073-behind');
SELECT migration, outcome FROM migrate_down('plan:20250101000073-behind');
SELECT step, migration, runnable, risk IS NOT NULL AS has_risk, reason, details FROM migrate_plan('20250101000073-behind', 'down', 'plan');

-- Back to a point in time: all that was applied after it, the last first.
SELECT migration, outcome FROM migrate_down_to('plan:20250101000062-nowhere');
SELECT ran();
SELECT migration, outcome FROM migrate_down_to('plan:20250101000040-bottom');
\echo :LAST_ERROR_SQLSTATE

-- Irreversible: the whole plan is refused, what could be reverted included.
-- It would stay for ever, so this is tried in a transaction.
\set ON_ERROR_ROLLBACK on
BEGIN;
SELECT outcome FROM migrate_register('20250101000080-for-ever', 'SELECT 1',
    depends_on => '{20250101000050-side}', project => 'plan');
SELECT migration, outcome FROM migrate_up('plan:20250101000080-for-ever');
SELECT step, migration, runnable, reason
FROM migrate_plan('20250101000050-side', 'down', 'plan');
SELECT migration, outcome FROM migrate_down('plan:20250101000050-side', scope => 'dependents');
\echo :LAST_ERROR_SQLSTATE
SELECT migration, outcome FROM migrate_redo('plan:20250101000080-for-ever');
ROLLBACK;
\set ON_ERROR_ROLLBACK off

-- What cannot run in a transaction: the hint names what can run it.
SELECT outcome FROM migrate_register('20250101000081-concurrently',
    'CREATE INDEX CONCURRENTLY ON plan_test.trace (what)', project => 'plan');
SELECT step, migration, runnable, reason
FROM migrate_plan('20250101000081-concurrently', project => 'plan');
SELECT migration, outcome FROM migrate_up('plan:20250101000081-concurrently');
\echo :LAST_ERROR_SQLSTATE
SELECT migration, state FROM migrate_status('plan') WHERE migration ~ 'concurrently';
SELECT migrate_unregister('plan:20250101000081-concurrently', 'shown');

-- Applied, reverted, edited, pushed, applied: it is the edited text that runs.
SELECT ran();
SELECT migration, outcome FROM migrate_up('plan:20250101000040-bottom');
SELECT migration, outcome FROM migrate_down('plan:20250101000040-bottom');
SELECT outcome, revision FROM migrate_register('20250101000040-bottom',
    'INSERT INTO plan_test.trace (what) VALUES (''up 40-edited'')',
    'INSERT INTO plan_test.trace (what) VALUES (''down 40-edited'')',
    depends_on => '{20250101000020-left,20250101000030-right}', project => 'plan');
SELECT migration, outcome FROM migrate_up('plan:20250101000040-bottom');
SELECT migration, outcome FROM migrate_redo('plan:20250101000040-bottom');
SELECT ran();

-- Repeatable migrations run after all others, by name, whatever their names
-- are, and again when their text has changed.
SELECT count(migrate_register(name, format(
           'INSERT INTO plan_test.trace (what) VALUES (''repeat %s'')', name),
           'SELECT 1', kind => 'repeatable', project => 'plan'))
FROM unnest(ARRAY['20240101000001-view-b', '20240101000000-view-a']) AS name;
CALL register('90-table');
SELECT step, migration FROM migrate_plan(project => 'plan')
WHERE migration ~ 'view|90';
SELECT count(*) FROM migrate_up(project => 'plan');
SELECT substring(ran() FROM 'up 90.*');
SELECT step, migration FROM migrate_plan(project => 'plan');
SELECT outcome FROM migrate_register('20240101000000-view-a',
    'INSERT INTO plan_test.trace (what) VALUES (''repeat view-a, changed'')',
    'SELECT 1', kind => 'repeatable', project => 'plan');
CALL register('91-table');
SELECT step, migration FROM migrate_plan(project => 'plan');
SELECT migration, state FROM migrate_status('plan') WHERE migration ~ 'view';
SELECT migration, outcome FROM migrate_up(project => 'plan');
SELECT ran();

-- Two projects in one database: without a project both run, in one order;
-- they may depend on each other, and a name that both have is ambiguous.  With
-- one, what is of the other does not run, and so not what needs it.
CALL register('92-both');
SELECT count(migrate_register(name, format(
           'INSERT INTO plan_test.trace (what) VALUES (''other %s'')', name),
           'SELECT 1', needs, project => 'plan_b'))
FROM (VALUES ('20250101000092-both', '{plan:20250101000093-shared}'::text[]),
             ('20250101000010-top', '{}')) AS m(name, needs);
CALL register('93-shared: plan_b:20250101000010-top');
SELECT step, migration FROM migrate_plan();
SELECT step, migration, runnable, reason FROM migrate_plan(project => 'plan_b');
SELECT migration, outcome FROM migrate_up(project => 'plan_b');
SELECT migration, outcome FROM migrate_up('20250101000092-both');
\echo :LAST_ERROR_SQLSTATE
SELECT migration, outcome FROM migrate_up('20250101000092-both', project => 'plan');
SELECT migration, outcome FROM migrate_up('plan_b:20250101000092-both');
SELECT ran();
SELECT migration, outcome FROM migrate_down('20250101000092-both');
SELECT migration, outcome FROM migrate_down('plan_b:20250101000010-top');
SELECT step, migration FROM migrate_plan(direction => 'down', project => 'plan');
SELECT step, migration FROM migrate_plan(direction => 'down', project => 'plan_b');
SELECT migration, outcome FROM migrate_down('plan_b:20250101000010-top', scope => 'dependents');
SELECT ran();

-- Nothing is left for the tests that follow.
SET client_min_messages = error;
SELECT count(d.*) FROM migrate_status('plan') AS s,
     LATERAL migrate_down(s.migration, scope => 'dependents') AS d
WHERE s.state = 'applied';
SELECT count(migrate_unregister(migration, 'end of the test'))
FROM migrate_status() WHERE migration ~ '^plan';
DROP SCHEMA plan_test CASCADE;
