-- How risky a migration is: what the matrix says of its statements, what the
-- linter finds, what the catalogs forgive or make worse, and what decided.
SET client_min_messages = warning;
SET hipaa_migrate.busy_table = 2147483647;
CREATE TABLE risk_small (id integer, name varchar(10), note text);
INSERT INTO risk_small SELECT i, 'x' FROM generate_series(1, 5000) AS i;
CREATE TABLE risk_large AS SELECT * FROM risk_small;
CREATE TABLE risk_empty (LIKE risk_small);
CREATE TABLE risk_person (id integer PRIMARY KEY, ssn text, name text);
INSERT INTO risk_person SELECT i, 'x' FROM generate_series(1, 5000) AS i;
SECURITY LABEL FOR hipaa_migrate ON COLUMN risk_person.ssn IS 'phi';
CREATE TYPE risk_mood AS ENUM ('well');
CREATE VIEW risk_view AS SELECT id FROM risk_small;
ANALYZE risk_small, risk_large, risk_person;
SET hipaa_migrate.small_table = 100;
SET hipaa_migrate.large_table = 1000000;

-- What the matrix alone makes of a text; rules have their own tests.
CREATE FUNCTION matrix(up text)
    RETURNS TABLE (adds text, source text, object text, reason text, forgiven_because text)
    LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM FROM migrate_register('20250101000000-risk', up, 'SELECT 1', transactional => 'auto');
    RETURN QUERY SELECT r.adds, r.source, r.object, r.reason, r.forgiven_because
        FROM migrate_risk('20250101000000-risk') AS r WHERE r.source <> 'rule' AND r.reason !~ '^(statement \d+: )?[a-z-]+: ';
    PERFORM migrate_unregister('20250101000000-risk', 'seen');
END $$;

