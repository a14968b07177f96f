/* load: migrations out of files */

CREATE FUNCTION @extschema@.migrate_register_file(
    file_name text,
    content text,
    project text DEFAULT 'default',
    source jsonb DEFAULT NULL)
    RETURNS TABLE (
        migration text, revision integer, outcome text,
        checksum text, statements integer, details jsonb)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_register_file';
COMMENT ON FUNCTION @extschema@.migrate_register_file(text, text, text, jsonb) IS
    'registers what one migration file holds, in the format that its name or its lines show; runs nothing';

CREATE FUNCTION @extschema@.migrate_load(
    directory text,
    project text DEFAULT 'default',
    mode text DEFAULT 'add',
    source jsonb DEFAULT NULL)
    RETURNS TABLE (
        file text, migration text, format text,
        outcome text, revision integer, message text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_load';
COMMENT ON FUNCTION @extschema@.migrate_load(text, text, text, jsonb) IS
    'registers the migrations of a folder on the server, all or none; mode add, exact (also lists what is registered but gone from the folder) or check (changes nothing); runs nothing';

CREATE FUNCTION @extschema@.migrate_load_files(
    file_names text[],
    contents bytea[],
    project text DEFAULT 'default',
    mode text DEFAULT 'add',
    source jsonb DEFAULT NULL)
    RETURNS TABLE (
        file text, migration text, format text,
        outcome text, revision integer, message text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_load_files';
COMMENT ON FUNCTION @extschema@.migrate_load_files(text[], bytea[], text, text, jsonb) IS
    'as migrate_load, with the files sent by the client; the command hipaa-migrate-push calls it';
