--
-- script: what the text of a migration may hold, how it is split, and where
-- an error in it is shown.  Nothing of it is executed here.
--

-- Each text is given to one and the same migration, of which it becomes a
-- revision unless it is refused.
SET client_min_messages = warning;
\set register 'SELECT outcome, statements FROM migrate_register(\'20250101000000-script\','
\set show 'FROM migrate_show(\'20250101000000-script\''

-- A syntax error is found at registration, with the line of the text and the
-- caret below the word; the position counts characters, not bytes.
:register 'CREATE TABLE student (id integer,);');
:register $$CREATE TABLE student (id integer);

COMMENT ON TABLE student IS 'élève, 学生', nonsense;
CREATE INDEX ON student (id);$$);
:register $$SELECT '𝄞 clef' AS "schlüssel" FORM student$$);

-- Also when the text ends too early, where there is no word to point at.
:register E'CREATE TABLE student (id integer\n\n');
:register E'SELECT 1;\nSELECT ''never closed');
:register E'SELECT 1;\nDO $do$ BEGIN END');
:register E'SELECT 1; /* never /* closed */');

-- The same for down, which is named in the context.
:register 'SELECT 1', E'SELECT 1;\nDROP TABEL student');

-- A text without a statement does nothing and cannot be meant.
:register '');
\echo :LAST_ERROR_SQLSTATE
:register E' \t\n');
:register E'-- only\n/* comments /* nested */ */');
:register ';;');
:register NULL);
\echo :LAST_ERROR_SQLSTATE

-- A psql meta-command would have to be executed by psql: refused, with its
-- line.  It does not matter where on the line it stands.
:register E'SELECT 1;\n\\i other.sql\nSELECT 2;');
\echo :LAST_ERROR_SQLSTATE
:register E'SELECT 1 \\gexec');
:register E'\\connect other');
:register E'\\set ON_ERROR_STOP on\nSELECT 1;');
:register E'\\');

-- A backslash inside a literal, a quoted name, a body or a comment is text.
:register $up$
    -- \i comment.sql
    /* \i comment.sql
       /* \i nested.sql */ */
    SELECT '\i literal.sql', E'\\i escaped.sql', "\i name" FROM student;
    DO $$ BEGIN RAISE NOTICE '\i body.sql'; END $$;
$up$);

-- pg_dump brackets its output in \restrict lines: accepted, and not executed.
:register E'\\restrict Abc123\nSELECT 1;\n\\unrestrict Abc123\n');
SELECT line, statement :show);
:register E'\\restrict Abc123\n\\unrestrict Abc123\n');
:register E'\\restricted Abc123\nSELECT 1;\n');
-- Whatever such a line holds, and however many they are, the next is looked at.
:register E'\\restrict A''b"$$/*\nCOPY t FROM stdin;');
SET statement_timeout = '10s';
:register repeat(E'\\restrict Abc123\n', 50000) || 'SELECT 2;');
RESET statement_timeout;

-- COPY from or to the client: there is none.
:register E'CREATE TABLE t (i int);\nCOPY t FROM stdin;\n1\n2\n\\.\n');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
:register 'COPY t (i) TO STDOUT WITH (FORMAT csv)');
:register 'COPY (SELECT 1) TO STDOUT');
:register 'SELECT 1; copy binary t from STDIN');
\set VERBOSITY default

-- COPY from or to the server's files is the server's to allow, and tables,
-- columns and aliases may be called stdin.
:register $$COPY t FROM '/srv/t.csv'; COPY t TO PROGRAM 'cat'$$);
:register $$COPY (SELECT stdout FROM stdin) TO '/srv/t.csv'$$);
:register $$COPY stdin (stdout) FROM '/srv/t.csv'$$);
:register $$SELECT stdin.stdout FROM stdin$$);

