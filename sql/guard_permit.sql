--
-- guard_permit: exemptions and break-glass: who may, what they let pass, how
-- they end, and what is on record of them.  How break-glass ends with its
-- session is shown in test/tap/guard_permit.pl.
--
\c -
SELECT current_user AS superuser \gset
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_permit_breaker, regress_permit_approver,
    regress_permit_nobody, regress_permit_partitioner, regress_permit_member,
    regress_permit_super;
RESET client_min_messages;
SELECT COALESCE(max(event_id), 0) AS start FROM hipaa_migrate.audit_event \gset
CREATE ROLE regress_permit_super SUPERUSER LOGIN;
CREATE ROLE regress_permit_breaker LOGIN;
CREATE ROLE regress_permit_approver LOGIN;
CREATE ROLE regress_permit_nobody LOGIN;
CREATE ROLE regress_permit_partitioner;
CREATE ROLE regress_permit_member LOGIN IN ROLE regress_permit_partitioner;
CREATE SCHEMA permit_scratch;
CREATE SCHEMA permit_other;
GRANT ALL ON SCHEMA permit_scratch, permit_other TO PUBLIC;
CREATE FUNCTION permit_other.open() RETURNS bigint LANGUAGE sql SECURITY DEFINER
    AS $$SELECT break_glass_id FROM migrate_break_glass('for a friend')$$;
SELECT migrate_grant('breaker', 'regress_permit_breaker');
SELECT migrate_grant('breaker', 'regress_permit_approver');
SELECT migrate_grant('approver', 'regress_permit_approver');

-- An exemption says what it covers, why, and of what it speaks; a mistyped
-- name is an error, not an exemption of nothing.
SELECT migrate_exempt('because');
SELECT migrate_exempt(' ', role => 'regress_permit_partitioner');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_exempt(NULL, role => 'regress_permit_partitioner');
SELECT migrate_exempt('typo', role => 'regress_permit_partitionr');
SELECT migrate_exempt('typo', schema => 'permit_scrach');
SELECT migrate_exempt('typo', command => 'CREATE TABEL');
SELECT migrate_exempt('too late', command => 'CREATE TABLE', expires_at => now() - interval '1 day');

-- Our own objects, the guard itself and the system's schemas are never exempt,
-- and what is free needs no exemption.
SELECT migrate_exempt('ours', schema => 'hipaa_migrate');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_exempt('system', schema => 'pg_catalog');
SELECT migrate_exempt('system', schema => 'information_schema');
SELECT migrate_exempt('free', command => 'select');

-- It takes a superuser, as the one who logged in and who calls directly.
\c - regress_permit_nobody
SELECT migrate_exempt('let me', role => 'regress_permit_nobody');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_exempt_end(1, 'let me');
SELECT * FROM hipaa_migrate.exemption;
\c - regress_permit_super
CREATE FUNCTION permit_scratch.exempt() RETURNS bigint LANGUAGE sql SECURITY DEFINER
    AS $$SELECT migrate_exempt('for a friend', role => 'regress_permit_nobody')$$;
SELECT permit_scratch.exempt();
\echo :LAST_ERROR_SQLSTATE
SET SESSION AUTHORIZATION regress_permit_nobody;
SELECT migrate_exempt('as another', schema => 'permit_other') AS other \gset
RESET SESSION AUTHORIZATION;
SELECT migrate_exempt_end(:other, 'only a try');

-- Three of them: a role and its members in a schema, a command, and everything
-- in a schema for a time.
\c - :superuser
SELECT migrate_exempt('partitions of the event log', role => 'regress_permit_partitioner',
                      schema => 'permit_scratch', command => 'create table') AS first \gset
SELECT migrate_exempt('comments are harmless', command => 'COMMENT') AS second \gset
SELECT migrate_exempt('trial', schema => 'permit_scratch', role => 'regress_permit_nobody',
                      expires_at => now() + interval '3 days') AS third \gset
SELECT state, role, schema, command, expires_at - created_at BETWEEN '2 days' AND '4 days' AS days,
       created_by = :'superuser' AS created_by, reason, ended_by = 'regress_permit_super' AS by_super, end_reason
