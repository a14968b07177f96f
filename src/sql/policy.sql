/* policy: what is asked of a migration before it may run */

CREATE TABLE hipaa_migrate.policy_requirement (
    risk                text COLLATE "C" NOT NULL CHECK (risk IN ('ALL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    requirement         text COLLATE "C" NOT NULL,
    value               jsonb NOT NULL,
    changed_by          text COLLATE "C" NOT NULL,
    confirmed_by        text COLLATE "C",
    changed_at          timestamptz NOT NULL,
    reason              text COLLATE "C" NOT NULL,
    CONSTRAINT policy_requirement_pkey PRIMARY KEY (risk, requirement)
);
COMMENT ON TABLE hipaa_migrate.policy_requirement IS
    'the policy, requirement by requirement; changed by migrate_set_policy and migrate_use_policy only';
COMMENT ON COLUMN hipaa_migrate.policy_requirement.risk IS
    'LOW | MEDIUM | HIGH | CRITICAL; ALL: whatever the risk';
COMMENT ON COLUMN hipaa_migrate.policy_requirement.requirement IS
    'what is asked, as in migrate_policy()';
COMMENT ON COLUMN hipaa_migrate.policy_requirement.value IS
    'how it is asked';
COMMENT ON COLUMN hipaa_migrate.policy_requirement.changed_by IS
    'the authenticated user who asked for it';
COMMENT ON COLUMN hipaa_migrate.policy_requirement.confirmed_by IS
    'the authenticated user who confirmed it, where two people are needed';
COMMENT ON COLUMN hipaa_migrate.policy_requirement.changed_at IS
    'when';
COMMENT ON COLUMN hipaa_migrate.policy_requirement.reason IS
    'why';

CREATE FUNCTION @extschema@.migrate_policy()
    RETURNS TABLE (
        risk text, requirement text, setting text, value jsonb, changed_by text,
        changed_at timestamptz)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_migrate_policy';
COMMENT ON FUNCTION @extschema@.migrate_policy() IS
    'what is asked of a migration before it may run, by its risk';

CREATE FUNCTION @extschema@.migrate_set_policy(
    risk text,
    requirement text DEFAULT NULL,
    value jsonb DEFAULT NULL,
    reason text DEFAULT NULL)
    RETURNS bigint
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_set_policy';
COMMENT ON FUNCTION @extschema@.migrate_set_policy(text, text, jsonb, text) IS
    'sets a requirement of the policy, or takes it away (value null); returns the number that another person is to confirm, null: it is done';

CREATE FUNCTION @extschema@.migrate_use_policy(
    preset text,
    reason text DEFAULT NULL)
    RETURNS bigint
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_use_policy';
COMMENT ON FUNCTION @extschema@.migrate_use_policy(text, text) IS
    'puts preset development, hipaa or none in the place of the whole policy; returns the number that another person is to confirm, null: it is done';

CREATE FUNCTION @extschema@.migrate_policy_check()
    RETURNS TABLE (
        risk text, status text, item text, message text, remedy text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_policy_check';
COMMENT ON FUNCTION @extschema@.migrate_policy_check() IS
    'whether the policy can be met by the people, roles and windows there are (ok, warning, critical), and the next command where it cannot';
