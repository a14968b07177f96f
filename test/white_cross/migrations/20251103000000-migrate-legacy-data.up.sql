-- description: Take over schools, students, vaccinations and accidents from the card index
-- depends-on: 20250103000003-create-system-configuration, 20251010000000-complete-health-records-schema, 20251103204744-add-status-and-safety-type-to-incidents
-- kind: data
--
-- The former system's export is expected in schema "legacy", all columns text:
--
--   legacy.school        code, name, district_code, district_name
--   legacy.pupil         pupil_no, surname, forename, birth, sex, grade,
--                        school_code, chart_no, allergies,
--                        contact1_name, contact1_relation, contact1_phone,
--                        contact2_name, contact2_relation, contact2_phone
--   legacy.immunization  pupil_no, vaccine, dose_no, given_on, lot
--   legacy.accident_book entry_no, pupil_no, happened_on, happened_at, place,
--                        what_happened, action_taken, grave, parents_told,
--                        closed_on
--   legacy.setting       name, value
--
-- Each table may be missing; with none of them nothing is taken over.  The
-- export is only read.  Dates are MM/DD/YYYY, times HH:MI of the school's zone.
--
-- What was done is kept in legacy_import_row, one row for each row taken over,
-- and the down undoes exactly that.  What could not be read is kept in
-- legacy_import_issue, which names the source row by its key and repeats
-- nothing else of it.
-- A source row that has been taken over is never looked at again, so a second
-- run adds only what has been mended in the export since.

-- The record of the import --------------------------------------------------

CREATE TABLE IF NOT EXISTS legacy_import_row (
    source_table    text NOT NULL,
    source_key      text NOT NULL,
    target_table    text NOT NULL,
    target_id       uuid NOT NULL,
    action          text NOT NULL,
    previous        jsonb,
    written         jsonb,
    CONSTRAINT legacy_import_row_pkey
        PRIMARY KEY (source_table, source_key, target_table),
    CONSTRAINT legacy_import_row_action_check
        CHECK (action IN ('inserted', 'updated', 'matched'))
);

CREATE INDEX IF NOT EXISTS idx_legacy_import_row_target
    ON legacy_import_row (target_table, target_id);

CREATE TABLE IF NOT EXISTS legacy_import_issue (
    source_table    text NOT NULL,
    source_key      text NOT NULL,
    problem         text NOT NULL,
    CONSTRAINT legacy_import_issue_pkey
        PRIMARY KEY (source_table, source_key, problem)
);

COMMENT ON TABLE legacy_import_row IS 'Which row of the export became, changed or met which row here. PHI.';
COMMENT ON COLUMN legacy_import_row.action IS
    'inserted: made by the import; updated: a gap was filled, see previous and written; matched: was already here.';
COMMENT ON TABLE legacy_import_issue IS 'Rows of the export for somebody to look at. PHI (the keys).';

-- Helpers, dropped at the end -----------------------------------------------

-- The same source row always gets the same id.
CREATE OR REPLACE FUNCTION legacy_id(source text)
RETURNS uuid
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT left(encode(sha256(convert_to('legacy:' || source, 'UTF8')),
                       'hex'), 32)::uuid;
END;

-- MM/DD/YYYY, or NULL if it is no date.
CREATE OR REPLACE FUNCTION legacy_date(source text)
RETURNS date
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    part    text[] := regexp_match(source,
                '^\s*(\d{1,2})/(\d{1,2})/((?:19|20)\d{2})\s*$');
    first   date;
BEGIN
    IF part IS NULL OR part[1]::integer NOT BETWEEN 1 AND 12 THEN
        RETURN NULL;
    END IF;
    first := make_date(part[3]::integer, part[1]::integer, 1);
    IF part[2]::integer NOT BETWEEN 1
        AND EXTRACT(day FROM first + interval '1 month - 1 day')
    THEN
        RETURN NULL;
    END IF;
    RETURN first + part[2]::integer - 1;
END
$$;

CREATE OR REPLACE FUNCTION legacy_is_done(source text, key text, target text)
RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM legacy_import_row AS r
        WHERE r.source_table = source AND r.source_key = key
          AND r.target_table = target);
END
$$;