-- LOW: an index on an empty table or a concurrent one, a nullable column, new things.
SELECT * FROM matrix('CREATE INDEX ON risk_empty (id); CREATE INDEX ON risk_small (id)');
SELECT * FROM matrix('CREATE INDEX CONCURRENTLY ON risk_small (id)');
SELECT * FROM matrix('ALTER TABLE risk_small ADD born date; ALTER TABLE risk_small ALTER name SET DEFAULT ''x''');
SELECT * FROM matrix('CREATE TABLE risk_new (id integer REFERENCES risk_person); ALTER TABLE risk_new RENAME id TO key;
    INSERT INTO risk_new SELECT id FROM risk_small; DROP TABLE risk_new; CREATE VIEW v AS SELECT 1; CREATE SEQUENCE s');
-- MEDIUM: a column that is NOT NULL, an enum.
SELECT * FROM matrix('ALTER TABLE risk_small ADD a integer NOT NULL DEFAULT 0, ADD b serial; ALTER TYPE risk_mood ADD VALUE ''ill''');
SELECT * FROM matrix('ALTER TABLE risk_small ADD CHECK (id > 0), ALTER id SET NOT NULL; CREATE OR REPLACE VIEW risk_view AS SELECT id FROM risk_large;
    CREATE POLICY p ON risk_small; GRANT SELECT ON risk_small TO CURRENT_USER');
-- HIGH: rows, and columns that go.
SELECT * FROM matrix('UPDATE risk_small SET name = NULL; DELETE FROM risk_small; INSERT INTO risk_small SELECT 1 FROM risk_large;
    INSERT INTO risk_small VALUES (1); ALTER TABLE risk_small DROP note');
-- CRITICAL: restructuring and foreign keys.
SELECT * FROM matrix('ALTER TABLE risk_small ADD FOREIGN KEY (id) REFERENCES risk_person; ALTER TABLE risk_small ALTER name TYPE integer USING 1;
    ALTER TABLE risk_small RENAME note TO notes; DROP TABLE risk_large; ALTER TABLE risk_small RENAME TO risk_old');
-- An empty table is forgiven all of it; a type that changes no row, much.
SELECT * FROM matrix('ALTER TABLE risk_empty ADD FOREIGN KEY (id) REFERENCES risk_person; ALTER TABLE risk_empty DROP note; DROP TABLE risk_empty');
SELECT * FROM matrix('ALTER TABLE risk_small ALTER name TYPE varchar(20)');
-- Nothing that lasts, inside of DO, and in WITH.
SELECT * FROM matrix('SELECT 1; SET LOCAL work_mem = ''1MB''; COMMENT ON TABLE risk_small IS ''x''');
SELECT * FROM matrix('DO ''BEGIN ALTER TABLE risk_small DROP note; END''; WITH d AS (DELETE FROM risk_large RETURNING 1) SELECT * FROM d');
-- Who may do what.
SELECT * FROM matrix('CREATE ROLE regress_risk; DROP OWNED BY regress_risk');

-- A large table, and one that holds health information, count a step more.
SET hipaa_migrate.large_table = 1000;
SELECT * FROM matrix('CREATE INDEX ON risk_small (id)');
SELECT * FROM matrix('CREATE INDEX CONCURRENTLY ON risk_small (id)');
SELECT * FROM matrix('ALTER TABLE risk_small ADD born date');
SELECT * FROM matrix('UPDATE risk_small SET name = NULL');
SET hipaa_migrate.large_table = 1000000;
SELECT * FROM matrix('ALTER TABLE risk_person ADD born date; CREATE INDEX ON risk_person (name)');
-- A busy one, too, where somebody has to wait.
SET hipaa_migrate.busy_table = 1;
SELECT pg_stat_reset() IS NOT NULL AS reset;
INSERT INTO risk_small SELECT i, 'y' FROM generate_series(1, 5000) AS i;
SELECT pg_stat_force_next_flush() IS NOT NULL AS flushed;
SELECT * FROM matrix('ALTER TABLE risk_small ADD born date; CREATE INDEX ON risk_small (id)');
SELECT * FROM matrix('CREATE INDEX CONCURRENTLY ON risk_small (id)');
SET hipaa_migrate.busy_table = 2147483647;

-- All reasons together; those that add as much as the risk decided it. What
-- is waived adds nothing.
CREATE FUNCTION risk(migration text)
    RETURNS TABLE (risk text, adds text, source text, object text, reason text, forgiven_because text)
    LANGUAGE sql AS
$$ SELECT r.risk, r.adds, r.source, r.object, regexp_replace(r.reason, '^(statement \d+: )?([a-z-]+): .*', '\1\2: ...'), r.forgiven_because
     FROM migrate_risk(migration) AS r
    WHERE r.source IN ('matrix', 'phi') OR r.reason ~ 'explicit-lock-table|index-not-concurrent' $$;
SELECT outcome FROM migrate_register('20250101000000-risk',
    'LOCK TABLE risk_small; CREATE INDEX ON risk_small (id); CREATE INDEX ON risk_empty (id)', down => 'DROP INDEX risk_small_id_idx; TRUNCATE risk_small');
SET hipaa_migrate.small_table = 10;
SELECT * FROM risk('20250101000000-risk');
SELECT migrate_waive('20250101000000-risk', 'explicit-lock-table', 'at night') > 0 AS waived;
SELECT adds, source, reason, forgiven_because = 'waived by ' || current_user AS waived FROM risk('20250101000000-risk') WHERE reason ~ 'explicit';
SET hipaa_migrate.large_table = 1000;
SELECT * FROM risk('20250101000000-risk') WHERE reason ~ 'index-not';
SET hipaa_migrate.large_table = 1000000;

-- The plan and the status show it; a step that rewrites says what.
DROP VIEW risk_view;
SELECT outcome FROM migrate_register('20250101000001-rewrite',
    'CREATE TABLE risk_next (id integer); ALTER TABLE risk_next ALTER id TYPE text; ALTER TABLE risk_small ALTER id TYPE bigint', down => 'SELECT 1');
SELECT outcome FROM migrate_register('20250101000002-nothing', 'SELECT 1', down => 'SELECT 2');
-- The plan goes by the server's settings, whatever this session takes for large.
SELECT step, migration, risk, worst_lock, rewrites, reason FROM migrate_plan();
SELECT migration, state, risk FROM migrate_status() WHERE migration LIKE '2025010100000_-%';
SELECT count(*) FROM migrate_up();
SELECT migration, state, risk FROM migrate_status() WHERE migration LIKE '2025010100000_-%';
SELECT step, migration, risk, worst_lock, rewrites, reason FROM migrate_plan('20250101000000-risk', direction => 'down');
-- Of what is applied, the way down is what can run next.
SELECT * FROM risk('20250101000000-risk');
SELECT * FROM migrate_risk('20250101000009-absent');
SELECT * FROM migrate_risk(NULL);

-- Of more than 200 that are due, nobody asks for all risks at once.
SELECT count(migrate_register(to_char(20260101000000 + i, 'FM00000000000000') || '-many', 'SELECT 1', 'SELECT 2', project => 'risk_many'))
  FROM generate_series(1, 201) AS i;
SELECT count(*), count(risk) AS with_risk FROM migrate_plan(project => 'risk_many');
SELECT count(*), count(risk) AS with_risk FROM migrate_status('risk_many');
SELECT migrate_unregister('risk_many:20260101000201-many', 'one less') IS NOT NULL AS unregistered;
SELECT count(*), count(risk) AS with_risk FROM migrate_plan(project => 'risk_many');
SELECT count(migrate_unregister(s.migration, 'end of the test')) FROM migrate_status('risk_many') AS s;

SELECT outcome FROM migrate_down_to('20250101000000-risk', reason => 'end of the test');
SELECT outcome FROM migrate_down('20250101000000-risk', reason => 'end of the test');
SELECT count(migrate_unregister(m, 'end of the test'))
  FROM unnest('{20250101000000-risk,20250101000001-rewrite,20250101000002-nothing}'::text[]) AS m;
DROP FUNCTION matrix(text), risk(text);
DROP TABLE risk_small, risk_large, risk_empty, risk_person, risk_next;
DROP TYPE risk_mood;
