-- description: Districts, schools, users, students and emergency contacts
--
-- Everything else in the school health system hangs on these five tables.
-- A student's row is never removed while health information refers to it
-- (ON DELETE RESTRICT in the later migrations); staff may leave, so references
-- to users become NULL where the act stays meaningful without its author.

-- Types ---------------------------------------------------------------------

DO $$
BEGIN
    CREATE TYPE user_role AS ENUM (
        'system_admin', 'district_admin', 'school_admin',
        'nurse', 'counselor', 'teacher', 'read_only');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    CREATE TYPE gender AS ENUM ('female', 'male', 'nonbinary', 'not_stated');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    CREATE TYPE contact_priority AS ENUM (
        'primary', 'secondary', 'emergency_only');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

COMMENT ON TYPE user_role IS 'What a member of staff may do; checked by the application.';
COMMENT ON TYPE gender IS 'As stated by the family at enrollment.';
COMMENT ON TYPE contact_priority IS 'The order in which the clinic calls.';

-- One trigger function for every updated_at column --------------------------
--
-- A statement that sets updated_at itself keeps its value, so that a restore
-- can put back exactly what was there.

CREATE OR REPLACE FUNCTION set_updated_at()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION set_updated_at() IS
    'Row trigger: stamps updated_at unless the statement sets it.';

-- Districts -----------------------------------------------------------------

CREATE TABLE IF NOT EXISTS districts (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    name            text NOT NULL,
    code            text NOT NULL,
    address         text,
    city            text,
    state           text,
    zip_code        text,
    phone           text,
    email           text,
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT districts_pkey PRIMARY KEY (id),
    CONSTRAINT districts_code_key UNIQUE (code),
    CONSTRAINT districts_state_check CHECK (state ~ '^[A-Z]{2}$'),
    CONSTRAINT districts_zip_code_check
        CHECK (zip_code ~ '^[0-9]{5}(-[0-9]{4})?$')
);

COMMENT ON TABLE districts IS 'A school district: the legal keeper of the records.';
COMMENT ON COLUMN districts.code IS 'The state''s number for the district.';

-- Schools -------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS schools (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    district_id     uuid NOT NULL,
    name            text NOT NULL,
    code            text NOT NULL,
    address         text,
    city            text,
    state           text,
    zip_code        text,
    phone           text,
    email           text,
    principal       text,
    time_zone       text NOT NULL DEFAULT 'America/New_York',
    enrollment      integer,
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT schools_pkey PRIMARY KEY (id),
    CONSTRAINT schools_code_key UNIQUE (code),
    CONSTRAINT schools_enrollment_check CHECK (enrollment >= 0),
    CONSTRAINT schools_state_check CHECK (state ~ '^[A-Z]{2}$'),
    CONSTRAINT schools_district_id_fkey FOREIGN KEY (district_id)
        REFERENCES districts (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_schools_district_id
    ON schools (district_id);

COMMENT ON TABLE schools IS 'A school with a clinic.';
COMMENT ON COLUMN schools.time_zone IS
    'Local times on paper forms are read in this zone.';

-- Users: staff with a login -------------------------------------------------

CREATE TABLE IF NOT EXISTS users (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    email           text NOT NULL,
    password_hash   text,
    first_name      text NOT NULL,
    last_name       text NOT NULL,
    role            user_role NOT NULL DEFAULT 'read_only',
    district_id     uuid,
    school_id       uuid,
    phone           text,
    is_active       boolean NOT NULL DEFAULT true,
    last_login_at   timestamptz,
    failed_logins   integer NOT NULL DEFAULT 0,
    locked_until    timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_check
        CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
    CONSTRAINT users_failed_logins_check CHECK (failed_logins >= 0),
    CONSTRAINT users_district_id_fkey FOREIGN KEY (district_id)
        REFERENCES districts (id) ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT users_school_id_fkey FOREIGN KEY (school_id)
        REFERENCES schools (id) ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE UNIQUE INDEX IF NOT EXISTS users_email_lower_key
    ON users (lower(email));
CREATE INDEX IF NOT EXISTS idx_users_district_id
    ON users (district_id);
CREATE INDEX IF NOT EXISTS idx_users_school_id
    ON users (school_id);

COMMENT ON TABLE users IS 'Staff who can sign in. Leavers are made inactive, not deleted.';
COMMENT ON COLUMN users.password_hash IS
    'NULL: cannot sign in with a password (single sign-on, or a system account).';

-- Students ------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS students (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    student_number  text NOT NULL,
    first_name      text NOT NULL,
    last_name       text NOT NULL,
    date_of_birth   date NOT NULL,
    gender          gender NOT NULL DEFAULT 'not_stated',
    grade           text,
    school_id       uuid NOT NULL,
    nurse_id        uuid,
    medical_record_num text,
    enrolled_on     date NOT NULL DEFAULT CURRENT_DATE,
    is_active       boolean NOT NULL DEFAULT true,
    created_by      uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT students_pkey PRIMARY KEY (id),
    CONSTRAINT students_student_number_key UNIQUE (student_number),
    CONSTRAINT students_medical_record_num_key UNIQUE (medical_record_num),
    CONSTRAINT students_date_of_birth_check
        CHECK (date_of_birth > DATE '1900-01-01'),
    CONSTRAINT students_school_id_fkey FOREIGN KEY (school_id)
        REFERENCES schools (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT students_nurse_id_fkey FOREIGN KEY (nurse_id)
        REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT students_created_by_fkey FOREIGN KEY (created_by)
        REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_students_school_id
    ON students (school_id);
CREATE INDEX IF NOT EXISTS idx_students_nurse_id
    ON students (nurse_id);
CREATE INDEX IF NOT EXISTS idx_students_created_by
    ON students (created_by);

COMMENT ON TABLE students IS 'Who the records are about. PHI.';
COMMENT ON COLUMN students.student_number IS 'Issued by the state, unique across districts. PHI.';
COMMENT ON COLUMN students.medical_record_num IS 'Number of the paper chart, if there is one. PHI.';
COMMENT ON COLUMN students.date_of_birth IS 'PHI.';
COMMENT ON COLUMN students.nurse_id IS 'The nurse who is in charge of this student.';

-- Emergency contacts --------------------------------------------------------

CREATE TABLE IF NOT EXISTS emergency_contacts (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    student_id      uuid NOT NULL,
    full_name       text NOT NULL,
    relationship    text NOT NULL,
    phone           text NOT NULL,
    email           text,
    address         text,
    priority        contact_priority NOT NULL DEFAULT 'secondary',
    may_collect     boolean NOT NULL DEFAULT false,
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT emergency_contacts_pkey PRIMARY KEY (id),
    CONSTRAINT emergency_contacts_phone_check
        CHECK (length(regexp_replace(phone, '[^0-9]', '', 'g')) >= 7),
    CONSTRAINT emergency_contacts_student_id_fkey FOREIGN KEY (student_id)
        REFERENCES students (id) ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_emergency_contacts_student_id
    ON emergency_contacts (student_id);

COMMENT ON TABLE emergency_contacts IS 'Whom to call about a student. PHI.';
COMMENT ON COLUMN emergency_contacts.may_collect IS
    'May take the student home; the front desk checks an identity card.';

-- Triggers ------------------------------------------------------------------

CREATE OR REPLACE TRIGGER districts_set_updated_at
    BEFORE UPDATE ON districts
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER schools_set_updated_at
    BEFORE UPDATE ON schools
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER users_set_updated_at
    BEFORE UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER students_set_updated_at
    BEFORE UPDATE ON students
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER emergency_contacts_set_updated_at
    BEFORE UPDATE ON emergency_contacts
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
