/* guarded: the guarded form of statements that have no syntax for one */

CREATE FUNCTION hipaa_migrate.guarded(statement text)
    RETURNS void
    LANGUAGE C STRICT
    AS 'MODULE_PATHNAME', 'hm_guarded';
COMMENT ON FUNCTION hipaa_migrate.guarded(text) IS
    'executes one statement that has no IF NOT EXISTS; skips it when what it makes is there as asked for, fails when it is there otherwise';