CREATE OR REPLACE FUNCTION legacy_done(source text, key text, target text,
    id uuid, action text, previous jsonb DEFAULT NULL,
    written jsonb DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO legacy_import_row
    VALUES (source, key, target, id, action, previous, written)
    ON CONFLICT DO NOTHING;
END
$$;

CREATE OR REPLACE FUNCTION legacy_issue(source text, key text, problem text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO legacy_import_issue
    VALUES (source, coalesce(key, '(no key)'), problem)
    ON CONFLICT DO NOTHING;
END
$$;

-- Schools and their districts -----------------------------------------------

DO $$
DECLARE
    s           record;
    district    uuid;
    school      uuid;
BEGIN
    IF to_regclass('legacy.school') IS NULL THEN
        RETURN;
    END IF;
    FOR s IN
        SELECT *, count(*) OVER (PARTITION BY code) AS same_code
        FROM legacy.school ORDER BY code COLLATE "C"
    LOOP
        IF trim(s.code) <> '' IS NOT TRUE OR s.same_code > 1
            OR trim(s.district_code) <> '' IS NOT TRUE
        THEN
            PERFORM legacy_issue('school', s.code,
                'not taken over: code is missing or occurs twice');
            CONTINUE;
        END IF;
        CONTINUE WHEN legacy_is_done('school', s.code, 'schools');

        SELECT id INTO district FROM districts WHERE code = s.district_code;
        IF NOT FOUND THEN
            district := legacy_id('district/' || s.district_code);
            INSERT INTO districts (id, code, name)
            VALUES (district, s.district_code,
                    coalesce(s.district_name, s.district_code));
            PERFORM legacy_done('school', s.district_code, 'districts',
                                district, 'inserted');
        END IF;

        SELECT id INTO school FROM schools WHERE code = s.code;
        IF FOUND THEN
            PERFORM legacy_done('school', s.code, 'schools', school, 'matched');
        ELSE
            school := legacy_id('school/' || s.code);
            INSERT INTO schools (id, district_id, code, name)
            VALUES (school, district, s.code, coalesce(s.name, s.code));
            PERFORM legacy_done('school', s.code, 'schools', school, 'inserted');
        END IF;
    END LOOP;
END
$$;

-- Students ------------------------------------------------------------------
--
-- A student who is already here keeps all that is here; only a missing chart
-- number is filled in.

DO $$
DECLARE
    p           record;
    student     record;
    school      uuid;
    born        date;
    chart       text;
    new_id      uuid;
    stamp       timestamptz;
BEGIN
    IF to_regclass('legacy.pupil') IS NULL THEN
        RETURN;
    END IF;
    FOR p IN
        SELECT *, count(*) OVER (PARTITION BY pupil_no) AS same_number,
               count(*) OVER (PARTITION BY chart_no) AS same_chart
        FROM legacy.pupil ORDER BY pupil_no COLLATE "C"
    LOOP
        IF trim(p.pupil_no) <> '' IS NOT TRUE OR p.same_number > 1 THEN
            PERFORM legacy_issue('pupil', p.pupil_no,
                'not taken over: number is missing or occurs twice');
            CONTINUE;
        END IF;
        CONTINUE WHEN legacy_is_done('pupil', p.pupil_no, 'students');

        chart := nullif(trim(p.chart_no), '');
        IF chart IS NOT NULL AND (p.same_chart > 1 OR EXISTS (
            SELECT FROM students
            WHERE medical_record_num = chart
              AND student_number <> p.pupil_no))
        THEN
            PERFORM legacy_issue('pupil', p.pupil_no,
                                 'chart number is another student''s');
            chart := NULL;
        END IF;

        SELECT s.id, s.medical_record_num, s.updated_at INTO student
        FROM students AS s WHERE s.student_number = p.pupil_no;
        IF FOUND AND (student.medical_record_num IS NOT NULL OR chart IS NULL)
        THEN
            PERFORM legacy_done('pupil', p.pupil_no, 'students', student.id,
                                'matched');
            CONTINUE;
        ELSIF FOUND THEN
            UPDATE students SET medical_record_num = chart
            WHERE id = student.id
            RETURNING updated_at INTO stamp;
            PERFORM legacy_done('pupil', p.pupil_no, 'students', student.id,
                'updated',
                jsonb_build_object('updated_at', student.updated_at),
                jsonb_build_object('medical_record_num', chart,
                                   'updated_at', stamp));
            CONTINUE;
        END IF;

        born := legacy_date(p.birth);
        SELECT id INTO school FROM schools WHERE code = p.school_code;
        IF born IS NULL OR school IS NULL
            OR trim(p.surname) <> '' IS NOT TRUE
            OR trim(p.forename) <> '' IS NOT TRUE
        THEN
            PERFORM legacy_issue('pupil', p.pupil_no,
                'not taken over: name, date of birth or school cannot be read');
            CONTINUE;
        END IF;
        new_id := legacy_id('pupil/' || p.pupil_no);
        INSERT INTO students (id, student_number, first_name, last_name,
            date_of_birth, gender, grade, school_id, medical_record_num)
        VALUES (new_id, p.pupil_no, trim(p.forename), trim(p.surname), born,
            (CASE upper(trim(p.sex)) WHEN 'F' THEN 'female'
                 WHEN 'M' THEN 'male' WHEN 'X' THEN 'nonbinary'
                 ELSE 'not_stated' END)::gender,
            nullif(trim(p.grade), ''), school, chart);
        PERFORM legacy_done('pupil', p.pupil_no, 'students', new_id, 'inserted');
    END LOOP;
END
$$;

-- Emergency contacts --------------------------------------------------------

DO $$
DECLARE
    c           record;
    contact     uuid;
BEGIN
    IF to_regclass('legacy.pupil') IS NULL THEN
        RETURN;
    END IF;
    FOR c IN
        SELECT p.pupil_no || '/' || v.n AS key, r.target_id AS student, v.*,
               regexp_replace(v.phone, '[^0-9]', '', 'g') AS digits
        FROM legacy.pupil AS p
        JOIN legacy_import_row AS r
            ON r.source_table = 'pupil' AND r.source_key = p.pupil_no
           AND r.target_table = 'students'
        CROSS JOIN LATERAL (VALUES
            (1, p.contact1_name, p.contact1_relation, p.contact1_phone),
            (2, p.contact2_name, p.contact2_relation, p.contact2_phone)
        ) AS v (n, full_name, relation, phone)
        WHERE trim(v.full_name) <> ''
        ORDER BY p.pupil_no COLLATE "C", v.n
    LOOP
        CONTINUE WHEN legacy_is_done('pupil', c.key, 'emergency_contacts');
        IF length(c.digits) >= 7 IS NOT TRUE THEN
            PERFORM legacy_issue('pupil', c.key,
                'not taken over: contact without a telephone number');
            CONTINUE;
        END IF;
        SELECT id INTO contact FROM emergency_contacts AS e
        WHERE e.student_id = c.student
          AND regexp_replace(e.phone, '[^0-9]', '', 'g') = c.digits
        ORDER BY e.created_at, e.id LIMIT 1;
        IF FOUND THEN
            PERFORM legacy_done('pupil', c.key, 'emergency_contacts', contact,
                                'matched');
            CONTINUE;
        END IF;
        contact := legacy_id('contact/' || c.key);
        INSERT INTO emergency_contacts
            (id, student_id, full_name, relationship, phone, priority)
        VALUES (contact, c.student, trim(c.full_name),
            coalesce(nullif(trim(c.relation), ''), 'not stated'),
            trim(c.phone),
            (CASE c.n WHEN 1 THEN 'primary'
                      ELSE 'secondary' END)::contact_priority);
        PERFORM legacy_done('pupil', c.key, 'emergency_contacts', contact,
                            'inserted');
    END LOOP;
END
$$;

-- Allergies -----------------------------------------------------------------
--
-- One text like "Peanuts (severe); Penicillin".  Where the severity is missing
-- or not understood, it is taken as severe until a nurse has verified it.

DO $$
DECLARE
    a           record;
    allergy     uuid;
    grade       allergy_severity;
BEGIN
    IF to_regclass('legacy.pupil') IS NULL THEN
        RETURN;
    END IF;
    FOR a IN
        SELECT p.pupil_no || '/' || i.n AS key, r.target_id AS student,
               m.part[1] AS allergen, lower(trim(m.part[2])) AS severity
        FROM legacy.pupil AS p
        JOIN legacy_import_row AS r
            ON r.source_table = 'pupil' AND r.source_key = p.pupil_no
           AND r.target_table = 'students'
        CROSS JOIN LATERAL regexp_split_to_table(p.allergies, ';')
            WITH ORDINALITY AS i (item, n)
        CROSS JOIN LATERAL (SELECT regexp_match(trim(i.item),
            '^([^(]*[^( ])\s*(?:\(([^)]*)\))?$')) AS m (part)
        WHERE trim(i.item) <> ''
        ORDER BY p.pupil_no COLLATE "C", i.n
    LOOP
        CONTINUE WHEN legacy_is_done('pupil', a.key, 'allergies');
        IF a.allergen IS NULL THEN
            PERFORM legacy_issue('pupil', a.key,
                                 'not taken over: allergy cannot be read');
            CONTINUE;
        END IF;
        SELECT id INTO allergy FROM allergies AS e
        WHERE e.student_id = a.student AND lower(e.allergen) = lower(a.allergen);
        IF FOUND THEN
            PERFORM legacy_done('pupil', a.key, 'allergies', allergy, 'matched');
            CONTINUE;
        END IF;
        grade := CASE a.severity WHEN 'mild' THEN 'mild'
                     WHEN 'moderate' THEN 'moderate'
                     WHEN 'severe' THEN 'severe'
                     WHEN 'anaphylaxis' THEN 'life_threatening' END;
        IF grade IS NULL THEN
            PERFORM legacy_issue('pupil', a.key,
                'severity of allergy not understood, taken as severe');
            grade := 'severe';
        END IF;
        allergy := legacy_id('allergy/' || a.key);
        INSERT INTO allergies (id, student_id, allergen, severity)
        VALUES (allergy, a.student, a.allergen, grade);
        PERFORM legacy_done('pupil', a.key, 'allergies', allergy, 'inserted');
    END LOOP;
END
$$;

-- Vaccinations --------------------------------------------------------------
--
-- From certificates, so 'historical': nobody here gave them.

DO $$
DECLARE
    v           record;
    dose        uuid;
BEGIN
    IF to_regclass('legacy.immunization') IS NULL THEN
        RETURN;
    END IF;
    FOR v IN
        SELECT concat_ws('/', i.pupil_no, i.vaccine, i.dose_no) AS key,
               r.target_id AS student, trim(i.vaccine) AS vaccine,
               trim(i.dose_no) AS dose_no, legacy_date(i.given_on) AS given_on,
               nullif(trim(i.lot), '') AS lot,
               count(*) OVER (PARTITION BY i.pupil_no, i.vaccine, i.dose_no)
                   AS same_dose
        FROM legacy.immunization AS i
        LEFT JOIN legacy_import_row AS r
            ON r.source_table = 'pupil' AND r.source_key = i.pupil_no
           AND r.target_table = 'students'
        ORDER BY i.pupil_no COLLATE "C", i.vaccine COLLATE "C",
                 i.dose_no COLLATE "C"
    LOOP
        CONTINUE WHEN legacy_is_done('immunization', v.key, 'vaccinations');
        IF v.student IS NULL OR v.given_on IS NULL
            OR v.vaccine <> '' IS NOT TRUE
            OR v.dose_no ~ '^([1-9]|10)$' IS NOT TRUE OR v.same_dose > 1
        THEN
            PERFORM legacy_issue('immunization', v.key,
                'not taken over: student, vaccine, dose or date cannot be read, or it occurs twice');
            CONTINUE;
        END IF;
        SELECT id INTO dose FROM vaccinations AS e
        WHERE e.student_id = v.student AND e.vaccine_name = v.vaccine
          AND e.dose_number = v.dose_no::integer;
        IF FOUND THEN
            PERFORM legacy_done('immunization', v.key, 'vaccinations', dose,
                                'matched');
            CONTINUE;
        END IF;
        dose := legacy_id('immunization/' || v.key);
        INSERT INTO vaccinations (id, student_id, status, vaccine_name,
            dose_number, administered_on, lot_number)
        VALUES (dose, v.student, 'historical', v.vaccine, v.dose_no::integer,
            v.given_on, v.lot);
        PERFORM legacy_done('immunization', v.key, 'vaccinations', dose,
                            'inserted');
    END LOOP;
END
$$;

-- The accident book ---------------------------------------------------------
--
-- The writers of the book have no accounts here.  Their entries are reported by
-- an account that cannot sign in, made when the first entry is taken over.

DO $$
DECLARE
    a           record;
    reporter    uuid;
    report      uuid;
BEGIN
    IF to_regclass('legacy.accident_book') IS NULL THEN
        RETURN;
    END IF;
    FOR a IN
        SELECT b.*, r.target_id AS student, s.time_zone,
               legacy_date(b.happened_on) AS day,
               legacy_date(b.closed_on) AS closed_day,
               b.happened_at ~ '^\s*([01]?\d|2[0-3]):[0-5]\d\s*$' AS has_time,
               count(*) OVER (PARTITION BY b.entry_no) AS same_number
        FROM legacy.accident_book AS b
        LEFT JOIN legacy_import_row AS r
            ON r.source_table = 'pupil' AND r.source_key = b.pupil_no
           AND r.target_table = 'students'
        LEFT JOIN students AS st ON st.id = r.target_id
        LEFT JOIN schools AS s ON s.id = st.school_id
        ORDER BY b.entry_no COLLATE "C"
    LOOP
        CONTINUE WHEN legacy_is_done('accident_book', a.entry_no,
                                     'incident_reports');
        IF a.entry_no IS NULL OR a.same_number > 1
            OR a.student IS NULL OR a.day IS NULL
            OR trim(a.what_happened) <> '' IS NOT TRUE
        THEN
            PERFORM legacy_issue('accident_book', a.entry_no,
                'not taken over: number, student, date or text cannot be read, or it occurs twice');
            CONTINUE;
        END IF;
        IF a.has_time IS NOT TRUE THEN
            PERFORM legacy_issue('accident_book', a.entry_no,
                                 'time of day not readable, noon assumed');
        END IF;

        SELECT id INTO reporter FROM users
        WHERE lower(email) = 'legacy-import@system.invalid';
        IF NOT FOUND THEN
            reporter := legacy_id('user');
            INSERT INTO users (id, email, first_name, last_name, is_active)
            VALUES (reporter, 'legacy-import@system.invalid', 'Legacy',
                    'Import', false);
            PERFORM legacy_done('accident_book', 'reporter', 'users',
                                reporter, 'inserted');
        END IF;

        report := legacy_id('accident/' || a.entry_no);
        INSERT INTO incident_reports (id, student_id, reported_by,
            incident_type, severity, description, location, occurred_at,
            actions_taken, parent_notified, status, closed_at, safety_type)
        VALUES (report, a.student, reporter, 'injury',
            (CASE WHEN upper(trim(a.grave)) = 'Y' THEN 'high'
                  ELSE 'low' END)::incident_severity,
            trim(a.what_happened), nullif(trim(a.place), ''),
            (a.day + CASE WHEN a.has_time THEN trim(a.happened_at)
                          ELSE '12:00' END::time) AT TIME ZONE a.time_zone,
            nullif(trim(a.action_taken), ''),
            upper(trim(a.parents_told)) IS NOT DISTINCT FROM 'Y',
            (CASE WHEN a.closed_day IS NULL THEN 'open'
                  ELSE 'closed' END)::incident_status,
            (a.closed_day + time '12:00') AT TIME ZONE a.time_zone,
            (CASE WHEN a.place ~* 'playground|yard' THEN 'playground'
                  WHEN a.place ~* 'gym|field|pool' THEN 'sports'
                  WHEN a.place ~* 'bus|parking' THEN 'transport'
                  WHEN a.place ~* 'cafeteria|kitchen' THEN 'food'
             END)::incident_safety_type);
        PERFORM legacy_done('accident_book', a.entry_no, 'incident_reports',
                            report, 'inserted');
    END LOOP;
END
$$;

-- Settings ------------------------------------------------------------------

DO $$
DECLARE
    s           record;
    setting     uuid;
BEGIN
    IF to_regclass('legacy.setting') IS NULL THEN
        RETURN;
    END IF;
    FOR s IN
        SELECT name, value, count(*) OVER (PARTITION BY name) AS same_name,
               'legacy.' || trim('_' FROM
                   regexp_replace(lower(name), '[^a-z0-9]+', '_', 'g')) AS key
        FROM legacy.setting ORDER BY name COLLATE "C"
    LOOP
        CONTINUE WHEN legacy_is_done('setting', s.name,
                                     'system_configurations');
        IF s.key ~ '^legacy\.[a-z]' IS NOT TRUE OR s.value IS NULL
            OR s.same_name > 1
        THEN
            PERFORM legacy_issue('setting', s.name,
                'not taken over: no usable name or value, or it occurs twice');
            CONTINUE;
        END IF;
        SELECT id INTO setting FROM system_configurations AS c
        WHERE c.key = s.key ORDER BY c.created_at, c.id LIMIT 1;
        IF FOUND THEN
            PERFORM legacy_done('setting', s.name, 'system_configurations',
                                setting, 'matched');
            CONTINUE;
        END IF;
        setting := legacy_id('setting/' || s.name);
        INSERT INTO system_configurations (id, key, value, description)
        VALUES (setting, s.key, s.value, 'From the former system.');
        PERFORM legacy_done('setting', s.name, 'system_configurations',
                            setting, 'inserted');
    END LOOP;
END
$$;

-- The helpers have done their work ------------------------------------------

DROP FUNCTION IF EXISTS legacy_issue(text, text, text);
DROP FUNCTION IF EXISTS
    legacy_done(text, text, text, uuid, text, jsonb, jsonb);
DROP FUNCTION IF EXISTS legacy_is_done(text, text, text);
DROP FUNCTION IF EXISTS legacy_date(text);
DROP FUNCTION IF EXISTS legacy_id(text);
