--
-- policy_check: whether a policy can be met: by the roles, people and windows
-- there are, and who cannot be spared.
--
-- In a database of its own, with the roles of this test as its only staff.
--
\set home :DBNAME
SELECT current_user AS superuser \gset
SET client_min_messages = warning;
DROP DATABASE IF EXISTS regression_policy_check;
DROP ROLE IF EXISTS regress_check_ada, regress_check_bert, regress_check_cleo,
    regress_check_dora, regress_check_nobody;
DROP ROLE IF EXISTS regress_check_lead, regress_check_dba, regress_check_security;
CREATE DATABASE regression_policy_check TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regression_policy_check
SET client_min_messages = error;
SET timezone = 'UTC';
CREATE EXTENSION hipaa_migrate;
CREATE ROLE regress_check_ada LOGIN;
CREATE ROLE regress_check_bert LOGIN;
CREATE ROLE regress_check_cleo LOGIN;
CREATE ROLE regress_check_dora LOGIN;
CREATE ROLE regress_check_nobody LOGIN;

-- What is wrong.
CREATE VIEW wrong AS SELECT risk, status, item, message, remedy FROM migrate_policy_check() WHERE status <> 'ok';

-- Without a policy there is nothing that could not be met, and one row says so.
SELECT * FROM migrate_policy_check();

-- A preset whose roles are not there yet: each row says what is to be done.
SELECT migrate_use_policy('hipaa', 'we begin');
SELECT risk, status, item, message, remedy FROM migrate_policy_check() WHERE risk IN ('LOW', 'HIGH');
SELECT migrate_use_policy('none', 'one by one');

-- From a role that does not exist to a set that can be filled.
SELECT migrate_set_policy('LOW', 'approvers', '[["regress_check_dba"]]', 'one of us');
SELECT * FROM wrong;
CREATE ROLE regress_check_dba;
SELECT * FROM wrong;
GRANT regress_check_dba TO regress_check_ada;
SELECT * FROM wrong;
SELECT migrate_grant('approver', 'regress_check_dba');
SELECT * FROM wrong;
GRANT regress_check_dba TO regress_check_bert;
SELECT * FROM migrate_policy_check();
-- A superuser is a member of nothing, and a role that cannot log in nobody.
SELECT migrate_set_policy('LOW', 'approvers', '[["regress_check_lead", "regress_check_dba"]]', 'or a lead');
SELECT * FROM wrong;
CREATE ROLE regress_check_lead;
SELECT * FROM migrate_policy_check();
REVOKE regress_check_dba FROM regress_check_bert;
ALTER ROLE regress_check_ada NOLOGIN;
SELECT * FROM wrong;
ALTER ROLE regress_check_ada LOGIN;
GRANT regress_check_dba TO regress_check_bert;
SELECT migrate_set_policy('LOW', 'approvers', '[["*"]]', 'whoever may');
SELECT * FROM migrate_policy_check();

-- Shared logins are nobody, and two logins of one person are one.
SELECT migrate_person(NULL, '{regress_check_ada}', 'everybody knows its password') IS NULL AS done;
SELECT * FROM wrong;
SELECT migrate_person(NULL, '{}', 'not any more') IS NULL AS done;
SELECT migrate_person('Ada', '{regress_check_ada,regress_check_bert}', 'both hers') IS NULL AS done;
SELECT * FROM wrong;
-- Where persons are to be registered, who is not cannot approve.
SELECT migrate_person('Ada', '{}', 'hers no more') IS NULL AS done;
SELECT migrate_set_policy('ALL', 'identity', '{"registered": true, "authn_id": false}', 'known people');
SELECT * FROM wrong;
SELECT migrate_person('Ada', '{regress_check_ada}', 'hers') IS NULL AS done;
SELECT * FROM wrong;
SELECT migrate_person('Bert', '{regress_check_bert}', 'his') IS NULL AS done;
SELECT * FROM wrong;

-- Two sets are two people: one in both does not make two.
SELECT migrate_grant('approver', 'regress_check_lead');
GRANT regress_check_lead TO regress_check_ada;
SELECT migrate_set_policy('LOW', 'approvers', '[["regress_check_dba"], ["regress_check_lead"]]', 'two of us');
SELECT * FROM wrong;
REVOKE regress_check_dba FROM regress_check_bert;
SELECT * FROM wrong;
-- Three sets of which any two can be filled, and with a third person all.
GRANT regress_check_dba, regress_check_lead TO regress_check_ada, regress_check_bert;
SELECT migrate_set_policy('LOW', 'approvers', '[["regress_check_dba"], ["regress_check_lead"], ["*"]]', 'three of us');
SELECT * FROM wrong;
SELECT migrate_person('Cleo', '{regress_check_cleo}', 'hers') IS NULL AS done;
SELECT migrate_grant('approver', 'regress_check_cleo');
SELECT * FROM wrong;
-- Whoever can be spared is not named.
SELECT migrate_set_policy('LOW', 'approvers', '[["regress_check_dba"], ["*"]]', 'two again');
SELECT * FROM migrate_policy_check();

