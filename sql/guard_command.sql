--
-- guard_command: what each command is to the guard.  Nothing here is guarded:
-- statements are classified, not run.
--
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
CREATE TABLE public.guard_seen (command text, class text, shared boolean);

-- One line for each statement: class, * for the whole cluster, name, whether
-- it is idle, what it names.
CREATE FUNCTION classify(statements text) RETURNS SETOF text
    LANGUAGE sql
    BEGIN ATOMIC
    INSERT INTO guard_seen
        SELECT c.command, c.class, c.shared FROM hipaa_migrate.classify_command(statements) AS c;
    SELECT format('%s%s: %s%s: %s', c.class, CASE WHEN c.shared THEN '*' END, c.command,
                  CASE WHEN c.idle THEN ' (idle)' END, array_to_string(c.targets, ', '))
        FROM hipaa_migrate.classify_command(statements) AS c ORDER BY c.statement_no;
    END;

-- What there is: a thing of each kind, and beside it a temporary one.
CREATE SCHEMA guard_s;
CREATE TABLE public.guard_t (id integer PRIMARY KEY, c integer CONSTRAINT guard_check CHECK (c > 0));
CREATE TEMP TABLE guard_tmp (id integer PRIMARY KEY, c integer CONSTRAINT guard_check CHECK (c > 0));
CREATE VIEW public.guard_v AS SELECT * FROM public.guard_t;
CREATE TEMP VIEW guard_tmp_v AS SELECT 1 AS a;
CREATE MATERIALIZED VIEW public.guard_m AS SELECT 1 AS a;
CREATE SEQUENCE public.guard_q;
CREATE TEMP SEQUENCE guard_tmp_q;
CREATE INDEX guard_i ON public.guard_t (c);
CREATE INDEX guard_tmp_i ON guard_tmp (c);
CREATE STATISTICS public.guard_st ON id, c FROM public.guard_t;
CREATE TYPE public.guard_enum AS ENUM ('a');
CREATE TYPE pg_temp.guard_tmp_enum AS ENUM ('a');
CREATE TYPE public.guard_pair AS (a integer, b integer);
CREATE DOMAIN public.guard_domain AS integer CONSTRAINT positive CHECK (VALUE > 0);
CREATE FUNCTION public.guard_f(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION public.guard_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION pg_temp.guard_f(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE public.guard_p(integer) LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE public.guard_a(integer) (SFUNC = int4pl, STYPE = integer);
CREATE OPERATOR public.=|= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq);
CREATE TRIGGER guard_tr AFTER INSERT ON public.guard_t EXECUTE FUNCTION public.guard_trigger();
CREATE TRIGGER guard_tr AFTER INSERT ON guard_tmp EXECUTE FUNCTION public.guard_trigger();
CREATE RULE guard_r AS ON DELETE TO public.guard_t DO NOTHING;
CREATE POLICY guard_po ON public.guard_t;
CREATE ROLE regress_guard_role;
CREATE ROLE regress_guard_danger IN ROLE pg_read_server_files;
CREATE FOREIGN DATA WRAPPER guard_fdw;
CREATE SERVER guard_server FOREIGN DATA WRAPPER guard_fdw;
CREATE USER MAPPING FOR regress_guard_role SERVER guard_server;
CREATE COLLATION public.guard_c (LOCALE = 'C');

-- Tables, and what is on them: only what is temporary, and all that is, is
-- free.  A command may name both.
SELECT classify($$
CREATE TABLE n (a integer);
CREATE TEMP TABLE n (a integer);
CREATE TABLE pg_temp.n (a integer);
CREATE UNLOGGED TABLE guard_s.n (a serial REFERENCES public.guard_t);
CREATE TEMP TABLE n (a integer PRIMARY KEY, b integer REFERENCES n);
CREATE TEMP TABLE n (LIKE guard_t);
CREATE TEMP TABLE n () INHERITS (guard_tmp);
CREATE TEMP TABLE n () INHERITS (guard_t);
CREATE TABLE n PARTITION OF guard_t FOR VALUES IN (1);
CREATE TABLE n AS SELECT 1;
CREATE TEMP TABLE n AS SELECT 1;
SELECT 1 INTO n;
SELECT 1 INTO TEMP n UNION SELECT 2;
CREATE MATERIALIZED VIEW n AS SELECT 1;
REFRESH MATERIALIZED VIEW guard_m;
CREATE VIEW n AS SELECT * FROM guard_t;
CREATE OR REPLACE VIEW guard_v AS SELECT 1;
CREATE TEMP VIEW n AS SELECT * FROM guard_t;
CREATE VIEW n AS SELECT * FROM guard_tmp;
CREATE VIEW n AS SELECT 1 WHERE EXISTS (SELECT FROM guard_tmp);
CREATE VIEW n AS WITH guard_tmp AS (SELECT 1) SELECT * FROM guard_tmp;
CREATE VIEW public.n AS SELECT * FROM guard_tmp;
CREATE SEQUENCE n;
CREATE TEMP SEQUENCE n;
ALTER SEQUENCE guard_q RESTART;
ALTER SEQUENCE guard_tmp_q RESTART;
CREATE INDEX n ON guard_t (c);
CREATE UNIQUE INDEX CONCURRENTLY ON guard_t (c);
CREATE INDEX n ON guard_tmp (c);
ALTER TABLE guard_t ADD d integer;
ALTER TABLE guard_tmp ADD d integer;
ALTER TABLE guard_tmp INHERIT guard_t;
ALTER TABLE guard_t ATTACH PARTITION guard_s.n DEFAULT;
ALTER TABLE guard_v ALTER a SET DEFAULT 1;
ALTER VIEW guard_tmp_v ALTER a SET DEFAULT 1;
ALTER INDEX guard_i SET (fillfactor = 50);
ALTER INDEX guard_tmp_i SET (fillfactor = 50);
ALTER MATERIALIZED VIEW guard_m SET (fillfactor = 50);
ALTER TABLE guard_t RENAME c TO d;
ALTER TABLE guard_tmp RENAME c TO d;
ALTER TABLE guard_t RENAME CONSTRAINT guard_check TO n;
ALTER TABLE guard_tmp RENAME CONSTRAINT guard_check TO n;
ALTER TABLE guard_t RENAME TO n;
ALTER TABLE guard_t SET SCHEMA guard_s;
ALTER TABLE guard_tmp SET SCHEMA guard_s;
ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE n;
DROP TABLE guard_t;
DROP TABLE guard_tmp;
DROP TABLE guard_tmp, guard_t;
DROP VIEW guard_v; DROP VIEW guard_tmp_v;
DROP MATERIALIZED VIEW guard_m;
DROP SEQUENCE guard_q; DROP SEQUENCE guard_tmp_q;
DROP INDEX guard_i; DROP INDEX guard_tmp_i;
TRUNCATE guard_t;
TRUNCATE guard_tmp;
TRUNCATE guard_tmp, guard_t;
CREATE TRIGGER n AFTER INSERT ON guard_t EXECUTE FUNCTION guard_trigger();
CREATE TRIGGER n AFTER INSERT ON guard_tmp EXECUTE FUNCTION guard_trigger();
ALTER TRIGGER guard_tr ON guard_t RENAME TO n;
ALTER TRIGGER guard_tr ON guard_tmp DEPENDS ON EXTENSION plpgsql;
DROP TRIGGER guard_tr ON guard_t;
DROP TRIGGER guard_tr ON guard_tmp;
CREATE RULE n AS ON DELETE TO guard_t DO NOTHING;
ALTER RULE guard_r ON guard_t RENAME TO n;
DROP RULE guard_r ON guard_t;
CREATE RULE n AS ON DELETE TO guard_tmp DO NOTHING;
CREATE POLICY n ON guard_t;
ALTER POLICY guard_po ON guard_t USING (true);
DROP POLICY guard_po ON guard_t;
CREATE POLICY n ON guard_tmp;
CREATE STATISTICS n ON id, c FROM guard_t;
CREATE STATISTICS pg_temp.n ON id, c FROM guard_t;
CREATE STATISTICS n ON id, c FROM guard_tmp;
CREATE STATISTICS pg_temp.n ON id, c FROM guard_tmp;
ALTER STATISTICS guard_st SET STATISTICS 100;
DROP STATISTICS guard_st;
COMMENT ON TABLE guard_t IS 'x';
COMMENT ON COLUMN guard_tmp.c IS 'x';
SECURITY LABEL FOR none ON TABLE guard_t IS 'x';
SECURITY LABEL FOR none ON TABLE guard_tmp IS 'x';
$$);

-- Functions, types and the rest of a schema.  In the temporary schema only
-- what says so is looked for.
SELECT classify($$
CREATE FUNCTION n(a integer, OUT b text, VARIADIC c text[]) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION pg_temp.n() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION n() RETURNS integer LANGUAGE c AS 'x';
CREATE FUNCTION pg_temp.n() RETURNS integer LANGUAGE internal AS 'x';
CREATE FUNCTION n() RETURNS integer LANGUAGE sql SET session_replication_role = replica AS 'SELECT 1';
CREATE FUNCTION n() RETURNS integer LANGUAGE sql SET work_mem = '1MB' AS 'SELECT 1';
CREATE FUNCTION n() RETURNS integer RETURN 1;
CREATE PROCEDURE n() LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE n() LANGUAGE c AS 'x';
ALTER FUNCTION guard_f(integer) STABLE;
ALTER FUNCTION guard_f SET event_triggers = off;
ALTER FUNCTION pg_temp.guard_f(integer) STABLE;
ALTER FUNCTION guard_f(integer) RENAME TO n;
ALTER FUNCTION pg_temp.guard_f(integer) SET SCHEMA public;
ALTER PROCEDURE guard_p(integer) RESET session_replication_role;
ALTER PROCEDURE guard_p(integer) SECURITY DEFINER;
ALTER ROUTINE guard_f(integer) STABLE;
ALTER ROUTINE guard_f(integer) SET session_replication_role = replica;
DROP FUNCTION guard_f(integer);
DROP FUNCTION guard_f;
DROP FUNCTION pg_temp.guard_f(integer);
DROP PROCEDURE guard_p(integer);
DROP ROUTINE guard_p(integer);
CREATE AGGREGATE n(integer) (SFUNC = int4pl, STYPE = integer);
ALTER AGGREGATE guard_a(integer) RENAME TO n;
DROP AGGREGATE guard_a(integer);
CREATE OPERATOR <=|=> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq);
ALTER OPERATOR public.=|= (integer, integer) OWNER TO regress_guard_role;
ALTER OPERATOR public.=|= (integer, integer) SET (RESTRICT = NONE);
DROP OPERATOR public.=|= (integer, integer);
CREATE OPERATOR CLASS n FOR TYPE integer USING btree AS STORAGE integer;
ALTER OPERATOR CLASS int4_ops USING btree RENAME TO n;
DROP OPERATOR CLASS int4_ops USING btree;
CREATE OPERATOR FAMILY n USING btree;
ALTER OPERATOR FAMILY integer_ops USING btree DROP FUNCTION 1 (integer);
DROP OPERATOR FAMILY integer_ops USING btree;
CREATE TYPE n AS ENUM ();
CREATE TYPE n AS (a integer);
CREATE TYPE n AS RANGE (SUBTYPE = integer);
CREATE TYPE n;
CREATE TYPE pg_temp.n AS (a integer);
ALTER TYPE guard_enum ADD VALUE 'b';
ALTER TYPE pg_temp.guard_tmp_enum ADD VALUE 'b';
ALTER TYPE guard_tmp_enum ADD VALUE 'b';
ALTER TYPE guard_pair ADD ATTRIBUTE c integer;
ALTER TYPE guard_pair RENAME ATTRIBUTE a TO c;
ALTER TYPE guard_enum SET (STORAGE = plain);
DROP TYPE guard_enum;
DROP TYPE guard_tmp_enum;
CREATE DOMAIN n AS integer;
ALTER DOMAIN guard_domain DROP CONSTRAINT positive;
ALTER DOMAIN guard_domain RENAME CONSTRAINT positive TO n;
COMMENT ON CONSTRAINT positive ON DOMAIN guard_domain IS 'x';
DROP DOMAIN guard_domain;
CREATE COLLATION n (LOCALE = 'C');
ALTER COLLATION guard_c REFRESH VERSION;
DROP COLLATION guard_c;
CREATE CONVERSION n FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
ALTER CONVERSION iso_8859_1_to_utf8 RENAME TO n;
DROP CONVERSION iso_8859_1_to_utf8;
CREATE TEXT SEARCH CONFIGURATION n (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION simple DROP MAPPING FOR word;
DROP TEXT SEARCH CONFIGURATION simple;
CREATE TEXT SEARCH DICTIONARY n (TEMPLATE = simple);
ALTER TEXT SEARCH DICTIONARY simple (ACCEPT = false);
DROP TEXT SEARCH DICTIONARY simple;
CREATE TEXT SEARCH PARSER n (START = prsd_start);
ALTER TEXT SEARCH PARSER "default" RENAME TO n;
DROP TEXT SEARCH PARSER "default";
CREATE TEXT SEARCH TEMPLATE n (LEXIZE = dsimple_lexize);
ALTER TEXT SEARCH TEMPLATE simple RENAME TO n;
DROP TEXT SEARCH TEMPLATE simple;
$$);

-- What is in the database, but in no schema.
SELECT classify($$
CREATE SCHEMA n;
CREATE SCHEMA AUTHORIZATION regress_guard_role CREATE TABLE a (b integer);
ALTER SCHEMA guard_s RENAME TO n;
ALTER SCHEMA guard_s OWNER TO regress_guard_role;
DROP SCHEMA guard_s CASCADE;
CREATE EXTENSION n;
ALTER EXTENSION plpgsql UPDATE;
ALTER EXTENSION plpgsql ADD TABLE guard_t;
ALTER EXTENSION plpgsql SET SCHEMA guard_s;
DROP EXTENSION plpgsql;
CREATE CAST (integer AS guard_enum) WITH INOUT;
DROP CAST (integer AS bigint);
CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION n(internal));
DROP TRANSFORM FOR integer LANGUAGE sql;
CREATE ACCESS METHOD n TYPE TABLE HANDLER heap_tableam_handler;
DROP ACCESS METHOD heap;
CREATE TRUSTED LANGUAGE n HANDLER plpgsql_call_handler;
ALTER LANGUAGE plpgsql RENAME TO n;
DROP LANGUAGE plpgsql;
CREATE EVENT TRIGGER n ON ddl_command_end EXECUTE FUNCTION n();
ALTER EVENT TRIGGER hipaa_migrate_ddl DISABLE;
DROP EVENT TRIGGER hipaa_migrate_ddl;
CREATE FOREIGN DATA WRAPPER n;
ALTER FOREIGN DATA WRAPPER guard_fdw OPTIONS (a 'b');
DROP FOREIGN DATA WRAPPER guard_fdw;
CREATE SERVER n FOREIGN DATA WRAPPER guard_fdw;
ALTER SERVER guard_server OPTIONS (a 'b');
DROP SERVER guard_server;
CREATE FOREIGN TABLE n (a integer) SERVER guard_server;
ALTER FOREIGN TABLE n ADD b integer;
DROP FOREIGN TABLE n;
IMPORT FOREIGN SCHEMA a FROM SERVER guard_server INTO guard_s;
CREATE PUBLICATION n FOR TABLE guard_t;
ALTER PUBLICATION n ADD TABLE guard_t;
DROP PUBLICATION n;
CREATE SUBSCRIPTION n CONNECTION '' PUBLICATION p;
ALTER SUBSCRIPTION n DISABLE;
DROP SUBSCRIPTION n;
ALTER LARGE OBJECT 4711 OWNER TO regress_guard_role;
COMMENT ON LARGE OBJECT 4711 IS 'x';
DROP OWNED BY regress_guard_role;
REASSIGN OWNED BY regress_guard_role TO CURRENT_USER;
$$);

