--
-- white_cross: the example project, and the seventeen checks that a careful
-- rollback suite makes, each by name.
--
-- test/white_cross/prove.sh shows the same of the texts alone, with psql and
-- pg_dump; here the extension runs them.
--
\getenv abs_srcdir PG_ABS_SRCDIR
\set directory :abs_srcdir '/test/white_cross/migrations'
\set base 'white_cross:20250103000000-create-base-schema'
\set health 'white_cross:20250103000001-create-health-records-core'
\set settings 'white_cross:20251009013303-enhance-system-configuration'
\set indexes 'white_cross:20251011000000-performance-indexes'
\set legacy 'white_cross:20251103000000-migrate-legacy-data'

-- What is there already is skipped with a NOTICE, and progress tells the time.
SET client_min_messages = warning;

-- Everything in schema public that is not the extension's, as text.  One
-- fingerprint of it before and after is how each check below compares.
CREATE SCHEMA white_cross_test;
SET search_path = white_cross_test, public;

CREATE VIEW object AS
WITH mine AS (
    SELECT c.oid, c.relkind, c.oid::regclass::text AS name
    FROM pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend AS d
                      WHERE d.classid = 'pg_class'::regclass
                        AND d.objid = c.oid AND d.deptype = 'e')
)
SELECT 'class' AS kind, name AS identity, relkind::text AS definition
FROM mine
UNION ALL
SELECT 'column', m.name || '.' || a.attname,
       concat_ws(' ', a.attnum - (SELECT count(*) FROM pg_attribute AS dropped
                                  WHERE dropped.attrelid = a.attrelid
                                    AND dropped.attnum BETWEEN 1 AND a.attnum
                                    AND dropped.attisdropped),
                 format_type(a.atttypid, a.atttypmod), a.attnotnull,
                 a.attgenerated, pg_get_expr(d.adbin, d.adrelid),
                 col_description(a.attrelid, a.attnum))
FROM mine AS m
JOIN pg_attribute AS a ON a.attrelid = m.oid AND a.attnum > 0
                      AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE m.relkind = 'r'
UNION ALL
SELECT 'constraint', m.name || '.' || c.conname,
       pg_get_constraintdef(c.oid) || ' ' || c.convalidated
FROM mine AS m
JOIN pg_constraint AS c ON c.conrelid = m.oid
UNION ALL
SELECT 'index', m.name, pg_get_indexdef(i.indexrelid) || ' ' || i.indisvalid
FROM mine AS m
JOIN pg_index AS i ON i.indexrelid = m.oid
UNION ALL
SELECT 'trigger', m.name || '.' || t.tgname, pg_get_triggerdef(t.oid)
FROM mine AS m
JOIN pg_trigger AS t ON t.tgrelid = m.oid AND NOT t.tgisinternal
UNION ALL
SELECT 'comment', m.name, obj_description(m.oid, 'pg_class')
FROM mine AS m
UNION ALL
SELECT 'type', t.oid::regtype::text,
       concat_ws(' ', t.typtype, obj_description(t.oid, 'pg_type'),
                 (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)
                  FROM pg_enum AS e WHERE e.enumtypid = t.oid))
FROM pg_type AS t
WHERE t.typnamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend AS d
                  WHERE d.classid = 'pg_type'::regclass
                    AND d.objid = t.oid AND d.deptype = 'e')
UNION ALL
SELECT 'function', p.oid::regprocedure::text,
       concat_ws(' ', pg_get_functiondef(p.oid),
                 obj_description(p.oid, 'pg_proc'))
FROM pg_proc AS p
WHERE p.pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend AS d
                  WHERE d.classid = 'pg_proc'::regclass
                    AND d.objid = p.oid AND d.deptype = 'e');

CREATE FUNCTION fingerprint() RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT encode(sha256(convert_to(coalesce(
        string_agg(o::text, E'\n' ORDER BY o::text COLLATE "C"), ''), 'UTF8')),
        'hex')
    FROM object AS o;
END;

