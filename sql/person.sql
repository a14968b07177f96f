--
-- person: two people means two persons, by however many logins each of them
-- comes in.  What clients prove of themselves, and what a dump keeps, is shown
-- in test/tap/person.pl.
--
\c -
SELECT current_user AS superuser \gset
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_person_ada, regress_person_ada2, regress_person_bert,
    regress_person_pool, regress_person_super, regress_person_late, regress_person_other;
SELECT COALESCE(max(event_id), 0) AS start FROM hipaa_migrate.audit_event \gset
CREATE ROLE regress_person_super SUPERUSER LOGIN;
CREATE ROLE regress_person_ada LOGIN;
CREATE ROLE regress_person_ada2 LOGIN;
CREATE ROLE regress_person_bert LOGIN;
CREATE ROLE regress_person_pool LOGIN;
SELECT migrate_grant('auditor', 'regress_person_ada');
SELECT migrate_grant('auditor', 'regress_person_ada2');
SELECT migrate_grant('auditor', 'regress_person_bert');
SELECT migrate_grant('breaker', 'regress_person_ada');
SELECT outcome FROM migrate_register('20250101000000-person', 'SELECT 1');
SELECT migrate_unregister('20250101000000-person', 'wrong chart of Jane Roe');
SELECT outcome IN ('sealed', 'unchanged') AS sealed FROM audit_seal();
SELECT max(event_id) AS event FROM hipaa_migrate.audit_event
WHERE kind = 'migration.unregistered' \gset
RESET client_min_messages;

-- Who is who, a superuser says, and why; names must be names.
\c - regress_person_bert
SELECT migrate_person('Bert', '{regress_person_bert}', 'it is me');
\echo :LAST_ERROR_SQLSTATE
\c - :superuser
\set VERBOSITY terse
SELECT migrate_person('Ada', '{regress_person_ada}');
SELECT migrate_person('Ada', NULL, 'which?');
SELECT migrate_person('Ada', '{regress_person_ada,NULL}', 'which?');
SELECT migrate_person('', '{regress_person_ada}', 'no name');
SELECT migrate_person(' Ada', '{regress_person_ada}', 'looks like another');
SELECT migrate_person('Ada', '{"regress_person_ada "}', 'looks like another');
SELECT migrate_person(E'A\nda', '{regress_person_ada}', 'two lines');
SELECT migrate_person('Ada  Lovelace', '{regress_person_ada}', 'two blanks');
SELECT migrate_person('Nobody', '{}', 'never was one');
SELECT migrate_person('Nobody  else', '{}', 'nor one of a name that was possible once');
\set VERBOSITY default

-- A person has logins, and other names that prove or claim who it is: what is
-- no role is said to be taken for one, in case a role was meant.
SELECT migrate_person('Ada Lovelace', '{regress_person_ada,regress_person_ada2,ada@example.org,regress_person_ada}',
                      'two logins: daily work, administration');
SELECT migrate_person('Bert', '{regress_person_bert}', 'joined the team');
SELECT migrate_person(NULL, '{regress_person_pool}', 'the pooler');
SELECT person, login, status, changed_by = current_user AS by_me,
       changed_at <= now() AS in_the_past, reason
FROM hipaa_migrate.person;

-- Everybody who holds a capability may see it, and nobody writes it by hand.
\c - regress_person_ada
SELECT count(*) FROM hipaa_migrate.person;
\c - regress_person_pool
\set VERBOSITY terse
SELECT count(*) FROM hipaa_migrate.person;
\c - :superuser
DELETE FROM hipaa_migrate.person_login WHERE login = 'regress_person_ada2';
\echo :LAST_ERROR_SQLSTATE

\set VERBOSITY default

-- A login does not go over from one to the other at a stroke, nor does it
-- become shared, nor stop being so; and two names that differ in the case of
-- letters are no two persons.
SELECT migrate_person('Bert', '{regress_person_bert,regress_person_ada2}', 'takes it over');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_person(NULL, '{regress_person_pool,regress_person_ada2}', 'everybody uses it');
SELECT migrate_person('Bert', '{regress_person_bert,regress_person_pool}', 'his by now');
SELECT migrate_person('ada lovelace', '{regress_person_late}', 'somebody else');
\echo :LAST_ERROR_SQLSTATE

-- Nobody confirms what he asked for himself by another login of his,
\c - regress_person_ada
SELECT audit_redact(:event, 'name of a patient') AS act \gset
\c - regress_person_ada2
SELECT * FROM migrate_confirm(:act, 'I agree with me');
\echo :LAST_ERROR_SQLSTATE
SET ROLE regress_person_ada2;
\set VERBOSITY terse
SELECT * FROM migrate_confirm(:act, 'I agree with me');
RESET ROLE;

-- not when that has another name,
\c - :superuser
ALTER ROLE regress_person_ada2 RENAME TO regress_person_other;
SELECT migrate_grant('auditor', 'regress_person_other');
SELECT login, status FROM hipaa_migrate.person WHERE person = 'Ada Lovelace';
\c - regress_person_other
\set VERBOSITY terse
SELECT * FROM migrate_confirm(:act, 'under another name');

