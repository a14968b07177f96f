--
-- names: what migrations and projects may be called, and how a name in an
-- argument finds its migration.
--
CREATE SCHEMA names_test;
SET search_path = names_test, public;

-- Registers and forgets again: what is the verdict on a name?
CREATE FUNCTION verdict(name text, project text DEFAULT 'default') RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migrate_register(name, 'SELECT 1', project => project);
    RAISE no_data_found;
EXCEPTION
    WHEN no_data_found THEN RETURN 'accepted';
    WHEN invalid_name THEN RETURN 'invalid';
    WHEN name_too_long THEN RETURN 'too long';
END
$$;

CREATE TABLE candidate (n integer GENERATED ALWAYS AS IDENTITY, name text);
INSERT INTO candidate (name) VALUES
    ('20250103000000-create-base-schema'),
    ('20250103000000-a'),
    ('20250103000000-2'),
    ('99999999999999-no-date-but-14-digits'),
    ('20250103000000-' || repeat('n', 48)),
    ('20250103000000-' || repeat('n', 49)),
    ('20250103000000'),
    ('20250103000000-'),
    ('20250103000000-a-'),
    ('20250103000000-a--b'),
    ('20250103000000_a'),
    ('20250103000000-a_b'),
    ('20250103000000-a.b'),
    ('20250103000000-Create'),
    ('2025010300000-thirteen-digits'),
    ('202501030000000-fifteen-digits'),
    ('create-base-schema'),
    ('V10__create_base_schema'),
    ('1'),
    (''),
    ('-'),
    ('-x'),
    ('.x'),
    ('_x'),
    (' 20250103000000-a'),
    ('20250103000000-a '),
    (E'20250103000000-a\n'),
    ('20250103000000-größe'),
    ('20250103000000-a;b'),
    ('other:20250103000000-a'),
    (repeat('n', 63)),
    (repeat('n', 64)),
    (repeat('é', 31)),
    (repeat('é', 32));

-- The strict rule: 14 digits, a dash, lower-case words joined by dashes.  The
-- relaxed one, for projects that come from elsewhere, widens it; 63 bytes
-- are the end for both.
SELECT name, verdict(name) AS strict FROM candidate ORDER BY n;
SET hipaa_migrate.name_rule = relaxed;
SELECT name, verdict(name) AS relaxed FROM candidate ORDER BY n;
RESET hipaa_migrate.name_rule;

-- What a person sees, who then knows how to write it.
SELECT * FROM migrate_register('create-base-schema', 'SELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate_register('20250103000000-' || repeat('n', 49), 'SELECT 1');
\echo :LAST_ERROR_SQLSTATE
SET hipaa_migrate.name_rule = relaxed;
SELECT * FROM migrate_register('größe', 'SELECT 1');
RESET hipaa_migrate.name_rule;
SELECT * FROM migrate_register(NULL, 'SELECT 1');

-- A project's name is of the relaxed kind, whatever the rule is.
SELECT project, verdict('20250103000000-a', project) AS verdict
FROM unnest(ARRAY['clinic', 'Clinic_2.north', repeat('n', 63), repeat('n', 64),
                  '', '-clinic', 'a:b', 'größe']) AS project;
SELECT * FROM migrate_register('20250103000000-a', 'SELECT 1',
                               project => 'north clinic');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate_register('20250103000000-a', 'SELECT 1', project => NULL);

-- Two services in one database may both have a migration of one name.  The
-- default project is not shown, any other stands before a colon.
SELECT migration FROM migrate_register('20250103000000-a', 'SELECT 1');
SELECT migration FROM migrate_register('20250103000000-a', 'SELECT 1',
                                       project => 'names_clinic');
SELECT migration FROM migrate_register('20250103000000-b', 'SELECT 1',
                                       project => 'names_clinic');
SELECT migration FROM migrate_status() WHERE migration ~ '20250103000000';

-- A name alone finds the only migration of that name; which of two is meant
-- is not guessed.
SELECT statement FROM migrate_show('20250103000000-b');
SELECT statement FROM migrate_show('20250103000000-a');
\echo :LAST_ERROR_SQLSTATE
SELECT statement FROM migrate_show('names_clinic:20250103000000-a');
SELECT statement FROM migrate_show('default:20250103000000-a');

-- What is not there is named, with where to look.
SELECT statement FROM migrate_show('20250103000000-c');
\echo :LAST_ERROR_SQLSTATE
SELECT statement FROM migrate_show('elsewhere:20250103000000-a');
SELECT statement FROM migrate_show('');

-- Names are case sensitive and never patterns.
SELECT statement FROM migrate_show('20250103000000-A');
SELECT statement FROM migrate_show('20250103000000-_');

SET client_min_messages = warning;
SELECT count(migrate_unregister(
           CASE WHEN migration ~ ':' THEN '' ELSE 'default:' END || migration,
           'end of the test'))
FROM migrate_status() WHERE migration ~ '20250103000000';
DROP SCHEMA names_test CASCADE;
