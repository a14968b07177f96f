-- description: Indexes for the screens and reports that are used every day
-- depends-on: 20250103000000-create-base-schema, 20250103000001-create-health-records-core, 20250103000002-create-additional-critical-tables, 20250103000003-create-system-configuration, 20251009013303-enhance-system-configuration, 20251010000000-complete-health-records-schema, 20251103204744-add-status-and-safety-type-to-incidents
--
-- Primary keys, unique keys and the indexes of foreign keys were made with
-- their tables.  Here is what the questions need: composite indexes in the
-- order of the screens, partial ones for the few rows that work is left on, GIN
-- for words and arrays.  They are built inside the migration's transaction,
-- which blocks writes while it lasts: on big tables run it in the maintenance
-- window.

-- Students ------------------------------------------------------------------

-- Class list of a school.
CREATE INDEX IF NOT EXISTS idx_students_roster
    ON students (school_id, grade, last_name, first_name)
    WHERE is_active;
-- Look-up by name at the front desk, any capitalisation.
CREATE INDEX IF NOT EXISTS idx_students_name
    ON students (lower(last_name), lower(first_name));
-- Matching with the state's immunization registry.
CREATE INDEX IF NOT EXISTS idx_students_birth
    ON students (date_of_birth, last_name);
-- A nurse's own students.
CREATE INDEX IF NOT EXISTS idx_students_of_nurse
    ON students (nurse_id, last_name, first_name)
    WHERE is_active AND nurse_id IS NOT NULL;
-- New students whose paper chart has not arrived.
CREATE INDEX IF NOT EXISTS idx_students_without_chart
    ON students (school_id, enrolled_on)
    WHERE medical_record_num IS NULL;
-- The search box.
CREATE INDEX IF NOT EXISTS idx_students_search
    ON students USING gin (to_tsvector('simple',
        first_name || ' ' || last_name || ' ' || student_number));

-- Users and schools ---------------------------------------------------------

-- Who is on duty: active staff of a school by role.
CREATE INDEX IF NOT EXISTS idx_users_duty
    ON users (school_id, role, last_name)
    WHERE is_active;
-- Locked accounts.
CREATE INDEX IF NOT EXISTS idx_users_locked
    ON users (locked_until)
    WHERE locked_until IS NOT NULL;
-- Accounts that nobody has used for a long time.
CREATE INDEX IF NOT EXISTS idx_users_last_login
    ON users (last_login_at NULLS FIRST)
    WHERE is_active;
-- Pick list of schools.
CREATE INDEX IF NOT EXISTS idx_schools_pick_list
    ON schools (district_id, name)
    WHERE is_active;

-- Emergency contacts --------------------------------------------------------

-- Whom to call, in order.
CREATE INDEX IF NOT EXISTS idx_emergency_contacts_call_order
    ON emergency_contacts (student_id, priority)
    WHERE is_active;
-- Who is calling?
CREATE INDEX IF NOT EXISTS idx_emergency_contacts_phone
    ON emergency_contacts (phone);

-- Health records ------------------------------------------------------------

-- A student's chart, newest first, as the parents see it.
CREATE INDEX IF NOT EXISTS idx_health_records_open_chart
    ON health_records (student_id, record_date DESC, record_type)
    WHERE NOT is_confidential;
-- Monthly counts by type.
CREATE INDEX IF NOT EXISTS idx_health_records_type_date
    ON health_records (record_type, record_date DESC);
-- Follow-ups that are due.
CREATE INDEX IF NOT EXISTS idx_health_records_follow_up
    ON health_records (follow_up_on, student_id)
    WHERE follow_up_required;
-- Outbreaks: the same diagnosis within days.
CREATE INDEX IF NOT EXISTS idx_health_records_diagnosis_code
    ON health_records (diagnosis_code, record_date)
    WHERE diagnosis_code IS NOT NULL;
-- Words in the chart.
CREATE INDEX IF NOT EXISTS idx_health_records_search
    ON health_records USING gin (to_tsvector('english',
        title || ' ' || coalesce(description, '')
        || ' ' || coalesce(diagnosis, '')));