-- Privileges.  On what is shared, they are given for the whole cluster.
SELECT classify($$
GRANT SELECT ON guard_t TO regress_guard_role;
GRANT SELECT ON guard_tmp TO regress_guard_role;
GRANT SELECT ON guard_tmp, guard_t TO regress_guard_role;
REVOKE SELECT ON ALL TABLES IN SCHEMA public FROM regress_guard_role;
REVOKE SELECT ON ALL TABLES IN SCHEMA pg_temp FROM regress_guard_role;
GRANT USAGE ON SCHEMA guard_s TO regress_guard_role;
GRANT EXECUTE ON FUNCTION guard_f(integer) TO regress_guard_role;
GRANT EXECUTE ON FUNCTION pg_temp.guard_f(integer) TO regress_guard_role;
GRANT USAGE ON TYPE guard_enum TO regress_guard_role;
GRANT SELECT ON LARGE OBJECT 4711 TO regress_guard_role;
GRANT CONNECT ON DATABASE postgres TO regress_guard_role;
REVOKE CREATE ON TABLESPACE pg_default FROM regress_guard_role;
GRANT SET ON PARAMETER work_mem TO regress_guard_role;
GRANT SET ON PARAMETER work_mem, session_replication_role TO regress_guard_role;
REVOKE SET ON PARAMETER session_replication_role FROM regress_guard_role;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO regress_guard_role;
ALTER DEFAULT PRIVILEGES IN SCHEMA guard_s GRANT SELECT ON TABLES TO regress_guard_role;
ALTER DEFAULT PRIVILEGES IN SCHEMA pg_temp GRANT SELECT ON TABLES TO regress_guard_role;
GRANT pg_monitor TO regress_guard_role;
GRANT pg_monitor, pg_execute_server_program TO regress_guard_role;
GRANT regress_guard_danger TO regress_guard_role;
REVOKE pg_execute_server_program FROM regress_guard_role;
$$);

