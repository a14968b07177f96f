--
-- Load: from folders and files to the registry.
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set formats :abs_srcdir '/test/formats'
\pset null '-'

-- In a database of its own: what is registered here is not for other tests.
SELECT current_database() AS home, current_user AS super \gset
CREATE DATABASE regress_load ENCODING 'UTF8' TEMPLATE template0;
\c regress_load
CREATE EXTENSION hipaa_migrate;

-- Only what is in the registry counts as registered.
CREATE VIEW registered AS
SELECT project, name, revision, source
  FROM hipaa_migrate.migration JOIN hipaa_migrate.migration_revision USING (migration_id, revision);

--
-- Arguments
--
SELECT * FROM migrate_load(NULL);
SELECT * FROM migrate_load(:'formats' || '/goose', NULL);
SELECT * FROM migrate_load(:'formats' || '/goose', 'goose', 'everything');
SELECT * FROM migrate_load(:'formats' || '/goose', 'no/project');
SELECT * FROM migrate_load('no-such-folder');
SELECT * FROM migrate_load('PG_VERSION');
SELECT * FROM migrate_load_files('{a.sql}', NULL);
SELECT * FROM migrate_load_files('{a.sql,b.sql}', '{""}');
SELECT * FROM migrate_register_file('a.sql', NULL);
-- A folder without any file is no error: nothing is there to register.
SELECT * FROM migrate_load_files('{}', '{}');

--
-- Modes
--
-- check says what would happen, and nothing does.
SELECT * FROM migrate_load(:'formats' || '/goose', 'goose', 'check');
SELECT count(*) FROM registered;
-- Also after an error: the transaction goes on.
BEGIN;
SAVEPOINT before;
SELECT * FROM migrate_load_files('{1_a.up.sql}', '{SELEC}', mode => 'check');
ROLLBACK TO before;
SELECT migration, outcome FROM migrate_load_files('{1_a.up.sql}', '{SELECT}', mode => 'check');
COMMIT;
SELECT count(*) FROM registered;
-- add registers; the same again is unchanged, another text a revision.
SELECT * FROM migrate_load(:'formats' || '/goose', 'goose', source => '{"commit": "1f2e3d"}');
SELECT project, name, source FROM registered ORDER BY name;
SELECT migration, outcome, revision FROM migrate_load(:'formats' || '/goose', 'goose');
SELECT migration, outcome, revision FROM migrate_load_files(
    '{00001_create_ward.sql}', ARRAY['-- +goose Up' || chr(10) || 'CREATE TABLE ward ();']::bytea[], 'goose', 'check');
SELECT migration, outcome, revision FROM migrate_load_files(
    '{00001_create_ward.sql}', ARRAY['-- +goose Up' || chr(10) || 'CREATE TABLE ward ();']::bytea[], 'goose');
-- exact also names what is registered and gone, of this project only, and
-- whoever registered it; it takes nothing out.
SELECT migration, outcome FROM migrate_register('20250101000000-by-hand', 'SELECT 1', project => 'goose');
SELECT migration, outcome FROM migrate_register('20250101000000-elsewhere', 'SELECT 1', project => 'other');
SELECT * FROM migrate_load_files(
    '{00001_create_ward.sql,notes.txt}', ARRAY['-- +goose Up' || chr(10) || 'CREATE TABLE ward ();', NULL]::bytea[], 'goose', 'exact');
SELECT count(*) FROM registered WHERE project = 'goose';
-- An unregistered one is not gone, it is out.
SELECT migrate_unregister('goose:20250101000000-by-hand', 'registered by mistake');
SELECT migration, outcome FROM migrate_load(:'formats' || '/goose', 'goose', 'exact') WHERE outcome <> 'ignored';

--
-- All or nothing
--
SELECT * FROM migrate_load_files('{1_a.up.sql,2_b.up.sql,3_c.up.sql}', '{SELECT 1,SELECT 2;SELEC 3,SELECT 4}', 'broken');
SELECT * FROM migrate_load_files('{1_a.up.sql,2_b.up.sql}', ARRAY['SELECT 1', E'\\\\echo 2']::bytea[], 'broken');
SELECT * FROM migrate_load_files('{1_a.up.sql,2_b.up.sql}', '{SELECT 1,-- nothing}', 'broken');
SELECT * FROM migrate_load_files('{1_a.up.sql,2_b.up.sql}', '{SELECT 1,ROLLBACK}', 'broken');
-- BEGIN and COMMIT are what other tools' scripts have.
SELECT migration, outcome FROM migrate_load_files('{1_a.up.sql}', '{BEGIN;SELECT 1;COMMIT}', 'shed');
SELECT count(*) FROM registered WHERE project = 'broken';

