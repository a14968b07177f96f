-- The guarded forms while a migration runs: nothing escapes them, and what is
-- skipped or replaced is what was asked for.
SET client_min_messages = warning;
SET hipaa_migrate.name_rule = 'relaxed';
CREATE SCHEMA idem;
SET hipaa_migrate.search_path = 'idem';
CREATE FUNCTION idem_run(name text, up text, kind text DEFAULT 'schema') RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text; outcome text;
BEGIN
    PERFORM migrate_register(name, up, kind => kind, project => 'idem');
    SELECT m.outcome INTO outcome FROM migrate_up('idem:' || name) AS m;
    RETURN outcome;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN state || ' ' || message || E'\n' || detail || E'\n' || hint;
END $$;

-- In mode off, all of this runs.
SELECT idem_run('off-1', 'DO $$ BEGIN CREATE TABLE plain (i int); END $$');
SELECT idem_run('off-2', 'CREATE TABLE IF NOT EXISTS plain (i text)');

-- The forms themselves are asked for before the first statement runs, also of
-- rows that are put in.
SET hipaa_migrate.idempotency = 'require';
SELECT idem_run('static-1', 'CREATE TABLE IF NOT EXISTS never (i int); CREATE TABLE unguarded (i int)');
SELECT idem_run('static-2', 'INSERT INTO plain VALUES (1)');
SELECT to_regclass('idem.never');

-- Dynamic SQL: in DO, by format(), in functions, in functions that those call,
-- in a trigger, by way of an event trigger's function, in a cursor loop.
SELECT idem_run('dynamic-1', 'DO $$ BEGIN CREATE TABLE unguarded (i int); END $$');
SELECT idem_run('dynamic-2', 'DO $$ BEGIN EXECUTE format(''CREATE TYPE %I AS ENUM (%L)'', ''un guarded'', ''a''); END $$');
SELECT idem_run('dynamic-3', $$
CREATE OR REPLACE FUNCTION inner_ddl(name text) RETURNS void LANGUAGE plpgsql AS
    'BEGIN EXECUTE format(''ALTER TABLE plain ADD COLUMN %I int'', name); END';
CREATE OR REPLACE FUNCTION outer_ddl(name text) RETURNS void LANGUAGE sql AS
    'SELECT inner_ddl(name)';
SELECT outer_ddl('j') $$);
SELECT idem_run('dynamic-4', $$
CREATE OR REPLACE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN DROP TABLE plain2; RETURN NEW; END';
CREATE TABLE IF NOT EXISTS plain2 (i int);
CREATE TABLE IF NOT EXISTS plain3 (i int);
CREATE OR REPLACE TRIGGER t BEFORE INSERT ON plain3 FOR EACH ROW EXECUTE FUNCTION drop_it();
INSERT INTO plain3 VALUES (1) ON CONFLICT DO NOTHING $$);
SELECT idem_run('dynamic-5', 'DO $$ BEGIN FOR i IN 1 .. 2 LOOP EXECUTE ''CREATE VIEW vv'' || i || '' AS SELECT 1 AS one''; END LOOP; END $$');
SELECT idem_run('dynamic-6', 'DO $$ BEGIN ALTER TABLE plain ADD CONSTRAINT k CHECK (i > 0); END $$');
SELECT idem_run('dynamic-7', 'DO $$ BEGIN ALTER TABLE plain DROP COLUMN i; END $$');
SELECT idem_run('dynamic-8', 'DO $$ BEGIN CREATE INDEX ON plain (i); END $$');
SELECT idem_run('dynamic-9', 'DO $$ BEGIN EXECUTE ''SELECT 1 AS one INTO TEMP ok_temp''; CREATE TABLE into_it AS SELECT 1 AS one; END $$');

