--
-- author: who the authors of a migration are, whatever has become since of the
-- login, of its name, and of what was registered.
--
-- In a database of its own, in which the guard is armed.
--
\set home :DBNAME
SELECT current_user AS superuser \gset
SET client_min_messages = warning;
DROP DATABASE IF EXISTS regression_author;
DROP ROLE IF EXISTS regress_author_ada, regress_author_ada2, regress_author_old, regress_author_eve,
    regress_author_bot, regress_author_lead, regress_author_leads;
CREATE DATABASE regression_author TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regression_author
SET client_min_messages = error;
CREATE EXTENSION hipaa_migrate;
CREATE ROLE regress_author_leads;
CREATE ROLE regress_author_ada LOGIN IN ROLE regress_author_leads;
CREATE ROLE regress_author_ada2 LOGIN IN ROLE regress_author_leads;
CREATE ROLE regress_author_eve LOGIN IN ROLE regress_author_leads;
CREATE ROLE regress_author_bot LOGIN;
GRANT CREATE ON SCHEMA public TO PUBLIC;
CREATE ROLE regress_author_lead LOGIN IN ROLE regress_author_leads;
SELECT migrate_grant(c, r) FROM (VALUES ('author', 'regress_author_bot'), ('author', 'regress_author_leads'),
    ('approver', 'regress_author_leads'), ('operator', 'regress_author_lead')) AS g (c, r);
SELECT migrate_set_policy(r, 'approvers', '[["regress_author_leads"]]', 'one of us') IS NULL AND
       migrate_set_policy(r, 'separation', '{"author": false, "executor": true}', 'not one''s own') IS NULL AS done
  FROM unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) AS r;
SELECT class, mode FROM migrate_guard('enforce', 'from here on', ARRAY['schema']) WHERE class = 'schema';

-- A login that belongs to nobody in particular stays the author when it gets
-- another name, and whoever gets its former name is none; nor may that read
-- what it has not written.
\c - regress_author_ada
SET client_min_messages = warning;
SELECT outcome FROM migrate_register('20270101000000-renamed', 'CREATE TABLE IF NOT EXISTS a (id int PRIMARY KEY)', 'DROP TABLE IF EXISTS a');
\c - regress_author_bot
SELECT migration FROM migrate_submit(ARRAY['20270101000000-renamed'], 'needed');
SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' \gset
\c - :superuser
ALTER ROLE regress_author_ada RENAME TO regress_author_old;
\c - regress_author_old
SELECT still_missing FROM migrate_approve('20270101000000-renamed', :'checksum');
\c - :superuser
CREATE ROLE regress_author_ada LOGIN;
SELECT migrate_grant('author', 'regress_author_ada');
\c - regress_author_ada
\set VERBOSITY terse
SELECT migrate_show('20270101000000-renamed');
\set VERBOSITY default
\c - regress_author_old
SELECT migrate_show('20270101000000-renamed');
\c - :superuser
SET client_min_messages = error;
SELECT migrate_revoke('author', 'regress_author_ada');
DROP ROLE regress_author_ada;
ALTER ROLE regress_author_old RENAME TO regress_author_ada;

-- One that is dropped stays the person's whose it was.
SELECT migrate_person('Ada', '{regress_author_ada,regress_author_ada2}', 'two logins') IS NULL AS done;
DROP ROLE regress_author_ada;
\c - regress_author_ada2
SELECT still_missing FROM migrate_approve('20270101000000-renamed', :'checksum');
\c - regress_author_eve
SELECT still_missing FROM migrate_approve('20270101000000-renamed', :'checksum');
\c - :superuser
SET client_min_messages = error;
SELECT migrate_person('Ada', '{}', 'one login is left') IS NULL AS done;
CREATE ROLE regress_author_ada LOGIN IN ROLE regress_author_leads;

-- What was adopted never ran: taken out and registered again by somebody else,
-- it is also the work of who has registered it first, whatever was changed.
\c - regress_author_eve
SELECT outcome FROM migrate_register('20270101000001-adopted', 'CREATE TABLE IF NOT EXISTS b (id int PRIMARY KEY)', 'DROP TABLE IF EXISTS b');
\c - regress_author_lead
SELECT migration FROM migrate_adopt(ARRAY['20270101000001-adopted'], 'is there');
\c - regress_author_bot
SELECT migrate_unregister('20270101000001-adopted', 'is not there');
SELECT outcome, revision FROM migrate_register('20270101000001-adopted', 'CREATE TABLE IF NOT EXISTS b (id int PRIMARY KEY )', 'DROP TABLE IF EXISTS b');
SELECT migration FROM migrate_submit(ARRAY['20270101000001-adopted'], 'needed');
SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' AND migration = '20270101000001-adopted' \gset
\c - regress_author_eve
SELECT still_missing FROM migrate_approve('20270101000001-adopted', :'checksum');
\c - regress_author_lead
SELECT still_missing FROM migrate_approve('20270101000001-adopted', :'checksum');
SET client_min_messages = warning;
SELECT migration, outcome FROM migrate_up('20270101000001-adopted');
SELECT migration, outcome FROM migrate_down('20270101000001-adopted');

