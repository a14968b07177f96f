--
-- phi: labels that say which tables and columns hold health information.
--
SET client_min_messages = warning;
SELECT current_user AS superuser \gset
CREATE ROLE regress_phi_owner LOGIN;
CREATE ROLE regress_phi_auditor LOGIN;
CREATE ROLE regress_phi_other LOGIN;
SELECT migrate_grant('auditor', 'regress_phi_auditor');
CREATE SCHEMA phi AUTHORIZATION regress_phi_owner;
CREATE SCHEMA phi_more AUTHORIZATION regress_phi_owner;
CREATE FOREIGN DATA WRAPPER regress_phi_fdw;
CREATE SERVER regress_phi_server FOREIGN DATA WRAPPER regress_phi_fdw;
GRANT USAGE ON FOREIGN SERVER regress_phi_server TO regress_phi_owner;

-- What the labels come to, short.
CREATE VIEW public.phi_shown AS
    SELECT concat_ws('.', relation, column_name) AS what, level, inherited_from, exposed_in
      FROM hipaa_migrate.phi_inventory WHERE schema = 'phi';
GRANT SELECT ON public.phi_shown TO PUBLIC;
-- What is on record, in order.
CREATE VIEW public.phi_recorded AS
    SELECT event, object, migration, details FROM hipaa_migrate.audit_log
     WHERE event LIKE 'phi.%' ORDER BY event_id;

\c - regress_phi_owner
SET search_path = phi, public;

--
-- Who may label what
--
-- Without a label nothing is health information, whatever its name.
CREATE TABLE students (id integer, ssn text, diagnosis text, visited date);
CREATE TABLE visits (id integer, day date, notes text) PARTITION BY RANGE (day);
CREATE FOREIGN TABLE claims (id integer, amount numeric) SERVER regress_phi_server;
CREATE VIEW names AS SELECT id FROM students;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM students;

-- The three levels, on columns and on everything that has rows.
SECURITY LABEL FOR hipaa_migrate ON COLUMN students.ssn IS 'phi';
SECURITY LABEL FOR 'hipaa_migrate' ON COLUMN students.id IS 'pii';
SECURITY LABEL FOR hipaa_migrate ON COLUMN students.visited IS 'none';
SECURITY LABEL FOR hipaa_migrate ON TABLE visits IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON FOREIGN TABLE claims IS 'pii';
SECURITY LABEL FOR hipaa_migrate ON VIEW names IS 'pii';
SECURITY LABEL FOR hipaa_migrate ON COLUMN names.id IS 'pii';
SECURITY LABEL FOR hipaa_migrate ON MATERIALIZED VIEW counted IS 'none';
SECURITY LABEL FOR hipaa_migrate ON COLUMN claims.amount IS 'none';
SELECT objtype, objname, label FROM pg_seclabels
WHERE provider = 'hipaa_migrate' AND objtype <> 'database' ORDER BY objtype, objname;
-- NULL takes it away, and is no error where there is none.
SECURITY LABEL FOR hipaa_migrate ON VIEW names IS NULL;
SECURITY LABEL FOR hipaa_migrate ON VIEW names IS NULL;
SECURITY LABEL FOR hipaa_migrate ON COLUMN names.id IS NULL;
SECURITY LABEL FOR hipaa_migrate ON MATERIALIZED VIEW counted IS NULL;
SECURITY LABEL FOR hipaa_migrate ON FOREIGN TABLE claims IS NULL;
SECURITY LABEL FOR hipaa_migrate ON COLUMN claims.amount IS NULL;

-- No other word is a label, in no other spelling.
SECURITY LABEL FOR hipaa_migrate ON COLUMN students.ssn IS 'secret';
SECURITY LABEL FOR hipaa_migrate ON COLUMN students.ssn IS 'PHI';
SECURITY LABEL FOR hipaa_migrate ON COLUMN students.ssn IS '';

