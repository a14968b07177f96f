-- Rules about indexes: what fires, what looks alike and does not, and what
-- the catalogs make of the same text.
SET client_min_messages = warning;
CREATE TABLE lint_small (id integer, name text);
INSERT INTO lint_small SELECT i, 'x' FROM generate_series(1, 10) AS i;
CREATE TABLE lint_large AS SELECT i AS id, 'x'::text AS name FROM generate_series(1, 3000) AS i;
ANALYZE lint_small, lint_large;
CREATE TABLE lint_empty (id integer, name text);
CREATE INDEX lint_small_name ON lint_small (name);
SET hipaa_migrate.small_table = 100;
SET hipaa_migrate.large_table = 1000;
-- the machine the tests run on must not make a table busy
SET hipaa_migrate.busy_table = 2147483647;

CREATE FUNCTION lint(sql text, rules text DEFAULT 'all')
    RETURNS TABLE (no integer, severity text, rule text, object text, message text)
    LANGUAGE sql AS
$$ SELECT l.statement_no, l.severity, l.rule, l.object, l.message
     FROM migrate_lint_sql(sql, rules => rules) AS l
    WHERE l.rule LIKE 'index-%' $$;

-- The same text weighs by the table: empty, small, large, and not known.
SELECT * FROM lint('CREATE INDEX i1 ON lint_empty (id);
    CREATE INDEX i2 ON lint_small (id);
    CREATE INDEX i3 ON lint_large (id);
    CREATE INDEX i4 ON lint_absent (id)');
-- By the text alone, nothing is known of any of them.
SELECT * FROM lint('CREATE INDEX i2 ON lint_small (id)', rules => 'text');
-- A table that the text itself makes has no traffic; nor has a temporary one.
SELECT * FROM lint('CREATE TABLE lint_new (id integer);
    CREATE INDEX i1 ON lint_new (id);
    CREATE TEMP TABLE lint_temp (id integer);
    CREATE INDEX i2 ON lint_temp (id)');
-- CONCURRENTLY is the safe way.
SELECT * FROM lint('CREATE INDEX CONCURRENTLY i1 ON lint_large (id)');
-- Dropping: an index of the catalogs, one that the text made, one that is not there.
SELECT * FROM lint('DROP INDEX lint_small_name');
SELECT * FROM lint('DROP INDEX CONCURRENTLY lint_small_name');
SELECT * FROM lint('CREATE TABLE lint_new (id integer); CREATE INDEX i1 ON lint_new (id); DROP INDEX i1');

DROP FUNCTION lint(text, text);
DROP TABLE lint_small, lint_large, lint_empty;
