/* phi: which tables and columns hold health information */

CREATE FUNCTION hipaa_migrate.phi_level(
    relation oid,
    attnum smallint,
    OUT level text,
    OUT given_by text)
    LANGUAGE C STABLE STRICT
    AS 'MODULE_PATHNAME', 'hm_phi_level_and_giver';
COMMENT ON FUNCTION hipaa_migrate.phi_level(oid, smallint) IS
    'what labels say of a column, or of a table when the number is 0, and whose label it is if not its own';

CREATE FUNCTION hipaa_migrate.view_sources(view oid)
    RETURNS TABLE (attnum smallint, source oid, source_attnum smallint)
    LANGUAGE C STABLE STRICT
    AS 'MODULE_PATHNAME', 'hm_phi_view_sources';
COMMENT ON FUNCTION hipaa_migrate.view_sources(oid) IS
    'which columns each column of a view shows, also through other views; number 0 is the whole row';

CREATE VIEW hipaa_migrate.phi_inventory WITH (security_barrier) AS
    WITH RECURSIVE labelled (relation) AS (
        -- What has labels, and what is a partition or child of such.
        SELECT l.objoid
          FROM pg_catalog.pg_seclabel AS l
         WHERE l.provider = 'hipaa_migrate'
           AND l.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
        UNION
        SELECT i.inhrelid
          FROM labelled AS p
          JOIN pg_catalog.pg_inherits AS i ON i.inhparent = p.relation
    ), lineage (relation, ancestor) AS (
        -- Whoever reads an ancestor reads it too.
        SELECT l.relation, l.relation FROM labelled AS l
        UNION
        SELECT l.relation, i.inhparent
          FROM lineage AS l
          JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = l.ancestor
    ), reading (relation) AS (
        -- Views that read it, and views that read those.
        SELECT l.ancestor FROM lineage AS l
        UNION
        SELECT w.ev_class
          FROM reading AS r
          JOIN pg_catalog.pg_depend AS d
            ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
           AND d.refobjid = r.relation
           AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
          JOIN pg_catalog.pg_rewrite AS w
            ON w.oid = d.objid AND w.ev_type = '1'
    ), exposed (relation, attname, exposed_in) AS MATERIALIZED (
        SELECT l.relation, a.attname,
               pg_catalog.array_agg(DISTINCT
                   pg_catalog.format('%I.%I.%I', n.nspname, v.relname, va.attname) COLLATE "C")
          FROM (SELECT DISTINCT r.relation FROM reading AS r) AS r
          JOIN pg_catalog.pg_class AS v
            ON v.oid = r.relation AND v.relkind IN ('v', 'm')
          JOIN pg_catalog.pg_namespace AS n ON n.oid = v.relnamespace
         CROSS JOIN LATERAL hipaa_migrate.view_sources(v.oid) AS s
          JOIN pg_catalog.pg_attribute AS va
            ON va.attrelid = v.oid AND va.attnum = s.attnum
          JOIN lineage AS l ON l.ancestor = s.source
          JOIN pg_catalog.pg_attribute AS a
            ON a.attrelid = l.ancestor AND a.attnum > 0 AND NOT a.attisdropped
           AND s.source_attnum IN (a.attnum, 0)
         WHERE (hipaa_migrate.phi_level(v.oid, s.attnum)).level IS DISTINCT FROM 'none'
         GROUP BY l.relation, a.attname
    )
    SELECT n.nspname::text AS schema, c.relname::text AS relation,
           a.attname::text AS column_name, f.level,
           CASE WHEN a.attnum IS NOT NULL
                THEN pg_catalog.format_type(a.atttypid, a.atttypmod)
           END AS data_type,
           f.given_by AS inherited_from,
           e.exposed_in,
           NULLIF(c.reltuples, -1)::bigint AS row_estimate,
           CASE WHEN a.attnum IS NULL
                THEN pg_catalog.obj_description(c.oid, 'pg_class')
                ELSE pg_catalog.col_description(c.oid, a.attnum)
           END AS remark
      FROM (SELECT DISTINCT l.relation FROM labelled AS l) AS l
      JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     CROSS JOIN LATERAL (SELECT NULL::name, NULL::int2, NULL::oid, NULL::int4
                          UNION ALL
                         SELECT t.attname, t.attnum, t.atttypid, t.atttypmod
                           FROM pg_catalog.pg_attribute AS t
                          WHERE t.attrelid = c.oid AND t.attnum > 0
                            AND NOT t.attisdropped)
           AS a (attname, attnum, atttypid, atttypmod)
     CROSS JOIN LATERAL hipaa_migrate.phi_level(c.oid, COALESCE(a.attnum, 0::int2)) AS f
      LEFT JOIN exposed AS e ON e.relation = c.oid AND e.attname = a.attname
     WHERE (SELECT hipaa_migrate.require_auditor())
       AND f.level IS NOT NULL;
COMMENT ON VIEW hipaa_migrate.phi_inventory IS
    'every table and column that labels call health information, or not: level, where that comes from, and which views show it';
COMMENT ON COLUMN hipaa_migrate.phi_inventory.schema IS
    'schema of the table or view';
COMMENT ON COLUMN hipaa_migrate.phi_inventory.relation IS
    'its name';
COMMENT ON COLUMN hipaa_migrate.phi_inventory.column_name IS
    'the column; null: the table as a whole';
COMMENT ON COLUMN hipaa_migrate.phi_inventory.level IS
    'phi (health information) | pii (what else identifies a person) | none';
COMMENT ON COLUMN hipaa_migrate.phi_inventory.data_type IS
    'type of the column';
COMMENT ON COLUMN hipaa_migrate.phi_inventory.inherited_from IS
    'the table or column whose label it is; null: its own';
COMMENT ON COLUMN hipaa_migrate.phi_inventory.exposed_in IS
    'columns of views that show the column, also through other views';
COMMENT ON COLUMN hipaa_migrate.phi_inventory.row_estimate IS
    'rows of the table, as the planner believes; null: never analyzed';
COMMENT ON COLUMN hipaa_migrate.phi_inventory.remark IS
    'comment on the table or column';
