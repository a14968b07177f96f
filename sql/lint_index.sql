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
    WHERE (l.rule LIKE 'index-%' OR l.rule LIKE 'reindex-%')
      AND (l.rule = 'index-redundant') =
          (coalesce(current_setting('lint.topic', true), '') = 'index-redundant') $$;

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
-- IF NOT EXISTS of a name that is there builds nothing.
SELECT * FROM lint('CREATE INDEX IF NOT EXISTS lint_small_name ON lint_small (name)');
SELECT * FROM lint('CREATE INDEX IF NOT EXISTS lint_small_other ON lint_small (id)');
-- The safe way says what kind of index it is; of a partitioned table it is
-- another one, and ON ONLY builds nothing.
CREATE TABLE lint_parent (id integer, name text) PARTITION BY RANGE (id);
CREATE TABLE lint_child PARTITION OF lint_parent FOR VALUES FROM (0) TO (10000);
INSERT INTO lint_parent SELECT i, 'x' FROM generate_series(1, 3000) AS i;
ANALYZE lint_parent;
CREATE INDEX lint_parent_name ON lint_parent (name);
SELECT l.severity, l.rule, l.safe_way
  FROM migrate_lint_sql('CREATE UNIQUE INDEX i1 ON lint_large (id);
    CREATE INDEX ON lint_parent (id);
    CREATE INDEX i3 ON ONLY lint_parent (id);
    CREATE INDEX i4 ON lint_child (id)') AS l
 WHERE l.rule = 'index-not-concurrent';

-- Dropping: an index of the catalogs, one that the text made, one that is not there.
SELECT * FROM lint('DROP INDEX lint_small_name');
SELECT * FROM lint('DROP INDEX CONCURRENTLY lint_small_name');
SELECT * FROM lint('CREATE TABLE lint_new (id integer); CREATE INDEX i1 ON lint_new (id); DROP INDEX i1');

-- An index that the text made on a table that others use: dropping it locks the table.
SELECT * FROM lint('CREATE INDEX CONCURRENTLY i1 ON lint_large (id); DROP INDEX i1');
-- IF EXISTS of what is not there is nothing; without it, and by the text alone, it may be there.
SELECT * FROM lint('DROP INDEX IF EXISTS lint_no_index');
SELECT * FROM lint('DROP INDEX lint_no_index');
SELECT * FROM lint('DROP INDEX IF EXISTS lint_no_index', rules => 'text');
-- An index of a partitioned table cannot be dropped concurrently.
SELECT l.severity, l.rule, l.message, l.safe_way
  FROM migrate_lint_sql('DROP INDEX lint_parent_name') AS l WHERE l.rule LIKE 'index-drop%';

-- REINDEX, of everything that it can be of; the size of the table counts.
SELECT * FROM lint('REINDEX INDEX lint_small_name;
    REINDEX TABLE lint_empty;
    REINDEX TABLE lint_large;
    REINDEX TABLE lint_absent;
    REINDEX SCHEMA public;
    REINDEX (CONCURRENTLY false) DATABASE dev;
    REINDEX SYSTEM dev');
SELECT * FROM lint('REINDEX TABLE lint_large', rules => 'text');
SELECT * FROM lint('REINDEX INDEX CONCURRENTLY lint_small_name;
    REINDEX (CONCURRENTLY) TABLE lint_large; REINDEX SCHEMA CONCURRENTLY public');

-- An index that is not valid, as a failed CONCURRENTLY leaves it: IF NOT
-- EXISTS keeps it, and whoever changes the table is told.
CREATE TABLE lint_invalid (id integer, name text);
INSERT INTO lint_invalid VALUES (1, 'x'), (1, 'x');
CREATE UNIQUE INDEX CONCURRENTLY lint_invalid_id ON lint_invalid (id);
SELECT * FROM lint('CREATE INDEX CONCURRENTLY IF NOT EXISTS lint_invalid_id ON lint_invalid (id)');
SELECT * FROM lint('ALTER TABLE lint_invalid ADD COLUMN more integer');
-- It is dropped, or built again, by the text itself; another table has none.
SELECT * FROM lint('DROP INDEX CONCURRENTLY lint_invalid_id;
    CREATE INDEX CONCURRENTLY IF NOT EXISTS lint_invalid_id ON lint_invalid (id)');
SELECT * FROM lint('REINDEX INDEX CONCURRENTLY lint_invalid_id; ALTER TABLE lint_invalid ADD COLUMN more integer');
SELECT * FROM lint('ALTER TABLE lint_small ADD COLUMN more integer');
-- A table may be rebuilt as a whole, but CONCURRENTLY leaves invalid ones out.
SELECT rule, object FROM lint('REINDEX TABLE lint_invalid; ALTER TABLE lint_invalid ADD COLUMN more integer');
SELECT rule, object FROM lint('REINDEX TABLE CONCURRENTLY lint_invalid; ALTER TABLE lint_invalid ADD COLUMN more integer');

-- Redundant: the same columns, or the first of another's.
SET lint.topic = 'index-redundant';
SELECT * FROM lint('CREATE TABLE n (a integer PRIMARY KEY, b integer, c text);
    CREATE INDEX n_a ON n (a);
    CREATE INDEX n_b ON n (b);
    CREATE INDEX n_b_c ON n (b, c);
    CREATE UNIQUE INDEX n_c ON n (c);
    ALTER TABLE n ADD CONSTRAINT n_c_key UNIQUE (c)');
SELECT * FROM lint('CREATE INDEX CONCURRENTLY i1 ON lint_small (name)');
SELECT * FROM lint('CREATE INDEX CONCURRENTLY i1 ON lint_small (name, id)');
-- It looks alike and is not: other order of columns, other rows, other
-- operator class, method, collation or direction, a guarantee.
SELECT * FROM lint('CREATE INDEX CONCURRENTLY i1 ON lint_small (id, name);
    CREATE INDEX CONCURRENTLY i2 ON lint_small (name) WHERE id > 0;
    CREATE INDEX CONCURRENTLY i3 ON lint_small (name text_pattern_ops);
    CREATE INDEX CONCURRENTLY i4 ON lint_small USING hash (name);
    CREATE INDEX CONCURRENTLY i5 ON lint_small (name COLLATE "C");
    CREATE INDEX CONCURRENTLY i6 ON lint_small (name DESC);
    CREATE INDEX CONCURRENTLY i7 ON lint_small (lower(name))');
SELECT * FROM lint('CREATE TABLE n (a integer, b integer);
    CREATE UNIQUE INDEX n_a ON n (a); CREATE INDEX n_a_b ON n (a, b)');
-- A unique one makes the plain one redundant; what is redundant goes by the same text.
SELECT * FROM lint('CREATE UNIQUE INDEX CONCURRENTLY i1 ON lint_small (name)');
SELECT * FROM lint('CREATE UNIQUE INDEX CONCURRENTLY i1 ON lint_small (name); DROP INDEX CONCURRENTLY lint_small_name');
-- Expressions and conditions are compared where both are of the plan.
SELECT * FROM lint('CREATE TABLE n (a text, b integer);
    CREATE INDEX n_1 ON n (lower(a)) WHERE b > 0;
    CREATE INDEX n_2 ON n (lower(a), b) WHERE b > 0;
    CREATE INDEX n_3 ON n (lower(a)) WHERE b > 1');
-- What was redundant before is not this text's doing.
CREATE INDEX lint_small_again ON lint_small (name);
SELECT * FROM lint('ALTER TABLE lint_small ADD COLUMN more integer');
-- By the text alone, what the text makes is compared.
SELECT * FROM lint('CREATE INDEX i1 ON t (a); CREATE INDEX i2 ON t (a, b)', rules => 'text');

DROP FUNCTION lint(text, text);
DROP TABLE lint_small, lint_large, lint_empty, lint_parent, lint_invalid;
