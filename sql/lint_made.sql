-- What the plan itself makes keeps nobody waiting and breaks nobody, however
-- it came to be.  Cases that public projects have.

SET client_min_messages = warning;
CREATE FUNCTION lint(sql text, VARIADIC rules text[])
    RETURNS TABLE (no integer, severity text, rule text, object text, message text)
    LANGUAGE sql
    AS $$SELECT statement_no, severity, rule, object, message FROM migrate_lint_sql(sql) WHERE rule = ANY (rules)$$;

CREATE TABLE there (id bigint PRIMARY KEY, name varchar(10), icon varchar(10));
CREATE SEQUENCE lone;

-- The sequence of a numbered column is made with it, and known by its name.
SELECT * FROM lint('CREATE TABLE user_ (id serial PRIMARY KEY, no int GENERATED ALWAYS AS IDENTITY);
    ALTER SEQUENCE user__id_seq RENAME TO person_id_seq;
    ALTER SEQUENCE user__no_seq RENAME TO person_no_seq;
    ALTER TABLE there ADD COLUMN counted bigserial;
    ALTER SEQUENCE there_counted_seq RENAME TO counter', 'rename-table', 'two-tables-exclusive');

-- One that was there before is not; but programs rarely name one.
SELECT * FROM lint('ALTER SEQUENCE lone RENAME TO other', 'rename-table');

-- A function that the plan renamed is still of its making.
SELECT * FROM lint('CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN RETURN NEW; END'';
    ALTER FUNCTION f() RENAME TO g;
    DROP FUNCTION g CASCADE', 'drop-cascade');
SELECT * FROM lint('DROP FUNCTION g CASCADE', 'drop-cascade');

-- A view depends on the columns that it names, and not on columns of the
-- same name of other tables: by table, by query, by all that a query is from.
CREATE FUNCTION lint_view(query text) RETURNS SETOF text
    LANGUAGE sql
    AS $$SELECT message FROM lint('CREATE TABLE t (id int, name varchar(10)); CREATE TABLE u (id int, name text, t_id int); CREATE VIEW v AS '
        || query || '; ALTER TABLE t ALTER COLUMN name TYPE varchar(20)', 'column-type-dependents')$$;
SELECT lint_view('SELECT x.name FROM t AS x');
SELECT lint_view('SELECT t.* FROM t JOIN u ON true');
SELECT lint_view('SELECT * FROM u JOIN t USING (id)');
SELECT lint_view('SELECT id FROM t ORDER BY name');
SELECT lint_view('SELECT id, (SELECT max(id) FROM u WHERE t_id > length(other)) FROM t, (SELECT 1 AS other) AS o WHERE name IS NULL');
SELECT lint_view('SELECT u.* FROM t JOIN u ON t.id = t_id');
SELECT lint_view('SELECT t.id, u.name FROM t JOIN u ON t.id = t_id');
SELECT lint_view('SELECT id, (SELECT name FROM u WHERE t_id = t.id) FROM t');
SELECT lint_view('SELECT *, (SELECT count(*) FROM t) FROM u');

-- The default that needed the sequence has gone before it, or has another.
CREATE TABLE counted (id serial, no serial);
SELECT * FROM lint('ALTER TABLE counted ALTER id DROP DEFAULT, ALTER no SET DEFAULT 1; DROP SEQUENCE counted_id_seq, counted_no_seq', 'drop-needed');
SELECT * FROM lint('DROP SEQUENCE counted_id_seq', 'drop-needed');

-- A trigger that the plan drops first needs its function no more.
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touch BEFORE INSERT ON there FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER touch_too BEFORE INSERT ON there FOR EACH ROW EXECUTE FUNCTION touch();
SELECT * FROM lint('DROP TRIGGER touch ON there; DROP FUNCTION touch', 'drop-needed');
SELECT * FROM lint('DROP TRIGGER touch ON there; DROP TRIGGER touch_too ON public.there; DROP FUNCTION touch', 'drop-needed');

-- A function that the plan drops first is not replaced.
SELECT * FROM lint('DROP FUNCTION touch() CASCADE; CREATE OR REPLACE FUNCTION touch() RETURNS integer LANGUAGE sql AS ''SELECT 1''', 'replace-refused');
SELECT * FROM lint('CREATE OR REPLACE FUNCTION touch() RETURNS integer LANGUAGE sql AS ''SELECT 1''', 'replace-refused');

-- CASCADE is told once of a statement, without what that names itself; nor is
-- that what DROP is refused for.
CREATE VIEW there_view AS SELECT id FROM there;
CREATE VIEW there_view_too AS SELECT id FROM there_view;
CREATE VIEW other_view AS SELECT name FROM there;
CREATE TABLE child (id bigint REFERENCES there);
SELECT * FROM lint('DROP VIEW there_view, other_view CASCADE', 'drop-cascade');
SELECT * FROM lint('DROP VIEW there_view, there_view_too CASCADE', 'drop-cascade');
SELECT * FROM lint('DROP VIEW there_view, there_view_too', 'drop-needed');
SELECT * FROM lint('DROP VIEW there_view', 'drop-needed');
SELECT * FROM lint('DROP VIEW there_view, there_view_too, other_view; DROP TABLE there, child', 'drop-table');

-- An UPDATE with a join changes each row once.
CREATE TABLE many AS SELECT i AS id, 0 AS n FROM generate_series(1, 400) AS i;
ANALYZE many;
SET hipaa_migrate.large_change = 1000;
SELECT * FROM lint('UPDATE many SET n = 1 FROM many AS other WHERE other.n = many.n', 'large-change');
SET hipaa_migrate.large_change = 300;
SELECT * FROM lint('UPDATE many SET n = 1 FROM many AS other WHERE other.n = many.n', 'large-change');
RESET hipaa_migrate.large_change;

DROP FUNCTION lint(text, text[]), lint_view(text);
DROP TABLE there, counted, child, many CASCADE;
DROP FUNCTION touch;
DROP SEQUENCE lone;
