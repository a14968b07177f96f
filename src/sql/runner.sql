/* runner: runs, their steps and statements, and the functions that run */

CREATE SEQUENCE hipaa_migrate.run_id_seq;
CREATE SEQUENCE hipaa_migrate.step_id_seq;

CREATE TABLE hipaa_migrate.run (
    run_id              bigint PRIMARY KEY,
    command             text COLLATE "C" NOT NULL,
    target              text,
    project             text COLLATE "C",
    reason              text,
    started_at          timestamptz NOT NULL,
    executed_by         name NOT NULL,
    effective_role      name NOT NULL,
    authn_id            text,
    client              text NOT NULL,
    application         text,
    pid                 integer NOT NULL
);
COMMENT ON TABLE hipaa_migrate.run IS
    'one row per call of the runner that did or tried something';
COMMENT ON COLUMN hipaa_migrate.run.command IS
    'up | down | down_to | redo | deploy | deploy_down | adopt | unregister';
COMMENT ON COLUMN hipaa_migrate.run.executed_by IS
    'the authenticated user';

CREATE TABLE hipaa_migrate.run_step (
    step_id             bigint PRIMARY KEY,
    run_id              bigint NOT NULL,
    migration_id        bigint NOT NULL,
    revision            integer NOT NULL,
    direction           text COLLATE "C" NOT NULL
        CHECK (direction IN ('up', 'down')),
    outcome             text COLLATE "C" NOT NULL
        CHECK (outcome IN ('applied', 'reverted', 'adopted', 'failed', 'unregistered')),
    started_at          timestamptz NOT NULL,
    duration            interval NOT NULL,
    statements          integer NOT NULL,
    sqlstate            text COLLATE "C",
    failed_statement    integer,
    message             text
);
CREATE INDEX run_step_run_idx ON hipaa_migrate.run_step (run_id);
CREATE INDEX run_step_migration_idx ON hipaa_migrate.run_step (migration_id);
COMMENT ON TABLE hipaa_migrate.run_step IS
    'one row per migration that a run applied, reverted, adopted or failed at';
COMMENT ON COLUMN hipaa_migrate.run_step.statements IS
    'how many statements completed';
COMMENT ON COLUMN hipaa_migrate.run_step.message IS
    'where it failed and which objects are concerned; never values, they may be health information';

CREATE TABLE hipaa_migrate.run_statement (
    step_id             bigint NOT NULL,
    statement_no        integer NOT NULL,
    line                integer NOT NULL,
    command             text NOT NULL,
    duration            interval NOT NULL,
    PRIMARY KEY (step_id, statement_no)
);
COMMENT ON TABLE hipaa_migrate.run_statement IS
    'how long each statement of a step took';
COMMENT ON COLUMN hipaa_migrate.run_statement.command IS
    'command tag, such as CREATE TABLE';

CREATE FUNCTION @extschema@.migrate_up(
    target text DEFAULT NULL,
    project text DEFAULT NULL,
    blocked text DEFAULT 'refuse')
    RETURNS TABLE (
        migration text, outcome text, statements integer,
        duration interval, run_id bigint, details jsonb)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_up';
COMMENT ON FUNCTION @extschema@.migrate_up(text, text, text) IS
    'applies what is due, or target and what it needs, in the caller''s transaction: all or nothing';

CREATE FUNCTION @extschema@.migrate_down(
    name text DEFAULT NULL,
    scope text DEFAULT 'only',
    reason text DEFAULT NULL)
    RETURNS TABLE (
        migration text, outcome text, statements integer,
        duration interval, run_id bigint, details jsonb)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_down';
COMMENT ON FUNCTION @extschema@.migrate_down(text, text, text) IS
    'reverts the migration applied last, or the named one; scope dependents takes along what depends on it';

CREATE FUNCTION @extschema@.migrate_down_to(
    name text,
    reason text DEFAULT NULL)
    RETURNS TABLE (
        migration text, outcome text, statements integer,
        duration interval, run_id bigint, details jsonb)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_down_to';
COMMENT ON FUNCTION @extschema@.migrate_down_to(text, text) IS
    'reverts everything that was applied after the named migration, which stays';

CREATE FUNCTION @extschema@.migrate_redo(
    name text DEFAULT NULL,
    reason text DEFAULT NULL)
    RETURNS TABLE (
        migration text, outcome text, statements integer,
        duration interval, run_id bigint, details jsonb)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_redo';
COMMENT ON FUNCTION @extschema@.migrate_redo(text, text) IS
    'reverts the migration applied last, or the named one, and applies it again';

CREATE FUNCTION @extschema@.migrate_adopt(
    names text[],
    reason text,
    project text DEFAULT 'default')
    RETURNS TABLE (migration text, outcome text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_adopt';
COMMENT ON FUNCTION @extschema@.migrate_adopt(text[], text, text) IS
    'marks as applied what the database already has, after its verify text, if any, has passed';

CREATE FUNCTION @extschema@.migrate_adopt_folder(
    directory text,
    reason text,
    project text DEFAULT 'default')
    RETURNS TABLE (migration text, outcome text)
    LANGUAGE sql
    AS $$
        SELECT a.migration, a.outcome
          FROM @extschema@.migrate_adopt(
                   ARRAY(SELECT l.migration
                           FROM @extschema@.migrate_load(directory, project) AS l
                          WHERE l.outcome IN ('registered', 'revised', 'unchanged')),
                   reason, project) AS a
    $$;
COMMENT ON FUNCTION @extschema@.migrate_adopt_folder(text, text, text) IS
    'migrate_load of a folder, then migrate_adopt of all that is in it';

CREATE FUNCTION @extschema@.migrate_unregister(name text, reason text)
    RETURNS void
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_unregister';
COMMENT ON FUNCTION @extschema@.migrate_unregister(text, text) IS
    'takes a migration that is not applied out of the registry; its history stays';

CREATE PROCEDURE @extschema@.migrate_deploy(
    target text DEFAULT NULL,
    project text DEFAULT NULL)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_deploy';
COMMENT ON PROCEDURE @extschema@.migrate_deploy(text, text) IS
    'applies what is due, a transaction for each migration; runs also what cannot run in a transaction';

CREATE PROCEDURE @extschema@.migrate_deploy_down(
    name text DEFAULT NULL,
    scope text DEFAULT 'only',
    reason text DEFAULT NULL)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_deploy_down';
COMMENT ON PROCEDURE @extschema@.migrate_deploy_down(text, text, text) IS
    'as migrate_down, a transaction for each migration; reverts also what cannot run in a transaction';
