--
-- audit_retention: what two people decide, legal holds, redaction, and how
-- long the record is kept.  That it may be purged after seven years is shown
-- in test/tap/retention.pl, with another clock.
--
\c -
SELECT current_user AS superuser \gset
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_ret_one, regress_ret_two, regress_ret_none,
    regress_ret_super;
RESET client_min_messages;
SELECT COALESCE(max(event_id), 0) AS start FROM hipaa_migrate.audit_event \gset
CREATE ROLE regress_ret_super SUPERUSER LOGIN;
CREATE ROLE regress_ret_one LOGIN;
CREATE ROLE regress_ret_two LOGIN;
CREATE ROLE regress_ret_none LOGIN;
SELECT migrate_grant('auditor', 'regress_ret_one');
SELECT migrate_grant('auditor', 'regress_ret_two');
SELECT migrate_grant('operator', 'regress_ret_none');

-- A patient's name has got into a reason, and is sealed with the rest.
SELECT outcome FROM migrate_register('20250101000000-retention', 'SELECT 1');
SELECT migrate_unregister('20250101000000-retention', 'wrong chart of Jane Roe');
SELECT outcome IN ('sealed', 'unchanged') AS sealed FROM audit_seal();
SELECT max(event_id) AS event FROM hipaa_migrate.audit_event
WHERE kind = 'migration.unregistered' \gset

-- One asks for it to be redacted.  Whoever does not hold the capability can
-- neither ask nor confirm; what is confirmed must have been asked for.
\c - regress_ret_none
\set VERBOSITY terse
SELECT audit_redact(:event, 'name of a patient');
SELECT * FROM hipaa_migrate.pending_confirmation WHERE requested_by ~ '^regress_ret';
\c - regress_ret_one
SELECT audit_redact(:event, ' ');
SELECT audit_redact(NULL, 'which?');
SELECT audit_redact(-1, 'no such event');
SELECT audit_redact(:event, 'name of a patient') AS act \gset
\c - regress_ret_none
\set VERBOSITY terse
SELECT * FROM migrate_confirm(:act, 'why not');
\c - regress_ret_two
\set VERBOSITY terse
SELECT * FROM migrate_confirm(-1, 'confirm what?');
SELECT * FROM migrate_confirm(NULL, 'confirm what?');
SELECT * FROM migrate_confirm(:act, '');
SELECT act, requested_by, expires_at - requested_at AS life, arguments->>'kind' AS kind,
       arguments->>'event_id' = :'event' AS this_event, reason
FROM hipaa_migrate.pending_confirmation WHERE act_id = :act;

-- Nobody confirms what he asked for himself, in whatever role: not a
-- superuser who takes on another's role either.
\c - regress_ret_one
SELECT * FROM migrate_confirm(:act, 'I agree with me');
\echo :LAST_ERROR_SQLSTATE
\c - regress_ret_super
\set VERBOSITY terse
SELECT audit_redact(:event, 'name of a patient') AS own_act \gset
SET ROLE regress_ret_two;
SELECT * FROM migrate_confirm(:own_act, 'as another role');
RESET ROLE;
SET SESSION AUTHORIZATION regress_ret_two;
SELECT * FROM migrate_confirm(:own_act, 'as another session');
RESET SESSION AUTHORIZATION;

-- Nor does a login that was renamed, or dropped and made again by its name.
\c - :superuser
ALTER ROLE regress_ret_one RENAME TO regress_ret_other;
SELECT migrate_grant('auditor', 'regress_ret_other');
\c - regress_ret_other
\set VERBOSITY terse
SELECT * FROM migrate_confirm(:act, 'under another name');
\c - :superuser
SELECT migrate_revoke('auditor', 'regress_ret_other');
DROP ROLE regress_ret_other;
CREATE ROLE regress_ret_one LOGIN;
SELECT migrate_grant('auditor', 'regress_ret_one');
\c - regress_ret_one
\set VERBOSITY terse
SELECT * FROM migrate_confirm(:act, 'as somebody new of that name');
-- What the login that is gone asked for, is asked for again.
\c - regress_ret_two
\set VERBOSITY terse
SELECT * FROM migrate_confirm(:act, 'who asked is gone');
\c - regress_ret_one
\set VERBOSITY terse
SELECT migrate_confirm_end(:act, 'by the name'), audit_redact(:event, 'name of a patient') AS act \gset

-- Only who asked withdraws.  What was withdrawn cannot be confirmed.
SELECT migrate_confirm_end(:own_act, 'not mine');
\c - regress_ret_super
\set VERBOSITY terse
SELECT migrate_confirm_end(:own_act, NULL);
SELECT migrate_confirm_end(:own_act, 'asked for twice');
\c - regress_ret_two
\set VERBOSITY terse
SELECT * FROM migrate_confirm(:own_act, 'too late');
SELECT act_id = :act AS the_other FROM hipaa_migrate.pending_confirmation
WHERE requested_by ~ '^regress_ret';