-- What has no rows of its own has no labels, nor what pg_dump would not carry.
CREATE SEQUENCE numbers;
CREATE TYPE pair AS (a integer, b text);
CREATE FUNCTION four() RETURNS integer LANGUAGE sql AS 'SELECT 4';
SECURITY LABEL FOR hipaa_migrate ON SCHEMA phi IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON SEQUENCE numbers IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON TYPE pair IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON COLUMN pair.b IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON FUNCTION four() IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON ROLE regress_phi_owner IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON COLUMN students.ctid IS 'phi';
-- What is not there, or is something else.
SECURITY LABEL FOR hipaa_migrate ON TABLE nowhere IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON COLUMN students.nothing IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON TABLE names IS 'phi';

-- The owner labels, and nobody else but a superuser.
GRANT USAGE ON SCHEMA phi TO regress_phi_other;
GRANT ALL ON students, visits TO regress_phi_other;
\c - regress_phi_other
SECURITY LABEL FOR hipaa_migrate ON COLUMN phi.students.ssn IS NULL;
SECURITY LABEL FOR hipaa_migrate ON TABLE phi.visits IS 'none';
\c - :superuser
SET search_path = phi, public;
SECURITY LABEL FOR hipaa_migrate ON COLUMN students.diagnosis IS 'phi';
-- Nobody labels what is the extension's, or a database; not even the same.
SECURITY LABEL FOR hipaa_migrate ON TABLE hipaa_migrate.migration IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON COLUMN hipaa_migrate.audit_event.statement IS 'none';
SECURITY LABEL FOR hipaa_migrate ON DATABASE template1 IS 'phi';
SELECT count(*) FROM pg_shseclabel
WHERE objoid = (SELECT oid FROM pg_database WHERE datname = 'template1');

-- As any DDL: not in a read-only transaction, seen by event triggers, undone
-- with its transaction.
BEGIN READ ONLY;
SECURITY LABEL FOR hipaa_migrate ON COLUMN students.ssn IS 'none';
ROLLBACK;
CREATE FUNCTION say() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    RAISE WARNING '%: %', tg_event, tg_tag;
    IF tg_event = 'ddl_command_end' THEN
        FOR r IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
            RAISE WARNING '% % %', r.command_tag, r.object_type, r.object_identity;
        END LOOP;
    END IF;
END
$$;
CREATE EVENT TRIGGER regress_phi_start ON ddl_command_start EXECUTE FUNCTION say();
CREATE EVENT TRIGGER regress_phi_end ON ddl_command_end EXECUTE FUNCTION say();
SECURITY LABEL FOR hipaa_migrate ON COLUMN students.diagnosis IS 'pii';
DO $$ BEGIN EXECUTE 'SECURITY LABEL FOR hipaa_migrate ON COLUMN students.diagnosis IS ''phi'''; END $$;
SECURITY LABEL FOR hipaa_migrate ON TABLE nowhere IS 'phi';
DROP EVENT TRIGGER regress_phi_start;
DROP EVENT TRIGGER regress_phi_end;
BEGIN;
SECURITY LABEL FOR hipaa_migrate ON TABLE students IS 'phi';
ROLLBACK;
SELECT what, level FROM phi_shown WHERE what ~ '^students' ORDER BY what COLLATE "C";

-- To the guard it is a command of class schema.
SELECT class FROM hipaa_migrate.classify_command($$SECURITY LABEL FOR hipaa_migrate ON COLUMN students.ssn IS NULL$$);

--
-- Without FOR, and for others: as if this extension were not there
--
SECURITY LABEL ON TABLE students IS 'phi';
SECURITY LABEL ON TABLE nowhere IS 'phi';
SECURITY LABEL ON DATABASE template1 IS '{}';
SECURITY LABEL FOR dummy ON TABLE students IS 'phi';
SECURITY LABEL FOR "HIPAA_MIGRATE" ON TABLE students IS 'phi';
-- A database without the extension knows no such provider.
\set home :DBNAME
\c template1
CREATE TEMPORARY TABLE students (id integer);
SECURITY LABEL FOR hipaa_migrate ON TABLE students IS 'phi';
SECURITY LABEL ON TABLE students IS 'phi';
\c :home regress_phi_owner
SET search_path = phi, public;

