--
-- approval: from a submission to a run: who may approve what, what an approval
-- is bound to, and what a run says that is not approved.
--
-- In a database of its own, in which the guard is armed.
--
\set home :DBNAME
SELECT current_user AS superuser \gset
SET client_min_messages = warning;
DROP DATABASE IF EXISTS regression_approval;
DROP ROLE IF EXISTS regress_approval_author, regress_approval_lead, regress_approval_dba,
    regress_approval_both, regress_approval_auditor, regress_approval_bot, regress_leads, regress_dbas;
CREATE DATABASE regression_approval TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regression_approval
SET client_min_messages = warning;
CREATE EXTENSION hipaa_migrate;
CREATE ROLE regress_leads;
CREATE ROLE regress_dbas;
CREATE ROLE regress_approval_author LOGIN IN ROLE regress_leads, regress_dbas;
CREATE ROLE regress_approval_lead LOGIN IN ROLE regress_leads;
CREATE ROLE regress_approval_dba LOGIN IN ROLE regress_dbas;
CREATE ROLE regress_approval_both LOGIN IN ROLE regress_leads, regress_dbas;
CREATE ROLE regress_approval_auditor LOGIN;
CREATE ROLE regress_approval_bot LOGIN;
GRANT CREATE ON SCHEMA public TO PUBLIC;
SELECT migrate_grant('author', 'regress_approval_author'),
       migrate_grant('author', 'regress_approval_lead'),
       migrate_grant('operator', 'regress_dbas'),
       migrate_grant('approver', 'regress_leads'), migrate_grant('approver', 'regress_dbas'),
       migrate_grant('auditor', 'regress_approval_auditor'),
       migrate_grant('relay', 'regress_approval_bot');
-- Without a policy nothing is asked.
\c - regress_approval_author
SET client_min_messages = warning;
SELECT migration FROM migrate_register('20270101000000-a', up => 'CREATE TABLE IF NOT EXISTS a (id int PRIMARY KEY)', down => 'DROP TABLE IF EXISTS a', run_as => 'regress_dbas');
SELECT outcome FROM migrate_register('20270101000001-b', up => 'CREATE TABLE IF NOT EXISTS b (id int PRIMARY KEY)', down => 'DROP TABLE IF EXISTS b',
    depends_on => '{20270101000000-a}', run_as => 'regress_dbas');
SELECT outcome FROM migrate_register('20270101000002-c', up => 'CREATE TABLE IF NOT EXISTS c (id int PRIMARY KEY)', down => 'DROP TABLE IF EXISTS c', run_as => 'regress_dbas');
SELECT migration, outcome FROM migrate_up('20270101000000-a');

-- A policy asks, but binds only where the guard is armed.
\c - :superuser
SET client_min_messages = error;
SELECT migrate_set_policy('LOW', 'approvers', '[["regress_leads"], ["regress_dbas"]]', 'two of us') IS NULL AS done;
SELECT migrate_set_policy(r, 'separation', '{"author": false, "executor": true}', 'not one''s own') IS NULL AS done
  FROM unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) AS r;
SELECT migrate_set_policy(r, 'approvers', '[["regress_leads"], ["regress_dbas"]]', 'two of us') IS NULL AS done
  FROM unnest('{MEDIUM,HIGH,CRITICAL}'::text[]) AS r;
\c - regress_approval_dba
SET client_min_messages = warning;
SELECT migration, outcome FROM migrate_up('20270101000001-b');
SELECT migration, outcome FROM migrate_down('20270101000001-b');
\c - :superuser
SELECT class, mode FROM migrate_guard('enforce', 'from here on', ARRAY['schema']) WHERE class = 'schema';

-- Now a run says what is missing, of which migration, and who can give it.
\c - regress_approval_dba
SELECT migration, outcome FROM migrate_up();
\echo :LAST_ERROR_SQLSTATE
SELECT step, migration, runnable, risk, reason FROM migrate_plan();
SELECT migration, state, waiting_for FROM migrate_status(state => 'blocked');

