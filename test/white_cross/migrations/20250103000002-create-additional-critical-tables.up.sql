-- description: Medications, student medications, medication logs, incident reports
-- depends-on: 20250103000000-create-base-schema
--
-- The two things a clinic is asked about afterwards: who gave what to whom,
-- and what happened.  Both name a responsible person who cannot be deleted.

-- Types ---------------------------------------------------------------------

DO $$
BEGIN
    CREATE TYPE medication_form AS ENUM (
        'tablet', 'capsule', 'liquid', 'inhaler', 'injection',
        'topical', 'drops', 'patch', 'other');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    CREATE TYPE medication_log_status AS ENUM (
        'given', 'refused', 'missed', 'absent', 'held');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    CREATE TYPE incident_type AS ENUM (
        'injury', 'illness', 'behavioral', 'allergic_reaction',
        'medication_error', 'emergency', 'other');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    CREATE TYPE incident_severity AS ENUM (
        'low', 'medium', 'high', 'critical');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

COMMENT ON TYPE medication_log_status IS
    'What became of one dose. ''held'': the nurse decided not to give it.';

-- Medications: the formulary ------------------------------------------------

CREATE TABLE IF NOT EXISTS medications (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    name            text NOT NULL,
    generic_name    text,
    form            medication_form NOT NULL,
    strength        text NOT NULL,
    manufacturer    text,
    ndc             text,
    is_controlled   boolean NOT NULL DEFAULT false,
    dea_schedule    text,
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT medications_pkey PRIMARY KEY (id),
    CONSTRAINT medications_ndc_key UNIQUE (ndc),
    CONSTRAINT medications_ndc_check
        CHECK (ndc ~ '^[0-9]{4,5}-[0-9]{3,4}-[0-9]{1,2}$'),
    CONSTRAINT medications_dea_schedule_check
        CHECK (dea_schedule IN ('II', 'III', 'IV', 'V')),
    CONSTRAINT medications_controlled_check
        CHECK (is_controlled = (dea_schedule IS NOT NULL))
);

COMMENT ON TABLE medications IS 'What the clinic may keep and give. No health information.';
COMMENT ON COLUMN medications.ndc IS 'National Drug Code.';

-- Student medications: the orders -------------------------------------------

CREATE TABLE IF NOT EXISTS student_medications (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    student_id      uuid NOT NULL,
    medication_id   uuid NOT NULL,
    dosage          text NOT NULL,
    frequency       text NOT NULL,
    route           text NOT NULL,
    instructions    text,
    prescribed_by   text NOT NULL,
    prescription_number text,
    starts_on       date NOT NULL,
    ends_on         date,
    is_as_needed    boolean NOT NULL DEFAULT false,
    is_active       boolean NOT NULL DEFAULT true,
    created_by      uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT student_medications_pkey PRIMARY KEY (id),
    CONSTRAINT student_medications_period_check CHECK (ends_on >= starts_on),
    CONSTRAINT student_medications_student_id_fkey FOREIGN KEY (student_id)
        REFERENCES students (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT student_medications_medication_id_fkey
        FOREIGN KEY (medication_id)
        REFERENCES medications (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT student_medications_created_by_fkey FOREIGN KEY (created_by)
        REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_student_medications_student_id
    ON student_medications (student_id);
CREATE INDEX IF NOT EXISTS idx_student_medications_medication_id
    ON student_medications (medication_id);
CREATE INDEX IF NOT EXISTS idx_student_medications_created_by
    ON student_medications (created_by);

COMMENT ON TABLE student_medications IS 'A prescriber''s order, as the clinic carries it out. PHI.';
COMMENT ON COLUMN student_medications.is_as_needed IS 'No times of day: given when the instructions say so.';

-- Medication logs: every dose -----------------------------------------------

CREATE TABLE IF NOT EXISTS medication_logs (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    student_medication_id uuid NOT NULL,
    status          medication_log_status NOT NULL DEFAULT 'given',
    scheduled_for   timestamptz,
    administered_at timestamptz NOT NULL DEFAULT now(),
    dosage_given    text,
    administered_by uuid NOT NULL,
    witnessed_by    uuid,
    notes           text,
    side_effects    text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT medication_logs_pkey PRIMARY KEY (id),
    -- The leading column serves the foreign key; the pair stops a double dose.
    CONSTRAINT medication_logs_dose_key
        UNIQUE (student_medication_id, scheduled_for),
    CONSTRAINT medication_logs_dosage_check
        CHECK (status <> 'given' OR dosage_given IS NOT NULL),
    CONSTRAINT medication_logs_witness_check
        CHECK (witnessed_by <> administered_by),
    CONSTRAINT medication_logs_student_medication_id_fkey
        FOREIGN KEY (student_medication_id)
        REFERENCES student_medications (id)
        ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT medication_logs_administered_by_fkey
        FOREIGN KEY (administered_by)
        REFERENCES users (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT medication_logs_witnessed_by_fkey FOREIGN KEY (witnessed_by)
        REFERENCES users (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_medication_logs_administered_by
    ON medication_logs (administered_by);
CREATE INDEX IF NOT EXISTS idx_medication_logs_witnessed_by
    ON medication_logs (witnessed_by);

COMMENT ON TABLE medication_logs IS 'Every dose, given or not. Append only. PHI.';
COMMENT ON COLUMN medication_logs.witnessed_by IS 'Second person, for controlled substances.';

-- Incident reports ----------------------------------------------------------

CREATE TABLE IF NOT EXISTS incident_reports (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    student_id      uuid NOT NULL,
    reported_by     uuid NOT NULL,
    incident_type   incident_type NOT NULL,
    severity        incident_severity NOT NULL,
    description     text NOT NULL,
    location        text,
    occurred_at     timestamptz NOT NULL,
    actions_taken   text,
    witnesses       text[] NOT NULL DEFAULT '{}',
    parent_notified boolean NOT NULL DEFAULT false,
    parent_notified_at timestamptz,
    parent_notified_by uuid,
    follow_up_required boolean NOT NULL DEFAULT false,
    follow_up_notes text,
    attachments     jsonb NOT NULL DEFAULT '[]',
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT incident_reports_pkey PRIMARY KEY (id),
    CONSTRAINT incident_reports_parent_notified_check
        CHECK (parent_notified OR parent_notified_at IS NULL),
    CONSTRAINT incident_reports_attachments_check
        CHECK (jsonb_typeof(attachments) = 'array'),
    CONSTRAINT incident_reports_student_id_fkey FOREIGN KEY (student_id)
        REFERENCES students (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT incident_reports_reported_by_fkey FOREIGN KEY (reported_by)
        REFERENCES users (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT incident_reports_parent_notified_by_fkey
        FOREIGN KEY (parent_notified_by)
        REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_incident_reports_student_id
    ON incident_reports (student_id);
CREATE INDEX IF NOT EXISTS idx_incident_reports_reported_by
    ON incident_reports (reported_by);
CREATE INDEX IF NOT EXISTS idx_incident_reports_parent_notified_by
    ON incident_reports (parent_notified_by);

COMMENT ON TABLE incident_reports IS 'Accidents, injuries and other events at school. PHI.';

-- Triggers ------------------------------------------------------------------

CREATE OR REPLACE TRIGGER medications_set_updated_at
    BEFORE UPDATE ON medications
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER student_medications_set_updated_at
    BEFORE UPDATE ON student_medications
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER incident_reports_set_updated_at
    BEFORE UPDATE ON incident_reports
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
