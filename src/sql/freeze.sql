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