-- Accounts.
SELECT classify($$
CREATE ROLE n LOGIN PASSWORD 'x';
CREATE ROLE n NOSUPERUSER NOREPLICATION;
CREATE ROLE n SUPERUSER;
CREATE USER n REPLICATION;
CREATE ROLE n BYPASSRLS;
CREATE ROLE n IN ROLE pg_monitor;
CREATE ROLE n IN ROLE pg_monitor, regress_guard_danger;
ALTER ROLE regress_guard_role PASSWORD 'x';
ALTER ROLE regress_guard_role SUPERUSER;
ALTER ROLE pg_monitor VALID UNTIL 'infinity';
ALTER ROLE regress_guard_role RENAME TO n;
ALTER ROLE regress_guard_role SET work_mem = '1MB';
ALTER ROLE regress_guard_role SET session_replication_role = replica;
ALTER ROLE ALL IN DATABASE postgres SET archive_command = 'x';
ALTER ROLE regress_guard_role RESET ALL;
ALTER GROUP pg_monitor ADD USER regress_guard_role;
ALTER GROUP regress_guard_danger ADD USER regress_guard_role;
ALTER GROUP regress_guard_danger DROP USER regress_guard_role;
DROP ROLE regress_guard_role;
COMMENT ON ROLE regress_guard_role IS 'x';
CREATE USER MAPPING FOR PUBLIC SERVER guard_server;
ALTER USER MAPPING FOR regress_guard_role SERVER guard_server OPTIONS (a 'b');
DROP USER MAPPING FOR regress_guard_role SERVER guard_server;
$$);