-- An author whom the approvers cannot do without.
SELECT migrate_set_policy('LOW', 'approvers', '[["regress_check_dba"]]', 'one of us');
SELECT migrate_set_policy('LOW', 'separation', '{"author": false, "executor": true}', 'not one''s own');
REVOKE regress_check_dba FROM regress_check_bert;
SELECT * FROM wrong;
SELECT migrate_grant('author', 'regress_check_ada');
SELECT * FROM wrong;
SELECT migrate_revoke('author', 'regress_check_ada');
-- Or who is said to have written what is pending.
SELECT outcome FROM migrate_register('20270101000000-a', 'CREATE TABLE IF NOT EXISTS a (id int)', 'DROP TABLE IF EXISTS a',
    source => '{"author": "ADA <ada@example.org>"}');
SELECT * FROM wrong;
SELECT outcome FROM migrate_up();
SELECT * FROM wrong;
SELECT migrate_set_policy('LOW', 'separation', '{"author": true, "executor": false}', 'another runs it');

-- Somebody must be left to run it; a superuser can, which is to be avoided.
SELECT * FROM wrong;
SELECT migrate_grant('operator', 'regress_check_dba');
SELECT * FROM wrong;
SELECT migrate_grant('operator', 'regress_check_dora');
SELECT * FROM wrong;
-- Whoever approves may run it where others can approve.
SELECT migrate_revoke('operator', 'regress_check_dora');
GRANT regress_check_dba TO regress_check_bert;
SELECT * FROM wrong;

-- Stages: who signs, and how long a signature lasts.
SELECT migrate_set_policy('LOW', 'stages', '[{"stage": "submission", "notice": "7 days"},
    {"stage": "security", "notice": "5 days", "roles": ["regress_check_security"]},
    {"stage": "go", "notice": "1 day", "roles": ["regress_check_lead", "regress_check_gone"]}]', 'a week ahead');
SELECT * FROM wrong;
CREATE ROLE regress_check_security ROLE regress_check_cleo;
SELECT * FROM wrong;
SELECT migrate_set_policy('LOW', 'validity', '"8 days"', 'longer than a week');
SELECT count(*) FROM wrong WHERE item = 'validity';
SELECT migrate_set_policy('LOW', 'validity', '"7 days"', 'a week');
SELECT status, message, remedy FROM wrong WHERE item = 'validity';
SELECT migrate_set_policy('LOW', 'validity', '"5 days"', 'less than a week');
SELECT status, message FROM wrong WHERE item = 'validity';
SELECT migrate_set_policy('LOW', 'validity', '"14 days"', 'two weeks') UNION ALL
SELECT migrate_set_policy('LOW', 'stages', NULL, 'not here');

-- Assessments, where they are asked for.
SELECT migrate_set_policy('LOW', 'assessment', '{"when": "phi", "roles": ["regress_check_privacy"]}', 'privacy');
SELECT * FROM wrong;
SELECT migrate_set_policy('LOW', 'assessment', '{"when": "never"}', 'none');
SELECT * FROM wrong;

-- Windows that never open, or are all frozen.
SELECT migrate_set_policy('LOW', 'windows', '[]', 'none yet');
SELECT * FROM wrong;
SELECT migrate_set_policy('LOW', 'windows', '[{"since": "2020-01-09 22:00+01", "until": "2020-01-10 04:00+01"}]', 'long ago');
SELECT message FROM wrong;
SELECT migrate_set_policy('LOW', 'windows', '[{"days": "sat", "from": "22:00", "until": "04:00", "zone": "Europe/Vienna"}]', 'at night');
SELECT * FROM wrong;
SELECT migrate_freeze(NULL, reason => 'holidays') AS freeze \gset
SELECT message, remedy = format('SELECT migrate_freeze_end(%s, ''reason'')', :freeze) AS names_it FROM wrong;
SELECT migrate_freeze_end(:freeze, 'back') IS NULL AS done;
SELECT migrate_freeze(now() + interval '1 minute', now() + interval '30 days', 'holidays') > 0 AS frozen;
SELECT * FROM wrong;
SELECT migrate_set_policy('LOW', 'windows', '"always"', 'any time');
SELECT * FROM wrong;

-- What was approved elsewhere is little for what is dangerous.
SELECT migrate_set_policy(r, 'relay', 'true', 'reviews count') FROM unnest('{MEDIUM,HIGH}'::text[]) AS r;
SELECT * FROM wrong;
SELECT migrate_set_policy(r, 'relay', NULL, 'not any more') FROM unnest('{MEDIUM,HIGH}'::text[]) AS r;

