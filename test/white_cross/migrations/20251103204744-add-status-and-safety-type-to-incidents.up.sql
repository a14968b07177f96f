-- description: Follow an incident to its end, and say which kind of safety it touched
-- depends-on: 20250103000002-create-additional-critical-tables
--
-- New types rather than new values of an old one: a value cannot be taken out
-- of an enum again, and one that was added cannot be used in the same
-- transaction on every server version.

-- Types ---------------------------------------------------------------------

DO $$
BEGIN
    CREATE TYPE incident_status AS ENUM (
        'open', 'under_review', 'resolved', 'closed');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    CREATE TYPE incident_safety_type AS ENUM (
        'playground', 'sports', 'transport', 'building', 'food',
        'medication', 'bullying', 'self_harm', 'other');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

-- Columns -------------------------------------------------------------------
--
-- The default is a constant, so that the table is not rewritten and every
-- report already there is 'open' until somebody has looked at it.

ALTER TABLE incident_reports
    ADD COLUMN IF NOT EXISTS status incident_status NOT NULL DEFAULT 'open',
    ADD COLUMN IF NOT EXISTS safety_type incident_safety_type,
    ADD COLUMN IF NOT EXISTS closed_at timestamptz,
    ADD COLUMN IF NOT EXISTS closed_by uuid
        CONSTRAINT incident_reports_closed_by_fkey
        REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE;

COMMENT ON COLUMN incident_reports.status IS 'How far the report has been dealt with.';
COMMENT ON COLUMN incident_reports.safety_type IS 'For the safety committee; NULL: not a matter of safety, or not yet said.';

DO $$
BEGIN
    ALTER TABLE incident_reports
        ADD CONSTRAINT incident_reports_closed_check
        CHECK ((status = 'closed') = (closed_at IS NOT NULL));
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

-- Indexes -------------------------------------------------------------------

CREATE INDEX IF NOT EXISTS idx_incident_reports_status
    ON incident_reports (status);
CREATE INDEX IF NOT EXISTS idx_incident_reports_safety_type
    ON incident_reports (safety_type);
CREATE INDEX IF NOT EXISTS idx_incident_reports_closed_by
    ON incident_reports (closed_by);
