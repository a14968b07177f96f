-- description: System configuration and the history of its changes
-- depends-on: 20250103000000-create-base-schema
--
-- Settings of the application that staff may change while it runs.  The
-- history is written by a trigger, so no client can change a value without it.

-- Types ---------------------------------------------------------------------

DO $$
BEGIN
    CREATE TYPE config_category AS ENUM (
        'general', 'security', 'notification', 'integration', 'backup',
        'clinic');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

-- Settings ------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS system_configurations (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    key             text NOT NULL,
    value           text NOT NULL,
    category        config_category NOT NULL DEFAULT 'general',
    description     text,
    is_public       boolean NOT NULL DEFAULT false,
    updated_by      uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT system_configurations_pkey PRIMARY KEY (id),
    CONSTRAINT system_configurations_key_key UNIQUE (key),
    CONSTRAINT system_configurations_key_check
        CHECK (key ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$'),
    CONSTRAINT system_configurations_updated_by_fkey FOREIGN KEY (updated_by)
        REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_system_configurations_updated_by
    ON system_configurations (updated_by);
CREATE INDEX IF NOT EXISTS idx_system_configurations_category
    ON system_configurations (category);

COMMENT ON TABLE system_configurations IS 'Settings of the application. No health information, no secrets.';
COMMENT ON COLUMN system_configurations.is_public IS 'May be read before anyone has signed in.';

-- History -------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS configuration_history (
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    configuration_id uuid,
    config_key      text NOT NULL,
    old_value       text,
    new_value       text,
    changed_by      uuid,
    changed_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT configuration_history_pkey PRIMARY KEY (id),
    CONSTRAINT configuration_history_configuration_id_fkey
        FOREIGN KEY (configuration_id)
        REFERENCES system_configurations (id)
        ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT configuration_history_changed_by_fkey FOREIGN KEY (changed_by)
        REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE INDEX IF NOT EXISTS idx_configuration_history_configuration_id
    ON configuration_history (configuration_id);
CREATE INDEX IF NOT EXISTS idx_configuration_history_changed_by
    ON configuration_history (changed_by);

COMMENT ON TABLE configuration_history IS 'Every change of a setting; stays when the setting is deleted.';
COMMENT ON COLUMN configuration_history.config_key IS 'The key at the time, for when the setting is gone.';

-- Triggers ------------------------------------------------------------------

-- The search path is fixed, and the history is the one beside the setting's
-- table: a temporary table of that name must not catch the entry.
CREATE OR REPLACE FUNCTION record_configuration_change()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO %I.configuration_history'
        ' (configuration_id, config_key, old_value, new_value, changed_by)'
        ' VALUES ($1, $2, $3, $4, $5)', TG_TABLE_SCHEMA)
        USING NEW.id, NEW.key, OLD.value, NEW.value, NEW.updated_by;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION record_configuration_change() IS
    'Row trigger: writes configuration_history.';

CREATE OR REPLACE TRIGGER system_configurations_set_updated_at
    BEFORE UPDATE ON system_configurations
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE TRIGGER system_configurations_record_change
    AFTER UPDATE ON system_configurations
    FOR EACH ROW
    WHEN (OLD.value IS DISTINCT FROM NEW.value OR OLD.key <> NEW.key)
    EXECUTE FUNCTION record_configuration_change();
