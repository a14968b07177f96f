--
-- approval_worth: what an approval is worth when the policy, its giver, or the
-- way in which the migration ran is not what it was.
--
\set home :DBNAME
SELECT current_user AS superuser \gset
SET client_min_messages = warning;
DROP DATABASE IF EXISTS regression_worth;
DROP ROLE IF EXISTS regress_worth_author, regress_worth_heir, regress_worth_lead,
    regress_worth_dba, regress_worth_leads, regress_worth_dbas;
CREATE DATABASE regression_worth TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regression_worth
SET client_min_messages = warning;
CREATE ROLE regress_worth_leads;
CREATE ROLE regress_worth_dbas;
CREATE ROLE regress_worth_author LOGIN;
CREATE ROLE regress_worth_heir LOGIN;
CREATE ROLE regress_worth_lead LOGIN IN ROLE regress_worth_leads;
CREATE ROLE regress_worth_dba LOGIN IN ROLE regress_worth_dbas;
GRANT CREATE ON SCHEMA public TO PUBLIC;
-- As a dump of a later version does, with a requirement that is not known.
CREATE EXTENSION hipaa_migrate;
COPY hipaa_migrate.policy_requirement (risk, requirement, value, changed_by, changed_at, reason) FROM stdin;
LOW	moon	"full"	somebody	2026-01-01 00:00:00+00	of a later version
ALL	tide	"high"	somebody	2026-01-01 00:00:00+00	of a later version
\.
SELECT migrate_grant('author', 'regress_worth_author'), migrate_grant('author', 'regress_worth_heir'),
       migrate_grant('operator', 'regress_worth_dbas'), migrate_grant('breaker', 'regress_worth_dbas'),
       migrate_grant('approver', 'regress_worth_leads'), migrate_grant('approver', 'regress_worth_dbas'),
       migrate_grant('approver', 'regress_worth_author'), migrate_grant('approver', 'regress_worth_heir');
SET client_min_messages = error;
SELECT class, mode FROM migrate_guard('enforce', 'from here on', ARRAY['schema']) WHERE class = 'schema';
\c - regress_worth_author
SELECT outcome FROM migrate_register('20270101000000-a', up => 'CREATE TABLE IF NOT EXISTS a (id int PRIMARY KEY)', down => 'DROP TABLE IF EXISTS a', run_as => 'regress_worth_dbas');

-- What this version does not know is met by nothing, until it is taken away.
\c - regress_worth_dba
SELECT migration, outcome FROM migrate_up();
\c - :superuser
SELECT risk, requirement, setting FROM migrate_policy();
SELECT migrate_set_policy('LOW', 'moon', '"new"', 'another');
SELECT migrate_set_policy('HIGH', 'moon', NULL, 'not of this risk');
SELECT migrate_set_policy('LOW', 'moon', NULL, 'we do not look at it') IS NULL AS done,
       migrate_set_policy('ALL', 'tide', NULL, 'we do not look at it') IS NULL AS done;
SELECT migrate_set_policy(r, 'approvers', '[["regress_worth_leads"], ["regress_worth_dbas"]]', 'two of us') IS NULL AS done,
       migrate_set_policy(r, 'separation', '{"author": false, "executor": true}', 'not one''s own') IS NULL AS done
  FROM unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) AS r;

-- Who may not log in any more is not heard any more.
\c - regress_worth_author
SELECT migration, still_missing FROM migrate_submit(ARRAY['20270101000000-a'], 'needed');
SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' \gset
\c - regress_worth_lead
SELECT still_missing FROM migrate_approve('20270101000000-a', :'checksum');
\c - :superuser
ALTER ROLE regress_worth_lead NOLOGIN;
SELECT reason FROM migrate_plan();
ALTER ROLE regress_worth_lead LOGIN;

-- A run under break-glass uses no approval, and none covers what undoes it.
\c - regress_worth_dba
SET client_min_messages = warning;
SELECT count(*) FROM migrate_break_glass('it burns', 'P1', 'T-1');
SELECT migration, outcome FROM migrate_up();
SELECT FROM migrate_break_glass_end(reason => 'out');
SELECT state, person FROM hipaa_migrate.approval_list;
SELECT migration, outcome FROM migrate_down('20270101000000-a');
SELECT count(*) FROM migrate_break_glass('it still burns', 'P1', 'T-2');
SELECT migration, outcome FROM migrate_down('20270101000000-a');
SELECT FROM migrate_break_glass_end(reason => 'out');

