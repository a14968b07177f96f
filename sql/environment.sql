--
-- environment: a migration means the same whoever runs it, in whatever
-- session, after whatever other migration; and leaves the session as it was.
--
-- In a database of its own, so that the registry begins empty.
--
\set home :DBNAME
\set owner :USER
CREATE DATABASE regression_environment TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regression_environment
\encoding UTF8
CREATE EXTENSION hipaa_migrate;

-- Progress lines tell the time.
SET client_min_messages = warning;

-- register() numbers migrations in the order in which they are registered.
CREATE SCHEMA test;
CREATE SEQUENCE test.number;
CREATE PROCEDURE test.register(title text, up text, down text DEFAULT NULL,
                               run_as name DEFAULT NULL, settings jsonb DEFAULT NULL)
LANGUAGE sql
AS $$
    SELECT public.migrate_register(
        format('%s-%s', 20250101000000 + nextval('test.number'), title),
        up, down, run_as => run_as, settings => settings)
$$;

-- The settings that concern us, and who one is.
CREATE VIEW test.setting AS
    SELECT name, setting FROM pg_settings
    WHERE name NOT IN ('in_hot_standby', 'transaction_read_only')
    UNION ALL
    SELECT 'current_user', current_user
    UNION ALL
    SELECT 'session_user', session_user;
CREATE TABLE test.before AS SELECT * FROM test.setting;
CREATE PROCEDURE test.remember()
LANGUAGE sql
AS $$
    DELETE FROM test.before;
    INSERT INTO test.before SELECT * FROM test.setting;
$$;
CREATE VIEW test.changed AS
    SELECT name, b.setting AS before, s.setting AS now
    FROM test.before AS b FULL JOIN test.setting AS s USING (name)
    WHERE b.setting IS DISTINCT FROM s.setting;

--
-- From the session into the migration: nothing
--
CALL test.register('see', $migration$
CREATE TABLE seen AS SELECT name, setting FROM pg_settings;
CREATE TABLE calm (d text, i text, e text, ts text, b text, f text, n text);
INSERT INTO calm VALUES (date '02/03/2025', interval '1 day 2 hours', 'a\nb',
    timestamptz '2025-01-01 12:00', '\x00ff'::bytea, 1::float8 / 3,
    NULL = NULL);
CREATE FUNCTION answer() RETURNS integer LANGUAGE plpgsql AS $$BEGIN RETURN 42; END$$;
$migration$);

CREATE SCHEMA evil;
CREATE TABLE evil.calm (d text, i text, e text, ts text, b text, f text, n text);
CREATE ROLE regress_environment_other;
GRANT CREATE ON SCHEMA public TO regress_environment_other;

SET search_path = evil, pg_temp, public;
SET DateStyle = 'German, DMY';
SET TimeZone = 'Asia/Tokyo';
SET IntervalStyle = sql_standard;
SET bytea_output = escape;
SET extra_float_digits = -15;
SET transform_null_equals = on;
SET standard_conforming_strings = off;
SET backslash_quote = on;
SET array_nulls = off;
SET quote_all_identifiers = on;
SET session_replication_role = replica;
SET check_function_bodies = off;
SET default_tablespace = pg_global;
SET default_text_search_config = simple;
SET row_security = off;
SET xmloption = document;
SET lock_timeout = '1h';
SET statement_timeout = '1h';
SELECT count(set_config(name, '1h', false)) <= 1 AS ok
FROM pg_settings WHERE name = 'transaction_timeout';
CALL test.remember();
SELECT migration, outcome FROM public.migrate_up();

-- The session has kept all of them, and its table is empty.
SELECT * FROM test.changed;
SELECT * FROM evil.calm;

