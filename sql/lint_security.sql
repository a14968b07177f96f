-- Rules about who may do what.
SET client_min_messages = warning;
CREATE TABLE security_open (id integer);
CREATE TABLE security_rows (id integer, owner name);
ALTER TABLE security_rows ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON security_rows USING (owner = current_user);
CREATE FUNCTION security_fixed() RETURNS integer LANGUAGE sql SET search_path = pg_catalog, pg_temp AS 'SELECT 1';
CREATE FUNCTION security_loose() RETURNS integer LANGUAGE sql AS 'SELECT 1';

CREATE FUNCTION lint(sql text, rules text DEFAULT 'all')
    RETURNS TABLE (no integer, severity text, rule text, object text, message text)
    LANGUAGE sql AS
$$ SELECT l.statement_no, l.severity, l.rule, l.object, l.message
     FROM migrate_lint_sql(sql, rules => rules) AS l
    WHERE l.rule IN ('grant-to-public', 'grant-all', 'grant-with-option', 'role-password', 'role-attribute',
                     'row-security-off', 'policy-always-true', 'view-past-row-security', 'definer-without-path',
                     'server-access', 'untrusted-language')
    ORDER BY l.statement_no, l.rule, l.message $$;

-- Grants to everybody, of everything, to be passed on.
SELECT * FROM lint('GRANT SELECT ON security_open TO PUBLIC;
    GRANT EXECUTE ON FUNCTION security_fixed() TO reader, PUBLIC;
    ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
    GRANT ALL ON security_open TO reader;
    GRANT ALL PRIVILEGES ON SCHEMA public TO reader;
    GRANT SELECT ON security_open TO reader WITH GRANT OPTION;
    GRANT writer TO reader WITH ADMIN OPTION');
-- Grants that say what and to whom; and taking away.
SELECT * FROM lint('GRANT SELECT, INSERT ON security_open TO reader;
    GRANT writer TO reader;
    REVOKE ALL ON security_open FROM PUBLIC;
    REVOKE GRANT OPTION FOR SELECT ON security_open FROM reader;
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    CREATE TEMP TABLE security_temp (id integer); GRANT ALL ON security_temp TO PUBLIC');
-- The text alone says the same.
SELECT * FROM lint('GRANT ALL ON security_open TO PUBLIC WITH GRANT OPTION', rules => 'text');

-- Passwords, which are not shown, and attributes.
SELECT * FROM lint('CREATE ROLE a LOGIN PASSWORD ''secret''; ALTER ROLE a PASSWORD ''secret'';
    CREATE USER MAPPING FOR a SERVER s OPTIONS (user ''a'', password ''secret'');
    ALTER USER MAPPING FOR a SERVER s OPTIONS (SET password ''secret'');
    CREATE ROLE b SUPERUSER CREATEDB; ALTER ROLE b REPLICATION BYPASSRLS CREATEROLE');
SELECT * FROM lint('CREATE ROLE a LOGIN; ALTER ROLE a PASSWORD NULL; ALTER ROLE a NOSUPERUSER NOCREATEDB NOBYPASSRLS;
    CREATE USER b; ALTER ROLE a CONNECTION LIMIT 5; CREATE USER MAPPING FOR a SERVER s OPTIONS (user ''a'')');

-- Row security that goes off; where it is not on there is nothing to lose.
SELECT * FROM lint('ALTER TABLE security_rows NO FORCE ROW LEVEL SECURITY; ALTER TABLE security_rows DISABLE ROW LEVEL SECURITY;
    ALTER TABLE security_absent DISABLE ROW LEVEL SECURITY');
SELECT * FROM lint('ALTER TABLE security_open DISABLE ROW LEVEL SECURITY; ALTER TABLE security_open NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE security_rows ENABLE ROW LEVEL SECURITY;
    CREATE TABLE security_new (id integer); ALTER TABLE security_new ENABLE ROW LEVEL SECURITY;
    ALTER TABLE security_new DISABLE ROW LEVEL SECURITY');
SELECT * FROM lint('ALTER TABLE security_open DISABLE ROW LEVEL SECURITY', rules => 'text');

-- Policies that let everything through; for some roles only; and those that do not.
SELECT * FROM lint('CREATE POLICY p ON security_rows USING (true);
    CREATE POLICY p ON security_rows FOR INSERT WITH CHECK (true);
    CREATE POLICY p ON security_rows FOR SELECT TO auditor USING (true);
    ALTER POLICY own ON security_rows USING (true)');
SELECT * FROM lint('CREATE POLICY p ON security_rows USING (owner = current_user);
    CREATE POLICY p ON security_rows AS RESTRICTIVE USING (true);
    CREATE POLICY p ON security_rows USING (false);
    ALTER POLICY own ON security_rows TO auditor');

-- Views over row security: as owner, as invoker; over a table without; and
-- where only the text has switched it on.
SELECT * FROM lint('CREATE VIEW v AS SELECT * FROM security_rows;
    CREATE OR REPLACE VIEW v WITH (security_invoker = false) AS SELECT * FROM security_open, security_rows;
    CREATE MATERIALIZED VIEW m AS SELECT * FROM security_rows;
    ALTER TABLE security_open ENABLE ROW LEVEL SECURITY;
    CREATE VIEW w AS SELECT * FROM security_open');
SELECT * FROM lint('CREATE VIEW v WITH (security_invoker) AS SELECT * FROM security_rows;
    CREATE VIEW w WITH (security_invoker = on) AS SELECT * FROM security_rows;
    CREATE VIEW x AS SELECT * FROM security_open;
    CREATE TEMP VIEW y AS SELECT * FROM security_rows;
    CREATE VIEW z AS WITH security_rows AS (SELECT 1) SELECT * FROM security_rows');
SELECT * FROM lint('CREATE VIEW v AS SELECT * FROM security_rows', rules => 'text');

-- SECURITY DEFINER without a path of its own; with one; and a body whose names
-- are looked up once.
SELECT * FROM lint('CREATE FUNCTION f() RETURNS integer LANGUAGE sql SECURITY DEFINER AS ''SELECT 1'';
    CREATE PROCEDURE p() LANGUAGE plpgsql SECURITY DEFINER SET work_mem = ''1MB'' AS ''BEGIN END'';
    ALTER FUNCTION security_loose() SECURITY DEFINER;
    ALTER FUNCTION security_absent() SECURITY DEFINER');
SELECT * FROM lint('CREATE FUNCTION f() RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS ''SELECT 1'';
    CREATE FUNCTION g() RETURNS integer LANGUAGE sql SECURITY DEFINER RETURN 1;
    CREATE FUNCTION h() RETURNS integer LANGUAGE sql SECURITY INVOKER AS ''SELECT 1'';
    ALTER FUNCTION security_fixed() SECURITY DEFINER;
    ALTER FUNCTION f() SECURITY DEFINER;
    ALTER FUNCTION security_loose() SECURITY DEFINER SET search_path FROM CURRENT');

-- Files, programs and libraries of the server; the client's are not meant.
SELECT * FROM lint('COPY security_open FROM PROGRAM ''cat /etc/passwd''; COPY security_open TO ''/tmp/x'';
    LOAD ''auto_explain''; SELECT pg_read_file(''postgresql.conf'');
    INSERT INTO security_open SELECT length(pg_read_binary_file(''x''));
    DO $$ BEGIN PERFORM lo_export(1, ''/tmp/x''); END $$');
SELECT * FROM lint('COPY security_open FROM STDIN; SELECT pg_relation_size(''security_open'')');

-- Code that is not confined.
SELECT * FROM lint('CREATE FUNCTION f() RETURNS integer LANGUAGE c AS ''lib'', ''f'';
    CREATE FUNCTION g() RETURNS integer LANGUAGE internal AS ''f'';
    CREATE EXTENSION plpython3u; DO LANGUAGE plperlu ''x''; CREATE LANGUAGE plpython3u');
SELECT * FROM lint('CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS ''SELECT 1''; DO ''BEGIN END'';
    CREATE EXTENSION IF NOT EXISTS pgcrypto; CREATE FUNCTION f() RETURNS integer LANGUAGE sql RETURN 1');

DROP FUNCTION lint(text, text), security_fixed(), security_loose();
DROP TABLE security_open, security_rows;