-- What looks alike: the forms themselves, what a session makes for itself, the
-- parts of a command, what may be run again as it is.
SELECT idem_run('alike-1', $$
DO $do$ BEGIN
    CREATE TABLE IF NOT EXISTS parent (id int PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS child (id int REFERENCES parent, s serial);
    CREATE TEMP TABLE mine (i int);
    ALTER TABLE plain ENABLE ROW LEVEL SECURITY;
    ALTER TABLE plain ALTER COLUMN i SET DEFAULT 1;
    GRANT SELECT ON plain TO PUBLIC;
    COMMENT ON TABLE plain IS 'x';
    DROP TABLE IF EXISTS nothing;
END $do$;
SELECT hipaa_migrate.guarded('CREATE TYPE color AS ENUM (''red'', ''green'')');
CREATE SCHEMA IF NOT EXISTS idem_sub $$);

-- A block with an exception handler counts as guarded, whoever opens it.
SELECT idem_run('handler-1', $$
DO $do$ BEGIN
    CREATE TYPE shape AS ENUM ('round', 'square');
EXCEPTION WHEN duplicate_object THEN NULL;
END $do$ $$);
SELECT idem_run('handler-2', $$
DO $do$ BEGIN
    CREATE TYPE shape AS ENUM ('round', 'square');
EXCEPTION WHEN duplicate_object THEN NULL;
END $do$; $$);

-- But not for hiding a type of the same name with other labels, not even from
-- a handler of all errors, nor inside of a function.
SELECT idem_run('hidden-1', $$
DO $do$ BEGIN
    CREATE TYPE shape AS ENUM ('round', 'oval', 'square');
EXCEPTION WHEN duplicate_object THEN NULL;
END $do$ $$);
SELECT idem_run('hidden-2', $$
DO $do$ BEGIN
    CREATE TYPE shape AS ENUM ('round');
EXCEPTION WHEN OTHERS THEN NULL;
END $do$ $$);
SELECT idem_run('hidden-3', $$
CREATE OR REPLACE FUNCTION hide() RETURNS void LANGUAGE plpgsql AS
    'BEGIN CREATE TYPE shape AS (a int); EXCEPTION WHEN OTHERS THEN NULL; END';
SELECT hide() $$);

-- What exists and differs is an error that shows both, for each kind.
CREATE TABLE idem.t (id int PRIMARY KEY, a text NOT NULL, b int DEFAULT 1);
CREATE INDEX t_a ON idem.t (a);
CREATE SEQUENCE idem.s INCREMENT 2;
CREATE DOMAIN idem.d AS int CHECK (VALUE > 0);
ALTER TABLE idem.t ADD CONSTRAINT k CHECK (b > 0);
CREATE POLICY p ON idem.t USING (b > 0);
CREATE VIEW idem.v AS SELECT id FROM idem.t;
CREATE MATERIALIZED VIEW idem.m AS SELECT id FROM idem.t;
CREATE STATISTICS idem.st ON a, b FROM idem.t;
CREATE OPERATOR idem.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE CAST (idem.shape AS int) WITH INOUT;
CREATE COLLATION idem.col FROM "C";
CREATE TABLE idem.parted (i int) PARTITION BY LIST (i);
CREATE TABLE idem.part PARTITION OF idem.parted FOR VALUES IN (1);
SELECT idem_run('differs-1', 'CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY, a text, b int DEFAULT 1, CONSTRAINT k CHECK (b > 0))');
SELECT split_part(idem_run('differs-2', 'CREATE TABLE IF NOT EXISTS v (id int)'), E'\n', 1);
SELECT idem_run('differs-3', 'CREATE INDEX IF NOT EXISTS t_a ON t (a, b)');
SELECT idem_run('differs-4', 'CREATE INDEX IF NOT EXISTS t ON t (a)');
SELECT idem_run('differs-5', 'CREATE SEQUENCE IF NOT EXISTS s');
SELECT idem_run('differs-6', 'SELECT hipaa_migrate.guarded($$CREATE DOMAIN d AS int CHECK (VALUE > 1)$$)');
SELECT idem_run('differs-7', 'ALTER TABLE t ADD COLUMN IF NOT EXISTS b bigint DEFAULT 1');
SELECT idem_run('differs-8', 'SELECT hipaa_migrate.guarded($$ALTER TABLE t ADD CONSTRAINT k CHECK (b > 1)$$)');
SELECT idem_run('differs-9', 'SELECT hipaa_migrate.guarded($$CREATE POLICY p ON t FOR SELECT USING (b > 0)$$)');
SELECT split_part(idem_run('differs-10', 'CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT a FROM t'), E'\n', 1);
SELECT idem_run('differs-11', 'CREATE STATISTICS IF NOT EXISTS st (mcv) ON a, b FROM t');
SELECT idem_run('differs-12', 'SELECT hipaa_migrate.guarded($$CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4ne)$$)');
SELECT idem_run('differs-13', 'SELECT hipaa_migrate.guarded($$CREATE CAST (shape AS int) WITH INOUT AS IMPLICIT$$)');
SELECT split_part(idem_run('differs-14', 'CREATE COLLATION IF NOT EXISTS col (provider = icu, locale = ''de'')'), E'\n', 1);
SELECT idem_run('differs-15', 'CREATE TABLE IF NOT EXISTS part PARTITION OF parted FOR VALUES IN (1, 2)');
SELECT idem_run('differs-16', 'CREATE EXTENSION IF NOT EXISTS plpgsql VERSION ''0.9''');
SELECT idem_run('differs-17', 'CREATE TABLE IF NOT EXISTS t (id no_such_type)');
SELECT idem_run('differs-18', 'SELECT hipaa_migrate.guarded($$CREATE TYPE d AS ENUM (''a'')$$)');

-- The same definitions are skipped, and leave nothing behind.
SELECT idem_run('same', $up$
CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY, a text NOT NULL, b int DEFAULT 1, CONSTRAINT k CHECK (b > 0));
CREATE INDEX IF NOT EXISTS t_a ON t (a);
CREATE SEQUENCE IF NOT EXISTS s INCREMENT BY 2;
SELECT hipaa_migrate.guarded($$CREATE DOMAIN d AS int CHECK (VALUE > 0)$$);
ALTER TABLE t ADD COLUMN IF NOT EXISTS b int DEFAULT 1;
SELECT hipaa_migrate.guarded($$ALTER TABLE t ADD CONSTRAINT k CHECK (b > 0), ADD COLUMN IF NOT EXISTS c int$$);
SELECT hipaa_migrate.guarded($$ALTER TABLE t ADD PRIMARY KEY (id)$$);
SELECT hipaa_migrate.guarded($$CREATE POLICY p ON t USING (b > 0)$$);
CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT id FROM t;
CREATE STATISTICS IF NOT EXISTS st ON a, b FROM t;
SELECT hipaa_migrate.guarded($$CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)$$);
SELECT hipaa_migrate.guarded($$CREATE CAST (shape AS int) WITH INOUT$$);
CREATE COLLATION IF NOT EXISTS col FROM "C";
CREATE TABLE IF NOT EXISTS part PARTITION OF parted FOR VALUES IN (1);
CREATE EXTENSION IF NOT EXISTS plpgsql
$up$);
SELECT nspname FROM pg_namespace WHERE nspname LIKE 'hipaa_migrate_asked%';
SELECT attname FROM pg_attribute WHERE attrelid = 'idem.t'::regclass AND attnum > 0 ORDER BY attnum;

