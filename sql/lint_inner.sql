-- Statements inside of statements: DO blocks, and functions that the text makes
-- and calls.
SET client_min_messages = warning;
CREATE TABLE lint_visit (id integer, status text);
INSERT INTO lint_visit VALUES (1, 'open');
SET hipaa_migrate.small_table = 0;

CREATE FUNCTION lint(sql text)
    RETURNS TABLE (no integer, line integer, severity text, rule text, object text)
    LANGUAGE sql AS
$$ SELECT l.statement_no, l.line, l.severity, l.rule, l.object
     FROM migrate_lint_sql(sql) AS l
    WHERE l.rule IN ('index-not-concurrent', 'dynamic-sql-opaque') $$;

-- A DO block is executed where it stands; lines are those of the text.
SELECT * FROM lint('SELECT 1;
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_class WHERE relname = ''i1'') THEN
        CREATE INDEX i1 ON lint_visit (id);
    END IF;
END
$$;');
-- EXECUTE of a constant is as good as the statement, and so is format() of constants.
SELECT * FROM lint('DO $$ BEGIN
    EXECUTE ''CREATE INDEX i1 ON lint_visit (id)'';
    EXECUTE format(''CREATE INDEX %I ON lint_visit (status)'', ''i2'');
END $$');
-- What is computed cannot be told.
SELECT * FROM lint('DO $$ DECLARE t text; BEGIN
    SELECT relname INTO t FROM pg_class LIMIT 1;
    EXECUTE ''CREATE INDEX ON '' || t || '' (id)'';
END $$');
-- What the block makes is new for what comes after it.
SELECT * FROM lint('DO $$ BEGIN CREATE TABLE lint_new (id integer); END $$;
    CREATE INDEX i1 ON lint_new (id)');
-- A function does nothing until it is called, and then what its body says.
SELECT * FROM lint('CREATE FUNCTION lint_f() RETURNS void LANGUAGE plpgsql AS
    $$ BEGIN CREATE INDEX i1 ON lint_visit (id); END $$');
SELECT * FROM lint('CREATE FUNCTION lint_f() RETURNS void LANGUAGE plpgsql AS
    $$ BEGIN CREATE INDEX i1 ON lint_visit (id); END $$;
    SELECT lint_f()');
SELECT * FROM lint('CREATE FUNCTION lint_f() RETURNS void LANGUAGE sql AS
    $$ CREATE INDEX i1 ON lint_visit (id) $$;
    DO $$ BEGIN PERFORM lint_f(); END $$');
SELECT * FROM lint('CREATE PROCEDURE lint_p() LANGUAGE plpgsql AS
    $$ BEGIN CREATE INDEX i1 ON lint_visit (id); END $$;
    CALL lint_p()');
-- Functions that call each other come to an end.
SELECT count(*) > 0 AS found FROM lint('CREATE FUNCTION lint_f() RETURNS void LANGUAGE plpgsql AS
    $$ BEGIN CREATE INDEX i1 ON lint_visit (id); PERFORM lint_f(); END $$;
    SELECT lint_f()');
-- Bodies that nobody understands, and languages that are none of ours.
SELECT * FROM lint('DO $$ this is not PL/pgSQL $$; DO LANGUAGE plperl $$ die $$; DO ''BEGIN ''''''');
-- What hipaa_migrate.guarded() executes is looked at however it is called; what
-- is computed is said to be.
SELECT * FROM lint('SELECT 1;
    SELECT hipaa_migrate.guarded(''CREATE INDEX i1 ON lint_visit (id)''::text)');
SELECT * FROM lint('SELECT hipaa_migrate.guarded(statement => ''CREATE INDEX i1 ON lint_visit (id)''),
    hipaa_migrate.guarded(''CREATE INDEX i2 ''
    || ''ON lint_visit (status)'')');
SELECT * FROM lint('SELECT FROM hipaa_migrate.guarded(''CREATE INDEX i1 ON lint_visit (id)'')');
SELECT * FROM lint('SET LOCAL search_path = hipaa_migrate; SELECT guarded(''CREATE INDEX i1 ON lint_visit (id)'')');
SELECT * FROM lint('CREATE TABLE lint_new AS SELECT hipaa_migrate.guarded(''CREATE INDEX i1 ON lint_visit (id)'')');
SELECT * FROM lint('DO $$ BEGIN PERFORM hipaa_migrate.guarded(''CREATE INDEX i1 ON lint_visit (id)''::text); END $$');
SELECT * FROM lint('SELECT hipaa_migrate.guarded(relname) FROM pg_class');
-- One of the same name that the plan makes may be another, or may not.
SELECT * FROM lint('CREATE FUNCTION guarded(text) RETURNS void LANGUAGE sql AS ''SELECT'';
    SELECT guarded(''CREATE INDEX i1 ON lint_visit (id)'')');
-- Blocks in blocks: what is too deep to look at is said to be.
CREATE FUNCTION lint_nested(depth integer) RETURNS text LANGUAGE sql AS
$$ WITH RECURSIVE nested (n, text) AS (
       SELECT 0, 'CREATE INDEX i1 ON lint_visit (id)'
        UNION ALL
       SELECT n + 1, 'DO ' || quote_literal('BEGIN ' || text || '; END') FROM nested WHERE n < depth)
   SELECT text FROM nested WHERE n = depth $$;
SELECT * FROM lint(lint_nested(8));
SELECT * FROM lint(lint_nested(9));
DROP FUNCTION lint_nested(integer);
-- EXPLAIN ANALYZE executes what it explains.
SELECT * FROM lint('EXPLAIN ANALYZE CREATE TABLE lint_new AS SELECT 1 AS id; CREATE INDEX i1 ON lint_new (id)');

DROP FUNCTION lint(text);
DROP TABLE lint_visit;