-- Approving comes after submitting.
SELECT * FROM migrate_approve('20270101000001-b', '000000000000');
\echo :LAST_ERROR_SQLSTATE
\c - regress_approval_author
SELECT submission, migration, risk, still_missing FROM migrate_submit(ARRAY['20270101000001-b'], 'needed');
SELECT submission FROM migrate_submit(ARRAY['20270101000001-b'], ' ');
SELECT submission FROM migrate_submit('{}', 'nothing');
SELECT submission FROM migrate_submit(ARRAY['20270101000001-b', '20270101000001-b'], 'twice');
SELECT submission FROM migrate_submit(ARRAY['20270101000000-a'], 'applied');
SELECT submission FROM migrate_submit(ARRAY['20270101000001-b'], 'down', direction => 'down');
SELECT submission FROM migrate_submit(ARRAY['20270101000001-b'], 'late', planned_for => '2020-01-01');
SELECT substr(encode(checksum, 'hex'), 1, 12) AS wrong FROM (SELECT sha256('x') AS checksum) AS s \gset

-- Its author is a lead, and it does not help.
SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' \gset
SELECT * FROM migrate_queue();
SELECT risk FROM migrate_approve('20270101000001-b', :'checksum');
\echo :LAST_ERROR_SQLSTATE
SET ROLE regress_leads;
SELECT risk FROM migrate_approve('20270101000001-b', :'checksum');
RESET ROLE;

-- Who approves names what was reviewed.
\c - regress_approval_lead
SELECT submission, migration, wanted, missing FROM migrate_queue();
SELECT risk FROM migrate_approve('20270101000001-b');
\echo :LAST_ERROR_SQLSTATE
SELECT risk FROM migrate_approve('20270101000001-b', :'wrong');
SELECT risk FROM migrate_approve('20270101000001-b', '0123');
\echo :LAST_ERROR_SQLSTATE
SELECT risk FROM migrate_approve('20270101000001-b', :'checksum', meaning => 'security');
SELECT migration, revision, risk, still_missing FROM migrate_approve('20270101000001-b', :'checksum', comment => 'fine');
-- Once is enough.
SELECT risk FROM migrate_approve('20270101000001-b', :'checksum');
SELECT * FROM migrate_queue();

-- However much was said, what was refused is on record with its reason.
\c - regress_approval_dba
SELECT risk FROM migrate_approve('20270101000001-b', repeat('0', 20000));
SELECT risk FROM migrate_approve('20270101000001-b', :'checksum', meaning => repeat('m', 20000));
\c - :superuser
SELECT details::jsonb->>'why' AS why, length(details::jsonb->>'meaning') AS meaning
FROM hipaa_migrate.audit_event WHERE kind = 'approval.refused'
    AND migration = '20270101000001-b' AND (details IS NULL OR details ~ 'at most')
ORDER BY event_id;

-- Half approved is not approved.
\c - regress_approval_dba
SELECT migration, outcome FROM migrate_up('20270101000001-b');
SELECT migration, wanted, missing FROM migrate_queue();
-- A superuser is a member of nothing, and holds no capability to approve.
\c - :superuser
SELECT risk FROM migrate_approve('20270101000001-b', :'checksum');
\echo :LAST_ERROR_SQLSTATE
\c - regress_approval_dba
SELECT migration, still_missing FROM migrate_approve('20270101000001-b', upper(:'checksum'));
SET client_min_messages = warning;
SELECT migration, outcome FROM migrate_up('20270101000001-b');
-- To run it again takes another submission, and that takes a down by itself.
SELECT migration, outcome FROM migrate_redo('20270101000001-b', 'again');
\echo :LAST_ERROR_SQLSTATE

-- It is used up; what it did can be taken back for a while without another.
SELECT approval_id - min(approval_id) OVER () + 1 AS n, state, migration, person, meaning, risk, comment
  FROM hipaa_migrate.approval_list;
SELECT state, migration, done_at IS NOT NULL AS done FROM hipaa_migrate.submission_list;
SELECT migration, outcome FROM migrate_down('20270101000001-b', reason => 'a second look');
SELECT migration, outcome FROM migrate_up('20270101000001-b');

-- One person is one person, however many sets it is in.
\c - regress_approval_author
SELECT migration, still_missing FROM migrate_submit(ARRAY['20270101000001-b'], 'again');
\c - regress_approval_both
SELECT migration, still_missing FROM migrate_approve('20270101000001-b', :'checksum');
SELECT migration FROM migrate_approve('20270101000001-b', :'checksum');
-- Whose approval stands in which set, is sorted out.
\c - regress_approval_lead
SELECT migration, still_missing FROM migrate_approve('20270101000001-b', :'checksum');

-- Approvals are taken back by who gave them, submissions by who made them.
SELECT migrate_withdraw('20270101000001-b', 'not yet');
SELECT migrate_withdraw('20270101000001-b', 'not yet');
\c - regress_approval_author
SELECT migrate_withdraw('20270101000001-b', 'better so');
SELECT state, ended_by, end_reason FROM hipaa_migrate.submission_list ORDER BY submission_id;

