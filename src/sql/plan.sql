/* plan: what would run, in which order, and why something may not */

CREATE FUNCTION @extschema@.migrate_plan(
    target text DEFAULT NULL,
    direction text DEFAULT 'up',
    project text DEFAULT NULL)
    RETURNS TABLE (
        step integer, migration text, runnable boolean, risk text,
        worst_lock text, rewrites text, reason text, details jsonb)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_migrate_plan';
COMMENT ON FUNCTION @extschema@.migrate_plan(text, text, text) IS
    'the steps that migrate_up or migrate_down would take, in order, and why one may not run now';
