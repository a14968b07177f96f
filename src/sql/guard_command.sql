/* guard_command: what each command is to the guard */

CREATE FUNCTION hipaa_migrate.guarded_commands()
    RETURNS TABLE (command text, class text, shared boolean, remark text)
    LANGUAGE C STABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'hm_guarded_commands';
COMMENT ON FUNCTION hipaa_migrate.guarded_commands() IS
    'every command with its class, for view guarded_command';

CREATE VIEW hipaa_migrate.guarded_command AS
    SELECT g.command COLLATE "C" AS command, g.class COLLATE "C" AS class,
        g.shared, g.remark
    FROM hipaa_migrate.guarded_commands() AS g
    ORDER BY g.command COLLATE "C";
COMMENT ON VIEW hipaa_migrate.guarded_command IS
    'every command with its class; on temporary objects alone all are free';
COMMENT ON COLUMN hipaa_migrate.guarded_command.command IS
    'its tag, with another word where an option or a name makes it another command; what migrate_exempt() takes';
COMMENT ON COLUMN hipaa_migrate.guarded_command.class IS
    'free, schema, privilege, accounts, cluster, maintenance, danger or own';
COMMENT ON COLUMN hipaa_migrate.guarded_command.shared IS
    'acts on the whole cluster: the strictest mode of its databases holds';
COMMENT ON COLUMN hipaa_migrate.guarded_command.remark IS
    'what is meant, where the name does not say it';

CREATE FUNCTION hipaa_migrate.classify_command(statement text)
    RETURNS TABLE (statement_no bigint, command text, class text, shared boolean,
        idle boolean, targets text[])
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_classify_command_sql';
COMMENT ON FUNCTION hipaa_migrate.classify_command(text) IS
    'what each statement of a text is to the guard, here and now; runs nothing';