-- In the migration they had these values.
RESET ALL;
SET client_min_messages = warning;
\pset format unaligned
SELECT name, setting FROM seen
WHERE name IN ('search_path', 'DateStyle', 'TimeZone', 'IntervalStyle',
    'bytea_output', 'extra_float_digits', 'transform_null_equals',
    'standard_conforming_strings', 'backslash_quote', 'array_nulls',
    'quote_all_identifiers', 'session_replication_role',
    'check_function_bodies', 'default_tablespace',
    'default_text_search_config', 'row_security', 'xmloption', 'lock_timeout',
    'statement_timeout', 'client_encoding')
    OR (name = 'transaction_timeout' AND setting <> '0')
ORDER BY name COLLATE "C";
SELECT * FROM calm;
\pset format aligned

-- Those of the registry come on top, when they are known and fit.
SET hipaa_migrate.search_path = 'evil';
CALL test.register('stored', 'CREATE TABLE stored AS SELECT current_setting(''TimeZone'') AS zone',
    settings => '{"TimeZone": "Europe/Vienna", "work_mem": "5MB"}');
RESET hipaa_migrate.search_path;
CALL test.register('stored-too', 'CREATE TABLE stored AS SELECT current_setting(''search_path'') AS path',
    settings => '{"search_path": "test, public"}');
SELECT migration FROM migrate_up();
SELECT * FROM evil.stored;
SELECT * FROM test.stored;
CALL test.register('wrong', 'SELECT 1', settings => '{"no_such_setting": "1"}');
CALL test.register('wrong', 'SELECT 1', settings => '{"work_mem": "a lot"}');

--
-- From the migration into the next, and into the session: nothing
--
CALL test.register('set', $$
SET search_path = evil;
SET LOCAL DateStyle = 'German';
SET TIME ZONE 'Asia/Tokyo';
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE;
SET CONSTRAINTS ALL DEFERRED;
SET client_min_messages = error;
SET client_encoding = 'LATIN1';
SET standard_conforming_strings = off;
SET constraint_exclusion = off;
SET statement_timeout = '59min';
SET lock_timeout = '59min';
SELECT set_config('check_function_bodies', 'off', false);
SELECT set_config('app.tenant', 'clinic 1', false);
SET ROLE regress_environment_other;
SELECT set_config('search_path', '', false);
CREATE TABLE public.owned ();
$$);
CALL test.register('authorization', $$
SET SESSION AUTHORIZATION regress_environment_other;
CREATE TABLE public.owned_too ();
$$);
CALL test.register('read-only', 'SET TRANSACTION READ ONLY');
CALL test.register('next', $$
CREATE TABLE next AS SELECT * FROM pg_settings
EXCEPT SELECT * FROM pg_settings WHERE name = 'transaction_read_only';
INSERT INTO next (name, setting) VALUES
    ('current_user', current_user), ('session_user', session_user),
    ('app.tenant', COALESCE(current_setting('app.tenant', true), ''));
$$);
CALL test.remember();
SELECT migration, outcome FROM migrate_up();
SELECT * FROM test.changed;
SELECT relname, pg_get_userbyid(relowner) AS owner FROM pg_class
WHERE relname LIKE 'owned%' ORDER BY relname;

-- The next saw what the first of all saw, and was the caller again.
SELECT n.name, s.setting AS first, n.setting AS next
FROM seen AS s JOIN next AS n USING (name)
WHERE s.setting <> n.setting AND name <> 'default_text_search_config';
SELECT name, setting = :'owner' AS is_owner FROM next
WHERE name IN ('current_user', 'session_user') ORDER BY name;
SELECT setting FROM next WHERE name = 'app.tenant';

-- The same after an error, in a plain session,
CALL test.register('fail', $$
SET search_path = evil;
SET DateStyle = 'German';
SET SESSION AUTHORIZATION regress_environment_other;
SELECT 1 / 0;
$$);
SELECT migration FROM migrate_up();
SELECT * FROM test.changed;

-- after one that was caught,
DO $$
BEGIN
    PERFORM migrate_up();
