--
-- privileges: who may call which function, and that nobody writes or reads
-- the tables behind them by hand.
--
\c -
SELECT current_user AS superuser \gset
\getenv abs_srcdir PG_ABS_SRCDIR
\set folder :abs_srcdir '/test/white_cross/migrations'
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_priv_nobody, regress_priv_author,
    regress_priv_operator, regress_priv_approver, regress_priv_auditor,
    regress_priv_breaker, regress_priv_relay;
CREATE ROLE regress_priv_nobody LOGIN;
CREATE ROLE regress_priv_author LOGIN;
CREATE ROLE regress_priv_operator LOGIN;
CREATE ROLE regress_priv_approver LOGIN;
CREATE ROLE regress_priv_auditor LOGIN;
CREATE ROLE regress_priv_breaker LOGIN;
CREATE ROLE regress_priv_relay LOGIN;
SELECT migrate_grant('author', 'regress_priv_author');
SELECT migrate_grant('operator', 'regress_priv_operator');
SELECT migrate_grant('approver', 'regress_priv_approver');
SELECT migrate_grant('auditor', 'regress_priv_auditor');
SELECT migrate_grant('breaker', 'regress_priv_breaker');
SELECT migrate_grant('relay', 'regress_priv_relay');

-- Two migrations that are there to be read and run: one is the author's.
SELECT outcome FROM migrate_register('20250101000000-applied', 'SELECT 1', 'SELECT 2',
                                     project => 'privileges');
SELECT outcome FROM migrate_up(project => 'privileges');
SELECT outcome FROM migrate_register('20250101000001-pending', 'SELECT 1', 'SELECT 2',
                                     project => 'privileges');
\c - regress_priv_author
SELECT outcome FROM migrate_register('20250101000002-own', 'SELECT 1', 'SELECT 2',
                                     project => 'privileges');
\c - :superuser
SET client_min_messages = warning;

