-- Rules about how a migration is written, and about a migration as a whole.
CREATE DATABASE regression_structure;
\set home :DBNAME
\c regression_structure
SET client_min_messages = warning;
CREATE EXTENSION hipaa_migrate;
CREATE SCHEMA app;
CREATE TABLE public.visit (id integer, note text);
INSERT INTO public.visit VALUES (1);
CREATE TABLE public.empty (id integer, note text);
CREATE TABLE public.both (id integer);
CREATE TABLE app.both (id integer);
CREATE TABLE app.own (id integer);

CREATE FUNCTION lint(sql text, rules text DEFAULT 'all')
    RETURNS TABLE (no integer, line integer, severity text, rule text, object text, message text)
    LANGUAGE sql AS
$$ SELECT l.statement_no, l.line, l.severity, l.rule, l.object, l.message
     FROM public.migrate_lint_sql(sql, rules => rules) AS l
    WHERE l.rule IN ('transaction-control', 'transaction-unclosed', 'set-not-local', 'name-unqualified',
                     'name-too-long', 'schema-and-data')
    ORDER BY l.statement_no, l.rule, l.message $$;
CREATE FUNCTION lint_migration(name text)
    RETURNS TABLE (migration text, no integer, severity text, rule text, message text)
    LANGUAGE sql AS
$$ SELECT l.migration, l.statement_no, l.severity, l.rule, l.message
     FROM public.migrate_lint(name) AS l
    WHERE l.rule IN ('down-missing', 'down-cannot-restore', 'set-not-local', 'migration-name', 'name-before-dependency')
    ORDER BY l.statement_no, l.rule, l.message $$;

-- Transactions of the text's own: a pair counts once; a savepoint; an end
-- without a beginning; a beginning without an end.
SELECT * FROM lint('BEGIN; SELECT 1; COMMIT; START TRANSACTION; SAVEPOINT s; ROLLBACK');
SELECT * FROM lint('SELECT 1; COMMIT');
SELECT * FROM lint(E'SELECT 1;\nBEGIN;\nSELECT 2');
SELECT * FROM lint('SELECT 1; DO $$ BEGIN NULL; END $$');

