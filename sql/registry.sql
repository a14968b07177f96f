--
-- registry: registering, revising and unregistering migrations, their
-- dependencies and their checksums.
--
CREATE SCHEMA registry_test;
SET search_path = registry_test, public;

-- Progress tells the time; what it says is not tested here.
SET client_min_messages = warning;

-- What the registry holds of a migration, revision by revision.
CREATE VIEW revision AS
    SELECT m.name, m.state, m.revision AS registered, m.applied_revision,
           m.unregistered_at IS NOT NULL AS unregistered,
           r.revision, r.up, r.down
    FROM hipaa_migrate.migration AS m
    JOIN hipaa_migrate.migration_revision AS r USING (migration_id)
    WHERE m.project = 'registry'
    ORDER BY m.name, r.revision;

-- A call about one migration in the project of this test.
\set register 'SELECT revision, outcome, details -> \'reversible\' AS reversible FROM migrate_register(project => \'registry\', name => \'20250101000000-first\','

-- The whole answer, once: a wide row, whose checksum is looked at below.
\x on
SELECT migration, revision, outcome, length(checksum) AS checksum_length,
       statements, details
FROM migrate_register('20250101000000-first', project => 'registry',
    up => 'CREATE TABLE first (id integer); CREATE INDEX ON first (id);',
    down => 'DROP TABLE first;');
\x off

-- The same content again changes nothing, so that a pipeline may register
-- everything every time.
:register up => 'CREATE TABLE first (id integer); CREATE INDEX ON first (id);',
    down => 'DROP TABLE first;');

-- A description and where it comes from are no content.
:register up => 'CREATE TABLE first (id integer); CREATE INDEX ON first (id);',
    down => 'DROP TABLE first;', description => 'first of all',
    source => '{"commit": "0c0ffee"}');

-- Pending: another text becomes a new revision, the earlier one is kept.
:register up => 'CREATE TABLE registry_test.first (id bigint);',
    down => 'DROP TABLE registry_test.first;');
SELECT revision, registered, state, up FROM revision;

-- Going back to an earlier text is a revision too.
:register up => 'CREATE TABLE first (id integer); CREATE INDEX ON first (id);',
    down => 'DROP TABLE first;');
:register up => 'CREATE TABLE registry_test.first (id bigint);',
    down => 'DROP TABLE registry_test.first;');

-- Applied: the same text is still no change, another one is an error that
-- says what to do instead.
SELECT migration, outcome FROM migrate_up(project => 'registry');
:register up => 'CREATE TABLE registry_test.first (id bigint);',
    down => 'DROP TABLE registry_test.first;');
:register up => 'CREATE TABLE registry_test.first (id numeric);',
    down => 'DROP TABLE registry_test.first;');
\echo :LAST_ERROR_SQLSTATE

-- Nor may what is not executed by up, but belongs to what it does, change.
\set VERBOSITY terse
:register up => 'CREATE TABLE registry_test.first (id bigint);');
:register up => 'CREATE TABLE registry_test.first (id bigint);',
    down => 'DROP TABLE registry_test.first;', kind => 'data');
:register up => 'CREATE TABLE registry_test.first (id bigint);',
    down => 'DROP TABLE registry_test.first;', run_as => 'postgres');
:register up => 'CREATE TABLE registry_test.first (id bigint);',
    down => 'DROP TABLE registry_test.first;',
    depends_on => '{20240101000000-earlier}');
\set VERBOSITY default

-- Reverted: it may be revised again, and what ran stays in the history with
-- the revision that ran.
SELECT migration, outcome FROM migrate_down('registry:20250101000000-first');
:register up => 'CREATE TABLE registry_test.first (id numeric);',
    down => 'DROP TABLE registry_test.first;');
SELECT revision, registered, applied_revision, state, up FROM revision;
SELECT migration, outcome FROM migrate_up(project => 'registry');
SELECT migration, outcome FROM migrate_down('registry:20250101000000-first');
SELECT s.direction, s.outcome, s.revision
FROM hipaa_migrate.run_step AS s
JOIN hipaa_migrate.migration AS m USING (migration_id)
WHERE m.project = 'registry' ORDER BY s.step_id;

