/* freeze: times in which nothing runs */

CREATE TABLE hipaa_migrate.freeze_period (
    freeze_id           bigint NOT NULL CONSTRAINT freeze_period_pkey PRIMARY KEY,
    since               timestamptz NOT NULL,
    until               timestamptz,
    reason              text COLLATE "C" NOT NULL,
    created_by          text COLLATE "C" NOT NULL,
    created_at          timestamptz NOT NULL,
    ended_by            text COLLATE "C",
    ended_at            timestamptz,
    end_reason          text COLLATE "C"
);
COMMENT ON TABLE hipaa_migrate.freeze_period IS
    'times in which no migration runs but under break-glass';
COMMENT ON COLUMN hipaa_migrate.freeze_period.freeze_id IS
    'identifies the freeze';
COMMENT ON COLUMN hipaa_migrate.freeze_period.since IS
    'from then on';
COMMENT ON COLUMN hipaa_migrate.freeze_period.until IS
    'before then; null: until it is ended';
COMMENT ON COLUMN hipaa_migrate.freeze_period.reason IS
    'why';
COMMENT ON COLUMN hipaa_migrate.freeze_period.created_by IS
    'the authenticated user who ordered it';
COMMENT ON COLUMN hipaa_migrate.freeze_period.created_at IS
    'when it was ordered';
COMMENT ON COLUMN hipaa_migrate.freeze_period.ended_by IS
    'the authenticated user who ended it';
COMMENT ON COLUMN hipaa_migrate.freeze_period.ended_at IS
    'when it was ended';
COMMENT ON COLUMN hipaa_migrate.freeze_period.end_reason IS
    'why it was ended';

CREATE SEQUENCE hipaa_migrate.freeze_id_seq;
COMMENT ON SEQUENCE hipaa_migrate.freeze_id_seq IS 'numbers freezes';

CREATE FUNCTION @extschema@.migrate_freeze(
    since timestamptz,
    until timestamptz DEFAULT NULL,
    reason text DEFAULT NULL)
    RETURNS bigint
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_freeze';
COMMENT ON FUNCTION @extschema@.migrate_freeze(timestamptz, timestamptz, text) IS
    'orders that no migration runs but under break-glass, since then (null: now) until then (null: until it is ended); returns the number of the freeze';

CREATE FUNCTION @extschema@.migrate_freeze_end(
    id bigint,
    reason text DEFAULT NULL)
    RETURNS bigint
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_freeze_end';
COMMENT ON FUNCTION @extschema@.migrate_freeze_end(bigint, text) IS
    'ends a freeze that is active or to come; returns the number of the act that another person has to confirm, null: it is done';

CREATE FUNCTION @extschema@.migrate_window(
    windows jsonb,
    at timestamptz DEFAULT NULL)
    RETURNS TABLE (
        is_open boolean, opens_at timestamptz, closes_at timestamptz, note text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_window';
COMMENT ON FUNCTION @extschema@.migrate_window(jsonb, timestamptz) IS
    'whether one of these windows is open then (null: now) and no freeze holds, and when it or the next opens and closes';

CREATE FUNCTION hipaa_migrate.freezes()
    RETURNS TABLE (
        freeze_id bigint, state text, since timestamptz, until timestamptz, created_by text,
        created_at timestamptz, reason text, ended_by text, ended_at timestamptz, end_reason text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_freezes';
COMMENT ON FUNCTION hipaa_migrate.freezes() IS
    'freezes, for view freeze_list';

CREATE VIEW hipaa_migrate.freeze_list AS
    SELECT f.freeze_id, f.state, f.since, f.until, f.created_by, f.created_at, f.reason,
        f.ended_by, f.ended_at, f.end_reason
    FROM hipaa_migrate.freezes() AS f;
COMMENT ON VIEW hipaa_migrate.freeze_list IS
    'times in which no migration runs but under break-glass';
COMMENT ON COLUMN hipaa_migrate.freeze_list.freeze_id IS
    'what migrate_freeze_end ends';
COMMENT ON COLUMN hipaa_migrate.freeze_list.state IS
    'to come | active | over | ended: by migrate_freeze_end';
COMMENT ON COLUMN hipaa_migrate.freeze_list.since IS
    'from then on';
COMMENT ON COLUMN hipaa_migrate.freeze_list.until IS
    'before then; null: until it is ended';
COMMENT ON COLUMN hipaa_migrate.freeze_list.created_by IS
    'the authenticated user who ordered it';
COMMENT ON COLUMN hipaa_migrate.freeze_list.created_at IS
    'when it was ordered';
COMMENT ON COLUMN hipaa_migrate.freeze_list.reason IS
    'why';
COMMENT ON COLUMN hipaa_migrate.freeze_list.ended_by IS
    'the authenticated user who ended it';
COMMENT ON COLUMN hipaa_migrate.freeze_list.ended_at IS
    'when it was ended';
COMMENT ON COLUMN hipaa_migrate.freeze_list.end_reason IS
    'why it was ended';
