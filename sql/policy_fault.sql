--
-- policy_fault: what the policy asks whose rows are not as functions store
-- them, for a dump that was edited brought them.
--
\set home :DBNAME
SELECT current_user AS superuser \gset
SET client_min_messages = warning;
DROP DATABASE IF EXISTS regression_fault;
DROP ROLE IF EXISTS regress_fault_author, regress_fault_dba, regress_fault_boss;
CREATE DATABASE regression_fault TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regression_fault
SET client_min_messages = warning;
CREATE ROLE regress_fault_author LOGIN;
CREATE ROLE regress_fault_dba LOGIN IN ROLE regress_fault_author;
CREATE ROLE regress_fault_boss LOGIN SUPERUSER;
GRANT CREATE ON SCHEMA public TO PUBLIC;
CREATE EXTENSION hipaa_migrate;
-- Each requirement with values of wrong shapes; at last some that are of the
-- right shape, for a risk that they are not for.
COPY hipaa_migrate.policy_requirement (risk, requirement, value, changed_by, changed_at, reason) FROM stdin;
LOW	approvers	{"regress_fault_dba": true}	nobody	2026-01-01 00:00:00+00	forged
MEDIUM	approvers	[[]]	nobody	2026-01-01 00:00:00+00	forged
HIGH	approvers	[["*", "regress_fault_dba"]]	nobody	2026-01-01 00:00:00+00	forged
CRITICAL	approvers	"nobody"	nobody	2026-01-01 00:00:00+00	forged
LOW	separation	true	nobody	2026-01-01 00:00:00+00	forged
MEDIUM	separation	{"author": false}	nobody	2026-01-01 00:00:00+00	forged
HIGH	separation	{"author": "false", "executor": false}	nobody	2026-01-01 00:00:00+00	forged
CRITICAL	separation	{"author": false, "executor": false, "others": true}	nobody	2026-01-01 00:00:00+00	forged
LOW	validity	14	nobody	2026-01-01 00:00:00+00	forged
MEDIUM	validity	"for ever"	nobody	2026-01-01 00:00:00+00	forged
HIGH	validity	"-1 day"	nobody	2026-01-01 00:00:00+00	forged
CRITICAL	validity	null	nobody	2026-01-01 00:00:00+00	forged
LOW	stages	{}	nobody	2026-01-01 00:00:00+00	forged
MEDIUM	stages	["submission"]	nobody	2026-01-01 00:00:00+00	forged
HIGH	stages	[{"stage": "submission", "notice": "soon"}]	nobody	2026-01-01 00:00:00+00	forged
CRITICAL	stages	[{"stage": "go", "notice": "1 day", "roles": "regress_fault_dba"}]	nobody	2026-01-01 00:00:00+00	forged
LOW	assessment	{"when": "someday", "roles": ["regress_fault_dba"]}	nobody	2026-01-01 00:00:00+00	forged
MEDIUM	assessment	{"when": "always", "roles": []}	nobody	2026-01-01 00:00:00+00	forged
HIGH	assessment	[]	nobody	2026-01-01 00:00:00+00	forged
CRITICAL	assessment	{"when": null}	nobody	2026-01-01 00:00:00+00	forged
LOW	windows	"whenever"	nobody	2026-01-01 00:00:00+00	forged
MEDIUM	windows	{"always": true}	nobody	2026-01-01 00:00:00+00	forged
LOW	relay	"true"	nobody	2026-01-01 00:00:00+00	forged
MEDIUM	relay	{"relay": true}	nobody	2026-01-01 00:00:00+00	forged
ALL	identity	false	nobody	2026-01-01 00:00:00+00	forged
ALL	two_persons	"no"	nobody	2026-01-01 00:00:00+00	forged
ALL	break_glass	{"longest": "1 year"}	nobody	2026-01-01 00:00:00+00	forged
ALL	preset	["none"]	nobody	2026-01-01 00:00:00+00	forged
ALL	validity	"100 years"	nobody	2026-01-01 00:00:00+00	forged
LOW	two_persons	false	nobody	2026-01-01 00:00:00+00	forged
\.
SELECT risk, requirement, setting FROM migrate_policy();
SELECT risk, item, message, remedy FROM migrate_policy_check() WHERE status = 'critical' AND risk IN ('ALL', 'LOW');

