/* guard_mode: which classes of commands are guarded, and how */

/*
 * Never dumped: a restored database observes.  Rows of another database_oid
 * came with a copy, and mean nothing.
 */
CREATE TABLE hipaa_migrate.guard_class (
    class           text COLLATE "C" NOT NULL,
    mode            text COLLATE "C" NOT NULL,
    database_oid    oid NOT NULL,
    since           timestamptz NOT NULL,
    changed_by      text COLLATE "C" NOT NULL,
    reason          text COLLATE "C" NOT NULL,
    CONSTRAINT guard_class_pkey PRIMARY KEY (class)
);
COMMENT ON TABLE hipaa_migrate.guard_class IS
    'modes of the guard that were set; read it through guard_status';
COMMENT ON COLUMN hipaa_migrate.guard_class.class IS
    'schema | privilege | accounts | cluster | maintenance | danger';
COMMENT ON COLUMN hipaa_migrate.guard_class.mode IS
    'observe | enforce | off';
COMMENT ON COLUMN hipaa_migrate.guard_class.database_oid IS
    'the database that it was set in';
COMMENT ON COLUMN hipaa_migrate.guard_class.since IS
    'when it was set';
COMMENT ON COLUMN hipaa_migrate.guard_class.changed_by IS
    'the authenticated user who set it';
COMMENT ON COLUMN hipaa_migrate.guard_class.reason IS
    'why';

CREATE FUNCTION @extschema@.migrate_guard(
    mode text DEFAULT NULL,
    reason text DEFAULT NULL,
    classes text[] DEFAULT NULL)
    RETURNS TABLE (
        class text, mode text, since timestamptz, changed_by text,
        confirm_id bigint)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_guard';
COMMENT ON FUNCTION @extschema@.migrate_guard(text, text, text[]) IS
    'sets what is done about unapproved changes: observe, enforce or off, for some classes of commands or all; without a mode, shows it';

CREATE FUNCTION hipaa_migrate.server_fits(server_version_num integer)
    RETURNS boolean
    LANGUAGE C STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'hm_server_fits';
COMMENT ON FUNCTION hipaa_migrate.server_fits(integer) IS
    'whether the guard can be armed on that minor version of PostgreSQL';
