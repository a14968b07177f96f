-- Which locks a migration takes, and who waits for it meanwhile; that they
-- are the ones that the server takes, test/tap/lint_locks.pl proves.
SET client_min_messages = warning;
CREATE TABLE lock_person (id integer PRIMARY KEY, name text);
CREATE TABLE lock_visit (id integer PRIMARY KEY, person_id integer REFERENCES lock_person);
INSERT INTO lock_person SELECT i, 'x' FROM generate_series(1, 1000) AS i;
ANALYZE lock_person;
CREATE INDEX lock_person_name ON lock_person (name);
CREATE VIEW lock_names AS SELECT name FROM lock_person;

-- Without a parameter for the direction, that of the way up; what the plan
-- itself makes keeps nobody waiting, and what a lock was taken for comes first.
SELECT outcome FROM migrate_register('20250101000000-locks', $$
CREATE TABLE lock_new (id integer, visit_id integer REFERENCES lock_visit);
CREATE INDEX ON lock_new (id);
ALTER TABLE lock_person ADD COLUMN born date;
CREATE INDEX ON lock_person (born);
COMMENT ON TABLE lock_visit IS 'x';
DO 'BEGIN
    PERFORM 1 FROM lock_names;
    UPDATE lock_visit SET person_id = 1;
END';
$$, down => 'DROP TABLE lock_new; ALTER TABLE lock_person DROP COLUMN born');
SELECT * FROM migrate_locks('20250101000000-locks');
SELECT * FROM migrate_locks('20250101000000-locks', direction => 'down');

-- What is built concurrently lets go of its locks before the end.
SELECT outcome FROM migrate_register('20250101000001-online',
    'CREATE INDEX CONCURRENTLY lock_person_id ON lock_person (id); DROP INDEX CONCURRENTLY lock_person_name; VACUUM FULL lock_visit',
    transactional => 'no');
SELECT statement_no, relation, lock_mode, blocks, held FROM migrate_locks('20250101000001-online');

-- What is not there: skipped by IF EXISTS, otherwise told by the text.
SELECT outcome FROM migrate_register('20250101000002-absent',
    'TRUNCATE lock_absent; DROP TABLE IF EXISTS lock_absent_2; ALTER TABLE IF EXISTS lock_absent_3 ADD a integer');
SELECT statement_no, relation, lock_mode, blocks, row_estimate FROM migrate_locks('20250101000002-absent');

-- A down that nobody wrote takes no locks; directions have two names.
SELECT * FROM migrate_locks('20250101000002-absent', 'down');
SELECT * FROM migrate_locks('20250101000002-absent', 'sideways');
SELECT * FROM migrate_locks('20250101000009-unknown');
SELECT * FROM migrate_locks(NULL);

-- Applied: its down is what runs next, and its up can still be looked at.
SELECT count(*) FROM migrate_up('20250101000000-locks');
SELECT statement_no, relation, lock_mode FROM migrate_locks('20250101000000-locks', 'down');
SELECT statement_no, relation, lock_mode FROM migrate_locks('20250101000000-locks')
 WHERE statement_no > 2;

SELECT outcome FROM migrate_down('20250101000000-locks', reason => 'end of the test');
SELECT count(migrate_unregister(m, 'end of the test'))
  FROM unnest('{20250101000000-locks,20250101000001-online,20250101000002-absent}'::text[]) AS m;
DROP TABLE lock_person, lock_visit CASCADE;