EXCEPTION WHEN division_by_zero THEN
    RAISE WARNING 'caught as %, with search_path %',
        CASE current_user WHEN session_user THEN 'the session''s user' ELSE current_user END,
        current_setting('search_path');
END
$$;
SELECT * FROM test.changed;

-- after one that a savepoint has undone,
BEGIN;
SAVEPOINT before;
SELECT migration FROM migrate_up();
ROLLBACK TO before;
SELECT * FROM test.changed;
COMMIT;

-- and after a deployment.
CALL migrate_deploy();
SELECT * FROM test.changed;
SELECT count(migrate_unregister(migration, 'test')) FROM migrate_status(state => 'pending');

--
-- Temporary tables of the session
--
-- Where the permanent one is absent, none takes its place.
CREATE TEMPORARY TABLE students (id serial PRIMARY KEY, name text UNIQUE);
CREATE INDEX students_name_idx ON students (name);
CREATE TEMPORARY VIEW everybody AS SELECT * FROM students;
INSERT INTO students (name) VALUES ('Ada');
CREATE TEMPORARY TABLE fleeting (id integer) ON COMMIT DELETE ROWS;

CALL test.register('absent', $migration$
ALTER TABLE IF EXISTS students ADD COLUMN grade integer;
ALTER TABLE IF EXISTS students RENAME TO pupils;
ALTER INDEX IF EXISTS students_name_idx RENAME TO pupils_name_idx;
ALTER SEQUENCE IF EXISTS students_id_seq RESTART 1000;
DROP VIEW IF EXISTS everybody;
DROP INDEX IF EXISTS students_name_idx;
DROP TABLE IF EXISTS students CASCADE;
DO $$ BEGIN EXECUTE 'DROP TABLE IF EXISTS students CASCADE'; END $$;
$migration$);
SELECT migration, outcome, statements FROM migrate_up();
SELECT *, nextval('students_id_seq') FROM everybody;
SELECT attname FROM pg_attribute
WHERE attrelid = 'pg_temp.students'::regclass AND attnum > 0;

-- Each of these is an error, as in any other session.
CREATE PROCEDURE test.try(up text)
LANGUAGE plpgsql
AS $$
BEGIN
    CALL test.register('try', up);
    PERFORM migrate_up();
    RAISE EXCEPTION 'it has run';
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING '%', SQLERRM;
END
$$;
CALL test.try('INSERT INTO students (name) VALUES (''Eve'')');
CALL test.try('ALTER TABLE students ADD COLUMN grade integer');
CALL test.try('TRUNCATE students');
CALL test.try('CREATE VIEW names AS SELECT name FROM students');
CALL test.try('CREATE INDEX ON students (name)');
CALL test.try('COMMENT ON TABLE students IS ''mine''');
CALL test.try('CREATE TABLE copy (LIKE students)');
CALL test.try('DO $$ BEGIN UPDATE students SET name = NULL; END $$');
CALL test.try('CREATE FUNCTION f(students) RETURNS integer RETURN 1');
SELECT * FROM students;

-- A permanent one is made, and used, in spite of the temporary one.
CALL test.register('permanent', $$
CREATE TABLE students (id integer PRIMARY KEY);
CREATE INDEX students_name_idx ON students (id);
INSERT INTO students VALUES (1), (2);
CREATE VIEW everybody AS SELECT * FROM students;
$$);
SELECT migration FROM migrate_up();
SELECT * FROM students;
SELECT * FROM public.everybody;

