-- What an approver needs to see of a migration, on one screen.
SELECT current_user AS superuser \gset
SET client_min_messages = warning;
SET hipaa_migrate.busy_table = 2147483647;
CREATE TABLE review_student (id integer PRIMARY KEY, ssn text, name varchar(10));
INSERT INTO review_student SELECT i, 'x' FROM generate_series(1, 2000) AS i;
ANALYZE review_student;
SECURITY LABEL FOR hipaa_migrate ON COLUMN review_student.ssn IS 'phi';
CREATE TABLE review_note (id integer);
CREATE ROLE regress_review_author LOGIN;
CREATE ROLE regress_review_other LOGIN;
CREATE ROLE regress_review_approver LOGIN;
CREATE ROLE regress_review_nobody LOGIN;
SELECT migrate_grant('author', 'regress_review_author');
SELECT migrate_grant('author', 'regress_review_other');
SELECT migrate_grant('approver', 'regress_review_approver');

-- Without what depends on the day, and on how many rows there are.
CREATE FUNCTION review(name text, direction text DEFAULT NULL)
    RETURNS TABLE (section text, item text, value text)
    LANGUAGE sql AS
$$ SELECT r.section, r.item, CASE WHEN r.item IN ('registered at', 'SHA-256') THEN '...'
          ELSE regexp_replace(r.value, '(about|number) \d+', '\1 ...') END
     FROM migrate_review(name, direction) AS r $$;
CREATE FUNCTION review_hash(name text, direction text DEFAULT NULL)
    RETURNS text LANGUAGE sql AS
$$ SELECT r.value FROM migrate_review(name, direction) AS r WHERE r.section = 'this review' $$;

-- All there is: facts, texts, findings, locks, risk, health information.
\c - regress_review_author
SET client_min_messages = warning;
SELECT outcome FROM migrate_register('20250101000000-review',
    'ALTER TABLE review_student ADD born date;
CREATE INDEX review_name_idx
    ON review_student (name);
-- waive: truncate there is nothing in it
TRUNCATE review_note;',
    'ALTER TABLE review_student DROP born;',
    description => 'when students were born', verify => 'SELECT born FROM review_student',
    source => '{"commit": "0123abc", "author": "Ada Lovelace <ada@example.org>"}');
SELECT migrate_waive('20250101000000-review', 'index-not-concurrent', 'nobody is there at night') > 0 AS given;
\c - regress_review_approver
\pset format unaligned
SELECT * FROM review('20250101000000-review');
-- Its down, as if it had run.
SELECT * FROM review('20250101000000-review', 'down') WHERE section NOT IN ('source', 'migration');
\pset format aligned

\c - :superuser
SET client_min_messages = warning;
SET hipaa_migrate.busy_table = 2147483647;

-- Health information by its name, by a label that the text gives, by a table that is only referred to; and none.
CREATE FUNCTION health(up text)
    RETURNS TABLE (item text, value text)
    LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM FROM migrate_register('20250101000001-review', up, 'SELECT 1');
    RETURN QUERY SELECT r.item, r.value FROM migrate_review('20250101000001-review') AS r
        WHERE r.section = 'health information';
    PERFORM migrate_unregister('20250101000001-review', 'seen');
END $$;
SELECT * FROM health('CREATE TABLE review_new (id integer PRIMARY KEY, diagnosis text)');
SELECT * FROM health('CREATE TABLE review_new (id integer PRIMARY KEY, diagnosis text);
    SECURITY LABEL FOR hipaa_migrate ON COLUMN review_new.diagnosis IS ''phi''');
SELECT * FROM health('CREATE TABLE review_new (id integer PRIMARY KEY REFERENCES review_student)');
SELECT * FROM health('UPDATE review_student SET name = ''y''');
SELECT * FROM health('DO ''BEGIN DELETE FROM review_student; END''');
SELECT * FROM health('CREATE TABLE review_new (id integer PRIMARY KEY, day date); ALTER TABLE review_note ADD day date');

-- The hash is the same for whoever asks and whatever grows, until it matters.
SELECT review_hash('20250101000000-review') AS first \gset
\c - regress_review_approver
SET timezone = 'Asia/Tokyo';
SELECT review_hash('20250101000000-review') = :'first' AS same;
-- Moments are those of whoever asks.
SELECT value ~ '^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+09$' AS in_tokyo
FROM migrate_review('20250101000000-review') WHERE item = 'registered at';
SELECT review_hash('20250101000000-review', 'down') = :'first' AS same;
\c - :superuser
SET client_min_messages = warning;
SET hipaa_migrate.busy_table = 2147483647;
INSERT INTO review_student SELECT i, 'x' FROM generate_series(2001, 4000) AS i;
ANALYZE review_student;
SELECT review_hash('20250101000000-review') = :'first' AS same;
SET hipaa_migrate.large_table = 3000;
SELECT review_hash('20250101000000-review') = :'first' AS same;
RESET hipaa_migrate.large_table;
SELECT review_hash('20250101000000-review') = :'first' AS same;
SELECT migrate_waive_end(waiver_id, 'there is a night shift now')
  FROM hipaa_migrate.waiver_list WHERE migration = '20250101000000-review';
SELECT review_hash('20250101000000-review') = :'first' AS same;

-- What is in the database goes down next; what never can, does not.
SELECT outcome FROM migrate_up('20250101000000-review');
SELECT section, item, value FROM review('20250101000000-review') WHERE item IN ('direction', 'state');
SELECT value LIKE 'SELECT * FROM migrate_approve(''20250101000000-review'', ''____________'', direction => ''down'');' AS exact
  FROM review('20250101000000-review') WHERE section = 'to approve';
SELECT section, item, value FROM review('20250101000000-review', 'up') WHERE item IN ('direction', 'state');
SELECT outcome FROM migrate_register('20250101000002-review', 'SELECT 1', project => 'review');
SELECT * FROM migrate_review('review:20250101000002-review', 'down');
SELECT value ~ '^SELECT \* FROM migrate_approve\(''review:20250101000002-review'', ''[0-9a-f]{12}''\);$' AS exact
  FROM review('review:20250101000002-review') WHERE section = 'to approve';
SELECT * FROM migrate_review('20250101000009-absent');
SELECT * FROM migrate_review('20250101000000-review', 'sideways');
SELECT * FROM migrate_review(NULL);

-- Its own author, and whoever may read all.
\c - regress_review_author
SELECT count(*) > 0 AS read FROM migrate_review('20250101000000-review');
\c - regress_review_other
SELECT count(*) > 0 AS read FROM migrate_review('20250101000000-review');
\c - regress_review_nobody
SELECT count(*) > 0 AS read FROM migrate_review('20250101000000-review');

\c - :superuser
SET client_min_messages = warning;
SELECT outcome FROM migrate_down('20250101000000-review', reason => 'end of the test');
SELECT count(migrate_unregister(m, 'end of the test'))
  FROM unnest('{20250101000000-review,review:20250101000002-review}'::text[]) AS m;
SELECT migrate_revoke('author', 'regress_review_author');
SELECT migrate_revoke('author', 'regress_review_other');
SELECT migrate_revoke('approver', 'regress_review_approver');
DROP ROLE regress_review_author, regress_review_other, regress_review_approver, regress_review_nobody;
DROP FUNCTION review(text, text), review_hash(text, text), health(text);
DROP TABLE review_student, review_note;