-- A legal hold keeps even two people from it; a hold says what it covers.
SELECT audit_hold('lawsuit');
SELECT audit_hold(NULL, person => :'superuser');
SELECT audit_hold('lawsuit', object => 'public.t', person => :'superuser');
SELECT audit_hold('lawsuit', since => '2026-01-02', until => '2026-01-02');
SELECT audit_hold('lawsuit', migration => '');
SELECT audit_hold('lawsuit', person => :'superuser') AS hold \gset
\set VERBOSITY sqlstate
SELECT * FROM migrate_confirm(:act, 'held');
\set VERBOSITY terse
\c - regress_ret_none
\set VERBOSITY terse
SELECT audit_hold('no auditor', object => 'public.t');
SELECT audit_hold_end(:hold, 'no auditor');
\c - regress_ret_two
\set VERBOSITY terse
SELECT audit_hold_end(:hold, '');
SELECT audit_hold_end(:hold, 'settled');
\set VERBOSITY sqlstate
SELECT audit_hold_end(:hold, 'settled');
\set VERBOSITY terse
SELECT audit_hold('same month', since => now() - interval '1 day',
                  until => now() + interval '1 day') AS hold \gset
\set VERBOSITY sqlstate
SELECT * FROM migrate_confirm(:act, 'held');
\set VERBOSITY terse
SELECT audit_hold_end(:hold, 'over');
SELECT audit_hold('by its name', migration => '20250101000000-retention') AS hold \gset
\set VERBOSITY sqlstate
SELECT * FROM migrate_confirm(:act, 'held');
\set VERBOSITY terse
SELECT audit_hold_end(:hold, 'over');

-- Holds on something else do not matter.
SELECT audit_hold('another time', until => '2001-01-01') AS hold_1,
       audit_hold('another one', object => 'public.unregistered') AS hold_2,
       audit_hold('another one', person => 'regress_ret_none') AS hold_3,
       audit_hold('another one', migration => '20250101000000-retention-2') AS hold_4 \gset
SELECT count(*) FROM hipaa_migrate.retention_status
WHERE item ~ '^hold' AND message ~ 'regress_ret_two';

-- What is confirmed in a transaction that is rolled back is not done.
BEGIN;
SELECT act, outcome FROM migrate_confirm(:act, 'let us see');
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT act, outcome, details - '{act_id,event_id,epoch,seq}'::text[] AS details
FROM migrate_confirm(:act, 'seen it, she is a patient of ours');
COMMIT;
SELECT * FROM migrate_confirm(:act, 'again');
\set VERBOSITY sqlstate
SELECT audit_redact(:event, 'again');

-- The payload is gone, its leaf is not, and the record says why.
\c - :superuser
SELECT count(*) FROM hipaa_migrate.audit_event WHERE event_id = :event;
SELECT count(*) FROM hipaa_migrate.audit_event
WHERE kind = 'migration.unregistered' AND reason ~ 'Jane Roe';
SELECT count(*) FROM hipaa_migrate.audit_leaf WHERE event_id = :event;
SELECT kind, outcome, actor, author, reason, details::jsonb->>'kind' AS redacted,
       (details::jsonb->>'event_id')::bigint = :event AS event,
       (details::jsonb->>'act_id')::bigint = :act AS act
FROM hipaa_migrate.audit_event WHERE kind = 'record.redacted' AND event_id > :start ORDER BY event_id;

-- What the record says of itself is not redacted.
SELECT outcome IN ('sealed', 'unchanged') AS sealed FROM audit_seal();
SELECT max(event_id) AS redacted FROM hipaa_migrate.audit_event
WHERE kind = 'record.redacted' \gset
SELECT audit_redact(:redacted, 'that it was redacted');
\set VERBOSITY default

-- Every refusal so far is on record.
SELECT CASE actor WHEN :'superuser' THEN 'the superuser' ELSE actor END AS actor,
       details::jsonb->>'act' AS act, details::jsonb->>'why' AS why,
       count(*)
FROM hipaa_migrate.audit_event WHERE kind = 'act.refused' AND event_id > :start
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT kind, actor, reason, details::jsonb->>'requested_by' AS requested_by
FROM hipaa_migrate.audit_event
WHERE kind IN ('act.requested', 'act.confirmed', 'act.withdrawn')
  AND event_id > :start
