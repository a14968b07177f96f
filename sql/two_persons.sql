--
-- two_persons: acts that one person does alone, until the policy of an armed
-- database wants two for them.  Who is one person is shown in sql/person.sql.
--
\c -
SELECT current_user AS superuser \gset
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_two_ada, regress_two_ada2, regress_two_bert, regress_two_approver,
    regress_two_pool, regress_two_nobody, regress_two_new;
SELECT COALESCE(max(event_id), 0) AS start FROM hipaa_migrate.audit_event \gset
CREATE ROLE regress_two_ada SUPERUSER LOGIN;
CREATE ROLE regress_two_ada2 SUPERUSER LOGIN;
CREATE ROLE regress_two_bert SUPERUSER LOGIN;
CREATE ROLE regress_two_pool SUPERUSER LOGIN;
CREATE ROLE regress_two_approver LOGIN;
CREATE ROLE regress_two_nobody LOGIN;
CREATE ROLE regress_two_new LOGIN;
SELECT migrate_grant('operator', 'regress_two_nobody');

-- Without policy one does it all, and one does while the guard is not armed:
-- a policy binds where the guard does.
SELECT migrate_grant('approver', 'regress_two_approver');
SELECT migrate_person('Ada', '{regress_two_ada,regress_two_ada2}', 'two logins');
SELECT migrate_person(NULL, '{regress_two_pool}', 'the pooler');
SET client_min_messages = error;
SELECT migrate_set_policy('ALL', 'two_persons', 'true', 'what decides takes two') IS NULL AS done;
SET client_min_messages = warning;
SELECT migrate_grant('breaker', 'regress_two_new'), migrate_revoke('breaker', 'regress_two_new');
SELECT count(*) FROM migrate_guard('enforce', 'test', '{schema,maintenance}');
SELECT COALESCE(max(act_id), 0) AS before FROM hipaa_migrate.pending_act \gset
RESET client_min_messages;

-- The number of an act is not the same each time.
\set last '(SELECT max(act_id) FROM hipaa_migrate.pending_act)'
\c - regress_two_ada
SET client_min_messages = warning;
SELECT migrate_grant('approver', 'regress_two_new');
SELECT act, requested_by, arguments - 'role_oid' AS arguments, reason
FROM hipaa_migrate.pending_confirmation;
SELECT capability, role FROM hipaa_migrate.capability WHERE role = 'regress_two_new';

-- What decides nothing is given by one, and one takes away whatever it is.
SELECT migrate_grant('auditor', 'regress_two_new'), migrate_revoke('auditor', 'regress_two_new');

-- The second is another person: no other login of the first, in whatever
-- role; nobody whose login is shared; nobody who could not decide it.
SELECT * FROM migrate_confirm(:last, 'I agree with me');
\c - regress_two_ada2
\set VERBOSITY terse
SELECT * FROM migrate_confirm(:last, 'I agree with me');
SET SESSION AUTHORIZATION regress_two_bert;
SELECT * FROM migrate_confirm(:last, 'as another session');
RESET SESSION AUTHORIZATION;
\set VERBOSITY default
\c - regress_two_pool
SELECT * FROM migrate_confirm(:last, 'it is me');
SELECT migrate_grant('breaker', 'regress_two_new');
\c - regress_two_nobody
SELECT max(act_id) AS act FROM hipaa_migrate.pending_confirmation \gset
SELECT * FROM migrate_confirm(:act, 'why not');
\c - regress_two_new
\set VERBOSITY terse
SELECT * FROM migrate_confirm(:act, 'I want it');
\set VERBOSITY default

-- An approver may, who is no superuser.
\c - regress_two_approver
SELECT act, outcome FROM migrate_confirm(:act, 'leads the team');
SELECT capability, role, granted_by FROM hipaa_migrate.capability WHERE role = 'regress_two_new';

-- A person is changed by two.
\c - regress_two_ada
SET client_min_messages = warning;
SELECT migrate_person('Ada', '{regress_two_ada}', 'the other login is somebody else''s') > 0 AS waits;
SELECT person, login FROM hipaa_migrate.person WHERE login ~ '^regress_two';
SELECT max(act_id) AS act FROM hipaa_migrate.pending_confirmation \gset
\c - regress_two_ada2
\set VERBOSITY terse
SELECT * FROM migrate_confirm(:act, 'I am somebody else');
\set VERBOSITY default
\c - regress_two_bert
SELECT act, outcome FROM migrate_confirm(:act, 'so it is');
SELECT person, login, changed_by FROM hipaa_migrate.person WHERE login ~ '^regress_two_ada';

-- An exemption too, and the role must be what it was: not another that was
-- made, or named, in its place.
\c - regress_two_ada
SET client_min_messages = warning;
SELECT migrate_exempt('partitions', role => 'regress_two_nobody', command => 'create table',
                      expires_at => '2100-01-01 00:00+00');
