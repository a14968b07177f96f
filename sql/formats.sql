--
-- Formats: what the files of other tools become.
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set formats :abs_srcdir '/test/formats'
\pset null '-'

-- In a database of its own: what is registered here is not for other tests.
SELECT current_database() AS home, current_user AS super \gset
CREATE DATABASE regress_formats ENCODING 'UTF8' TEMPLATE template0;
\c regress_formats
CREATE EXTENSION hipaa_migrate;

-- Everything that a format decides about the migrations of a project.
PREPARE names (text) AS
SELECT m.name, r.original_name AS original, r.kind, r.transactional AS tx,
       r.up_line AS up, CASE WHEN r.down IS NOT NULL THEN r.down_line END AS down,
       r.verify IS NOT NULL AS verify
  FROM hipaa_migrate.migration AS m
  JOIN hipaa_migrate.migration_revision AS r USING (migration_id, revision)
 WHERE m.project = $1 ORDER BY m.name;
PREPARE details (text) AS
SELECT m.name, r.description, r.run_as,
       (SELECT string_agg(concat_ws(':', nullif(d.project, $1), d.name), ', ' ORDER BY ordinal)
          FROM hipaa_migrate.migration_dependency AS d
         WHERE (d.migration_id, d.revision) = (m.migration_id, m.revision)) AS depends_on
  FROM hipaa_migrate.migration AS m
  JOIN hipaa_migrate.migration_revision AS r USING (migration_id, revision)
 WHERE m.project = $1 ORDER BY m.name;

-- Pairs: by number (9 before 10), header lines, a down without an up.
SELECT * FROM migrate_load(:'formats' || '/pairs', 'pairs');
EXECUTE names ('pairs');
EXECUTE details ('pairs');

-- Folders: the same with up.sql and down.sql; time stamps with dashes and
-- with milliseconds.
SELECT * FROM migrate_load(:'formats' || '/folders', 'folders');
EXECUTE names ('folders');

-- dbmate: options, headers before and behind the marker, CRLF.
SELECT * FROM migrate_load(:'formats' || '/dbmate', 'dbmate');
EXECUTE names ('dbmate');
EXECUTE details ('dbmate');

-- goose: function bodies, NO TRANSACTION, what is not SQL is listed.
SELECT * FROM migrate_load(:'formats' || '/goose', 'goose');
EXECUTE names ('goose');

-- Flyway: V10 after V9.2, undo, repeatable ones last, settings file,
-- baseline left out beside what it holds.
SELECT file, migration, outcome, message FROM migrate_load(:'formats' || '/flyway', 'flyway');
EXECUTE names ('flyway');
EXECUTE details ('flyway');

-- Liquibase: the place in the file keeps the order; another database's
-- changeset leaves its place empty; rollbacks keep the lines of the file.
SELECT file, migration, outcome, message FROM migrate_load(:'formats' || '/liquibase', 'liquibase');
EXECUTE names ('liquibase');
EXECUTE details ('liquibase');
SELECT name, up, down FROM hipaa_migrate.migration
  JOIN hipaa_migrate.migration_revision USING (migration_id, revision)
 WHERE project = 'liquibase' AND name ~ 'index-ward|fill-ward|ward-view' ORDER BY name;

-- sqitch: the order of the plan where its times are not, dependencies, a
-- reworked change, several paths.
SELECT file, migration, outcome, message FROM migrate_load(:'formats' || '/sqitch', 'sqitch');
EXECUTE names ('sqitch');
EXECUTE details ('sqitch');

-- Loading the same again changes nothing, in any format.
SELECT format, outcome, count(*)
  FROM unnest('{pairs,folders,dbmate,goose,flyway,liquibase,sqitch}'::text[]) AS f (name),
       migrate_load(:'formats' || '/' || f.name, f.name)
 WHERE outcome <> 'ignored' GROUP BY 1, 2 ORDER BY 1, 2;

--
-- Single files, as name and content; nothing is registered.
--
CREATE FUNCTION try(VARIADIC files text[])
RETURNS TABLE (file text, migration text, format text, outcome text, message text)
LANGUAGE sql AS $$
  SELECT l.file, l.migration, l.format, l.outcome, l.message
    FROM (SELECT array_agg(files[n] ORDER BY n), array_agg(convert_to(files[n + 1], 'UTF8') ORDER BY n)
            FROM generate_series(1, cardinality(files), 2) AS n) AS f (names, contents),
         migrate_load_files(f.names, f.contents, mode => 'check') AS l
$$;
\set SHOW_CONTEXT never

