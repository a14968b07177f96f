--
-- adopt_folder: a folder's migrations are registered and marked as applied.
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set directory :abs_srcdir '/test/white_cross/migrations'
SET client_min_messages = warning;
BEGIN;

SELECT * FROM migrate_adopt_folder(:'directory', 'built by hand in 2024', 'adopted');
SELECT migration, state FROM migrate_status('adopted', 'adopted');

-- Again: nothing to do.
SELECT outcome, count(*)
  FROM migrate_adopt_folder(:'directory', 'built by hand in 2024', 'adopted')
 GROUP BY outcome;
SELECT migration, outcome FROM migrate_up(project => 'adopted');

-- Adopted by mistake: it goes, but not from under others, and can come back.
SELECT migrate_unregister('adopted:20251103000000-migrate-legacy-data', 'it was never run here');
SELECT migration, state FROM migrate_status('adopted', 'pending');
SELECT outcome, count(*) FROM migrate_load(:'directory', 'adopted') GROUP BY outcome;
SELECT migration, state FROM migrate_status('adopted', 'pending');
SAVEPOINT refused;
SELECT migrate_unregister('adopted:20250103000003-create-system-configuration', 'a try');
ROLLBACK TO refused;

-- Nothing of it was executed.
SELECT pg_catalog.to_regclass('students') IS NULL AS untouched;

ROLLBACK;