-- A release is approved as a whole, by its own checksum, and runs in parts.
SELECT migration, risk, still_missing FROM migrate_submit(ARRAY['20270101000001-b', '20270101000002-c'], 'both', 'T-1');
SELECT DISTINCT submission_id, release_checksum FROM hipaa_migrate.submission_list WHERE state = 'open' \gset
SELECT 'release ' || :submission_id AS release \gset
\c - regress_approval_lead
SELECT migration, still_missing FROM migrate_approve(:'release', :'checksum');
SELECT migration, still_missing FROM migrate_approve(:'release', :'release_checksum');
\c - regress_approval_dba
SELECT migration, still_missing FROM migrate_approve('20270101000001-b', :'checksum');
SET client_min_messages = warning;
-- What is not approved, and what depends on it, is left out, or nothing runs.
SELECT migration, outcome FROM migrate_up();
SELECT migration, outcome, details FROM migrate_up(blocked => 'skip');
SELECT migration, still_missing FROM migrate_approve(:'release', :'release_checksum');
CALL migrate_deploy();
SELECT migration, state FROM migrate_status();
SELECT state, migration FROM hipaa_migrate.submission_list ORDER BY submission_id, migration;

-- A text that is changed after it was submitted is to be submitted again.
\c - regress_approval_author
SELECT outcome FROM migrate_register('20270101000003-d', up => 'CREATE TABLE IF NOT EXISTS d (id int PRIMARY KEY)', down => 'DROP TABLE IF EXISTS d', run_as => 'regress_dbas');
SELECT migration, still_missing FROM migrate_submit(ARRAY['20270101000003-d'], 'new');
SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' \gset
\c - regress_approval_lead
SELECT migration, still_missing FROM migrate_approve('20270101000003-d', :'checksum');
\c - regress_approval_author
SELECT outcome FROM migrate_register('20270101000003-d', up => 'CREATE TABLE IF NOT EXISTS d (id bigint PRIMARY KEY)', down => 'DROP TABLE IF EXISTS d', run_as => 'regress_dbas');
\c - regress_approval_dba
SELECT migration FROM migrate_approve('20270101000003-d', :'checksum');
SELECT migration FROM migrate_up();
\c - regress_approval_author
SELECT migration, still_missing FROM migrate_submit(ARRAY['20270101000003-d'], 'new');
\c - regress_approval_lead
SELECT migration FROM migrate_approve('20270101000003-d', :'checksum');
-- No, not that.
SELECT migrate_reject('20270101000003-d', 'use an identity');
SELECT state, end_reason FROM hipaa_migrate.submission_list WHERE migration = '20270101000003-d' ORDER BY submission_id;

-- Who has written any of the texts since the last that ran, is an author.
SELECT outcome FROM migrate_register('20270101000003-d', up => 'CREATE TABLE IF NOT EXISTS d (id int PRIMARY KEY)', down => 'DROP TABLE IF EXISTS d', run_as => 'regress_leads');
SELECT migration, still_missing FROM migrate_submit(ARRAY['20270101000003-d'], 'mine now');
SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' \gset
\c - regress_approval_author
SELECT migration FROM migrate_approve('20270101000003-d', :'checksum');
\c - regress_approval_both
SELECT migration, still_missing FROM migrate_approve('20270101000003-d', :'checksum');

-- Roles that were taken away are not there when it runs.
\c - regress_approval_dba
SELECT migration, still_missing FROM migrate_approve('20270101000003-d', :'checksum');
\c - :superuser
REVOKE regress_leads FROM regress_approval_both;
\c - regress_approval_dba
SELECT migration, outcome FROM migrate_up();
\c - :superuser
GRANT regress_leads TO regress_approval_both;

