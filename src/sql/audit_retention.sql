/* audit_retention: acts that two people decide, legal holds, what is purged when */

CREATE FUNCTION @extschema@.migrate_confirm(id bigint, reason text)
    RETURNS TABLE (act_id bigint, act text, outcome text, details jsonb)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_confirm';
COMMENT ON FUNCTION @extschema@.migrate_confirm(bigint, text) IS
    'performs what another person asked for: see view hipaa_migrate.pending_confirmation';

CREATE FUNCTION @extschema@.migrate_confirm_end(id bigint, reason text)
    RETURNS void
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_confirm_end';
COMMENT ON FUNCTION @extschema@.migrate_confirm_end(bigint, text) IS
    'withdraws what you asked for and nobody has confirmed';

CREATE FUNCTION hipaa_migrate.pending_confirmations()
    RETURNS TABLE (
        act_id bigint, act text, requested_by text, requested_at timestamptz,
        expires_at timestamptz, arguments jsonb, reason text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_pending_confirmations';
COMMENT ON FUNCTION hipaa_migrate.pending_confirmations() IS
    'behind view pending_confirmation';

CREATE VIEW hipaa_migrate.pending_confirmation AS
    SELECT p.act_id, p.act, p.requested_by, p.requested_at, p.expires_at,
           p.arguments, p.reason
      FROM hipaa_migrate.pending_confirmations() AS p;
COMMENT ON VIEW hipaa_migrate.pending_confirmation IS
    'what was asked for and waits for another person: SELECT * FROM migrate_confirm(act_id, ''reason'')';
COMMENT ON COLUMN hipaa_migrate.pending_confirmation.act_id IS
    'identifies the act for migrate_confirm and migrate_confirm_end';
COMMENT ON COLUMN hipaa_migrate.pending_confirmation.act IS
    'purge | redact | clock | grant | person | guard | exempt | ...';
COMMENT ON COLUMN hipaa_migrate.pending_confirmation.requested_by IS
    'the authenticated user who asked for it, and cannot confirm it';
COMMENT ON COLUMN hipaa_migrate.pending_confirmation.requested_at IS
    'when, to the second';
COMMENT ON COLUMN hipaa_migrate.pending_confirmation.expires_at IS
    'after this it has to be asked for again';
COMMENT ON COLUMN hipaa_migrate.pending_confirmation.arguments IS
    'what is to be done, and to what';
COMMENT ON COLUMN hipaa_migrate.pending_confirmation.reason IS
    'why';

CREATE FUNCTION @extschema@.audit_hold(
    reason text,
    object text DEFAULT NULL,
    person text DEFAULT NULL,
    migration text DEFAULT NULL,
    since timestamptz DEFAULT NULL,
    until timestamptz DEFAULT NULL)
    RETURNS bigint
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_audit_hold';
COMMENT ON FUNCTION @extschema@.audit_hold(text, text, text, text, timestamptz, timestamptz) IS
    'legal hold: events of an object, a person, a migration or a time are neither purged nor redacted; returns its number';

CREATE FUNCTION @extschema@.audit_hold_end(hold_id bigint, reason text)
    RETURNS void
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_audit_hold_end';
COMMENT ON FUNCTION @extschema@.audit_hold_end(bigint, text) IS
    'ends a legal hold; removes nothing';

CREATE FUNCTION @extschema@.audit_confirm_clock(reason text)
    RETURNS bigint
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_audit_confirm_clock';
COMMENT ON FUNCTION @extschema@.audit_confirm_clock(text) IS
    'asks for the record''s clock to follow a step of the server''s; another person confirms it with migrate_confirm';

CREATE FUNCTION @extschema@.audit_purge(before timestamptz, reason text)
    RETURNS bigint
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_audit_purge';
COMMENT ON FUNCTION @extschema@.audit_purge(timestamptz, text) IS
    'asks for events older than the retention to be purged; another person confirms it with migrate_confirm';

CREATE FUNCTION @extschema@.audit_redact(
    event_id bigint,
    reason text,
    epoch uuid DEFAULT NULL)
    RETURNS bigint
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_audit_redact';
COMMENT ON FUNCTION @extschema@.audit_redact(bigint, text, uuid) IS
    'asks for the content of an event to be removed; another person confirms it with migrate_confirm';

CREATE FUNCTION hipaa_migrate.retention_statuses()
    RETURNS TABLE (item text, value text, message text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_retention_status';
COMMENT ON FUNCTION hipaa_migrate.retention_statuses() IS
    'behind view retention_status';

CREATE VIEW hipaa_migrate.retention_status AS
    SELECT r.item, r.value, r.message
      FROM hipaa_migrate.retention_statuses() AS r;
COMMENT ON VIEW hipaa_migrate.retention_status IS
    'how long the record is kept, by which clock, what may go when, and legal holds; reads the whole record';
COMMENT ON COLUMN hipaa_migrate.retention_status.item IS
    'what the row tells';
COMMENT ON COLUMN hipaa_migrate.retention_status.value IS
    'a time, a number of events, or what a hold covers';
COMMENT ON COLUMN hipaa_migrate.retention_status.message IS
    'what follows from it';
