--
-- Other tools: scripts as they are found, that those tools apply.
--
SELECT current_database() AS home \gset
CREATE DATABASE regress_other_tools ENCODING 'UTF8' TEMPLATE template0;
\c regress_other_tools
CREATE EXTENSION hipaa_migrate;
CREATE FUNCTION load(VARIADIC files text[])
RETURNS TABLE (migration text, outcome text, message text)
LANGUAGE sql AS $$
  SELECT l.migration, l.outcome, l.message
    FROM (SELECT array_agg(files[n] ORDER BY n), array_agg(convert_to(files[n + 1], 'UTF8') ORDER BY n)
            FROM generate_series(1, cardinality(files), 2) AS n) AS f (names, contents),
         migrate_load_files(f.names, f.contents) AS l
$$;

--
-- Transactions within the text
--
-- Statements behind the COMMIT, several blocks, a BEGIN within one, a COMMIT
-- without one: psql takes all of them.
SELECT * FROM load(
    '1_behind.up.sql', E'begin;\nCREATE TABLE behind (a int);\ncommit;\n\nCOMMENT ON TABLE behind IS ''one'';\n',
    '2_blocks.up.sql', E'BEGIN;\nCREATE TABLE block_a ();\nEND;\nSTART TRANSACTION; BEGIN;\nCREATE TABLE block_b ();\nCOMMIT;',
    '3_alone.up.sql', E'CREATE TABLE alone ();\n\nCOMMIT WORK;',
    '1_behind.down.sql', E'BEGIN;\nDROP TABLE behind;\nCOMMIT;\nCOMMIT;');
SELECT * FROM migrate_show('00000000000002-blocks');
SELECT up FROM hipaa_migrate.migration JOIN hipaa_migrate.migration_revision USING (migration_id, revision)
 WHERE name = '00000000000001-behind';
-- What would not be committed, or not be the same, is refused.
\set SHOW_CONTEXT always
SELECT * FROM load('4_open.up.sql', E'BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;');
SELECT * FROM load('4_undone.up.sql', E'BEGIN;\nSELECT 1;\nROLLBACK;');
SELECT * FROM load('4_savepoint.up.sql', E'BEGIN;\nSAVEPOINT a;\nCOMMIT;');
SELECT * FROM load('4_chain.up.sql', E'BEGIN;\nSELECT 1;\nCOMMIT AND CHAIN;\nSELECT 2;\nCOMMIT;');
SELECT * FROM load('4_level.up.sql', E'BEGIN ISOLATION LEVEL SERIALIZABLE;\nSELECT 1;\nCOMMIT;');
SELECT * FROM load('4_index.up.sql', E'BEGIN;\nCREATE TABLE ward (a int);\nCOMMIT;\nCREATE INDEX CONCURRENTLY ON ward (a);');
SELECT * FROM load('4_nothing.up.sql', E'BEGIN;\nCOMMIT;');
-- Arguments of a function are nobody's scripts.
SELECT migration FROM migrate_register('20250101000000-args', 'BEGIN; SELECT 1; COMMIT');
\set SHOW_CONTEXT errors
-- A verify may end its own.
SELECT * FROM load('4_verified.up.sql', 'CREATE TABLE verified ();', '4_verified.verify.sql', E'BEGIN;\nSELECT FROM verified;\nROLLBACK;');

--
-- A down that cannot run
--
-- Tools read it when they revert, so that nobody sees it before.  It is kept,
-- what is wrong is said when it is loaded, and the migration is irreversible.
SELECT * FROM load(
    '5_semicolon.up.sql', 'CREATE TABLE semicolon (a int, b int);',
    '5_semicolon.down.sql', E'-- back\nALTER TABLE semicolon DROP COLUMN a\n\nALTER TABLE semicolon DROP COLUMN b;',
    '6_meta.up.sql', 'CREATE TABLE meta ();',
    '6_meta.down.sql', E'\\i other.sql',
    '7_open.up.sql', 'CREATE TABLE open ();',
    '7_open.down.sql', E'BEGIN;\nDROP TABLE open;');
-- The same is no change.
SELECT * FROM load(
    '7_open.up.sql', 'CREATE TABLE open ();',
    '7_open.down.sql', E'BEGIN;\nDROP TABLE open;');
SELECT details FROM migrate_register_file('8_literal.sql', E'-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT U&''\\zzzz'';');
SET client_min_messages = warning;
SELECT count(*) FROM migrate_up();
SELECT migration, outcome FROM migrate_down('00000000000005-semicolon');
SELECT migration, outcome FROM migrate_down('00000000000006-meta');
SELECT migration, outcome FROM migrate_down('00000000000007-open');
SELECT * FROM migrate_show('00000000000005-semicolon', 'down');
SELECT migration, state FROM migrate_status();
SELECT migration, outcome FROM migrate_down('00000000000001-behind');
-- An argument of a function is refused at once, and so is a verify.
SELECT migration FROM migrate_register('20250101000000-args', 'SELECT 1', 'SELEC 1');
SELECT * FROM load('9_verified.up.sql', 'SELECT 1', '9_verified.verify.sql', 'SELEC 1');

\c :home
DROP DATABASE regress_other_tools;
