-- description: Typed settings with limits, and a value of its own for a school
-- depends-on: 20250103000003-create-system-configuration
--
-- Until now a key had one value for everybody.  From here on a school may
-- override it: the unique key becomes (key, school), where NULL is the
-- district-wide value and counts as one value (NULLS NOT DISTINCT).

-- Types ---------------------------------------------------------------------

DO $$
BEGIN
    CREATE TYPE config_value_type AS ENUM (
        'string', 'integer', 'number', 'boolean', 'json', 'duration');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    CREATE TYPE config_scope AS ENUM ('system', 'school');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

-- Columns -------------------------------------------------------------------

ALTER TABLE system_configurations
    ADD COLUMN IF NOT EXISTS value_type config_value_type NOT NULL DEFAULT 'string',
    ADD COLUMN IF NOT EXISTS scope config_scope NOT NULL DEFAULT 'system',
    ADD COLUMN IF NOT EXISTS school_id uuid
        CONSTRAINT system_configurations_school_id_fkey
        REFERENCES schools (id) ON DELETE CASCADE ON UPDATE CASCADE,
    ADD COLUMN IF NOT EXISTS default_value text,
    ADD COLUMN IF NOT EXISTS min_value numeric,
    ADD COLUMN IF NOT EXISTS max_value numeric,
    ADD COLUMN IF NOT EXISTS valid_values text[],
    ADD COLUMN IF NOT EXISTS is_editable boolean NOT NULL DEFAULT true,
    ADD COLUMN IF NOT EXISTS requires_restart boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS tags text[] NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS sort_order integer NOT NULL DEFAULT 0;

ALTER TABLE configuration_history
    ADD COLUMN IF NOT EXISTS reason text,
    ADD COLUMN IF NOT EXISTS client_address inet;

COMMENT ON COLUMN system_configurations.scope IS 'Whom the value is for; ''school'' needs school_id.';
COMMENT ON COLUMN system_configurations.school_id IS 'NULL: the district-wide value.';
COMMENT ON COLUMN system_configurations.valid_values IS 'If not NULL, the value must be one of these.';
COMMENT ON COLUMN configuration_history.client_address IS 'Where the request came from, if the application says.';

-- Constraints ---------------------------------------------------------------

DO $$
BEGIN
    ALTER TABLE system_configurations
        ADD CONSTRAINT system_configurations_scope_check
        CHECK ((scope = 'school') = (school_id IS NOT NULL));
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    ALTER TABLE system_configurations
        ADD CONSTRAINT system_configurations_limits_check
        CHECK (min_value <= max_value);
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

DO $$
BEGIN
    ALTER TABLE system_configurations
        ADD CONSTRAINT system_configurations_valid_values_check
        CHECK (valid_values IS NULL OR value = ANY (valid_values));
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

-- A second attempt finds the index of the constraint: duplicate_table.
DO $$
BEGIN
    ALTER TABLE system_configurations
        ADD CONSTRAINT system_configurations_key_school_key
        UNIQUE NULLS NOT DISTINCT (key, school_id);
EXCEPTION
    WHEN duplicate_object OR duplicate_table THEN NULL;
END
$$;

ALTER TABLE system_configurations
    DROP CONSTRAINT IF EXISTS system_configurations_key_key;

-- Indexes -------------------------------------------------------------------

CREATE INDEX IF NOT EXISTS idx_system_configurations_school_id
    ON system_configurations (school_id);
CREATE INDEX IF NOT EXISTS idx_system_configurations_scope
    ON system_configurations (scope);
