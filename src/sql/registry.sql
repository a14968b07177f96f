/* registry: migrations, their revisions and dependencies, capabilities */

/*
 * There are no foreign keys between our tables: only the extension writes
 * them, and pg_restore --jobs loads those of an extension in any order.
 */

CREATE SEQUENCE hipaa_migrate.migration_id_seq;

CREATE TABLE hipaa_migrate.migration (
    migration_id        bigint PRIMARY KEY,
    project             text COLLATE "C" NOT NULL,
    name                text COLLATE "C" NOT NULL,
    state               text COLLATE "C" NOT NULL
        CHECK (state IN ('pending', 'applied', 'adopted', 'reverted')),
    revision            integer NOT NULL,
    applied_revision    integer,
    applied_at          timestamptz,
    applied_by          name,
    applied_step        bigint,
    unregistered_at     timestamptz,
    UNIQUE (project, name)
);
COMMENT ON TABLE hipaa_migrate.migration IS
    'one row per migration; what it does stands in migration_revision';
COMMENT ON COLUMN hipaa_migrate.migration.state IS
    'pending | applied | adopted | reverted; "blocked" is computed, see migration_status';
COMMENT ON COLUMN hipaa_migrate.migration.revision IS
    'the revision that is registered now';
COMMENT ON COLUMN hipaa_migrate.migration.applied_revision IS
    'the revision that was applied or adopted last';
COMMENT ON COLUMN hipaa_migrate.migration.applied_by IS
    'the authenticated user of the run, not the role it ran as';
COMMENT ON COLUMN hipaa_migrate.migration.applied_step IS
    'the step of run_step that applied it; orders what was applied at one instant';
COMMENT ON COLUMN hipaa_migrate.migration.unregistered_at IS
    'when it was taken out of the registry; its history stays';

CREATE TABLE hipaa_migrate.migration_revision (
    migration_id        bigint NOT NULL,
    revision            integer NOT NULL,
    checksum            bytea NOT NULL,
    kind                text COLLATE "C" NOT NULL
        CHECK (kind IN ('schema', 'data', 'repeatable')),
    description         text,
    up                  text NOT NULL,
    down                text,
    verify              text,
    transactional       text COLLATE "C" NOT NULL
        CHECK (transactional IN ('auto', 'yes', 'no')),
    up_transactional    boolean NOT NULL,
    down_transactional  boolean NOT NULL,
    up_statements       integer NOT NULL,
    down_statements     integer NOT NULL,
    run_as              name,
    settings            jsonb NOT NULL,
    format              text COLLATE "C" NOT NULL,
    original_name       text,
    up_file             text,
    up_line             integer NOT NULL,
    down_file           text,
    down_line           integer NOT NULL,
    verify_file         text,
    verify_line         integer NOT NULL,
    source              jsonb,
    author              name NOT NULL,
    author_authn_id     text,
    registered_at       timestamptz NOT NULL,
    PRIMARY KEY (migration_id, revision)
);
COMMENT ON TABLE hipaa_migrate.migration_revision IS
    'every text that was ever registered for a migration, never changed afterwards';
COMMENT ON COLUMN hipaa_migrate.migration_revision.checksum IS
    'SHA-256 over the canonical encoding of all that the migration does';
COMMENT ON COLUMN hipaa_migrate.migration_revision.transactional IS
    'as registered: auto | yes | no';
COMMENT ON COLUMN hipaa_migrate.migration_revision.up_transactional IS
    'whether up runs in one transaction; false: statement by statement, by CALL migrate_deploy()';
COMMENT ON COLUMN hipaa_migrate.migration_revision.run_as IS
    'role that runs it; null: whoever calls the runner';
COMMENT ON COLUMN hipaa_migrate.migration_revision.settings IS
    'settings it runs under, search_path always among them';
COMMENT ON COLUMN hipaa_migrate.migration_revision.original_name IS
    'its name in the tool it comes from, when that differs';