-- Nothing meets them, whatever is approved; what an approver is shown says so.
SELECT migrate_grant('author', 'regress_fault_author'), migrate_grant('operator', 'regress_fault_dba'),
       migrate_grant('approver', 'regress_fault_dba'), migrate_grant('breaker', 'regress_fault_dba');
-- Who could do what is told all the same.
SELECT count(*) > 0 AS told FROM migrate_access();
\c - regress_fault_author
SET client_min_messages = error;
SELECT outcome FROM migrate_register('20270101000000-a', up => 'CREATE TABLE IF NOT EXISTS a (id int PRIMARY KEY)', down => 'DROP TABLE IF EXISTS a', run_as => 'regress_fault_author');
SELECT risk, still_missing IS NULL AS complete FROM migrate_submit(ARRAY['20270101000000-a'], 'needed');
SELECT checksum FROM hipaa_migrate.submission_list \gset
\c - regress_fault_dba
SELECT string_to_table(missing, '; must ') AS missing FROM migrate_queue('all');
SELECT section, item, value FROM migrate_review('20270101000000-a') WHERE section IN ('policy', 'window');
SELECT item FROM migrate_review('20270101000000-a') WHERE section = 'missing';
SELECT count(*) FROM migrate_approve('20270101000000-a', :'checksum');
-- The recorder may be a moment behind, and a warning says so.
SET client_min_messages = error;
SELECT count(*) FROM migrate_break_glass('it burns', 'P1', 'T-1');

-- What belongs nowhere is taken away; of who is one of two, and of what takes
-- two, as much is asked as can be.
\c - :superuser
SET client_min_messages = error;
SELECT migrate_set_policy('LOW', 'two_persons', NULL, 'not of one risk') IS NULL AS done,
       migrate_set_policy('ALL', 'validity', NULL, 'not of all') IS NULL AS done,
       migrate_set_policy('ALL', 'preset', NULL, 'there was none') IS NULL AS done,
       migrate_set_policy('ALL', 'identity', '{"registered": false, "authn_id": false}', 'anybody') IS NULL AS done;
SELECT class, mode FROM migrate_guard('enforce', 'from here on', ARRAY['schema']) WHERE class = 'schema';
SELECT migrate_set_policy('ALL', 'two_persons', 'false', 'one is enough') IS NULL AS done;
\c - regress_fault_boss
SET client_min_messages = error;
SELECT (migrate_confirm(act_id, 'so it is')).outcome FROM hipaa_migrate.pending_confirmation;
SELECT migrate_set_policy('ALL', 'break_glass', '{"longest": "1 hour"}', 'mended') IS NULL AS done,
       migrate_set_policy('LOW', 'approvers', '[["regress_fault_dba"]]', 'mended') IS NULL AS done,
       migrate_set_policy('LOW', 'separation', '{"author": false, "executor": true}', 'mended') IS NULL AS done,
       migrate_set_policy('LOW', 'validity', '"1 day"', 'mended') IS NULL AS done,
       migrate_set_policy('LOW', 'stages', '[]', 'mended') IS NULL AS done,
       migrate_set_policy('LOW', 'assessment', '{"when": "never"}', 'mended') IS NULL AS done,
       migrate_set_policy('LOW', 'relay', 'false', 'mended') IS NULL AS done;

-- One that is left is enough.
\c - regress_fault_dba
SELECT still_missing FROM migrate_approve('20270101000000-a', :'checksum');
SELECT migration, outcome FROM migrate_up();
\c - :superuser
SELECT migrate_set_policy('LOW', 'windows', '"always"', 'mended') IS NULL AS done;
\c - regress_fault_dba
SET client_min_messages = warning;
SELECT migration, outcome FROM migrate_up();

\c - :superuser
SET client_min_messages = error;
SELECT count(*) > 0 AS done FROM migrate_guard('observe', 'the end');
\c :home :superuser
SET client_min_messages = warning;
DROP DATABASE regression_fault;
DROP ROLE regress_fault_author, regress_fault_dba, regress_fault_boss;