-- Adopted counts as applied, also to be reverted.
CREATE TABLE first ();
SELECT migration, outcome
FROM migrate_adopt('{20250101000000-first}', 'it was there', 'registry');
:register up => 'SELECT 1');

SELECT migration, outcome FROM migrate_down('registry:20250101000000-first');

-- Out of the registry: only with a reason, and not while it is applied.
SELECT migration, outcome FROM migrate_up('registry:20250101000000-first');
SELECT migrate_unregister('registry:20250101000000-first', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_unregister('registry:20250101000000-first', E' \t\n');
SELECT migrate_unregister('registry:20250101000000-first', 'not needed');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_unregister(NULL, 'not needed');
SELECT migrate_unregister('registry:20250101000009-absent', 'not needed');
SELECT migration, outcome FROM migrate_down('registry:20250101000000-first');

-- What depends on it is named: it is blocked from now on.
SELECT outcome FROM migrate_register('20250101000002-second', 'SELECT 2',
    depends_on => '{20250101000000-first}', project => 'registry');
SET client_min_messages = notice;
SELECT migrate_unregister('registry:20250101000000-first', 'not needed');
SET client_min_messages = warning;
SELECT migration, state, waiting_for FROM migrate_status('registry');

-- Nothing of it is lost, and its name can be registered again, with the next
-- revision; also the text that it had.
SELECT migrate_unregister('registry:20250101000000-first', 'twice');
SELECT revision, registered, unregistered, state FROM revision
WHERE name ~ 'first';
SELECT direction, outcome, message
FROM migrate_history('registry:20250101000000-first', max_rows => 1);
:register up => 'CREATE TABLE registry_test.first (id numeric);',
    down => 'DROP TABLE registry_test.first;');
SELECT migration, state, waiting_for FROM migrate_status('registry');

-- A repeatable migration is the one that may change while it is applied: it
-- runs again.  But it must stay one, or the change would never run.
SELECT outcome FROM migrate_register('20250101000003-repeatable',
    'CREATE OR REPLACE VIEW registry_test.v AS SELECT 1 AS one',
    'DROP VIEW registry_test.v', kind => 'repeatable', project => 'registry');
SELECT migration, outcome
FROM migrate_up('registry:20250101000003-repeatable');
SELECT outcome FROM migrate_register('20250101000003-repeatable',
    'CREATE OR REPLACE VIEW registry_test.v AS SELECT 2 AS one',
    'DROP VIEW registry_test.v', kind => 'repeatable', project => 'registry');
SELECT migration, state FROM migrate_status('registry') WHERE migration ~ 'repeatable';
SELECT outcome FROM migrate_register('20250101000003-repeatable',
    'CREATE OR REPLACE VIEW registry_test.v AS SELECT 3 AS one',
    'DROP VIEW registry_test.v', kind => 'schema', project => 'registry');
SELECT migration, outcome
FROM migrate_up('registry:20250101000003-repeatable');
SELECT one FROM v;
SELECT migration, outcome
FROM migrate_down('registry:20250101000003-repeatable');

-- Without a down it is irreversible, which the answer says; so it is when
-- down is blank or only comments.
:register up => 'SELECT 1', down => NULL);
:register up => 'SELECT 2', down => '');
:register up => 'SELECT 3', down => E' \n\t');
:register up => 'SELECT 4', down => E'-- nothing\n/* to revert */;');
:register up => 'SELECT 5', down => 'SELECT 5');

-- Every argument, as it is stored.
:register
    up => 'UPDATE student SET active = true',
    down => 'UPDATE student SET active = NULL',
    depends_on => '{20240101000000-b,elsewhere:20240101000000-a}',
    kind => 'data',
    description => 'Élèves actifs',
    transactional => 'no',
    verify => 'SELECT 1 / count(*) FROM student',
    run_as => 'registry_owner',
    settings => '{"search_path": "app, public", "Work_Mem": "64MB", "enable_seqscan": false, "cpu_tuple_cost": 0.50}',
    source => '{"commit": "0c0ffee", "pull_request": 7}');
