-- description: Health records, allergies, chronic conditions and appointments
-- depends-on: 20250103000000-create-base-schema
--
-- Health information outlives enrollment: every reference to a student is
-- ON DELETE RESTRICT, so that a student with a record cannot be deleted.

-- Types ---------------------------------------------------------------------

DO $$
BEGIN
    CREATE TYPE health_record_type AS ENUM (
        'checkup', 'illness', 'injury', 'diagnosis', 'lab_result',
        'referral', 'mental_health', 'other');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    CREATE TYPE allergen_type AS ENUM (
        'food', 'medication', 'insect', 'environmental', 'latex', 'other');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    CREATE TYPE allergy_severity AS ENUM (
        'mild', 'moderate', 'severe', 'life_threatening');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    CREATE TYPE condition_status AS ENUM (
        'active', 'managed', 'in_remission', 'resolved');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    CREATE TYPE appointment_type AS ENUM (
        'routine', 'medication', 'injury', 'illness', 'screening',
        'follow_up', 'emergency');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    CREATE TYPE appointment_status AS ENUM (
        'scheduled', 'in_progress', 'completed', 'cancelled', 'no_show');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

COMMENT ON TYPE allergy_severity IS
    'Orders from harmless to deadly: severity >= ''severe'' selects what the kitchen must know.';

-- Health records ------------------------------------------------------------

