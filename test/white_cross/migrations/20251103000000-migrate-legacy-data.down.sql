-- Undoes what the import did, and nothing else: the rows it inserted are
-- deleted, the gaps it filled are opened again.  The export itself was only
-- read and is still there.
--
-- What people entered since and hung on an imported row is not the import's to
-- delete: then the down stops with an error, here or at a foreign key.

-- Nothing may go along in silence (ON DELETE CASCADE, ON DELETE SET NULL).

DO $$
DECLARE
    fk      record;
    rows    bigint;
BEGIN
    IF to_regclass('legacy_import_row') IS NULL THEN
        RETURN;
    END IF;
    FOR fk IN
        SELECT c.conrelid::regclass AS child, a.attname AS column_name,
               ch.relname AS child_name, pa.relname AS parent_name
        FROM pg_catalog.pg_constraint AS c
        JOIN pg_catalog.pg_class AS ch ON ch.oid = c.conrelid
        JOIN pg_catalog.pg_class AS pa ON pa.oid = c.confrelid
        JOIN pg_catalog.pg_attribute AS a
            ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND c.confdeltype IN ('c', 'n')
          AND c.confrelid IN (
              SELECT DISTINCT to_regclass(r.target_table)
              FROM legacy_import_row AS r WHERE r.action = 'inserted')
        ORDER BY ch.relname, a.attname
    LOOP
        EXECUTE format(
            'SELECT count(*) FROM %s AS t WHERE t.%I IN ('
            ' SELECT target_id FROM legacy_import_row'
            ' WHERE target_table = $1 AND action = ''inserted'')'
            ' AND NOT EXISTS ('
            ' SELECT FROM legacy_import_row AS r WHERE r.target_table = $2'
            ' AND r.action = ''inserted'''
            ' AND r.target_id::text = to_jsonb(t) ->> ''id'')',
            fk.child, fk.column_name)
        INTO rows USING fk.parent_name, fk.child_name;
        IF rows > 0 THEN
            RAISE EXCEPTION 'cannot undo the import: % rows of "%" refer to imported rows of "%"',
                rows, fk.child_name, fk.parent_name
                USING ERRCODE = 'foreign_key_violation',
                      HINT = 'They were entered since. Move or delete them first.';
        END IF;
    END LOOP;
END
$$;

-- Children before parents.

DO $$
DECLARE
    target  text;
BEGIN
    IF to_regclass('legacy_import_row') IS NULL THEN
        RETURN;
    END IF;
    FOREACH target IN ARRAY ARRAY[
        'system_configurations', 'incident_reports', 'vaccinations',
        'allergies', 'emergency_contacts', 'students', 'schools',
        'districts', 'users']
    LOOP
        CONTINUE WHEN to_regclass(target) IS NULL;
        EXECUTE format(
            'DELETE FROM %I AS t USING legacy_import_row AS r'
            ' WHERE r.target_table = %L AND r.action = ''inserted'''
            ' AND t.id = r.target_id', target, target);
    END LOOP;

    -- Unless somebody has entered another chart number since.
    IF to_regclass('students') IS NOT NULL THEN
        UPDATE students AS s
        SET medical_record_num = NULL,
            updated_at = CASE
                WHEN s.updated_at = (r.written ->> 'updated_at')::timestamptz
                THEN (r.previous ->> 'updated_at')::timestamptz
                ELSE s.updated_at END
        FROM legacy_import_row AS r
        WHERE r.target_table = 'students' AND r.action = 'updated'
          AND s.id = r.target_id
          AND s.medical_record_num = r.written ->> 'medical_record_num';
    END IF;
END
$$;

DROP TABLE IF EXISTS legacy_import_issue;
DROP TABLE IF EXISTS legacy_import_row;

-- The up drops its helpers itself; this is for one that was cut short when run
-- by hand, statement by statement.

DROP FUNCTION IF EXISTS legacy_issue(text, text, text);
DROP FUNCTION IF EXISTS
    legacy_done(text, text, text, uuid, text, jsonb, jsonb);
DROP FUNCTION IF EXISTS legacy_is_done(text, text, text);
DROP FUNCTION IF EXISTS legacy_date(text);
DROP FUNCTION IF EXISTS legacy_id(text);