-- An invalid index is none.
INSERT INTO idem.plain VALUES (1), (1);
CREATE UNIQUE INDEX CONCURRENTLY plain_i ON idem.plain (i);
SELECT idem_run('invalid', 'CREATE UNIQUE INDEX IF NOT EXISTS plain_i ON plain (i)');

-- What the very statement has made, and others have changed since, is skipped.
SELECT idem_run('lineage-1', 'CREATE TABLE IF NOT EXISTS grown (i int); ALTER TABLE grown ADD COLUMN IF NOT EXISTS j int');
SELECT idem_run('lineage-2', 'CREATE TABLE IF NOT EXISTS grown (i int); ALTER TABLE grown ADD COLUMN IF NOT EXISTS j int');
SELECT idem_run('lineage-3', 'CREATE  TABLE IF NOT EXISTS grown (i int)');

-- So is what a statement has found to be as it asks for, but not what was
-- dropped and made again by hand.
CREATE TABLE idem.found (i int);
SELECT idem_run('lineage-4', 'CREATE TABLE IF NOT EXISTS found (i int); ALTER TABLE found ADD COLUMN IF NOT EXISTS j int');
SELECT idem_run('lineage-5', 'CREATE TABLE IF NOT EXISTS found (i int); ALTER TABLE found ADD COLUMN IF NOT EXISTS j int');
SELECT command, outcome, object FROM hipaa_migrate.audit_log WHERE object = 'idem.found' AND migration LIKE 'idem:%' ORDER BY event_id;
DROP TABLE idem.found;
CREATE TABLE idem.found (k int);
SELECT split_part(idem_run('lineage-6', 'CREATE TABLE IF NOT EXISTS found (i int)'), E'\n', 1);

-- A statement that skipped has made nothing.
SET hipaa_migrate.idempotency = 'off';
SELECT idem_run('skipped-1', 'CREATE TABLE IF NOT EXISTS t (z int)');
SET hipaa_migrate.idempotency = 'require';
SELECT idem_run('skipped-2', 'CREATE TABLE IF NOT EXISTS t (z int)');

