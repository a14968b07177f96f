--
-- guard_effect: what happens without a command that says so.  All of this is
-- tried by a superuser.
--
\getenv abs_srcdir PG_ABS_SRCDIR
SET client_min_messages = error;
CREATE SCHEMA effect;
SELECT COALESCE(max(event_id), 0) AS start FROM hipaa_migrate.audit_log \gset

-- What is attacked, and with what.
CREATE TABLE effect.patient (id integer PRIMARY KEY, name text);
CREATE TABLE effect.visit (id integer PRIMARY KEY, patient integer REFERENCES effect.patient);
CREATE TABLE effect.photo (lo oid DEFAULT lo_create(0));
CREATE VIEW effect.maker AS SELECT lo_create(0) AS lo;
CREATE FUNCTION effect.make() RETURNS oid LANGUAGE sql AS 'SELECT lo_create(0)';
CREATE FUNCTION effect.make_by_trigger() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM lo_create(0); RETURN NEW; END $$;
CREATE TRIGGER make BEFORE UPDATE ON effect.patient
    FOR EACH ROW EXECUTE FUNCTION effect.make_by_trigger();
INSERT INTO effect.patient VALUES (1, 'x');
CREATE MATERIALIZED VIEW effect.making AS SELECT 1 AS id, effect.make() AS lo WITH NO DATA;
CREATE MATERIALIZED VIEW effect.listing AS SELECT id, name FROM effect.patient;
CREATE UNIQUE INDEX ON effect.listing (id);
CREATE FUNCTION effect.another_import(text) RETURNS oid LANGUAGE internal AS 'be_lo_import';
CREATE FUNCTION effect.as_replica() RETURNS void LANGUAGE plpgsql
    SET session_replication_role = replica AS $$ BEGIN END $$;
CREATE FUNCTION effect.in_schema() RETURNS void LANGUAGE plpgsql
    SET search_path = effect AS $$ BEGIN END $$;
CREATE FUNCTION effect.by_expression(value text) RETURNS text LANGUAGE plpgsql AS
    $$ BEGIN value := set_config('session_replication_role', value, false); RETURN value; END $$;
CREATE FUNCTION effect.for_a_moment() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    value text;
BEGIN
    value := set_config('session_replication_role', 'replica', false);
    DELETE FROM effect.patient WHERE id = 0;
    value := set_config('session_replication_role', 'origin', false);
    RETURN value;
END $$;
SELECT lo_create(4711) AS kept;

-- A scratch schema, with what hangs on it from outside.
CREATE SCHEMA scratch;
CREATE TABLE scratch.alone (id integer PRIMARY KEY, name text);
CREATE TABLE scratch.seen (id integer PRIMARY KEY);
CREATE VIEW effect.seeing AS SELECT * FROM scratch.seen;
CREATE TABLE scratch.referenced (id integer PRIMARY KEY);
CREATE TABLE effect.referencing (id integer REFERENCES scratch.referenced);
CREATE TABLE scratch.parent (id integer);
CREATE TABLE effect.child () INHERITS (scratch.parent);
CREATE TABLE scratch.parted (id integer) PARTITION BY RANGE (id);
CREATE TABLE effect.part PARTITION OF scratch.parted FOR VALUES FROM (1) TO (2);
CREATE TYPE scratch.pair AS (a integer, b integer);
CREATE TABLE effect.paired (id integer, pair scratch.pair);
CREATE TYPE scratch.shape AS (a integer);
CREATE TABLE effect.shaped OF scratch.shape;
CREATE FUNCTION scratch.nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER nothing AFTER DELETE ON effect.visit
    FOR EACH ROW EXECUTE FUNCTION scratch.nothing();
CREATE SEQUENCE scratch.numbers;
CREATE TABLE effect.numbered (id integer DEFAULT nextval('scratch.numbers'));
CREATE DOMAIN scratch.positive AS integer CHECK (value > 0);
CREATE TABLE effect.counted (id scratch.positive);