-- SET that outlives the text, also by set_config(), as dumps have it.
SELECT * FROM lint('SET search_path = app; SET SESSION search_path TO app; SET ROLE somebody; SET SESSION AUTHORIZATION somebody;
    SELECT pg_catalog.set_config(''search_path'', '''', false)');
SELECT * FROM lint('SET LOCAL search_path = app; SET LOCAL ROLE somebody; RESET ROLE; SET work_mem = ''1MB'';
    SELECT set_config(''search_path'', '''', true); SELECT set_config(''work_mem'', ''1MB'', false)');

-- Names without a schema: in two schemas of the path, behind the first of it.
SET search_path = app, public;
SELECT * FROM public.lint('ALTER TABLE "both" ADD COLUMN x integer; SELECT * FROM visit; DROP TABLE visit; UPDATE visit SET note = NULL WHERE id = 1');
-- Qualified, in the first schema, made by the text, in WITH, temporary, not there.
SELECT * FROM public.lint('ALTER TABLE app.both ADD COLUMN x integer; SELECT * FROM own; SELECT * FROM public.visit;
    CREATE TABLE fresh (id integer); SELECT * FROM fresh; WITH visit AS (SELECT 1) SELECT * FROM visit;
    CREATE TEMP TABLE visit (id integer); SELECT * FROM visit; SELECT * FROM absent; SELECT count(*) FROM pg_class');
RESET search_path;
-- With one schema there is nothing to mistake; nor by the text alone.
SELECT * FROM lint('SELECT * FROM visit; DROP TABLE visit');
SELECT * FROM lint('SELECT * FROM visit', rules => 'text');

-- Names that are cut: where they stand, and what they meet. What only looks
-- long: 63 bytes, with quotes; a string; a comment; a body.
SELECT repeat('x', 63) AS longest \gset
CREATE TABLE :longest (id integer);
SELECT no, line, rule, length(object) AS length, regexp_replace(message, 'x{10,}', 'x...', 'g') AS message
FROM lint(E'SELECT 1;\nCREATE TABLE a (id integer,\n    ' || repeat('y', 64) || ' integer, ' || repeat('y', 65) || ' text);
    CREATE TABLE ' || :'longest' || 'xyz (id integer); CREATE TABLE "' || repeat('é', 32) || '" (id integer)');
SELECT * FROM lint('CREATE TABLE ' || repeat('y', 63) || ' (id integer, "' || repeat('z', 63) || '" text);
    SELECT ''' || repeat('y', 100) || '''; /* ' || repeat('y', 100) || ' */ DO $$ BEGIN ' || repeat('y', 100) || ' := 1; END $$');

-- The schema and the rows of others' tables; not the first rows of a new one.
SELECT * FROM lint('CREATE TABLE next (id integer); UPDATE visit SET note = NULL WHERE id = 1');
-- Not of catalogs, nor of a table that the plan has made and dropped.
SELECT * FROM lint('CREATE TABLE next (id integer); UPDATE pg_catalog.pg_index SET indisready = false WHERE indexrelid = 0');
SELECT * FROM lint('CREATE TABLE next (id integer); DELETE FROM next WHERE id = 1; DROP TABLE next');
-- Of one table backfill-with-ddl tells.
SELECT * FROM lint('ALTER TABLE visit ADD COLUMN x integer; UPDATE visit SET x = 1 WHERE id = 1');
SELECT * FROM lint('DO $$ BEGIN DELETE FROM visit WHERE id = 1; END $$; CREATE TABLE fresh (id integer)');
SELECT * FROM lint('CREATE TABLE fresh (id integer); INSERT INTO fresh VALUES (1); CREATE TEMP TABLE t (id integer); INSERT INTO t SELECT id FROM visit');
SELECT * FROM lint('UPDATE visit SET note = NULL WHERE id = 1; CREATE TEMP TABLE t (id integer); SELECT 1');
SELECT * FROM lint('ALTER TABLE visit ADD COLUMN x integer; SELECT * FROM visit');

-- The way back: there is none; there is one; what repeats needs none.
SELECT outcome FROM migrate_register('20260101000000-none', up => 'CREATE TABLE none (id integer)');
SELECT outcome FROM migrate_register('20260101000001-few', up => 'CREATE TABLE few (id integer)', down => 'DROP TABLE few');
SELECT outcome FROM migrate_register('20260101000002-again', up => 'CREATE OR REPLACE VIEW again AS SELECT 1 AS x', kind => 'repeatable');
SELECT * FROM lint_migration('20260101000000-none');
SELECT * FROM lint_migration('20260101000001-few');
SELECT * FROM lint_migration('20260101000002-again');
-- A way back that makes it again, but empty; by kind of loss.
SELECT outcome FROM migrate_register('20260102000000-loss', up => 'ALTER TABLE visit DROP COLUMN note; DELETE FROM "both" WHERE id = 1; DROP TABLE app.own; TRUNCATE app."both"',
    down => 'ALTER TABLE visit ADD COLUMN note text; CREATE TABLE app.own (id integer)');
INSERT INTO "both" VALUES (1);
INSERT INTO app.both VALUES (1);
INSERT INTO app.own VALUES (1);
SELECT * FROM lint_migration('20260102000000-loss');
-- One that puts it back; of what is empty, or of the plan's making, nothing is lost.
SELECT outcome FROM migrate_register('20260103000000-kept', up => 'CREATE TABLE kept AS SELECT id FROM "both"; DELETE FROM "both" WHERE id > 0;
        ALTER TABLE empty DROP COLUMN note; DROP TABLE empty; DROP TABLE few',
    down => 'INSERT INTO "both" SELECT id FROM kept; CREATE TABLE few (id integer); CREATE TABLE empty (id integer, note text)');
SELECT * FROM lint_migration('20260103000000-kept');
-- Rows are changed: what was there, or only what the plan has made, or NULL.
SELECT outcome FROM migrate_register('20260103000001-changed', up => 'UPDATE "both" SET id = 1 WHERE id = 2; UPDATE "both" SET id = 3', down => 'CREATE TABLE unrelated (id integer)');
SELECT * FROM lint_migration('20260103000001-changed');
SELECT outcome FROM migrate_register('20260103000002-filled', up => 'ALTER TABLE "both" ADD COLUMN y integer; UPDATE "both" SET y = 1 WHERE id = 2;
        UPDATE "both" SET id = 1 WHERE id IS NULL AND y = 1', down => 'ALTER TABLE "both" DROP COLUMN y');
SELECT * FROM lint_migration('20260103000002-filled');

-- What a migration sets, the runner takes back.
SELECT outcome FROM migrate_register('20260104000000-path', up => 'SET search_path = app', down => 'SELECT 1');
SELECT * FROM lint_migration('20260104000000-path');
-- Names of adopted projects, and names that sort before what they need.
SET hipaa_migrate.name_rule = relaxed;
SELECT outcome FROM migrate_register('V1__init', up => 'SELECT 1', down => 'SELECT 1', depends_on => '{20260104000000-path}');
SELECT outcome FROM migrate_register('20250101000000-early', up => 'SELECT 1', down => 'SELECT 1', depends_on => '{V1__init, 20260104000000-path}');
SELECT * FROM lint_migration('V1__init');
SELECT * FROM lint_migration('20250101000000-early');

\c :home
DROP DATABASE regression_structure;
