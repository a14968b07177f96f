/* guard: the door of our tables, then the event triggers, which would fire on it */

CREATE FUNCTION hipaa_migrate.door()
    RETURNS trigger
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_door';
COMMENT ON FUNCTION hipaa_migrate.door() IS
    'refuses every row that the extension itself does not write, also those that replication brings';

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.audit_block
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.audit_block
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.audit_block
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.audit_epoch
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.audit_epoch
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.audit_epoch
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.audit_event
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.audit_event
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.audit_hold
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.audit_hold
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.audit_hold
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.audit_leaf
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.audit_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.audit_leaf
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.audit_state
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.audit_state
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.audit_state
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.break_glass
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.break_glass
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.break_glass
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.capability_grant
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.capability_grant
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.capability_grant
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.guard_class
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.guard_class
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.guard_class
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.guard_exemption
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.guard_exemption
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.guard_exemption
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.known_setting
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.known_setting
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.known_setting
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.migration
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.migration
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.migration
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.migration_dependency
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.migration_dependency
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.migration_dependency
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.migration_revision
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.migration_revision
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.migration_revision
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.pending_act
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.pending_act
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.pending_act
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.run
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.run
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.run
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.run_statement
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.run_statement
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.run_statement
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.run_step
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.run_step
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.run_step
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.waiver
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.waiver
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.waiver
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.person_login
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.person_login
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.person_login
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.policy_requirement
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.policy_requirement
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.policy_requirement
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.freeze_period
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.freeze_period
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.freeze_period
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.assessment
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.assessment
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.assessment
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.submission
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.submission
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.submission
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.submission_member
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.submission_member
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.submission_member
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.approval
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.approval
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.approval
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

CREATE TRIGGER door BEFORE INSERT OR UPDATE OR DELETE ON hipaa_migrate.known_membership
    FOR EACH ROW EXECUTE FUNCTION hipaa_migrate.door();
CREATE TRIGGER door_truncate BEFORE TRUNCATE ON hipaa_migrate.known_membership
    FOR EACH STATEMENT EXECUTE FUNCTION hipaa_migrate.door();
ALTER TABLE hipaa_migrate.known_membership
    ENABLE ALWAYS TRIGGER door, ENABLE ALWAYS TRIGGER door_truncate;

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
