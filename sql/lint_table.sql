-- Rules about tables as a whole, partitions, triggers and domains: what fires,
-- what looks alike and does not, and what the catalogs make of the same text.
SET client_min_messages = warning;
CREATE TABLE lint_empty (id integer, name text);
CREATE TABLE lint_small (id integer, name text);
INSERT INTO lint_small SELECT i, 'x' FROM generate_series(1, 10) AS i;
CREATE TABLE lint_large AS SELECT i AS id, 'x'::text AS name FROM generate_series(1, 3000) AS i;
CREATE UNLOGGED TABLE lint_unlogged AS SELECT * FROM lint_small;
CREATE INDEX lint_large_id ON lint_large (id);
ANALYZE lint_small, lint_large, lint_unlogged;
SET hipaa_migrate.small_table = 100;
SET hipaa_migrate.large_table = 1000;
-- the machine the tests run on must not make a table busy
SET hipaa_migrate.busy_table = 2147483647;

CREATE FUNCTION lint(sql text, rules text DEFAULT 'all')
    RETURNS TABLE (no integer, severity text, rule text, object text, message text)
    LANGUAGE sql AS
$$ SELECT l.statement_no, l.severity, l.rule, l.object, l.message
     FROM migrate_lint_sql(sql, rules => rules) AS l
    WHERE l.rule ~ '^(table-(persistence|storage|vacuum)|matview-|partition-|trigger-|domain-(c|w))' $$;
CREATE FUNCTION safe_way(sql text) RETURNS SETOF text LANGUAGE sql AS
$$ SELECT l.safe_way FROM migrate_lint_sql(sql) AS l
    WHERE l.rule ~ '^(table-(persistence|storage|vacuum)|matview-|partition-|trigger-|domain-(c|w))' $$;

