-- Rules about health information: by labels, and by names without one.
SET client_min_messages = warning;
CREATE TABLE phi_visit (id integer, ssn text, email text, note text);
CREATE TABLE phi_empty (id integer, ssn text);
CREATE TABLE phi_whole (id integer, anything text);
CREATE TABLE phi_plain (id integer, ssn text, anything text);
INSERT INTO phi_visit VALUES (1, 'x', 'y', 'z');
INSERT INTO phi_whole VALUES (1, 'x');
SECURITY LABEL FOR hipaa_migrate ON COLUMN phi_visit.ssn IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON COLUMN phi_visit.email IS 'pii';
SECURITY LABEL FOR hipaa_migrate ON COLUMN phi_visit.note IS 'none';
SECURITY LABEL FOR hipaa_migrate ON COLUMN phi_empty.ssn IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON TABLE phi_whole IS 'phi';

CREATE FUNCTION lint(sql text, rules text DEFAULT 'all')
    RETURNS TABLE (no integer, severity text, rule text, object text, message text)
    LANGUAGE sql AS
$$ SELECT l.statement_no, l.severity, l.rule, l.object, l.message
     FROM migrate_lint_sql(sql, rules => rules) AS l
    WHERE l.rule LIKE 'phi-%'
    ORDER BY l.statement_no, l.rule, l.object $$;

-- What is labelled is dropped, retyped, renamed: phi weighs most, pii less, an
-- empty table little.
SELECT * FROM lint('ALTER TABLE phi_visit RENAME COLUMN email TO mail;
    ALTER TABLE phi_visit ALTER COLUMN ssn TYPE varchar(20);
    ALTER TABLE phi_visit DROP COLUMN ssn;
    ALTER TABLE phi_empty DROP COLUMN ssn;
    ALTER TABLE phi_whole DROP COLUMN anything');
SELECT * FROM lint('DROP TABLE phi_visit, phi_empty, phi_whole');
-- The same without a label, or with the label none; and what is not there.
SELECT * FROM lint('ALTER TABLE phi_visit DROP COLUMN note; ALTER TABLE phi_visit DROP COLUMN id;
    ALTER TABLE phi_plain DROP COLUMN ssn; DROP TABLE phi_plain; DROP TABLE phi_absent;
    ALTER TABLE phi_visit ADD COLUMN x integer; ALTER TABLE phi_visit DROP COLUMN x;
    ALTER TABLE phi_visit ALTER COLUMN ssn SET DEFAULT ''x''');
-- The text alone knows no labels.
SELECT * FROM lint('ALTER TABLE phi_visit DROP COLUMN ssn', rules => 'text');

-- Views and copies that show it: by name, by star, through a subquery, a
-- join, an expression, WITH.
SELECT * FROM lint('CREATE VIEW a AS SELECT id, ssn FROM phi_visit;
    CREATE VIEW b AS SELECT * FROM phi_visit;
    CREATE VIEW c AS SELECT s.x FROM (SELECT upper(v.ssn) AS x FROM phi_visit AS v) AS s;
    CREATE VIEW d AS SELECT p.id, v.email FROM phi_plain AS p JOIN phi_visit AS v USING (id);
    CREATE VIEW e AS WITH w AS (SELECT ssn FROM phi_visit) SELECT count(*) FROM w;
    CREATE VIEW f AS SELECT id::text FROM phi_plain UNION SELECT anything FROM phi_whole;
    CREATE TABLE g AS SELECT ssn AS x FROM phi_visit;
    CREATE MATERIALIZED VIEW h AS SELECT ssn AS x FROM phi_visit') WHERE rule = 'phi-exposed';
-- What only decides which rows there are; another table's column of that name.
SELECT * FROM lint('CREATE VIEW a AS SELECT id, note FROM phi_visit WHERE ssn = ''x'';
    CREATE VIEW b AS SELECT p.ssn, v.id FROM phi_plain AS p JOIN phi_visit AS v USING (id);
    CREATE VIEW c AS SELECT p.* FROM phi_plain AS p, phi_visit AS v;
    CREATE TEMP VIEW d AS SELECT ssn FROM phi_visit') WHERE rule = 'phi-exposed';

-- New names that look like it: whole words, however they are joined.
SELECT * FROM lint('CREATE TABLE phi_new (id integer, ssn text, "dateOfBirth" date, home_phone text, mrn2 integer,
        "patientDOB" date, icd10 text, email_address text, zip_code text, insurance_number text);
    ALTER TABLE phi_plain ADD COLUMN diagnosis text;
    CREATE TABLE medications (id integer, email text)');
-- Words inside of words, references, flags and times; a table that is labelled already.
SELECT * FROM lint('CREATE TABLE phi_new (id integer, address_id integer, phone_verified boolean, email_sent_at timestamptz, "emailSettings" text, email_rate_limits text,
        dobby text, session text, emailer text, streetwise text, diagnosis_id integer, phones integer, classname text);
    ALTER TABLE phi_whole ADD COLUMN diagnosis text;
    CREATE TEMP TABLE phi_temp (ssn text);
    ALTER TABLE phi_plain ADD COLUMN ssn2 text; ALTER TABLE phi_plain DROP COLUMN ssn2');
-- A label in the same text, before or behind, on the column or the table.
SELECT * FROM lint('CREATE TABLE phi_new (id integer, ssn text, mrn text);
    SECURITY LABEL FOR hipaa_migrate ON COLUMN phi_new.ssn IS ''phi'';
    CREATE TABLE patients (id integer, ssn text);
    SECURITY LABEL FOR hipaa_migrate ON TABLE patients IS ''phi''');
-- The text alone can tell as much; the place is that of the column's statement.
SELECT l.statement_no, l.line, l.rule, l.safe_way FROM migrate_lint_sql(E'SELECT 1;\n\nCREATE TABLE phi_new (id integer, ssn text)', rules => 'text') AS l
    WHERE l.rule LIKE 'phi-%';

DROP FUNCTION lint(text, text);
DROP TABLE phi_visit, phi_empty, phi_whole, phi_plain;