\x on
SELECT r.up, r.down, r.verify, r.kind, r.description, r.transactional,
       r.up_transactional, r.down_transactional, r.up_statements,
       r.down_statements, r.run_as, r.settings, r.format, r.original_name,
       r.up_file, r.up_line, r.source, r.author = session_user AS by_author,
       (SELECT array_agg(d.project || ' ' || d.name ORDER BY d.ordinal)
        FROM hipaa_migrate.migration_dependency AS d
        WHERE (d.migration_id, d.revision) = (r.migration_id, r.revision)) AS depends_on
FROM hipaa_migrate.migration AS m
JOIN hipaa_migrate.migration_revision AS r USING (migration_id, revision)
WHERE m.project = 'registry' AND m.name = '20250101000000-first';
\x off

-- Words that are no words of ours.
:register up => 'SELECT 1', kind => 'view');
\echo :LAST_ERROR_SQLSTATE
:register up => 'SELECT 1', kind => 'Schema');
:register up => 'SELECT 1', kind => NULL);
:register up => 'SELECT 1', transactional => 'maybe');
:register up => 'SELECT 1', transactional => NULL);

-- Settings are an object of scalars that the server takes, none of them the
-- runner's own, and the temporary schema never stands before others.
:register up => 'SELECT 1', settings => '["work_mem"]');
:register up => 'SELECT 1', settings => '"work_mem"');
:register up => 'SELECT 1', settings => '{"work_mem": null}');
:register up => 'SELECT 1', settings => '{"work_mem": ["1MB"]}');
:register up => 'SELECT 1', settings => '{"work_mem": "much"}');
:register up => 'SELECT 1', settings => '{"no_such_setting": 1}');
:register up => 'SELECT 1', settings => '{"search_path": "a,,b"}');
:register up => 'SELECT 1', settings => '{"search_path": "pg_temp, public"}');
:register up => 'SELECT 1', settings => '{"shared_buffers": "1GB"}');
\set VERBOSITY terse
:register up => 'SELECT 1', settings => '{"role": "postgres"}');
:register up => 'SELECT 1', settings => '{"Session_Authorization": "postgres"}');
:register up => 'SELECT 1', settings => '{"session_replication_role": "replica"}');
:register up => 'SELECT 1', settings => '{"lock_timeout": 0}');
:register up => 'SELECT 1', settings => '{"statement_timeout": 0}');
:register up => 'SELECT 1', settings => '{"transaction_read_only": false}');
:register up => 'SELECT 1', settings => '{"standard_conforming_strings": false}');
:register up => 'SELECT 1', settings => '{"hipaa_migrate.name_rule": "relaxed"}');
\set VERBOSITY default
:register up => 'SELECT 1', settings => '{"work_mem": "1MB", "WORK_MEM": "2MB"}');

-- Dependencies are a set: neither their order, nor one named twice, nor
-- saying the project that is meant anyhow makes another migration of it.
:register up => 'SELECT 1', depends_on => '{20240101000000-a,20240101000000-b}');
:register up => 'SELECT 1', depends_on => '{20240101000000-b,20240101000000-a}');
:register up => 'SELECT 1', depends_on => '{20240101000000-a,20240101000000-b,20240101000000-a}');
:register up => 'SELECT 1', depends_on => '{registry:20240101000000-a,20240101000000-b}');
:register up => 'SELECT 1', depends_on => '{default:20240101000000-a,20240101000000-b}');
:register up => 'SELECT 1', depends_on => NULL);
:register up => 'SELECT 1', depends_on => '{}');