-- Every function that people call, and for each user the same question: is
-- it denied?  What a call did is undone, so that the next user finds the same.
CREATE SCHEMA privileges_test;
GRANT USAGE ON SCHEMA privileges_test TO PUBLIC;
CREATE TABLE privileges_test.call (n integer GENERATED ALWAYS AS IDENTITY, call text);
CREATE TABLE privileges_test.answer (who name DEFAULT session_user, n integer, answer text);
GRANT SELECT ON privileges_test.call TO PUBLIC;
GRANT INSERT ON privileges_test.answer TO PUBLIC;
INSERT INTO privileges_test.call (call) VALUES
    ($$migrate_register('20250101000003-new', 'SELECT 1', project => 'privileges')$$),
    ($$migrate_register_file('20250101000003-new.up.sql', 'SELECT 1', 'privileges')$$),
    ($$migrate_load_files('{20250101000003-new.up.sql}', '{SELECT 1}', 'privileges')$$),
    (format('migrate_load(%L, ''privileges'', ''check'')', :'folder')),
    ($$migrate_unregister('privileges:20250101000001-pending', 'test')$$),
    ($$migrate_grant('author', 'regress_priv_nobody')$$),
    ($$migrate_revoke('author', 'regress_priv_nobody')$$),
    ($$migrate_up('privileges:20250101000001-pending')$$),
    ($$migrate_down('privileges:20250101000000-applied')$$),
    ($$migrate_down_to('privileges:20250101000000-applied')$$),
    ($$migrate_redo('privileges:20250101000000-applied')$$),
    ($$migrate_adopt('{20250101000001-pending}', 'test', 'privileges')$$),
    (format('migrate_adopt_folder(%L, ''test'', ''privileges'')', :'folder')),
    ($$migrate_plan(project => 'privileges')$$),
    ($$migrate_policy()$$),
    ($$migrate_policy_check()$$),
    ($$migrate_set_policy('LOW', 'relay', 'false', 'test')$$),
    ($$migrate_use_policy('development', 'test')$$),
    ($$migrate_status('privileges')$$),
    ($$migrate_tree('privileges')$$),
    ($$migrate_history()$$),
    ($$migrate_show('privileges:20250101000001-pending')$$),
    ($$migrate_show('privileges:20250101000002-own')$$),
    ($$migrate_review('privileges:20250101000001-pending')$$),
    ($$migrate_review('privileges:20250101000002-own')$$),
    ($$migrate_require('{20250101000000-applied}', project => 'privileges')$$),
    ($$migrate_health()$$),
    ($$audit_encryption()$$),
    ($$audit_export()$$),
    ($$audit_seal()$$),
    ($$audit_digest()$$),
    ($$audit_verify()$$),
    ($$audit_hold('test')$$),
    ($$audit_hold_end(0, 'test')$$),
    ($$audit_purge('2000-01-01', 'test')$$),
    ($$audit_redact(0, 'test')$$),
    ($$audit_confirm_clock('test')$$),
    ($$audit_confirm_copy('moved', 'test')$$),
    ($$migrate_guard()$$),
    ($$migrate_person('Test', '{}', 'test')$$),
    ($$migrate_confirm(0, 'test')$$),
    ($$migrate_confirm_end(0, 'test')$$),
    ($$migrate_exempt('test', command => 'COMMENT')$$),
    ($$migrate_exempt_end(0, 'test')$$),
    ($$migrate_break_glass('test')$$),
    ($$migrate_break_glass_end()$$),
    ($$migrate_break_glass_close(0, 'test')$$),
    ($$migrate_lint('privileges:20250101000001-pending')$$),
    ($$migrate_lint_sarif('privileges:20250101000001-pending')$$),
    ($$migrate_lint_sql('SELECT 1')$$),
    ($$migrate_locks('privileges:20250101000001-pending')$$),
    ($$migrate_risk('privileges:20250101000001-pending')$$),
    ($$migrate_lint('privileges:20250101000002-own')$$),
    ($$migrate_lint_sarif('privileges:20250101000002-own')$$),
    ($$migrate_locks('privileges:20250101000002-own')$$),
    ($$migrate_risk('privileges:20250101000002-own')$$),
    ($$migrate_access()$$),
    ($$migrate_waive('privileges:20250101000001-pending', 'index-not-concurrent', 'test')$$),
    ($$migrate_waive_end(0, 'test')$$),
    ($$migrate_assess('privileges:20250101000001-pending', 'test', 'none', 'none')$$),
    ($$hipaa_migrate.waiver_list$$),
    ($$hipaa_migrate.assessment_list$$),
    ($$migrate_submit('{privileges:20250101000001-pending}', 'test')$$),
    ($$migrate_approve('privileges:20250101000001-pending', '000000000000')$$),
    ($$migrate_relay('privileges:20250101000001-pending', '000000000000', 'nobody', '{"url": "none"}')$$),
    ($$migrate_reject('privileges:20250101000001-pending', 'test')$$),
    ($$migrate_withdraw('privileges:20250101000001-pending', 'test')$$),
    ($$migrate_queue()$$),
    ($$hipaa_migrate.submission_list$$),
    ($$hipaa_migrate.approval_list$$),
    ($$migrate_window('"always"')$$),
    ($$migrate_freeze(NULL, reason => 'test')$$),
    ($$migrate_freeze_end(0, 'test')$$),
    ($$hipaa_migrate.freeze_list$$),
    ($$hipaa_migrate.exemption$$),
    ($$hipaa_migrate.person$$),
    ($$hipaa_migrate.break_glass_review$$),
    ($$hipaa_migrate.audit_log$$),
    ($$hipaa_migrate.pending_confirmation$$),
    ($$hipaa_migrate.retention_status$$),
    ($$hipaa_migrate.migration_status$$),
    ($$hipaa_migrate.capability$$),
    ($$hipaa_migrate.guard_status$$),
    ($$hipaa_migrate.guard_observed$$),
    ($$hipaa_migrate.phi_inventory$$);

CREATE FUNCTION privileges_test.try(call text) RETURNS text
LANGUAGE plpgsql SET client_min_messages = error AS $$
BEGIN
    EXECUTE 'SELECT count(*) FROM ' || call;
    RAISE no_data_found;
EXCEPTION
    WHEN no_data_found THEN RETURN 'yes';
    WHEN insufficient_privilege THEN RETURN '-';
    WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;

