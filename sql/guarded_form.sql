-- What cannot be run twice, and how it is written so that it can be.
SET client_min_messages = warning;
SET hipaa_migrate.name_rule = 'relaxed';

-- In mode rewrite each statement gets its guarded form when it is registered;
-- comments, names, lines and what needs none stay as they are.
SET hipaa_migrate.idempotency = 'rewrite';
SELECT outcome, statements, details FROM migrate_register('forms-create', up => $up$
-- CREATE TABLE in a comment is none
CREATE SCHEMA clinic;
CREATE SCHEMA AUTHORIZATION postgres;
CREATE TABLE clinic."table" (id int, /* TABLE */ "if not" text);
create unlogged table /* here */ clinic.b -- and here
  (id int);
CREATE TEMP TABLE scratch (id int);
CREATE TABLE clinic.c AS SELECT 1 AS "table";
CREATE MATERIALIZED VIEW clinic.m AS SELECT 1 AS one;
CREATE FOREIGN TABLE clinic.f (id int) SERVER s;
CREATE UNIQUE INDEX b_id ON clinic.b (id);
CREATE INDEX CONCURRENTLY b_id2 ON clinic.b (id);
CREATE SEQUENCE clinic.s;
CREATE EXTENSION citext;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
CREATE STATISTICS clinic.st ON id, id FROM clinic.b;
CREATE COLLATION clinic.col FROM "C";
CREATE TABLE IF NOT EXISTS clinic.d (id int)
$up$, transactional => 'no');
SELECT * FROM migrate_show('forms-create') ORDER BY 1;

SELECT outcome FROM migrate_register('forms-drop', up => $up$
DROP TABLE a, b CASCADE;
DROP VIEW v; DROP MATERIALIZED VIEW m; DROP FOREIGN TABLE f; DROP SEQUENCE s;
DROP INDEX CONCURRENTLY i;
DROP TYPE t; DROP DOMAIN d; DROP FUNCTION f(int); DROP PROCEDURE p(); DROP AGGREGATE a(int);
DROP ROUTINE r; DROP OPERATOR === (int, int); DROP OPERATOR CLASS oc USING btree;
DROP OPERATOR FAMILY fam USING btree; DROP CAST (int AS text);
DROP TRANSFORM FOR int LANGUAGE sql; DROP PROCEDURAL LANGUAGE l; DROP TRIGGER t ON a;
DROP RULE r ON a; DROP POLICY p ON a; DROP COLLATION c; DROP CONVERSION c; DROP STATISTICS s;
DROP TEXT SEARCH CONFIGURATION c; DROP TEXT SEARCH DICTIONARY d; DROP TEXT SEARCH PARSER p;
DROP TEXT SEARCH TEMPLATE t; DROP PUBLICATION p; DROP SERVER s; DROP FOREIGN DATA WRAPPER w;
DROP USER MAPPING FOR u SERVER s; DROP ROLE r; DROP USER u; DROP GROUP g; DROP SCHEMA s;
DROP EXTENSION citext; DROP ACCESS METHOD am; DROP OWNED BY r;
DROP TABLE IF EXISTS a
$up$, transactional => 'no');
SELECT statement_no AS no, statement FROM migrate_show('forms-drop') ORDER BY 1;

-- Names that look like what the guarded forms are made of, or say how they are
-- escaped, are names.
SELECT outcome FROM migrate_register('forms-names', up => $up$
ALTER TYPE mood RENAME TO mood$hm;
CREATE TYPE "$hm$" AS ENUM ('$hm1');
ALTER TABLE U&"!0061" UESCAPE '!' ADD COLUMN b int, DROP COLUMN c;
ALTER TABLE clinic.U&"!0061" UESCAPE '!' DROP U&"!0062" UESCAPE '!';
INSERT INTO a SELECT b AS returning FROM c;
INSERT INTO a SELECT c.returning FROM c RETURNING b AS returning;
$up$);
SELECT statement_no AS no, statement FROM migrate_show('forms-names') ORDER BY 1;

