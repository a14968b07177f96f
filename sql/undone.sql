-- What is only tried out is taken back when it fails too, by whoever tried it:
-- an exception block around the call must find its own subtransaction there.
\set VERBOSITY terse
CREATE TABLE tried (what text);
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tried VALUES (statement);
    EXECUTE statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END $$;

-- A folder that is only checked: nothing of the block stays.
SELECT try($$SELECT migrate_load_files(ARRAY['20250202000000-undone.up.sql'],
                                       ARRAY['SELECT 1 FROM'::bytea], mode => 'check')$$);
SELECT * FROM tried;
SELECT pg_current_xact_id_if_assigned() IS NULL AS transaction_ended;

-- A verify text that fails.
SELECT outcome FROM migrate_register('20250202000000-undone', up => 'CREATE TABLE made ()',
                                     down => 'DROP TABLE made', verify => 'SELECT 1/0');
SELECT try('SELECT migrate_up()');
SELECT * FROM tried;
SELECT to_regclass('made') AS made, pg_current_xact_id_if_assigned() IS NULL AS transaction_ended;
SELECT migration, state FROM migrate_status() WHERE migration LIKE '%-undone';

-- The same while adopting.
SELECT try($$SELECT migrate_adopt(ARRAY['20250202000000-undone'], 'it is there')$$);
SELECT * FROM tried;
SELECT pg_current_xact_id_if_assigned() IS NULL AS transaction_ended;

-- And what does not fail is taken back as well.
SELECT try($$SELECT migrate_load_files(ARRAY['20250202000001-undone.up.sql'],
                                       ARRAY['SELECT 1'::bytea], mode => 'check')$$);
SELECT migration, state FROM migrate_status() WHERE migration LIKE '%-undone';

SELECT migrate_unregister('20250202000000-undone', 'only a test');
DROP FUNCTION try(text);
DROP TABLE tried;