--
-- What a label reaches
--
-- A table's label holds for its columns but those that have their own; later
-- columns too.
ALTER TABLE visits ADD room text;
SECURITY LABEL FOR hipaa_migrate ON COLUMN visits.day IS 'none';
-- For partitions and children it holds as well, whatever they say themselves;
-- they may say more.
CREATE TABLE visits_2025 PARTITION OF visits FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY RANGE (day);
CREATE TABLE visits_2025_1 PARTITION OF visits_2025 FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
SECURITY LABEL FOR hipaa_migrate ON TABLE visits_2025 IS 'none';
SECURITY LABEL FOR hipaa_migrate ON COLUMN visits_2025.notes IS 'pii';
SECURITY LABEL FOR hipaa_migrate ON COLUMN visits_2025_1.day IS 'pii';
-- Of two parents, the one that says more; a column of its own by the table.
CREATE TABLE parent_a (a integer, b integer);
CREATE TABLE parent_b (b integer);
CREATE TABLE child (c integer) INHERITS (parent_a, parent_b);
SECURITY LABEL FOR hipaa_migrate ON COLUMN parent_a.b IS 'pii';
SECURITY LABEL FOR hipaa_migrate ON COLUMN parent_b.b IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON TABLE parent_a IS 'none';
\c - regress_phi_auditor
SELECT what, level, inherited_from FROM public.phi_shown ORDER BY what COLLATE "C";

-- A label stays through a new name, a new type, another schema, and goes with
-- its column.
\c - regress_phi_owner
SET search_path = phi, public;
ALTER TABLE students RENAME diagnosis TO "Diagnosis";
ALTER TABLE students ALTER "Diagnosis" TYPE varchar(80);
ALTER TABLE students RENAME TO "Pupils";
ALTER TABLE "Pupils" SET SCHEMA phi_more;
ALTER TABLE phi_more."Pupils" DROP visited;
ALTER TABLE phi_more."Pupils" ADD visited date;
COMMENT ON TABLE phi_more."Pupils" IS 'all of them';
COMMENT ON COLUMN phi_more."Pupils".ssn IS 'social security number';
SECURITY LABEL FOR hipaa_migrate ON TABLE phi_more."Pupils" IS 'none';
INSERT INTO phi_more."Pupils" SELECT FROM generate_series(1, 7);
ANALYZE phi_more."Pupils";
\c - regress_phi_auditor
SELECT * FROM hipaa_migrate.phi_inventory WHERE schema = 'phi_more' ORDER BY column_name COLLATE "C" NULLS FIRST;

