-- A small export of the former system, for trying migrate-legacy-data: good
-- rows, rows that match what is here already, and rows nobody can read.
-- The names are invented.

CREATE SCHEMA legacy;

CREATE TABLE legacy.school (
    code text, name text, district_code text, district_name text);
CREATE TABLE legacy.pupil (
    pupil_no text, surname text, forename text, birth text, sex text,
    grade text, school_code text, chart_no text, allergies text,
    contact1_name text, contact1_relation text, contact1_phone text,
    contact2_name text, contact2_relation text, contact2_phone text);
CREATE TABLE legacy.immunization (
    pupil_no text, vaccine text, dose_no text, given_on text, lot text);
CREATE TABLE legacy.accident_book (
    entry_no text, pupil_no text, happened_on text, happened_at text,
    place text, what_happened text, action_taken text, grave text,
    parents_told text, closed_on text);
CREATE TABLE legacy.setting (name text, value text);

INSERT INTO legacy.school VALUES
    ('OAK', 'Oak Street Elementary', 'D07', 'Riverside District'),
    ('ELM', 'Elm Middle School', 'D07', 'Riverside District'),
    ('PINE', 'Pine High School', 'D09', 'Hillside District'),
    (NULL, 'A school without a code', 'D09', 'Hillside District');

INSERT INTO legacy.pupil VALUES
    ('1001', 'Able', 'Ada', '02/29/2012', 'F', '5', 'OAK', 'C-1',
     'Peanuts (anaphylaxis); Penicillin (mild)',
     'Alma Able', 'mother', '(555) 010-0001', 'Abe Able', 'father', '555-010-0002'),
    ('1002', 'Baker', 'Béla', '11/05/2011', 'M', '6', 'ELM', 'C-2',
     'Bee stings', 'Bea Baker', 'aunt', '5550100003', '', '', ''),
    ('1003', 'Cole', 'Cleo', '07/04/2008', 'X', '9', 'PINE', 'C-2', NULL,
     'Cy Cole', NULL, 'unknown', NULL, NULL, NULL),
    -- in the new system already, one with a chart number, one without
    ('2001', 'Dunn', 'Dora', '01/15/2010', 'F', '7', 'ELM', 'C-4', 'Latex (severe)',
     'Dan Dunn', 'father', '555 010 0004', NULL, NULL, NULL),
    ('2002', 'Eads', 'Emil', '03/03/2010', 'M', '7', 'ELM', 'C-5', NULL,
     'Eve Eads', 'mother', '555-010-0005', NULL, NULL, NULL),
    -- cannot be read
    ('3001', 'Fox', 'Finn', '02/30/2012', 'M', '5', 'OAK', NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL),
    ('3002', 'Gray', 'Gwen', '04/01/2012', 'F', '5', 'ASH', NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL),
    ('3003', 'Hall', 'Hugo', '04/01/2012', 'M', '5', 'OAK', NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL),
    ('3003', 'Hall', 'Hugo', '04/01/2012', 'M', '5', 'OAK', NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO legacy.immunization VALUES
    ('1001', 'MMR', '1', '03/10/2013', 'L-77'),
    ('1001', 'MMR', '2', '04/12/2017', NULL),
    ('1002', 'Tdap', '1', '08/20/2022', 'L-90'),
    ('2001', 'MMR', '1', '03/01/2011', 'L-70'),
    ('3001', 'MMR', '1', '03/01/2013', 'L-71'),
    ('1003', 'Varicella', 'first', '05/05/2009', NULL);

INSERT INTO legacy.accident_book VALUES
    ('1', '1001', '09/14/2023', '10:25', 'playground', 'Fell from the swing.',
     'Cold pack.', 'N', 'Y', '09/15/2023'),
    ('2', '1002', '10/02/2023', 'after lunch', 'gym', 'Twisted an ankle.',
     'Sent to the doctor.', 'Y', 'Y', NULL),
    ('3', '9999', '10/03/2023', '09:00', 'bus', 'Hit the head on a seat.',
     NULL, 'N', 'N', NULL);

INSERT INTO legacy.setting VALUES
    ('Clinic opens', '07:30'), ('clinic-closes', '15:45'), ('42', 'answer');