-- The actions of ALTER TABLE have theirs one by one; one that has no syntax
-- makes the whole the argument of hipaa_migrate.guarded().
SELECT outcome FROM migrate_register('forms-alter', up => $up$
ALTER TABLE a ADD COLUMN b int, ADD c numeric(10, 2) DEFAULT (1), DROP COLUMN d, DROP e CASCADE;
ALTER TABLE ONLY (a) DROP CONSTRAINT k, ALTER COLUMN n DROP IDENTITY, ALTER n DROP EXPRESSION;
ALTER TABLE clinic."add" * ADD "add" int;
ALTER TABLE add ADD add int, ADD COLUMN IF NOT EXISTS f int;
ALTER TABLE a ALTER COLUMN b SET NOT NULL, ALTER COLUMN b TYPE bigint, OWNER TO CURRENT_USER;
ALTER TABLE a ADD COLUMN g int, ADD CONSTRAINT k CHECK (g > 0);
ALTER TABLE a ENABLE ROW LEVEL SECURITY;
ALTER TABLE a ATTACH PARTITION p FOR VALUES IN (1);
ALTER TABLE a DETACH PARTITION p CONCURRENTLY;
ALTER INDEX a_i ATTACH PARTITION p_i;
ALTER TABLE a RENAME COLUMN b TO h;
ALTER TABLE a RENAME TO z;
ALTER TABLE a SET SCHEMA clinic;
ALTER TYPE value ADD VALUE 'x' AFTER 'y';
ALTER TYPE value RENAME VALUE 'x' TO 'z';
ALTER TYPE pair ADD ATTRIBUTE c int;
ALTER TYPE pair DROP ATTRIBUTE c;
ALTER DOMAIN d DROP CONSTRAINT k;
ALTER DOMAIN d ADD CONSTRAINT k CHECK (VALUE > 0);
ALTER PUBLICATION p ADD TABLE a;
GRANT SELECT ON a TO PUBLIC;
COMMENT ON TABLE a IS 'ALTER TABLE a ADD COLUMN b int'
$up$, transactional => 'no');
SELECT statement_no AS no, statement FROM migrate_show('forms-alter') ORDER BY 1;

SELECT outcome FROM migrate_register('forms-replace', up => $up$
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE p() LANGUAGE sql AS '';
CREATE VIEW v AS SELECT 1 AS one;
CREATE TEMP VIEW tv AS SELECT 1 AS one;
CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();
CREATE CONSTRAINT TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();
CREATE RULE r AS ON INSERT TO a DO NOTHING;
CREATE AGGREGATE agg (int) (SFUNC = int4pl, STYPE = int);
CREATE TRUSTED LANGUAGE l HANDLER plpgsql_call_handler;
CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION f(internal));
CREATE OR REPLACE VIEW w AS SELECT 1 AS one
$up$);
SELECT statement_no AS no, statement FROM migrate_show('forms-replace') ORDER BY 1;

-- A dollar quote is chosen that the statement does not hold.
SELECT outcome FROM migrate_register('forms-block', up => $up$
CREATE TYPE mood AS ENUM ('sad', '$hm$', '$hm1$'); -- behind it
CREATE TYPE pair AS (a int, b int);
CREATE TYPE span AS RANGE (SUBTYPE = int);
CREATE TYPE shell;
CREATE DOMAIN posint AS int CHECK (VALUE > 0);
CREATE POLICY p ON a USING (true);
CREATE CAST (int AS mood) WITH INOUT;
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE OPERATOR CLASS oc FOR TYPE int USING btree AS OPERATOR 1 <;
CREATE OPERATOR FAMILY fam USING btree;
CREATE CONVERSION cv FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
CREATE TEXT SEARCH CONFIGURATION c (COPY = english);
CREATE PUBLICATION pub;
CREATE ROLE r;
CREATE FOREIGN DATA WRAPPER w;
CREATE ACCESS METHOD am TYPE TABLE HANDLER heap_tableam_handler
$up$);
SELECT statement_no AS no, statement FROM migrate_show('forms-block') ORDER BY 1;