FROM hipaa_migrate.exemption WHERE exemption_id >= :other ORDER BY exemption_id;
SELECT status, value::integer >= 3 AS three, message ~ 'expire within 7 days' AS soon, remedy
FROM migrate_health() WHERE item = 'exemptions';

-- Nobody changes the tables by hand.
INSERT INTO hipaa_migrate.guard_exemption SELECT * FROM hipaa_migrate.guard_exemption;
UPDATE hipaa_migrate.break_glass SET finding = 'nothing';

-- What they let pass: nothing else does.
SELECT count(*) FROM migrate_guard('enforce', 'test', '{schema,privilege}');
\c - regress_permit_member
\set VERBOSITY terse
CREATE TABLE permit_scratch.by_member (id integer);
CREATE TABLE permit_other.by_member (id integer);
\echo :LAST_ERROR_SQLSTATE
CREATE VIEW permit_scratch.view_by_member AS SELECT 1;
COMMENT ON TABLE permit_scratch.by_member IS 'harmless';
\c - regress_permit_nobody
\set VERBOSITY terse
CREATE TABLE permit_scratch.by_nobody (id integer);
DROP TABLE permit_scratch.by_nobody;
CREATE TABLE permit_other.by_nobody (id integer);
SET ROLE regress_permit_nobody;
CREATE TABLE permit_other.by_nobody (id integer);
RESET ROLE;

-- A superuser is a member of nothing by that, and whoever takes on the role
-- has not logged in as it.
\c - regress_permit_super
\set VERBOSITY terse
CREATE TABLE permit_scratch.by_super (id integer);
SET SESSION AUTHORIZATION regress_permit_member;
CREATE TABLE permit_scratch.by_super (id integer);
RESET SESSION AUTHORIZATION;

-- An exemption ends when it is ended: at once, for everybody.
\c - :superuser
SELECT migrate_exempt_end(:first, '');
SELECT migrate_exempt_end(-1, 'no such');
SELECT migrate_exempt_end(NULL, 'no such');
SELECT migrate_exempt_end(:first, 'moved to pg_partman');
\set VERBOSITY sqlstate
SELECT migrate_exempt_end(:first, 'twice');
\c - regress_permit_member
\set VERBOSITY terse
CREATE TABLE permit_scratch.after_end (id integer);
-- Nor does it stay when it was made in a transaction that rolls back.
\c - :superuser
\set VERBOSITY terse
BEGIN;
SELECT migrate_exempt('not for long', role => :'superuser', schema => 'permit_other', command => 'CREATE TABLE') > 0 AS made;
CREATE TABLE permit_other.in_transaction (id integer);
ROLLBACK;
CREATE TABLE permit_other.in_transaction (id integer);

-- Break-glass: a superuser holds the capability no more than others do.
SELECT * FROM migrate_break_glass('fire');
\echo :LAST_ERROR_SQLSTATE
\c - regress_permit_breaker
SELECT * FROM migrate_break_glass(' ');
SELECT * FROM migrate_break_glass('fire', severity => 'urgent');
SELECT * FROM migrate_break_glass('fire', severity => 'P4');
SELECT * FROM migrate_break_glass('fire', severity => NULL);
SELECT * FROM migrate_break_glass('fire', duration => '0');
SELECT * FROM migrate_break_glass('fire', duration => '25 hours');
SELECT * FROM migrate_break_glass('fire', duration => NULL);
SELECT migrate_break_glass_end();
\echo :LAST_ERROR_SQLSTATE

-- A drill opens nothing; it ends as the real one does, and is reviewed.
SELECT break_glass_id AS drill, expires_at > now() AS future, scope,
       replace(notice, break_glass_id::text, 'N') AS notice
FROM migrate_break_glass('yearly drill', 'P3', drill => true) \gset
\echo :future :scope
\echo :notice
\set VERBOSITY terse
CREATE TABLE permit_other.in_drill (id integer);
\set VERBOSITY sqlstate
SELECT * FROM migrate_break_glass('another');
\set VERBOSITY terse
SELECT migrate_break_glass_end(:drill, 'drill is over');