-- A migration has its own temporary tables, of the same name even, and they
-- are gone before the next, whatever it made, on whatever it depends.
CALL test.register('temporary', $migration$
CREATE TEMPORARY TABLE students (id integer);
CREATE TEMPORARY TABLE work (id serial PRIMARY KEY, o owned);
CREATE TEMPORARY SEQUENCE counter;
CREATE TYPE pg_temp.mood AS ENUM ('calm');
CREATE FUNCTION pg_temp.helper() RETURNS integer RETURN 1;
INSERT INTO pg_temp.students VALUES (pg_temp.helper());
INSERT INTO work DEFAULT VALUES;
CREATE TABLE result AS SELECT s.id FROM pg_temp.students AS s JOIN work USING (id);
$migration$);
CALL test.register('temporary-again', $migration$
CREATE TEMPORARY TABLE work (id serial PRIMARY KEY);
CREATE FUNCTION pg_temp.helper() RETURNS integer RETURN 2;
CREATE TABLE result_too AS SELECT pg_temp.helper() AS id FROM work;
$migration$);
SELECT migration FROM migrate_up();
SELECT * FROM result;
SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() ORDER BY relname;
SELECT proname FROM pg_proc WHERE pronamespace = pg_my_temp_schema();
SELECT * FROM students;

-- An error leaves them alone, and so does each step of a deployment.
CALL test.register('fail', 'DROP TABLE IF EXISTS fleeting; SELECT 1 / 0');
SELECT migration FROM migrate_up();
CALL migrate_deploy();
SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() ORDER BY relname;
SELECT count(migrate_unregister(migration, 'test')) FROM migrate_status(state => 'pending');

-- A session that had none has none afterwards.
\c
SET client_min_messages = warning;
CALL test.register('first-temporary', 'CREATE TEMPORARY TABLE work (id integer) ON COMMIT DROP');
SELECT migration FROM migrate_up();
SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema();

--
-- Cursors and prepared statements
--
CREATE TABLE test.number_list AS SELECT n FROM generate_series(1, 5) AS n;
CALL test.register('cursors', $$
DECLARE mine CURSOR WITH HOLD FOR SELECT 1;
DECLARE also_mine CURSOR FOR SELECT 1;
PREPARE plan AS SELECT 1;
EXECUTE plan;
FETCH mine;
$$);
CALL test.register('cursors-again', $$
DECLARE mine CURSOR WITH HOLD FOR SELECT 1;
PREPARE plan AS SELECT 2;
$$);
PREPARE kept AS SELECT 'kept' AS answer;
BEGIN;
DECLARE held CURSOR WITH HOLD FOR SELECT n FROM test.number_list ORDER BY n;
DECLARE plain CURSOR FOR SELECT n FROM test.number_list ORDER BY n;
FETCH plain;
SELECT migration FROM migrate_up();
FETCH plain;
SELECT name FROM pg_cursors ORDER BY name;
SELECT name FROM pg_prepared_statements ORDER BY name;
COMMIT;
FETCH held;
EXECUTE kept;

-- In the statement that runs them, too.
CALL test.register('cursors-once-more', $$DECLARE mine CURSOR WITH HOLD FOR SELECT 1$$);
BEGIN\; DECLARE same CURSOR WITH HOLD FOR SELECT n FROM test.number_list ORDER BY n\;
SELECT migration FROM migrate_up()\; COMMIT;
SELECT name FROM pg_cursors ORDER BY name;
CLOSE ALL;

--
-- run_as
--
CREATE ROLE regress_environment_owner;
CREATE ROLE regress_environment_member LOGIN IN ROLE regress_environment_owner;
CREATE ROLE regress_environment_stranger LOGIN;
CREATE SCHEMA clinic AUTHORIZATION regress_environment_owner;
SELECT migrate_grant('operator', 'regress_environment_member');
SELECT migrate_grant('operator', 'regress_environment_stranger');
CALL test.register('run-as', $$
CREATE TABLE clinic.visit (id integer);
CREATE TABLE clinic.who AS SELECT current_user AS who;
$$, 'DROP TABLE clinic.visit, clinic.who', run_as => 'regress_environment_owner');

-- Whoever is no member is refused, before anything is done.
\c - regress_environment_stranger
SET client_min_messages = warning;
SELECT migration FROM migrate_up();
CALL migrate_deploy();

