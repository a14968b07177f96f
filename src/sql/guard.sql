/* guard: event triggers and triggers; last, for they would fire on the rest */

CREATE FUNCTION hipaa_migrate.record_ddl()
    RETURNS event_trigger
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_record_ddl';
COMMENT ON FUNCTION hipaa_migrate.record_ddl() IS
    'puts a migration''s change of the schema on record, with the objects it made or altered';

CREATE FUNCTION hipaa_migrate.record_drop()
    RETURNS event_trigger
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_record_drop';
COMMENT ON FUNCTION hipaa_migrate.record_drop() IS
    'notes what a migration''s command drops';

CREATE EVENT TRIGGER hipaa_migrate_ddl ON ddl_command_end
    EXECUTE FUNCTION hipaa_migrate.record_ddl();
ALTER EVENT TRIGGER hipaa_migrate_ddl ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER hipaa_migrate_ddl IS
    'names the objects of what migrations do, for the record';

CREATE EVENT TRIGGER hipaa_migrate_drop ON sql_drop
    EXECUTE FUNCTION hipaa_migrate.record_drop();
ALTER EVENT TRIGGER hipaa_migrate_drop ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER hipaa_migrate_drop IS
    'names the objects that migrations drop, for the record';
