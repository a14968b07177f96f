--
-- capability: who may register, run, approve, read and break the glass.  The
-- person counts who logged in, so this test logs in as several.
--
\c -
SELECT current_user AS superuser \gset
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_cap_user, regress_cap_team, regress_cap_renamed,
    regress_cap_other, regress_cap_super;
CREATE ROLE regress_cap_super SUPERUSER LOGIN;
CREATE ROLE regress_cap_user LOGIN;
CREATE ROLE regress_cap_team;
CREATE ROLE regress_cap_other LOGIN;
CREATE SCHEMA capability_test;
GRANT ALL ON SCHEMA capability_test TO regress_cap_user, regress_cap_other;

-- Nobody is listed in a new database: superusers hold author, operator and
-- auditor without being so.
SELECT capability, role, granted_by = session_user AS by_me,
       granted_at <= now() AS in_the_past
FROM hipaa_migrate.capability ORDER BY capability, role;
SELECT outcome FROM migrate_register('20250101000000-capability',
    'CREATE TABLE capability_test.t ()', 'DROP TABLE capability_test.t');
SELECT outcome FROM migrate_up('20250101000000-capability');
SELECT outcome FROM migrate_down('20250101000000-capability');
SELECT statement FROM migrate_show('20250101000000-capability');

-- A user without capability is told which one is lacking and who can help.
\c - regress_cap_user
SELECT * FROM migrate_register('20250101000001-by-user', 'SELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate_up();
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate_status();
\echo :LAST_ERROR_SQLSTATE

-- Capabilities are given and taken by superusers only, and not by holders.
SELECT migrate_grant('author', 'regress_cap_user');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_revoke('author', 'regress_cap_other');
\c - :superuser
SELECT migrate_grant('operator', 'regress_cap_user');
\c - regress_cap_user
SELECT migrate_grant('operator', 'regress_cap_other');
\c - :superuser

-- There are six; they go to roles that exist.  Giving twice is giving once,
-- taking what was not given is worth a warning.
SELECT migrate_grant('author', 'regress_cap_user');
SELECT migrate_grant('author', 'regress_cap_user');
SELECT migrate_grant('approver', 'regress_cap_user');
SELECT migrate_grant('auditor', 'regress_cap_user');
SELECT migrate_grant('breaker', 'regress_cap_user');
SELECT migrate_grant('relay', 'regress_cap_user');
SELECT migrate_grant('admin', 'regress_cap_user');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_grant('AUTHOR', 'regress_cap_user');
SELECT migrate_grant('author', 'regress_cap_absent');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_revoke('admin', 'regress_cap_user');
SELECT migrate_revoke('author', 'regress_cap_absent');
SELECT migrate_revoke('approver', 'regress_cap_user');
SELECT migrate_revoke('approver', 'regress_cap_user');
SELECT migrate_grant(NULL, 'regress_cap_user');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate_revoke('author', NULL);

-- The view lists who holds what, for everybody to see.
SELECT capability, role, granted_by = session_user AS by_me,
       granted_at <= now() AS in_the_past
FROM hipaa_migrate.capability ORDER BY capability, role;
\c - regress_cap_other
SELECT capability, role FROM hipaa_migrate.capability ORDER BY capability, role;

-- What was given works, and what was taken does not any more.
\c - regress_cap_user
SELECT outcome FROM migrate_register('20250101000001-by-user', 'SELECT 1');
\c - :superuser
SELECT migrate_revoke('author', 'regress_cap_user');
SELECT migrate_revoke('auditor', 'regress_cap_user');
SELECT migrate_revoke('breaker', 'regress_cap_user');
SELECT migrate_revoke('relay', 'regress_cap_user');
SELECT migrate_revoke('operator', 'regress_cap_user');
\c - regress_cap_user
\set VERBOSITY terse
SELECT * FROM migrate_register('20250101000001-by-user', 'SELECT 2');
\set VERBOSITY default

-- What a role holds, its members hold.
\c - :superuser
SELECT migrate_grant('author', 'regress_cap_team');
GRANT regress_cap_team TO regress_cap_user;
\c - regress_cap_user
SELECT outcome FROM migrate_register('20250101000001-by-user', 'SELECT 2');

-- The person is the one who logged in, whatever role it takes on: neither is
-- a capability lost, nor is another's name recorded.
SET ROLE regress_cap_team;
SELECT outcome FROM migrate_register('20250101000001-by-user', 'SELECT 3');
RESET ROLE;
\c - :superuser
SET ROLE regress_cap_other;
SELECT outcome FROM migrate_register('20250101000001-by-user', 'SELECT 4');
RESET ROLE;
SET SESSION AUTHORIZATION regress_cap_other;
SELECT outcome FROM migrate_register('20250101000001-by-user', 'SELECT 5');
RESET SESSION AUTHORIZATION;
SELECT r.up, CASE r.author WHEN :'superuser' THEN 'the superuser'
             ELSE r.author END AS author
FROM hipaa_migrate.migration_revision AS r
JOIN hipaa_migrate.migration AS m USING (migration_id)
WHERE m.name = '20250101000001-by-user' ORDER BY r.revision;

-- Nobody else can take on a holder's role, and so its capability.
\c - regress_cap_other
\set VERBOSITY sqlstate
SET ROLE regress_cap_team;
SET SESSION AUTHORIZATION regress_cap_user;
\set VERBOSITY default
SELECT * FROM migrate_register('20250101000001-by-user', 'SELECT 6');

-- A function that runs as its owner lends nothing to anybody: neither the
-- owner's capability to its caller ...
\c - regress_cap_super
CREATE FUNCTION capability_test.lend() RETURNS text
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT outcome FROM migrate_register('20250101000001-by-user', 'SELECT 7');
    END;
CREATE FUNCTION capability_test.lend_grant() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT migrate_grant('author', 'regress_cap_other');
    END;
CREATE FUNCTION capability_test.lend_text() RETURNS text
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT statement FROM migrate_show('20250101000001-by-user');
    END;
\c - regress_cap_other
SELECT capability_test.lend();
\set VERBOSITY terse
SELECT capability_test.lend_grant();
SELECT capability_test.lend_text();

-- ... also where the caller holds one of its own ...
\c - regress_cap_user
SELECT capability_test.lend();
SELECT capability_test.lend_grant();

-- ... nor the caller's to its owner, who could wait for a holder or for a
-- superuser to come by.  Whoever calls it may rely on it to run as its owner.
\c - regress_cap_other
CREATE FUNCTION capability_test.trap() RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM migrate_register('20250101000002-trap', 'SELECT 1');
    RETURN 'registered';
END $$;
CREATE FUNCTION capability_test.trap_grant() RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM migrate_grant('operator', 'regress_cap_other');
    RETURN 'granted';
END $$;
CREATE FUNCTION capability_test.trap_text() RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT statement FROM migrate_show('20250101000001-by-user'));
END $$;
\set VERBOSITY terse
\c - regress_cap_user
SELECT capability_test.trap();
\c - regress_cap_super
SELECT capability_test.trap();
SELECT capability_test.trap_grant();
SELECT capability_test.trap_text();