-- What an approver elsewhere said counts where the policy takes it.
SELECT migrate_person('Lea Lead', ARRAY['regress_approval_lead', 'lea@example.org'], 'ourselves') IS NULL AS done;
\c - regress_approval_author
SELECT outcome FROM migrate_register('20270101000004-e', up => 'CREATE TABLE IF NOT EXISTS e (id int PRIMARY KEY)', down => 'DROP TABLE IF EXISTS e', run_as => 'regress_dbas');
SELECT migration FROM migrate_submit(ARRAY['20270101000004-e'], 'new');
SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' AND migration = '20270101000004-e' \gset
\c - regress_approval_bot
SELECT migration FROM migrate_relay('20270101000004-e', :'checksum', 'lea@example.org', '{"url": "https://git.example.org/pr/1"}');
\c - :superuser
SELECT migrate_set_policy('LOW', 'relay', 'true', 'reviews count') IS NULL AS done;
\c - regress_approval_bot
SELECT migration FROM migrate_relay('20270101000004-e', :'checksum', 'nobody@example.org', '{"url": "https://git.example.org/pr/1"}');
SELECT migration FROM migrate_relay('20270101000004-e', :'checksum', 'lea@example.org');
SELECT migration FROM migrate_approve('20270101000004-e', :'checksum');
SELECT migration, still_missing FROM migrate_relay('20270101000004-e', :'checksum', 'lea@example.org', '{"url": "https://git.example.org/pr/1"}');
SELECT person, login, relayed_by, evidence FROM hipaa_migrate.approval_list WHERE relayed_by IS NOT NULL;

-- What pipelines register for people, those people have written.
\c - regress_approval_author
SELECT outcome FROM migrate_register('20270101000005-f', up => 'CREATE TABLE IF NOT EXISTS f (id int PRIMARY KEY)', down => 'DROP TABLE IF EXISTS f', run_as => 'regress_dbas',
    source => '{"author": "Lea Lead <LEA@example.org>", "commit": "0123456"}');
SELECT migration FROM migrate_submit(ARRAY['20270101000005-f'], 'new');
SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' AND migration = '20270101000005-f' \gset
\c - regress_approval_lead
SELECT migration FROM migrate_approve('20270101000005-f', :'checksum');

-- A table that has grown makes another risk than was approved.
\c - regress_approval_author
SELECT outcome FROM migrate_register('20270101000006-g', up => 'ALTER TABLE c ALTER COLUMN id TYPE text', down => 'ALTER TABLE c ALTER COLUMN id TYPE int USING id::int', run_as => 'regress_dbas');
\c - regress_approval_author
SELECT migration, risk FROM migrate_submit(ARRAY['20270101000006-g'], 'wider');
SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' AND migration = '20270101000006-g' \gset
\c - regress_approval_lead
SELECT risk FROM migrate_approve('20270101000006-g', :'checksum');
\c - regress_approval_both
SELECT risk FROM migrate_approve('20270101000006-g', :'checksum');
\c - :superuser
INSERT INTO c SELECT i FROM generate_series(1, 20000) AS i;
ANALYZE c;
\c - regress_approval_dba
SELECT migration FROM migrate_up('20270101000006-g');

-- Nor does a session change the risk by what it takes for large.
\c - :superuser
SELECT risk FROM migrate_plan('20270101000006-g');
SET hipaa_migrate.large_table = 1;
SELECT risk FROM migrate_plan('20270101000006-g');
SELECT risk FROM migrate_risk('20270101000006-g') LIMIT 1;
RESET hipaa_migrate.large_table;

-- A release that has lost a member is to be submitted again: whoever reviews,
-- signs or runs what is left of it is told so.
\c - regress_approval_author
SELECT outcome FROM migrate_register('20270101000007-h', up => 'CREATE TABLE IF NOT EXISTS h (id int PRIMARY KEY)', down => 'DROP TABLE IF EXISTS h', run_as => 'regress_dbas');
SELECT outcome FROM migrate_register('20270101000008-i', up => 'CREATE TABLE IF NOT EXISTS i (id int PRIMARY KEY)', down => 'DROP TABLE IF EXISTS i', run_as => 'regress_dbas');
SELECT migration FROM migrate_submit(ARRAY['20270101000007-h', '20270101000008-i'], 'both');
SELECT submission_id, checksum, release_checksum FROM hipaa_migrate.submission_list
 WHERE state = 'open' AND migration = '20270101000008-i' \gset
SELECT 'release ' || :submission_id AS release \gset
\c - regress_approval_lead
SELECT migration FROM migrate_approve(:'release', :'release_checksum');
\c - :superuser
SELECT migrate_unregister('20270101000007-h', 'not this one');
\c - regress_approval_dba
SELECT migration, wanted, missing FROM migrate_queue('all') WHERE submission = :'release';
SELECT migration FROM migrate_queue() WHERE submission = :'release';
SELECT * FROM migrate_review(:'release');
\echo :LAST_ERROR_SQLSTATE
SELECT section, item, value FROM migrate_review('20270101000008-i')
 WHERE item = 'members' OR section IN ('missing', 'to approve', 'to submit again');