--
-- Which views show a column
--
\c - regress_phi_owner
SET search_path = phi, public;
DROP TABLE visits, parent_a, parent_b, child;
CREATE TABLE p (id integer, secret text, free text);
CREATE TABLE q (id integer, other text);
SECURITY LABEL FOR hipaa_migrate ON COLUMN p.secret IS 'phi';
-- Directly, in expressions, aggregates, whole rows, and in the way each kind
-- of range table entry has.
CREATE VIEW v01 AS SELECT secret, free FROM p;
CREATE VIEW v02 AS SELECT length(secret || free) AS x, free FROM p;
CREATE VIEW v03 AS SELECT free, count(*) AS n, max(secret) AS x FROM p GROUP BY free;
CREATE VIEW v04 AS SELECT p AS x, p.free FROM p;
CREATE VIEW v05 AS SELECT x.a AS x, x.b AS y FROM (SELECT secret AS a, free AS b FROM p OFFSET 0) x;
CREATE VIEW v06 AS SELECT * FROM (p JOIN q USING (id)) AS j (i, x, y, z);
CREATE VIEW v07 AS WITH w AS (SELECT secret AS a, free AS b FROM p) SELECT (SELECT max(a) FROM w) AS x, b AS y FROM w;
CREATE VIEW v08 AS WITH RECURSIVE w (a, b) AS (SELECT free, secret FROM p UNION ALL SELECT a, b FROM w) SELECT b AS x, a AS y FROM w;
CREATE VIEW v09 AS SELECT other AS x, id AS y FROM q UNION SELECT free, id FROM p EXCEPT SELECT secret, 1 FROM p;
CREATE VIEW v10 AS SELECT q.id AS y, l.x FROM q, LATERAL (SELECT secret || q.other AS x FROM p WHERE p.id = q.id) l;
CREATE VIEW v11 AS SELECT f.x, p.free FROM p, unnest(string_to_array(secret, ',')) AS f (x);
CREATE VIEW v12 AS SELECT v.x, p.free FROM p, LATERAL (VALUES (secret), (free)) AS v (x);
CREATE VIEW v13 AS SELECT secret AS x, count(*) AS y FROM p GROUP BY secret;
CREATE VIEW v14 AS SELECT (SELECT (SELECT p.secret) FROM q LIMIT 1) AS x FROM p;
CREATE VIEW v15 AS SELECT to_json(j) AS x, to_json(q) AS y FROM (SELECT * FROM p) j, q;
CREATE MATERIALIZED VIEW v16 AS SELECT secret AS x FROM p;
-- Not by what is only looked at.
CREATE VIEW v20 AS SELECT free FROM p WHERE secret > 'x' ORDER BY secret;
CREATE VIEW v21 AS SELECT p.free, p.ctid, p.tableoid FROM p;
-- Through other views; until one is labelled to show nothing any more.
CREATE VIEW v30 AS SELECT x FROM v02;
CREATE VIEW v31 AS SELECT v16.x AS y, v30.x AS z FROM v30, v16 WHERE false;
CREATE VIEW v32 AS SELECT left(secret, 1) AS x, secret AS y FROM p;
CREATE VIEW v33 AS SELECT x FROM v32;
SECURITY LABEL FOR hipaa_migrate ON COLUMN v32.x IS 'none';
CREATE VIEW v34 AS SELECT secret AS x FROM p;
CREATE VIEW v35 AS SELECT * FROM v34;
SECURITY LABEL FOR hipaa_migrate ON VIEW v34 IS 'none';
\c - regress_phi_auditor
SELECT what, level, shown_by FROM public.phi_shown, unnest(exposed_in) AS shown_by
WHERE what = 'p.secret' ORDER BY shown_by;

-- Views that read each other in a circle, and views that double with each
-- level, are looked into once.
\c - regress_phi_owner
SET search_path = phi, public;
DROP MATERIALIZED VIEW v16 CASCADE;
DROP VIEW v01, v02, v03, v04, v05, v06, v07, v08, v09, v10, v11, v12, v13, v14, v15, v20, v21, v30, v32, v33, v34, v35;
CREATE VIEW a AS SELECT secret AS x FROM p;
CREATE VIEW b AS SELECT x FROM a;
CREATE OR REPLACE VIEW a AS SELECT secret || (SELECT max(x) FROM b) AS x FROM p;
CREATE VIEW d0 AS SELECT secret AS x FROM p;
DO $$
BEGIN
    FOR i IN 1 .. 40 LOOP
        EXECUTE format('CREATE VIEW d%s AS SELECT l.x || r.x AS x FROM d%s l, d%2$s r', i, i - 1);
    END LOOP;
    EXECUTE (SELECT 'CREATE VIEW e AS WITH w0 AS (SELECT secret AS x FROM p)' ||
                    string_agg(format(', w%s AS (SELECT l.x || r.x AS x FROM w%s l, w%2$s r)', i, i - 1), '' ORDER BY i) ||
                    ' SELECT x FROM w40' FROM generate_series(1, 40) AS i);
END
$$;
-- A view of the parent shows what the child holds, by its name there.
CREATE TABLE mother (a integer, b text);
CREATE TABLE daughter (b text, a integer);
ALTER TABLE daughter INHERIT mother;
SECURITY LABEL FOR hipaa_migrate ON COLUMN daughter.b IS 'phi';
CREATE VIEW m AS SELECT a, b FROM mother;
CREATE VIEW m2 AS SELECT mother FROM mother;
\c - regress_phi_auditor
SELECT what, level, cardinality(exposed_in), exposed_in[1:3] FROM public.phi_shown ORDER BY what COLLATE "C";

