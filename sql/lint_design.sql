-- Rules about the design of tables: what fires, what looks alike and does
-- not, and what the catalogs make of the same text.
SET client_min_messages = warning;
CREATE TABLE lint_target (id bigint PRIMARY KEY, code text UNIQUE);
CREATE TABLE lint_old (id integer PRIMARY KEY, target_id bigint, a bigint, b bigint, code text);
CREATE INDEX lint_old_pair ON lint_old (b, a);
CREATE INDEX lint_old_code ON lint_old (code) WHERE code IS NOT NULL;
-- the machine the tests run on must not make a table busy
SET hipaa_migrate.busy_table = 2147483647;

CREATE FUNCTION lint(sql text, only_rule text, rules text DEFAULT 'all')
    RETURNS TABLE (no integer, line integer, severity text, object text, message text)
    LANGUAGE sql AS
$$ SELECT l.statement_no, l.line, l.severity, l.object, l.message
     FROM migrate_lint_sql(sql, rules => rules) AS l WHERE l.rule = only_rule $$;

-- A foreign key without an index, at the line of the key.
SELECT * FROM lint('CREATE TABLE n (id bigint PRIMARY KEY,
    target_id bigint REFERENCES lint_target,
    other_id bigint CONSTRAINT n_other REFERENCES lint_target);
ALTER TABLE lint_old
    ADD FOREIGN KEY (target_id) REFERENCES lint_target;
ALTER TABLE lint_absent ADD FOREIGN KEY (x) REFERENCES lint_target', 'foreign-key-without-index');
-- The index may come before or after, by a key, in another order of columns,
-- without NULL; one of the catalogs counts, and what is dropped does not.
SELECT * FROM lint('CREATE TABLE n (id bigint PRIMARY KEY REFERENCES lint_target,
        u bigint UNIQUE REFERENCES lint_target, x bigint REFERENCES lint_target, y bigint, z bigint);
    CREATE INDEX ON n (x, y);
    CREATE INDEX ON n (y) WHERE y IS NOT NULL;
    ALTER TABLE n ADD FOREIGN KEY (y) REFERENCES lint_target;
    ALTER TABLE n ADD CONSTRAINT n_z FOREIGN KEY (z) REFERENCES lint_target;
    ALTER TABLE n DROP CONSTRAINT n_z;
    ALTER TABLE lint_old ADD FOREIGN KEY (a, b) REFERENCES lint_absent (a, b);
    ALTER TABLE lint_old ADD FOREIGN KEY (code) REFERENCES lint_target (code);
    CREATE TEMP TABLE lint_temp (a bigint, FOREIGN KEY (a) REFERENCES lint_absent)', 'foreign-key-without-index');
-- Not fit: the column comes second, only some rows, another method, dropped.
SELECT * FROM lint('CREATE TABLE n (id bigint PRIMARY KEY, a bigint, b bigint REFERENCES lint_target,
        c bigint REFERENCES lint_target, d bigint REFERENCES lint_target, e bigint REFERENCES lint_target);
    CREATE INDEX ON n (a, b);
    CREATE INDEX ON n (c) WHERE a > 0;
    CREATE INDEX ON n USING brin (d);
    CREATE INDEX n_e ON n (e);
    DROP INDEX n_e;
    DROP INDEX lint_old_pair;
    ALTER TABLE lint_old ADD FOREIGN KEY (a, b) REFERENCES lint_absent (a, b)', 'foreign-key-without-index');