-- OR REPLACE of what no migration has made: only a repeatable migration may,
-- or one that follows an adopted one.
CREATE FUNCTION idem.legacy_a() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION idem.legacy_b() RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT idem_run('replace-1', 'CREATE OR REPLACE FUNCTION legacy_a() RETURNS int LANGUAGE sql AS ''SELECT 2''');
SELECT split_part(idem_run('replace-2', 'CREATE OR REPLACE VIEW v AS SELECT id, a FROM t'), E'\n', 1);
SELECT idem_run('replace-3', 'CREATE OR REPLACE FUNCTION legacy_a() RETURNS int LANGUAGE sql AS ''SELECT 1''');
SELECT idem_run('replace-4', 'CREATE OR REPLACE FUNCTION legacy_b() RETURNS int LANGUAGE sql AS ''SELECT 2''', 'repeatable');
SELECT idem_run('replace-5', $$
CREATE OR REPLACE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE OR REPLACE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 2' $$);
SELECT idem_run('replace-6', 'CREATE OR REPLACE FUNCTION own() RETURNS int LANGUAGE sql AS ''SELECT 3''');

-- A waiver lets its rule be, of that text, also where the text is computed.
SELECT outcome FROM migrate_register('waived', $$
CREATE TABLE waived (i int);
DO 'BEGIN CREATE TABLE waived_too (i int); END' $$, project => 'idem');
SELECT outcome FROM migrate_up('idem:waived');
SELECT migrate_waive('idem:waived', 'create-not-guarded', 'made once and for all') IS NOT NULL AS given;
SELECT outcome FROM migrate_up('idem:waived');
SELECT outcome FROM migrate_register('not-waived', 'CREATE TABLE not_waived (i int)', project => 'idem');
SELECT outcome FROM migrate_up('idem:not-waived');
SELECT migrate_unregister('idem:not-waived', 'the test is over');

-- What is asked for may be made of things that are not there, or are no tables.
CREATE TABLE idem.counted (a int, b int);
CREATE STATISTICS idem.counts ON a, b FROM idem.counted;
SELECT idem_run('nothing-1', 'CREATE STATISTICS IF NOT EXISTS counts ON a, b FROM nothing');
SELECT idem_run('nothing-2', 'CREATE STATISTICS IF NOT EXISTS counts ON a, b FROM (SELECT 1 AS a, 2 AS b) AS s');
SELECT idem_run('nothing-3', 'CREATE STATISTICS IF NOT EXISTS counts ON a, b FROM generate_series(1, 2)');
SELECT idem_run('nothing-4', 'CREATE TABLE IF NOT EXISTS counted PARTITION OF nothing DEFAULT');

-- A migration cannot switch it off for itself.
SELECT idem_run('escape', 'SET hipaa_migrate.idempotency = off; DO $$ BEGIN CREATE TABLE escaped (i int); END $$');

-- hipaa_migrate.guarded() by itself: one statement that needs it.
SELECT hipaa_migrate.guarded('SELECT 1');
SELECT hipaa_migrate.guarded('CREATE TABLE x (i int)');
SELECT hipaa_migrate.guarded('CREATE ROLE a; CREATE ROLE b');
SELECT hipaa_migrate.guarded('CREATE ROLE');
SET client_min_messages = notice;
SELECT hipaa_migrate.guarded('CREATE TYPE idem.hand AS ENUM ()');
SELECT hipaa_migrate.guarded('CREATE TYPE idem.hand AS ENUM ()');
SELECT hipaa_migrate.guarded('ALTER TYPE idem.hand RENAME TO foot');
SELECT hipaa_migrate.guarded('ALTER TYPE idem.hand RENAME TO foot');
SELECT hipaa_migrate.guarded('ALTER TYPE idem.nothing RENAME TO head');
-- Where nothing can be made, nothing can be compared.
BEGIN READ ONLY;
SELECT hipaa_migrate.guarded('CREATE TYPE idem.foot AS ENUM ()');
ROLLBACK;
-- An extension is in no schema by its name.
SELECT hipaa_migrate.guarded('ALTER EXTENSION plpgsql SET SCHEMA idem_nothing');
SET client_min_messages = warning;

RESET hipaa_migrate.idempotency;
DROP FUNCTION idem_run;
DROP SCHEMA idem CASCADE;
DROP SCHEMA idem_sub;