-- The real one opens everything for this session, also what was refused
-- before, and says so in the record.
SELECT break_glass_id AS fire, expires_at - now() BETWEEN '29 min' AND '31 min' AS half_hour,
       review_due - now() BETWEEN '23 hours' AND '25 hours' AS one_day, scope ~ 'regress_permit_breaker' AS scope
FROM migrate_break_glass('index missing, clinic is down', 'P1', 'INC-17', '30 minutes') \gset
\echo :half_hour :one_day :scope
CREATE TABLE permit_other.in_fire (id integer);
SELECT state, opened_by, severity, drill, ended_how, pid = pg_backend_pid() AS here, ticket, reason
FROM hipaa_migrate.break_glass_review WHERE break_glass_id IN (:drill, :fire) ORDER BY 1 DESC;
SELECT status, value, message FROM migrate_health() WHERE item = 'break-glass';
-- It is nothing that DISCARD leaves, and nothing of another session.
DISCARD PLANS;
DROP TABLE permit_other.in_fire;
SELECT migrate_break_glass_end(-1);
SELECT migrate_break_glass_end(reason => 'index is there');
CREATE TABLE permit_other.after_fire (id integer);
SELECT migrate_break_glass_end();

-- A ticket serves once, however it is written, whoever comes with it, and
-- whatever became of what was opened with it.
SELECT count(*) FROM migrate_break_glass('the same ticket', 'P0', 'INC-17');
SELECT count(*) FROM migrate_break_glass('written otherwise', 'P0', E'\n inc -17\t');
BEGIN;
SELECT break_glass_id AS undone FROM migrate_break_glass('rolled back', ticket => 'INC-18') \gset
ROLLBACK;
\c - regress_permit_approver
\set VERBOSITY terse
SELECT count(*) FROM migrate_break_glass('of another', 'P0', 'INC-18');
\echo :LAST_ERROR_SQLSTATE
\c - regress_permit_breaker
\set VERBOSITY terse
-- A drill uses up none, and may name any: it opens nothing.
SELECT count(*) FROM migrate_break_glass('exercise', ticket => 'INC-17', drill => true);
SELECT migrate_break_glass_end();
SELECT count(*) FROM migrate_break_glass('exercise', ticket => 'INC-19', drill => true);
SELECT migrate_break_glass_end();
SELECT count(*) FROM migrate_break_glass('a new one', ticket => 'INC-19');
SELECT migrate_break_glass_end();
-- Blanks are no ticket, so they may come again.
SELECT count(*) FROM migrate_break_glass('without', ticket => ' ');
SELECT migrate_break_glass_end();
SELECT count(*) FROM migrate_break_glass('without', ticket => E'\t');
SELECT migrate_break_glass_end();
SELECT status, value ~ '^\d+ s ago$' AS just_now, message FROM migrate_health() WHERE item = 'drill';

-- It ends with the transaction that opened it, if that rolls back, and with a
-- part of it; what rolls back is to be reviewed all the same.
BEGIN;
SELECT break_glass_id AS rolled_back FROM migrate_break_glass('rolled back') \gset
CREATE TABLE permit_other.in_transaction (id integer);
ROLLBACK;
CREATE TABLE permit_other.in_transaction (id integer);
BEGIN;
SAVEPOINT a;
SELECT break_glass_id AS part FROM migrate_break_glass('a part of it') \gset
SAVEPOINT b;
CREATE TABLE permit_other.in_transaction (id integer);
ROLLBACK TO SAVEPOINT b;
CREATE TABLE permit_other.in_transaction (id integer);
ROLLBACK TO SAVEPOINT a;
CREATE TABLE permit_other.in_transaction (id integer);
ROLLBACK;
BEGIN;
SAVEPOINT a;
SELECT break_glass_id AS kept FROM migrate_break_glass('kept by the outer one') \gset
RELEASE SAVEPOINT a;
SELECT migrate_break_glass_end();
SELECT count(*) FROM migrate_break_glass('again');
ROLLBACK;
-- Nor can it be prepared.
BEGIN;
SELECT break_glass_id AS prepared FROM migrate_break_glass('prepared') \gset
PREPARE TRANSACTION 'permit';
\echo :LAST_ERROR_SQLSTATE
-- DISCARD ALL, as poolers do it, and expiry.
SELECT break_glass_id AS discarded FROM migrate_break_glass('pooled') \gset
DISCARD ALL;
CREATE TABLE permit_other.after_discard (id integer);
SELECT break_glass_id AS expired FROM migrate_break_glass('short', duration => '200 ms') \gset
SELECT pg_sleep(0.3);
CREATE TABLE permit_other.after_expiry (id integer);
-- A function that runs as its owner opens nothing for its caller.
SELECT permit_other.open();
\echo :LAST_ERROR_SQLSTATE