-- A folder of several tools: each file goes to the first that knows it.
SELECT * FROM try(
    'b/20250103000001_goose.sql', E'-- +goose Up\nSELECT 1;',
    'a/20250103000000_dbmate.sql', E'-- migrate:up\nSELECT 1;',
    'V1__flyway.sql', 'SELECT 1;',
    '3_pair.up.sql', 'SELECT 1;',
    '4_folder/up.sql', 'SELECT 1;',
    'up.sql', 'SELECT 1;',
    'changes/5_log.sql', E'\n--LIQUIBASE formatted SQL\n-- ChangeSet a:1\nSELECT 1;',
    'plan/sqitch.plan', E'%project=p\nc 2025-01-03T00:00:00Z a <a@b>\n',
    'plan/deploy/c.sql', 'SELECT 1;',
    'plan/other.sql', 'SELECT 1;');

-- Names: strict ones stay, others are padded, cut, made of words.
SELECT migration FROM try(
    '20250103000000-create-base-schema.up.sql', 'SELECT 1;',
    '20250103000001_Créer_la__TABLE!.up.sql', 'SELECT 1;',
    '20250103000002.up.sql', 'SELECT 1;',
    '20250103_99.up.sql', 'SELECT 1;',
    '1500360784_unix_time.up.sql', 'SELECT 1;',
    '1500360784123_in_ms.up.sql', 'SELECT 1;',
    '2025-02-03_daily.up.sql', 'SELECT 1;',
    '000007_seven.up.sql', 'SELECT 1;',
    '20250103000003_' || repeat('long_', 20) || 'a.up.sql', 'SELECT 1;',
    '20250103000004_' || repeat('long_', 20) || 'b.up.sql', 'SELECT 1;') ORDER BY 1;
SELECT migration, file FROM try(
    'V1__a.sql', 'SELECT 1;',
    'V1.0.1__b.sql', 'SELECT 1;',
    'V2_3_4__c.sql', 'SELECT 1;',
    'V000012__d.sql', 'SELECT 1;',
    'V99.999.999.999__e.sql', 'SELECT 1;',
    'V201801__f.sql', 'SELECT 1;',
    'V20250103.1.1__g.sql', 'SELECT 1;',
    'V22_1.15.4.1__five.sql', 'SELECT 1;',
    'V23.1.1000.2__thousand.sql', 'SELECT 1;',
    'V24_20250103000000__dated.sql', 'SELECT 1;',
    'V20250104000000__h.sql', 'SELECT 1;',
    'V20250104000001.sql', 'SELECT 1;');

-- A name without a number is for the registry to judge.
SELECT migration FROM try('create_users.up.sql', 'SELECT 1;');
SET hipaa_migrate.name_rule = relaxed;
SELECT migration FROM try('create_users.up.sql', 'SELECT 1;', '1_a.up.sql', 'SELECT 1;');
RESET hipaa_migrate.name_rule;

-- Versions that do not fit.
SELECT * FROM try('202501030000001_fifteen.up.sql', 'SELECT 1;');
SELECT * FROM try('1234567890123456789_nineteen.up.sql', 'SELECT 1;');
SELECT * FROM try('V1.123456789012345__x.sql', 'SELECT 1;');
SELECT * FROM try('V123456789012345__x.sql', 'SELECT 1;');

-- What would not keep the tool's order, or its names apart.
SELECT * FROM try('9_x.sql', E'-- migrate:up\nSELECT 1;', '10_y.sql', E'-- migrate:up\nSELECT 1;');
SELECT * FROM try('V1.999__x.sql', 'SELECT 1;', 'V1.1000__y.sql', 'SELECT 1;');
SELECT * FROM try('V99999__x.sql', 'SELECT 1;', 'V100000__y.sql', 'SELECT 1;');
SELECT * FROM try('R__b.sql', 'SELECT 1;', 'R__A.sql', 'SELECT 1;', 'R__C.sql', 'SELECT 1;');
SELECT * FROM try('20250103000001_a.up.sql', 'SELECT 1;', '20250103000000123_b.up.sql', 'SELECT 1;');
-- Folders are sorted by time, as diesel does.
SELECT migration FROM try('2025-01-03-000001_a/up.sql', 'SELECT 1;', '2025-01-03-000000-0123_b/up.sql', 'SELECT 1;');
SELECT * FROM try('1_a_b.up.sql', 'SELECT 1;', '1_a.b.up.sql', 'SELECT 1;');
SELECT * FROM try('1_a.up.sql', 'SELECT 1;', 'x/1_a.up.sql', 'SELECT 1;');
SELECT * FROM try('V1__a.sql', 'SELECT 1;', 'V1.0__b.sql', 'SELECT 1;');
SELECT * FROM try('1_a.sql', E'-- +goose Up\nSELECT 1;', '01_b.sql', E'-- +goose Up\nSELECT 1;');
SELECT * FROM try('1_a.sql', E'-- migrate:up\nSELECT 1;', '1_b.sql', E'-- migrate:up\nSELECT 1;');
SELECT * FROM try('10-x.sql', E'--liquibase formatted sql\n--changeset a:1\nSELECT 1;',
                  '9-y.sql', E'--liquibase formatted sql\n--changeset a:1\nSELECT 1;');
