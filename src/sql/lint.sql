/* lint: rules that judge migrations before anybody approves them */

CREATE FUNCTION hipaa_migrate.lint_rules()
    RETURNS TABLE (
        number integer, rule text, severity text, decided_by text,
        message text, safe_way text, rationale text)
    LANGUAGE C STABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'hm_lint_rules_sql';
COMMENT ON FUNCTION hipaa_migrate.lint_rules() IS
    'every rule of the linter, for view lint_rule';

CREATE VIEW hipaa_migrate.lint_rule AS
    SELECT r.number, r.rule COLLATE "C" AS rule, r.severity COLLATE "C" AS severity,
        r.decided_by COLLATE "C" AS decided_by, r.message, r.safe_way, r.rationale
    FROM hipaa_migrate.lint_rules() AS r
    ORDER BY r.number;
COMMENT ON VIEW hipaa_migrate.lint_rule IS
    'every rule of the linter; names of the case stand in braces';
COMMENT ON COLUMN hipaa_migrate.lint_rule.number IS
    'its number in the documentation';
COMMENT ON COLUMN hipaa_migrate.lint_rule.rule IS
    'what waivers and pipelines call it; never changed';
COMMENT ON COLUMN hipaa_migrate.lint_rule.severity IS
    'LOW, MEDIUM, HIGH or CRITICAL, before the catalogs are asked';
COMMENT ON COLUMN hipaa_migrate.lint_rule.decided_by IS
    'catalog: what is there decides with it; text: the text alone';
COMMENT ON COLUMN hipaa_migrate.lint_rule.message IS
    'what it says';
COMMENT ON COLUMN hipaa_migrate.lint_rule.safe_way IS
    'what to do instead';
COMMENT ON COLUMN hipaa_migrate.lint_rule.rationale IS
    'why it is one';

CREATE FUNCTION @extschema@.migrate_lint_sql(
    sql text,
    min_severity text DEFAULT 'LOW',
    rules text DEFAULT 'all')
    RETURNS TABLE (
        migration text, statement_no integer, line integer, severity text,
        rule text, object text, message text, safe_way text, waived_by text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_migrate_lint_sql';
COMMENT ON FUNCTION @extschema@.migrate_lint_sql(text, text, text) IS
    'judges a text as a migration that would run next; runs nothing (rules: all, or text for what needs no catalogs)';

CREATE FUNCTION @extschema@.migrate_lint(
    name text DEFAULT NULL,
    min_severity text DEFAULT 'LOW',
    rules text DEFAULT 'all')
    RETURNS TABLE (
        migration text, statement_no integer, line integer, severity text,
        rule text, object text, message text, safe_way text, waived_by text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_migrate_lint';
COMMENT ON FUNCTION @extschema@.migrate_lint(text, text, text) IS
    'judges a registered migration, or all that are due, where the plan gets to them; runs nothing (rules: all, or text for what needs no catalogs)';

CREATE FUNCTION @extschema@.migrate_lint_sarif(
    name text DEFAULT NULL,
    min_severity text DEFAULT 'LOW',
    rules text DEFAULT 'all')
    RETURNS json
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_migrate_lint_sarif';
COMMENT ON FUNCTION @extschema@.migrate_lint_sarif(text, text, text) IS
    'the findings of migrate_lint as a SARIF 2.1.0 log, for pipelines and code hosts';

CREATE FUNCTION @extschema@.migrate_locks(
    name text,
    direction text DEFAULT 'up')
    RETURNS TABLE (
        statement_no integer, line integer, relation text, lock_mode text,
        blocks text, held text, row_estimate bigint, reason text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_migrate_locks';
COMMENT ON FUNCTION @extschema@.migrate_locks(text, text) IS
    'the lock that each statement of a migration takes on each relation, whom it keeps waiting, and how long; runs nothing';