-- Transaction control: the transaction is the runner's.
:register E'BEGIN;\nSELECT 1;\nCOMMIT;');
\echo :LAST_ERROR_SQLSTATE
:register E'SELECT 1;\n  START TRANSACTION ISOLATION LEVEL SERIALIZABLE;');
\set VERBOSITY terse
:register 'SELECT 1; COMMIT');
:register 'SELECT 1; END');
:register 'SELECT 1; COMMIT AND CHAIN');
:register 'SELECT 1; ROLLBACK');
:register 'SELECT 1; ABORT');
:register 'SELECT 1; SAVEPOINT here');
:register 'SELECT 1; ROLLBACK TO here');
:register 'SELECT 1; RELEASE here');
:register $$SELECT 1; PREPARE TRANSACTION 'here'$$);
:register $$SELECT 1; COMMIT PREPARED 'here'$$);
:register $$SELECT 1; ROLLBACK PREPARED 'here'$$);
\set VERBOSITY default

-- Not in a migration that runs without a transaction either: there, each
-- statement has one of its own.
:register 'SELECT 1; COMMIT', transactional => 'no');

-- The words begin and end are no transaction control inside of a body.
:register $up$
    CREATE FUNCTION f() RETURNS integer LANGUAGE sql
    BEGIN ATOMIC
        SELECT 1;
        SELECT CASE WHEN true THEN 2 END;
    END;
    CREATE FUNCTION g() RETURNS integer LANGUAGE plpgsql AS $$
    BEGIN
        RETURN 1;
    END $$;
    SELECT 3;
$up$);
SELECT statement_no, line, split_part(statement, E'\n', 1) AS first_line
:show);

-- A placeholder that another tool would have replaced.
:register E'SELECT 1;\nCREATE TABLE ${schema}.student (id integer);');
\echo :LAST_ERROR_SQLSTATE
:register 'GRANT SELECT ON t TO ${reader');

-- Inside a literal, a body, a comment or a quoted name it is text.
:register $up$
    SELECT '${literal}', E'${escaped}', "${name}" /* ${comment} */ FROM t;
    DO $$ BEGIN RAISE NOTICE '${body}'; END $$; -- ${comment}
$up$);

-- Statements end where the server's parser says.  Each begins at its first
-- word, and its line counts from the first line of the text.
:register $up$
-- comment before
CREATE TABLE a (i int); CREATE TABLE b (t text DEFAULT ';');
/* a
   block */ INSERT INTO b VALUES (E'it\'s; one'), ($q$;$q$), (U&'\0041;')
   ;;
CREATE RULE r AS ON INSERT TO a DO ALSO (SELECT 1; SELECT 2);
-- the end
SELECT 1 -- no semicolon
$up$);
SELECT statement_no, line, statement :show);

-- The session that registers may have settings that change what a literal
-- is.  They change nothing: the same text is the same migration.
SET escape_string_warning = off;
:register $$SELECT 'C:\' AS drive; SELECT 'two'$$);
SET standard_conforming_strings = off;
SET backslash_quote = on;
:register $$SELECT 'C:\' AS drive; SELECT 'two'$$);
SELECT statement_no, statement :show);
:register $$SELECT 'it\'s'$$);
SHOW standard_conforming_strings;
SHOW backslash_quote;
RESET standard_conforming_strings;
RESET backslash_quote;
RESET escape_string_warning;