-- UNLOGGED loses rows; where there are none, or nothing changes, it is no matter.
SELECT * FROM lint('ALTER TABLE lint_empty SET UNLOGGED;
    ALTER TABLE lint_small SET UNLOGGED;
    ALTER TABLE lint_large SET UNLOGGED;
    ALTER TABLE lint_absent SET UNLOGGED;
    ALTER TABLE lint_unlogged SET LOGGED');
SELECT * FROM lint('ALTER TABLE lint_small SET UNLOGGED', 'text');
SELECT * FROM lint('ALTER TABLE lint_small SET LOGGED;
    ALTER TABLE lint_unlogged SET UNLOGGED;
    CREATE TABLE lint_new (id integer); ALTER TABLE lint_new SET UNLOGGED;
    ALTER TABLE IF EXISTS lint_absent SET UNLOGGED');

-- Access method and tablespace: another one, or the one that it has.
SELECT * FROM lint('ALTER TABLE lint_empty SET TABLESPACE elsewhere;
    ALTER TABLE lint_small SET TABLESPACE elsewhere;
    ALTER TABLE lint_large SET TABLESPACE elsewhere;
    ALTER TABLE lint_large SET ACCESS METHOD columnar;
    ALTER INDEX lint_large_id SET TABLESPACE elsewhere;
    ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE elsewhere');
SELECT * FROM lint('ALTER TABLE lint_large SET TABLESPACE pg_default;
    ALTER TABLE lint_large SET ACCESS METHOD heap;
    ALTER INDEX lint_large_id SET TABLESPACE pg_default;
    ALTER TABLE lint_large SET (fillfactor = 50)');

-- VACUUM FULL and CLUSTER copy the table; VACUUM does not.
SELECT * FROM lint('VACUUM FULL lint_empty');
SELECT * FROM lint('VACUUM (FULL, ANALYZE) lint_small');
SELECT * FROM lint('VACUUM FULL lint_large');
-- What is no table has no rows to count.
CREATE TABLE lint_keyed_early (a integer PRIMARY KEY);
ALTER TABLE lint_keyed_early ALTER a TYPE bigint;
SELECT count(*) >= 0 AS judged FROM lint('ALTER TABLE lint_keyed_early_pkey ADD EXCLUDE (a WITH =)');
DROP TABLE lint_keyed_early;
-- An option that is neither true nor false is the server's to refuse.
SELECT count(*) >= 0 AS judged FROM lint('VACUUM (FULL what) lint_small');
SELECT * FROM lint('VACUUM FULL');
SELECT * FROM lint('CLUSTER lint_large USING lint_large_id');
SELECT * FROM lint('CLUSTER');
SELECT * FROM lint('VACUUM lint_large');
SELECT * FROM lint('VACUUM (FULL false) lint_large');
SELECT * FROM lint('ANALYZE lint_large');
SELECT * FROM lint('ALTER TABLE lint_large CLUSTER ON lint_large_id');

-- REFRESH: concurrently, and what was never filled, disturbs nobody.
CREATE MATERIALIZED VIEW lint_sums AS SELECT count(*) AS n FROM lint_small;
CREATE MATERIALIZED VIEW lint_keyed AS SELECT * FROM lint_large;
CREATE UNIQUE INDEX ON lint_keyed (id);
CREATE MATERIALIZED VIEW lint_later AS SELECT count(*) FROM lint_small WITH NO DATA;
ANALYZE lint_sums, lint_keyed;
SELECT * FROM lint('REFRESH MATERIALIZED VIEW lint_sums;
    REFRESH MATERIALIZED VIEW lint_keyed;
    REFRESH MATERIALIZED VIEW lint_absent;
    REFRESH MATERIALIZED VIEW lint_sums WITH NO DATA');
SELECT safe_way('REFRESH MATERIALIZED VIEW lint_sums; REFRESH MATERIALIZED VIEW lint_keyed');
SELECT * FROM lint('REFRESH MATERIALIZED VIEW CONCURRENTLY lint_keyed;
    REFRESH MATERIALIZED VIEW lint_later;
    CREATE MATERIALIZED VIEW lint_new AS SELECT 1 AS a; REFRESH MATERIALIZED VIEW lint_new');

-- ATTACH PARTITION: the bound is proven by a validated CHECK, or not.
CREATE TABLE lint_parent (id integer, name text) PARTITION BY RANGE (id);
ALTER TABLE lint_large ADD CONSTRAINT lint_large_bound CHECK (id >= 0 AND id < 5000 AND id IS NOT NULL) NOT VALID;
SELECT * FROM lint('ALTER TABLE lint_parent ATTACH PARTITION lint_empty FOR VALUES FROM (10000) TO (20000);
    ALTER TABLE lint_parent ATTACH PARTITION lint_small FOR VALUES FROM (0) TO (10000);
    ALTER TABLE lint_parent ATTACH PARTITION lint_large FOR VALUES FROM (0) TO (10000);
    ALTER TABLE lint_parent ATTACH PARTITION lint_absent FOR VALUES FROM (0) TO (10000)');
SELECT * FROM lint('ALTER TABLE lint_parent ATTACH PARTITION lint_small FOR VALUES FROM (0) TO (10000)', 'text');
SELECT safe_way('ALTER TABLE lint_parent ATTACH PARTITION lint_large FOR VALUES FROM (0) TO (10000)');
ALTER TABLE lint_large VALIDATE CONSTRAINT lint_large_bound;
SELECT * FROM lint('ALTER TABLE lint_parent ATTACH PARTITION lint_large FOR VALUES FROM (0) TO (10000);
    CREATE TABLE lint_new (id integer, name text);
    ALTER TABLE lint_parent ATTACH PARTITION lint_new FOR VALUES FROM (20000) TO (30000)');
-- A narrower bound is not proven; nor can it be told of a parent that the text makes.
SELECT * FROM lint('ALTER TABLE lint_parent ATTACH PARTITION lint_large FOR VALUES FROM (0) TO (4000)');
SELECT * FROM lint('CREATE TABLE lint_made (id integer, name text) PARTITION BY RANGE (id);
    ALTER TABLE lint_made ATTACH PARTITION lint_large FOR VALUES FROM (0) TO (10000)');
-- What a bound or a key calls is not run.
CREATE FUNCTION lint_spy(integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS
    'BEGIN RAISE WARNING ''the spy is run''; RETURN $1; END';
CREATE TABLE lint_keyed_by (id integer, name text) PARTITION BY RANGE ((id + lint_spy(1)));
\c -
SET client_min_messages = warning;
SET hipaa_migrate.small_table = 100;
SET hipaa_migrate.large_table = 1000;
SET hipaa_migrate.busy_table = 2147483647;
SELECT no, rule FROM lint('ALTER TABLE lint_parent ATTACH PARTITION lint_small FOR VALUES FROM (lint_spy(1)) TO (10000);
    ALTER TABLE lint_keyed_by ATTACH PARTITION lint_small FOR VALUES FROM (0) TO (10000)');
DROP TABLE lint_keyed_by;
ALTER TABLE lint_large DROP CONSTRAINT lint_large_bound;
-- The default partition is read too, unless it cannot have such rows.
CREATE TABLE lint_rest PARTITION OF lint_parent DEFAULT;
INSERT INTO lint_rest SELECT i, 'x' FROM generate_series(1, 10) AS i;
ANALYZE lint_rest;
SELECT * FROM lint('CREATE TABLE lint_new (id integer, name text);
    ALTER TABLE lint_parent ATTACH PARTITION lint_new FOR VALUES FROM (20000) TO (30000)');
ALTER TABLE lint_rest ADD CHECK (id IS NOT NULL AND id < 100);
SELECT * FROM lint('CREATE TABLE lint_new (id integer, name text);
    ALTER TABLE lint_parent ATTACH PARTITION lint_new FOR VALUES FROM (20000) TO (30000)');

-- DETACH PARTITION, by the parent.
CREATE TABLE lint_other (id integer, name text) PARTITION BY RANGE (id);
CREATE TABLE lint_other_1 PARTITION OF lint_other FOR VALUES FROM (0) TO (10000);
SELECT * FROM lint('ALTER TABLE lint_other DETACH PARTITION lint_other_1');
INSERT INTO lint_other SELECT i, 'x' FROM generate_series(1, 10) AS i;
ANALYZE lint_other;
SELECT * FROM lint('ALTER TABLE lint_other DETACH PARTITION lint_other_1');
INSERT INTO lint_other SELECT i, 'x' FROM generate_series(11, 3000) AS i;
ANALYZE lint_other;
SELECT * FROM lint('ALTER TABLE lint_other DETACH PARTITION lint_other_1;
    ALTER TABLE lint_absent DETACH PARTITION lint_other_1');
SELECT safe_way('ALTER TABLE lint_other DETACH PARTITION lint_other_1');
SELECT safe_way('ALTER TABLE lint_parent DETACH PARTITION lint_rest');
SELECT * FROM lint('ALTER TABLE lint_other DETACH PARTITION lint_other_1 CONCURRENTLY');
SELECT * FROM lint('CREATE TABLE lint_made (id integer) PARTITION BY RANGE (id);
    CREATE TABLE lint_made_1 PARTITION OF lint_made FOR VALUES FROM (0) TO (10);
    ALTER TABLE lint_made DETACH PARTITION lint_made_1');

-- Triggers: the lock matters where there is traffic.
CREATE FUNCTION lint_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE VIEW lint_view AS SELECT * FROM lint_small;
SELECT * FROM lint('CREATE TRIGGER a AFTER INSERT ON lint_empty EXECUTE FUNCTION lint_trigger();
    CREATE TRIGGER a AFTER INSERT ON lint_small EXECUTE FUNCTION lint_trigger();
    ALTER TABLE lint_large ENABLE TRIGGER a;
    ALTER TABLE lint_large DISABLE TRIGGER a;
    CREATE TRIGGER a AFTER INSERT ON lint_absent EXECUTE FUNCTION lint_trigger();
    CREATE TRIGGER a INSTEAD OF INSERT ON lint_view FOR EACH ROW EXECUTE FUNCTION lint_trigger();
    CREATE TABLE lint_new (id integer); CREATE TRIGGER a AFTER INSERT ON lint_new EXECUTE FUNCTION lint_trigger()');
SELECT FROM pg_stat_reset();
CREATE TABLE lint_busy AS SELECT i FROM generate_series(1, 100000) AS i;
SELECT FROM pg_stat_force_next_flush();
SET hipaa_migrate.busy_table = 1;
SELECT * FROM lint('CREATE TRIGGER a AFTER INSERT ON lint_busy EXECUTE FUNCTION lint_trigger()');
SET hipaa_migrate.busy_table = 2147483647;

-- ALL and USER switch off what the table has; of a table without, nothing.
SELECT * FROM lint('ALTER TABLE lint_small DISABLE TRIGGER ALL');
SELECT * FROM lint('ALTER TABLE lint_small DISABLE TRIGGER ALL; ALTER TABLE lint_small DISABLE TRIGGER USER', 'text');
CREATE TRIGGER lint_audit AFTER INSERT ON lint_small EXECUTE FUNCTION lint_trigger();
ALTER TABLE lint_small ADD PRIMARY KEY (id);
CREATE TABLE lint_child (id integer CONSTRAINT lint_child_fk REFERENCES lint_small);
SELECT * FROM lint('ALTER TABLE lint_small DISABLE TRIGGER ALL;
    ALTER TABLE lint_small DISABLE TRIGGER USER;
    ALTER TABLE lint_child DISABLE TRIGGER ALL;
    ALTER TABLE lint_child DISABLE TRIGGER USER;
    ALTER TABLE lint_small ENABLE TRIGGER ALL');

-- Domains: who uses them, through other domains and arrays too.
CREATE DOMAIN lint_code AS text;
CREATE DOMAIN lint_long_code AS lint_code;
CREATE DOMAIN lint_unused AS text;
CREATE TABLE lint_coded (a lint_code, b lint_long_code, c lint_code[]);
SELECT * FROM lint('ALTER DOMAIN lint_code ADD CHECK (VALUE <> '''')');
INSERT INTO lint_coded SELECT 'x', 'y', '{z}' FROM generate_series(1, 10);
ANALYZE lint_coded;
SELECT * FROM lint('ALTER DOMAIN lint_code ADD CHECK (VALUE <> '''')');
INSERT INTO lint_coded SELECT 'x', 'y', '{z}' FROM generate_series(1, 3000);
ANALYZE lint_coded;
SELECT * FROM lint('ALTER DOMAIN lint_code ADD CHECK (VALUE <> '''');
    ALTER DOMAIN lint_long_code SET NOT NULL;
    ALTER DOMAIN lint_absent SET NOT NULL');
SELECT * FROM lint('ALTER DOMAIN lint_code SET NOT NULL', 'text');
SELECT safe_way('ALTER DOMAIN lint_code ADD CHECK (VALUE <> ''''); ALTER DOMAIN lint_code SET NOT NULL');
SELECT * FROM lint('ALTER DOMAIN lint_code ADD CHECK (VALUE <> '''') NOT VALID;
    ALTER DOMAIN lint_code SET DEFAULT ''x'';
    ALTER DOMAIN lint_unused SET NOT NULL;
    CREATE DOMAIN lint_new AS text; ALTER DOMAIN lint_new SET NOT NULL');
SELECT * FROM lint('CREATE DOMAIN lint_new AS text CHECK (VALUE <> ''''); CREATE DOMAIN lint_newer AS text NOT NULL');
SELECT * FROM lint('CREATE DOMAIN lint_new AS text; CREATE DOMAIN lint_newer AS text DEFAULT ''x''');

DROP FUNCTION lint(text, text), safe_way(text), lint_spy;
DROP MATERIALIZED VIEW lint_sums, lint_keyed, lint_later;
DROP TABLE lint_busy, lint_coded, lint_child, lint_parent, lint_other, lint_small, lint_large, lint_empty, lint_unlogged CASCADE;
DROP DOMAIN lint_long_code, lint_code, lint_unused;
DROP FUNCTION lint_trigger;