SELECT migration FROM migrate_approve('20270101000008-i', :'checksum');
SELECT migration FROM migrate_approve(:'release', :'release_checksum');
SELECT migration FROM migrate_up('20270101000008-i');
\echo :LAST_ERROR_SQLSTATE
-- It is taken back also by the name of what is gone, or replaced.
\c - regress_approval_author
SELECT migrate_withdraw('20270101000007-h', 'not both');
SELECT migrate_withdraw('20270101000007-h', 'not both');
SELECT migration FROM migrate_submit(ARRAY['20270101000008-i'], 'this one');
\c - :superuser
SELECT migrate_unregister('20270101000008-i', 'nor this one');
\c - regress_approval_lead
SELECT migration FROM migrate_approve('20270101000008-i', :'checksum');
SELECT migrate_reject('20270101000008-i', 'nor this one');

-- When it can run at the earliest is told, and not when a window opens that is
-- over before a notice or a freeze is; in the time zone of whoever asks.
\c - :superuser
SET client_min_messages = error;
SELECT date_trunc('second', now()) AS t0 \gset
SELECT migrate_set_policy('LOW', 'windows', jsonb_build_array(
           jsonb_build_object('since', :'t0'::timestamptz + interval '1 hour', 'until', :'t0'::timestamptz + interval '2 hours'),
           jsonb_build_object('since', :'t0'::timestamptz + interval '120 hours', 'until', :'t0'::timestamptz + interval '168 hours')),
           'two nights') IS NULL AS done;
\c - regress_approval_author
SET client_min_messages = warning;
SET timezone = 'Asia/Tokyo';
SET datestyle = 'ISO';
SELECT outcome FROM migrate_register('20270101000009-j', up => 'CREATE TABLE IF NOT EXISTS j (id int PRIMARY KEY)', down => 'DROP TABLE IF EXISTS j', run_as => 'regress_dbas');
SELECT still_missing LIKE format('%%; is outside its windows; the next opens at %s', :'t0'::timestamptz + interval '1 hour') AS told
  FROM migrate_submit(ARRAY['20270101000009-j'], 'soon');
SELECT still_missing LIKE format('%%; is outside its windows; it can run at %s at the earliest;%%', :'t0'::timestamptz + interval '120 hours') AS told
  FROM migrate_submit(ARRAY['20270101000009-j'], 'later', planned_for => :'t0'::timestamptz + interval '3 hours');
\c - :superuser
SET client_min_messages = error;
SELECT migrate_set_policy('LOW', 'stages', '[{"stage": "submission", "notice": "6 days"}, {"stage": "security", "notice": "2 days", "roles": ["regress_dbas"]}]', 'days') IS NULL AS done;
\c - regress_approval_author
SELECT substring(reason FROM 'windows; it can run at (.*) at the earliest')::timestamptz - :'t0' BETWEEN '6 days' AND '6 days 10 minutes' AS told
  FROM migrate_plan('20270101000009-j');
\c - :superuser
SET client_min_messages = error;
SELECT migrate_set_policy('LOW', 'stages', '[{"stage": "security", "notice": "2 days", "roles": ["regress_dbas"]}]', 'days') IS NULL AS done;
SELECT migrate_freeze(:'t0'::timestamptz + interval '24 hours', :'t0'::timestamptz + interval '144 hours', 'year end') AS freeze \gset
\c - regress_approval_author
SET datestyle = 'ISO';
SELECT reason LIKE format('%%is outside its windows; it can run at %s at the earliest;%%', :'t0'::timestamptz + interval '144 hours') AS told
  FROM migrate_plan('20270101000009-j');
-- Whom a stage waits for is told although approvals are missing too, and with
-- which meaning to sign.
\c - regress_approval_dba
SELECT migration, wanted, missing FROM migrate_queue();
SELECT regexp_replace(value, '''\w{12}''', '...') AS value FROM migrate_review('20270101000009-j') WHERE section = 'to approve';
SELECT DISTINCT submission AS release FROM migrate_queue() WHERE migration = '20270101000009-j' \gset
SELECT regexp_replace(regexp_replace(value, '''\w{12}''', '...'), '\d+', 'N') AS value FROM migrate_review(:'release') WHERE section = 'to approve';
-- When it can run is told of a window that is open now, too.
\c - :superuser
SET client_min_messages = error;
SELECT migrate_set_policy('LOW', 'windows', jsonb_build_array(
           jsonb_build_object('since', :'t0'::timestamptz - interval '1 hour', 'until', :'t0'::timestamptz + interval '2 hours')),
           'one night') IS NULL AS done;
