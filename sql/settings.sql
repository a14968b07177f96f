--
-- settings: what hipaa_migrate.* may be set to, and by whom.
--

-- The defaults.  A new setting is added to this list on purpose, with its
-- line in the documentation.
SELECT name, boot_val, unit, context
FROM pg_settings WHERE name LIKE 'hipaa\_migrate.%'
ORDER BY name COLLATE "C";

-- Each says in one sentence what it is for.
SELECT name, short_desc
FROM pg_settings WHERE name LIKE 'hipaa\_migrate.%'
ORDER BY name COLLATE "C";

-- Times have units and cannot be negative; each major of the server has its
-- own words for that.
SET hipaa_migrate.runner_wait = '10min';
SHOW hipaa_migrate.runner_wait;
\set VERBOSITY sqlstate
SET hipaa_migrate.lock_timeout = -1;
\set VERBOSITY default
SET hipaa_migrate.statement_timeout = 'soon';

-- A misspelled name is an error, not a new setting.
SET hipaa_migrate.runer_wait = '10min';

-- The rule for names has two values.
SET hipaa_migrate.name_rule = relaxed;
SET hipaa_migrate.name_rule = lax;

-- The search path of migrations is a list of schemas.  The temporary schema
-- has its place at the end, where a session's table captures no name.
SET hipaa_migrate.search_path = clinic, public;
SHOW hipaa_migrate.search_path;
SET hipaa_migrate.search_path = 'pg_temp, public';
SET hipaa_migrate.search_path = public, PG_TEMP;
SET hipaa_migrate.search_path = 'public,,clinic';
SET hipaa_migrate.search_path = '';
SHOW hipaa_migrate.search_path;
RESET ALL;

-- What the path was at registration is stored with the migration and part of
-- its checksum: the setting of the session that runs it does not matter.
SET hipaa_migrate.search_path = clinic;
SELECT outcome FROM migrate_register('20250101000000-settings', 'SELECT 1');
SELECT outcome FROM migrate_register('20250101000000-settings', 'SELECT 1');
RESET hipaa_migrate.search_path;
SELECT outcome FROM migrate_register('20250101000000-settings', 'SELECT 1');
SELECT outcome FROM migrate_register('20250101000000-settings', 'SELECT 1',
                                     settings => '{"search_path": "clinic"}');
SELECT r.revision, r.settings
FROM hipaa_migrate.migration_revision AS r
JOIN hipaa_migrate.migration AS m USING (migration_id)
WHERE m.name = '20250101000000-settings'
ORDER BY r.revision;
SELECT migrate_unregister('20250101000000-settings', 'end of the test');

-- How long to wait is the caller's choice.  What protects others (timeouts),
-- or changes what is accepted (names) and meant (search path), is not.
CREATE ROLE regress_settings_user;
SET ROLE regress_settings_user;
SET hipaa_migrate.runner_wait = 0;
SET hipaa_migrate.lock_timeout = 0;
SET hipaa_migrate.statement_timeout = 0;
SET hipaa_migrate.idle_timeout = 0;
SET hipaa_migrate.name_rule = relaxed;
SET hipaa_migrate.search_path = clinic;
RESET ROLE;
DROP ROLE regress_settings_user;

-- The library is loaded by the server, once: loading it again is no error,
-- and the function that CREATE EXTENSION calls has nothing to say.
LOAD 'hipaa_migrate';
SELECT hipaa_migrate.require_server();
