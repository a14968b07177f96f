/* guard: the settings that may not be set by everybody who could */

CREATE FUNCTION hipaa_migrate.guarded_settings(
    OUT setting text, OUT "how" text, OUT why text)
    RETURNS SETOF record
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_guarded_setting';
COMMENT ON FUNCTION hipaa_migrate.guarded_settings() IS
    'what view hipaa_migrate.guarded_setting shows';

CREATE VIEW hipaa_migrate.guarded_setting AS
    SELECT s.setting, s."how", s.why
      FROM hipaa_migrate.guarded_settings() AS s;
COMMENT ON VIEW hipaa_migrate.guarded_setting IS
    'settings of class danger, known to this server or not';
COMMENT ON COLUMN hipaa_migrate.guarded_setting.setting IS
    'its name; with an asterisk, all that begin so and have no row of their own';
COMMENT ON COLUMN hipaa_migrate.guarded_setting."how" IS
    'stored: ALTER SYSTEM, ALTER ROLE and ALTER DATABASE ... SET, GRANT ... ON PARAMETER; always: these and SET';
COMMENT ON COLUMN hipaa_migrate.guarded_setting.why IS
    'what could be done with it';