-- They need not be registered, but must be names.
:register up => 'SELECT 1', depends_on => '{later}');
:register up => 'SELECT 1', depends_on => '{north clinic:20240101000000-a}');
:register up => 'SELECT 1', depends_on => '{NULL}');
:register up => 'SELECT 1', depends_on => '{20250101000000-first}');
\echo :LAST_ERROR_SQLSTATE
:register up => 'SELECT 1', depends_on => '{registry:20250101000000-first}');

-- The same name in another project is another migration.
:register up => 'SELECT 1', depends_on => '{default:20250101000000-first}');

-- A cycle is refused when it would be closed, and spelled out.
:register up => 'SELECT 1', depends_on => '{20250101000002-second}');
\echo :LAST_ERROR_SQLSTATE
SELECT outcome FROM migrate_register('20250101000004-fourth', 'SELECT 4',
    depends_on => '{20250101000002-second}', project => 'registry');
:register up => 'SELECT 1', depends_on => '{20240101000000-a,20250101000004-fourth}');

-- It may lead through another project.
SELECT outcome FROM migrate_register('20250101000005-fifth', 'SELECT 5',
    depends_on => '{registry:20250101000004-fourth}', project => 'registry_b');
:register up => 'SELECT 1', depends_on => '{registry_b:20250101000005-fifth}');

-- A revision that was replaced, or a migration that was unregistered, closes
-- no cycle.
SELECT outcome FROM migrate_register('20250101000004-fourth', 'SELECT 4',
    project => 'registry');
:register up => 'SELECT 1', depends_on => '{registry_b:20250101000005-fifth}');
SELECT migrate_unregister('registry_b:20250101000005-fifth', 'no cycle');
SELECT outcome FROM migrate_register('20250101000004-fourth', 'SELECT 4',
    depends_on => '{20250101000000-first}', project => 'registry');

-- The search for a cycle visits each migration once, and shows the shortest.
-- Between the ends of this ladder there are 2^40 ways.
SELECT count(migrate_register(format('202502%s0000-rung-%s', lpad(n::text, 4, '0'), side),
    'SELECT 1', depends_on => CASE WHEN n > 1 THEN ARRAY[
        format('202502%s0000-rung-left', lpad((n - 1)::text, 4, '0')),
        format('202502%s0000-rung-right', lpad((n - 1)::text, 4, '0'))] ELSE '{}' END,
    project => 'ladder'))
FROM generate_series(1, 40) AS n, unnest('{left,right}'::text[]) AS side;
SET statement_timeout = '20s';
SELECT outcome FROM migrate_register('20250200390000-rung-left', 'SELECT 2',
    depends_on => '{20250200380000-rung-left,20250200380000-rung-right}',
    project => 'ladder');
SELECT outcome FROM migrate_register('20250200380000-rung-left', 'SELECT 2',
    depends_on => '{20250200370000-rung-left,20250200400000-rung-right}',
    project => 'ladder');
RESET statement_timeout;
SELECT count(migrate_unregister(migration, 'end of the test'))
FROM migrate_status('ladder');

-- The checksum is SHA-256 over a canonical encoding, which an auditor can
-- write down in SQL.  Each field is a number, a type, whether it is null, a
-- length in four bytes, and the value: text in UTF-8, integers in 64 bits.
CREATE FUNCTION field(number integer, value text) RETURNS bytea LANGUAGE sql
RETURN set_byte('\x00'::bytea, 0, number) || 't'::bytea
    || CASE WHEN value IS NULL THEN '\x01'::bytea ELSE '\x00'::bytea END
    || int4send(coalesce(octet_length(convert_to(value, 'UTF8')), 0))
    || coalesce(convert_to(value, 'UTF8'), '');
CREATE FUNCTION field(number integer, value bigint) RETURNS bytea LANGUAGE sql
RETURN set_byte('\x00'::bytea, 0, number) || 'i'::bytea || '\x00'::bytea
    || int4send(8) || int8send(value);