--
-- Encoding: UTF-8, with or without byte order mark, nothing else
--
SELECT migration, outcome FROM migrate_load_files('{1_a.up.sql}', ARRAY['\xefbbbf' || convert_to('SELECT ''é''', 'UTF8')], 'bytes');
SELECT up = 'SELECT ''é''' AS bare FROM hipaa_migrate.migration
  JOIN hipaa_migrate.migration_revision USING (migration_id, revision) WHERE project = 'bytes';
SELECT migration, outcome FROM migrate_register_file('1_a.up.sql', U&'\FEFFSELECT ''é''', 'bytes');
SELECT * FROM migrate_load_files('{x/1_a.up.sql}', ARRAY[convert_to(E'SELECT 1;\n\nSELECT ''é''', 'LATIN1')], 'bytes');
SELECT * FROM migrate_load_files('{x/1_a.up.sql}', ARRAY[convert_to(E'SELECT 1;\nSELECT 2;', 'UTF8') || '\x00'], 'bytes');
SELECT * FROM migrate_load_files('{x/1_a.up.sql}', ARRAY['\xfffe530045004c00'::bytea], 'bytes');
-- Also in a file that no format would have claimed.
SELECT * FROM migrate_load_files('{seed.sql}', '{"\\xff"}', 'bytes');

--
-- What has moved
--
-- A changeset put in before registered ones would run those again.
SELECT migration FROM migrate_register_file('1.sql',
    E'--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n--changeset a:2\nSELECT 2;', 'moved');
SELECT migration FROM migrate_register_file('1.sql',
    E'--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n--changeset a:3\nSELECT 3;\n--changeset a:2\nSELECT 2;', 'moved');
-- At the end it is new; the same author and number in another file is another.
SELECT migration, outcome FROM migrate_register_file('1.sql',
    E'--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n--changeset a:2\nSELECT 2;\n--changeset a:3\nSELECT 3;', 'moved');
SELECT migration, outcome FROM migrate_register_file('2.sql',
    E'--liquibase formatted sql\n--changeset a:1\nSELECT 1;', 'moved');
-- sqitch: a rework keeps the first one's name although its files are renamed.
SELECT migration, outcome FROM migrate_load_files('{sqitch.plan,deploy/a.sql}',
    ARRAY[E'a 2025-01-03T00:00:00Z a <a@b>\n@v1 2025-01-03T00:00:00Z a <a@b>', 'SELECT 1']::bytea[], 'reworked');
SELECT migration, outcome FROM migrate_load_files('{sqitch.plan,deploy/a.sql,deploy/a@v1.sql}',
    ARRAY[E'a 2025-01-03T00:00:00Z a <a@b>\n@v1 2025-01-03T00:00:00Z a <a@b>\na [a@v1] 2025-01-04T00:00:00Z a <a@b>',
          'SELECT 2', 'SELECT 1']::bytea[], 'reworked');

--
-- Single files
--
SELECT migration, revision, outcome, length(checksum), statements, details
  FROM migrate_register_file('V1.2__Add_beds.sql', 'SELECT 1; SELECT 2;', 'single', '{"pull_request": 7}');
SELECT name, source FROM registered WHERE project = 'single';
SELECT migration, statements FROM migrate_register_file('log/7.sql',
    E'--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n--changeset a:2 dbms:h2\nSELECT 2;\n--changeset a:3\nSELECT 3;', 'single');
SELECT * FROM migrate_register_file('seed.sql', 'SELECT 1;', 'single');
SELECT * FROM migrate_register_file('notes.md', 'SELECT 1;', 'single');
SELECT * FROM migrate_register_file('1_a.down.sql', 'SELECT 1;', 'single');

--
-- Privileges
--
CREATE ROLE regress_load_author LOGIN;
CREATE ROLE regress_load_reader LOGIN;
GRANT pg_read_server_files TO regress_load_reader;
-- migrate_load reads the server's disk: the role that pg_read_file asks for ...
\c - regress_load_author
SELECT * FROM migrate_load(:'formats' || '/goose', 'mine');
-- ... and the capability author, which sending files needs as well.
SELECT * FROM migrate_load_files('{1_a.up.sql}', '{SELECT}', 'mine');
SELECT * FROM migrate_load_files('{1_a.up.sql}', '{SELECT}', 'mine', 'check');
SELECT * FROM migrate_register_file('1_a.up.sql', 'SELECT', 'mine');
\c - regress_load_reader
SELECT * FROM migrate_load(:'formats' || '/goose', 'mine');
\c - :super
SELECT migrate_grant('author', 'regress_load_author');
\c - regress_load_author
SELECT * FROM migrate_load(:'formats' || '/goose', 'mine');
SELECT migration, outcome FROM migrate_load_files('{1_a.up.sql}', '{SELECT}', 'mine');
SELECT migration, outcome FROM migrate_register_file('2_b.up.sql', 'SELECT', 'mine');
\c - :super
SELECT migrate_revoke('author', 'regress_load_author');
DROP ROLE regress_load_author, regress_load_reader;

\c :home
DROP DATABASE regress_load;