SELECT * FROM try('x.sql', E'--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n--changeset a:2\nSELECT 1;',
                  'y.sql', E'--liquibase formatted sql\n--changeset a:1\nSELECT 1;');
SELECT * FROM try('1_a.up.sql', 'SELECT 1;', '1_a.up.sql', 'SELECT 1;');

-- Header lines: each refusal names the line.
SELECT * FROM try('1_a.up.sql', E'-- kind: schema\n\n--KIND:data\nSELECT 1;');
SELECT * FROM try('1_a.up.sql', E'-- a comment\n-- kind: tables\nSELECT 1;');
SELECT * FROM try('1_a.up.sql', E'-- transactional: false\nSELECT 1;');
SELECT * FROM try('1_a.up.sql', E'/* a\n*/\n-- depends-on:\nSELECT 1;');
SELECT * FROM try('1_a.up.sql', E'-- depends-on: 2_b, 1234567890123456_c\nSELECT 1;');
SELECT * FROM try('V1__a.sql', E'-- depends-on: 2_b\nSELECT 1;');
SELECT * FROM try('1_a.up.sql', E'SELECT 1;', '1_a.down.sql', E'-- run-as: alice\nSELECT 1;');
SELECT * FROM try('R__a.sql', E'-- kind: data\nSELECT 1;');
SELECT * FROM try('1_a.sql', E'-- transactional: yes\n-- migrate:up transaction:false\nSELECT 1;');

-- dbmate
SELECT * FROM try('1_a.sql', E'SELECT 0;\n-- migrate:up\nSELECT 1;');
SELECT * FROM try('1_a.sql', E'-- migrate:down\nSELECT 0;\n-- migrate:up\nSELECT 1;');
SELECT * FROM try('1_a.sql', E'-- migrate:up\nSELECT 0;\n-- migrate:up\nSELECT 1;');
SELECT * FROM try('1_a.sql', E'-- migrate:up transaction:maybe\nSELECT 1;');
SELECT * FROM try('a.sql', E'-- migrate:up\nSELECT 1;');
SELECT * FROM try('1_a.sql', E'-- migrate:down\nSELECT 1;');

-- goose
SELECT * FROM try('1_a.sql', E'-- +goose ENVSUB ON\n-- +goose Up\nSELECT 1;');
SELECT * FROM try('1_a.sql', E'-- +goose Up\nSELECT 1;\n-- +goose Upp\n');
SELECT * FROM try('1_a.sql', E'-- +goose NO TRANSACTION\nSELECT 1;\n');
SELECT * FROM try('1_a.sql', E'-- +goose NO TRANSACTION\n');

-- Flyway: placeholders wherever they stand, settings, a baseline that holds
-- what nothing else makes.
SELECT * FROM try('V1__a.sql', E'SELECT 1;\nSELECT ''${flyway:user}'';');
SELECT * FROM try('V1__a.sql', E'SELECT 1;', 'U1__a.sql', E'\n\nDROP SCHEMA ${schema};');
SELECT * FROM try('V1__a.sql', E'SELECT ''${a}'';', 'V1__a.sql.conf', 'placeholderReplacement=false');
SELECT * FROM try('V1__a.sql', E'SELECT 1;', 'V1__a.sql.conf', E'\nshouldExecute=false');
SELECT * FROM try('V1__a.sql', E'SELECT 1;', 'V1__a.sql.conf', E'executeInTransaction=no');
SELECT * FROM try('V1__a.sql', E'SELECT 1;', 'V2__a.sql.conf', E'executeInTransaction=false');
SELECT * FROM try('B2__a.sql', 'SELECT 1;', 'B5__b.sql', 'SELECT 1;', 'V5.1__c.sql', 'SELECT 1;');

