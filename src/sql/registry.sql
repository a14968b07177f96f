/* registry: migrations, their revisions and dependencies */

/*
 * There are no foreign keys between our tables: only the extension writes
 * them, and pg_restore --jobs loads those of an extension in any order.
 */

CREATE SEQUENCE hipaa_migrate.migration_id_seq;
COMMENT ON SEQUENCE hipaa_migrate.migration_id_seq IS
    'numbers migrations';

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
COMMENT ON COLUMN hipaa_migrate.migration.migration_id IS
    'identifies it in the other tables';
COMMENT ON COLUMN hipaa_migrate.migration.project IS
    'project it belongs to';
COMMENT ON COLUMN hipaa_migrate.migration.name IS
    'unique within the project';
COMMENT ON COLUMN hipaa_migrate.migration.state IS
    'pending | applied | adopted | reverted; "blocked" is computed, see migration_status';
COMMENT ON COLUMN hipaa_migrate.migration.revision IS
    'the revision that is registered now';
COMMENT ON COLUMN hipaa_migrate.migration.applied_revision IS
    'the revision that was applied, adopted or reverted last';
COMMENT ON COLUMN hipaa_migrate.migration.applied_at IS
    'when its state last became applied, adopted or reverted';
COMMENT ON COLUMN hipaa_migrate.migration.applied_by IS
    'the authenticated user of that run, not the role it ran as';
COMMENT ON COLUMN hipaa_migrate.migration.applied_step IS
    'the step of run_step that brought it to its state; orders what was applied at one instant';
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
    up_original         text,
    down_original       text,
    original_checksum   bytea,
    author_oid          oid,
    author_server       bigint,
    PRIMARY KEY (migration_id, revision)
);
COMMENT ON TABLE hipaa_migrate.migration_revision IS
    'every text that was ever registered for a migration, never changed afterwards';
COMMENT ON COLUMN hipaa_migrate.migration_revision.migration_id IS
    'the migration';
COMMENT ON COLUMN hipaa_migrate.migration_revision.revision IS
    'from 1; each content that differs from the one before it';
COMMENT ON COLUMN hipaa_migrate.migration_revision.checksum IS
    'SHA-256 over the canonical encoding of all that the migration does';
COMMENT ON COLUMN hipaa_migrate.migration_revision.kind IS
    'schema | data | repeatable';
COMMENT ON COLUMN hipaa_migrate.migration_revision.description IS
    'for people, not part of the checksum';
COMMENT ON COLUMN hipaa_migrate.migration_revision.up IS
    'statements that apply it, as executed';
COMMENT ON COLUMN hipaa_migrate.migration_revision.down IS
    'statements that revert it; null: irreversible';
COMMENT ON COLUMN hipaa_migrate.migration_revision.verify IS
    'statements that raise an error when it is not rightly there; null: none';
COMMENT ON COLUMN hipaa_migrate.migration_revision.transactional IS
    'as registered: auto | yes | no';
COMMENT ON COLUMN hipaa_migrate.migration_revision.up_transactional IS
    'whether up runs in one transaction; false: statement by statement, by CALL migrate_deploy()';
COMMENT ON COLUMN hipaa_migrate.migration_revision.down_transactional IS
    'as up_transactional, for down';
COMMENT ON COLUMN hipaa_migrate.migration_revision.up_statements IS
    'how many statements up has';
COMMENT ON COLUMN hipaa_migrate.migration_revision.down_statements IS
    'how many statements down has';
COMMENT ON COLUMN hipaa_migrate.migration_revision.run_as IS
    'role that runs it; null: whoever calls the runner';
COMMENT ON COLUMN hipaa_migrate.migration_revision.settings IS
    'settings it runs under, search_path always among them';
COMMENT ON COLUMN hipaa_migrate.migration_revision.format IS
    'file format it was read from; sql: function arguments';
COMMENT ON COLUMN hipaa_migrate.migration_revision.original_name IS
    'its name in the tool it comes from, when that differs';
COMMENT ON COLUMN hipaa_migrate.migration_revision.up_file IS
    'file that up was read from, null for function arguments';
COMMENT ON COLUMN hipaa_migrate.migration_revision.up_line IS
    'line of up_file where the text begins';
COMMENT ON COLUMN hipaa_migrate.migration_revision.down_file IS
    'file that down was read from';
COMMENT ON COLUMN hipaa_migrate.migration_revision.down_line IS
    'line of down_file where the text begins';
COMMENT ON COLUMN hipaa_migrate.migration_revision.verify_file IS
    'file that verify was read from';
COMMENT ON COLUMN hipaa_migrate.migration_revision.verify_line IS
    'line of verify_file where the text begins';
COMMENT ON COLUMN hipaa_migrate.migration_revision.source IS
    'where it comes from: commit, file, pull request, pipeline, claimed authors';
COMMENT ON COLUMN hipaa_migrate.migration_revision.author IS
    'the authenticated user who registered it, by its name of then';
COMMENT ON COLUMN hipaa_migrate.migration_revision.author_authn_id IS
    'what the author''s client proved its identity with, where its method has such';
COMMENT ON COLUMN hipaa_migrate.migration_revision.registered_at IS
    'when it was registered';
COMMENT ON COLUMN hipaa_migrate.migration_revision.up_original IS
    'up as it was handed in, where it was rewritten into guarded forms';
COMMENT ON COLUMN hipaa_migrate.migration_revision.down_original IS
    'down as it was handed in, where it was rewritten into guarded forms';
COMMENT ON COLUMN hipaa_migrate.migration_revision.original_checksum IS
    'the checksum of what was handed in, where it was rewritten';
COMMENT ON COLUMN hipaa_migrate.migration_revision.author_oid IS
    'identifies the author''s role on the server where it was registered, under whatever name; elsewhere, after a restore, the name does';
COMMENT ON COLUMN hipaa_migrate.migration_revision.author_server IS
    'system identifier of that server';

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
COMMENT ON COLUMN hipaa_migrate.migration_dependency.migration_id IS
    'the migration that depends';
COMMENT ON COLUMN hipaa_migrate.migration_dependency.revision IS
    'its revision';
COMMENT ON COLUMN hipaa_migrate.migration_dependency.ordinal IS
    'numbers a revision''s dependencies';
COMMENT ON COLUMN hipaa_migrate.migration_dependency.project IS
    'project of what it depends on';
COMMENT ON COLUMN hipaa_migrate.migration_dependency.name IS
    'name of what it depends on';

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
    'registers a migration, or a new revision of one that is not applied or is repeatable; runs nothing';
