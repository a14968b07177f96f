--
-- access: who could do what now, and by what.  What of the past is on record
-- is shown by test/tap/access.pl.
--
-- In a database of its own, so that no other grants are listed; logins that
-- are none of ours are left out.
--
\set home :DBNAME
SELECT current_user AS superuser \gset
CREATE DATABASE regression_access;
\c regression_access
SET client_min_messages = warning;
CREATE EXTENSION hipaa_migrate;
-- The first seal notes all; what is noted later has a time.
SELECT count(*) FROM audit_seal();
CREATE ROLE regress_access_ann LOGIN;
CREATE ROLE regress_access_bea LOGIN;
CREATE ROLE regress_access_chief NOLOGIN;
CREATE ROLE regress_access_board NOLOGIN;
CREATE ROLE regress_access_super LOGIN SUPERUSER;
CREATE VIEW review AS
    SELECT person, login, access, through, note ~ 'noted' AS noted
    FROM migrate_access() WHERE login LIKE 'regress_access_%';

-- Superusers hold three of the capabilities unasked, others none.
SELECT person, login, access, through FROM review;

-- What a role was given its members hold, whichever way they belong to it, and
-- each way has a row.  What was given to somebody has the time of the grant,
-- what comes by a membership that of the command that gave it.
SELECT migrate_grant('author', 'regress_access_ann'),
       migrate_grant('operator', 'regress_access_chief'),
       migrate_grant('approver', 'regress_access_board'),
       migrate_grant('auditor', 'regress_access_ann'),
       migrate_grant('breaker', 'regress_access_chief');
GRANT regress_access_chief TO regress_access_bea;
GRANT regress_access_board TO regress_access_chief;
SELECT outcome FROM audit_seal();
SELECT person, login, access, through, since IS NOT NULL AS since, note
FROM migrate_access() WHERE login LIKE 'regress_access_%' AND login <> 'regress_access_super';

-- What the policy lets members of a role sign, and that it lets only members of
-- a role break the glass.
SET client_min_messages = error;
CREATE ROLE regress_access_clerk NOLOGIN;
GRANT regress_access_clerk TO regress_access_bea;
SELECT migrate_grant('breaker', 'regress_access_ann'),
       migrate_set_policy('LOW', 'stages', '[{"stage": "submission", "notice": "1 day"}, {"stage": "go", "notice": "1 day", "roles": ["regress_access_clerk"]}]', 'who'),
       migrate_set_policy('LOW', 'approvers', '[["*"], ["regress_access_board"]]', 'who'),
       migrate_set_policy('HIGH', 'assessment', '{"when": "phi", "roles": ["regress_access_clerk"]}', 'who'),
       migrate_set_policy('ALL', 'break_glass', '{"roles": ["regress_access_clerk"]}', 'who');
SELECT migrate_grant('approver', 'regress_access_bea');
SELECT login, access, through, note FROM migrate_access()
 WHERE login LIKE 'regress_access_%' AND (access LIKE 'approve%' OR access = 'break glass');
SELECT migrate_use_policy('none', 'seen'), migrate_revoke('breaker', 'regress_access_ann'), migrate_revoke('approver', 'regress_access_bea');
SET client_min_messages = warning;

-- A superuser is member of a role only if it was made one; a role that was
-- dropped, or renamed, gives nothing.
GRANT regress_access_board TO regress_access_super;
SELECT access, through FROM review WHERE login = 'regress_access_super' AND through <> 'superuser';
ALTER ROLE regress_access_chief RENAME TO regress_access_former;
SELECT login, access, through FROM review WHERE through <> 'superuser';
ALTER ROLE regress_access_former RENAME TO regress_access_chief;

-- Who may not log in can do nothing; the members of a role that may not can.
ALTER ROLE regress_access_bea NOLOGIN;
SELECT login, access FROM review WHERE through ~ 'chief';
ALTER ROLE regress_access_bea LOGIN;

-- What is asked for must not lie ahead, and what was before the record began is
-- not known: nothing is made up.
SELECT * FROM migrate_access(now() + interval '1 hour');
\echo :LAST_ERROR_SQLSTATE
SELECT person, login, access, through, since,
       regexp_replace(note, 'at .* and', 'at ... and') AS note
FROM migrate_access('2001-01-01');

-- It is for auditors.
\c - regress_access_bea
SELECT * FROM migrate_access();
\echo :LAST_ERROR_SQLSTATE
\c - regress_access_ann
SELECT count(*) > 0 AS reads FROM migrate_access();

-- Nothing is left for the tests that follow.
\c :home :superuser
SET client_min_messages = warning;
DROP DATABASE regression_access;
DROP ROLE regress_access_ann, regress_access_bea, regress_access_chief,
    regress_access_board, regress_access_clerk, regress_access_super;
