--
-- audit_export: its lines, and who may ask for them.  What they prove is shown
-- by test/tap/export.pl, with the program that verifies them.
--
\c -
SELECT current_user AS superuser \gset
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_export_nobody, regress_export_auditor;
CREATE ROLE regress_export_nobody LOGIN;
CREATE ROLE regress_export_auditor LOGIN;
SELECT migrate_grant('auditor', 'regress_export_auditor');
SELECT outcome IN ('sealed', 'unchanged') AS sealed FROM audit_seal();

-- An auditor exports, others do not.
\c - regress_export_nobody
SELECT audit_export();
\c - regress_export_auditor
SELECT count(*) > 3 AS exported FROM audit_export();
\c - :superuser
SET client_min_messages = warning;
SELECT outcome IN ('sealed', 'unchanged') AS sealed FROM audit_seal();
CREATE TEMPORARY TABLE line AS
    SELECT row_number() OVER () AS n, l AS line, l::jsonb AS json
    FROM audit_export() AS l;

-- A header, an epoch, blocks each followed by its events, and an end.
SELECT string_agg(DISTINCT json ->> 'type', ' ' ORDER BY json ->> 'type') AS types
FROM line;
SELECT json ->> 'type' AS type,
       (SELECT string_agg(k, ' ') FROM json_object_keys(line::json) AS k) AS members
FROM line
WHERE n IN (1, 2, 3, 4) OR json ->> 'type' = 'end' ORDER BY n;
SELECT string_agg(k, ' ') AS members_of_an_event
FROM json_object_keys((SELECT line::json -> 'event' FROM line WHERE n = 4)) AS k;
SELECT string_agg(k, ' ') AS members_of_a_block
FROM json_object_keys((SELECT line::json -> 'block' FROM line WHERE n = 3)) AS k;
SELECT (SELECT json ->> 'lines' FROM line WHERE json ->> 'type' = 'end')::int
       = count(*) - 1 AS all_lines,
       bool_and(line !~ '[^ -~]') AS all_ascii,
       bool_or(jsonb_path_exists(json, 'strict $.** ? (@.type() == "number")')) AS numbers
FROM line;

-- Numbers are dense, and the last line has the hash of all others.
SELECT bool_and(seq = before + 1) AS dense
FROM (SELECT (json ->> 'seq')::bigint AS seq,
             lag((json ->> 'seq')::bigint, 1, 0) OVER (ORDER BY n) AS before
      FROM line WHERE json ? 'seq') AS s;
SELECT encode(sha256(convert_to(string_agg(line || chr(10), '' ORDER BY n)
                                FILTER (WHERE json ->> 'type' <> 'end'), 'UTF8')), 'hex')
       = max(json ->> 'sha256') AS hashed
FROM line;

-- Nothing was sealed so early: only heads are left.
SELECT l::jsonb ->> 'type' AS type, l::jsonb ->> 'first_block' AS first_block,
       l::jsonb -> 'head' IS NOT NULL AS has_head
FROM audit_export(until => '2000-01-01') AS l;

-- The block of a digest comes along; what is no digest is not heeded.
SELECT l::jsonb ->> 'type' AS type
FROM audit_export(until => '2000-01-01',
                  digest => (SELECT jsonb_build_object('epoch', json ->> 'epoch', 'block', 1)
                             FROM line WHERE json ->> 'type' = 'epoch')) AS l;
SELECT count(*) FROM audit_export(until => '2000-01-01', digest => '[{"block": 1}, 7, null]') AS l;

-- Reading a part of it leaves nothing open.
SELECT count(*) FROM (SELECT audit_export() LIMIT 3) AS l;
SELECT migrate_revoke('auditor', 'regress_export_auditor');
DROP ROLE regress_export_nobody, regress_export_auditor;
