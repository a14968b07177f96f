--
-- door: what the extension keeps is written by its own code and by nobody
-- else.  All of this is tried by a superuser.
--
SET client_min_messages = error;
CREATE SCHEMA look_alike;

-- Something to lose.
SELECT outcome FROM migrate_register('20250101000000-door', 'SELECT 1', 'SELECT 1', project => 'door');
SELECT outcome FROM migrate_up(project => 'door');

-- A look-alike of what is ours, kept by an ordinary trigger: what gets round
-- that one, and not round ours, is what the door is for.
CREATE FUNCTION look_alike.keep() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE 'append only' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TABLE look_alike.run (LIKE hipaa_migrate.run INCLUDING ALL);
INSERT INTO look_alike.run SELECT * FROM hipaa_migrate.run;
CREATE SEQUENCE look_alike.run_id_seq START 1000;
CREATE SEQUENCE look_alike.hold_id_seq;
CREATE SEQUENCE look_alike.act_id_seq;
CREATE SEQUENCE look_alike.exemption_id_seq;
CREATE SEQUENCE look_alike.break_glass_id_seq;
CREATE VIEW look_alike.audit_log AS SELECT run_id FROM look_alike.run;
CREATE FUNCTION look_alike.require_server() RETURNS void LANGUAGE sql AS '';
CREATE TRIGGER door BEFORE UPDATE OR DELETE ON look_alike.run
    FOR EACH ROW EXECUTE FUNCTION look_alike.keep();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON look_alike.run
    FOR EACH STATEMENT EXECUTE FUNCTION look_alike.keep();
CREATE TABLE look_alike.parent (LIKE hipaa_migrate.run);
CREATE TABLE look_alike.parted (LIKE hipaa_migrate.run) PARTITION BY LIST (run_id);
CREATE VIEW look_alike.window_on AS 
    SELECT run_id, command, started_at, executed_by, effective_role, client, pid FROM look_alike.run;
CREATE VIEW look_alike.window_on_ours AS 
    SELECT run_id, command, started_at, executed_by, effective_role, client, pid FROM hipaa_migrate.run;
CREATE FUNCTION look_alike.off_guard(command text) RETURNS void LANGUAGE plpgsql
    SET session_replication_role = replica AS $$ BEGIN EXECUTE command; END $$;