-- Which chart refers to a document?
CREATE INDEX IF NOT EXISTS idx_health_records_attachments
    ON health_records USING gin (attachments jsonb_path_ops);
-- Entries of a period; rows arrive in this order, so BRIN is enough.
CREATE INDEX IF NOT EXISTS idx_health_records_created_at
    ON health_records USING brin (created_at);

-- Allergies -----------------------------------------------------------------

-- What the kitchen and the bus driver must know.
CREATE INDEX IF NOT EXISTS idx_allergies_dangerous
    ON allergies (student_id, severity DESC)
    WHERE severity IN ('severe', 'life_threatening');
-- Counts by type and severity.
CREATE INDEX IF NOT EXISTS idx_allergies_type_severity
    ON allergies (allergen_type, severity);
-- Waiting for a nurse to verify them.
CREATE INDEX IF NOT EXISTS idx_allergies_unverified
    ON allergies (created_at)
    WHERE NOT is_verified;
-- Words.
CREATE INDEX IF NOT EXISTS idx_allergies_search
    ON allergies USING gin (to_tsvector('english',
        allergen || ' ' || coalesce(reaction, '')
        || ' ' || coalesce(treatment, '')));

-- Chronic conditions --------------------------------------------------------

-- Care plans to be looked at again.
CREATE INDEX IF NOT EXISTS idx_chronic_conditions_review
    ON chronic_conditions (review_on, student_id)
    WHERE status IN ('active', 'managed');
-- How many students have it?
CREATE INDEX IF NOT EXISTS idx_chronic_conditions_code_status
    ON chronic_conditions (diagnosis_code, status);
-- Who may not swim, who must not meet pollen.
CREATE INDEX IF NOT EXISTS idx_chronic_conditions_restrictions
    ON chronic_conditions USING gin (restrictions, triggers);
-- Words.
CREATE INDEX IF NOT EXISTS idx_chronic_conditions_search
    ON chronic_conditions USING gin (to_tsvector('english',
        condition_name || ' ' || coalesce(care_plan, '')
        || ' ' || coalesce(emergency_plan, '')));

-- Appointments --------------------------------------------------------------

-- The calendar.
CREATE INDEX IF NOT EXISTS idx_appointments_calendar
    ON appointments (scheduled_at, status);
-- A nurse's day.
CREATE INDEX IF NOT EXISTS idx_appointments_nurse_day
    ON appointments (nurse_id, scheduled_at)
    WHERE status IN ('scheduled', 'in_progress');
-- Earlier visits of a student.
CREATE INDEX IF NOT EXISTS idx_appointments_past_visits
    ON appointments (student_id, scheduled_at DESC)
    WHERE status = 'completed';
-- Reminders to be sent.
CREATE INDEX IF NOT EXISTS idx_appointments_reminders
    ON appointments (reminder_at)
    WHERE status = 'scheduled' AND NOT reminder_sent;

-- Medications ---------------------------------------------------------------

-- The formulary.
CREATE INDEX IF NOT EXISTS idx_medications_formulary
    ON medications (lower(name), strength)
    WHERE is_active;
-- Controlled substances, for the count at the end of the day.
CREATE INDEX IF NOT EXISTS idx_medications_controlled
    ON medications (dea_schedule, name)
    WHERE is_controlled;
-- Words.
CREATE INDEX IF NOT EXISTS idx_medications_search
    ON medications USING gin (to_tsvector('simple',
        name || ' ' || coalesce(generic_name, '')));
-- Present orders of a student.
CREATE INDEX IF NOT EXISTS idx_student_medications_current
    ON student_medications (student_id, medication_id)
    WHERE is_active;
-- Orders that run out.
CREATE INDEX IF NOT EXISTS idx_student_medications_ending
    ON student_medications (ends_on, student_id)
    WHERE is_active AND ends_on IS NOT NULL;
-- Doses of a period, by outcome.
CREATE INDEX IF NOT EXISTS idx_medication_logs_time_status
    ON medication_logs (administered_at DESC, status);
-- The last dose of an order.
CREATE INDEX IF NOT EXISTS idx_medication_logs_last_dose
    ON medication_logs (student_medication_id, administered_at DESC)
    INCLUDE (dosage_given)
    WHERE status = 'given';