-- The cluster.  No database here is armed.
SELECT classify($$
CREATE DATABASE n TEMPLATE postgres;
ALTER DATABASE postgres CONNECTION LIMIT 5;
ALTER DATABASE postgres RENAME TO n;
ALTER DATABASE postgres OWNER TO regress_guard_role;
ALTER DATABASE postgres SET TABLESPACE n;
ALTER DATABASE postgres REFRESH COLLATION VERSION;
ALTER DATABASE postgres SET work_mem = '1MB';
ALTER DATABASE postgres SET session_replication_role = replica;
DROP DATABASE postgres;
COMMENT ON DATABASE postgres IS 'x';
SECURITY LABEL FOR hipaa_migrate ON DATABASE postgres IS 'x';
CREATE TABLESPACE n LOCATION '/tmp';
ALTER TABLESPACE pg_default SET (random_page_cost = 1);
ALTER TABLESPACE pg_default RENAME TO n;
ALTER TABLESPACE pg_default OWNER TO regress_guard_role;
DROP TABLESPACE pg_default;
ALTER SYSTEM SET work_mem = '1MB';
ALTER SYSTEM SET archive_command = 'x';
ALTER SYSTEM RESET hipaa_migrate.guard_override;
ALTER SYSTEM RESET ALL;
$$);

-- Maintenance, and its look-alikes.
SELECT classify($$
VACUUM; VACUUM guard_t; VACUUM (ANALYZE, FULL off) guard_t; ANALYZE guard_t;
VACUUM FULL; VACUUM FULL guard_t; VACUUM (FULL) guard_t; VACUUM (FULL 1) guard_t;
VACUUM FULL guard_tmp; VACUUM FULL guard_tmp, guard_t;
CLUSTER; CLUSTER guard_t USING guard_i; CLUSTER guard_tmp USING guard_tmp_i;
REINDEX TABLE guard_t; REINDEX INDEX CONCURRENTLY guard_i; REINDEX SCHEMA public; REINDEX TABLE guard_tmp;
$$);

-- Danger, and its look-alikes.
SELECT classify($$
COPY pg_description FROM STDIN;
COPY pg_shdescription FROM STDIN;
COPY guard_t FROM STDIN;
COPY guard_t TO STDOUT;
COPY (SELECT 1) TO STDOUT;
COPY guard_t FROM '/tmp/x';
COPY (SELECT 1) TO '/tmp/x';
COPY guard_tmp FROM PROGRAM 'x';
COPY guard_t TO PROGRAM 'x';
LOAD 'x';
DO 'BEGIN END';
DO LANGUAGE plpgsql 'BEGIN END';
DO LANGUAGE c 'x';
SET work_mem = '1MB';
SET LOCAL session_replication_role = replica;
SET "Session_Replication_Role" TO DEFAULT;
SET ROLE regress_guard_role;
SET SESSION AUTHORIZATION DEFAULT;
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;
RESET work_mem;
RESET session_replication_role;
RESET ALL;
$$);

-- Ourselves.
SELECT classify($$
ALTER EXTENSION hipaa_migrate UPDATE;
ALTER EXTENSION hipaa_migrate DROP TABLE hipaa_migrate.run;
ALTER EXTENSION hipaa_migrate SET SCHEMA public;
DROP EXTENSION plpgsql, hipaa_migrate CASCADE;
DROP EXTENSION IF EXISTS hipaa_migrate;
$$);