-- The tables that are there, and what the registry takes for applied.
CREATE FUNCTION tables() RETURNS text[]
LANGUAGE sql STABLE
RETURN (SELECT coalesce(array_agg(identity ORDER BY identity COLLATE "C"), '{}')
        FROM object WHERE kind = 'class' AND definition = 'r');

CREATE FUNCTION applied() RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT count(*) FROM migrate_status('white_cross')
        WHERE state = 'applied');

-- Executes the text of a migration as anybody could, outside the runner, and
-- says what is there then.
CREATE FUNCTION by_hand(migration text, direction text DEFAULT 'up')
RETURNS text
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $$
DECLARE
    text_of_statement text;
BEGIN
    FOR text_of_statement IN
        SELECT statement FROM migrate_show(migration, direction)
        ORDER BY statement_no
    LOOP
        EXECUTE text_of_statement;
    END LOOP;
    RETURN white_cross_test.fingerprint();
END
$$;

-- A fingerprint that cannot see a difference would make every check below
-- pass: it must see a table, a column, a default, a label and a comment.
SELECT fingerprint() AS seen_0 \gset
CREATE TYPE public.colour AS ENUM ('red');
SELECT fingerprint() AS seen_1 \gset
ALTER TYPE public.colour ADD VALUE 'blue';
SELECT fingerprint() AS seen_2 \gset
CREATE TABLE public.paint (id integer);
SELECT fingerprint() AS seen_3 \gset
ALTER TABLE public.paint ADD COLUMN c public.colour;
SELECT fingerprint() AS seen_4 \gset
ALTER TABLE public.paint ALTER COLUMN id SET DEFAULT 1;
SELECT fingerprint() AS seen_5 \gset
COMMENT ON TABLE public.paint IS 'wet';
SELECT fingerprint() AS seen_6 \gset
CREATE INDEX paint_id ON public.paint (id);
SELECT fingerprint() AS seen_7 \gset
ALTER TABLE public.paint ADD CHECK (id > 0);
SELECT fingerprint() AS seen_8 \gset
SELECT count(DISTINCT f) = 9 AS sees_every_change
FROM unnest(ARRAY[:'seen_0', :'seen_1', :'seen_2', :'seen_3', :'seen_4',
                  :'seen_5', :'seen_6', :'seen_7', :'seen_8']) AS f;
DROP TABLE public.paint;
DROP TYPE public.colour;
SELECT fingerprint() = :'seen_0' AS sees_nothing_left;

-- The folder as it is.  The load runs nothing.
CREATE TABLE loaded AS
    SELECT * FROM migrate_load(:'directory', 'white_cross');
SELECT DISTINCT outcome FROM loaded WHERE migration IS NOT NULL;
SELECT migration, state FROM migrate_status('white_cross');
\pset format unaligned
SELECT line FROM migrate_tree('white_cross');
\pset format aligned
SELECT fingerprint() AS empty \gset

-- 1.
SELECT 'every migration has an up' AS check_name,
       count(*) = 9 AND bool_and(u.statements > 0) AS ok
FROM migrate_status('white_cross') AS s,
     LATERAL (SELECT count(*) AS statements
              FROM migrate_show(s.migration, 'up')) AS u;

-- 2.
SELECT 'every migration has a down' AS check_name,
       count(*) = 9 AND bool_and(d.statements > 0) AS ok
FROM migrate_status('white_cross') AS s,
     LATERAL (SELECT count(*) AS statements
              FROM migrate_show(s.migration, 'down')) AS d;

-- 3. It and nothing else.
SELECT migration, outcome FROM migrate_up(:'base');
SELECT 'base schema applies' AS check_name,
       applied() = 1 AND tables() = '{districts,emergency_contacts,schools,'
           'students,users}' AS ok;
SELECT fingerprint() AS with_base \gset

-- 4.
SELECT migration, outcome FROM migrate_down(:'base');
SELECT 'base schema reverts' AS check_name,
       applied() = 0 AND fingerprint() = :'empty'
       AND :'empty' <> :'with_base' AS ok;

-- 5. The target brings along what it depends on.
SELECT migration, outcome FROM migrate_up(:'health');
SELECT 'health records apply' AS check_name,
       applied() = 2 AND tables() @> '{allergies,appointments,'
           'chronic_conditions,health_records,students}' AS ok;
