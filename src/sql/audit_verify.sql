/* audit_verify: the record recomputed from what stands on disk */

CREATE FUNCTION @extschema@.audit_verify(
    digest jsonb DEFAULT NULL,
    since timestamptz DEFAULT NULL,
    report text DEFAULT 'first')
    RETURNS TABLE (
        check_name text, outcome text, checked bigint, failures bigint,
        first_event bigint, message text)
    LANGUAGE C VOLATILE PARALLEL UNSAFE
    AS 'MODULE_PATHNAME', 'hm_audit_verify';
COMMENT ON FUNCTION @extschema@.audit_verify(jsonb, timestamptz, text) IS
    'recomputes the record and compares it with its seals and, if given, with what audit_digest handed out; report: first | all';
