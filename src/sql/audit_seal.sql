/* audit_seal: seals, digests, epochs */

CREATE FUNCTION @extschema@.audit_seal(OUT outcome text, OUT block bigint,
                                       OUT events bigint,
                                       OUT sealed_at timestamptz)
    RETURNS record
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_audit_seal';
COMMENT ON FUNCTION @extschema@.audit_seal() IS
    'has everything that is committed sealed, and shows the last block: sealed, unchanged (nothing was new) or pending (the sealer did not answer in time)';

CREATE FUNCTION @extschema@.audit_digest()
    RETURNS jsonb
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_audit_digest';
COMMENT ON FUNCTION @extschema@.audit_digest() IS
    'the digest of the last block: keep it where this server cannot reach it, and give it to audit_verify()';

CREATE FUNCTION @extschema@.audit_confirm_copy(server text, reason text)
    RETURNS void
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_audit_confirm_copy';
COMMENT ON FUNCTION @extschema@.audit_confirm_copy(text, text) IS
    'says what a server with a record from another place is: moved (the only one that goes on) or copy (it gets an epoch of its own)';

-- The record begins here.
CREATE FUNCTION hipaa_migrate.open_first_epoch()
    RETURNS void
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_audit_open_first_epoch';
SELECT hipaa_migrate.open_first_epoch();
DROP FUNCTION hipaa_migrate.open_first_epoch();