-- and not when it has been taken from the person since: who asked is who it
-- was then.
\c - :superuser
SELECT migrate_revoke('auditor', 'regress_person_other');
ALTER ROLE regress_person_other RENAME TO regress_person_ada2;
SELECT migrate_person('Ada Lovelace', '{regress_person_ada2}', 'forget the other login');
SELECT login FROM hipaa_migrate.person WHERE person = 'Ada Lovelace';
\c - regress_person_ada2
\set VERBOSITY terse
SELECT * FROM migrate_confirm(:act, 'somebody else by now');
\c - :superuser
SELECT migrate_person('Ada Lovelace', '{}', 'left the team');
SELECT migrate_person('Ada', '{regress_person_ada,regress_person_ada2}', 'the same, who calls herself otherwise');
\c - regress_person_ada2
\set VERBOSITY terse
SELECT * FROM migrate_confirm(:act, 'with a name of my own');

-- Both logins may withdraw it: they are one person.
SELECT migrate_confirm_end(:act, 'asked for by me, at the other desk');

-- Nor do SET ROLE and SET SESSION AUTHORIZATION of a superuser make another.
\c - :superuser
SELECT migrate_person('Super', ARRAY['regress_person_super'], 'has every role, is one person');
\c - regress_person_super
\set VERBOSITY terse
SELECT audit_redact(:event, 'name of a patient') AS act \gset
SET ROLE regress_person_bert;
SELECT * FROM migrate_confirm(:act, 'as another role');
RESET ROLE;
SET SESSION AUTHORIZATION regress_person_bert;
SELECT * FROM migrate_confirm(:act, 'as another session');
RESET SESSION AUTHORIZATION;

-- Another person does; rolled back, so that there is something to redact.
\c - regress_person_bert
BEGIN;
SELECT act, outcome FROM migrate_confirm(:act, 'seen it');
ROLLBACK;

-- A login that is dropped and made again is not the one that was registered:
-- the row is void, and goes only when somebody says so.
\c - :superuser
\set VERBOSITY terse
SELECT migrate_revoke('auditor', 'regress_person_ada2');
DROP ROLE regress_person_ada2;
SELECT login, status FROM hipaa_migrate.person WHERE person = 'Ada';
CREATE ROLE regress_person_ada2 LOGIN;
SELECT login, status FROM hipaa_migrate.person WHERE person = 'Ada';
SELECT migrate_person('Bert', '{regress_person_bert,regress_person_ada2}', 'a new one');
SELECT migrate_person('Ada', '{regress_person_ada}', 'one login is enough');
SELECT migrate_person('Bert', '{regress_person_bert,regress_person_ada2}', 'a new one');

-- A role made under what is only a name of a person is not that person's.
SELECT migrate_person('Late', '{regress_person_late}', 'before the role is made');
CREATE ROLE regress_person_late LOGIN;
SELECT login, status FROM hipaa_migrate.person WHERE person = 'Late';
SELECT migrate_person('Late', '{regress_person_late}', 'after the role is made');
SELECT login, status FROM hipaa_migrate.person WHERE person = 'Late';

-- Who broke the glass does not review it by another login.
SELECT migrate_person('Bert', '{regress_person_bert}', 'one login is enough');
SELECT migrate_person('Ada', '{regress_person_ada,regress_person_ada2}', 'two logins again');
SELECT migrate_grant('auditor', 'regress_person_ada2');
\c - regress_person_ada
SELECT break_glass_id AS glass FROM migrate_break_glass('fire', drill => true) \gset
SELECT migrate_break_glass_end(:glass, 'out');
\c - regress_person_ada2
SELECT migrate_break_glass_close(:glass, 'I looked at it myself');
\echo :LAST_ERROR_SQLSTATE
-- Nor when the login that did is gone.
\c - :superuser
SELECT migrate_revoke(c, 'regress_person_ada') FROM unnest(ARRAY['auditor', 'breaker']) AS c;
DROP ROLE regress_person_ada;
\c - regress_person_ada2
SELECT migrate_break_glass_close(:glass, 'nobody did it');
\c - regress_person_bert
SELECT migrate_break_glass_close(:glass, 'it was a drill');

-- All of it is on record, refusals included.
\c - :superuser
SELECT object, reason, details::jsonb - 'shared' AS details, details::jsonb->'shared' AS shared
FROM hipaa_migrate.audit_event WHERE kind = 'person.changed' AND event_id > :start ORDER BY event_id;
SELECT outcome IN ('sealed', 'unchanged') AS sealed FROM audit_seal();
SELECT actor, details::jsonb->>'act' AS act, details::jsonb->>'why' AS why, count(*)
FROM hipaa_migrate.audit_event WHERE kind = 'act.refused' AND event_id > :start
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

-- Nothing is left for the tests that follow.
\c - regress_person_super
SELECT migrate_confirm_end(:act, 'end of the test');
\c - :superuser
SET client_min_messages = warning;
SELECT migrate_person(p, '{}', 'end of the test')
FROM unnest(ARRAY['Ada', 'Bert', 'Late', 'Super', NULL]) AS p;
SELECT count(*) FROM hipaa_migrate.person;
SELECT migrate_revoke('auditor', r) FROM unnest(ARRAY['regress_person_ada2', 'regress_person_bert']::name[]) AS r;
DROP ROLE regress_person_ada2, regress_person_bert,
    regress_person_pool, regress_person_super, regress_person_late;