-- The review takes another person, who is approver or auditor, and a finding.
-- The recorder may be a moment behind with what came last.
\c - :superuser
SELECT outcome IN ('sealed', 'unchanged') AS sealed FROM audit_seal();
\c - regress_permit_nobody
\set VERBOSITY terse
SELECT migrate_break_glass_close(:fire, 'looks good');
\c - regress_permit_breaker
\set VERBOSITY terse
SELECT migrate_break_glass_close(:fire, 'looks good');
\c - :superuser
SELECT migrate_grant('auditor', 'regress_permit_breaker');
\c - regress_permit_breaker
SELECT migrate_break_glass_close(:fire, 'I looked at it myself');
\echo :LAST_ERROR_SQLSTATE
\c - regress_permit_approver
SELECT migrate_break_glass_close(:fire, '');
SELECT migrate_break_glass_close(NULL, 'nothing');
SELECT migrate_break_glass_close(-1, 'nothing');
SELECT break_glass_id AS own FROM migrate_break_glass('of the approver') \gset
\set VERBOSITY sqlstate
SELECT migrate_break_glass_close(:own, 'still at work');
\set VERBOSITY terse
SELECT migrate_break_glass_end();
SELECT migrate_break_glass_close(:fire, 'the index was missing; registered as 20250201000000');
\set VERBOSITY sqlstate
SELECT migrate_break_glass_close(:fire, 'again');
SELECT migrate_break_glass_close(:drill, 'everybody was there');
SELECT reason, state, ended_how, end_reason, closed_by, finding
FROM hipaa_migrate.break_glass_review WHERE break_glass_id >= :drill ORDER BY break_glass_id;
SELECT status, value::integer >= 7 AS seven, message, remedy FROM migrate_health() WHERE item = 'reviews';

-- What all of this left on record.
\c - :superuser
SELECT count(*) FROM migrate_guard('observe', 'end of the test');
SELECT outcome IN ('sealed', 'unchanged') AS sealed FROM audit_seal();
SELECT kind, outcome, replace(actor, :'superuser', 'superuser') AS actor, command, object, ticket, reason,
       details::jsonb - ARRAY['exemption', 'break_glass', 'role', 'opened_at', 'expires_at', 'review_due',
                              'ended_at', 'pid', 'database', 'opened_by', 'class', 'mode', 'layer'] AS details
FROM hipaa_migrate.audit_event
WHERE event_id > :start AND (kind ~ '^(exemption|break_glass|guard\.(exempted|broken_glass))'
    OR (kind = 'act.refused' AND details ~ '"break_glass"'))
ORDER BY event_id;

\c - :superuser
SET client_min_messages = warning;
SELECT migrate_exempt_end(:second, 'end of the test');
SELECT migrate_exempt_end(:third, 'end of the test');
SELECT migrate_revoke('breaker', 'regress_permit_breaker');
SELECT migrate_revoke('auditor', 'regress_permit_breaker');
SELECT migrate_revoke('breaker', 'regress_permit_approver');
SELECT migrate_revoke('approver', 'regress_permit_approver');
DROP SCHEMA permit_scratch, permit_other CASCADE;
DROP ROLE regress_permit_breaker, regress_permit_approver,
    regress_permit_nobody, regress_permit_partitioner, regress_permit_member,
    regress_permit_super;