CREATE FUNCTION look_alike.hostile(bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS
    $$ BEGIN EXECUTE 'DROP TABLE IF EXISTS look_alike.parent'; RETURN $1; END $$;
CREATE FUNCTION look_alike.nothing() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RETURN NULL; END $$;

-- Tries it, takes it back, and says what came of it.
CREATE FUNCTION look_alike.attempt(attack text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE attack;
    RAISE 'taken back' USING ERRCODE = 'triggered_action_exception';
EXCEPTION
    WHEN triggered_action_exception THEN RETURN 'done';
    WHEN OTHERS THEN RETURN SQLSTATE;
END $$;

-- Who writes rows, with what gets round an ordinary trigger: MG013 is ours.
CREATE FUNCTION look_alike.compare(VARIADIC attacks text[])
    RETURNS TABLE (attack text, look_alike text, ours text) LANGUAGE plpgsql AS $$
BEGIN
    FOREACH attack IN ARRAY attacks LOOP
        look_alike := look_alike.attempt(replace(attack, '@', 'look_alike'));
        ours := look_alike.attempt(replace(replace(attack, 'window_on', 'window_on_ours'), '@', 'hipaa_migrate'));
        RETURN NEXT;
    END LOOP;
END $$;
SELECT * FROM look_alike.compare(
    'DELETE FROM @.run',
    'TRUNCATE @.run',
    'SET LOCAL session_replication_role = replica; DELETE FROM @.run',
    'SET LOCAL session_replication_role = replica; UPDATE @.run SET executed_by = ''x''',
    'SET LOCAL session_replication_role = replica; TRUNCATE @.run',
    'SELECT set_config(''session_replication_role'', ''replica'', true); DELETE FROM @.run',
    'SELECT look_alike.off_guard(''DELETE FROM @.run'')',
    'INSERT INTO @.run (run_id, command, started_at, executed_by, effective_role, client, pid) SELECT -run_id, command, started_at, executed_by, effective_role, client, pid FROM @.run',
    'INSERT INTO look_alike.window_on (run_id, command, started_at, executed_by, effective_role, client, pid) SELECT -run_id, command, started_at, executed_by, effective_role, client, pid FROM @.run',
    'WITH w AS (INSERT INTO @.run (run_id, command, started_at, executed_by, effective_role, client, pid) SELECT -run_id, command, started_at, executed_by, effective_role, client, pid FROM @.run RETURNING 1) SELECT count(*) FROM w',
    'SET LOCAL session_replication_role = replica; WITH d AS (DELETE FROM @.run RETURNING 1) SELECT count(*) FROM d',
    'SET LOCAL session_replication_role = replica; DELETE FROM look_alike.window_on',
    'SET LOCAL session_replication_role = replica; MERGE INTO @.run AS r USING (SELECT 1) AS s ON true WHEN MATCHED THEN DELETE',
    'SET LOCAL session_replication_role = replica; EXPLAIN ANALYZE DELETE FROM @.run',
    'SET LOCAL session_replication_role = replica; PREPARE "@" AS DELETE FROM @.run; EXECUTE "@"',
    'SET LOCAL session_replication_role = replica; DO ''BEGIN DELETE FROM @.run; END''',
    'COPY @.run FROM PROGRAM ''true''',
    'COPY @.run FROM PROGRAM ''true'' WHERE true',
    'SELECT * FROM @.run FOR UPDATE',
    'SELECT * FROM @.run FOR KEY SHARE',
    'SELECT * FROM look_alike.window_on FOR UPDATE');

-- Nobody changes what they are, or what stands on them and beside them.
SELECT * FROM look_alike.compare(
    'ALTER TABLE @.run DISABLE TRIGGER ALL',
    'ALTER TABLE @.run DISABLE TRIGGER door',
    'ALTER TABLE @.run ENABLE TRIGGER door',
    'DROP TRIGGER door ON @.run',
    'ALTER TRIGGER door ON @.run RENAME TO porch',
    'ALTER TABLE @.run ALTER COLUMN reason TYPE text USING NULL',
    'ALTER TABLE @.run ALTER COLUMN client SET DEFAULT ''x''',
    'ALTER TABLE @.run ADD COLUMN x integer DEFAULT 1',
    'ALTER TABLE @.run DROP COLUMN reason',
    'ALTER TABLE @.run RENAME COLUMN pid TO dip',
    'ALTER TABLE @.run RENAME TO nur',
    'ALTER TABLE @.run SET UNLOGGED',
    'ALTER TABLE @.run SET SCHEMA public',
    'ALTER TABLE @.run OWNER TO pg_database_owner',
    'ALTER TABLE @.run SET (fillfactor = 50)',
    'ALTER TABLE @.run SET (autovacuum_enabled = off)',
    'ALTER TABLE @.run ADD CHECK (look_alike.hostile(run_id) = 0) NOT VALID',
    'ALTER TABLE @.run DROP CONSTRAINT run_pkey',
    'ALTER TABLE @.run REPLICA IDENTITY NOTHING',
    'ALTER TABLE @.run ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE @.run CLUSTER ON run_pkey',
    'ALTER TABLE @.run ALTER COLUMN client SET STATISTICS 0',
    'ALTER INDEX @.run_pkey RENAME TO x',
    'DROP TABLE @.run CASCADE',
    'CREATE POLICY none ON @.run USING (false)',
    'CREATE RULE lose AS ON INSERT TO @.run DO INSTEAD NOTHING',
    'CREATE TRIGGER lose BEFORE INSERT ON @.run FOR EACH ROW EXECUTE FUNCTION look_alike.nothing()',
    'CREATE CONSTRAINT TRIGGER lose AFTER INSERT ON @.run FOR EACH ROW EXECUTE FUNCTION look_alike.nothing()',
    'CREATE INDEX ON @.run (look_alike.hostile(run_id))',
    'CREATE STATISTICS look_alike.s ON pid, run_id FROM @.run',
    'CREATE TABLE look_alike.x (run_id bigint REFERENCES @.run)',
    'ALTER TABLE look_alike.parent ADD FOREIGN KEY (run_id) REFERENCES @.run',
    'CREATE TABLE look_alike.x () INHERITS (@.run)',
    'ALTER TABLE @.run INHERIT look_alike.parent',
    'ALTER TABLE look_alike.parent INHERIT @.run',
    'ALTER TABLE look_alike.parted ATTACH PARTITION @.run DEFAULT',
    'CREATE PUBLICATION p FOR TABLE @.run',
    'CREATE PUBLICATION p FOR TABLES IN SCHEMA @',
    'LOCK TABLE @.run IN ROW SHARE MODE',
    'LOCK TABLE @.run IN ACCESS SHARE MODE',
    'LOCK TABLE look_alike.window_on IN ROW SHARE MODE',
    'LOCK TABLE look_alike.window_on IN ACCESS SHARE MODE',
    'CREATE VIEW look_alike.wall AS SELECT (SELECT count(*) FROM look_alike.window_on); LOCK look_alike.wall',
    'REINDEX TABLE @.run',
    'REINDEX INDEX @.run_pkey',
    'CLUSTER @.run USING run_pkey',
    'ANALYZE @.run',
    'COMMENT ON TABLE @.run IS ''nothing to see here''',
    'COMMENT ON COLUMN @.run.pid IS ''nothing to see here''',
    'COMMENT ON TRIGGER door ON @.run IS ''nothing to see here''',
    'GRANT INSERT ON @.run TO PUBLIC',
    'GRANT UPDATE (pid) ON @.run TO PUBLIC',
    'GRANT ALL ON ALL TABLES IN SCHEMA @ TO PUBLIC',
    'GRANT USAGE ON SEQUENCE @.run_id_seq TO PUBLIC',
    'GRANT CREATE ON SCHEMA @ TO PUBLIC',
    'ALTER SEQUENCE @.run_id_seq RESTART',
    'ALTER SEQUENCE @.run_id_seq OWNED BY look_alike.parent.pid',
    'SELECT setval(''@.run_id_seq'', 1, false)',
    'SELECT setval(''@.run_id_seq'', 9223372036854775807)',
    'SELECT setval(oid, 1) FROM pg_class WHERE oid = ''@.run_id_seq''::regclass',
    'DO $d$ BEGIN PERFORM setval(''@.run_id_seq'', 1, false); END $d$',
    'SELECT setval(''@.hold_id_seq'', 9223372036854775807)',
    'SELECT setval(''@.act_id_seq'', 9223372036854775807)',
    'SELECT setval(''@.exemption_id_seq'', 9223372036854775807)',
    'SELECT setval(''@.break_glass_id_seq'', 9223372036854775807)',
    'DROP SEQUENCE @.run_id_seq',
    'CREATE OR REPLACE VIEW @.audit_log AS SELECT 1 AS one',
    'ALTER VIEW @.audit_log SET (security_barrier = false)',
    'DROP VIEW @.audit_log',
    'CREATE OR REPLACE FUNCTION @.require_server() RETURNS void LANGUAGE sql AS ''''',
    'ALTER FUNCTION @.require_server() SECURITY DEFINER',
    'COMMENT ON FUNCTION @.require_server() IS ''nothing to see here''',
    'DROP FUNCTION @.require_server() CASCADE',
    'CREATE TABLE @.mine ()',
    'CREATE TABLE @.mine AS SELECT 1',
    'CREATE VIEW @.mine AS SELECT 1',
    'CREATE SEQUENCE @.mine',
    'CREATE TYPE @.mine AS ENUM ()',
    'CREATE DOMAIN @.mine AS text',
    'CREATE FUNCTION @.mine() RETURNS integer LANGUAGE sql AS ''SELECT 1''',
    'CREATE COLLATION @.mine FROM "C"',
    'ALTER TABLE look_alike.parent SET SCHEMA @; ALTER TABLE @.parent SET SCHEMA public',
    'CREATE TABLE public.mine (); ALTER TABLE public.mine SET SCHEMA @',
    'ALTER SCHEMA @ RENAME TO x',
    'ALTER SCHEMA @ OWNER TO pg_database_owner',
    'DROP SCHEMA @ CASCADE');

SET allow_in_place_tablespaces = on;
CREATE TABLESPACE regress_door LOCATION '';

-- Nor are they reached by a name that is found on the way, or by a cascade.
SELECT command, look_alike.attempt(command) AS ours
FROM unnest(ARRAY[
    'SET LOCAL search_path = hipaa_migrate; DELETE FROM run',
    'SET LOCAL search_path = hipaa_migrate; TRUNCATE run',
    'SET LOCAL search_path = hipaa_migrate; ALTER TABLE run DISABLE TRIGGER ALL',
    'SET LOCAL search_path = hipaa_migrate; CREATE TABLE mine ()',
    'DROP INDEX hipaa_migrate.run_step_run_idx',
    'ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE regress_door',
    'DROP SCHEMA public CASCADE',
    'ALTER EXTENSION hipaa_migrate DROP TABLE hipaa_migrate.run',
    'ALTER EXTENSION hipaa_migrate DROP FUNCTION migrate_up(text, text, text)',
    'ALTER EXTENSION hipaa_migrate ADD TABLE look_alike.run',
    'ALTER EXTENSION hipaa_migrate SET SCHEMA look_alike',
    'DROP EVENT TRIGGER hipaa_migrate_ddl',
    'ALTER EVENT TRIGGER hipaa_migrate_ddl DISABLE',
    'ALTER EVENT TRIGGER hipaa_migrate_ddl OWNER TO pg_database_owner',
    'ALTER FUNCTION migrate_up(text, text, text) RENAME TO migrate_nothing',
    'ALTER FUNCTION migrate_up(text, text, text) SET session_replication_role = replica',
    'ALTER FUNCTION migrate_up(text, text, text) DEPENDS ON EXTENSION plpgsql',
    'CREATE OR REPLACE FUNCTION migrate_require(names text[], nothing_after text DEFAULT NULL, project text DEFAULT ''default'') RETURNS void LANGUAGE sql AS ''''']) AS command;

-- Rows of catalogs are not written by hand where they describe what is ours,
-- for with them all of the above could be had; where they describe others they
-- are.  What needs it without the library is in test/tap/door.pl.
CREATE PUBLICATION look_alike;
CREATE TABLE look_alike.defaulted (id integer DEFAULT 1);
SELECT * FROM look_alike.compare(
    'UPDATE pg_trigger SET tgenabled = ''D'' WHERE tgrelid = ''@.run''::regclass',
    'DELETE FROM pg_trigger WHERE tgrelid = ''@.run''::regclass',
    'UPDATE pg_trigger SET tgrelid = ''look_alike.parent''::regclass WHERE tgrelid = ''@.run''::regclass',
    'UPDATE pg_class SET relhastriggers = false WHERE oid = ''@.run''::regclass',
    'UPDATE pg_class SET relname = ''x'' WHERE oid = ''@.run''::regclass',
    'UPDATE pg_class SET reltuples = 7 WHERE oid = ''@.run''::regclass',
    'UPDATE pg_class SET relfrozenxid = relfrozenxid WHERE oid = ''@.run''::regclass',
    'UPDATE pg_class SET relrowsecurity = true, relforcerowsecurity = true WHERE oid = ''@.run''::regclass',
    'UPDATE pg_class SET relname = ''x'' WHERE oid = ''@.run_pkey''::regclass',
    'UPDATE pg_class SET relname = ''x'' WHERE oid = (SELECT reltoastrelid FROM pg_class WHERE oid = ''@.run''::regclass)',
    'DELETE FROM pg_class WHERE oid = ''@.run''::regclass',
    'UPDATE pg_attribute SET attname = ''x'' WHERE attrelid = ''@.run''::regclass AND attname = ''client''',
    'DELETE FROM pg_attribute WHERE attrelid = ''@.run''::regclass',
    'UPDATE pg_attrdef SET adrelid = ''@.run''::regclass WHERE adrelid = ''look_alike.defaulted''::regclass',
    'INSERT INTO pg_inherits SELECT ''@.run''::regclass, ''look_alike.parent''::regclass, 1, false',
    'INSERT INTO pg_inherits SELECT ''look_alike.parent''::regclass, ''@.run''::regclass, 1, false',
    'UPDATE pg_proc SET prosrc = '''' WHERE oid = ''@.require_server()''::regprocedure',
    'UPDATE pg_proc SET pronamespace = ''public''::regnamespace WHERE oid = ''@.require_server()''::regprocedure',
    'UPDATE pg_proc SET pronamespace = ''@''::regnamespace WHERE oid = ''look_alike.nothing()''::regprocedure',
    'UPDATE pg_namespace SET nspname = ''x'' WHERE nspname = ''@''',
    'UPDATE pg_index SET indisvalid = false WHERE indrelid = ''@.run''::regclass',
    'UPDATE pg_index SET indrelid = ''look_alike.parent''::regclass WHERE indrelid = ''@.run''::regclass',
    'DELETE FROM pg_depend WHERE objid = ''@.run''::regclass',
    'DELETE FROM pg_depend WHERE refobjid = ''@.run''::regclass',
    'INSERT INTO pg_depend SELECT ''pg_class''::regclass, ''look_alike.parent''::regclass, 0, ''pg_namespace''::regclass, ''@''::regnamespace, 0, ''i''',
    'DELETE FROM pg_rewrite WHERE ev_class = ''@.audit_log''::regclass',
    'UPDATE pg_rewrite SET ev_class = ''@.run''::regclass WHERE ev_class = ''look_alike.window_on''::regclass',
    'UPDATE pg_constraint SET convalidated = false WHERE conrelid = ''@.run''::regclass',
    'UPDATE pg_sequence SET seqincrement = -1 WHERE seqrelid = ''@.run_id_seq''::regclass',
    'INSERT INTO pg_policy SELECT 99999, ''none'', ''@.run''::regclass, ''*'', true, ''{0}'', NULL, NULL',
    'UPDATE pg_type SET typname = ''x'' WHERE typrelid = ''@.run''::regclass',
    'UPDATE pg_type SET typname = ''x'' WHERE typname = ''_run'' AND typnamespace = ''@''::regnamespace',
    'INSERT INTO pg_publication_rel (oid, prpubid, prrelid) SELECT 99999, oid, ''@.run''::regclass FROM pg_publication WHERE pubname = ''look_alike''',
    'WITH u AS (UPDATE pg_attribute SET attname = ''x'' WHERE attrelid = ''@.run''::regclass AND attname = ''client'' RETURNING 1) SELECT count(*) FROM u',
    'MERGE INTO pg_constraint USING (SELECT 1) AS s ON conrelid = ''@.run''::regclass WHEN MATCHED THEN DELETE',
    'CREATE VIEW look_alike.triggers AS SELECT * FROM pg_trigger; DELETE FROM look_alike.triggers WHERE tgrelid = ''@.run''::regclass',
    'EXPLAIN ANALYZE UPDATE pg_trigger SET tgenabled = ''D'' WHERE tgrelid = ''@.run''::regclass',
    'DO $d$ BEGIN UPDATE pg_trigger SET tgenabled = ''D'' WHERE tgrelid = ''@.run''::regclass; END $d$');

-- The extension itself, what is named in none of its tables, and what others
-- could be made to be, or to have, of ours.
SELECT command, look_alike.attempt(command) AS ours
FROM unnest(ARRAY[
    'UPDATE pg_extension SET extname = ''x'' WHERE extname = ''hipaa_migrate''',
    'DELETE FROM pg_extension WHERE extname = ''hipaa_migrate''',
    'UPDATE pg_event_trigger SET evtenabled = ''D'' WHERE evtname ~ ''hipaa''',
    'DELETE FROM pg_depend WHERE deptype = ''e''',
    'UPDATE pg_proc SET prosrc = '''' WHERE proname = ''migrate_up''',
    'UPDATE pg_class SET relnamespace = ''hipaa_migrate''::regnamespace WHERE oid = ''look_alike.parent''::regclass',
    'UPDATE pg_index SET indrelid = ''hipaa_migrate.run''::regclass WHERE indrelid = ''look_alike.run''::regclass',
    'UPDATE pg_trigger SET tgrelid = ''hipaa_migrate.run_step''::regclass, tgname = tgname || ''x'' WHERE tgrelid = ''look_alike.run''::regclass',
    'UPDATE pg_depend SET refclassid = ''pg_extension''::regclass, refobjid = (SELECT oid FROM pg_extension WHERE extname = ''hipaa_migrate''), deptype = ''e'' WHERE objid = ''look_alike.run''::regclass',
    -- Whose files they are.
    'UPDATE pg_class SET relfilenode = 1 WHERE oid = ''hipaa_migrate.run''::regclass',
    'UPDATE pg_class SET relfilenode = (SELECT relfilenode FROM pg_class WHERE oid = ''hipaa_migrate.run''::regclass) WHERE oid = ''look_alike.run''::regclass',
    'UPDATE pg_class SET reltoastrelid = (SELECT reltoastrelid FROM pg_class WHERE oid = ''hipaa_migrate.run''::regclass) WHERE oid = ''look_alike.run''::regclass',
    'UPDATE pg_class SET reltablespace = 1663 WHERE oid = ''look_alike.run''::regclass',
    'CREATE VIEW look_alike.classes AS SELECT * FROM pg_class; UPDATE look_alike.classes SET relfilenode = 1 WHERE oid = ''look_alike.run''::regclass',
    'INSERT INTO pg_class SELECT (jsonb_populate_record(c, ''{"oid": 99999, "relname": "twin"}'')).* FROM pg_class AS c WHERE oid = ''hipaa_migrate.run''::regclass',
    'MERGE INTO pg_class AS c USING (SELECT 1) AS s ON c.oid = ''look_alike.run''::regclass WHEN MATCHED THEN UPDATE SET relfilenode = 1',
    -- The server's own.
    'UPDATE pg_proc SET prosrc = ''pg_backend_pid'' WHERE oid = ''pg_catalog.pg_my_temp_schema()''::regprocedure',
    'UPDATE pg_class SET relname = ''x'' WHERE oid = ''pg_trigger''::regclass',
    'UPDATE pg_class SET reltuples = reltuples WHERE oid = ''pg_trigger''::regclass',
    'UPDATE pg_attribute SET attnotnull = false WHERE attrelid = ''pg_trigger''::regclass',
    'UPDATE pg_type SET typname = ''x'' WHERE oid = ''uuid''::regtype',
    'UPDATE pg_namespace SET nspname = ''x'' WHERE nspname = ''pg_catalog''',
    -- What bears on more than one object.
    'UPDATE pg_authid SET rolsuper = true WHERE rolname = ''pg_monitor''',
    'DELETE FROM pg_auth_members',
    'DELETE FROM pg_db_role_setting',
    'DELETE FROM pg_shdepend',
    'DELETE FROM pg_operator WHERE oprname = ''~~~''',
    'DELETE FROM pg_cast WHERE castsource = ''xid''::regtype',
    'DELETE FROM pg_amproc WHERE amprocnum = 99',
    -- By commands.
    'COPY pg_trigger FROM PROGRAM ''true''',
    'TRUNCATE pg_trigger',
    'ALTER TABLE pg_trigger RENAME TO x',
    'SET LOCAL allow_system_table_mods = on; TRUNCATE pg_trigger',
    'SET LOCAL allow_system_table_mods = on; ALTER TABLE pg_trigger RENAME TO x',
    'SET LOCAL allow_system_table_mods = on; CREATE TRIGGER t BEFORE INSERT ON pg_class FOR EACH ROW EXECUTE FUNCTION look_alike.nothing()',
    'SET LOCAL allow_system_table_mods = on; CREATE RULE r AS ON INSERT TO pg_trigger DO INSTEAD NOTHING',
    -- What is none of this.
    'DELETE FROM pg_depend WHERE classid = ''pg_rewrite''::regclass AND refobjid = ''look_alike.run''::regclass',
    'WITH d AS (DELETE FROM pg_policy RETURNING 1) SELECT count(*) FROM d']) AS command;

-- Nor for the time of a query that is refused when it is done: what it calls
-- meanwhile comes to nothing.  nextval() is not undone, and so tells.
CREATE SEQUENCE look_alike.reached MINVALUE 0;
CREATE FUNCTION look_alike.meanwhile(command text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE command;
    RETURN nextval('look_alike.reached');
EXCEPTION
    WHEN OTHERS THEN
    RETURN 0;
END $$;
SELECT * FROM look_alike.compare(
    'UPDATE pg_trigger SET tgenabled = ''D'' WHERE tgrelid = ''@.run''::regclass RETURNING look_alike.meanwhile(''DELETE FROM @.run'')',
    'DELETE FROM pg_depend WHERE objid = ''@.run''::regclass RETURNING look_alike.meanwhile(''TRUNCATE look_alike.parent'')',
    'WITH u AS (UPDATE pg_class SET relname = ''x'' WHERE oid = ''@.run''::regclass RETURNING 1) SELECT look_alike.meanwhile(''SELECT 1'') FROM u',
    'UPDATE pg_attribute SET attname = ''x'' WHERE attrelid = ''@.run''::regclass AND attname = ''client'' RETURNING look_alike.meanwhile(''SET LOCAL work_mem = 64'')');
SELECT last_value + 1 AS reached_by_look_alikes_alone FROM look_alike.reached;
SELECT last_value AS run_id FROM hipaa_migrate.run_id_seq \gset
SELECT look_alike.attempt('UPDATE pg_extension SET extname = ''x'' WHERE extname = ''hipaa_migrate'' RETURNING look_alike.meanwhile(''SELECT setval(''''hipaa_migrate.run_id_seq'''', 1)'')');
SELECT last_value + 1 AS no_more FROM look_alike.reached;
SELECT last_value = :run_id AS unmoved FROM hipaa_migrate.run_id_seq;

-- A row that another command of the transaction wrote is not the query's.
BEGIN;
CREATE OR REPLACE FUNCTION look_alike.nothing() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RETURN NEW; END $$;
GRANT EXECUTE ON FUNCTION migrate_up(text, text, text) TO pg_monitor;
UPDATE pg_proc SET procost = 7 WHERE oid = 'look_alike.nothing()'::regprocedure;
ROLLBACK;

-- What cannot be tried in a function.
\set VERBOSITY terse
VACUUM FULL hipaa_migrate.run;
VACUUM (FULL off, FULL on) hipaa_migrate.run;
VACUUM FULL;
REINDEX TABLE CONCURRENTLY hipaa_migrate.run;
REINDEX SCHEMA hipaa_migrate;
DROP INDEX CONCURRENTLY hipaa_migrate.run_pkey;
CREATE INDEX CONCURRENTLY ON hipaa_migrate.run (pid);
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM hipaa_migrate.run FOR UPDATE;
FETCH c;
ROLLBACK;
\set VERBOSITY default

-- Who is refused is told what, why and what to do instead.
DELETE FROM hipaa_migrate.audit_event;
UPDATE hipaa_migrate.migration SET state = 'applied';
INSERT INTO hipaa_migrate.capability_grant SELECT;
TRUNCATE hipaa_migrate.run_step;
LOCK TABLE hipaa_migrate.audit_leaf;
ALTER FUNCTION migrate_up(text, text, text) OWNER TO pg_database_owner;
ALTER EXTENSION hipaa_migrate DROP TABLE hipaa_migrate.run;
CREATE TABLE hipaa_migrate.mine ();
UPDATE pg_trigger SET tgenabled = 'D';
SELECT setval('hipaa_migrate.event_id_seq', 1, false);
\echo :LAST_ERROR_SQLSTATE

-- A sequence that setval() has moved is where it was, also when whoever moved
-- it has rolled back, for setval() is not undone: the next statement says so.
SELECT last_value AS run_id FROM hipaa_migrate.run_id_seq \gset
BEGIN;
SELECT setval('hipaa_migrate.run_id_seq', 1, false), 1 / (random() * 0)::integer;
ROLLBACK;
SELECT 1;
SELECT last_value = :run_id AS unmoved FROM hipaa_migrate.run_id_seq;

-- A trigger stands on every table, and fires whatever replication is up to.
SELECT c.relname AS without_trigger
FROM pg_class AS c
WHERE c.relnamespace = 'hipaa_migrate'::regnamespace AND c.relkind = 'r'
  AND (SELECT array_agg(t.tgtype ORDER BY t.tgtype)
       FROM pg_trigger AS t
       WHERE t.tgrelid = c.oid AND t.tgenabled = 'A'
         AND t.tgfoid = 'hipaa_migrate.door()'::regprocedure)
      IS DISTINCT FROM '{31,34}'::smallint[];

-- What does no harm works as on any table, and others are let alone.
VACUUM hipaa_migrate.run;
ANALYZE hipaa_migrate.run;
EXPLAIN (COSTS OFF) DELETE FROM hipaa_migrate.run;
COMMENT ON EXTENSION hipaa_migrate IS 'governed, audited schema migrations';
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC;
CREATE TEMPORARY TABLE run (x integer);
INSERT INTO run VALUES (1);
TRUNCATE run;
DROP TABLE run;
SELECT setval('look_alike.run_id_seq', 5);

-- Whoever asks through a function of the extension still gets what they ask.
SELECT outcome FROM migrate_down('door:20250101000000-door');
SELECT migrate_unregister('door:20250101000000-door', 'end of the test');
SET client_min_messages = error;
DROP TABLESPACE regress_door;
DROP SCHEMA look_alike CASCADE;
