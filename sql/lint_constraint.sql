-- Rules about constraints: what fires, what looks alike and does not, and
-- what the catalogs make of the same text.
SET client_min_messages = warning;
CREATE TABLE lint_target (id integer PRIMARY KEY, code text);
INSERT INTO lint_target SELECT i, 'x' || i FROM generate_series(1, 10) AS i;
CREATE TABLE lint_big_target AS SELECT i AS id FROM generate_series(1, 3000) AS i;
ALTER TABLE lint_big_target ADD PRIMARY KEY (id);
CREATE TABLE lint_empty (id integer, other integer, name text);
CREATE TABLE lint_small (id integer, other integer, name text);
INSERT INTO lint_small SELECT i, i, 'x' || i FROM generate_series(1, 10) AS i;
CREATE TABLE lint_large (id integer, other integer, name text, room int4range);
INSERT INTO lint_large SELECT i, nullif(i % 10, 0), 'x' || i FROM generate_series(1, 3000) AS i;
ANALYZE lint_target, lint_big_target, lint_small, lint_large;
SET hipaa_migrate.small_table = 100;
SET hipaa_migrate.large_table = 1000;
-- the machine the tests run on must not make a table busy
SET hipaa_migrate.busy_table = 2147483647;

CREATE FUNCTION lint(sql text, only_rule text, rules text DEFAULT 'all')
    RETURNS TABLE (no integer, severity text, object text, message text)
    LANGUAGE sql AS
$$ SELECT l.statement_no, l.severity, l.object, l.message
     FROM migrate_lint_sql(sql, rules => rules) AS l WHERE l.rule = only_rule $$;
CREATE FUNCTION safe_way(sql text, only_rule text) RETURNS SETOF text LANGUAGE sql AS
$$ SELECT l.safe_way FROM migrate_lint_sql(sql) AS l WHERE l.rule = only_rule $$;