-- What others wrote and the server runs for a superuser, as in refreshing a
-- view, manages and reads nothing either.
\c - regress_cap_other
CREATE FUNCTION capability_test.ambush() RETURNS text
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM migrate_grant('operator', 'regress_cap_other');
    RETURN 'granted';
END $$;
CREATE MATERIALIZED VIEW capability_test.bait AS
    SELECT capability_test.ambush() WITH NO DATA;
CREATE MATERIALIZED VIEW capability_test.mirror AS
    SELECT statement FROM migrate_show('20250101000001-by-user') WITH NO DATA;
\c - regress_cap_super
REFRESH MATERIALIZED VIEW capability_test.bait;
REFRESH MATERIALIZED VIEW capability_test.mirror;
\set VERBOSITY default
SELECT capability, role FROM hipaa_migrate.capability ORDER BY capability, role;

-- A role that is dropped and made again is somebody else.
SELECT migrate_grant('author', 'regress_cap_other');
\c - regress_cap_other
SELECT outcome FROM migrate_register('20250101000002-by-other', 'SELECT 1');
\c - :superuser
DROP OWNED BY regress_cap_other;
DROP ROLE regress_cap_other;
CREATE ROLE regress_cap_other LOGIN;
SELECT capability, role FROM hipaa_migrate.capability ORDER BY capability, role;
\c - regress_cap_other
\set VERBOSITY terse
SELECT outcome FROM migrate_register('20250101000002-by-other', 'SELECT 2');
\set VERBOSITY default
\c - :superuser
SELECT migrate_grant('author', 'regress_cap_other');
\c - regress_cap_other
SELECT outcome FROM migrate_register('20250101000002-by-other', 'SELECT 2');

