--
-- Judging a text runs nothing that anybody wrote, whoever asks; and tells
-- nobody what statistics say of tables that he may not read.
--
CREATE FUNCTION lint_rules_of(text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(rule, ' ' ORDER BY rule COLLATE "C")
      FROM migrate_lint_sql($1) WHERE rule NOT LIKE '%not-guarded'
$$;
CREATE FUNCTION trap(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RAISE WARNING 'the trap runs';
    RETURN true;
END
$$;

-- A warning shows each time that it runs: here it is meant to.
SELECT trap(1);
CREATE DOMAIN trapped AS integer CHECK (trap(VALUE));
CREATE TYPE pair AS (a trapped);
CREATE TYPE outer_pair AS (p pair[]);
CREATE DOMAIN pair_domain AS pair;
CREATE DOMAIN constant_check AS integer CHECK (trap(1));
CREATE TYPE trapped_range AS RANGE (SUBTYPE = trapped);
CREATE TABLE plain (a integer, b integer);
INSERT INTO plain VALUES (1, 2);
CREATE TABLE row_of (a trapped);

-- Input functions of arrays, rows and ranges check the domains inside.
SELECT lint_rules_of($$ALTER TABLE plain ADD c trapped[] DEFAULT '{5}'$$);
SELECT lint_rules_of($$ALTER TABLE plain ADD c pair DEFAULT '(5)'$$);
SELECT lint_rules_of($$ALTER TABLE plain ADD c outer_pair DEFAULT '("{(5)}")'$$);
SELECT lint_rules_of($$ALTER TABLE plain ADD c pair_domain DEFAULT '(5)'$$);
SELECT lint_rules_of($$ALTER TABLE plain ADD c trapped_range DEFAULT '[1,5]'$$);
SELECT lint_rules_of($$ALTER TABLE plain ADD c trapped_multirange DEFAULT '{[1,5]}'$$);
SELECT lint_rules_of($$ALTER TABLE plain ADD c text DEFAULT trapped_range('[1,5]')$$);
SELECT lint_rules_of($$ALTER TABLE plain ALTER b TYPE pair USING '(5)'::pair$$);
SELECT lint_rules_of($$ALTER TABLE plain ADD CHECK (('{5}'::trapped[])[1] > 0)$$);

-- So does what looks like an operator or a function, or is a whole row.
CREATE FUNCTION takes_pair(integer, pair) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR @#@ (FUNCTION = takes_pair, LEFTARG = integer, RIGHTARG = pair);
INSERT INTO row_of VALUES (1);
SELECT lint_rules_of($$INSERT INTO plain SELECT 1, 2 FROM plain WHERE takes_pair(1, '(5)')$$);
SELECT lint_rules_of($$INSERT INTO plain SELECT 1, 2 FROM plain WHERE 1 @#@ '(5)'$$);
SELECT lint_rules_of($$INSERT INTO plain SELECT 1, 2 FROM row_of AS r WHERE r = '(5)'$$);
SELECT lint_rules_of($$INSERT INTO plain SELECT 1, 2 FROM row_of WHERE row_of.* = '(5)'$$);

-- The planner computes what it takes for constant, in views as well.
CREATE VIEW populated AS
    SELECT a FROM plain WHERE jsonb_populate_record(NULL::pair, '{"a": 5}') IS NULL;
SELECT lint_rules_of($$INSERT INTO plain SELECT 1, 2 FROM populated$$);
SELECT lint_rules_of($$INSERT INTO plain SELECT 1, 2 FROM plain WHERE ('(5)'::text)::pair IS NULL$$);
SELECT lint_rules_of($$INSERT INTO plain SELECT 1, 2 FROM plain
    WHERE jsonb_populate_record(NULL::pair, '{"a": 5}') IS NULL$$);

-- So do caches of what a table and a domain are. Making them runs it, too.
SET client_min_messages = error;
CREATE TABLE indexed (a integer, b integer);
CREATE INDEX ON indexed (a) WHERE trap(7);
CREATE TABLE listed (a trapped) PARTITION BY LIST (a);
CREATE TABLE listed_part (a trapped);
RESET client_min_messages;
\c
SELECT lint_rules_of($$INSERT INTO plain SELECT a, b FROM indexed$$);
SELECT lint_rules_of($$ALTER TABLE listed ATTACH PARTITION listed_part FOR VALUES IN ('5')$$);
SELECT lint_rules_of($$ALTER TABLE plain ADD c constant_check$$);

-- Literals of harmless types are understood as ever.
SELECT lint_rules_of($$ALTER TABLE plain ADD c integer[] DEFAULT '{5}'$$);
SELECT lint_rules_of($$ALTER TABLE plain ALTER b TYPE bigint USING b + '5'$$);

-- How many rows there are of a kind is for those who may read the table.
CREATE TABLE secret_kind (kind text);
INSERT INTO secret_kind SELECT CASE WHEN g % 4 = 0 THEN 'rare' ELSE 'often' END
  FROM generate_series(1, 40000) AS g;
ANALYZE secret_kind;
CREATE ROLE regress_lint_stranger;
SELECT message ~ 'about (29|30)[0-9]{3} rows' AS told
  FROM migrate_lint_sql($$DELETE FROM secret_kind WHERE kind = 'often'$$)
 WHERE rule = 'large-change';
SET ROLE regress_lint_stranger;
SELECT message
  FROM migrate_lint_sql($$DELETE FROM secret_kind WHERE kind = 'often'$$)
 WHERE rule = 'large-change';
SELECT message
  FROM migrate_lint_sql($$DELETE FROM secret_kind WHERE kind = 'none'$$)
 WHERE rule = 'large-change';
RESET ROLE;

DROP ROLE regress_lint_stranger;
SET client_min_messages = error;
DROP TABLE secret_kind, listed, listed_part, indexed, plain, row_of CASCADE;
DROP OPERATOR @#@ (integer, pair);
DROP FUNCTION takes_pair;
DROP FUNCTION trap CASCADE;
DROP TYPE trapped, pair, outer_pair, pair_domain, constant_check, trapped_range CASCADE;
DROP FUNCTION lint_rules_of;
