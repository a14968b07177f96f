-- Rules about locks and transactions: what fires, what looks alike and does
-- not, and what the catalogs make of the same text.
SET client_min_messages = warning;
CREATE TABLE lint_small (id integer, name text);
INSERT INTO lint_small SELECT i, 'x' FROM generate_series(1, 10) AS i;
CREATE TABLE lint_large AS SELECT i AS id, 'x'::text AS name FROM generate_series(1, 3000) AS i;
CREATE TABLE lint_other AS SELECT * FROM lint_large;
CREATE TABLE lint_parent (id integer) PARTITION BY RANGE (id);
CREATE TABLE lint_part PARTITION OF lint_parent FOR VALUES FROM (1) TO (10);
CREATE INDEX lint_large_name ON lint_large (name);
ANALYZE lint_small, lint_large, lint_other;
CREATE TABLE lint_empty (id integer, name text);
SET hipaa_migrate.small_table = 100;
SET hipaa_migrate.large_table = 1000;
-- the machine the tests run on must not make a table busy
SET hipaa_migrate.busy_table = 2147483647;
-- limits: asked for at the end
SET hipaa_migrate.statement_timeout = '1min';

CREATE FUNCTION lint(sql text, rules text DEFAULT 'all')
    RETURNS TABLE (no integer, severity text, rule text, object text, message text)
    LANGUAGE sql AS
$$ SELECT l.statement_no, l.severity, l.rule, l.object, l.message
     FROM migrate_lint_sql(sql, rules => rules) AS l
     JOIN hipaa_migrate.lint_rule AS r USING (rule)
    WHERE r.number IN (4, 34, 35, 36, 37, 38, 39) $$;