-- Liquibase
SELECT * FROM try('1.sql', E'--liquibase formatted sql\nSELECT 1;');
SELECT * FROM try('1.sql', E'--liquibase formatted sql\n-- kind: data\n--changeset a:1\nSELECT 1;');
SELECT * FROM try('1.sql', E'--liquibase formatted sql\n--changeset a\nSELECT 1;');
SELECT * FROM try('1.sql', E'--liquibase formatted sql\n--changeset a:1 runAlways:true\nSELECT 1;');
SELECT * FROM try('1.sql', E'--liquibase formatted sql\n--changeset a:1 context:test\nSELECT 1;');
SELECT * FROM try('1.sql', E'--liquibase formatted sql\n--changeset a:1 runinTransaction:no\nSELECT 1;');
SELECT * FROM try('1.sql', E'--liquibase formatted sql\n--changeset a:1 speed:fast\nSELECT 1;');
SELECT * FROM try('1.sql', E'--liquibase formatted sql\n--changeset a:1 fast\nSELECT 1;');
SELECT * FROM try('1.sql', E'--liquibase formatted sql\n--property name=a value=b\n--changeset a:1\nSELECT 1;');
SELECT * FROM try('1.sql', E'--liquibase formatted sql\n--changeset a:1\n--preconditions onFail:MARK_RAN\nSELECT 1;');
SELECT * FROM try('1.sql', E'--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n--changeset a:1\nSELECT 1;');
SELECT * FROM try('1.sql', E'--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n--rollback changeSetId:0');
SELECT * FROM try('1.sql', E'--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n/* liquibase rollback\nSELECT 1;');
SELECT * FROM try('1.sql', E'--liquibase formatted sql\n');
SELECT * FROM try('1.sql', E'--liquibase formatted sql\n--changeset a:1 dbms:!oracle\nSELECT 1;\n'
                           '--changeset a:2 dbms:!postgresql\nSELECT 1;\n--changeset a:3 ignore:true\nSELECT 1;');

-- sqitch: what the plan says and the folder does not hold.
\set plan '%project=p\n\na 2025-01-03T00:00:00Z a <a@b>\n'
SELECT * FROM try('sqitch.plan', :'plan');
SELECT * FROM try('sqitch.plan', :'plan' || E'b [c] 2025-01-03T00:00:00Z a <a@b>', 'deploy/a.sql', 'SELECT 1;', 'deploy/b.sql', 'SELECT 1;');
SELECT * FROM try('sqitch.plan', :'plan' || E'b [q:a] 2025-01-03T00:00:00Z a <a@b>', 'deploy/a.sql', 'SELECT 1;', 'deploy/b.sql', 'SELECT 1;');
SELECT * FROM try('sqitch.plan', :'plan' || E'b [!a] 2025-01-03T00:00:00Z a <a@b>', 'deploy/a.sql', 'SELECT 1;', 'deploy/b.sql', 'SELECT 1;');
SELECT * FROM try('sqitch.plan', :'plan' || E'b [a 2025-01-03T00:00:00Z a <a@b>', 'deploy/a.sql', 'SELECT 1;');
SELECT * FROM try('sqitch.plan', :'plan' || E'b a <a@b>', 'deploy/a.sql', 'SELECT 1;');
SELECT * FROM try('sqitch.plan', :'plan' || E'b 2025-02-30T00:00:00Z a <a@b>', 'deploy/a.sql', 'SELECT 1;');
SELECT * FROM try('sqitch.plan', :'plan' || E'-a 2025-01-03T00:00:00Z a <a@b>', 'deploy/a.sql', 'SELECT 1;');
SELECT * FROM try('sqitch.plan', :'plan' || E'a 2025-01-03T00:00:00Z a <a@b>', 'deploy/a.sql', 'SELECT 1;');
SELECT * FROM try('sqitch.plan', E'@v1 2025-01-03T00:00:00Z a <a@b>');
-- Two plans: a requirement of the other project, names mixed by time.
SELECT * FROM try('p/sqitch.plan', :'plan' || E'c 2025-01-05T00:00:00Z a <a@b>', 'p/deploy/a.sql', 'SELECT 1;', 'p/deploy/c.sql', 'SELECT 1;',
                  'q/sqitch.plan', E'%project=q\nb [p:a] 2025-01-04T00:00:00Z a <a@b>', 'q/deploy/b.sql', 'SELECT 1;');

-- Errors of the text itself name the file and its line.
\set SHOW_CONTEXT errors
SELECT * FROM migrate_register_file('a/00001_x.sql', E'-- +goose Up\nSELECT 1;\nSELEC 2;\n-- +goose Down\n', 'bad');
SELECT * FROM migrate_register_file('1.sql', E'--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n--rollback DROP TABLE a;\nSELECT 2;\n--rollback DROP TABEL b;', 'bad');

\c :home
DROP DATABASE regress_formats;
