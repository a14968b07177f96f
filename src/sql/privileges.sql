/* privileges: functions check capabilities themselves, tables belong to nobody */

GRANT USAGE ON SCHEMA hipaa_migrate TO PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA hipaa_migrate FROM PUBLIC;
GRANT SELECT ON hipaa_migrate.migration_status, hipaa_migrate.capability TO PUBLIC;

-- A dump carries the registry and the runs; nothing else is configuration.
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.migration_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.run_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.step_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.migration', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.migration_revision', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.migration_dependency', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.capability_grant', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.run', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.run_step', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.run_statement', '');