-- A run uses its approvals up, also while nothing asks for them.
\c - regress_worth_author
SELECT migration FROM migrate_submit(ARRAY['20270101000000-a'], 'again');
\c - regress_worth_lead
SELECT still_missing FROM migrate_approve('20270101000000-a', :'checksum');
\c - regress_worth_dba
SELECT still_missing FROM migrate_approve('20270101000000-a', :'checksum');
\c - :superuser
SET client_min_messages = error;
SELECT migrate_use_policy('none', 'for a moment') IS NULL AS done;
\c - regress_worth_dba
SET client_min_messages = warning;
SELECT migration, outcome FROM migrate_up();
SELECT state, person FROM hipaa_migrate.approval_list ORDER BY approval_id;
SELECT state FROM hipaa_migrate.submission_list ORDER BY submission_id;
SELECT migration, outcome FROM migrate_down('20270101000000-a');
\c - :superuser
SET client_min_messages = error;
SELECT migrate_set_policy(r, 'approvers', '[["regress_worth_leads"], ["regress_worth_dbas"]]', 'two of us') IS NULL AS done,
       migrate_set_policy(r, 'separation', '{"author": false, "executor": true}', 'not one''s own') IS NULL AS done
  FROM unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) AS r;
\c - regress_worth_dba
SELECT migration, outcome FROM migrate_up();

-- Who wrote an earlier revision of what is to be undone is an author of that.
\c - :superuser
GRANT regress_worth_leads TO regress_worth_author;
SELECT migrate_set_policy(r, 'approvers', '[]', 'nobody') IS NULL AS done
  FROM unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) AS r;
\c - regress_worth_heir
SET client_min_messages = warning;
SELECT outcome, revision FROM migrate_register('20270101000000-a', up => 'CREATE TABLE IF NOT EXISTS a (id int PRIMARY KEY, b int)', down => 'DROP TABLE IF EXISTS a', run_as => 'regress_worth_dbas');
\c - regress_worth_dba
SET client_min_messages = warning;
SELECT migration, outcome FROM migrate_up();
\c - :superuser
SELECT migrate_set_policy(r, 'approvers', '[["regress_worth_leads"]]', 'a lead') IS NULL AS done
  FROM unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) AS r;
\c - regress_worth_heir
SELECT migration, still_missing FROM migrate_submit(ARRAY['20270101000000-a'], 'not needed any more', direction => 'down');
SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' \gset
\c - regress_worth_author
SELECT still_missing FROM migrate_approve('20270101000000-a', :'checksum', direction => 'down');

-- A release waits as long as one of it does, whatever the risk of the others.
\c - :superuser
SELECT migrate_set_policy(r, 'approvers', NULL, 'whoever runs it') IS NULL AS done
  FROM unnest('{MEDIUM,HIGH,CRITICAL}'::text[]) AS r;
\c - regress_worth_author
SELECT outcome FROM migrate_register('20270101000001-b', up => 'CREATE TABLE IF NOT EXISTS b (id int PRIMARY KEY)', down => 'DROP TABLE IF EXISTS b');
SELECT outcome FROM migrate_register('20270101000002-c', up => 'GRANT regress_worth_leads TO regress_worth_dbas', down => 'REVOKE regress_worth_leads FROM regress_worth_dbas');
SELECT migration, risk, still_missing FROM migrate_submit(ARRAY['20270101000001-b', '20270101000002-c'], 'both');
\c - :superuser
SELECT details::jsonb ->> 'risk' AS risk, details::jsonb ->> 'missing' AS missing
  FROM hipaa_migrate.audit_event WHERE kind = 'submission.opened' ORDER BY event_id DESC LIMIT 1;

-- A cursor that is older than the policy lets nobody do alone what takes two.
\c - :superuser
SET client_min_messages = error;
BEGIN;
DECLARE old CURSOR FOR SELECT migrate_use_policy('none', 'alone') IS NULL AS done;
SELECT migrate_set_policy('ALL', 'two_persons', 'true', 'two from now on') IS NULL AS done;
FETCH old;
ROLLBACK;

\c - :superuser
SET client_min_messages = error;
SELECT count(*) > 0 AS done FROM migrate_guard('observe', 'the end');
\c :home :superuser
SET client_min_messages = warning;
DROP DATABASE regression_worth;
DROP OWNED BY regress_worth_dbas;
DROP ROLE regress_worth_author, regress_worth_heir, regress_worth_lead,
    regress_worth_dba, regress_worth_leads, regress_worth_dbas;