SELECT fingerprint() AS with_health \gset

-- 6. The base stays.
SELECT migration, outcome FROM migrate_down(:'health');
SELECT 'health records revert' AS check_name,
       applied() = 1 AND fingerprint() = :'with_base'
       AND :'with_base' <> :'with_health' AS ok;

-- 7. Up again over what is there; down and up; down over nothing.
\set twice 'failed'
SELECT by_hand(:'base') AS twice \gset
SELECT migration, outcome FROM migrate_redo(:'base');
SELECT fingerprint() AS redone \gset
SELECT migration, outcome FROM migrate_down(:'base');
\set down_twice 'failed'
SELECT by_hand(:'base', 'down') AS down_twice \gset
SELECT 'base is idempotent' AS check_name,
       :'twice' = :'with_base' AND :'redone' = :'with_base'
       AND :'down_twice' = :'empty' AS ok;

-- 8.
SELECT migration, outcome FROM migrate_up(:'health');
\set twice 'failed'
SELECT by_hand(:'health') AS twice \gset
SELECT migration, outcome FROM migrate_redo(:'health');
SELECT fingerprint() AS redone \gset
SELECT migration, outcome FROM migrate_down(:'health');
\set down_twice 'failed'
SELECT by_hand(:'health', 'down') AS down_twice \gset
SELECT 'health records are idempotent' AS check_name,
       :'twice' = :'with_health' AND :'redone' = :'with_health'
       AND :'down_twice' = :'with_base' AS ok;
SELECT migration, outcome FROM migrate_down(:'base');

-- 9. By name is by time: 14 digits, each once, and the folder is read so.
SELECT 'names are sorted' AS check_name,
       count(*) = 9 AND count(DISTINCT substring(migration FROM '\d{14}')) = 9
       AND bool_and(migration ~ '^white_cross:\d{14}-[a-z0-9]+(-[a-z0-9]+)*$')
       AND array_agg(migration ORDER BY n)
           = array_agg(migration ORDER BY migration COLLATE "C") AS ok
FROM (SELECT DISTINCT ON (migration) migration, n
      FROM (SELECT migration, row_number() OVER () AS n FROM loaded) AS rows_read
      WHERE migration IS NOT NULL
      ORDER BY migration, n) AS read;

-- 10. The base is first, and everything comes after all it depends on.
CREATE TABLE plan AS
    SELECT step, migration, runnable FROM migrate_plan(project => 'white_cross');
SELECT 'base before its dependents' AS check_name,
       (SELECT migration = :'base' FROM plan WHERE step = 1)
       AND (SELECT count(*) = 9 AND bool_and(runnable) FROM plan)
       AND count(*) > 9 AND bool_and(needed.step < p.step) AS ok
FROM hipaa_migrate.migration AS m
JOIN hipaa_migrate.migration_dependency AS d
    ON d.migration_id = m.migration_id AND d.revision = m.revision
JOIN plan AS p ON p.migration = m.project || ':' || m.name
LEFT JOIN plan AS needed ON needed.migration = d.project || ':' || d.name
WHERE m.project = 'white_cross';

-- 11. Everything but the indexes first, so that what they add can be seen.
SELECT migration, outcome FROM migrate_up(:'legacy');
SELECT migration, outcome FROM migrate_up(:'settings');
SELECT fingerprint() AS without_indexes \gset
SELECT 'foreign keys exist' AS check_name,
       count(*) >= 20
       AND count(DISTINCT conrelid) = cardinality(tables()) - 4 AS ok
FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace;

-- Districts and medications refer to nothing, nor does the import's own record.
SELECT unnest(tables()) AS refers_to_nothing
EXCEPT
SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f'
ORDER BY 1;

-- 12. "No action" is what a foreign key says that says nothing.
SELECT 'foreign keys have explicit actions' AS check_name,
       count(*) FILTER (WHERE confdeltype = 'a' OR confupdtype = 'a') = 0
       AND count(DISTINCT confdeltype) = 3 AS ok
FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace;

