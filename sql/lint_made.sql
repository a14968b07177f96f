-- What the plan itself makes keeps nobody waiting and breaks nobody, however
-- it came to be.  Cases that public projects have.

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

-- One that was there before is not.
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

DROP FUNCTION lint(text, text[]), lint_view(text);
DROP TABLE there, counted;
DROP SEQUENCE lone;