-- A member is not; what it makes is the role's.
\c - regress_environment_member
SET client_min_messages = warning;
SELECT migration, outcome FROM migrate_up();
SELECT current_user, session_user;
\c - :owner
SET client_min_messages = warning;
SELECT relname, pg_get_userbyid(relowner) FROM pg_class
WHERE relnamespace = 'clinic'::regnamespace ORDER BY relname;
SELECT who FROM clinic.who;
SELECT migration, direction, outcome, sqlstate, message FROM migrate_history(max_rows => 3);
SELECT migration, outcome FROM migrate_down();

-- Without run_as it has what its caller may do, and says so where that is little.
SELECT outcome FROM migrate_register('20250101999999-as-caller', 'CREATE TABLE clinic.visit (id integer)', 'DROP TABLE clinic.visit');
\c - regress_environment_stranger
SET client_min_messages = warning;
SELECT migration FROM migrate_up('20250101999999-as-caller');
\c - :owner
SET client_min_messages = warning;
SELECT migrate_unregister('20250101999999-as-caller', 'seen');

-- A superuser's session lends it nothing, and there is no way out.
CALL test.try('SELECT 1');
CREATE PROCEDURE test.try_as(up text)
LANGUAGE plpgsql
AS $$
BEGIN
    CALL test.register('try', up, run_as => 'regress_environment_owner');
    PERFORM migrate_up();
    RAISE EXCEPTION 'it has run';
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING '%', SQLERRM;
END
$$;
CALL test.try_as('CREATE TABLE test.mine ()');
CALL test.try_as('RESET ROLE; CREATE TABLE test.mine ()');
CALL test.try_as('SET ROLE NONE');
CALL test.try_as('SELECT set_config(''role'', ''none'', false)');
CALL test.try_as('SET SESSION AUTHORIZATION DEFAULT');
CALL test.try_as('RESET SESSION AUTHORIZATION');
CALL test.try_as('DO $$ BEGIN EXECUTE ''RESET ROLE''; END $$');
CALL test.try_as('DO $$ BEGIN EXECUTE ''SET '' || lower(''SESSION_REPLICATION_ROLE'') || '' = replica''; END $$');
CALL test.try_as('DO $$ BEGIN EXECUTE ''UPDATE hipaa'' || lower(''_MIGRATE'') || ''.migration SET state = ''''applied''''''; END $$');

-- In the worker, too.
CALL test.register('run-as-concurrently', $$
CREATE INDEX CONCURRENTLY visit_idx ON clinic.visit (id);
CREATE TABLE clinic.who_else AS SELECT current_user AS who;
RESET ROLE;
$$, run_as => 'regress_environment_owner');
CALL migrate_deploy();
SELECT relname, pg_get_userbyid(relowner) FROM pg_class
WHERE relnamespace = 'clinic'::regnamespace ORDER BY relname;
SELECT who FROM clinic.who_else;
SELECT count(migrate_unregister(migration, 'test')) FROM migrate_status(state => 'pending');

-- A role that is not there.
CALL test.register('no-role', 'SELECT 1', run_as => 'regress_environment_nobody');
SELECT migration FROM migrate_up();
SELECT count(migrate_unregister(migration, 'test')) FROM migrate_status(state => 'pending');

--
-- Deferred constraints
--
-- They are checked at the end of each migration, so that the next can alter
-- the table, and are deferred again for it.  One shares its name with another
-- that cannot be deferred.
CALL test.register('deferred', $$
CREATE TABLE parent (id integer PRIMARY KEY);
CREATE TABLE child (id integer CONSTRAINT shared REFERENCES parent
    DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE other (id integer CONSTRAINT immediate REFERENCES parent
    DEFERRABLE, CONSTRAINT shared CHECK (id > 0));
INSERT INTO child VALUES (1);
INSERT INTO parent VALUES (1);
$$);
CALL test.register('deferred-alter', $$
ALTER TABLE child ALTER COLUMN id SET NOT NULL;
ALTER TABLE child DROP CONSTRAINT shared;
ALTER TABLE child ADD CONSTRAINT child_parent FOREIGN KEY (id) REFERENCES parent
    DEFERRABLE INITIALLY DEFERRED;
INSERT INTO child VALUES (2);
INSERT INTO parent VALUES (2);
$$);
-- A migration may defer all of them.
CALL test.register('still-deferred', $$
INSERT INTO child VALUES (3);
INSERT INTO parent VALUES (3);
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO other VALUES (4);
INSERT INTO parent VALUES (4);
$$);
CALL test.register('alter-after', $$
ALTER TABLE parent ADD COLUMN name text;
ALTER TABLE other ADD COLUMN name text;
$$);
SELECT migration FROM migrate_up();
SELECT c.id AS child, o.id AS other, p.id AS parent
FROM parent AS p LEFT JOIN child AS c USING (id) LEFT JOIN other AS o USING (id)
ORDER BY p.id;

-- An error names the migration that violates, not the end of the transaction.
CALL test.register('violates', 'INSERT INTO child VALUES (100)');
CALL test.register('innocent', 'SELECT 1');
SELECT migration FROM migrate_up();
SELECT migration, outcome, sqlstate, message FROM migrate_history(max_rows => 1);
CALL migrate_deploy();
SELECT count(migrate_unregister(migration, 'test')) FROM migrate_status(state => 'pending');

-- What the caller's transaction has violated before is not blamed on any.
BEGIN;
INSERT INTO child VALUES (200);
CALL test.register('uninvolved', 'SELECT 1');
SELECT migration FROM migrate_up();
ROLLBACK;

--
-- The time an open transaction may stay idle is the runner's.
--
CALL test.register('idle', 'SELECT 1', 'SELECT 1');
SET idle_in_transaction_session_timeout = '1h';
BEGIN;
SELECT migration FROM migrate_up();
SHOW idle_in_transaction_session_timeout;
COMMIT;
SHOW idle_in_transaction_session_timeout;
SELECT migration FROM migrate_redo();
SHOW idle_in_transaction_session_timeout;
SET hipaa_migrate.idle_timeout = 0;
BEGIN;
SELECT migration FROM migrate_down();
SHOW idle_in_transaction_session_timeout;
ROLLBACK;
RESET hipaa_migrate.idle_timeout;
RESET idle_in_transaction_session_timeout;

--
-- Texts that only a parser splits
--
CALL test.register('texts', $migration$
CREATE TABLE "Schüler; 学生" (name text DEFAULT 'Zoë; 山田', "größe" integer);
COMMENT ON TABLE "Schüler; 学生" IS $x$It's; a "comment" with $$dollars$$ 😀$x$;
CREATE FUNCTION atomic(n integer) RETURNS integer
LANGUAGE sql
BEGIN ATOMIC
    SELECT 1;
    SELECT CASE WHEN n > 0 THEN n ELSE 0 END;
END;
CREATE PROCEDURE atomic_too() BEGIN ATOMIC INSERT INTO "Schüler; 学生" DEFAULT VALUES; END;
CREATE FUNCTION quoted() RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    -- a comment; with a semicolon, and 'quotes
    RETURN $q$;'; $$ ;$q$ || E'\\;\'';
END
$fn$;
CREATE RULE also AS ON INSERT TO "Schüler; 学生" DO ALSO (SELECT 1; SELECT 2);
/* a comment; /* nested; */ */ CALL atomic_too();;
SELECT atomic(1)
$migration$);
SELECT migration, statements FROM migrate_up();
SELECT *, obj_description('"Schüler; 学生"'::regclass), quoted(), atomic(-1)
FROM "Schüler; 学生";

\c :home
DROP DATABASE regression_environment;
DROP ROLE regress_environment_other, regress_environment_owner,
    regress_environment_member, regress_environment_stranger;