-- Tries it, takes it back, and says what came of it.
CREATE FUNCTION effect.attempt(attack text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE attack;
    RAISE 'taken back' USING ERRCODE = 'triggered_action_exception';
EXCEPTION
    WHEN triggered_action_exception THEN RETURN 'done';
    WHEN OTHERS THEN RETURN SQLSTATE;
END $$;

CREATE TABLE effect.attack (
    number integer GENERATED ALWAYS AS IDENTITY, attack text, layer text,
    observing text, enforcing text);
INSERT INTO effect.attack (layer, attack) VALUES
    -- Objects made or dropped by functions.
    ('object', $$SELECT lo_create(0)$$),
    ('object', $$SELECT lo_creat(-1)$$),
    ('object', $$SELECT lo_from_bytea(0, 'x')$$),
    ('object', $$SELECT lo_unlink(4711)$$),
    ('object', $$SELECT pg_import_system_collations('effect')$$),
    ('object', $$DO 'BEGIN PERFORM lo_create(0); END'$$),
    ('object', $$DO 'BEGIN BEGIN PERFORM lo_create(0); EXCEPTION WHEN division_by_zero THEN END; END'$$),
    ('object', $$SELECT effect.make()$$),
    ('object', $$SELECT * FROM effect.maker$$),
    ('object', $$EXPLAIN ANALYZE SELECT lo_create(0)$$),
    ('object', $$INSERT INTO effect.photo DEFAULT VALUES$$),
    ('object', $$UPDATE effect.patient SET name = 'y'$$),
    ('object', $$REFRESH MATERIALIZED VIEW effect.making$$),
    ('object', $$DEALLOCATE ALL; PREPARE p AS SELECT lo_create(0); EXECUTE p$$),
    ('object', $a$DO $$ DECLARE r record; BEGIN FOR r IN SELECT lo_create(0) LOOP END LOOP; END $$$a$),
    ('object', $$CREATE TEMP TABLE t AS SELECT lo_create(0) AS lo$$),
    -- Rows of system catalogs.
    ('executor', $$UPDATE pg_description SET description = 'x' WHERE false$$),
    ('executor', $$INSERT INTO pg_description SELECT * FROM pg_description WHERE false$$),
    ('executor', $$DELETE FROM pg_statistic WHERE false$$),
    ('executor', $$DELETE FROM pg_largeobject WHERE false$$),
    ('executor', $$UPDATE pg_shdescription SET description = 'x' WHERE false$$),
    ('executor', $$UPDATE pg_database SET datconnlimit = 1 WHERE false$$),
    ('executor', $$WITH w AS (DELETE FROM pg_enum WHERE false RETURNING 1) SELECT * FROM w$$),
    ('executor', $$MERGE INTO pg_conversion AS c USING pg_conversion AS d ON c.oid = d.oid AND false WHEN MATCHED THEN DELETE$$),
    ('executor', $$EXPLAIN ANALYZE DELETE FROM pg_default_acl WHERE false$$),
    ('executor', $$DO 'BEGIN DELETE FROM pg_seclabel WHERE false; END'$$),
    ('executor', $$UPDATE pg_class SET relname = 'x' WHERE oid = 'effect.patient'::regclass$$),
    ('executor', $$DELETE FROM pg_depend WHERE objid = 'effect.visit'::regclass$$),
    -- Files of the server.
    ('function', $$SELECT lo_import('/nonexistent')$$),
    ('function', $$SELECT lo_import('/nonexistent', 1)$$),
    ('function', $$SELECT lo_export(1, '/nonexistent/x')$$),
    ('function', $$SELECT effect.another_import('/nonexistent')$$),
    ('function', $$SELECT lo_import(x) FROM (VALUES ('/nonexistent')) AS v (x)$$),
    -- Settings.
    ('setting', $$SELECT set_config('session_replication_role', 'replica', true)$$),
    ('setting', $$SELECT set_config('session_replication_role', 'replica', false)$$),
    ('setting', $$SELECT set_config('Session_Replication_Role', 'replica', false)$$),
    ('setting', $$SELECT set_config('allow_system_table_mods', 'on', true)$$),
    ('setting', $$SELECT set_config('zero_damaged_pages', 'on', true)$$),
    ('setting', $$SELECT set_config('hipaa_migrate.lock_timeout', '0', true)$$),
    ('setting', $$UPDATE pg_settings SET setting = 'replica' WHERE name = 'session_replication_role'$$),
    ('setting', $a$DO $$ DECLARE x text; BEGIN x := set_config('session_replication_role', 'replica', false); END $$$a$),
    ('setting', $$SELECT effect.by_expression('replica')$$),
    ('setting', $$SELECT effect.for_a_moment()$$),
    ('function', $$SELECT effect.as_replica()$$),
    -- What is like that, and free.
    (NULL, $$SELECT lo_get(4711)$$),
    (NULL, $$SELECT lo_put(4711, 0, 'x')$$),
    (NULL, $$SELECT setval('effect.attack_number_seq', 1000)$$),
    (NULL, $$SELECT set_config('work_mem', '8MB', true)$$),
    (NULL, $$SELECT set_config('search_path', '', true)$$),
    (NULL, $$SELECT set_config('effect.patient', '1', true)$$),
    (NULL, $$SELECT set_config('hipaa_migrate.runner_wait', '1s', true)$$),
    (NULL, $$SELECT effect.in_schema()$$),
    (NULL, $$UPDATE pg_settings SET setting = '8MB' WHERE name = 'work_mem'$$),
    (NULL, $$SELECT oid FROM pg_class WHERE relname = 'patient' FOR UPDATE$$),
    (NULL, $$EXPLAIN DELETE FROM pg_class$$),
    (NULL, $$EXPLAIN SELECT lo_create(0)$$),
    (NULL, $$INSERT INTO effect.visit VALUES (1, 1)$$),
    (NULL, $$DELETE FROM information_schema.sql_features WHERE false$$);

-- While the guard observes, everything passes ...
DO $$
DECLARE
    a effect.attack;
BEGIN
    FOR a IN SELECT * FROM effect.attack ORDER BY number LOOP
        UPDATE effect.attack SET observing = effect.attempt(a.attack) WHERE number = a.number;
    END LOOP;
END $$;

-- ... and under enforce what is dangerous does not.
SELECT DISTINCT mode FROM migrate_guard('enforce', 'to see what is refused');
DO $$
DECLARE
    a effect.attack;
BEGIN
    FOR a IN SELECT * FROM effect.attack ORDER BY number LOOP
        UPDATE effect.attack SET enforcing = effect.attempt(a.attack) WHERE number = a.number;
    END LOOP;
END $$;
SELECT layer, attack, observing, enforcing FROM effect.attack ORDER BY number;

-- Outside of a transaction, and by a call that is no query, as clients make.
SELECT set_config('session_replication_role', 'replica', false);
SHOW session_replication_role;
BEGIN;
DECLARE c CURSOR FOR SELECT lo_create(0);
FETCH c;
ROLLBACK;
BEGIN;
DECLARE c CURSOR WITH HOLD FOR SELECT lo_create(0);
COMMIT;
COPY (SELECT lo_create(0)) TO stdout;
COPY pg_description FROM '/dev/null';
COPY pg_shdescription FROM '/dev/null';
COPY effect.visit FROM stdin;
\.
SELECT lo_unlink(4711);
\lo_unlink 4711
\set file :abs_srcdir '/sql/guard_effect.sql'
\lo_import :file

-- What a client asks for as it connects is as good as a SET.
\set connection 'dbname=' :DBNAME ' options=''-c session_replication_role=replica'''
\c :"connection"
SELECT 1 AS refused;
SELECT 1 AS refused;
\set connection 'dbname=' :DBNAME ' options=''-c work_mem=8MB'''
\c :"connection"
SELECT 1 AS allowed;

-- Temporary objects live as ever: from the backend's first to its end.
SET client_min_messages = error;
CREATE TEMP TABLE t (id serial PRIMARY KEY, name text CHECK (name <> ''), parent integer REFERENCES t);
CREATE TEMP TABLE u ON COMMIT DROP AS SELECT 1 AS one;
BEGIN;
CREATE TEMP TABLE v (id integer) ON COMMIT DROP;
COMMIT;
SELECT 1 AS one INTO TEMP w;
INSERT INTO t (name) VALUES ('x');
ALTER TABLE t ADD COLUMN c integer DEFAULT 4 CHECK (c > 0);
ALTER TABLE t ALTER COLUMN c TYPE bigint;
CREATE INDEX ON t (c);
REINDEX TABLE t;
TRUNCATE t;
CREATE TEMP VIEW tv AS SELECT * FROM t;
CREATE TEMP SEQUENCE ts;
ALTER SEQUENCE ts RESTART;
CREATE DOMAIN pg_temp.d AS integer CHECK (value > 0);
ALTER DOMAIN pg_temp.d ADD CHECK (value < 10);
CREATE TYPE pg_temp.c AS (id integer);
CREATE FUNCTION pg_temp.f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER tt BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION pg_temp.f();
CREATE RULE r AS ON DELETE TO t DO ALSO NOTHING;
CREATE STATISTICS pg_temp.s ON id, name FROM t;
CREATE TEMP TABLE p (id integer) PARTITION BY RANGE (id);
CREATE TEMP TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (2);
ALTER TABLE p DETACH PARTITION p1;
DROP TABLE t, p CASCADE;
DISCARD TEMP;
CREATE TEMP TABLE t (id serial PRIMARY KEY);

-- What refreshes and analyzes changes nothing.
REFRESH MATERIALIZED VIEW effect.listing;
REFRESH MATERIALIZED VIEW CONCURRENTLY effect.listing;
ANALYZE effect.patient;
VACUUM effect.patient;
\c -
SELECT count(*) AS left_behind FROM pg_class
 WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_temp')
   AND pg_table_is_visible(oid);

-- Where maintenance passes, its rewrites do; what an expression does does not.
SELECT DISTINCT mode FROM migrate_guard('off', 'to see what passes', '{maintenance}')
 WHERE class = 'maintenance';
VACUUM FULL effect.patient;
CLUSTER effect.patient USING patient_pkey;
REINDEX TABLE effect.patient;
REINDEX TABLE CONCURRENTLY effect.patient;
SELECT conname FROM pg_constraint WHERE conrelid = 'effect.visit'::regclass AND contype <> 'n' ORDER BY conname;

SELECT DISTINCT mode FROM migrate_guard('enforce', 'to see what exemptions do', '{maintenance}');

-- An exemption for a schema is good for what happens there, and no further.
SELECT migrate_exempt('a place to try things', role => current_user, schema => 'scratch') AS scratch \gset
SELECT attack, effect.attempt(attack) FROM unnest(ARRAY[
    $$CREATE TABLE scratch.made (id serial PRIMARY KEY, name text CHECK (name <> ''))$$,
    $$CREATE TABLE scratch.made AS SELECT 1 AS one$$,
    $$CREATE TABLE scratch.made (id integer REFERENCES scratch.alone)$$,
    $$CREATE TABLE scratch.made PARTITION OF scratch.parted FOR VALUES FROM (2) TO (3)$$,
    $$CREATE INDEX ON scratch.alone (name)$$,
    $$CREATE STATISTICS scratch.made ON id, name FROM scratch.alone$$,
    $$CREATE TRIGGER made AFTER DELETE ON scratch.alone FOR EACH ROW EXECUTE FUNCTION scratch.nothing()$$,
    $$CREATE RULE made AS ON DELETE TO scratch.alone DO ALSO NOTHING$$,
    $$CREATE VIEW scratch.made AS SELECT * FROM scratch.alone$$,
    $$CREATE MATERIALIZED VIEW scratch.made AS SELECT * FROM scratch.alone$$,
    $$CREATE DOMAIN scratch.made AS integer CHECK (value > 0)$$,
    $$ALTER DOMAIN scratch.positive ADD CHECK (value < 10)$$,
    $$ALTER TABLE scratch.alone ADD COLUMN more text DEFAULT random()::text CHECK (more <> '')$$,
    $$ALTER TABLE scratch.alone ALTER COLUMN name TYPE varchar(10)$$,
    $$ALTER TABLE scratch.alone RENAME TO lonely$$,
    $$CLUSTER scratch.alone USING alone_pkey$$,
    $$REINDEX TABLE scratch.alone$$,
    $$TRUNCATE scratch.alone$$,
    $$DROP TABLE scratch.alone$$]) AS attack;
SELECT attack, effect.attempt(attack) FROM unnest(ARRAY[
    $$CREATE TABLE scratch.made (id integer REFERENCES effect.patient)$$,
    $$CREATE TABLE scratch.made () INHERITS (effect.patient)$$,
    $$CREATE INDEX ON scratch.parted (id)$$,
    $$ALTER TABLE scratch.parted ADD COLUMN more integer$$,
    $$ALTER TABLE scratch.parent ADD COLUMN more integer$$,
    $$ALTER TABLE scratch.parent RENAME COLUMN id TO number$$,
    $$ALTER TABLE scratch.alone SET SCHEMA effect$$,
    $$ALTER TYPE scratch.shape ADD ATTRIBUTE b integer CASCADE$$,
    $$DROP TABLE scratch.seen CASCADE$$,
    $$DROP TABLE scratch.referenced CASCADE$$,
    $$DROP TABLE scratch.parent CASCADE$$,
    $$DROP TABLE scratch.parted$$,
    $$DROP TYPE scratch.pair CASCADE$$,
    $$DROP FUNCTION scratch.nothing CASCADE$$,
    $$DROP SEQUENCE scratch.numbers CASCADE$$,
    $$DROP DOMAIN scratch.positive CASCADE$$,
    $$DROP SCHEMA scratch CASCADE$$,
    $$TRUNCATE scratch.referenced CASCADE$$,
    $$SELECT lo_create(0)$$]) AS attack;
SELECT migrate_exempt_end(:scratch, 'tried');

-- For what has no command there are names to exempt it by.
SELECT migrate_exempt('a photo archive', role => current_user, command => 'LARGE OBJECT') AS object,
       migrate_exempt('its import', role => current_user, command => 'SERVER FILE') AS file,
       migrate_exempt('a replication tool', role => current_user, command => 'SET DANGEROUS') AS setting \gset
SELECT attack, effect.attempt(attack) FROM unnest(ARRAY[
    $$SELECT lo_create(0)$$,
    $$SELECT lo_import('/nonexistent')$$,
    $$SELECT set_config('session_replication_role', 'replica', true)$$,
    $$SELECT effect.as_replica()$$,
    $$UPDATE pg_description SET description = 'x' WHERE false$$]) AS attack;
SELECT migrate_exempt_end(:object, 'done'), migrate_exempt_end(:file, 'done'),
       migrate_exempt_end(:setting, 'done');

-- Break-glass is for all of it.
SELECT migrate_grant('breaker', current_user);
SELECT notice IS NOT NULL AS open FROM migrate_break_glass('a drill');
SELECT attack, effect.attempt(attack) FROM unnest(ARRAY[
    $$SELECT lo_create(0)$$,
    $$SELECT lo_import('/nonexistent')$$,
    $$SELECT set_config('session_replication_role', 'replica', true)$$,
    $$UPDATE pg_description SET description = 'x' WHERE false$$,
    $$DROP TABLE scratch.seen CASCADE$$]) AS attack;
SELECT migrate_break_glass_end(reason => 'end of the drill');
SELECT migrate_revoke('breaker', current_user);

SELECT DISTINCT mode FROM migrate_guard('observe', 'end of test');
RESET client_min_messages;

-- Each is on record, refused or observed, with the layer that saw it.  What
-- is observed may come a moment after.
DO $$
BEGIN
    FOR i IN 1 .. 600 LOOP
        EXIT WHEN (SELECT count(DISTINCT (command, object)) FROM hipaa_migrate.audit_log
                    WHERE event = 'guard.observed' AND details::jsonb ->> 'layer' <> 'utility') >= 21;
        PERFORM pg_sleep(0.05);
    END LOOP;
END $$;
SELECT DISTINCT event, rule, details::jsonb ->> 'layer' AS layer, command,
       CASE WHEN command !~ '^(CREATE|ALTER|DROP|TRUNCATE) ' THEN object END AS object, sqlstate
  FROM hipaa_migrate.audit_log
 WHERE event_id > :start AND event IN ('guard.refused', 'guard.observed')
   AND details::jsonb ->> 'layer' <> 'utility'
 ORDER BY 1, 2, 3, 4, 5;
SELECT DISTINCT statement FROM hipaa_migrate.audit_log
 WHERE event_id > :start AND event = 'guard.refused'
   AND details::jsonb ->> 'layer' = 'executor'
 ORDER BY 1;

SET client_min_messages = error;
SELECT lo_unlink(4711);
DROP SCHEMA effect, scratch CASCADE;
