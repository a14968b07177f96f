/* privileges: functions check capabilities themselves, tables belong to nobody */

GRANT USAGE ON SCHEMA hipaa_migrate TO PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA hipaa_migrate FROM PUBLIC;
GRANT SELECT ON hipaa_migrate.migration_status, hipaa_migrate.capability,
    hipaa_migrate.audit_event_kind, hipaa_migrate.audit_log,
    hipaa_migrate.guarded_command, hipaa_migrate.guarded_setting,
    hipaa_migrate.pending_confirmation, hipaa_migrate.retention_status,
    hipaa_migrate.guard_status, hipaa_migrate.guard_observed,
    hipaa_migrate.lint_rule, hipaa_migrate.person, hipaa_migrate.waiver_list, hipaa_migrate.assessment_list,
    hipaa_migrate.phi_inventory,
    hipaa_migrate.exemption, hipaa_migrate.break_glass_review,
    hipaa_migrate.freeze_list,
    hipaa_migrate.approval_list, hipaa_migrate.submission_list TO PUBLIC;

-- A dump carries the registry, the runs, policy and approvals, and the record.
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.migration_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.run_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.step_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.waiver_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.migration', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.migration_revision', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.migration_dependency', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.capability_grant', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.run', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.run_step', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.run_statement', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.waiver', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.person_login', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.policy_requirement', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.freeze_period', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.assessment', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.submission', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.submission_member', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.approval', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.freeze_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.assessment_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.submission_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.approval_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.audit_event', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.audit_leaf', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.audit_block', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.audit_epoch', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.audit_hold', '');
SELECT pg_catalog.pg_extension_config_dump('hipaa_migrate.hold_id_seq', '');
