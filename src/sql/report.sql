/* report: what is read by people and programs; works on a standby */

CREATE FUNCTION @extschema@.migrate_status(
    project text DEFAULT NULL,
    state text DEFAULT NULL)
    RETURNS TABLE (
        migration text, state text, applied_at timestamptz,
        applied_by name, risk text, waiting_for text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_migrate_status';
COMMENT ON FUNCTION @extschema@.migrate_status(text, text) IS
    'every registered migration in the order it runs, its state, and what it waits for';

CREATE FUNCTION @extschema@.migrate_tree(project text DEFAULT NULL)
    RETURNS TABLE (line text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_migrate_tree';
COMMENT ON FUNCTION @extschema@.migrate_tree(text) IS
    'the dependency tree, drawn; a migration with several dependencies hangs under the one that runs last';

CREATE FUNCTION @extschema@.migrate_history(
    name text DEFAULT NULL,
    since timestamptz DEFAULT NULL,
    max_rows integer DEFAULT 50)
    RETURNS TABLE (
        run_id bigint, started_at timestamptz, migration text,
        direction text, outcome text, duration interval,
        executed_by name, client text, sqlstate text, message text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_migrate_history';
COMMENT ON FUNCTION @extschema@.migrate_history(text, timestamptz, integer) IS
    'what ran or failed, the latest first';

CREATE FUNCTION @extschema@.migrate_show(
    name text,
    direction text DEFAULT 'up')
    RETURNS TABLE (
        statement_no integer, line integer, statement text, original text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_migrate_show';
COMMENT ON FUNCTION @extschema@.migrate_show(text, text) IS
    'the statements of a migration (direction up, down or verify) as the runner would execute them; original: as handed in, where it was rewritten into its guarded form';

CREATE FUNCTION @extschema@.migrate_require(
    names text[],
    nothing_after text DEFAULT NULL,
    project text DEFAULT 'default')
    RETURNS void
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_migrate_require';
COMMENT ON FUNCTION @extschema@.migrate_require(text[], text, text) IS
    'an error unless all named migrations are applied and, if nothing_after is given, none that sorts after it is';

CREATE FUNCTION @extschema@.migrate_health()
    RETURNS TABLE (
        item text, status text, value text, message text, remedy text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_health';
COMMENT ON FUNCTION @extschema@.migrate_health() IS
    'what works (ok), what does not (warning, critical), and the command or setting that mends it';

CREATE FUNCTION @extschema@.audit_encryption()
    RETURNS TABLE (
        item text, status text, value text, message text, remedy text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_audit_encryption';
COMMENT ON FUNCTION @extschema@.audit_encryption() IS
    'what is encrypted on the way and at rest (ok, warning, critical), and what the server cannot know (unknown)';

CREATE VIEW hipaa_migrate.migration_status AS
    SELECT s.migration, s.state, s.applied_at, s.applied_by, s.risk, s.waiting_for
      FROM @extschema@.migrate_status() AS s;
COMMENT ON VIEW hipaa_migrate.migration_status IS
    'migrate_status() as a view';
COMMENT ON COLUMN hipaa_migrate.migration_status.migration IS
    'name, or project:name outside of project default';
COMMENT ON COLUMN hipaa_migrate.migration_status.state IS
    'pending | blocked | applied | adopted | reverted';
COMMENT ON COLUMN hipaa_migrate.migration_status.applied_at IS
    'when it was applied or adopted, to the second';
COMMENT ON COLUMN hipaa_migrate.migration_status.applied_by IS
    'the authenticated user who applied or adopted it';
COMMENT ON COLUMN hipaa_migrate.migration_status.risk IS
    'risk of the next run of what is due: see migrate_risk(); null where more than 200 are due';
COMMENT ON COLUMN hipaa_migrate.migration_status.waiting_for IS
    'what it depends on and is not in the database';

CREATE FUNCTION @extschema@.migrate_risk(name text)
    RETURNS TABLE (
        risk text, adds text, source text, object text, reason text,
        forgiven_because text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_migrate_risk';
COMMENT ON FUNCTION @extschema@.migrate_risk(text) IS
    'how risky the next run of a migration is, and every reason, the heaviest first: those that add as much as the risk decided it';

CREATE FUNCTION @extschema@.migrate_review(
    name text,
    direction text DEFAULT NULL)
    RETURNS TABLE (section text, item text, value text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_migrate_review';
COMMENT ON FUNCTION @extschema@.migrate_review(text, text) IS
    'all that an approver needs of a migration or of a release, such as release 12: first its checksum, last the call that approves it; direction null: what runs next';
