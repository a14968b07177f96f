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
    LANGUAGE C STRICT
    AS 'MODULE_PATHNAME', 'hm_server_fits';
COMMENT ON FUNCTION hipaa_migrate.server_fits(integer) IS
    'whether the guard can be armed on that minor version of PostgreSQL';

CREATE FUNCTION hipaa_migrate.guard_classes()
    RETURNS TABLE (
        class text, mode text, since timestamptz, changed_by text, reason text,
        covers text, does_not_cover text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_guard_classes';
COMMENT ON FUNCTION hipaa_migrate.guard_classes() IS
    'behind view guard_status';

CREATE VIEW hipaa_migrate.guard_status AS
    SELECT c.class, c.mode, c.since, c.changed_by, c.reason, c.covers,
           c.does_not_cover
      FROM hipaa_migrate.guard_classes() AS c;
COMMENT ON VIEW hipaa_migrate.guard_status IS
    'what is guarded in this database, since when, and what no guard inside the server can cover';
COMMENT ON COLUMN hipaa_migrate.guard_status.class IS
    'class of commands: see guarded_command';
COMMENT ON COLUMN hipaa_migrate.guard_status.mode IS
    'observe (on record, nothing refused) | enforce | off';
COMMENT ON COLUMN hipaa_migrate.guard_status.since IS
    'when it was set, to the second; null: never, so it observes';
COMMENT ON COLUMN hipaa_migrate.guard_status.changed_by IS
    'the authenticated user who set it';
COMMENT ON COLUMN hipaa_migrate.guard_status.reason IS
    'why';
COMMENT ON COLUMN hipaa_migrate.guard_status.covers IS
    'what belongs to the class';
COMMENT ON COLUMN hipaa_migrate.guard_status.does_not_cover IS
    'what of it is let pass, or can only be detected, and why';

CREATE VIEW hipaa_migrate.guard_observed WITH (security_barrier) AS
    SELECT o.actor AS role, o.command, o.object_type, o.object, o.client,
           o.application, o.rule AS class,
           pg_catalog.sum(o.times)::bigint AS count,
           pg_catalog.date_trunc('second', pg_catalog.min(o.occurred_at)) AS first_at,
           pg_catalog.date_trunc('second', pg_catalog.max(o.occurred_at)) AS last_at,
           pg_catalog.format('SELECT migrate_exempt(%L, role => %L, command => %L);',
                             'reason', o.actor, o.command) AS to_exempt
      FROM (SELECT e.actor, e.command, e.object_type, e.object, e.application,
                   e.rule, e.occurred_at,
                   pg_catalog.regexp_replace(e.client, ':[0-9]+$', '') AS client,
                   COALESCE((e.details::jsonb ->> 'count')::bigint, 1) AS times
              FROM hipaa_migrate.audit_event AS e
             WHERE (SELECT hipaa_migrate.require_auditor())
               AND (e.kind = 'guard.observed'
                    OR e.kind = 'record.folded'
                       AND e.details::jsonb ->> 'kind' = 'guard.observed')) AS o
     GROUP BY o.actor, o.command, o.object_type, o.object, o.client,
              o.application, o.rule;
COMMENT ON VIEW hipaa_migrate.guard_observed IS
    'what enforcing would have refused, grouped: what is to go on gets an exemption or becomes a migration before the guard is armed';
COMMENT ON COLUMN hipaa_migrate.guard_observed.role IS
    'the authenticated user';
COMMENT ON COLUMN hipaa_migrate.guard_observed.command IS
    'command tag, or what stands for it: see guarded_command';
COMMENT ON COLUMN hipaa_migrate.guard_observed.object_type IS
    'type of the object that was changed first';
COMMENT ON COLUMN hipaa_migrate.guard_observed.object IS
    'that object';
COMMENT ON COLUMN hipaa_migrate.guard_observed.client IS
    'address of the client, without the port';
COMMENT ON COLUMN hipaa_migrate.guard_observed.application IS
    'application_name of the session';
COMMENT ON COLUMN hipaa_migrate.guard_observed.class IS
    'class of commands that it belongs to';
COMMENT ON COLUMN hipaa_migrate.guard_observed.count IS
    'how often';
COMMENT ON COLUMN hipaa_migrate.guard_observed.first_at IS
    'the first time, to the second';
COMMENT ON COLUMN hipaa_migrate.guard_observed.last_at IS
    'the last time, to the second';
COMMENT ON COLUMN hipaa_migrate.guard_observed.to_exempt IS
    'the command that would let it go on';
