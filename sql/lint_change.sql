-- Rules about what breaks those who use the schema as it was.
SET client_min_messages = warning;
CREATE TYPE change_mood AS ENUM ('sad', 'happy');
CREATE TABLE change_visit (id integer PRIMARY KEY, name text NOT NULL, mood change_mood, note text,
    CONSTRAINT name_given CHECK (name IS NOT NULL), CONSTRAINT note_short CHECK (length(note) < 100));
CREATE TABLE change_child (visit integer REFERENCES change_visit);
CREATE VIEW change_view AS SELECT id, name FROM change_visit;
CREATE VIEW change_view_of_view AS SELECT id FROM change_view;
CREATE FUNCTION change_add(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql RETURN a + b;

CREATE FUNCTION lint(sql text, rules text DEFAULT 'all')
    RETURNS TABLE (no integer, severity text, rule text, object text, message text)
    LANGUAGE sql AS
$$ SELECT l.statement_no, l.severity, l.rule, l.object, l.message
     FROM migrate_lint_sql(sql, rules => rules) AS l
    WHERE l.rule IN ('drop-not-null', 'drop-constraint', 'rename-table', 'rename-column', 'rename-schema',
                     'rename-enum-value', 'enum-value-used-at-once', 'replace-refused', 'drop-needed')
    ORDER BY l.statement_no, l.rule, l.message $$;

-- DROP NOT NULL of what is; not of what is not, nor in a new table or column.
SELECT * FROM lint('ALTER TABLE change_visit ALTER COLUMN name DROP NOT NULL;
    ALTER TABLE change_absent ALTER COLUMN name DROP NOT NULL');
SELECT * FROM lint('ALTER TABLE change_visit ALTER COLUMN note DROP NOT NULL;
    CREATE TABLE change_new (id integer NOT NULL); ALTER TABLE change_new ALTER COLUMN id DROP NOT NULL;
    ALTER TABLE change_visit ADD COLUMN c integer; ALTER TABLE change_visit ALTER COLUMN c DROP NOT NULL');
SELECT * FROM lint('ALTER TABLE change_visit ALTER COLUMN note DROP NOT NULL', rules => 'text');
CREATE DOMAIN change_code AS text NOT NULL;
SELECT * FROM lint('ALTER DOMAIN change_code DROP NOT NULL');
SELECT * FROM lint('ALTER DOMAIN change_code SET DEFAULT ''x''; ALTER DOMAIN change_code SET NOT NULL');

-- DROP CONSTRAINT: what it was for, and what needs it.
SELECT * FROM lint('ALTER TABLE change_visit DROP CONSTRAINT change_visit_pkey;
    ALTER TABLE change_visit DROP CONSTRAINT note_short;
    ALTER TABLE change_absent DROP CONSTRAINT note_short');
-- What SET NOT NULL has left; what is not there; what the text made; and a replacement.
SELECT * FROM lint('ALTER TABLE change_visit DROP CONSTRAINT name_given;
    ALTER TABLE change_visit DROP CONSTRAINT IF EXISTS missing;
    ALTER TABLE change_visit ADD CONSTRAINT fresh CHECK (id > 0) NOT VALID;
    ALTER TABLE change_visit DROP CONSTRAINT fresh');
SELECT * FROM lint('ALTER TABLE change_visit DROP CONSTRAINT note_short,
    ADD CONSTRAINT note_short CHECK (length(note) < 200)');
-- Later in the text: by its name, by its columns; what it is on goes, too.
SELECT * FROM lint('ALTER TABLE change_visit DROP CONSTRAINT note_short;
    ALTER TABLE change_visit ADD CONSTRAINT note_short CHECK (length(note) < 200) NOT VALID');
SELECT * FROM lint('ALTER TABLE change_child DROP CONSTRAINT change_child_visit_fkey;
    ALTER TABLE change_child ADD CONSTRAINT other FOREIGN KEY (visit) REFERENCES change_visit ON DELETE CASCADE');
CREATE TABLE change_pair (id integer, a integer, b integer, UNIQUE (a, b));
SELECT * FROM lint('ALTER TABLE change_pair DROP CONSTRAINT change_pair_a_b_key, ADD PRIMARY KEY (b, a)');
SELECT * FROM lint('ALTER TABLE change_pair DROP CONSTRAINT change_pair_a_b_key, ADD PRIMARY KEY (id, a)');
DROP TABLE change_pair;
SELECT * FROM lint('ALTER TABLE change_child DROP CONSTRAINT change_child_visit_fkey; ALTER TABLE change_child DROP COLUMN visit')
 WHERE rule = 'drop-constraint';
SELECT * FROM lint('ALTER TABLE change_child DROP CONSTRAINT change_child_visit_fkey; DROP TABLE change_child')
 WHERE rule = 'drop-constraint';
SELECT * FROM lint('ALTER TABLE change_child DROP CONSTRAINT change_child_visit_fkey; DROP TABLE change_visit')
 WHERE rule = 'drop-constraint';

-- RENAME of what others use, with what follows.
SELECT * FROM lint('ALTER TABLE change_visit RENAME COLUMN name TO full_name;
    ALTER TABLE change_visit RENAME COLUMN note TO remark;
    ALTER TABLE change_visit RENAME TO change_encounter;
    ALTER VIEW change_view RENAME TO change_names');
SELECT * FROM lint('ALTER TABLE change_visit RENAME TO v; ALTER TABLE change_visit RENAME COLUMN a TO b', rules => 'text');
-- Of what is new, or not there; and names that nobody writes.
SELECT * FROM lint('CREATE TABLE change_new (id integer); ALTER TABLE change_new RENAME TO change_newer;
    ALTER TABLE change_newer RENAME COLUMN id TO no;
    ALTER TABLE change_visit ADD COLUMN c integer; ALTER TABLE change_visit RENAME COLUMN c TO d;
    ALTER TABLE IF EXISTS change_absent RENAME TO x;
    ALTER INDEX change_visit_pkey RENAME TO change_key;
    ALTER TABLE change_visit RENAME CONSTRAINT note_short TO note_length');
-- A rename and a new table under the old name: the second is new.
SELECT no, rule, object FROM lint('ALTER TABLE change_visit RENAME TO change_old;
    CREATE TABLE change_visit (id integer);
    ALTER TABLE change_visit RENAME COLUMN id TO no');

-- Schemas and the values of enums.
CREATE SCHEMA change_schema;
SELECT * FROM lint('ALTER SCHEMA change_schema RENAME TO change_other;
    ALTER TYPE change_mood RENAME VALUE ''sad'' TO ''low''');
SELECT * FROM lint('CREATE SCHEMA change_new; ALTER SCHEMA change_new RENAME TO change_newer;
    CREATE TYPE change_state AS ENUM (''a''); ALTER TYPE change_state RENAME VALUE ''a'' TO ''b'';
    ALTER TYPE change_mood ADD VALUE ''calm''; ALTER TYPE change_mood RENAME VALUE ''calm'' TO ''quiet''');

-- A value that is used by the transaction that adds it: as constant, default, cast.
SELECT * FROM lint('ALTER TYPE change_mood ADD VALUE ''calm'';
    UPDATE change_visit SET mood = ''calm'' WHERE id = 1;
    INSERT INTO change_visit (id, mood) VALUES (1, ''calm'');
    SELECT ''calm''::change_mood;
    ALTER TABLE change_visit ALTER COLUMN mood SET DEFAULT ''calm'';
    ALTER TABLE change_visit ADD COLUMN other change_mood DEFAULT ''calm'';
    CREATE TABLE change_new (mood change_mood DEFAULT ''calm'');
    CREATE VIEW change_calm AS SELECT * FROM change_visit WHERE mood = ''calm''');
-- Another value, another type, another column; and in a transaction of its own.
SELECT * FROM lint('ALTER TYPE change_mood ADD VALUE ''calm'';
    UPDATE change_visit SET mood = ''sad'' WHERE id = 1;
    SELECT ''calm''::text FROM change_visit;
    UPDATE change_child SET visit = 1 WHERE ''calm'' = ''calm'';
    ALTER TABLE change_visit ADD COLUMN other text DEFAULT ''calm''');
SELECT * FROM lint('ALTER TYPE change_mood ADD VALUE ''calm'';
    CREATE INDEX CONCURRENTLY change_mood_idx ON change_visit (mood);
    UPDATE change_visit SET mood = ''calm'' WHERE id = 1');
-- The server agrees.
BEGIN;
ALTER TYPE change_mood ADD VALUE 'calm';
UPDATE change_visit SET mood = 'calm' WHERE id = 1;
SELECT count(*) FROM change_visit WHERE mood = 'calm';
ROLLBACK;

-- OR REPLACE that the server will refuse: columns that go, change type or name.
SELECT * FROM lint('CREATE OR REPLACE VIEW change_view AS SELECT id FROM change_visit');
SELECT * FROM lint('CREATE OR REPLACE VIEW change_view AS SELECT id::bigint AS id, name FROM change_visit');
SELECT * FROM lint('CREATE OR REPLACE VIEW change_view (id, title) AS SELECT id, name FROM change_visit');
SELECT * FROM lint('CREATE OR REPLACE VIEW change_visit AS SELECT 1 AS id');
-- And that it will take: another query, a column more, a view that is new.
SELECT * FROM lint('CREATE OR REPLACE VIEW change_view AS SELECT id, upper(name) AS name, note FROM change_visit;
    CREATE OR REPLACE VIEW change_new AS SELECT id FROM change_visit;
    CREATE OR REPLACE VIEW change_new AS SELECT name FROM change_visit;
    CREATE OR REPLACE VIEW change_view AS SELECT * FROM change_absent');
-- Functions: result, names and defaults of arguments, kind.
SELECT * FROM lint('CREATE OR REPLACE FUNCTION change_add(a integer, b integer DEFAULT 1) RETURNS bigint LANGUAGE sql RETURN 1');
SELECT * FROM lint('CREATE OR REPLACE FUNCTION change_add(x integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql RETURN 1');
SELECT * FROM lint('CREATE OR REPLACE FUNCTION change_add(a integer, b integer) RETURNS integer LANGUAGE sql RETURN 1');
SELECT * FROM lint('CREATE OR REPLACE PROCEDURE change_add(a integer, b integer DEFAULT 1) LANGUAGE sql AS ''SELECT 1''');
SELECT * FROM lint('CREATE OR REPLACE FUNCTION change_add(a integer, b integer DEFAULT 2) RETURNS integer LANGUAGE sql RETURN a - b;
    CREATE OR REPLACE FUNCTION change_add(x text, b integer) RETURNS bigint LANGUAGE sql RETURN 1;
    CREATE OR REPLACE FUNCTION change_more(x text) RETURNS bigint LANGUAGE sql RETURN 1');
SELECT * FROM lint('CREATE OR REPLACE VIEW change_view AS SELECT id FROM change_visit;
    CREATE OR REPLACE FUNCTION change_add(x integer, b integer) RETURNS integer LANGUAGE sql RETURN 1', rules => 'text');
-- The server agrees.
CREATE OR REPLACE VIEW change_view AS SELECT id FROM change_visit;
CREATE OR REPLACE FUNCTION change_add(x integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql RETURN 1;

-- Dropping what others need; what nobody needs; what has gone or was made before.
SELECT * FROM lint('DROP VIEW change_view; DROP TYPE change_mood');
SELECT * FROM lint('DROP VIEW change_view_of_view; DROP VIEW change_view; DROP FUNCTION change_add(integer, integer);
    CREATE VIEW change_new AS SELECT 1 AS x; DROP VIEW change_new; DROP VIEW IF EXISTS change_absent');
SELECT * FROM lint('DROP VIEW change_view CASCADE');

-- OR REPLACE can make views that show each other; the linter comes to an end.
SELECT count(*) > 0 AS ended FROM migrate_lint_sql('CREATE VIEW a AS SELECT id FROM change_visit; CREATE VIEW b AS SELECT id FROM a;
    CREATE OR REPLACE VIEW a AS SELECT id FROM b; LOCK TABLE a; SELECT * FROM a');

DROP FUNCTION lint(text, text);
DROP SCHEMA change_schema;
DROP DOMAIN change_code;
DROP FUNCTION change_add(integer, integer);
DROP TABLE change_visit, change_child CASCADE;
DROP TYPE change_mood;
