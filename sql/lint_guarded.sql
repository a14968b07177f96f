-- Guarded forms, to the linter.
CREATE FUNCTION lint_guarded(sql text) RETURNS TABLE (no int, line int, severity text, rule text, message text, safe_way text)
    LANGUAGE sql AS $$
    SELECT statement_no, line, severity, rule, message, safe_way FROM migrate_lint_sql(sql)
     WHERE rule LIKE '%-not-guarded' $$;

-- Each rule, once for each statement that it finds.
SELECT no, severity, rule, message, safe_way FROM lint_guarded($up$
CREATE TABLE a (i int);
CREATE TYPE t AS ENUM ('a');
ALTER TABLE a ADD COLUMN j int, ADD COLUMN k int, ADD CONSTRAINT c CHECK (i > 0), DROP COLUMN j, DROP CONSTRAINT c;
CREATE VIEW v AS SELECT 1 AS one;
DROP VIEW v;
INSERT INTO a VALUES (1);
SELECT 1 AS one INTO b;
CREATE INDEX ON a (i);
ALTER TYPE t ADD VALUE 'b';
ALTER TABLE a RENAME TO b;
CREATE CONSTRAINT TRIGGER ct AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();
CREATE COLLATION co FROM "C";
CREATE AGGREGATE ag (int) (SFUNC = int4pl, STYPE = int);
$up$);

-- What looks alike.
SELECT no, severity, rule, message FROM lint_guarded($up$
CREATE TABLE IF NOT EXISTS a (i int);
SELECT hipaa_migrate.guarded($$CREATE TYPE t AS ENUM ('a')$$);
ALTER TABLE a ADD COLUMN IF NOT EXISTS j int, ALTER COLUMN j SET NOT NULL;
CREATE OR REPLACE VIEW v AS SELECT 1 AS one;
DROP VIEW IF EXISTS v;
INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING;
INSERT INTO a SELECT 1 WHERE NOT EXISTS (SELECT FROM a);
CREATE TEMP TABLE mine (i int);
CREATE SCHEMA IF NOT EXISTS s;
GRANT SELECT ON a TO PUBLIC;
DO $$ BEGIN CREATE TYPE t2 AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
$up$);

-- Parts of a command are judged with it; what stands in a block or behind
-- hipaa_migrate.guarded() is looked at by the other rules too.
SELECT no, line, rule, message FROM lint_guarded($up$
CREATE SCHEMA s CREATE TABLE t (i int);
DO $$ BEGIN
    CREATE TABLE u (i int);
END $$;
$up$);
SELECT statement_no AS no, line, rule FROM migrate_lint_sql($up$
SELECT hipaa_migrate.guarded($$
ALTER TABLE pg_temp.no_such
    RENAME TO other$$);
SELECT hipaa_migrate.guarded('no SQL');
$up$) WHERE rule NOT LIKE 'column%';

-- Where the setting requires them, they weigh more.
SET hipaa_migrate.idempotency = 'require';
SELECT no, severity, rule FROM lint_guarded('CREATE TABLE a (i int)');
RESET hipaa_migrate.idempotency;
SELECT number, rule, severity FROM hipaa_migrate.lint_rule WHERE rule LIKE '%-not-guarded' ORDER BY number;
DROP FUNCTION lint_guarded;
