-- What the columns say is lost; the reports themselves stay.

DROP INDEX IF EXISTS idx_incident_reports_closed_by;
DROP INDEX IF EXISTS idx_incident_reports_safety_type;
DROP INDEX IF EXISTS idx_incident_reports_status;

ALTER TABLE IF EXISTS incident_reports
    DROP CONSTRAINT IF EXISTS incident_reports_closed_check,
    DROP CONSTRAINT IF EXISTS incident_reports_closed_by_fkey;

ALTER TABLE IF EXISTS incident_reports
    DROP COLUMN IF EXISTS closed_by,
    DROP COLUMN IF EXISTS closed_at,
    DROP COLUMN IF EXISTS safety_type,
    DROP COLUMN IF EXISTS status;

DROP TYPE IF EXISTS incident_safety_type;
DROP TYPE IF EXISTS incident_status;
