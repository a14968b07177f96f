-- A few rows as the new system may hold them before the export is taken over:
-- the students that legacy_sample.sql knows as well.  The names are invented.

INSERT INTO districts (code, name) VALUES ('D07', 'Riverside');
INSERT INTO schools (district_id, code, name)
    SELECT id, 'ELM', 'Elm Middle School' FROM districts WHERE code = 'D07';
INSERT INTO students (student_number, first_name, last_name, date_of_birth,
                      grade, school_id, medical_record_num)
    SELECT v.num, v.first_name, v.last_name, v.born, '7', s.id, v.chart
    FROM schools AS s, (VALUES
        ('2001', 'Dora', 'Dunn', DATE '2010-01-15', NULL),
        ('2002', 'Emil', 'Eads', DATE '2010-03-03', 'N-17')
    ) AS v (num, first_name, last_name, born, chart)
    WHERE s.code = 'ELM';
INSERT INTO emergency_contacts (student_id, full_name, relationship, phone)
    SELECT id, 'Eve Eads', 'mother', '(555) 010-0005'
    FROM students WHERE student_number = '2002';