-- Doses that did not happen.
CREATE INDEX IF NOT EXISTS idx_medication_logs_not_given
    ON medication_logs (scheduled_for, status)
    WHERE status <> 'given';

-- Incident reports ----------------------------------------------------------

-- Counts by type and severity over time.
CREATE INDEX IF NOT EXISTS idx_incident_reports_type_severity
    ON incident_reports (incident_type, severity, occurred_at DESC);
-- Open reports, oldest first.
CREATE INDEX IF NOT EXISTS idx_incident_reports_open
    ON incident_reports (occurred_at, severity)
    WHERE status IN ('open', 'under_review');
-- The safety committee's list.
CREATE INDEX IF NOT EXISTS idx_incident_reports_safety
    ON incident_reports (safety_type, occurred_at DESC)
    WHERE safety_type IS NOT NULL;
-- Parents who do not know yet.
CREATE INDEX IF NOT EXISTS idx_incident_reports_parents_to_call
    ON incident_reports (occurred_at)
    WHERE NOT parent_notified;
-- Follow-ups.
CREATE INDEX IF NOT EXISTS idx_incident_reports_follow_up
    ON incident_reports (student_id, occurred_at)
    WHERE follow_up_required;
-- Words.
CREATE INDEX IF NOT EXISTS idx_incident_reports_search
    ON incident_reports USING gin (to_tsvector('english',
        description || ' ' || coalesce(location, '')
        || ' ' || coalesce(actions_taken, '')));

-- Configuration -------------------------------------------------------------

-- The settings page.
CREATE INDEX IF NOT EXISTS idx_system_configurations_page
    ON system_configurations (category, sort_order, key)
    WHERE is_editable;
-- By tag.
CREATE INDEX IF NOT EXISTS idx_system_configurations_tags
    ON system_configurations USING gin (tags);
-- What changed lately, and what became of one key.
CREATE INDEX IF NOT EXISTS idx_configuration_history_recent
    ON configuration_history (changed_at DESC);
CREATE INDEX IF NOT EXISTS idx_configuration_history_key
    ON configuration_history (config_key, changed_at DESC);

-- Vaccinations, screenings, growth, vital signs -----------------------------

-- Doses that are due.
CREATE INDEX IF NOT EXISTS idx_vaccinations_due
    ON vaccinations (next_due_on, student_id)
    WHERE next_due_on IS NOT NULL;
-- Coverage report for the state.
CREATE INDEX IF NOT EXISTS idx_vaccinations_coverage
    ON vaccinations (vaccine_name, dose_number, status);
-- A manufacturer recalls a lot.
CREATE INDEX IF NOT EXISTS idx_vaccinations_lot
    ON vaccinations (lot_number, vaccine_name)
    WHERE lot_number IS NOT NULL;
-- Exempt students, when there is an outbreak.
CREATE INDEX IF NOT EXISTS idx_vaccinations_exempt
    ON vaccinations (vaccine_name, student_id)
    WHERE status IN ('exempt_medical', 'exempt_religious', 'refused');
-- Screenings done, by type.
CREATE INDEX IF NOT EXISTS idx_screenings_type_date
    ON screenings (screening_type, screened_on DESC);
-- Referrals without an answer.
CREATE INDEX IF NOT EXISTS idx_screenings_referred
    ON screenings (follow_up_on, student_id)
    WHERE outcome IN ('referred', 'rescreen');
-- Who has been measured this year?
CREATE INDEX IF NOT EXISTS idx_growth_measurements_date
    ON growth_measurements (measured_on DESC, student_id);
-- Fever, for the outbreak report.
CREATE INDEX IF NOT EXISTS idx_vital_signs_fever
    ON vital_signs (recorded_at DESC, student_id)
    WHERE temperature_c >= 38.0;
-- Glucose of students with diabetes over the day.
CREATE INDEX IF NOT EXISTS idx_vital_signs_glucose
    ON vital_signs (student_id, recorded_at DESC)
    INCLUDE (blood_glucose_mg_dl)
    WHERE blood_glucose_mg_dl IS NOT NULL;