-- What is free.
SELECT classify($$
SELECT 1; SELECT FROM guard_t FOR UPDATE; INSERT INTO guard_t VALUES (1); UPDATE guard_t SET c = 1; DELETE FROM guard_t;
MERGE INTO guard_t USING guard_t AS s ON true WHEN MATCHED THEN DELETE;
BEGIN; START TRANSACTION; COMMIT; ROLLBACK; SAVEPOINT a; RELEASE a; ROLLBACK TO a;
PREPARE TRANSACTION 'a'; COMMIT PREPARED 'a'; ROLLBACK PREPARED 'a';
DECLARE c CURSOR FOR SELECT 1; FETCH c; MOVE c; CLOSE c; CLOSE ALL;
LISTEN a; NOTIFY a; UNLISTEN a; LOCK guard_t; CHECKPOINT; SHOW work_mem; SET CONSTRAINTS ALL DEFERRED;
CALL guard_p(1); DEALLOCATE a; DEALLOCATE ALL;
DISCARD ALL; DISCARD PLANS; DISCARD SEQUENCES; DISCARD TEMP;
$$);

-- What wraps a command is that command when it executes it.
PREPARE guard_select AS SELECT 1;
SELECT classify($$
PREPARE n AS SELECT 1;
EXECUTE guard_select;
EXECUTE guard_nothing;
CREATE TABLE n AS EXECUTE guard_select;
CREATE TEMP TABLE n AS EXECUTE guard_select;
EXPLAIN CREATE TABLE n AS SELECT 1;
EXPLAIN ANALYZE CREATE TABLE n AS SELECT 1;
EXPLAIN (ANALYZE, VERBOSE) CREATE TEMP TABLE n AS SELECT 1;
EXPLAIN (ANALYZE false) CREATE TABLE n AS SELECT 1;
EXPLAIN (ANALYZE false, ANALYZE) CREATE TABLE n AS SELECT 1;
EXPLAIN (ANALYZE, ANALYZE off) CREATE TABLE n AS SELECT 1;
EXPLAIN (ANALYZE perhaps) CREATE TABLE n AS SELECT 1;
EXPLAIN ANALYZE SELECT 1 INTO n;
EXPLAIN ANALYZE CREATE MATERIALIZED VIEW n AS SELECT 1;
EXPLAIN ANALYZE EXECUTE guard_select;
EXPLAIN ANALYZE CREATE TABLE n AS EXECUTE guard_select;
EXPLAIN ANALYZE DECLARE c CURSOR FOR SELECT 1;
$$);
DEALLOCATE guard_select;

-- Every command that the view lists was here, but for names that no statement
-- has on these servers, those of databases that are armed, and what functions
-- do.
SELECT g.command FROM hipaa_migrate.guarded_command AS g
 WHERE NOT EXISTS (SELECT FROM guard_seen AS s WHERE s.command = g.command) ORDER BY 1;

-- The view says of each what was said of it here; only schema, privilege and
-- maintenance turn free, with temporary objects.
SELECT DISTINCT s.command, s.class, g.class FROM guard_seen AS s
  LEFT JOIN hipaa_migrate.guarded_command AS g USING (command)
 WHERE s.class IS DISTINCT FROM g.class
   AND NOT (s.class = 'free' AND g.class IN ('schema', 'privilege', 'maintenance')) ORDER BY 1;