-- A function that is added to the extension is added to the list, too; the
-- procedures are called further down.
SELECT p.oid::regprocedure AS not_asked_for
FROM pg_proc AS p
JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                   AND d.deptype = 'e'
JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'hipaa_migrate'
WHERE p.prokind = 'f' AND p.proname ~ '^(migrate|audit)_'
  AND NOT EXISTS (SELECT FROM privileges_test.call
                  WHERE call ~ ('^' || p.proname || '\('))
ORDER BY p.proname;

-- Some of it is done in words of one's own only.
\set ask 'INSERT INTO privileges_test.answer (n, answer) SELECT n, privileges_test.try(call) FROM privileges_test.call WHERE n > 0 OR EXISTS (SELECT migrate_waive(call, call, call), migrate_assess(call), migrate_break_glass(call), migrate_break_glass_close(n, call)) ORDER BY n'
\c - regress_priv_nobody
:ask;
\c - regress_priv_author
:ask;
\c - regress_priv_operator
:ask;
\c - regress_priv_approver
:ask;
\c - regress_priv_auditor
:ask;
\c - regress_priv_breaker
:ask;
\c - regress_priv_relay
:ask;
\c - :superuser
:ask;

-- An author reads what it wrote itself, other holders read all; a user without
-- capability can ask one thing: whether the schema is the one that it needs.
SELECT substring(c.call FROM '[^(]+') ||
           CASE WHEN c.call ~ '-own' THEN ' own' ELSE '' END AS call,
       min(a.answer) FILTER (WHERE a.who = 'regress_priv_nobody') AS nobody,
       min(a.answer) FILTER (WHERE a.who = 'regress_priv_author') AS author,
       min(a.answer) FILTER (WHERE a.who = 'regress_priv_operator') AS operator,
       min(a.answer) FILTER (WHERE a.who = 'regress_priv_approver') AS approver,
       min(a.answer) FILTER (WHERE a.who = 'regress_priv_auditor') AS auditor,
       min(a.answer) FILTER (WHERE a.who = 'regress_priv_breaker') AS breaker,
       min(a.answer) FILTER (WHERE a.who = 'regress_priv_relay') AS relay,
       min(a.answer) FILTER (WHERE a.who !~ '^regress_priv') AS superuser
FROM privileges_test.call AS c
LEFT JOIN privileges_test.answer AS a USING (n)
GROUP BY c.n, c.call ORDER BY c.n;

-- The procedures.
\c - regress_priv_author
CALL migrate_deploy(project => 'privileges');
CALL migrate_deploy_down('privileges:20250101000000-applied');
\c - regress_priv_operator
SET client_min_messages = warning;
CALL migrate_deploy(project => 'privileges');

-- To read a text takes the author of just that text, or another capability;
-- who wrote an earlier revision has no part in this one.
\c - :superuser
SELECT outcome FROM migrate_register('20250101000004-taken-over', 'SELECT 1',
                                     project => 'privileges');
\c - regress_priv_author
SELECT statement FROM migrate_show('privileges:20250101000004-taken-over');
\echo :LAST_ERROR_SQLSTATE
SELECT outcome FROM migrate_register('20250101000004-taken-over', 'SELECT 2',
                                     project => 'privileges');
SELECT statement FROM migrate_show('privileges:20250101000004-taken-over');

-- Of the relations only the two views for people can be read, and none can be
-- written, not even by the holders of capabilities.
\c - :superuser
SELECT c.relname, c.relkind, r.rolname, p.privilege
FROM pg_class AS c
CROSS JOIN pg_roles AS r
CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE',
                        'REFERENCES', 'TRIGGER']) AS p(privilege)
WHERE c.relnamespace = 'hipaa_migrate'::regnamespace AND c.relkind IN ('r', 'v')
  AND r.rolname ~ '^regress_priv_(nobody|operator)'
  AND has_table_privilege(r.oid, c.oid, p.privilege)
ORDER BY c.relname, r.rolname COLLATE "C";
SELECT c.relname
FROM pg_class AS c
WHERE CASE WHEN c.relnamespace = 'hipaa_migrate'::regnamespace AND c.relkind = 'S'
      THEN has_sequence_privilege('regress_priv_operator', c.oid,
                                  'SELECT, USAGE, UPDATE') END;
SELECT has_schema_privilege('regress_priv_operator', 'hipaa_migrate', 'CREATE') AS can_create;