-- Two people: a superuser asks, another or an approver confirms.  Here no
-- superuser is registered.
SELECT migrate_set_policy('ALL', 'two_persons', 'true', 'nobody alone');
SELECT * FROM wrong;
SELECT migrate_person('Root', ARRAY[:'superuser'], 'the installation''s') IS NULL AS done;
SELECT * FROM wrong;
SELECT migrate_person(p, '{}', 'all of them are one') FROM unnest('{Ada,Bert,Cleo}'::text[]) AS p;
SELECT migrate_person('Root', ARRAY[:'superuser', 'regress_check_ada', 'regress_check_bert', 'regress_check_cleo'], 'all of them are one') IS NULL AS done;
SELECT item, status, message FROM wrong WHERE item = 'two_persons';
SELECT migrate_person('Root', '{}', 'end') UNION ALL SELECT migrate_person('Ada', '{regress_check_ada}', 'hers')
 UNION ALL SELECT migrate_person('Bert', '{regress_check_bert}', 'his') UNION ALL SELECT migrate_person('Cleo', '{regress_check_cleo}', 'hers');
SELECT migrate_set_policy('ALL', 'two_persons', NULL, 'end');
SELECT * FROM wrong;

-- In an emergency somebody must be there.
SELECT migrate_set_policy('ALL', 'break_glass', '{"roles": ["regress_check_dba", "regress_check_gone"]}', 'these');
SELECT * FROM wrong;
SELECT migrate_grant('breaker', 'regress_check_dora');
SELECT * FROM wrong;
GRANT regress_check_dba TO regress_check_dora;
SELECT * FROM wrong;

-- migrate_health() tells whether a policy binds, and, where it does, whether
-- there is anything that nobody can meet.
SELECT item, status, value, message, remedy FROM migrate_health() WHERE item IN ('policy', 'freezes');
SELECT class, mode FROM migrate_guard('enforce', 'from here on', '{schema}') WHERE class = 'schema';
SELECT item, status, value, message, remedy FROM migrate_health() WHERE item = 'policy';
REVOKE regress_check_dba FROM regress_check_ada, regress_check_bert;
SELECT item, status, value, message, remedy FROM migrate_health() WHERE item = 'policy';
-- Where the guard refuses what mends it, the command says so.
SELECT count(*) > 0 AS done FROM migrate_guard('enforce', 'accounts too', ARRAY['accounts', 'privilege']);
SELECT migrate_set_policy('LOW', 'approvers', '[["regress_check_dba"], ["regress_check_absent"]]', 'nobody yet') IS NULL AS done;
SELECT item, message, remedy FROM wrong WHERE remedy ~ ' -- ';
SELECT migrate_set_policy('LOW', 'approvers', '[["regress_check_security"]]', 'there is one') IS NULL AS done;
SELECT item, message, remedy FROM wrong WHERE item = 'approvers';
SELECT count(*) > 0 AS done FROM migrate_guard('observe', 'the schema only', ARRAY['accounts', 'privilege']);
SELECT migrate_freeze(NULL, reason => 'an incident') > 0 AS frozen;
SELECT item, status, value, message ~ '^nothing runs until freeze \d+ is ended$' AS told FROM migrate_health() WHERE item = 'freezes';

-- Any capability will do, and none does not.
\c - regress_check_dora
SELECT count(*) > 5 AS read FROM migrate_policy_check();
\c - regress_check_nobody
SELECT * FROM migrate_policy_check();

\c :home :superuser
SET client_min_messages = warning;
\c regression_policy_check
SELECT migrate_use_policy('none', 'the end');
SELECT item, status, value, message, remedy FROM migrate_health() WHERE item = 'policy';
SELECT count(*) > 0 AS done FROM migrate_guard('observe', 'the end');

-- It warns of functions that somebody could call in the place of ours, and of
-- schemas in which anybody could make one.
SELECT item, status, value, message, remedy FROM migrate_health() WHERE item IN ('namesakes', 'open schemas');
CREATE SCHEMA check_trap;
GRANT CREATE ON SCHEMA check_trap TO PUBLIC;
CREATE FUNCTION check_trap.migrate_approve(name text, checksum text) RETURNS text LANGUAGE sql RETURN 'signed';
SELECT item, status, value, message, remedy FROM migrate_health() WHERE item IN ('namesakes', 'open schemas');

\c :home
DROP DATABASE regression_policy_check;
DROP ROLE regress_check_ada, regress_check_bert, regress_check_cleo, regress_check_dora,
    regress_check_nobody, regress_check_lead, regress_check_dba, regress_check_security;