-- The same with look-alikes that have something to do.
SELECT classify($$
CREATE TABLE IF NOT EXISTS guard_t (a integer); CREATE TABLE IF NOT EXISTS guard_s.guard_t (a integer);
CREATE TABLE IF NOT EXISTS guard_v (a integer);
CREATE TABLE IF NOT EXISTS guard_t AS SELECT 1; CREATE TABLE IF NOT EXISTS n AS SELECT 1;
CREATE MATERIALIZED VIEW IF NOT EXISTS guard_m AS SELECT 1; CREATE MATERIALIZED VIEW IF NOT EXISTS n AS SELECT 1;
CREATE SEQUENCE IF NOT EXISTS guard_q; CREATE SEQUENCE IF NOT EXISTS n;
CREATE INDEX IF NOT EXISTS guard_i ON guard_t (c); CREATE INDEX IF NOT EXISTS n ON guard_t (c);
CREATE INDEX CONCURRENTLY IF NOT EXISTS guard_i ON guard_t (c);
CREATE SCHEMA IF NOT EXISTS guard_s; CREATE SCHEMA IF NOT EXISTS n;
CREATE EXTENSION IF NOT EXISTS plpgsql; CREATE EXTENSION IF NOT EXISTS n;
CREATE COLLATION IF NOT EXISTS guard_c (LOCALE = 'C'); CREATE COLLATION IF NOT EXISTS n (LOCALE = 'C');
CREATE STATISTICS IF NOT EXISTS guard_st ON id, c FROM guard_t; CREATE STATISTICS IF NOT EXISTS n ON id, c FROM guard_t;
CREATE SERVER IF NOT EXISTS guard_server FOREIGN DATA WRAPPER guard_fdw; CREATE SERVER IF NOT EXISTS n FOREIGN DATA WRAPPER guard_fdw;
CREATE USER MAPPING IF NOT EXISTS FOR regress_guard_role SERVER guard_server; CREATE USER MAPPING IF NOT EXISTS FOR PUBLIC SERVER guard_server;
ALTER TABLE guard_t ADD COLUMN IF NOT EXISTS c serial; ALTER TABLE guard_t ADD COLUMN IF NOT EXISTS n serial;
ALTER TABLE guard_t ADD COLUMN IF NOT EXISTS c integer, ADD COLUMN IF NOT EXISTS n integer;
ALTER TABLE guard_t DROP COLUMN IF EXISTS n; ALTER TABLE guard_t DROP COLUMN IF EXISTS c;
ALTER TABLE guard_t DROP CONSTRAINT IF EXISTS n; ALTER TABLE guard_t DROP CONSTRAINT IF EXISTS guard_check;
ALTER TABLE guard_t ALTER c DROP IDENTITY IF EXISTS; ALTER TABLE guard_t ALTER c DROP EXPRESSION IF EXISTS;
ALTER TABLE IF EXISTS n ADD a integer; ALTER TABLE IF EXISTS guard_t ADD a integer;
ALTER TABLE IF EXISTS n RENAME TO m; ALTER TABLE IF EXISTS n SET SCHEMA guard_s; ALTER TABLE IF EXISTS guard_t SET SCHEMA guard_s;
ALTER SEQUENCE IF EXISTS n RESTART; ALTER SEQUENCE IF EXISTS guard_q RESTART;
ALTER TYPE guard_enum ADD VALUE IF NOT EXISTS 'a'; ALTER TYPE guard_enum ADD VALUE IF NOT EXISTS 'b';
ALTER DOMAIN guard_domain DROP CONSTRAINT IF EXISTS n; ALTER DOMAIN guard_domain DROP CONSTRAINT IF EXISTS positive;
ALTER STATISTICS IF EXISTS n SET STATISTICS 100; ALTER STATISTICS IF EXISTS guard_st SET STATISTICS 100;
DROP TABLE IF EXISTS n; DROP TABLE IF EXISTS n, guard_t; DROP TABLE IF EXISTS nowhere.guard_t; DROP TABLE IF EXISTS guard_tmp, n;
DROP VIEW IF EXISTS n; DROP INDEX IF EXISTS n; DROP SEQUENCE IF EXISTS n; DROP MATERIALIZED VIEW IF EXISTS n;
DROP FUNCTION IF EXISTS guard_f(text); DROP FUNCTION IF EXISTS guard_f(integer); DROP FUNCTION IF EXISTS guard_f(nowhere.n);
DROP PROCEDURE IF EXISTS guard_f(integer); DROP AGGREGATE IF EXISTS guard_a(text);
DROP TYPE IF EXISTS n; DROP DOMAIN IF EXISTS n; DROP SCHEMA IF EXISTS n; DROP EXTENSION IF EXISTS n; DROP COLLATION IF EXISTS n;
DROP TRIGGER IF EXISTS guard_tr ON n; DROP TRIGGER IF EXISTS n ON guard_t; DROP TRIGGER IF EXISTS guard_tr ON guard_t;
DROP POLICY IF EXISTS n ON guard_t; DROP RULE IF EXISTS n ON guard_t; DROP RULE IF EXISTS guard_r ON guard_t;
DROP CAST IF EXISTS (integer AS guard_enum); DROP CAST IF EXISTS (integer AS bigint);
DROP OPERATOR IF EXISTS =|= (text, text); DROP OPERATOR IF EXISTS =|= (integer, integer);
DROP ROLE IF EXISTS n; DROP ROLE IF EXISTS n, regress_guard_role; DROP DATABASE IF EXISTS n; DROP TABLESPACE IF EXISTS n;
DROP SUBSCRIPTION IF EXISTS n; DROP PUBLICATION IF EXISTS n; DROP SERVER IF EXISTS n;
DROP USER MAPPING IF EXISTS FOR PUBLIC SERVER guard_server; DROP USER MAPPING IF EXISTS FOR regress_guard_role SERVER guard_server;
$$);

-- What was called idle does nothing: each is run, and the catalogs are the
-- same after it.  What was not called idle does something, or fails.
CREATE FUNCTION catalogs() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text := '';
    part text;
    catalog regclass;
BEGIN
    FOR catalog IN SELECT oid FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r'
        AND oid NOT IN ('pg_statistic'::regclass, 'pg_largeobject'::regclass) ORDER BY relname COLLATE "C" LOOP
        EXECUTE format('SELECT md5(string_agg(t.ctid::text || t.xmin::text, '','' ORDER BY t.ctid)) FROM %s AS t', catalog) INTO part;
        result := result || coalesce(part, '-');
    END LOOP;
    RETURN md5(result);
END $$;
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before text := catalogs();
    outcome text;
BEGIN
    BEGIN
        EXECUTE statement;
        outcome := CASE WHEN catalogs() = before THEN 'nothing' ELSE 'something' END;
        RAISE EXCEPTION 'undo' USING ERRCODE = 'ZZ000';
    EXCEPTION WHEN SQLSTATE 'ZZ000' THEN NULL;
              WHEN OTHERS THEN outcome := SQLERRM;
    END;
    RETURN outcome;