-- Nor does a role take over what was given to another under the name that it
-- has now, and a role renamed has to be given again.
\c - :superuser
ALTER ROLE regress_cap_other RENAME TO regress_cap_renamed;
SELECT capability, role FROM hipaa_migrate.capability ORDER BY capability, role;
\c - regress_cap_renamed
\set VERBOSITY terse
SELECT outcome FROM migrate_register('20250101000002-by-other', 'SELECT 3');
\set VERBOSITY default

-- An author reads the texts that it registered itself, and of others' names,
-- states, risks and history: what shows a text refuses it by name, and leaves
-- it out of all that is pending.  An operator, approver, auditor or breaker
-- reads all.
\c - :superuser
SELECT outcome FROM migrate_register('20250101000003-secret',
    'CREATE TABLE capability_test.secret (a int, b timestamp)');
SELECT migrate_grant('author', 'regress_cap_renamed');
\c - regress_cap_renamed
SELECT outcome FROM migrate_register('20250101000004-own',
    'CREATE TABLE capability_test.own (a int, b timestamp); ALTER TABLE capability_test.own ADD c int');
CREATE VIEW pg_temp.texts AS SELECT * FROM (
    SELECT 'lint' AS by, migration FROM migrate_lint()
    UNION SELECT 'sarif', r #>> '{properties,migration}'
    FROM json_array_elements(migrate_lint_sarif() #> '{runs,0,results}') AS r) AS t
    WHERE migration ~ '^2025010100000[34]' ORDER BY by, migration;
TABLE pg_temp.texts;
SELECT statement FROM migrate_show('20250101000004-own');
SELECT count(*) > 0 AS locks FROM migrate_locks('20250101000004-own');
SELECT count(*) > 0 AS risks FROM migrate_risk('20250101000004-own');
SELECT * FROM migrate_show('20250101000003-secret');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT * FROM migrate_lint('20250101000003-secret');
SELECT migrate_lint_sarif('20250101000003-secret');
SELECT * FROM migrate_locks('20250101000003-secret');
SELECT * FROM migrate_risk('20250101000003-secret');
\set VERBOSITY default
SELECT migration, state FROM migrate_status() WHERE migration = '20250101000003-secret';
SELECT migration FROM migrate_plan() WHERE migration = '20250101000003-secret';
\c - :superuser
SELECT migrate_grant('breaker', 'regress_cap_renamed');
\c - regress_cap_renamed
CREATE VIEW pg_temp.texts AS SELECT DISTINCT migration FROM migrate_lint()
    WHERE migration ~ '^2025010100000[34]' ORDER BY migration;
TABLE pg_temp.texts;
SELECT count(*) > 0 AS reads FROM migrate_show('20250101000003-secret');
\c - :superuser
SELECT migrate_revoke('breaker', 'regress_cap_renamed');
SELECT migrate_revoke('author', 'regress_cap_renamed');

-- By hand nobody gives anything, not even a superuser.  (That a grant of
-- another server goes by the name is shown by test/tap/dump_restore.pl.)
\c - :superuser
UPDATE hipaa_migrate.capability_grant
SET role_name = 'regress_cap_renamed' WHERE role_name = 'regress_cap_other';
\echo :LAST_ERROR_SQLSTATE
\c - regress_cap_renamed
\set VERBOSITY terse
SELECT outcome FROM migrate_register('20250101000002-by-other', 'SELECT 3');
\set VERBOSITY default

-- Nothing is left for the tests that follow.
\c - :superuser
SET client_min_messages = warning;
SELECT migrate_revoke('author', 'regress_cap_other');
SELECT migrate_revoke('author', 'regress_cap_team');
SELECT count(*) FROM hipaa_migrate.capability_grant;
SELECT count(migrate_unregister(migration, 'end of the test'))
FROM migrate_status() WHERE migration ~ '^2025010100000[01234]-(by|cap|trap|secret|own)';
DROP SCHEMA capability_test CASCADE;
DROP ROLE regress_cap_user, regress_cap_team, regress_cap_renamed,
    regress_cap_super;