--
-- On record
--
\c - :superuser
SET search_path = phi, public;
SET client_min_messages = warning;
SELECT max(event_id) AS before FROM hipaa_migrate.audit_event \gset
-- The same again changes nothing; less than before is another kind of event,
-- also where it is the table's label, or the parent's, that comes through.
CREATE TABLE kept (a integer, b text);
SECURITY LABEL FOR hipaa_migrate ON COLUMN kept.a IS 'pii';
SECURITY LABEL FOR hipaa_migrate ON COLUMN kept.a IS 'pii';
SECURITY LABEL FOR hipaa_migrate ON COLUMN kept.a IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON COLUMN kept.a IS 'pii';
SECURITY LABEL FOR hipaa_migrate ON COLUMN kept.a IS NULL;
SECURITY LABEL FOR hipaa_migrate ON TABLE kept IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON COLUMN kept.b IS 'none';
SECURITY LABEL FOR hipaa_migrate ON COLUMN kept.b IS NULL;
SECURITY LABEL FOR hipaa_migrate ON TABLE kept IS 'none';
SECURITY LABEL FOR hipaa_migrate ON TABLE kept IS NULL;
BEGIN;
SECURITY LABEL FOR hipaa_migrate ON TABLE kept IS 'phi';
ROLLBACK;
SECURITY LABEL FOR hipaa_migrate ON TABLE kept IS 'classified';
-- By a migration, whose name is with it.
SELECT outcome FROM migrate_register('20250101000001-label',
    $$SECURITY LABEL FOR hipaa_migrate ON COLUMN phi.kept.b IS 'phi'$$,
    $$SECURITY LABEL FOR hipaa_migrate ON COLUMN phi.kept.b IS NULL$$);
SELECT outcome, statements FROM migrate_up('20250101000001-label');
SELECT outcome, statements FROM migrate_down('20250101000001-label');
SELECT r.event, r.object, r.migration, r.details FROM phi_recorded AS r
WHERE r.object ~ '^phi\.kept';
SELECT kind, object_type, object, statement FROM hipaa_migrate.audit_event
WHERE event_id > :before AND kind = 'ddl.executed' ORDER BY event_id;
SELECT migrate_unregister('20250101000001-label', 'a test');

-- Of a label that was written past the extension, the worst is believed.
DELETE FROM pg_seclabel WHERE objoid = 'phi.mother'::regclass OR objoid = 'phi.daughter'::regclass;
INSERT INTO pg_seclabel VALUES ('phi.kept'::regclass, 'pg_class'::regclass, 0, 'hipaa_migrate', 'harmless');
SELECT what, level FROM phi_shown WHERE what ~ '^kept' ORDER BY what COLLATE "C";

--
-- Who may read the inventory
--
\c - regress_phi_owner
SELECT * FROM hipaa_migrate.phi_inventory;
\c - regress_phi_other
SELECT * FROM hipaa_migrate.phi_inventory;

-- How to take all labels away, as the documentation says.
\c - :superuser
SET client_min_messages = error;
SELECT format('SECURITY LABEL FOR hipaa_migrate ON %s %s IS NULL',
              CASE WHEN l.objsubid > 0 THEN 'column' ELSE o.type END, o.identity)
  FROM pg_seclabel AS l, pg_identify_object(l.classoid, l.objoid, l.objsubid) AS o
 WHERE l.provider = 'hipaa_migrate' ORDER BY o.identity COLLATE "C" \gexec
SELECT count(*) FROM hipaa_migrate.phi_inventory;

DROP VIEW public.phi_shown, public.phi_recorded;
DROP SCHEMA phi, phi_more CASCADE;
DROP SERVER regress_phi_server;
DROP FOREIGN DATA WRAPPER regress_phi_fdw;
SELECT migrate_revoke('auditor', 'regress_phi_auditor');
DROP ROLE regress_phi_owner, regress_phi_auditor, regress_phi_other;