-- 13. Those of the foreign keys came with their tables.
SELECT migration, outcome FROM migrate_up(project => 'white_cross');
SELECT fingerprint() AS with_all \gset
CREATE VIEW index_made AS
    SELECT substring(s.statement FROM 'INDEX IF NOT EXISTS (\w+)') AS name,
           i.indisvalid, i.indpred IS NOT NULL AS is_partial,
           i.indnkeyatts > 1 AS is_composite,
           pg_get_indexdef(i.indexrelid) ~ 'gin \(to_tsvector' AS is_full_text
    FROM migrate_show(:'indexes') AS s
    LEFT JOIN pg_index AS i ON i.indexrelid = to_regclass('public.'
        || substring(s.statement FROM 'INDEX IF NOT EXISTS (\w+)'));
SELECT 'indexes are made' AS check_name,
       count(indisvalid) >= 40 AND count(indisvalid) = count(*)
       AND bool_and(indisvalid) AND bool_or(is_partial)
       AND bool_or(is_composite) AND bool_or(is_full_text)
       AND NOT EXISTS (
           SELECT FROM pg_constraint AS c
           WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
             AND NOT EXISTS (SELECT FROM pg_index AS i
                             WHERE i.indrelid = c.conrelid
                               AND i.indpred IS NULL
                               AND i.indkey[0] = c.conkey[1])) AS ok
FROM index_made;

-- 14.
SELECT migration, outcome FROM migrate_down(:'indexes');
SELECT 'indexes are removed' AS check_name,
       count(indisvalid) = 0 AND fingerprint() = :'without_indexes'
       AND :'without_indexes' <> :'with_all' AS ok
FROM index_made;

-- 15. Every one is made in a block that forgives, and none stays behind.
SELECT migration, outcome FROM migrate_down(:'base', scope => 'dependents');
SELECT 'enums are guarded and removed' AS check_name,
       count(*) >= 20 AND bool_and(s.statement ~ '^DO \$\$'
                                   AND s.statement ~ 'WHEN duplicate_object')
       AND NOT EXISTS (SELECT FROM object WHERE kind = 'type') AS ok
FROM migrate_status('white_cross') AS m, migrate_show(m.migration) AS s
WHERE s.statement ~ 'CREATE TYPE';

-- 16. Four of nine have run when the fifth fails, at its second statement.
SELECT outcome FROM migrate_register('20250601000000-fails-in-the-middle',
    'CREATE TABLE IF NOT EXISTS half_done (id integer); SELECT 1 / 0;',
    'DROP TABLE IF EXISTS half_done;',
    '{20250103000000-create-base-schema}', project => 'white_cross');
SELECT step, migration FROM migrate_plan(project => 'white_cross')
WHERE migration ~ 'fails-in-the-middle';
SELECT migration, outcome FROM migrate_up(project => 'white_cross');
SELECT 'a failure in the middle rolls back' AS check_name,
       applied() = 0 AND fingerprint() = :'empty' AS ok;
SELECT migrate_unregister('white_cross:20250601000000-fails-in-the-middle',
                          'it was made to fail');

-- 17. Up, down, up, down: each time to exactly the same place.
SELECT migration, outcome FROM migrate_up(project => 'white_cross');
SELECT fingerprint() AS up_1 \gset
SELECT migration, outcome FROM migrate_down(:'base', scope => 'dependents');
SELECT fingerprint() AS down_1 \gset
SELECT count(*) FROM migrate_up(project => 'white_cross');
SELECT fingerprint() AS up_2 \gset
SELECT count(*) FROM migrate_down(:'base', scope => 'dependents');
SELECT fingerprint() AS down_2 \gset
SELECT 'full cycle' AS check_name,
       ARRAY[:'up_1', :'up_2'] = ARRAY[:'with_all', :'with_all']
       AND ARRAY[:'down_1', :'down_2'] = ARRAY[:'empty', :'empty']
       AND applied() = 0 AS ok;

-- Nothing is left for the tests that follow.
SELECT count(migrate_unregister(migration, 'end of the test'))
FROM migrate_status('white_cross');
RESET search_path;
DROP SCHEMA white_cross_test CASCADE;