-- Rows that are put in.
SELECT outcome FROM migrate_register('forms-seed', kind => 'data', up => $up$
INSERT INTO a VALUES (1, 'x') -- not here
;
INSERT INTO a DEFAULT VALUES RETURNING id;
WITH w AS (INSERT INTO b VALUES (1) RETURNING id) INSERT INTO a SELECT id FROM w;
INSERT INTO a SELECT 1 WHERE NOT EXISTS (SELECT FROM a WHERE id = 1);
INSERT INTO a VALUES (1) ON CONFLICT (id) DO UPDATE SET x = 1;
UPDATE a SET x = 1
$up$);
SELECT statement_no AS no, statement FROM migrate_show('forms-seed') ORDER BY 1;

-- What cannot have its form is refused, with what to write instead.
SELECT migrate_register('forms-index', up => 'SELECT 1; CREATE INDEX ON a (b, (c + 1))');
SELECT migrate_register('forms-into', up => 'SELECT 1 AS one INTO x');
SELECT migrate_register('forms-schema', up => 'CREATE SCHEMA x CREATE TABLE y (i int)');

-- The same content again is unchanged; what is pending follows the setting,
-- what is in the database stays as it is.
SELECT outcome FROM migrate_register('forms-same', up => 'CREATE TABLE forms_same (i int)', down => 'DROP TABLE forms_same');
SELECT outcome FROM migrate_register('forms-same', up => 'CREATE TABLE forms_same (i int)', down => 'DROP TABLE forms_same');
SET hipaa_migrate.idempotency = 'off';
SELECT outcome, revision FROM migrate_register('forms-same', up => 'CREATE TABLE forms_same (i int)', down => 'DROP TABLE forms_same');
SET hipaa_migrate.idempotency = 'rewrite';
SELECT outcome, revision FROM migrate_register('forms-same', up => 'CREATE TABLE forms_same (i int)', down => 'DROP TABLE forms_same');
SELECT outcome FROM migrate_up('forms-same');
SET hipaa_migrate.idempotency = 'off';
SELECT outcome, revision FROM migrate_register('forms-same', up => 'CREATE TABLE forms_same (i int)', down => 'DROP TABLE forms_same');
SELECT migrate_register('forms-same', up => 'CREATE TABLE forms_same (i bigint)', down => 'DROP TABLE forms_same');
SELECT statement, original FROM migrate_show('forms-same', 'down');
SELECT outcome FROM migrate_down('forms-same');

-- In mode require such a statement does not run, wherever it is.
SELECT outcome FROM migrate_register('forms-plain', up => $up$
CREATE TABLE IF NOT EXISTS forms_plain (i int);
INSERT INTO forms_plain VALUES (1)
$up$, down => 'DROP TABLE forms_plain');
SET hipaa_migrate.idempotency = 'require';
SELECT * FROM migrate_up('forms-plain');
SELECT to_regclass('forms_plain');
RESET hipaa_migrate.idempotency;
SELECT outcome FROM migrate_up('forms-plain');
SET hipaa_migrate.idempotency = 'require';
SELECT outcome FROM migrate_down('forms-plain');
RESET hipaa_migrate.idempotency;
SELECT outcome FROM migrate_down('forms-plain');

-- The setting is for superusers.
SELECT context, boot_val, enumvals FROM pg_settings WHERE name = 'hipaa_migrate.idempotency';

SELECT count(m.migration), count(u.*) FROM migrate_status() AS m, migrate_unregister(m.migration, 'the test is over') AS u
 WHERE m.migration LIKE 'forms-%';