\c - regress_approval_author
SELECT reason LIKE '%; its window is over by then, and none opens in the next 400 days; %' AS told
  FROM migrate_plan('20270101000009-j');
\c - :superuser
SET client_min_messages = error;
SELECT migrate_freeze_end(:freeze, 'over') IS NULL AS done;
SELECT migrate_set_policy('LOW', r, NULL, 'at any time') IS NULL AS done FROM unnest('{windows,stages}'::text[]) AS r;

-- What is submitted anew waits for all signatures again, its text being the same.
\c - regress_approval_author
SET client_min_messages = warning;
SELECT checksum FROM migrate_register('20270101000010-k', up => 'CREATE TABLE IF NOT EXISTS k (id int PRIMARY KEY)', down => 'DROP TABLE IF EXISTS k', run_as => 'regress_dbas') \gset
SELECT still_missing FROM migrate_submit(ARRAY['20270101000010-k'], 'once');
\c - regress_approval_lead
SELECT still_missing FROM migrate_approve('20270101000010-k', :'checksum');
\c - regress_approval_author
SET client_min_messages = warning;
SELECT still_missing FROM migrate_submit(ARRAY['20270101000010-k'], 'and again');
SELECT migrate_withdraw('20270101000010-k', 'not needed') IS NULL AS none;
SELECT migrate_unregister('20270101000010-k', 'not needed');

-- What was in a release that is replaced, and is not in the new one, is told.
\c - regress_approval_author
SELECT migration, revision FROM migrate_register('20270101000011-l', up => 'CREATE TABLE IF NOT EXISTS l (id int PRIMARY KEY)', run_as => 'regress_dbas');
SELECT migration, revision FROM migrate_register('20270101000012-m', up => 'CREATE TABLE IF NOT EXISTS m (id int PRIMARY KEY)', run_as => 'regress_dbas');
SELECT count(*) FROM migrate_submit(ARRAY['20270101000011-l', '20270101000012-m'], 'both');
SELECT count(*) FROM migrate_submit(ARRAY['20270101000012-m'], 'one');
SELECT migrate_withdraw('20270101000012-m', 'none') IS NOT NULL AS done;
SELECT migrate_unregister(n, 'none') FROM unnest(ARRAY['20270101000011-l', '20270101000012-m']) AS n;

-- What has run, or has not, is not submitted that way, and nobody is told to.
\c - regress_approval_lead
SELECT migrate_reject('20270101000001-b', 'no');
SELECT migrate_reject('20270101000009-j', 'no', direction => 'down');

-- Nobody but those who may.
\c - regress_approval_auditor
SELECT submission FROM migrate_submit(ARRAY['20270101000006-g'], 'mine');
SELECT risk FROM migrate_approve('20270101000006-g', :'checksum');
SELECT migrate_reject('20270101000006-g', 'no');
SELECT migrate_withdraw('20270101000006-g', 'no');
SELECT risk FROM migrate_relay('20270101000006-g', :'checksum', 'Lea Lead', '{"a": 1}');
SELECT migration, risk, submitted_by FROM migrate_queue('all') ORDER BY migration;

-- A policy that nobody could leave again is warned of in time.
\c - :superuser
SELECT count(*) > 0 AS done FROM migrate_guard('observe', 'for a moment');
SELECT migrate_set_policy('ALL', 'identity', '{"registered": true, "authn_id": false}', 'known people only') IS NULL AS done;
SELECT migrate_set_policy('ALL', 'two_persons', 'true', 'two of us') IS NULL AS done;
SELECT migrate_set_policy('ALL', 'two_persons', NULL, 'alone again') IS NULL AS done;

-- All of it is on record, what was refused too.
SELECT event, outcome, migration, count(*) FROM hipaa_migrate.audit_log
 WHERE event ~ '^(submission|approval|policy)\.' GROUP BY 1, 2, 3 ORDER BY 1, 3, 2;
SELECT outcome FROM audit_verify() WHERE outcome = 'failed';

\c :home :superuser
SET client_min_messages = warning;
\c regression_approval
SELECT count(*) > 0 AS done FROM migrate_guard('observe', 'the end');
\c :home
DROP DATABASE regression_approval;
DROP ROLE regress_approval_author, regress_approval_lead, regress_approval_dba,
    regress_approval_both, regress_approval_auditor, regress_approval_bot, regress_leads, regress_dbas;