ORDER BY event_id;
SELECT kind, reason, details::jsonb - '{hold_id,since,until}'::text[] AS hold
FROM hipaa_migrate.audit_event WHERE kind IN ('record.held', 'record.hold_ended')
  AND details::jsonb->>'value' IS DISTINCT FROM :'superuser'
  AND event_id > :start
ORDER BY event_id;

-- A hold on an object covers what is in it, and nothing that only begins
-- with the same letters.
SELECT outcome FROM migrate_register('20250101000001-retention-object',
    'CREATE TABLE public.regress_ret (a integer PRIMARY KEY)', 'DROP TABLE public.regress_ret');
SET client_min_messages = warning;
SELECT outcome FROM migrate_up('20250101000001-retention-object');
SELECT audit_hold('lawsuit', object => 'public.regress_ret') AS hold_5,
       audit_hold('lawsuit', object => 'public') AS hold_6,
       audit_hold('lawsuit', object => 'public.regress') AS hold_7 \gset
SELECT value, message !~ 'covers 0 events' AS covers_some
FROM hipaa_migrate.retention_status WHERE value ~ '^object public' ORDER BY 1;

-- Nobody purges what is younger than seven years, and nobody asks for it
-- without a reason.
\set VERBOSITY terse
SELECT audit_purge(now(), 'disk is full');
SELECT audit_purge(now() - interval '6 years 364 days', 'disk is full');
SELECT audit_purge('infinity', 'disk is full');
SELECT audit_purge(NULL, 'disk is full');
SELECT audit_purge('2001-01-01', '');
SELECT audit_purge('2001-01-01', 'there was nothing then');
SELECT audit_purge('0044-03-15 12:00+00 BC', 'there was nothing then');
SELECT audit_confirm_clock('which step?');
\c - regress_ret_none
\set VERBOSITY terse
SELECT audit_purge('2001-01-01', 'no auditor');
SELECT audit_confirm_clock('no auditor');

-- How long is set for the server, in its configuration.  What falls short of
-- seven years, counted from any day, is accepted with a warning and ignored:
-- the server has to start.
\c - :superuser
SHOW hipaa_migrate.audit_retention;
SELECT value FROM hipaa_migrate.retention_status WHERE item = 'retention';
SET hipaa_migrate.audit_retention = '10 years';
ALTER SYSTEM SET hipaa_migrate.audit_retention = '2555 days';
ALTER SYSTEM SET hipaa_migrate.audit_retention = '2556 days';
ALTER SYSTEM SET hipaa_migrate.audit_retention = '6 years';
ALTER SYSTEM SET hipaa_migrate.audit_retention = '6 years 365 days';
ALTER SYSTEM SET hipaa_migrate.audit_retention = '7 years -1 second';
ALTER SYSTEM SET hipaa_migrate.audit_retention = '-7 years';
ALTER SYSTEM SET hipaa_migrate.audit_retention = '2557 days';
ALTER SYSTEM SET hipaa_migrate.audit_retention = '6 years 366 days';
ALTER SYSTEM SET hipaa_migrate.audit_retention = '84 months';
ALTER SYSTEM SET hipaa_migrate.audit_retention = 'P7Y';
ALTER SYSTEM SET hipaa_migrate.audit_retention = '10 years';
ALTER SYSTEM SET hipaa_migrate.audit_retention = 'forever';
ALTER SYSTEM SET hipaa_migrate.audit_retention = '2000 years';
ALTER SYSTEM RESET hipaa_migrate.audit_retention;

-- Health has a row for each thing that can be wrong, and for each that is
-- the command that mends it.
SELECT item FROM migrate_health();
SELECT count(*) FROM migrate_health()
WHERE status NOT IN ('ok', 'warning', 'critical')
   OR (status <> 'ok' AND remedy IS NULL);
\c - regress_ret_none
SELECT count(*) > 10 AS readable FROM migrate_health();
\c - :superuser
SELECT migrate_revoke('operator', 'regress_ret_none');
\c - regress_ret_none
\set VERBOSITY terse
SELECT * FROM migrate_health();
SELECT * FROM hipaa_migrate.retention_status;

-- Nothing is left for the tests that follow, but what is on record.
\c - :superuser
SELECT count(audit_hold_end(hold_id, 'end of the test')) FROM hipaa_migrate.audit_hold
WHERE ended_at IS NULL AND hold_id >= :hold_1;
SET client_min_messages = warning;
SELECT outcome FROM migrate_down('20250101000001-retention-object', reason => 'end of the test');
SELECT migrate_unregister('20250101000001-retention-object', 'end of the test');
SELECT migrate_revoke('auditor', 'regress_ret_one');
SELECT migrate_revoke('auditor', 'regress_ret_two');
DROP ROLE regress_ret_one, regress_ret_two, regress_ret_none, regress_ret_super;