-- ADD UNIQUE weighs by the table: empty, small, large, and not known; a new
-- table has no traffic, and USING INDEX is the safe way.
SELECT * FROM lint('ALTER TABLE lint_empty ADD UNIQUE (id);
    ALTER TABLE lint_small ADD CONSTRAINT u UNIQUE (id);
    ALTER TABLE lint_large ADD UNIQUE (id, name);
    ALTER TABLE lint_absent ADD UNIQUE (id);
    ALTER TABLE lint_small ADD COLUMN ssn text UNIQUE', 'unique-not-using-index');
SELECT * FROM lint('ALTER TABLE lint_small ADD CONSTRAINT u UNIQUE (id)', 'unique-not-using-index', 'text');
SELECT * FROM lint('CREATE TABLE n (a integer UNIQUE, b integer); ALTER TABLE n ADD UNIQUE (b);
    CREATE TEMP TABLE lint_temp (a integer); ALTER TABLE lint_temp ADD UNIQUE (a);
    ALTER TABLE IF EXISTS lint_absent ADD UNIQUE (id);
    ALTER TABLE lint_large ADD COLUMN IF NOT EXISTS id integer UNIQUE;
    CREATE UNIQUE INDEX CONCURRENTLY i ON lint_large (id);
    ALTER TABLE lint_large ADD CONSTRAINT u UNIQUE USING INDEX i', 'unique-not-using-index');
-- An index that is there already, or that the text has made, can be taken
-- over; one of some rows, or of an expression, cannot.
CREATE UNIQUE INDEX lint_large_id ON lint_large (id);
CREATE UNIQUE INDEX lint_large_some ON lint_large (name) WHERE id > 5;
SELECT safe_way('ALTER TABLE lint_large ADD CONSTRAINT u UNIQUE (id)', 'unique-not-using-index');
SELECT safe_way('ALTER TABLE lint_large ADD CONSTRAINT u UNIQUE (name)', 'unique-not-using-index');
-- Of a partitioned table there is no USING INDEX; ONLY builds nothing.
CREATE TABLE lint_parent (id integer NOT NULL, name text) PARTITION BY RANGE (id);
CREATE TABLE lint_child PARTITION OF lint_parent FOR VALUES FROM (0) TO (10000);
INSERT INTO lint_parent SELECT i, 'x' FROM generate_series(1, 500) AS i;
ANALYZE lint_parent;
SELECT safe_way('ALTER TABLE lint_parent ADD CONSTRAINT u UNIQUE (id)', 'unique-not-using-index');
SELECT safe_way('ALTER TABLE ONLY lint_parent ADD CONSTRAINT u UNIQUE (id)', 'unique-not-using-index');

-- ADD PRIMARY KEY: the same, and it says what is read for NULL.
SELECT * FROM lint('ALTER TABLE lint_empty ADD PRIMARY KEY (id);
    ALTER TABLE lint_small ADD PRIMARY KEY (id, other);
    ALTER TABLE lint_large ADD CONSTRAINT k PRIMARY KEY (id);
    ALTER TABLE lint_parent ADD PRIMARY KEY (id);
    ALTER TABLE lint_absent ADD PRIMARY KEY (id)', 'primary-key-not-using-index');
SELECT safe_way('ALTER TABLE lint_small ADD PRIMARY KEY (id);
    ALTER TABLE lint_big_target DROP CONSTRAINT lint_big_target_pkey;
    ALTER TABLE lint_big_target ADD PRIMARY KEY (id);
    ALTER TABLE lint_large ADD PRIMARY KEY (id)', 'primary-key-not-using-index');
SELECT * FROM lint('CREATE TABLE n (a integer); ALTER TABLE n ADD PRIMARY KEY (a);
    ALTER TABLE lint_large ADD PRIMARY KEY USING INDEX lint_large_id', 'primary-key-not-using-index');

-- PRIMARY KEY USING INDEX reads for NULL unless the column is NOT NULL, or a
-- valid CHECK proves it.
SELECT * FROM lint('ALTER TABLE lint_large ADD PRIMARY KEY USING INDEX lint_large_id', 'primary-key-index-nullable');
SELECT * FROM lint('CREATE UNIQUE INDEX CONCURRENTLY i ON lint_empty (id);
    ALTER TABLE lint_empty ADD PRIMARY KEY USING INDEX i;
    CREATE UNIQUE INDEX CONCURRENTLY j ON lint_small (id, other);
    ALTER TABLE lint_small ADD PRIMARY KEY USING INDEX j', 'primary-key-index-nullable');
SELECT * FROM lint('ALTER TABLE lint_large ALTER id SET NOT NULL;
    ALTER TABLE lint_large ADD PRIMARY KEY USING INDEX lint_large_id', 'primary-key-index-nullable');
SELECT * FROM lint('ALTER TABLE lint_large ADD CONSTRAINT c CHECK (id > 0 AND id IS NOT NULL) NOT VALID;
    ALTER TABLE lint_large ADD PRIMARY KEY USING INDEX lint_large_id', 'primary-key-index-nullable');
SELECT * FROM lint('ALTER TABLE lint_large ADD CONSTRAINT c CHECK (id > 0 AND id IS NOT NULL) NOT VALID;
    ALTER TABLE lint_large VALIDATE CONSTRAINT c;
    ALTER TABLE lint_large ADD PRIMARY KEY USING INDEX lint_large_id', 'primary-key-index-nullable');
-- The same of the catalogs; id > 0 is no proof, for NULL passes it. A dropped
-- column before it moves the numbers.
ALTER TABLE lint_large ADD COLUMN gone integer, ADD COLUMN last integer;
ALTER TABLE lint_large DROP COLUMN gone;
UPDATE lint_large SET last = id;
CREATE UNIQUE INDEX lint_large_last ON lint_large (last);
ALTER TABLE lint_large ADD CONSTRAINT lint_large_positive CHECK (last > 0);
SELECT * FROM lint('ALTER TABLE lint_large ADD PRIMARY KEY USING INDEX lint_large_last', 'primary-key-index-nullable');
ALTER TABLE lint_large ADD CONSTRAINT lint_large_there CHECK (last IS NOT NULL AND last <> 7777);
SELECT * FROM lint('ALTER TABLE lint_large ADD PRIMARY KEY USING INDEX lint_large_last', 'primary-key-index-nullable');
-- By the text alone nothing is known of the index, and this is the safe way.
SELECT * FROM lint('ALTER TABLE lint_large ADD PRIMARY KEY USING INDEX lint_large_id', 'primary-key-index-nullable', 'text');

-- ADD FOREIGN KEY holds both tables: the other's size counts when there is
-- something to check.
SELECT * FROM lint('ALTER TABLE lint_empty ADD FOREIGN KEY (other) REFERENCES lint_big_target;
    ALTER TABLE lint_small ADD FOREIGN KEY (other) REFERENCES lint_target;
    ALTER TABLE lint_large ADD CONSTRAINT f FOREIGN KEY (other) REFERENCES lint_target (id);
    ALTER TABLE lint_absent ADD FOREIGN KEY (other) REFERENCES lint_target', 'foreign-key-not-valid-first');
SELECT * FROM lint('ALTER TABLE lint_small ADD FOREIGN KEY (other) REFERENCES lint_target', 'foreign-key-not-valid-first', 'text');
SET hipaa_migrate.small_table = 5;
SELECT l.severity, l.object FROM migrate_lint_sql('ALTER TABLE lint_small ADD FOREIGN KEY (other) REFERENCES lint_target;
    ALTER TABLE lint_small ADD FOREIGN KEY (other) REFERENCES lint_big_target') AS l WHERE l.rule = 'foreign-key-not-valid-first';
SET hipaa_migrate.small_table = 100;
-- NOT VALID, new tables, and a new column that is NULL everywhere.
SELECT * FROM lint('ALTER TABLE lint_large ADD FOREIGN KEY (other) REFERENCES lint_target NOT VALID;
    CREATE TABLE n (a integer REFERENCES lint_target, b integer);
    ALTER TABLE n ADD FOREIGN KEY (b) REFERENCES lint_target;
    ALTER TABLE lint_large ADD COLUMN target_id integer REFERENCES lint_target', 'foreign-key-not-valid-first');
-- ALTER CONSTRAINT adds nothing.
SELECT * FROM lint('ALTER TABLE lint_large ALTER CONSTRAINT f DEFERRABLE', 'foreign-key-not-valid-first');
-- With a default it is not, and another command of the statement makes the server look at all.
SELECT * FROM lint('ALTER TABLE lint_large ADD COLUMN t1 integer DEFAULT 1 REFERENCES lint_target;
    ALTER TABLE lint_large ADD COLUMN t3 serial REFERENCES lint_target;
    ALTER TABLE lint_large ADD COLUMN t2 integer REFERENCES lint_target, ADD FOREIGN KEY (other) REFERENCES lint_target', 'foreign-key-not-valid-first');
SELECT safe_way('ALTER TABLE lint_parent ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES lint_target', 'foreign-key-not-valid-first');

-- ADD CHECK.
SELECT * FROM lint('ALTER TABLE lint_empty ADD CHECK (id > 0);
    ALTER TABLE lint_small ADD CONSTRAINT c CHECK (id > other);
    ALTER TABLE lint_large ADD CHECK (id > other);
    ALTER TABLE lint_large ADD COLUMN age integer CHECK (age > 0);
    ALTER TABLE lint_absent ADD CHECK (id > 0)', 'check-not-valid-first');
SELECT * FROM lint('ALTER TABLE lint_large ADD CHECK (id > 0) NOT VALID;
    CREATE TABLE n (a integer CHECK (a > 0)); ALTER TABLE n ADD CHECK (a < 9)', 'check-not-valid-first');
SELECT * FROM lint('ALTER TABLE lint_small ADD CONSTRAINT c CHECK (id > 0)', 'check-not-valid-first', 'text');
-- One that says the same is pointed out, but the server reads the table all the same.
SELECT * FROM lint('ALTER TABLE lint_large ADD CHECK (last  >  0); ALTER TABLE lint_large ADD CHECK (last > 1)', 'check-not-valid-first');

-- A new column's cannot be NOT VALID.
SELECT safe_way('ALTER TABLE lint_large ADD COLUMN age integer CHECK (age > 0)', 'check-not-valid-first');

-- EXCLUDE.
SELECT * FROM lint('ALTER TABLE lint_empty ADD EXCLUDE USING gist (id WITH =);
    ALTER TABLE lint_small ADD EXCLUDE (id WITH =);
    ALTER TABLE lint_large ADD CONSTRAINT x EXCLUDE USING gist (room WITH &&);
    ALTER TABLE lint_absent ADD EXCLUDE USING gist (room WITH &&)', 'exclude-constraint-locks');
SELECT * FROM lint('ALTER TABLE lint_large ADD EXCLUDE USING gist (room WITH &&)', 'exclude-constraint-locks', 'text');
SELECT * FROM lint('CREATE TABLE n (a int4range, EXCLUDE USING gist (a WITH &&));
    ALTER TABLE n ADD EXCLUDE USING gist (a WITH &&)', 'exclude-constraint-locks');

-- NOT VALID and VALIDATE in one transaction, or even one statement.
SELECT * FROM lint('ALTER TABLE lint_empty ADD CONSTRAINT c CHECK (id > 0) NOT VALID;
    ALTER TABLE lint_empty VALIDATE CONSTRAINT c;
    ALTER TABLE lint_small ADD CONSTRAINT c CHECK (id > 0) NOT VALID, VALIDATE CONSTRAINT c;
    ALTER TABLE lint_large ADD CONSTRAINT f FOREIGN KEY (other) REFERENCES lint_target NOT VALID;
    ALTER TABLE lint_large VALIDATE CONSTRAINT f;
    ALTER TABLE lint_absent ADD CONSTRAINT c CHECK (id > 0) NOT VALID;
    ALTER TABLE lint_absent VALIDATE CONSTRAINT c', 'validate-in-same-transaction');
-- Each statement in a transaction of its own; a constraint of before; a table of the text's.
SELECT * FROM lint('ALTER TABLE lint_large ADD CONSTRAINT f FOREIGN KEY (other) REFERENCES lint_target NOT VALID;
    ALTER TABLE lint_large VALIDATE CONSTRAINT f;
    CREATE INDEX CONCURRENTLY i ON lint_large (other)', 'validate-in-same-transaction');
ALTER TABLE lint_small ADD CONSTRAINT lint_small_later CHECK (id > 0) NOT VALID;
SELECT * FROM lint('ALTER TABLE lint_small VALIDATE CONSTRAINT lint_small_later;
    CREATE TABLE n (a integer); ALTER TABLE n ADD CONSTRAINT c CHECK (a > 0) NOT VALID;
    ALTER TABLE n VALIDATE CONSTRAINT c', 'validate-in-same-transaction');

-- Left not valid, at the line that adds it; not what was left so before, nor
-- what a new table has, which is valid at once.
SELECT l.statement_no, l.line, l.severity, l.object, l.message FROM migrate_lint_sql('SELECT 1;
ALTER TABLE lint_large
    ADD CONSTRAINT c1 CHECK (id > 0) NOT VALID,
    ADD CONSTRAINT c2 CHECK (id > 1) NOT VALID;
ALTER TABLE lint_absent ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES b NOT VALID;
ALTER TABLE lint_large VALIDATE CONSTRAINT c2') AS l WHERE l.rule = 'constraint-never-validated';
SELECT * FROM lint('ALTER TABLE lint_small ADD COLUMN more integer;
    CREATE TABLE n (a integer, CONSTRAINT c CHECK (a > 0) NOT VALID, FOREIGN KEY (a) REFERENCES lint_target NOT VALID);
    ALTER TABLE n ADD CONSTRAINT d CHECK (a < 9) NOT VALID;
    ALTER TABLE lint_small ADD CONSTRAINT gone CHECK (id > 0) NOT VALID;
    ALTER TABLE lint_small DROP CONSTRAINT gone', 'constraint-never-validated');

-- Keys that the rows break, as far as ANALYZE has seen.
ALTER TABLE lint_small DROP CONSTRAINT lint_small_later;
SELECT * FROM lint('ALTER TABLE lint_large ADD UNIQUE (other);
    ALTER TABLE lint_large ADD PRIMARY KEY (other)', 'unique-duplicates-likely');
SELECT * FROM lint('CREATE UNIQUE INDEX CONCURRENTLY i ON lint_large (other)', 'unique-duplicates-likely');
SELECT * FROM lint('ALTER TABLE lint_large ADD UNIQUE (name);
    ALTER TABLE lint_small ADD PRIMARY KEY (id);
    ALTER TABLE lint_empty ADD UNIQUE (other);
    ALTER TABLE lint_absent ADD UNIQUE (other);
    CREATE INDEX i ON lint_large (other);
    CREATE UNIQUE INDEX j ON lint_large (other) WHERE id < 10;
    ALTER TABLE lint_large ADD UNIQUE (other, id)', 'unique-duplicates-likely');
SELECT * FROM lint('ALTER TABLE lint_large ADD UNIQUE (other)', 'unique-duplicates-likely', 'text');
-- One value twice is enough; NULL is no duplicate, but no key either.
CREATE TABLE lint_twice AS SELECT i AS id, CASE WHEN i > 500 THEN i END AS half FROM generate_series(1, 1000) AS i;
INSERT INTO lint_twice (id) VALUES (1000);
ANALYZE lint_twice;
SELECT * FROM lint('ALTER TABLE lint_twice ADD UNIQUE (id);
    ALTER TABLE lint_twice ADD UNIQUE (half);
    ALTER TABLE lint_twice ADD PRIMARY KEY (half)', 'unique-duplicates-likely');
-- Who cleans up first is not told what was before.
SELECT * FROM lint('DELETE FROM lint_twice WHERE ctid > ''(0,1)''; ALTER TABLE lint_twice ADD UNIQUE (id)', 'unique-duplicates-likely');
SELECT * FROM lint('TRUNCATE lint_twice; ALTER TABLE lint_twice ADD UNIQUE (id)', 'unique-duplicates-likely');
-- Columns together: two have at most as many values as their product.
CREATE TABLE lint_pairs AS SELECT i % 5 AS a, i % 7 AS b, i % 50 AS c FROM generate_series(1, 1000) AS i;
ANALYZE lint_pairs;
SELECT * FROM lint('ALTER TABLE lint_pairs ADD UNIQUE (a, b);
    ALTER TABLE lint_pairs ADD UNIQUE (a, b, c)', 'unique-duplicates-likely');
-- Statistics of a table are shown to those who may read it.
CREATE ROLE lint_nobody;
GRANT USAGE ON SCHEMA public TO lint_nobody;
SET ROLE lint_nobody;
SELECT * FROM lint('ALTER TABLE public.lint_pairs ADD UNIQUE (a, b)', 'unique-duplicates-likely');
RESET ROLE;
REVOKE USAGE ON SCHEMA public FROM lint_nobody;
DROP ROLE lint_nobody;

DROP FUNCTION lint(text, text, text), safe_way(text, text);
DROP TABLE lint_empty, lint_small, lint_large, lint_target, lint_big_target, lint_parent, lint_twice, lint_pairs;
