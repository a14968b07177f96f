-- Rules about columns: what fires, what looks alike and does not, and what
-- the catalogs make of the same text.  test/tap/lint_rewrite.pl compares the
-- decision with what the server does.
SET client_min_messages = warning;
CREATE DOMAIN lint_plain AS integer;
CREATE DOMAIN lint_positive AS integer CHECK (VALUE > 0);
CREATE TABLE lint_empty (id integer, name varchar(10));
CREATE TABLE lint_small (id integer, name varchar(10));
INSERT INTO lint_small SELECT i, 'x' FROM generate_series(1, 10) AS i;
CREATE TABLE lint_large (id integer, name varchar(10), "Odd" text);
INSERT INTO lint_large SELECT i, 'x' || i FROM generate_series(1, 3000) AS i;
ANALYZE lint_small, lint_large;
SET hipaa_migrate.small_table = 100;
SET hipaa_migrate.large_table = 1000;
-- the machine the tests run on must not make a table busy
SET hipaa_migrate.busy_table = 2147483647;

CREATE FUNCTION lint(sql text, rules text DEFAULT 'all')
    RETURNS TABLE (no integer, severity text, rule text, object text, message text)
    LANGUAGE sql AS
$$ SELECT l.statement_no, l.severity, l.rule, l.object, l.message
     FROM migrate_lint_sql(sql, rules => rules) AS l
    WHERE l.rule ~ '^(column-(not-null-w|default-v|gen|num|domain|type)|set-not-null)' $$;
CREATE FUNCTION safe_way(sql text, only_rule text) RETURNS SETOF text LANGUAGE sql AS
$$ SELECT l.safe_way FROM migrate_lint_sql(sql) AS l WHERE l.rule = only_rule $$;

