-- description: Vaccinations, screenings, growth measurements and vital signs
-- depends-on: 20250103000001-create-health-records-core
--
-- The measured half of the chart.  Units are metric and stand in the column
-- names; the limits refuse what can only be a slip of the keyboard.

-- Types ---------------------------------------------------------------------

DO $$
BEGIN
    CREATE TYPE vaccination_site AS ENUM (
        'left_arm', 'right_arm', 'left_thigh', 'right_thigh',
        'oral', 'nasal', 'other');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    CREATE TYPE vaccination_status AS ENUM (
        'given', 'historical', 'exempt_medical', 'exempt_religious',
        'refused');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    CREATE TYPE screening_type AS ENUM (
        'vision', 'hearing', 'dental', 'scoliosis', 'bmi',
        'developmental', 'mental_health', 'tuberculosis');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    CREATE TYPE screening_outcome AS ENUM (
        'passed', 'rescreen', 'referred', 'not_completed');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

COMMENT ON TYPE vaccination_status IS
    '''historical'': given elsewhere, entered from a certificate.';

-- Vaccinations --------------------------------------------------------------

CREATE TABLE IF NOT EXISTS vaccinations (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    student_id      uuid NOT NULL,
    health_record_id uuid,
    status          vaccination_status NOT NULL DEFAULT 'given',
    vaccine_name    text NOT NULL,
    cvx_code        text,
    dose_number     integer NOT NULL DEFAULT 1,
    doses_required  integer,
    administered_on date,
    administered_by uuid,
    site            vaccination_site,
    lot_number      text,
    manufacturer    text,
    expires_on      date,
    next_due_on     date,
    exemption_reason text,
    adverse_reaction text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT vaccinations_pkey PRIMARY KEY (id),
    -- The leading column serves the foreign key too.
    CONSTRAINT vaccinations_dose_key
        UNIQUE (student_id, vaccine_name, dose_number),
    CONSTRAINT vaccinations_cvx_code_check
        CHECK (cvx_code ~ '^[0-9]{2,3}$'),
    CONSTRAINT vaccinations_dose_number_check
        CHECK (dose_number BETWEEN 1 AND 10),
    CONSTRAINT vaccinations_doses_required_check
        CHECK (doses_required BETWEEN 1 AND 10),
    CONSTRAINT vaccinations_administered_on_check
        CHECK ((administered_on IS NOT NULL)
               = (status IN ('given', 'historical'))),
    CONSTRAINT vaccinations_next_due_on_check
        CHECK (next_due_on > administered_on),
    CONSTRAINT vaccinations_student_id_fkey FOREIGN KEY (student_id)
        REFERENCES students (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT vaccinations_health_record_id_fkey
        FOREIGN KEY (health_record_id)
        REFERENCES health_records (id) ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT vaccinations_administered_by_fkey
        FOREIGN KEY (administered_by)
        REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_vaccinations_health_record_id
    ON vaccinations (health_record_id);
CREATE INDEX IF NOT EXISTS idx_vaccinations_administered_by
    ON vaccinations (administered_by);

COMMENT ON TABLE vaccinations IS 'Doses given, proven or excused. PHI.';
COMMENT ON COLUMN vaccinations.cvx_code IS 'The CDC''s code of the vaccine.';
COMMENT ON COLUMN vaccinations.lot_number IS 'For recalls by the manufacturer.';

-- Screenings ----------------------------------------------------------------

CREATE TABLE IF NOT EXISTS screenings (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    student_id      uuid NOT NULL,
    health_record_id uuid,
    screening_type  screening_type NOT NULL,
    screened_on     date NOT NULL,
    screened_by     uuid,
    outcome         screening_outcome NOT NULL,
    results         jsonb NOT NULL DEFAULT '{}',
    referred_to     text,
    follow_up_on    date,
    notes           text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT screenings_pkey PRIMARY KEY (id),
    CONSTRAINT screenings_referred_to_check
        CHECK (referred_to IS NULL OR outcome = 'referred'),
    CONSTRAINT screenings_results_check
        CHECK (jsonb_typeof(results) = 'object'),
    CONSTRAINT screenings_student_id_fkey FOREIGN KEY (student_id)
        REFERENCES students (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT screenings_health_record_id_fkey FOREIGN KEY (health_record_id)
        REFERENCES health_records (id) ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT screenings_screened_by_fkey FOREIGN KEY (screened_by)
        REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_screenings_student_id
    ON screenings (student_id);
CREATE INDEX IF NOT EXISTS idx_screenings_health_record_id
    ON screenings (health_record_id);
CREATE INDEX IF NOT EXISTS idx_screenings_screened_by
    ON screenings (screened_by);

COMMENT ON TABLE screenings IS 'State-mandated screenings. PHI.';
COMMENT ON COLUMN screenings.results IS
    'Depends on the type: {"left": "20/20", "right": "20/40"} for vision.';

-- Growth measurements -------------------------------------------------------

CREATE TABLE IF NOT EXISTS growth_measurements (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    student_id      uuid NOT NULL,
    health_record_id uuid,
    measured_on     date NOT NULL,
    measured_by     uuid,
    height_cm       numeric(5,1),
    weight_kg       numeric(5,2),
    head_circumference_cm numeric(4,1),
    bmi             numeric(5,1) GENERATED ALWAYS AS
        (round(weight_kg * 10000 / (height_cm * height_cm), 1)) STORED,
    bmi_percentile  numeric(4,1),
    notes           text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT growth_measurements_pkey PRIMARY KEY (id),
    CONSTRAINT growth_measurements_height_cm_check
        CHECK (height_cm BETWEEN 40 AND 250),
    CONSTRAINT growth_measurements_weight_kg_check
        CHECK (weight_kg BETWEEN 1 AND 300),
    CONSTRAINT growth_measurements_bmi_percentile_check
        CHECK (bmi_percentile BETWEEN 0 AND 100),
    CONSTRAINT growth_measurements_something_check
        CHECK (num_nonnulls(height_cm, weight_kg, head_circumference_cm) > 0),
    CONSTRAINT growth_measurements_student_id_fkey FOREIGN KEY (student_id)
        REFERENCES students (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT growth_measurements_health_record_id_fkey
        FOREIGN KEY (health_record_id)
        REFERENCES health_records (id) ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT growth_measurements_measured_by_fkey FOREIGN KEY (measured_by)
        REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_growth_measurements_student_id
    ON growth_measurements (student_id);
CREATE INDEX IF NOT EXISTS idx_growth_measurements_health_record_id
    ON growth_measurements (health_record_id);
CREATE INDEX IF NOT EXISTS idx_growth_measurements_measured_by
    ON growth_measurements (measured_by);

COMMENT ON TABLE growth_measurements IS 'Height and weight over the years. PHI.';
COMMENT ON COLUMN growth_measurements.bmi IS 'Computed by the server; NULL until both are measured.';

-- Vital signs ---------------------------------------------------------------

CREATE TABLE IF NOT EXISTS vital_signs (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    student_id      uuid NOT NULL,
    appointment_id  uuid,
    health_record_id uuid,
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    recorded_by     uuid,
    temperature_c   numeric(3,1),
    heart_rate      integer,
    respiratory_rate integer,
    systolic        integer,
    diastolic       integer,
    oxygen_saturation integer,
    pain_score      integer,
    blood_glucose_mg_dl integer,
    notes           text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT vital_signs_pkey PRIMARY KEY (id),
    CONSTRAINT vital_signs_temperature_c_check
        CHECK (temperature_c BETWEEN 30 AND 45),
    CONSTRAINT vital_signs_heart_rate_check
        CHECK (heart_rate BETWEEN 20 AND 250),
    CONSTRAINT vital_signs_respiratory_rate_check
        CHECK (respiratory_rate BETWEEN 5 AND 80),
    CONSTRAINT vital_signs_blood_pressure_check
        CHECK (systolic > diastolic AND systolic < 260 AND diastolic > 20),
    CONSTRAINT vital_signs_oxygen_saturation_check
        CHECK (oxygen_saturation BETWEEN 50 AND 100),
    CONSTRAINT vital_signs_pain_score_check
        CHECK (pain_score BETWEEN 0 AND 10),
    CONSTRAINT vital_signs_blood_glucose_check
        CHECK (blood_glucose_mg_dl BETWEEN 10 AND 900),
    CONSTRAINT vital_signs_student_id_fkey FOREIGN KEY (student_id)
        REFERENCES students (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT vital_signs_appointment_id_fkey FOREIGN KEY (appointment_id)
        REFERENCES appointments (id) ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT vital_signs_health_record_id_fkey FOREIGN KEY (health_record_id)
        REFERENCES health_records (id) ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT vital_signs_recorded_by_fkey FOREIGN KEY (recorded_by)
        REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_vital_signs_student_id
    ON vital_signs (student_id);
CREATE INDEX IF NOT EXISTS idx_vital_signs_appointment_id
    ON vital_signs (appointment_id);
CREATE INDEX IF NOT EXISTS idx_vital_signs_health_record_id
    ON vital_signs (health_record_id);
CREATE INDEX IF NOT EXISTS idx_vital_signs_recorded_by
    ON vital_signs (recorded_by);

COMMENT ON TABLE vital_signs IS 'What was measured at one visit. PHI.';

-- Triggers ------------------------------------------------------------------

CREATE OR REPLACE TRIGGER vaccinations_set_updated_at
    BEFORE UPDATE ON vaccinations
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER screenings_set_updated_at
    BEFORE UPDATE ON screenings
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER growth_measurements_set_updated_at
    BEFORE UPDATE ON growth_measurements
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