END $$;
SELECT s.statement, c.idle, t.outcome
  FROM unnest(ARRAY[
        'CREATE TABLE IF NOT EXISTS guard_t (a integer REFERENCES guard_t, b serial)',
        'CREATE TABLE IF NOT EXISTS guard_n (a integer)',
        'CREATE TABLE IF NOT EXISTS guard_t AS SELECT 1',
        'CREATE INDEX IF NOT EXISTS guard_i ON guard_t (c)',
        'CREATE INDEX IF NOT EXISTS guard_i ON guard_m (a)',
        'CREATE INDEX IF NOT EXISTS guard_n ON guard_t (c)',
        'CREATE SEQUENCE IF NOT EXISTS guard_q',
        'CREATE SCHEMA IF NOT EXISTS guard_s',
        'CREATE EXTENSION IF NOT EXISTS plpgsql',
        'CREATE COLLATION IF NOT EXISTS guard_c (LOCALE = ''POSIX'')',
        'CREATE STATISTICS IF NOT EXISTS guard_st ON id, c FROM guard_t',
        'CREATE SERVER IF NOT EXISTS guard_server FOREIGN DATA WRAPPER guard_fdw',
        'CREATE USER MAPPING IF NOT EXISTS FOR regress_guard_role SERVER guard_server',
        'ALTER TABLE guard_t ADD COLUMN IF NOT EXISTS c serial REFERENCES guard_t',
        'ALTER TABLE guard_t ADD COLUMN IF NOT EXISTS n integer',
        'ALTER TABLE guard_t DROP COLUMN IF EXISTS n, DROP CONSTRAINT IF EXISTS n',
        'ALTER TABLE guard_t ALTER c DROP IDENTITY IF EXISTS',
        'ALTER TABLE guard_t ALTER c DROP EXPRESSION IF EXISTS',
        'ALTER TABLE IF EXISTS n ADD a integer',
        'ALTER TABLE IF EXISTS n SET SCHEMA guard_s',
        'ALTER TYPE guard_enum ADD VALUE IF NOT EXISTS ''a''',
        'ALTER DOMAIN guard_domain DROP CONSTRAINT IF EXISTS n',
        'DROP TABLE IF EXISTS n, nowhere.n',
        'DROP FUNCTION IF EXISTS guard_f(text), guard_f(nowhere.n)',
        'DROP FUNCTION IF EXISTS guard_f(integer)',
        'DROP TRIGGER IF EXISTS guard_tr ON n',
        'DROP RULE IF EXISTS n ON guard_t',
        'DROP CAST IF EXISTS (integer AS guard_enum)',
        'DROP OPERATOR IF EXISTS =|= (text, text)',
        'DROP ROLE IF EXISTS regress_guard_n',
        'DROP USER MAPPING IF EXISTS FOR PUBLIC SERVER guard_server',
        'SECURITY LABEL FOR hipaa_migrate ON DATABASE postgres IS ''of a dump''']) AS s (statement),
       hipaa_migrate.classify_command(s.statement) AS c,
       LATERAL (SELECT try(s.statement) AS outcome) AS t;

-- Names that mean nothing, and names that their user may not use, raise
-- nothing; the command itself will.
CREATE SCHEMA guard_closed;
CREATE TABLE guard_closed.t (a integer);
CREATE TYPE guard_closed.y AS ENUM ('a');
CREATE FUNCTION guard_closed.f(guard_closed.y) RETURNS integer LANGUAGE sql AS 'SELECT 1';
GRANT INSERT ON guard_seen TO regress_guard_role;
SET ROLE regress_guard_role;
SELECT classify($$
CREATE TABLE guard_closed.n (a integer); CREATE TABLE nowhere.n (a integer); CREATE TABLE a.b.c (a integer);
ALTER TABLE guard_closed.t ADD b integer; ALTER TABLE nowhere.t ADD b integer; DROP TABLE guard_closed.t;
DROP TABLE a.b.c.d; COMMENT ON COLUMN t IS 'x'; COMMENT ON COLUMN a.b.c.d.e IS 'x';
DROP FUNCTION guard_closed.f(guard_closed.y); DROP FUNCTION nowhere.f(nowhere.y[]); DROP FUNCTION f(guard_closed.t.a%TYPE);
DROP TYPE guard_closed.y; DROP OPERATOR guard_closed.+ (guard_closed.y, NONE); CREATE CAST (guard_closed.y AS nowhere.y) WITHOUT FUNCTION;
DROP TRIGGER n ON guard_closed.t; DROP INDEX nowhere.i; GRANT SELECT ON guard_closed.t, nowhere.t TO nobody_there;
GRANT nobody_there TO nobody_there; ALTER ROLE nobody_there SUPERUSER; DROP DATABASE no_such_database;
CREATE FUNCTION n() RETURNS integer LANGUAGE nothing AS 'x'; DO LANGUAGE nothing 'x'; SET no.such = 1;
EXPLAIN (ANALYZE nonsense) SELECT 1; VACUUM (FULL nonsense) guard_closed.t; EXECUTE nothing;
CREATE VIEW n AS SELECT * FROM guard_closed.t, nowhere.t;
$$);
RESET ROLE;

-- Without a name for the schema, it is the first of the path that is made in.
SET search_path = pg_temp, public;
SELECT classify('CREATE TABLE n (a integer); CREATE FUNCTION n() RETURNS integer RETURN 1; CREATE VIEW n AS SELECT 1');
SET search_path = nowhere, guard_s, public;
SELECT classify('CREATE TABLE n (a integer); CREATE TYPE n AS ENUM (); ALTER TABLE guard_t ADD a integer');
SET search_path = '';
SELECT public.classify('CREATE TABLE n (a integer); ALTER TABLE guard_t ADD a integer');
RESET search_path;
\c -
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
-- Also in a session that has no temporary schema yet.
SET search_path = nowhere, pg_temp, public;
SELECT classify('CREATE TABLE n (a integer); CREATE FUNCTION n() RETURNS integer RETURN 1; CREATE TABLE pg_temp.n (a integer)');
SET search_path = public, pg_temp;
SELECT classify('CREATE TABLE n (a integer); CREATE TEMP TABLE n (a integer)');
SELECT pg_my_temp_schema() = 0 AS none_was_made;
RESET search_path;

-- A database that enforces any class is not to be lost or replaced.
SELECT count(*) FROM migrate_guard('enforce', 'test', '{maintenance}');
SELECT replace(classify(replace($$
ALTER DATABASE this RENAME TO n;
ALTER DATABASE n RENAME TO this;
ALTER DATABASE this OWNER TO regress_guard_role;
ALTER DATABASE this ALLOW_CONNECTIONS false;
ALTER DATABASE this SET TABLESPACE n;
ALTER DATABASE this SET work_mem = '1MB';
ALTER DATABASE this SET session_replication_role = replica;
ALTER DATABASE this REFRESH COLLATION VERSION;
DROP DATABASE IF EXISTS this;
CREATE DATABASE n TEMPLATE this;
COMMENT ON DATABASE this IS 'x';
$$, 'this', quote_ident(current_database()))), current_database(), 'this');
SELECT count(*) FROM migrate_guard('observe', 'test', '{maintenance}');