-- SET NOT NULL: empty, small, large, not known, and by the text alone.
SELECT * FROM lint('ALTER TABLE lint_empty ALTER COLUMN id SET NOT NULL;
    ALTER TABLE lint_small ALTER COLUMN id SET NOT NULL;
    ALTER TABLE lint_large ALTER COLUMN id SET NOT NULL;
    ALTER TABLE lint_absent ALTER COLUMN id SET NOT NULL');
SELECT * FROM lint('ALTER TABLE lint_small ALTER COLUMN id SET NOT NULL', 'text');
SELECT safe_way('ALTER TABLE lint_large ALTER COLUMN "Odd" SET NOT NULL', 'set-not-null-scans');
-- What the safe way says is safe: a validated CHECK proves it; not one that
-- is not validated, that the statement drops, or that says something else.
SELECT * FROM lint('ALTER TABLE lint_large ADD CONSTRAINT c CHECK (id IS NOT NULL) NOT VALID;
    ALTER TABLE lint_large ALTER COLUMN id SET NOT NULL');
SELECT * FROM lint('ALTER TABLE lint_large ADD CONSTRAINT c CHECK (id IS NOT NULL) NOT VALID;
    ALTER TABLE lint_large VALIDATE CONSTRAINT c;
    ALTER TABLE lint_large ALTER COLUMN id SET NOT NULL');
SELECT * FROM lint('ALTER TABLE lint_large ADD CONSTRAINT c CHECK (id IS NOT NULL);
    ALTER TABLE lint_large DROP CONSTRAINT c, ALTER COLUMN id SET NOT NULL');
SELECT * FROM lint('ALTER TABLE lint_large ADD CONSTRAINT c CHECK (id > 0);
    ALTER TABLE lint_large ALTER COLUMN id SET NOT NULL');
-- Twice is once; a new table, a temporary one, and what is not there have no rows.
SELECT * FROM lint('ALTER TABLE lint_small ALTER COLUMN id SET NOT NULL;
    ALTER TABLE lint_small ALTER COLUMN id SET NOT NULL;
    CREATE TABLE lint_new (id integer); ALTER TABLE lint_new ALTER COLUMN id SET NOT NULL;
    CREATE TEMP TABLE lint_temp (id integer); ALTER TABLE lint_temp ALTER COLUMN id SET NOT NULL;
    ALTER TABLE IF EXISTS lint_absent ALTER COLUMN id SET NOT NULL');

-- ADD COLUMN NOT NULL without a default.
SELECT * FROM lint('ALTER TABLE lint_empty ADD COLUMN a integer NOT NULL;
    ALTER TABLE lint_small ADD COLUMN a integer NOT NULL;
    ALTER TABLE lint_large ADD COLUMN a varchar(5) NOT NULL;
    ALTER TABLE lint_absent ADD COLUMN a integer PRIMARY KEY');
SELECT * FROM lint('ALTER TABLE lint_small ADD COLUMN a integer NOT NULL', 'text');
SELECT safe_way('ALTER TABLE lint_large ADD COLUMN a varchar(5) NOT NULL', 'column-not-null-without-default');
SELECT * FROM lint('ALTER TABLE lint_large ADD COLUMN a integer NOT NULL DEFAULT 1;
    ALTER TABLE lint_large ADD COLUMN b integer;
    ALTER TABLE lint_large ADD COLUMN IF NOT EXISTS id integer NOT NULL');

-- Volatile defaults: by the functions that are called, those of the text too.
SELECT * FROM lint('ALTER TABLE lint_empty ADD COLUMN a uuid DEFAULT gen_random_uuid();
    ALTER TABLE lint_small ADD COLUMN a uuid DEFAULT gen_random_uuid();
    ALTER TABLE lint_large ADD COLUMN a timestamptz DEFAULT clock_timestamp();
    CREATE FUNCTION lint_wild() RETURNS integer LANGUAGE plpgsql AS $f$ BEGIN RETURN 1; END $f$;
    ALTER TABLE lint_small ADD COLUMN b integer DEFAULT lint_wild();
    ALTER TABLE lint_small ADD COLUMN c integer DEFAULT lint_unknown()');
SELECT * FROM lint('ALTER TABLE lint_small ADD COLUMN a uuid DEFAULT gen_random_uuid();
    ALTER TABLE lint_small ADD COLUMN b integer DEFAULT lint_unknown()', 'text');
SELECT * FROM lint('ALTER TABLE lint_large ADD COLUMN a timestamptz DEFAULT now();
    ALTER TABLE lint_large ADD COLUMN b timestamptz DEFAULT CURRENT_TIMESTAMP + interval ''1 day'';
    CREATE FUNCTION lint_calm() RETURNS integer STABLE LANGUAGE plpgsql AS $f$ BEGIN RETURN 1; END $f$;
    ALTER TABLE lint_large ADD COLUMN c integer DEFAULT lint_calm();
    CREATE TYPE lint_state AS ENUM (''open''); ALTER TABLE lint_large ADD COLUMN d lint_state DEFAULT ''open''');
SELECT * FROM lint('ALTER TABLE lint_large ADD COLUMN a timestamptz DEFAULT now();
    ALTER TABLE lint_large ADD COLUMN b text DEFAULT lower(''X'')', 'text');

-- Numbers, stored values, and domains that check; not each twice.
SELECT * FROM lint('ALTER TABLE lint_empty ADD COLUMN a serial;
    ALTER TABLE lint_small ADD COLUMN a bigserial NOT NULL;
    ALTER TABLE lint_large ADD COLUMN a bigint GENERATED ALWAYS AS IDENTITY;
    ALTER TABLE lint_absent ADD COLUMN a serial');
SELECT * FROM lint('ALTER TABLE lint_empty ADD COLUMN b integer GENERATED ALWAYS AS (id + 1) STORED;
    ALTER TABLE lint_small ADD COLUMN b integer GENERATED ALWAYS AS (id + 1) STORED NOT NULL;
    ALTER TABLE lint_large ADD COLUMN b integer GENERATED ALWAYS AS (id + 1) STORED');
SELECT * FROM lint('ALTER TABLE lint_empty ADD COLUMN c lint_positive;
    ALTER TABLE lint_small ADD COLUMN c lint_positive;
    ALTER TABLE lint_large ADD COLUMN c lint_positive DEFAULT 1;
    CREATE DOMAIN lint_word AS text CHECK (VALUE <> '''');
    ALTER TABLE lint_large ADD COLUMN d lint_word');
SELECT * FROM lint('ALTER TABLE lint_large ADD COLUMN c lint_plain;
    ALTER TABLE lint_large ADD COLUMN d lint_plain DEFAULT 1;
    ALTER TABLE lint_large ADD COLUMN IF NOT EXISTS id serial;
    CREATE TABLE lint_new (a serial, b lint_positive); ALTER TABLE lint_new ADD COLUMN c serial');
-- A domain that the text constrains first.
SELECT * FROM lint('ALTER DOMAIN lint_plain ADD CHECK (VALUE < 9) NOT VALID;
    ALTER TABLE lint_large ADD COLUMN c lint_plain');

-- Nothing of what is judged is run, though the server computes calls of
-- IMMUTABLE functions when it plans; EXPLAIN shows that this one would tell.
CREATE FUNCTION lint_spy(integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS
    'BEGIN RAISE WARNING ''the spy is run''; RETURN $1; END';
EXPLAIN (COSTS OFF) SELECT 1 FROM lint_small WHERE id > lint_spy(1);
ALTER TABLE lint_small ADD CONSTRAINT lint_spied CHECK (id IS NOT NULL OR id = lint_spy(1)) NOT VALID;
UPDATE pg_constraint SET convalidated = true WHERE conname = 'lint_spied';
SELECT no, rule FROM lint('ALTER TABLE lint_small ADD COLUMN a integer DEFAULT lint_spy(1);
    ALTER TABLE lint_small ALTER COLUMN id TYPE integer USING lint_spy(1);
    ALTER TABLE lint_small ALTER COLUMN id SET NOT NULL');
ALTER TABLE lint_small DROP CONSTRAINT lint_spied;

-- Types: what is written anew and what is not.
SELECT * FROM lint('ALTER TABLE lint_empty ALTER COLUMN id TYPE bigint;
    ALTER TABLE lint_small ALTER COLUMN id TYPE bigint;
    ALTER TABLE lint_large ALTER COLUMN name TYPE varchar(5);
    ALTER TABLE lint_absent ALTER COLUMN id TYPE bigint');
SELECT * FROM lint('ALTER TABLE lint_small ALTER COLUMN id TYPE bigint', 'text');
SELECT safe_way('ALTER TABLE lint_large ALTER COLUMN "Odd" TYPE varchar(5)', 'column-type-rewrites');
SELECT * FROM lint('ALTER TABLE lint_large ALTER COLUMN name TYPE varchar(20);
    ALTER TABLE lint_large ALTER COLUMN name TYPE text;
    ALTER TABLE lint_large ALTER COLUMN name TYPE text USING name::text;
    CREATE DOMAIN lint_any AS text; ALTER TABLE lint_large ALTER COLUMN name TYPE lint_any;
    ALTER TABLE lint_large ALTER COLUMN id TYPE integer;
    ALTER TABLE lint_large ALTER COLUMN nothing TYPE bigint');
-- What the text did before counts: the second change meets bigint.
SELECT * FROM lint('ALTER TABLE lint_large ALTER COLUMN id TYPE bigint;
    ALTER TABLE lint_large ALTER COLUMN id TYPE bigint;
    ALTER TABLE lint_large ADD COLUMN new varchar(3);
    ALTER TABLE lint_large ALTER COLUMN new TYPE varchar(9)');

-- Check constraints are checked again, even by the same type.
ALTER TABLE lint_empty ADD CONSTRAINT lint_empty_name CHECK (name <> '');
ALTER TABLE lint_small ADD CONSTRAINT lint_small_name CHECK (name <> '');
ALTER TABLE lint_large ADD CONSTRAINT lint_large_name CHECK (name <> '');
SELECT * FROM lint('ALTER TABLE lint_empty ALTER COLUMN name TYPE text;
    ALTER TABLE lint_small ALTER COLUMN name TYPE text;
    ALTER TABLE lint_large ALTER COLUMN name TYPE text;
    ALTER TABLE lint_large ALTER COLUMN id TYPE integer');
SELECT safe_way('ALTER TABLE lint_large ALTER COLUMN name TYPE text', 'column-type-checks');
SELECT * FROM lint('ALTER TABLE lint_large DROP CONSTRAINT lint_large_name, ALTER COLUMN name TYPE text');
ALTER TABLE lint_empty DROP CONSTRAINT lint_empty_name;
ALTER TABLE lint_small DROP CONSTRAINT lint_small_name;
ALTER TABLE lint_large DROP CONSTRAINT lint_large_name;

-- Indexes and foreign keys that are built or checked again, by the table.
CREATE INDEX lint_empty_name ON lint_empty (lower(name));
CREATE INDEX lint_small_name ON lint_small (lower(name));
CREATE INDEX lint_large_name ON lint_large (lower(name));
CREATE INDEX lint_large_kept ON lint_large (name);
SELECT * FROM lint('ALTER TABLE lint_empty ALTER COLUMN name TYPE text;
    ALTER TABLE lint_small ALTER COLUMN name TYPE text;
    ALTER TABLE lint_large ALTER COLUMN name TYPE text');
SELECT * FROM lint('DROP INDEX lint_large_name; ALTER TABLE lint_large ALTER COLUMN name TYPE text');
DROP INDEX lint_empty_name, lint_small_name, lint_large_name;
ALTER TABLE lint_large ADD CONSTRAINT lint_large_key UNIQUE (id);
CREATE TABLE lint_child (id integer REFERENCES lint_large (id));
SELECT * FROM lint('ALTER TABLE lint_large ALTER COLUMN id TYPE oid USING id');
SELECT * FROM lint('ALTER TABLE lint_large ALTER COLUMN id TYPE lint_plain');

-- What makes the server refuse it: each kind, whatever the size.
CREATE VIEW lint_view AS SELECT name FROM lint_large;
CREATE FUNCTION lint_reads() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT max(name) FROM lint_large; END;
CREATE POLICY lint_policy ON lint_large USING (name <> '');
CREATE FUNCTION lint_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER lint_named AFTER UPDATE OF name ON lint_large EXECUTE FUNCTION lint_trigger();
ALTER TABLE lint_large ADD COLUMN upper text GENERATED ALWAYS AS (upper(name::text)) STORED;
CREATE VIEW lint_empty_view AS SELECT * FROM lint_empty;
SELECT * FROM lint('ALTER TABLE lint_large ALTER COLUMN name TYPE text;
    ALTER TABLE lint_empty ALTER COLUMN name TYPE text');
-- Not what is dropped before, or uses other columns; but what the text makes.
SELECT * FROM lint('DROP VIEW lint_empty_view; ALTER TABLE lint_empty ALTER COLUMN name TYPE text');
SELECT * FROM lint('CREATE VIEW lint_more AS SELECT id FROM lint_small;
    ALTER TABLE lint_small ALTER COLUMN name TYPE text;
    ALTER TABLE lint_small ALTER COLUMN id TYPE oid');

-- Composite types and foreign tables have no rows of their own.
CREATE FOREIGN DATA WRAPPER lint_wrapper;
CREATE SERVER lint_server FOREIGN DATA WRAPPER lint_wrapper;
CREATE FOREIGN TABLE lint_foreign (id integer) SERVER lint_server;
CREATE TYPE lint_pair AS (a integer);
SELECT * FROM lint('ALTER TABLE lint_foreign ADD COLUMN b serial NOT NULL, ALTER COLUMN id TYPE bigint, ALTER COLUMN id SET NOT NULL;
    ALTER TYPE lint_pair ALTER ATTRIBUTE a TYPE bigint, ADD ATTRIBUTE b lint_positive');
SELECT * FROM lint('ALTER TYPE lint_pair ALTER ATTRIBUTE a TYPE bigint;
    ALTER FOREIGN TABLE lint_foreign ALTER COLUMN id TYPE bigint', 'text');
DROP FOREIGN DATA WRAPPER lint_wrapper CASCADE;
DROP TYPE lint_pair;

-- Both in one statement.
SELECT * FROM lint('ALTER TABLE lint_empty ALTER COLUMN id TYPE bigint, ALTER COLUMN id SET NOT NULL;
    ALTER TABLE lint_small ALTER COLUMN id TYPE bigint, ALTER COLUMN name SET NOT NULL')
 WHERE rule = 'column-type-with-not-null';
SELECT * FROM lint('ALTER TABLE lint_small ALTER COLUMN name TYPE text, ALTER COLUMN id SET NOT NULL;
    ALTER TABLE lint_small ADD COLUMN a integer, ALTER COLUMN name SET NOT NULL')
 WHERE rule = 'column-type-with-not-null';

DROP FUNCTION lint(text, text), safe_way(text, text), lint_reads, lint_spy;
DROP TABLE lint_child, lint_small, lint_large, lint_empty CASCADE;
DROP FUNCTION lint_trigger;
DROP DOMAIN lint_plain, lint_positive;
