/* guard_permit: exemptions and break-glass, and what people see of them */

/*
 * Neither is in a dump: what was permitted in one database is not in another.
 * A copy by TEMPLATE has the rows of its origin, told by their database_oid.
 */

CREATE TABLE hipaa_migrate.guard_exemption (
    exemption_id        bigint NOT NULL CONSTRAINT guard_exemption_pkey PRIMARY KEY,
    role                name,
    role_oid            oid,
    schema              name,
    command             text COLLATE "C",
    reason              text COLLATE "C" NOT NULL,
    expires_at          timestamptz,
    created_by          text COLLATE "C" NOT NULL,
    created_at          timestamptz NOT NULL,
    database_oid        oid NOT NULL,
    ended_by            text COLLATE "C",
    ended_at            timestamptz,
    end_reason          text COLLATE "C"
);
COMMENT ON TABLE hipaa_migrate.guard_exemption IS
    'what the guard lets pass without a migration: a role, a schema, a command, or several of these together; not in a dump';
COMMENT ON COLUMN hipaa_migrate.guard_exemption.exemption_id IS
    'identifies the exemption';
COMMENT ON COLUMN hipaa_migrate.guard_exemption.role IS
    'its name when the exemption was made; null: any role';
COMMENT ON COLUMN hipaa_migrate.guard_exemption.role_oid IS
    'the role, whose members are exempted too; null: any role';
COMMENT ON COLUMN hipaa_migrate.guard_exemption.schema IS
    'holds all objects of the command; null: wherever they are';
COMMENT ON COLUMN hipaa_migrate.guard_exemption.command IS
    'command tag, as CREATE TABLE; null: any guarded command but the dangerous';
COMMENT ON COLUMN hipaa_migrate.guard_exemption.reason IS
    'why';
COMMENT ON COLUMN hipaa_migrate.guard_exemption.expires_at IS
    'holds before this; null: until it is ended';
COMMENT ON COLUMN hipaa_migrate.guard_exemption.created_by IS
    'the authenticated user who made it';
COMMENT ON COLUMN hipaa_migrate.guard_exemption.created_at IS
    'when it was made';
COMMENT ON COLUMN hipaa_migrate.guard_exemption.database_oid IS
    'the database it was made in: tells a copy by TEMPLATE';
COMMENT ON COLUMN hipaa_migrate.guard_exemption.ended_by IS
    'the authenticated user who ended it';
COMMENT ON COLUMN hipaa_migrate.guard_exemption.ended_at IS
    'when it was ended';
COMMENT ON COLUMN hipaa_migrate.guard_exemption.end_reason IS
    'why it was ended';

CREATE SEQUENCE hipaa_migrate.exemption_id_seq;
COMMENT ON SEQUENCE hipaa_migrate.exemption_id_seq IS 'numbers exemptions';

CREATE TABLE hipaa_migrate.break_glass (
    break_glass_id      bigint NOT NULL CONSTRAINT break_glass_pkey PRIMARY KEY,
    opened_by           text COLLATE "C" NOT NULL,
    role_oid            oid NOT NULL,
    authn_id            text COLLATE "C",
    opened_at           timestamptz NOT NULL,
    expires_at          timestamptz NOT NULL,
    review_due          timestamptz NOT NULL,
    severity            text COLLATE "C" NOT NULL,
    ticket              text COLLATE "C",
    reason              text COLLATE "C" NOT NULL,
    drill               boolean NOT NULL,
    pid                 integer NOT NULL,
    database_oid        oid NOT NULL,
    ended_at            timestamptz,
    ended_how           text COLLATE "C",
    end_reason          text COLLATE "C",
    finding             text COLLATE "C",
    closed_by           text COLLATE "C",
    closed_at           timestamptz
);
COMMENT ON TABLE hipaa_migrate.break_glass IS
    'emergencies in which somebody opened the guard for a session, and their reviews; not in a dump';
COMMENT ON COLUMN hipaa_migrate.break_glass.break_glass_id IS
    'identifies it';
COMMENT ON COLUMN hipaa_migrate.break_glass.opened_by IS
    'the authenticated user who opened it';
COMMENT ON COLUMN hipaa_migrate.break_glass.role_oid IS
    'object identifier of that role: tells a login that was renamed';
COMMENT ON COLUMN hipaa_migrate.break_glass.authn_id IS
    'what that client proved its identity with, where its method has such';
