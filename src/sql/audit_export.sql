/* audit_export: the record as lines that are verified without PostgreSQL */

CREATE FUNCTION @extschema@.audit_export(
    since timestamptz DEFAULT NULL,
    until timestamptz DEFAULT NULL,
    digest jsonb DEFAULT NULL)
    RETURNS SETOF text
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_audit_export';
COMMENT ON FUNCTION @extschema@.audit_export(timestamptz, timestamptz, jsonb) IS
    'the sealed events, with proofs, as lines of JSON for hipaa-migrate-verify; with a time range, the blocks that were sealed or hold an event from since on and before until; with digests, also what proves them';