CREATE TABLE IF NOT EXISTS health_records (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    student_id      uuid NOT NULL,
    record_type     health_record_type NOT NULL,
    title           text NOT NULL,
    description     text,
    record_date     date NOT NULL,
    provider        text,
    provider_npi    text,
    diagnosis       text,
    diagnosis_code  text,
    attachments     jsonb NOT NULL DEFAULT '[]',
    is_confidential boolean NOT NULL DEFAULT false,
    follow_up_required boolean NOT NULL DEFAULT false,
    follow_up_on    date,
    recorded_by     uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT health_records_pkey PRIMARY KEY (id),
    CONSTRAINT health_records_provider_npi_check
        CHECK (provider_npi ~ '^[0-9]{10}$'),
    CONSTRAINT health_records_diagnosis_code_check
        CHECK (diagnosis_code ~ '^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$'),
    CONSTRAINT health_records_attachments_check
        CHECK (jsonb_typeof(attachments) = 'array'),
    CONSTRAINT health_records_follow_up_check
        CHECK (follow_up_on IS NULL OR follow_up_required),
    CONSTRAINT health_records_student_id_fkey FOREIGN KEY (student_id)
        REFERENCES students (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT health_records_recorded_by_fkey FOREIGN KEY (recorded_by)
        REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_health_records_student_id
    ON health_records (student_id);
CREATE INDEX IF NOT EXISTS idx_health_records_recorded_by
    ON health_records (recorded_by);

COMMENT ON TABLE health_records IS 'One entry of a student''s chart. PHI.';
COMMENT ON COLUMN health_records.diagnosis_code IS 'ICD-10-CM. PHI.';
COMMENT ON COLUMN health_records.attachments IS
    'Array of {name, media_type, sha256}; the files are in the document store. PHI.';
COMMENT ON COLUMN health_records.is_confidential IS
    'Counselor and nurse only: not on the parents'' page.';

-- Allergies -----------------------------------------------------------------

CREATE TABLE IF NOT EXISTS allergies (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    student_id      uuid NOT NULL,
    health_record_id uuid,
    allergen        text NOT NULL,
    allergen_type   allergen_type NOT NULL DEFAULT 'other',
    severity        allergy_severity NOT NULL,
    reaction        text,
    treatment       text,
    has_auto_injector boolean NOT NULL DEFAULT false,
    is_verified     boolean NOT NULL DEFAULT false,
    verified_by     uuid,
    verified_at     timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT allergies_pkey PRIMARY KEY (id),
    CONSTRAINT allergies_verified_check
        CHECK (NOT is_verified OR verified_at IS NOT NULL),
    CONSTRAINT allergies_student_id_fkey FOREIGN KEY (student_id)
        REFERENCES students (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT allergies_health_record_id_fkey FOREIGN KEY (health_record_id)
        REFERENCES health_records (id) ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT allergies_verified_by_fkey FOREIGN KEY (verified_by)
        REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE
);

-- The same allergen is entered once, however it is capitalised.  The leading
-- column serves the foreign key too.
CREATE UNIQUE INDEX IF NOT EXISTS allergies_student_id_allergen_key
    ON allergies (student_id, lower(allergen));
CREATE INDEX IF NOT EXISTS idx_allergies_health_record_id
    ON allergies (health_record_id);
CREATE INDEX IF NOT EXISTS idx_allergies_verified_by
    ON allergies (verified_by);

COMMENT ON TABLE allergies IS 'What a student must not meet. PHI.';
COMMENT ON COLUMN allergies.has_auto_injector IS
    'An epinephrine auto-injector for this student is in the clinic.';

-- Chronic conditions --------------------------------------------------------

CREATE TABLE IF NOT EXISTS chronic_conditions (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    student_id      uuid NOT NULL,
    health_record_id uuid,
    condition_name  text NOT NULL,
    diagnosis_code  text,
    status          condition_status NOT NULL DEFAULT 'active',
    diagnosed_on    date,
    review_on       date,
    care_plan       text,
    triggers        text[] NOT NULL DEFAULT '{}',
    restrictions    text[] NOT NULL DEFAULT '{}',
    emergency_plan  text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT chronic_conditions_pkey PRIMARY KEY (id),
    CONSTRAINT chronic_conditions_review_on_check
        CHECK (review_on >= diagnosed_on),
    CONSTRAINT chronic_conditions_student_id_fkey FOREIGN KEY (student_id)
        REFERENCES students (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT chronic_conditions_health_record_id_fkey
        FOREIGN KEY (health_record_id)
        REFERENCES health_records (id) ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_chronic_conditions_student_id
    ON chronic_conditions (student_id);
CREATE INDEX IF NOT EXISTS idx_chronic_conditions_health_record_id
    ON chronic_conditions (health_record_id);

COMMENT ON TABLE chronic_conditions IS 'Asthma, diabetes, epilepsy and the like, with the plan for each. PHI.';
COMMENT ON COLUMN chronic_conditions.review_on IS 'When the care plan must be looked at again.';

-- Appointments --------------------------------------------------------------

CREATE TABLE IF NOT EXISTS appointments (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    student_id      uuid NOT NULL,
    nurse_id        uuid NOT NULL,
    appointment_type appointment_type NOT NULL,
    status          appointment_status NOT NULL DEFAULT 'scheduled',
    scheduled_at    timestamptz NOT NULL,
    duration_minutes integer NOT NULL DEFAULT 15,
    reason          text NOT NULL,
    notes           text,
    cancelled_reason text,
    reminder_at     timestamptz,
    reminder_sent   boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT appointments_pkey PRIMARY KEY (id),
    CONSTRAINT appointments_duration_minutes_check
        CHECK (duration_minutes BETWEEN 5 AND 240),
    CONSTRAINT appointments_reminder_at_check
        CHECK (reminder_at <= scheduled_at),
    CONSTRAINT appointments_student_id_fkey FOREIGN KEY (student_id)
        REFERENCES students (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT appointments_nurse_id_fkey FOREIGN KEY (nurse_id)
        REFERENCES users (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_appointments_student_id
    ON appointments (student_id);
CREATE INDEX IF NOT EXISTS idx_appointments_nurse_id
    ON appointments (nurse_id);
CREATE INDEX IF NOT EXISTS idx_appointments_status
    ON appointments (status);

COMMENT ON TABLE appointments IS 'Visits to the clinic, planned and past. PHI.';

-- Triggers ------------------------------------------------------------------

CREATE OR REPLACE TRIGGER health_records_set_updated_at
    BEFORE UPDATE ON health_records
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER allergies_set_updated_at
    BEFORE UPDATE ON allergies
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER chronic_conditions_set_updated_at
    BEFORE UPDATE ON chronic_conditions
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER appointments_set_updated_at
    BEFORE UPDATE ON appointments
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
