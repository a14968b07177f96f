-- test/public/fill.sql
--	  Rows for any schema: whatever tables there are get some, as far as types,
--	  NOT NULL and foreign keys of one column tell how.
--
-- For test/public/lint, in a throw-away database.  What cannot be filled (a
-- CHECK that wants to be understood, say) stays empty.
CREATE SCHEMA hm_fill;

CREATE TABLE hm_fill.finding (
    step int, migration text, statement_no int, line int, severity text, rule text, object text, message text);
CREATE TABLE hm_fill.setback (step int, migration text, kind text);

-- An expression over i, the number of the row.
CREATE FUNCTION hm_fill.value(of_type oid, type_mod int, name text) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    t pg_type;
    shown text := format_type(of_type, type_mod);
BEGIN
    SELECT * INTO t FROM pg_type WHERE oid = of_type;
    RETURN CASE
        WHEN t.typtype = 'd' THEN hm_fill.value(t.typbasetype, t.typtypmod, name)
        WHEN t.typtype = 'e' THEN format('(enum_range(NULL::%s))[1 + i %% array_length(enum_range(NULL::%1$s), 1)]', shown)
        WHEN t.typcategory = 'A' THEN format('ARRAY[%s]::%s', hm_fill.value(t.typelem, type_mod, name), shown)
        WHEN t.typname = 'int2' THEN 'i % 30000'
        WHEN t.typcategory = 'N' THEN 'i'
        WHEN t.typcategory = 'B' THEN 'i % 3 = 0'
        WHEN t.typname IN ('varchar', 'bpchar') AND type_mod > 4
            THEN format('right(%L || i, %s)', name, type_mod - 4)
        WHEN t.typcategory = 'S' THEN format('%L || i', name || ' ')
        WHEN t.typname = 'interval' THEN 'i * interval ''1 minute'''
        WHEN t.typname = 'time' THEN 'time ''12:00'' + i * interval ''1 second'''
        WHEN t.typcategory = 'D' THEN format('(date ''2025-01-01'' - i * interval ''1 hour'')::%s', shown)
        WHEN t.typname = 'uuid' THEN 'md5(i::text)::uuid'
        WHEN t.typname IN ('json', 'jsonb') THEN format('json_build_object(''n'', i)::%s', shown)
        WHEN t.typname = 'bytea' THEN 'decode(md5(i::text), ''hex'')'
        WHEN t.typname = 'inet' THEN 'inet ''10.0.0.0'' + i'
        WHEN t.typname = 'ltree' THEN '(''0.'' || i)::ltree'
        ELSE 'NULL'
    END;
END $$;

-- The same for a column: of the rows that it refers to, if any.
CREATE FUNCTION hm_fill.column_value(a pg_attribute) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    other text;
BEGIN
    SELECT format('(SELECT (array_agg(k ORDER BY k))[1 + (i - 1) %% count(*)] FROM (SELECT %I AS k FROM %s ORDER BY 1 LIMIT 500) AS s)',
                  f.attname, c.confrelid::regclass)
      INTO other
      FROM pg_constraint AS c
      JOIN pg_attribute AS f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]
     WHERE c.contype = 'f' AND c.conrelid = a.attrelid AND c.conkey = ARRAY[a.attnum] AND c.confrelid <> c.conrelid
     LIMIT 1;
    RETURN coalesce(other, hm_fill.value(a.atttypid, a.atttypmod, a.attname));
END $$;

CREATE VIEW hm_fill.tables AS
    SELECT c.oid::regclass AS name
      FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND c.relname !~ 'schema_migrations'
       AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'hm_fill', 'hipaa_migrate')
     ORDER BY c.oid;

-- false: it could not be done.
CREATE FUNCTION hm_fill.fill_table(relation regclass, how_many int, nullable boolean) RETURNS boolean
    LANGUAGE plpgsql AS $$
DECLARE
    columns text;
    expressions text;
BEGIN
    SELECT string_agg(quote_ident(a.attname), ', '), string_agg(hm_fill.column_value(a), ', ')
      INTO columns, expressions
      FROM pg_attribute AS a
     WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = ''
       AND NOT a.atthasdef AND (nullable OR a.attnotnull);
    IF columns IS NULL THEN
        EXECUTE format('INSERT INTO %s DEFAULT VALUES', relation);
        RETURN true;
    END IF;
    EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM generate_series(1, %s) AS i ON CONFLICT DO NOTHING',
                   relation, columns, expressions, how_many);
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    RETURN false;
END $$;

-- A column that is NULL everywhere came later.
CREATE PROCEDURE hm_fill.fill_column(a pg_attribute)
    LANGUAGE plpgsql AS $$
DECLARE
    filled boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %I IS NOT NULL)', a.attrelid::regclass, a.attname) INTO filled;
    IF NOT filled THEN
        EXECUTE format('UPDATE %s AS t SET %I = %s FROM (SELECT ctid AS place, row_number() OVER () AS i FROM %1$s) AS s WHERE t.ctid = s.place',
                       a.attrelid::regclass, a.attname, hm_fill.column_value(a));
    END IF;
EXCEPTION WHEN OTHERS THEN
    NULL;
END $$;

CREATE PROCEDURE hm_fill.fill(how_many int)
    LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
    a pg_attribute;
    filled boolean;
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    FOR pass IN 1 .. 3 LOOP
        FOR relation IN SELECT name FROM hm_fill.tables LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %s)', relation) INTO filled;
            filled := filled OR hm_fill.fill_table(relation, how_many, true) OR
                hm_fill.fill_table(relation, how_many, false);
        END LOOP;
    END LOOP;
    FOR a IN SELECT x.* FROM pg_attribute AS x JOIN hm_fill.tables AS t ON t.name = x.attrelid
              WHERE x.attnum > 0 AND NOT x.attisdropped AND NOT x.attnotnull AND x.attgenerated = ''
    LOOP
        CALL hm_fill.fill_column(a);
    END LOOP;
END $$;

CREATE PROCEDURE hm_fill.clear()
    LANGUAGE plpgsql AS $$
DECLARE
    all_tables text;
BEGIN
    SELECT string_agg(name::text, ', ') INTO all_tables FROM hm_fill.tables;
    EXECUTE coalesce('TRUNCATE ' || all_tables || ' CASCADE', 'SELECT');
END $$;