COMMENT ON COLUMN hipaa_migrate.migration_revision.up_line IS
    'line of up_file where the text begins';
COMMENT ON COLUMN hipaa_migrate.migration_revision.source IS
    'where it comes from: commit, file, pull request, pipeline, claimed author';
COMMENT ON COLUMN hipaa_migrate.migration_revision.author IS
    'the authenticated user who registered it';

CREATE TABLE hipaa_migrate.migration_dependency (
    migration_id        bigint NOT NULL,
    revision            integer NOT NULL,
    ordinal             integer NOT NULL,
    project             text COLLATE "C" NOT NULL,
    name                text COLLATE "C" NOT NULL,
    PRIMARY KEY (migration_id, revision, ordinal)
);
CREATE INDEX migration_dependency_on_idx
    ON hipaa_migrate.migration_dependency (project, name);
COMMENT ON TABLE hipaa_migrate.migration_dependency IS
    'what each revision depends on, by name: it need not be registered yet';

CREATE TABLE hipaa_migrate.capability_grant (
    capability          text COLLATE "C" NOT NULL
        CHECK (capability IN ('author', 'operator', 'approver', 'auditor', 'breaker')),
    role_name           name NOT NULL,
    role_oid            oid NOT NULL,
    server              bigint NOT NULL,
    granted_by          name NOT NULL,
    granted_at          timestamptz NOT NULL,
    PRIMARY KEY (capability, role_name)
);
COMMENT ON TABLE hipaa_migrate.capability_grant IS
    'who may do what, beside superusers; written by migrate_grant and migrate_revoke';
COMMENT ON COLUMN hipaa_migrate.capability_grant.role_oid IS
    'identifies the role on the server it was granted on; elsewhere, after a restore, the name does';
COMMENT ON COLUMN hipaa_migrate.capability_grant.server IS
    'system identifier of the server it was granted on';

CREATE VIEW hipaa_migrate.capability AS
    SELECT g.capability, g.role_name AS role, g.granted_by,
           pg_catalog.date_trunc('second', g.granted_at) AS granted_at
      FROM hipaa_migrate.capability_grant AS g
     WHERE EXISTS (SELECT FROM pg_catalog.pg_roles AS r
                    WHERE r.rolname = g.role_name
                      AND (r.oid = g.role_oid OR g.server <>
                           (SELECT c.system_identifier
                              FROM pg_catalog.pg_control_system() AS c)));
COMMENT ON VIEW hipaa_migrate.capability IS
    'roles that hold a capability (author, operator, approver, auditor, breaker); superusers hold author, operator and auditor unlisted';

CREATE FUNCTION @extschema@.migrate_grant(capability text, role name)
    RETURNS void
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_grant';
COMMENT ON FUNCTION @extschema@.migrate_grant(text, name) IS
    'gives a role a capability: author, operator, approver, auditor or breaker';

CREATE FUNCTION @extschema@.migrate_revoke(capability text, role name)
    RETURNS void
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_revoke';
COMMENT ON FUNCTION @extschema@.migrate_revoke(text, name) IS
    'takes a capability from a role';

CREATE FUNCTION @extschema@.migrate_register(
    name text,
    up text,
    down text DEFAULT NULL,
    depends_on text[] DEFAULT '{}',
    kind text DEFAULT 'schema',
    description text DEFAULT NULL,
    project text DEFAULT 'default',
    transactional text DEFAULT 'auto',
    verify text DEFAULT NULL,
    run_as name DEFAULT NULL,
    settings jsonb DEFAULT NULL,
    source jsonb DEFAULT NULL,
    OUT migration text,
    OUT revision integer,
    OUT outcome text,
    OUT checksum text,
    OUT statements integer,
    OUT details jsonb)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_register';
COMMENT ON FUNCTION @extschema@.migrate_register(text, text, text, text[], text, text, text, text, text, name, jsonb, jsonb) IS
    'registers a migration, or a new revision of one that is not applied; runs nothing';