-- What cannot run inside a transaction block is recognised by its parse tree,
-- so that the migration is known to need migrate_deploy().
CREATE TEMPORARY TABLE command (n serial, up text);
INSERT INTO command (up) VALUES
    ('CREATE INDEX CONCURRENTLY ON t (i)'),
    ('CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS x ON t (i)'),
    ('CREATE INDEX ON t (i)'),
    ('DROP INDEX CONCURRENTLY x'),
    ('DROP INDEX x'),
    ('REINDEX INDEX CONCURRENTLY x'),
    ('REINDEX (CONCURRENTLY, VERBOSE) TABLE t'),
    ('REINDEX (CONCURRENTLY false) TABLE t'),
    ('REINDEX TABLE t'),
    ('REINDEX SCHEMA s'),
    ('REINDEX DATABASE d'),
    ('REINDEX SYSTEM d'),
    ('ALTER TABLE t DETACH PARTITION p CONCURRENTLY'),
    ('ALTER TABLE t DETACH PARTITION p FINALIZE'),
    ('ALTER TABLE t DETACH PARTITION p'),
    ('VACUUM'),
    ('VACUUM (ANALYZE) t'),
    ('ANALYZE t'),
    ('CLUSTER'),
    ('CLUSTER t USING x'),
    ('CREATE DATABASE d'),
    ('DROP DATABASE d'),
    ('ALTER DATABASE d SET TABLESPACE s'),
    ('ALTER DATABASE d CONNECTION LIMIT 1'),
    ('CREATE TABLESPACE s LOCATION ''/srv/s'''),
    ('DROP TABLESPACE s'),
    ('ALTER TABLESPACE s SET (seq_page_cost = 1)'),
    ('ALTER SYSTEM SET work_mem = 1'),
    ('CREATE SUBSCRIPTION s CONNECTION ''host=p'' PUBLICATION p'),
    ('CREATE SUBSCRIPTION s CONNECTION ''host=p'' PUBLICATION p WITH (connect = false)'),
    ('CREATE SUBSCRIPTION s CONNECTION ''host=p'' PUBLICATION p WITH (create_slot = false)'),
    ('DROP SUBSCRIPTION s'),
    ('ALTER SUBSCRIPTION s REFRESH PUBLICATION'),
    ('ALTER SUBSCRIPTION s SET PUBLICATION p'),
    ('ALTER SUBSCRIPTION s ADD PUBLICATION p WITH (refresh = false)'),
    ('ALTER SUBSCRIPTION s DISABLE'),
    ('ALTER TYPE e ADD VALUE ''v'''),
    ('DO $$ BEGIN RAISE NOTICE ''VACUUM''; END $$; -- VACUUM'),
    ('SELECT 1; VACUUM');
SELECT r.details -> 'transactional' AS transactional, c.up
FROM command AS c
CROSS JOIN LATERAL migrate_register('20250101000000-script', c.up) AS r
ORDER BY c.n;

-- One of these in a migration that is declared transactional is refused,
-- with the number and line of the statement; also in down.
:register E'CREATE TABLE t (i int);\n\nCREATE INDEX CONCURRENTLY ON t (i);',
                transactional => 'yes');
\echo :LAST_ERROR_SQLSTATE
:register 'SELECT 1', 'DROP INDEX CONCURRENTLY x', transactional => 'yes');
:register 'CREATE INDEX ON t (i)', 'DROP INDEX x', transactional => 'yes');
:register 'CREATE INDEX ON t (i)', 'DROP INDEX x', transactional => 'no');

-- Up and down are judged each for itself.
:register 'CREATE INDEX ON t (i)', 'DROP INDEX CONCURRENTLY x');
SELECT up_transactional, down_transactional
FROM hipaa_migrate.migration AS m
JOIN hipaa_migrate.migration_revision AS r USING (migration_id, revision)
WHERE m.name = '20250101000000-script';

-- The verify text is judged like the others.
:register 'SELECT 1', verify => E'SELECT 1;\nSELECT 1 WHERE');
:register 'SELECT 1', verify => 'BEGIN; SELECT 1; ROLLBACK;');
:register 'SELECT 1', verify => 'SELECT 1 / count(*) FROM t');
SELECT statement_no, line, statement
:show, 'verify');

-- Nothing of all this was executed, and no second migration was registered.
SELECT to_regclass('student') IS NULL AND to_regclass('a') IS NULL
       AND to_regclass('t') IS NULL AS nothing_executed;
SELECT migration, state FROM migrate_status() WHERE migration ~ 'script';
SELECT migrate_unregister('20250101000000-script', 'end of the test');