-- By the text alone the same, except for what only the catalogs know.
SELECT * FROM lint('ALTER TABLE lint_old ADD FOREIGN KEY (code) REFERENCES lint_target (code);
    ALTER TABLE lint_old ADD FOREIGN KEY (a) REFERENCES lint_target; CREATE INDEX ON lint_old (a)', 'foreign-key-without-index', 'text');

-- ON DELETE and ON UPDATE are not said, although NO ACTION is what it means;
-- comments, other columns and other clauses of the table do not say it.
SELECT * FROM lint('CREATE TABLE n (id bigint PRIMARY KEY,
    a bigint REFERENCES lint_target,
    b bigint REFERENCES lint_target ON DELETE CASCADE,
    c bigint REFERENCES lint_target ON UPDATE NO ACTION, -- ON DELETE CASCADE
    d bigint REFERENCES lint_target ON DELETE NO ACTION ON UPDATE NO ACTION,
    e bigint REFERENCES lint_target ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT f FOREIGN KEY (a) REFERENCES lint_target (id) /* ON UPDATE CASCADE */ DEFERRABLE,
    CONSTRAINT g FOREIGN KEY (a) REFERENCES lint_target (id) ON DELETE SET NULL (a) ON UPDATE RESTRICT);
ALTER TABLE lint_old ADD FOREIGN KEY (a) REFERENCES lint_target on delete no action on update no action,
    ADD FOREIGN KEY (b) REFERENCES lint_target', 'foreign-key-actions-implicit');
-- Inside of a DO block it is the block's text that is read.
SELECT * FROM lint('DO $$ BEGIN
    ALTER TABLE lint_old ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES lint_target ON DELETE NO ACTION;
    ALTER TABLE lint_old ADD FOREIGN KEY (b) REFERENCES lint_target ON DELETE NO ACTION ON UPDATE NO ACTION;
END $$', 'foreign-key-actions-implicit');
-- What is there already is not made again.
SELECT * FROM lint('CREATE TABLE IF NOT EXISTS lint_old (id integer REFERENCES lint_target)', 'foreign-key-actions-implicit');

-- A table without primary key, seen at the end of the text.
SELECT * FROM lint('CREATE TABLE n (a integer);
CREATE UNLOGGED TABLE n2 (a integer NOT NULL UNIQUE);
CREATE TABLE n3 AS SELECT 1 AS a;
CREATE TABLE n4 (a integer) PARTITION BY RANGE (a);
CREATE TABLE n5 (a integer CONSTRAINT n5_key PRIMARY KEY); ALTER TABLE n5 DROP CONSTRAINT n5_key;
CREATE TABLE n6 (LIKE lint_target)', 'table-without-primary-key');
SELECT * FROM lint('CREATE TABLE n (a integer); ALTER TABLE n ADD PRIMARY KEY (a);
    CREATE TABLE n1 (a integer NOT NULL); CREATE UNIQUE INDEX i ON n1 (a); ALTER TABLE n1 ADD PRIMARY KEY USING INDEX i;
    CREATE TABLE n2 (a integer, b integer, PRIMARY KEY (a, b));
    CREATE TEMP TABLE n3 (a integer);
    CREATE TABLE n4 (a integer PRIMARY KEY) PARTITION BY RANGE (a);
    CREATE TABLE n5 PARTITION OF n4 FOR VALUES FROM (1) TO (2);
    CREATE TABLE n6 (LIKE lint_target INCLUDING INDEXES);
    CREATE TABLE n7 (LIKE lint_absent INCLUDING ALL);
    CREATE TABLE n8 (a integer); DROP TABLE n8;
    CREATE TABLE n9 (a integer); ALTER TABLE n9 ADD COLUMN id bigint PRIMARY KEY;
    CREATE TABLE IF NOT EXISTS lint_old (a integer);
    ALTER TABLE lint_absent ADD COLUMN a integer;
    CREATE VIEW v AS SELECT 1', 'table-without-primary-key');
-- Of a prepared query only the table is known; its columns go with it.
SELECT * FROM lint('CREATE TABLE n AS EXECUTE q; ALTER TABLE n DROP COLUMN a; DROP TABLE lint_old CASCADE', 'table-without-primary-key');
-- Made under another name.
SELECT * FROM lint('CREATE TABLE n (a integer); ALTER TABLE n RENAME TO renamed', 'table-without-primary-key');
SELECT * FROM lint('CREATE TABLE n (a integer); CREATE TABLE n2 (a integer PRIMARY KEY)', 'table-without-primary-key', 'text');

-- Keys that run out: those that are numbered.
SELECT * FROM lint('CREATE TABLE n1 (id serial PRIMARY KEY);
CREATE TABLE n2 (id integer GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (id));
CREATE TABLE n3 (id smallserial PRIMARY KEY);
CREATE TABLE n4 (id int4 DEFAULT nextval(''s''), other bigint); ALTER TABLE n4 ADD PRIMARY KEY (other, id)', 'key-32-bit');
SELECT * FROM lint('CREATE TABLE n1 (id bigserial PRIMARY KEY);
    CREATE TABLE n2 (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
    CREATE TABLE n3 (id uuid DEFAULT gen_random_uuid() PRIMARY KEY);
    CREATE TABLE n4 (id integer PRIMARY KEY);
    CREATE TABLE n5 (id bigint PRIMARY KEY, number serial)', 'key-32-bit');
SELECT * FROM lint('CREATE TABLE n1 (id serial PRIMARY KEY); CREATE TABLE n2 (id bigserial PRIMARY KEY)', 'key-32-bit', 'text');
-- Of a table that is there, when its sequence has got far.
CREATE TABLE lint_little (id serial PRIMARY KEY);
CREATE TABLE lint_half (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE TABLE lint_full (id serial PRIMARY KEY);
SELECT setval('lint_half_id_seq', 1200000000), setval('lint_full_id_seq', 2000000000);
SELECT * FROM lint('ALTER TABLE lint_little ADD COLUMN a integer;
    ALTER TABLE lint_half ADD COLUMN a integer;
    ALTER TABLE lint_full ADD COLUMN a integer;
    ALTER TABLE lint_old ADD COLUMN more integer', 'key-32-bit');
SELECT * FROM lint('ALTER TABLE lint_full ALTER id TYPE bigint', 'key-32-bit');

-- Types, in new tables and columns, and where a type is changed.
CREATE FUNCTION lint_types(sql text, rules text DEFAULT 'all')
    RETURNS TABLE (no integer, severity text, rule text, object text, message text)
    LANGUAGE sql AS
$$ SELECT l.statement_no, l.severity, l.rule, l.object, l.message
     FROM migrate_lint_sql(sql, rules => rules) AS l WHERE l.rule LIKE 'type-%' $$;
SELECT * FROM lint_types('CREATE TABLE n (a serial, b bigserial, c char(3), d char, e timestamp, f timestamp(3) without time zone, g json, h json[]);
    ALTER TABLE lint_old ADD COLUMN c character(2);
    ALTER TABLE lint_old ALTER code TYPE json USING NULL');
SELECT * FROM lint_types('CREATE TABLE n (a integer, b bigint, c varchar(3), d "char", e timestamptz, f timestamp(3) with time zone, g jsonb, h text);
    CREATE TEMP TABLE t (c char(3), d timestamp);
    CREATE TABLE IF NOT EXISTS lint_old (c char(3));
    ALTER TABLE lint_old ADD COLUMN IF NOT EXISTS code char(3)');
SELECT * FROM lint_types('CREATE TABLE n (a serial, c char(3))', 'text');

-- Columns that are searched by, without an index by the end of the text.
SELECT * FROM lint('CREATE TABLE n (id bigint PRIMARY KEY, status text);
ALTER TABLE lint_old
    ADD COLUMN is_active boolean,
    ADD COLUMN visit_type text,
    ADD COLUMN type text', 'lookup-column-without-index');
SELECT * FROM lint('CREATE TABLE n (id bigint PRIMARY KEY, status text, is_active boolean, type text UNIQUE, order_status text, content_type text, prototype text);
    CREATE INDEX ON n (id, status) WHERE is_active;
    ALTER TABLE lint_old ADD COLUMN status text;
    CREATE INDEX ON lint_old (lower(status));
    CREATE INDEX ON n (order_status);
    ALTER TABLE lint_old ADD COLUMN type text;
    ALTER TABLE lint_old DROP COLUMN type;
    CREATE TEMP TABLE t (status text)', 'lookup-column-without-index');
SELECT * FROM lint('ALTER TABLE t ADD COLUMN status text; ALTER TABLE t ADD COLUMN type text; CREATE INDEX ON t (type)', 'lookup-column-without-index', 'text');

-- In a plan it is said of the migration that does it, at its own line: not of
-- the one before, which makes the table, nor of the one behind.
BEGIN;
SELECT outcome FROM migrate_register('20250101000000-design-one', 'CREATE TABLE lint_planned (id bigint PRIMARY KEY, a bigint)');
SELECT outcome FROM migrate_register('20250101000001-design-two', 'SELECT 1;
ALTER TABLE lint_planned
    ADD COLUMN status text,
    ADD FOREIGN KEY (a) REFERENCES lint_planned;
CREATE INDEX lint_planned_id ON lint_planned (id)');
SELECT outcome FROM migrate_register('20250101000002-design-three', 'ALTER TABLE lint_planned ADD COLUMN b text');
SELECT l.migration, l.statement_no, l.line, l.rule, l.object FROM migrate_lint() AS l
 WHERE l.migration LIKE '%-design-%'
   AND l.rule IN ('foreign-key-without-index', 'lookup-column-without-index', 'index-redundant', 'index-not-concurrent',
                  'foreign-key-not-valid-first');
ROLLBACK;

DROP FUNCTION lint(text, text, text), lint_types(text, text);
DROP TABLE lint_target, lint_old, lint_little, lint_half, lint_full;
