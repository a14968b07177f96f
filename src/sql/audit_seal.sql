/* audit_seal: seals, digests, epochs */

-- The record begins here.
CREATE FUNCTION hipaa_migrate.open_first_epoch()
    RETURNS void
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_audit_open_first_epoch';
SELECT hipaa_migrate.open_first_epoch();
DROP FUNCTION hipaa_migrate.open_first_epoch();