-- The same tried, as the operator: to mark as applied, to forge history, to
-- give oneself a capability, to get in the way.
\c - regress_priv_operator
\set VERBOSITY terse
UPDATE hipaa_migrate.migration SET state = 'applied';
INSERT INTO hipaa_migrate.run_step SELECT;
DELETE FROM hipaa_migrate.run;
TRUNCATE hipaa_migrate.run_statement;
INSERT INTO hipaa_migrate.capability_grant SELECT;
DELETE FROM hipaa_migrate.capability;
UPDATE hipaa_migrate.migration_status SET state = 'applied';
SELECT up FROM hipaa_migrate.migration_revision;
SELECT name FROM hipaa_migrate.migration_dependency;
SELECT nextval('hipaa_migrate.run_id_seq');
BEGIN;
LOCK TABLE hipaa_migrate.migration IN ACCESS SHARE MODE;
ROLLBACK;
CREATE TRIGGER lose BEFORE UPDATE ON hipaa_migrate.migration
    FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE INDEX ON hipaa_migrate.migration (state);
ALTER TABLE hipaa_migrate.migration DISABLE TRIGGER ALL;
CREATE TABLE hipaa_migrate.mine ();
DROP EXTENSION hipaa_migrate;
\set VERBOSITY default

-- Nor does a migration, whose text runs as the one who runs it.  The linter
-- sees to that; where it cannot, the tables do.
\c - regress_priv_author
SELECT outcome FROM migrate_register('20250101000005-forger',
    $$DO $do$ DECLARE t text := 'migration'; BEGIN
      EXECUTE 'UPDATE hipaa_' || 'migrate.' || t || ' SET state = ''applied'''; END $do$ $$, project => 'privileges');
\c - regress_priv_operator
SELECT migration, outcome FROM migrate_up('privileges:20250101000005-forger');
\echo :LAST_ERROR_SQLSTATE

-- What the functions do with the tables happens as their owner, whatever the
-- caller's search path leads to and whatever row security it has switched off.
CREATE TEMPORARY TABLE migration (LIKE information_schema.tables);
CREATE TEMPORARY TABLE run_step ();
SET search_path = pg_temp, hipaa_migrate, public, pg_catalog;
SET row_security = off;
SELECT migration, state FROM migrate_status('privileges');
RESET search_path;
RESET row_security;

-- None of the functions runs as its owner by declaration, and none of those
-- that write may be called by a parallel worker.
SELECT p.proname
FROM pg_proc AS p
JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                   AND d.deptype = 'e'
JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'hipaa_migrate'
WHERE p.prosecdef OR (p.proparallel <> 'u' AND p.proname NOT IN ('require_server', 'guarded_commands', 'lint_rules'));

-- Each of what people see has a comment: \df+ and \d+ are documentation.
SELECT pg_describe_object(d.classid, d.objid, 0) AS without_comment
FROM pg_depend AS d
JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'hipaa_migrate'
LEFT JOIN pg_class AS c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
  AND d.classid IN ('pg_class'::regclass, 'pg_proc'::regclass,
                    'pg_namespace'::regclass)
  AND coalesce(c.relkind, 'r') IN ('r', 'v')
  AND obj_description(d.objid, d.classid::regclass::name) IS NULL
ORDER BY 1;

-- Nothing is left for the tests that follow.
\c - :superuser
SET client_min_messages = warning;
SELECT migrate_revoke('author', 'regress_priv_author');
SELECT migrate_revoke('operator', 'regress_priv_operator');
SELECT migrate_revoke('approver', 'regress_priv_approver');
SELECT migrate_revoke('auditor', 'regress_priv_auditor');
SELECT migrate_revoke('breaker', 'regress_priv_breaker');
SELECT migrate_revoke('relay', 'regress_priv_relay');
SELECT count(*) FROM migrate_down('privileges:20250101000002-own');
SELECT count(*) FROM migrate_down('privileges:20250101000001-pending');
SELECT count(*) FROM migrate_down('privileges:20250101000000-applied');
SELECT count(migrate_unregister(migration, 'end of the test'))
FROM migrate_status('privileges');
DROP SCHEMA privileges_test CASCADE;
DROP ROLE regress_priv_nobody, regress_priv_author, regress_priv_operator,
    regress_priv_approver, regress_priv_auditor, regress_priv_breaker,
    regress_priv_relay;