CREATE TEMPORARY TABLE vector AS
SELECT 'all defaults' AS vector, r.checksum,
       encode(sha256(
           field(0, 'hipaa_migrate migration 1')
           || field(1, 'SELECT 1') || field(2, NULL::text) || field(3, NULL::text)
           || field(4, 'schema') || field(5, 'auto') || field(6, NULL::text)
           || field(7, 0::bigint)
           || field(10, 1::bigint) || field(11, 'search_path') || field(12, 'public')),
           'hex') AS computed
FROM migrate_register('20250301000000-vector-a', 'SELECT 1', project => 'registry') AS r
UNION ALL
SELECT 'everything', r.checksum,
       encode(sha256(
           field(0, 'hipaa_migrate migration 1')
           || field(1, E'INSERT INTO élève VALUES (''学生'');\n-- 𝄞')
           || field(2, 'DELETE FROM élève') || field(3, 'SELECT ''ß''')
           || field(4, 'data') || field(5, 'yes') || field(6, 'propriétaire')
           || field(7, 2::bigint)
           || field(8, 'clinic') || field(9, '20240101000000-a')
           || field(8, 'registry') || field(9, '20240101000000-b')
           || field(10, 3::bigint)
           || field(11, 'enable_seqscan') || field(12, 'off')
           || field(11, 'search_path') || field(12, 'élève, public')
           || field(11, 'work_mem') || field(12, '8MB')),
           'hex')
FROM migrate_register('20250301000000-vector-b',
    E'INSERT INTO élève VALUES (''学生'');\n-- 𝄞', 'DELETE FROM élève',
    '{20240101000000-b,clinic:20240101000000-a}', 'data',
    verify => 'SELECT ''ß''', transactional => 'yes', run_as => 'propriétaire',
    settings => '{"work_mem": "8MB", "search_path": "élève, public", "enable_seqscan": false}',
    project => 'registry') AS r;
SELECT vector, computed = checksum AS computed_alike FROM vector;

-- Frozen: if one of these ever changes, every approval of a checksum is void.
SELECT vector, checksum FROM vector;

-- The name is not part of it, each other fact is: no two of these are alike.
SELECT count(*) AS registered, count(DISTINCT checksum) AS different
FROM (
    SELECT (migrate_register('20250301000001-x', 'SELECT 1')).checksum
    UNION ALL
    SELECT (migrate_register('20250301000001-x', 'SELECT 1;')).checksum
    UNION ALL
    SELECT (migrate_register('20250301000001-x', 'SELECT 1', 'SELECT 2')).checksum
    UNION ALL
    SELECT (migrate_register('20250301000001-x', 'SELECT 1', verify => 'SELECT 2')).checksum
    UNION ALL
    SELECT (migrate_register('20250301000001-x', 'SELECT 1', kind => 'data')).checksum
    UNION ALL
    SELECT (migrate_register('20250301000001-x', 'SELECT 1', transactional => 'yes')).checksum
    UNION ALL
    SELECT (migrate_register('20250301000001-x', 'SELECT 1', run_as => 'postgres')).checksum
    UNION ALL
    SELECT (migrate_register('20250301000001-x', 'SELECT 1', depends_on => '{20240101000000-a}')).checksum
    UNION ALL
    SELECT (migrate_register('20250301000001-x', 'SELECT 1', depends_on => '{b:20240101000000-a}')).checksum
    UNION ALL
    SELECT (migrate_register('20250301000001-x', 'SELECT 1', settings => '{"work_mem": "1MB"}')).checksum
    UNION ALL
    SELECT (migrate_register('20250301000001-x', 'SELECT 1', settings => '{"work_mem": "1024kB"}')).checksum
) AS variant;
SELECT a.checksum = b.checksum AS name_makes_no_difference
FROM migrate_register('20250301000002-y', 'SELECT 1') AS a,
     migrate_register('20250301000003-z', 'SELECT 1', project => 'registry') AS b;

-- Nothing is left for the tests that follow.
SELECT count(migrate_unregister(migration, 'end of the test'))
FROM migrate_status() WHERE migration ~ '^registry|^20250301';
DROP SCHEMA registry_test CASCADE;