-- An exemption for a schema covers what is in it, all of it, and nothing
-- else.
CREATE TABLE guard_s.t (id integer PRIMARY KEY, c integer);
CREATE TABLE guard_s.p (a integer) PARTITION BY LIST (a);
CREATE TABLE public.guard_p (a integer) PARTITION BY LIST (a);
CREATE FUNCTION passes(statements text[]) RETURNS TABLE (outcome text, statement text) LANGUAGE plpgsql AS $$
BEGIN
    FOREACH statement IN ARRAY statements LOOP
        BEGIN
            EXECUTE statement;
            RAISE EXCEPTION 'undo' USING ERRCODE = 'ZZ000';
        EXCEPTION WHEN SQLSTATE 'ZZ000' THEN outcome := 'passes';
                  WHEN SQLSTATE 'MG014' THEN outcome := 'refused';
                  WHEN OTHERS THEN outcome := SQLERRM;
        END;
        RETURN NEXT;
    END LOOP;
END $$;
SELECT migrate_exempt('test', schema => 'guard_s') AS exemption \gset
SELECT count(*) FROM migrate_guard('enforce', 'test', '{schema,privilege,maintenance}');
SELECT * FROM passes(ARRAY[
    'CREATE TABLE guard_s.n (a integer REFERENCES guard_s.t)', 'CREATE TABLE guard_s.n (a integer REFERENCES public.guard_t)',
    'CREATE TABLE n (a integer)', 'CREATE TABLE guard_s.n PARTITION OF guard_s.p FOR VALUES IN (1)',
    'CREATE TABLE guard_s.n PARTITION OF guard_p FOR VALUES IN (1)', 'CREATE TABLE guard_s.n (LIKE guard_t)',
    'CREATE TABLE guard_s.n () INHERITS (guard_t)', 'CREATE TABLE guard_s.n AS SELECT 1', 'CREATE VIEW guard_s.n AS SELECT * FROM guard_t',
    'CREATE INDEX ON guard_s.t (c)', 'CREATE INDEX ON guard_t (id)', 'ALTER TABLE guard_s.t ADD d serial',
    'ALTER TABLE guard_s.t ADD FOREIGN KEY (c) REFERENCES guard_t', 'ALTER TABLE guard_s.t SET SCHEMA public',
    'ALTER TABLE guard_t SET SCHEMA guard_s', 'ALTER TABLE guard_s.t RENAME TO u', 'TRUNCATE guard_s.t', 'TRUNCATE guard_s.t, guard_t',
    'DROP TABLE guard_s.t', 'DROP TABLE guard_s.t, guard_t', 'DROP TABLE IF EXISTS guard_s.t, n', 'DROP SCHEMA guard_s CASCADE', 'CREATE SCHEMA n',
    'CREATE FUNCTION guard_s.n() RETURNS integer RETURN 1', 'CREATE TYPE guard_s.n AS ENUM ()', 'GRANT SELECT ON guard_s.t TO PUBLIC',
    'GRANT SELECT ON ALL TABLES IN SCHEMA guard_s TO PUBLIC', 'GRANT SELECT ON ALL TABLES IN SCHEMA guard_s, public TO PUBLIC', 'GRANT USAGE ON SCHEMA guard_s TO PUBLIC',
    'REINDEX TABLE guard_s.t', 'REINDEX TABLE guard_t', 'CLUSTER guard_s.t USING t_pkey', 'COMMENT ON COLUMN guard_s.t.c IS ''x''', 'DROP OWNED BY CURRENT_USER',
    'CREATE PUBLICATION n FOR TABLE guard_s.t', 'ALTER SEQUENCE IF EXISTS guard_s.n RESTART']);
SET search_path = guard_s;
SELECT * FROM public.passes(ARRAY['CREATE TABLE n (a integer)', 'DROP TABLE t', 'CREATE TABLE public.n (a integer)']);
RESET search_path;
SELECT count(*) FROM migrate_guard('observe', 'test', '{schema,privilege,maintenance}');
SELECT migrate_exempt_end(:exemption, 'test');

-- A text that does not parse has no command.
SELECT * FROM hipaa_migrate.classify_command('CREATE TABEL');
SELECT * FROM hipaa_migrate.classify_command(NULL);
SELECT count(*) FROM hipaa_migrate.classify_command('');

SET client_min_messages = warning;
DROP FUNCTION passes(text[]), try(text), catalogs(), classify(text);
DROP TABLE guard_p;
DROP TABLE guard_seen;
DROP SCHEMA guard_closed CASCADE;
DROP USER MAPPING FOR regress_guard_role SERVER guard_server;
DROP FOREIGN DATA WRAPPER guard_fdw CASCADE;
DROP OPERATOR public.=|= (integer, integer);
DROP AGGREGATE public.guard_a(integer);
DROP PROCEDURE public.guard_p(integer);
DROP TABLE public.guard_t CASCADE;
DROP MATERIALIZED VIEW public.guard_m;
DROP SEQUENCE public.guard_q;
DROP FUNCTION public.guard_f(integer), public.guard_trigger();
DROP TYPE public.guard_enum, public.guard_pair;
DROP DOMAIN public.guard_domain;
DROP COLLATION public.guard_c;
DROP SCHEMA guard_s CASCADE;
DROP ROLE regress_guard_role, regress_guard_danger;
