/* hipaa_migrate: governed, audited schema migrations, inside PostgreSQL. */

\echo Use "CREATE EXTENSION hipaa_migrate" to load this file. \quit

CREATE SCHEMA hipaa_migrate;
COMMENT ON SCHEMA hipaa_migrate IS
    'registry, runs and record of schema migrations; written by the extension only';

-- Calling it loads the library, which refuses unless it was preloaded.
CREATE FUNCTION hipaa_migrate.require_server()
    RETURNS void
    LANGUAGE C STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'hm_require_server';
COMMENT ON FUNCTION hipaa_migrate.require_server() IS
    'raises an error when this server cannot run hipaa_migrate, and says why';

SELECT hipaa_migrate.require_server();