-- CONCURRENTLY: at top level it is what one wants, in a block it never works.
SELECT * FROM lint('CREATE INDEX CONCURRENTLY i1 ON lint_large (id); DROP INDEX CONCURRENTLY i1;
    REINDEX TABLE CONCURRENTLY lint_large; ALTER TABLE lint_parent DETACH PARTITION lint_part CONCURRENTLY');
SELECT * FROM lint('DO ''BEGIN CREATE INDEX CONCURRENTLY i1 ON lint_large (id); DROP INDEX CONCURRENTLY i1; END''');
SELECT * FROM lint('DO ''BEGIN REINDEX TABLE CONCURRENTLY lint_large; REINDEX TABLE lint_small;
    ALTER TABLE lint_parent DETACH PARTITION lint_part CONCURRENTLY; END''')
 WHERE rule = 'concurrently-in-transaction';

-- Slow work while an exclusive lock is held: on the same table or another.
SELECT * FROM lint('ALTER TABLE lint_large ADD born date; CREATE INDEX ON lint_large (born)');
SELECT * FROM lint('ALTER TABLE lint_large ADD born date; CREATE INDEX ON lint_other (id)');
SELECT * FROM lint('ALTER TABLE lint_large ADD born date; INSERT INTO lint_empty SELECT id FROM lint_other');
SELECT * FROM lint('ALTER TABLE lint_large ADD born date; CREATE TABLE lint_copy AS SELECT * FROM lint_other');
SELECT * FROM lint('ALTER TABLE lint_large ADD born date; COPY lint_empty FROM ''/nowhere''');
SELECT * FROM lint('ALTER TABLE lint_large ADD born date; ALTER TABLE lint_other ADD CHECK (id > 0)')
 WHERE rule = 'work-under-exclusive-lock';
SELECT * FROM lint('DO ''BEGIN ALTER TABLE lint_small ADD born date; DELETE FROM lint_large; END''');
-- Said of the first, and not of what would take that lock by itself.
SELECT * FROM lint('ALTER TABLE lint_large ADD born date; ALTER TABLE lint_large ADD CHECK (id > 0); CREATE INDEX ON lint_large (born); CREATE INDEX ON lint_other (id)')
 WHERE rule = 'work-under-exclusive-lock';
-- Not when the work comes first, is quick, or is in a transaction of its own;
-- nor when nobody else uses what is locked.
SELECT * FROM lint('CREATE INDEX ON lint_large (id); ALTER TABLE lint_large ADD born date');
SELECT * FROM lint('ALTER TABLE lint_large ADD born date; CREATE INDEX ON lint_small (id); INSERT INTO lint_empty VALUES (1);
    ALTER TABLE lint_empty ADD CHECK (id > 0); SELECT count(*) FROM lint_other');
SELECT * FROM lint('ALTER TABLE lint_large ADD born date; CREATE INDEX CONCURRENTLY ON lint_large (born)');
SELECT * FROM lint('CREATE TABLE lint_new (id integer); ALTER TABLE lint_new ADD a integer; CREATE INDEX ON lint_other (id)');
SELECT * FROM lint('ALTER TABLE lint_empty ADD a integer; CREATE INDEX ON lint_other (id)');

-- Exclusive locks on two tables; only the first two are worth a word.
SELECT * FROM lint('ALTER TABLE lint_large ADD born date; ALTER TABLE lint_other ADD born date; ALTER TABLE lint_small ADD born date');
SELECT * FROM lint('ALTER TABLE lint_other ADD born date; ALTER TABLE lint_small ADD born date');
SELECT * FROM lint('TRUNCATE lint_large, lint_other');
SELECT * FROM lint('DROP TABLE lint_large; DROP TABLE lint_other');
-- One table, an empty one, a new one, or a weaker lock.
SELECT * FROM lint('ALTER TABLE lint_large ADD born date; ALTER TABLE lint_empty ADD born date; ALTER TABLE lint_other VALIDATE CONSTRAINT c');
SELECT * FROM lint('CREATE TABLE lint_new (id integer); ALTER TABLE lint_large ADD born date; ALTER TABLE lint_new ADD born date');
SELECT * FROM lint('ALTER TABLE lint_parent ADD born date; ALTER TABLE lint_part ADD CHECK (id > 0)')
 WHERE rule = 'two-tables-exclusive';

-- Rows and structure: in either order.
SELECT * FROM lint('ALTER TABLE lint_large ADD born date; UPDATE lint_large SET born = now()') WHERE rule = 'backfill-with-ddl';
SELECT * FROM lint('UPDATE lint_large SET name = ''''; ALTER TABLE lint_large ALTER name SET NOT NULL') WHERE rule = 'backfill-with-ddl';
SELECT * FROM lint('ALTER TABLE lint_small ADD born date; UPDATE lint_small SET born = now()');
SELECT * FROM lint('ALTER TABLE lint_empty ADD born date; UPDATE lint_empty SET born = now()');
-- Rows of another table, of a new one, single rows, or a lock that is weak.
SELECT * FROM lint('ALTER TABLE lint_large ADD born date; UPDATE lint_other SET name = NULL') WHERE rule = 'backfill-with-ddl';
SELECT * FROM lint('CREATE TABLE lint_new (id integer); INSERT INTO lint_new SELECT id FROM lint_large; ALTER TABLE lint_new ADD a integer');
SELECT * FROM lint('ALTER TABLE lint_large ADD born date; INSERT INTO lint_large VALUES (1)');
SELECT * FROM lint('ALTER TABLE lint_large ALTER name SET STATISTICS 10; DELETE FROM lint_large');

-- Several ALTER TABLE that go through the rows of one table: said once, of the
-- second.  What goes through none, or one key at a time, gains nothing.
SELECT * FROM lint('ALTER TABLE lint_large ADD CHECK (id > 0); ALTER TABLE lint_large ADD b integer; ALTER TABLE lint_large ALTER id SET NOT NULL; ALTER TABLE lint_large ADD CHECK (id > 1)')
 WHERE rule = 'alter-table-merge';
SELECT * FROM lint('ALTER TABLE lint_large ADD a integer; ALTER TABLE lint_large ADD b integer; ALTER TABLE lint_large ADD CHECK (b > 1)')
 WHERE rule = 'alter-table-merge';
SELECT * FROM lint('ALTER TABLE lint_large ADD FOREIGN KEY (id) REFERENCES lint_other; ALTER TABLE lint_large ADD FOREIGN KEY (id) REFERENCES lint_small')
 WHERE rule = 'alter-table-merge';
SELECT * FROM lint('ALTER TABLE lint_large ADD a integer, ADD b integer');
SELECT * FROM lint('ALTER TABLE lint_large ADD CONSTRAINT c CHECK (id > 0) NOT VALID; ALTER TABLE lint_large VALIDATE CONSTRAINT c')
 WHERE rule = 'alter-table-merge';
SELECT * FROM lint('CREATE TABLE lint_new (id integer); ALTER TABLE lint_new ADD a integer; ALTER TABLE lint_new ADD b integer');

-- LOCK TABLE, where it keeps somebody waiting.
SELECT * FROM lint('LOCK TABLE lint_large');
SELECT * FROM lint('LOCK TABLE lint_large, lint_small IN SHARE MODE');
SELECT * FROM lint('LOCK TABLE lint_large IN ROW EXCLUSIVE MODE; CREATE TABLE lint_new (id integer); LOCK TABLE lint_new');

-- By the text alone nothing is known of sizes.
SELECT * FROM lint('ALTER TABLE a ADD b integer; CREATE INDEX ON c (d); ALTER TABLE e ADD f integer; UPDATE a SET b = 1; LOCK TABLE a', 'text');

-- Limits: the runner has them, unless they are switched off, there or in the text.
SELECT * FROM lint('ALTER TABLE lint_large ADD born date');
SET hipaa_migrate.lock_timeout = 0;
SET hipaa_migrate.idle_timeout = 0;
SET hipaa_migrate.statement_timeout = 0;
SELECT * FROM lint('ALTER TABLE lint_large ADD born date; DROP TABLE lint_small');
SELECT * FROM lint('CREATE INDEX ON lint_large (id)');
SELECT * FROM lint('SET LOCAL lock_timeout = ''5s''; SET LOCAL statement_timeout = 600000; CREATE INDEX ON lint_large (id)');
SELECT * FROM lint('CREATE TABLE lint_new (id integer); CREATE INDEX ON lint_new (id); CREATE INDEX ON lint_empty (id); INSERT INTO lint_large VALUES (1)');
RESET hipaa_migrate.lock_timeout;
RESET hipaa_migrate.idle_timeout;
SET hipaa_migrate.statement_timeout = '1min';
SELECT * FROM lint('SET lock_timeout = 0; SET LOCAL statement_timeout TO DEFAULT; RESET idle_in_transaction_session_timeout; SET work_mem = 0');
SELECT * FROM lint('SET lock_timeout = ''1min''; SET statement_timeout = ''2h''');
RESET hipaa_migrate.statement_timeout;

DROP FUNCTION lint(text, text);
DROP TABLE lint_small, lint_large, lint_empty, lint_other, lint_parent;
