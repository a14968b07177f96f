-- What a guarded form would skip, and is not what it asks for.
SET client_min_messages = warning;
CREATE SCHEMA lint_exists;
SET search_path = lint_exists, public;
CREATE FUNCTION lint(sql text) RETURNS TABLE (no int, severity text, rule text, object text, message text)
    LANGUAGE sql AS $$
    SELECT statement_no, severity, rule, object, message FROM migrate_lint_sql(sql)
     WHERE rule LIKE '%exists-differs' $$;
CREATE TABLE visit (id int PRIMARY KEY, note varchar(80));
CREATE INDEX visit_note ON visit (note);
CREATE VIEW shown AS SELECT 1 AS one;
CREATE TYPE mood AS ENUM ('sad', 'glad');
ALTER TYPE mood ADD VALUE 'mad' BEFORE 'glad';

SELECT * FROM lint($up$
CREATE TABLE IF NOT EXISTS visit (id bigint PRIMARY KEY, note varchar(80));
CREATE TABLE IF NOT EXISTS visit (id int, note varchar(100));
CREATE TABLE IF NOT EXISTS visit (id int, "When" date);
CREATE TABLE IF NOT EXISTS shown (one int);
ALTER TABLE visit ADD COLUMN IF NOT EXISTS note text;
CREATE INDEX IF NOT EXISTS visit_note ON visit (id, note);
CREATE UNIQUE INDEX IF NOT EXISTS visit_note ON visit (note);
CREATE INDEX IF NOT EXISTS visit_note ON visit (note) WHERE id > 0;
SELECT hipaa_migrate.guarded($$CREATE TYPE mood AS ENUM ('sad', 'glad')$$);
SELECT hipaa_migrate.guarded($$CREATE TYPE visit AS ENUM ('a')$$);
$up$);

SELECT * FROM lint($up$
DO $$ BEGIN CREATE TYPE mood AS ENUM ('sad', 'mad', 'glad', 'bad'); EXCEPTION WHEN duplicate_object THEN NULL; END $$
$up$);

-- What looks alike: it is as asked for; it is not there, or not any more; it
-- fails by itself; it is not skipped.
SELECT * FROM lint($up$
CREATE TABLE IF NOT EXISTS visit (id int PRIMARY KEY, note varchar(80));
CREATE TABLE IF NOT EXISTS visit (id integer, note character varying (80));
CREATE TABLE IF NOT EXISTS other (id bigint);
ALTER TABLE visit ADD COLUMN IF NOT EXISTS note varchar(80), ADD COLUMN IF NOT EXISTS born date;
CREATE INDEX IF NOT EXISTS visit_note ON visit (note);
CREATE INDEX IF NOT EXISTS visit_other ON visit (id);
DO $$ BEGIN CREATE TYPE mood AS ENUM ('sad', 'mad', 'glad'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
CREATE TABLE visit (id bigint);
CREATE TYPE mood AS ENUM ('x');
DROP TABLE visit;
CREATE TABLE IF NOT EXISTS visit (id bigint);
$up$);
DROP FUNCTION lint;
DROP SCHEMA lint_exists CASCADE;
