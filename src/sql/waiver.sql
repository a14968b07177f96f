/* waiver: findings of the linter that somebody has judged and lets be */

CREATE TABLE hipaa_migrate.waiver (
    waiver_id           bigint NOT NULL CONSTRAINT waiver_pkey PRIMARY KEY,
    migration_id        bigint NOT NULL,
    checksum            bytea NOT NULL,
    rule                text COLLATE "C" NOT NULL,
    reason              text COLLATE "C" NOT NULL,
    given_by            text COLLATE "C" NOT NULL,
    given_by_oid        oid NOT NULL,
    given_at            timestamptz NOT NULL,
    ended_by            text COLLATE "C",
    ended_at            timestamptz,
    end_reason          text COLLATE "C",
    epoch               uuid NOT NULL,
    xid                 bigint NOT NULL
);
COMMENT ON TABLE hipaa_migrate.waiver IS
    'findings of the linter that somebody lets be: one rule in one text of a migration';
COMMENT ON COLUMN hipaa_migrate.waiver.waiver_id IS
    'identifies the waiver';
COMMENT ON COLUMN hipaa_migrate.waiver.migration_id IS
    'the migration';
COMMENT ON COLUMN hipaa_migrate.waiver.checksum IS
    'of the revision that it is bound to';
COMMENT ON COLUMN hipaa_migrate.waiver.rule IS
    'the rule, as in lint_rule';
COMMENT ON COLUMN hipaa_migrate.waiver.reason IS
    'why';
COMMENT ON COLUMN hipaa_migrate.waiver.given_by IS
    'the authenticated user who gave it';
COMMENT ON COLUMN hipaa_migrate.waiver.given_by_oid IS
    'object identifier of that role: tells a login that was renamed';
COMMENT ON COLUMN hipaa_migrate.waiver.given_at IS
    'when it was given';
COMMENT ON COLUMN hipaa_migrate.waiver.ended_by IS
    'the authenticated user who ended it';
COMMENT ON COLUMN hipaa_migrate.waiver.ended_at IS
    'when it was ended';
COMMENT ON COLUMN hipaa_migrate.waiver.end_reason IS
    'why it was ended';
COMMENT ON COLUMN hipaa_migrate.waiver.epoch IS
    'epoch of the record in which it was given';
COMMENT ON COLUMN hipaa_migrate.waiver.xid IS
    'the transaction that gave it, as its event has it';

CREATE SEQUENCE hipaa_migrate.waiver_id_seq;
COMMENT ON SEQUENCE hipaa_migrate.waiver_id_seq IS 'numbers waivers';

CREATE FUNCTION @extschema@.migrate_waive(
    name text,
    rule text DEFAULT NULL,
    reason text DEFAULT NULL)
    RETURNS bigint
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_waive';
COMMENT ON FUNCTION @extschema@.migrate_waive(text, text, text) IS
    'lets what a rule of the linter finds in a migration be, in this text of it only; returns the number of the waiver';

CREATE FUNCTION @extschema@.migrate_waive_end(
    id bigint,
    reason text DEFAULT NULL)
    RETURNS void
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_waive_end';
COMMENT ON FUNCTION @extschema@.migrate_waive_end(bigint, text) IS
    'takes a waiver back';

CREATE FUNCTION hipaa_migrate.waivers()
    RETURNS TABLE (
        waiver_id bigint, status text, migration text, rule text, given_by text,
        given_at timestamptz, by_author boolean, reason text, ended_by text,
        ended_at timestamptz, end_reason text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_waivers';
COMMENT ON FUNCTION hipaa_migrate.waivers() IS
    'waivers, for view waiver_list';

CREATE VIEW hipaa_migrate.waiver_list AS
    SELECT w.waiver_id, w.status, w.migration, w.rule, w.given_by, w.given_at, w.by_author,
        w.reason, w.ended_by, w.ended_at, w.end_reason
    FROM hipaa_migrate.waivers() AS w;
COMMENT ON VIEW hipaa_migrate.waiver_list IS
    'findings of the linter that somebody lets be, and who';
COMMENT ON COLUMN hipaa_migrate.waiver_list.waiver_id IS
    'what migrate_waive_end ends';
COMMENT ON COLUMN hipaa_migrate.waiver_list.status IS
    'active | ended | void: the migration has another text now, or is not registered';
COMMENT ON COLUMN hipaa_migrate.waiver_list.migration IS
    'name, or project:name outside of project default';
COMMENT ON COLUMN hipaa_migrate.waiver_list.rule IS
    'the rule, as in lint_rule';
COMMENT ON COLUMN hipaa_migrate.waiver_list.given_by IS
    'the authenticated user who gave it';
COMMENT ON COLUMN hipaa_migrate.waiver_list.given_at IS
    'when it was given';
COMMENT ON COLUMN hipaa_migrate.waiver_list.by_author IS
    'given by who registered the text';
COMMENT ON COLUMN hipaa_migrate.waiver_list.reason IS
    'why';
COMMENT ON COLUMN hipaa_migrate.waiver_list.ended_by IS
    'the authenticated user who ended it';
COMMENT ON COLUMN hipaa_migrate.waiver_list.ended_at IS
    'when it was ended';
COMMENT ON COLUMN hipaa_migrate.waiver_list.end_reason IS
    'why it was ended';
