-- The triggers go with their table, their function does not.

DROP TABLE IF EXISTS configuration_history;
DROP TABLE IF EXISTS system_configurations;

DROP FUNCTION IF EXISTS record_configuration_change();

DROP TYPE IF EXISTS config_category;