SELECT max(act_id) AS act FROM hipaa_migrate.pending_confirmation \gset
ALTER ROLE regress_two_nobody RENAME TO regress_two_other;
ALTER ROLE regress_two_new RENAME TO regress_two_nobody;
\c - regress_two_bert
SELECT * FROM migrate_confirm(:act, 'partitions are good');
ALTER ROLE regress_two_nobody RENAME TO regress_two_new;
ALTER ROLE regress_two_other RENAME TO regress_two_nobody;
SELECT act, outcome FROM migrate_confirm(:act, 'partitions are good');
SELECT exemption_id AS exemption FROM hipaa_migrate.exemption ORDER BY 1 DESC LIMIT 1 \gset
SELECT role, command, expires_at = '2100-01-01 00:00+00' AS in_time, created_by
FROM hipaa_migrate.exemption WHERE exemption_id = :exemption;
SELECT migrate_exempt_end(:exemption, 'one ends it');

-- To guard more takes one; to guard less, two.
\c - regress_two_ada
SET client_min_messages = warning;
SELECT class, mode, confirm_id FROM migrate_guard('enforce', 'more', '{privilege}');
SELECT class, mode, confirm_id > :before AS waits FROM migrate_guard('off', 'less', '{maintenance,danger}');
SELECT max(act_id) AS act FROM hipaa_migrate.pending_confirmation \gset
\c - regress_two_approver
SELECT act, outcome FROM migrate_confirm(:act, 'maintenance is long');
SELECT class, mode, changed_by FROM migrate_guard()
WHERE class IN ('privilege', 'maintenance', 'danger');

-- Who asked must be a superuser still, and be able to log in.
\c - regress_two_ada
SET client_min_messages = warning;
SELECT migrate_grant('relay', 'regress_two_new');
SELECT max(act_id) AS act FROM hipaa_migrate.pending_confirmation \gset
\c - regress_two_bert
ALTER ROLE regress_two_ada NOSUPERUSER;
\c - regress_two_approver
SELECT * FROM migrate_confirm(:act, 'why not');
\c - regress_two_bert
ALTER ROLE regress_two_ada SUPERUSER NOLOGIN;
\c - regress_two_approver
SELECT * FROM migrate_confirm(:act, 'why not');
\c - regress_two_bert
ALTER ROLE regress_two_ada LOGIN;

-- Where a capability lets ask, the same is so of that.
\c - regress_two_approver
SET client_min_messages = warning;
SELECT migrate_freeze('2100-01-01 00:00+00', '2100-01-02 00:00+00', 'a century ends') AS freeze \gset
SELECT migrate_freeze_end(:freeze, 'it does not') AS ending \gset
\c - regress_two_bert
SELECT migrate_revoke('approver', 'regress_two_approver');
SELECT * FROM migrate_confirm(:ending, 'agreed');
SELECT state FROM hipaa_migrate.freeze_list WHERE freeze_id = :freeze;
SET client_min_messages = warning;
SELECT migrate_grant('approver', 'regress_two_approver');
SELECT max(act_id) AS granting FROM hipaa_migrate.pending_confirmation \gset
\c - regress_two_ada
SELECT act, outcome FROM migrate_confirm(:granting, 'still leads the team');
SELECT act, outcome FROM migrate_confirm(:ending, 'agreed');
SELECT state FROM hipaa_migrate.freeze_list WHERE freeze_id = :freeze;

-- Nothing is left for the tests that follow; it takes two to get out of it.
SET client_min_messages = warning;
SELECT count(*) FROM migrate_guard('observe', 'end of the test');
SELECT max(act_id) AS off FROM hipaa_migrate.pending_confirmation \gset
\c - regress_two_approver
SELECT act, outcome FROM migrate_confirm(:off, 'end of the test');
\c - regress_two_ada
SELECT migrate_confirm_end(:act, 'end of the test');
\c - :superuser
SELECT actor, details::jsonb->>'act' AS act, details::jsonb->>'why' AS why, count(*)
FROM hipaa_migrate.audit_event WHERE kind = 'act.refused' AND event_id > :start
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SET client_min_messages = warning;
SELECT migrate_set_policy('ALL', 'two_persons', NULL, 'end of the test') IS NULL AS done;
SELECT count(migrate_person(p, '{}', 'end of the test')) FROM unnest(ARRAY['Ada', NULL]) AS p;
SELECT count(*) FROM (SELECT migrate_revoke(g.capability, g.role) FROM hipaa_migrate.capability AS g
                      WHERE g.role ~ '^regress_two') AS g;
DROP ROLE regress_two_ada, regress_two_ada2, regress_two_bert, regress_two_approver,
    regress_two_pool, regress_two_nobody, regress_two_new;
