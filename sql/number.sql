--
-- number: what the extension numbers of its own in a session, which that
-- session's nextval(), currval() and lastval() must not show.
--
SELECT current_user AS superuser \gset
SET client_min_messages = error;
CREATE ROLE regress_number_app LOGIN;
GRANT CREATE ON SCHEMA public TO regress_number_app;
SELECT migrate_grant('author', 'regress_number_app'), migrate_grant('operator', 'regress_number_app'),
       migrate_grant('breaker', 'regress_number_app');
CREATE TABLE number_patient (id serial, name text);
GRANT ALL ON number_patient, number_patient_id_seq TO regress_number_app;
SELECT COALESCE(max(event_id), 0) AS start FROM hipaa_migrate.audit_event \gset

-- A session that asked for no number has none, whatever of it is on record.
\c - regress_number_app
SET client_min_messages = error;
CREATE TABLE number_observed (id integer);
SELECT lastval();
\echo :LAST_ERROR_SQLSTATE

-- While it is observed, an ordinary user's numbers are his.
INSERT INTO number_patient (name) VALUES ('Ann') RETURNING id;
ALTER TABLE number_observed ADD COLUMN name text;
SELECT lastval(), currval('number_patient_id_seq');
INSERT INTO number_patient (name) VALUES ('Bob');
CREATE TABLE number_both AS SELECT lastval() AS before;
DROP TABLE number_observed;
SELECT before, lastval(), currval('number_patient_id_seq') FROM number_both;

-- So they are when he registers and runs migrations, within and after these.
SELECT outcome FROM migrate_register('20250101000000-number-patients',
    'CREATE TABLE number_visit (id serial, patient integer);
     INSERT INTO number_visit (patient) VALUES (1), (2);
     ALTER TABLE number_visit ADD COLUMN before bigint, ADD COLUMN after bigint;
     UPDATE number_visit SET before = lastval();
     COMMENT ON TABLE number_visit IS ''visits'';
     UPDATE number_visit SET after = lastval()',
    'DROP TABLE number_visit');
SELECT lastval();
SELECT migration FROM migrate_up();
SELECT id, before, after FROM number_visit ORDER BY id;
SELECT lastval(), currval('number_patient_id_seq'), currval('number_visit_id_seq');
INSERT INTO number_patient (name) VALUES ('Cyd');
SELECT migration FROM migrate_down('20250101000000-number-patients');
SELECT lastval();

-- Armed: what is refused, exempted, done under break-glass.
\c - :superuser
SET client_min_messages = error;
INSERT INTO number_patient (name) VALUES ('Dan') RETURNING id;
SELECT class, mode FROM migrate_guard('enforce', 'numbers', '{schema}');
SELECT migrate_exempt('numbers', role => 'regress_number_app', command => 'CREATE TABLE') > 0 AS exempted;
SELECT audit_hold('numbers', object => 'table public.number_patient') > 0 AS held;
SELECT lastval(), currval('number_patient_id_seq');
\c - regress_number_app
SET client_min_messages = error;
INSERT INTO number_patient (name) VALUES ('Eve') RETURNING id;
ALTER TABLE number_both ADD COLUMN name text;
SELECT lastval();
CREATE TABLE number_exempted (id integer);
SELECT lastval();
SELECT break_glass_id > 0 AS open FROM migrate_break_glass('numbers');
ALTER TABLE number_both ADD COLUMN name text;
SELECT lastval(), currval('number_patient_id_seq');
SELECT migrate_break_glass_end();
SELECT migration FROM migrate_up();
SELECT lastval(), currval('number_patient_id_seq');
\c - :superuser
SET client_min_messages = error;
SELECT class, mode FROM migrate_guard('observe', 'numbers are done', '{schema}');

-- All of it was on record, with numbers that are used once.
SELECT event, count(*), count(DISTINCT event_id) = count(*) AS unique
  FROM hipaa_migrate.audit_log
 WHERE event_id > :start AND event ~ '^(guard.(observed|refused|exempted|broken_glass)|ddl.executed|run.started)$'
 GROUP BY event ORDER BY event;

-- A transaction that writes nothing can be on record too.
BEGIN READ ONLY;
SET LOCAL session_replication_role = replica;
COMMIT;
SELECT event, command, object FROM hipaa_migrate.audit_log
 WHERE event = 'guard.observed' ORDER BY event_id DESC LIMIT 1;

-- Ours and nextval() count the same, after a checkpoint as well.
SELECT max(event_id) AS before FROM hipaa_migrate.audit_event \gset
SELECT nextval('hipaa_migrate.event_id_seq') > :before AS ahead, lastval() > :before AS asked_for;
CHECKPOINT;
COMMENT ON TABLE number_both IS 'both';
SELECT max(event_id) > currval('hipaa_migrate.event_id_seq') AS ahead FROM hipaa_migrate.audit_event;
SELECT count(DISTINCT event_id) = count(*) AS unique FROM hipaa_migrate.audit_event;
SELECT check_name, message FROM audit_verify() WHERE outcome = 'failed';

SELECT migration FROM migrate_down('20250101000000-number-patients');
SELECT migrate_unregister('20250101000000-number-patients', 'end of the test');
SELECT migrate_exempt_end(exemption_id, 'end of the test') FROM hipaa_migrate.exemption
 WHERE reason = 'numbers';
SELECT audit_hold_end(hold_id, 'end of the test') FROM hipaa_migrate.audit_hold WHERE reason = 'numbers';
DROP TABLE number_patient, number_both, number_exempted;
DROP OWNED BY regress_number_app;
SELECT migrate_revoke('author', 'regress_number_app'), migrate_revoke('operator', 'regress_number_app'),
       migrate_revoke('breaker', 'regress_number_app');
DROP ROLE regress_number_app;