COMMENT ON COLUMN hipaa_migrate.break_glass.opened_at IS
    'when it was opened';
COMMENT ON COLUMN hipaa_migrate.break_glass.expires_at IS
    'when it ends by itself';
COMMENT ON COLUMN hipaa_migrate.break_glass.review_due IS
    'when another person must have closed it';
COMMENT ON COLUMN hipaa_migrate.break_glass.severity IS
    'P0 (the most urgent) | P1 | P2 | P3';
COMMENT ON COLUMN hipaa_migrate.break_glass.ticket IS
    'ticket that was named';
COMMENT ON COLUMN hipaa_migrate.break_glass.reason IS
    'why it was opened';
COMMENT ON COLUMN hipaa_migrate.break_glass.drill IS
    'an exercise, which opened nothing';
COMMENT ON COLUMN hipaa_migrate.break_glass.pid IS
    'process of the session it was opened in';
COMMENT ON COLUMN hipaa_migrate.break_glass.database_oid IS
    'the database it was opened in: tells a copy by TEMPLATE';
COMMENT ON COLUMN hipaa_migrate.break_glass.ended_at IS
    'when it ended; null: open, expired, or lost with its session';
COMMENT ON COLUMN hipaa_migrate.break_glass.ended_how IS
    'ended | expired | discarded | disconnected | rolled back';
COMMENT ON COLUMN hipaa_migrate.break_glass.end_reason IS
    'reason that was given then';
COMMENT ON COLUMN hipaa_migrate.break_glass.finding IS
    'what the review found';
COMMENT ON COLUMN hipaa_migrate.break_glass.closed_by IS
    'the authenticated user who closed it, another person';
COMMENT ON COLUMN hipaa_migrate.break_glass.closed_at IS
    'when it was closed';

CREATE SEQUENCE hipaa_migrate.break_glass_id_seq;
COMMENT ON SEQUENCE hipaa_migrate.break_glass_id_seq IS 'numbers openings by break-glass';

CREATE FUNCTION @extschema@.migrate_exempt(
    reason text,
    role name DEFAULT NULL,
    schema name DEFAULT NULL,
    command text DEFAULT NULL,
    expires_at timestamptz DEFAULT NULL)
    RETURNS bigint
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_exempt';
COMMENT ON FUNCTION @extschema@.migrate_exempt(text, name, name, text, timestamptz) IS
    'lets a role (null: any), in a schema (null: any), run a command (null: any but dangerous ones) without a migration; returns its number';

CREATE FUNCTION @extschema@.migrate_exempt_end(id bigint, reason text)
    RETURNS void
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_exempt_end';
COMMENT ON FUNCTION @extschema@.migrate_exempt_end(bigint, text) IS
    'ends an exemption: see view hipaa_migrate.exemption';