-- What ran is done with, and another text is another's; but her text is hers.
\c - regress_author_bot
SET client_min_messages = warning;
SELECT outcome, revision FROM migrate_register('20270101000001-adopted', 'CREATE TABLE IF NOT EXISTS b (id int PRIMARY KEY)', 'DROP TABLE IF EXISTS b');
SELECT migration FROM migrate_submit(ARRAY['20270101000001-adopted'], 'needed');
SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' AND migration = '20270101000001-adopted' \gset
\c - regress_author_eve
SELECT still_missing FROM migrate_approve('20270101000001-adopted', :'checksum');
\c - regress_author_bot
SET client_min_messages = warning;
SELECT outcome, revision FROM migrate_register('20270101000001-adopted', 'CREATE TABLE IF NOT EXISTS b (id int)', 'DROP TABLE IF EXISTS b');
SELECT migration FROM migrate_submit(ARRAY['20270101000001-adopted'], 'needed');
SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' AND migration = '20270101000001-adopted' \gset
\c - regress_author_eve
SELECT still_missing FROM migrate_approve('20270101000001-adopted', :'checksum');
\c - :superuser
SELECT r.revision, r.author, r.author_oid = a.oid AS same_role, r.author_server = c.system_identifier AS here
FROM hipaa_migrate.migration_revision AS r JOIN hipaa_migrate.migration AS m USING (migration_id)
    JOIN pg_authid AS a ON a.rolname = r.author, pg_control_system() AS c
WHERE m.name = '20270101000001-adopted' ORDER BY r.revision;

-- A source may name several: in an array, with commas between, or with more
-- than a name of each.
\c - regress_author_bot
SET client_min_messages = warning;
SELECT outcome FROM migrate_register('20270101000002-array', 'CREATE TABLE IF NOT EXISTS c (id int PRIMARY KEY)', 'DROP TABLE IF EXISTS c',
    source => '{"author": ["Somebody <somebody@example.org>", "Eve <regress_author_eve>"]}');
SELECT outcome FROM migrate_register('20270101000003-commas', 'CREATE TABLE IF NOT EXISTS d (id int PRIMARY KEY)', 'DROP TABLE IF EXISTS d',
    source => '{"author": "regress_author_eve, Somebody <somebody@example.org>"}');
SELECT outcome FROM migrate_register('20270101000004-object', 'CREATE TABLE IF NOT EXISTS e (id int PRIMARY KEY)', 'DROP TABLE IF EXISTS e',
    source => '{"author": {"name": "Eve", "login": "regress_author_eve", "seen": 7}}');
SELECT migration FROM migrate_submit(ARRAY['20270101000002-array', '20270101000003-commas', '20270101000004-object'], 'needed') WHERE migration NOT LIKE 'release%';
SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' AND migration LIKE '%-array' \gset
\c - regress_author_eve
SELECT still_missing FROM migrate_approve('20270101000002-array', :'checksum');
SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' AND migration LIKE '%-commas' \gset
SELECT still_missing FROM migrate_approve('20270101000003-commas', :'checksum');
SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' AND migration LIKE '%-object' \gset
SELECT still_missing FROM migrate_approve('20270101000004-object', :'checksum');
SELECT count(*) FROM migrate_queue() WHERE migration ~ 'array|commas|object';

-- Of a folder, each migration has the authors of its files.
\c - regress_author_bot
SELECT migration, outcome FROM migrate_load_files(ARRAY['10_w.up.sql', '10_w.down.sql', '11_x.sql', '12_y.sql'],
    ARRAY['SELECT 1', 'SELECT 2', E'-- migrate:up\nSELECT 1\n', E'-- migrate:up\nSELECT 1\n']::bytea[], 'folder',
    source => '{"commit": "c0ffee", "author": "Zoe", "authors": {"10_w.up.sql": ["Ada", "Eve"], "10_w.down.sql": ["Bert", "Eve"], "11_x.sql": "Ada"}}');
\c - :superuser
SELECT m.name, r.source FROM hipaa_migrate.migration AS m JOIN hipaa_migrate.migration_revision AS r USING (migration_id, revision)
WHERE m.project = 'folder' ORDER BY m.name;

SET client_min_messages = warning;
SELECT count(*) > 0 AS done FROM migrate_guard('observe', 'the end');
\c :home
DROP DATABASE regression_author;
DROP ROLE regress_author_ada, regress_author_ada2, regress_author_eve, regress_author_bot,
    regress_author_lead, regress_author_leads;
