/* audit_redact: what goes on record of a statement's text */

CREATE FUNCTION hipaa_migrate.redact_statement(
    statement text,
    literals text DEFAULT NULL)
    RETURNS TABLE (statement_no bigint, recorded text, hash bytea)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_redact_statement_sql';
COMMENT ON FUNCTION hipaa_migrate.redact_statement(text, text) IS
    'what the record would hold of a statement, under record_literals as it is or as given; runs nothing';