CREATE FUNCTION @extschema@.migrate_break_glass(
    reason text,
    severity text DEFAULT 'P1',
    ticket text DEFAULT NULL,
    duration interval DEFAULT '1 hour',
    drill boolean DEFAULT false)
    RETURNS TABLE (
        break_glass_id bigint, expires_at timestamptz,
        review_due timestamptz, scope text, notice text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_break_glass';
COMMENT ON FUNCTION @extschema@.migrate_break_glass(text, text, text, interval, boolean) IS
    'in an emergency: opens the guard for this session, on record, until it ends; another person reviews it';

CREATE FUNCTION @extschema@.migrate_break_glass_end(
    id bigint DEFAULT NULL,
    reason text DEFAULT NULL)
    RETURNS void
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_break_glass_end';
COMMENT ON FUNCTION @extschema@.migrate_break_glass_end(bigint, text) IS
    'ends what migrate_break_glass opened in this session';

CREATE FUNCTION @extschema@.migrate_break_glass_close(id bigint, finding text)
    RETURNS void
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_break_glass_close';
COMMENT ON FUNCTION @extschema@.migrate_break_glass_close(bigint, text) IS
    'puts the finding of the review on record: see view hipaa_migrate.break_glass_review';

CREATE FUNCTION hipaa_migrate.exemptions()
    RETURNS TABLE (
        exemption_id bigint, state text, role name, schema name,
        command text, expires_at timestamptz, created_by text,
        created_at timestamptz, reason text, ended_by text,
        ended_at timestamptz, end_reason text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_exemptions';
COMMENT ON FUNCTION hipaa_migrate.exemptions() IS
    'behind view exemption';

CREATE VIEW hipaa_migrate.exemption AS
    SELECT e.exemption_id, e.state, e.role, e.schema, e.command,
           e.expires_at, e.created_by, e.created_at, e.reason, e.ended_by,
           e.ended_at, e.end_reason
      FROM hipaa_migrate.exemptions() AS e;
COMMENT ON VIEW hipaa_migrate.exemption IS
    'what the guard lets pass without a migration, and what it once did';
COMMENT ON COLUMN hipaa_migrate.exemption.exemption_id IS
    'identifies it for migrate_exempt_end, and in details of guard.exempted in audit_log';
COMMENT ON COLUMN hipaa_migrate.exemption.state IS
    'active | expired | ended | void (its role was dropped)';
COMMENT ON COLUMN hipaa_migrate.exemption.role IS
    'the role, with its members, by its present name; null: any';
COMMENT ON COLUMN hipaa_migrate.exemption.schema IS
    'where all objects of the command are; null: anywhere';
COMMENT ON COLUMN hipaa_migrate.exemption.command IS
    'command tag; null: any guarded command but the dangerous';
COMMENT ON COLUMN hipaa_migrate.exemption.expires_at IS
    'when it ends by itself, to the second; null: never';
COMMENT ON COLUMN hipaa_migrate.exemption.created_by IS
    'the authenticated user who made it';
COMMENT ON COLUMN hipaa_migrate.exemption.created_at IS
    'when, to the second';
COMMENT ON COLUMN hipaa_migrate.exemption.reason IS
    'why';
COMMENT ON COLUMN hipaa_migrate.exemption.ended_by IS
    'the authenticated user who ended it';
COMMENT ON COLUMN hipaa_migrate.exemption.ended_at IS
    'when it was ended, to the second';
COMMENT ON COLUMN hipaa_migrate.exemption.end_reason IS
    'why it was ended';

CREATE FUNCTION hipaa_migrate.break_glass_reviews()
    RETURNS TABLE (
        break_glass_id bigint, state text, opened_by text, severity text,
        drill boolean, opened_at timestamptz, expires_at timestamptz,
        ended_at timestamptz, ended_how text, review_due timestamptz,
        closed_by text, closed_at timestamptz, pid integer, ticket text,
        reason text, end_reason text, finding text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_break_glass_reviews';
COMMENT ON FUNCTION hipaa_migrate.break_glass_reviews() IS
    'behind view break_glass_review';

CREATE VIEW hipaa_migrate.break_glass_review AS
    SELECT r.break_glass_id, r.state, r.opened_by, r.severity, r.drill,
           r.opened_at, r.expires_at, r.ended_at, r.ended_how, r.review_due,
           r.closed_by, r.closed_at, r.pid, r.ticket, r.reason, r.end_reason,
           r.finding
      FROM hipaa_migrate.break_glass_reviews() AS r;
COMMENT ON VIEW hipaa_migrate.break_glass_review IS
    'who opened the guard by break-glass, whether it still is, and what waits for a review: SELECT migrate_break_glass_close(id, ''finding'')';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.break_glass_id IS
    'identifies it, also in details of guard.broken_glass in audit_log';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.state IS
    'open | review (waits for another person) | overdue | closed';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.opened_by IS
    'the authenticated user who opened it, and cannot close it';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.severity IS
    'P0 (the most urgent) | P1 | P2 | P3';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.drill IS
    'an exercise, which opened nothing';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.opened_at IS
    'when, to the second';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.expires_at IS
    'when it ends by itself, to the second';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.ended_at IS
    'when it ended, to the second; null when it is open, or its session is gone and nobody knows';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.ended_how IS
    'ended | expired | discarded | disconnected | rolled back; null while it is open';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.review_due IS
    'when it must be closed, to the second';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.closed_by IS
    'the authenticated user who closed it';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.closed_at IS
    'when, to the second';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.pid IS
    'process of its session: pg_terminate_backend(pid) ends an open one';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.ticket IS
    'ticket that was named';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.reason IS
    'why it was opened';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.end_reason IS
    'reason that was given to end it';
COMMENT ON COLUMN hipaa_migrate.break_glass_review.finding IS
    'what the review found';
