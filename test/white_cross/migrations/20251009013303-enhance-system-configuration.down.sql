-- The older form has one value for each key.  A school's own values cannot be
-- kept in it: they are deleted, the district-wide ones stay.

DO $$
BEGIN
    DELETE FROM system_configurations WHERE school_id IS NOT NULL;
EXCEPTION
    WHEN undefined_column OR undefined_table THEN NULL;
END
$$;

DROP INDEX IF EXISTS idx_system_configurations_scope;
DROP INDEX IF EXISTS idx_system_configurations_school_id;

DO $$
BEGIN
    ALTER TABLE IF EXISTS system_configurations
        ADD CONSTRAINT system_configurations_key_key UNIQUE (key);
EXCEPTION
    WHEN duplicate_object OR duplicate_table THEN NULL;
END
$$;

ALTER TABLE IF EXISTS system_configurations
    DROP CONSTRAINT IF EXISTS system_configurations_key_school_key,
    DROP CONSTRAINT IF EXISTS system_configurations_valid_values_check,
    DROP CONSTRAINT IF EXISTS system_configurations_limits_check,
    DROP CONSTRAINT IF EXISTS system_configurations_scope_check,
    DROP CONSTRAINT IF EXISTS system_configurations_school_id_fkey;

ALTER TABLE IF EXISTS configuration_history
    DROP COLUMN IF EXISTS client_address,
    DROP COLUMN IF EXISTS reason;

ALTER TABLE IF EXISTS system_configurations
    DROP COLUMN IF EXISTS sort_order,
    DROP COLUMN IF EXISTS tags,
    DROP COLUMN IF EXISTS requires_restart,
    DROP COLUMN IF EXISTS is_editable,
    DROP COLUMN IF EXISTS valid_values,
    DROP COLUMN IF EXISTS max_value,
    DROP COLUMN IF EXISTS min_value,
    DROP COLUMN IF EXISTS default_value,
    DROP COLUMN IF EXISTS school_id,
    DROP COLUMN IF EXISTS scope,
    DROP COLUMN IF EXISTS value_type;

DROP TYPE IF EXISTS config_scope;
DROP TYPE IF EXISTS config_value_type;
