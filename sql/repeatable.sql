--
-- repeatable: migrations that run again when their text changes.
--
SET client_min_messages = warning;
\set ON_ERROR_ROLLBACK on
BEGIN;

-- A view, without a way back.
SELECT revision, outcome FROM migrate_register('20260101000000-people',
    'CREATE VIEW people AS SELECT 1 AS id', kind => 'repeatable');
SELECT migration, outcome FROM migrate_up();

-- A revision with a way back is due; until it runs, the database holds the
-- first one, which has none.
SELECT revision, outcome FROM migrate_register('20260101000000-people',
    'CREATE OR REPLACE VIEW people AS SELECT 1 AS id, 2 AS age',
    'DROP VIEW people', kind => 'repeatable');
SELECT migration, state FROM migrate_status();
SELECT migration, outcome FROM migrate_down();
SELECT migration, outcome FROM migrate_up();
SELECT * FROM people;

-- The other way round: what reverts, and how risky that is, is the down that
-- came with what runs.
SELECT revision, outcome FROM migrate_register('20260101000000-people',
    'CREATE OR REPLACE VIEW people AS SELECT 1 AS id, 2 AS age, 3 AS size',
    kind => 'repeatable');
SELECT step, migration, runnable, risk FROM migrate_plan(direction => 'down');
SELECT migration, outcome FROM migrate_down();
SELECT pg_catalog.to_regclass('people') IS NULL AS dropped;

-- While it is applied it stays repeatable: another kind would never run.
SELECT migration, outcome FROM migrate_up();
SELECT revision, outcome FROM migrate_register('20260101000000-people',
    'CREATE VIEW people AS SELECT 4 AS id', kind => 'schema');

ROLLBACK;
