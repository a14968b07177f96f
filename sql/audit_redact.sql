--
-- audit_redact: what of a statement's text goes on record.
--
-- In every statement below the word Zebedee stands where something must not
-- be recorded.  It is no word that the code looks for.
--
CREATE TABLE redact_case (
    n integer GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,         -- secret, data or schema
    statement text NOT NULL);
CREATE FUNCTION redact(statement text, literals text DEFAULT NULL) RETURNS text
    LANGUAGE sql
    RETURN (SELECT string_agg(recorded, ';' || chr(10) ORDER BY statement_no)
            FROM hipaa_migrate.redact_statement(statement, literals));

-- Secrets: never recorded, whatever the setting.
INSERT INTO redact_case (kind, statement) SELECT 'secret', unnest(ARRAY[
    $q$CREATE ROLE app LOGIN PASSWORD 'Zebedee' VALID UNTIL '2030-01-01' CONNECTION LIMIT 5$q$,
    $q$CREATE USER app ENCRYPTED PASSWORD 'Zebedee'$q$,
    $q$create group app with password e'Zebedee' nologin$q$,
    $q$ALTER ROLE app PASSWORD $p$Zebedee$p$ $q$,
    $q$ALTER USER app WITH /* Zebedee: password=x */ PASSWORD U&'Zebedee'$q$,
    $q$ALTER ROLE app PASSWORD 'Zebe'
        'dee''Zebedee'$q$,
    $q$ALTER ROLE app PASSWORD 'Zebedee'
      'Zebedee'$q$,
    $q$ALTER ROLE app SET "myapp.Jwt_Secret" = Zebedee$q$,
    $q$ALTER ROLE app IN DATABASE db SET myapp.api_key TO 'Zebedee', "Zebedee"$q$,
    $q$ALTER DATABASE db SET myapp.cipher_key = Zebedee$q$,
    $q$SET LOCAL myapp . password TO Zebedee$q$,
    $q$SET SESSION primary_conninfo = 'host=p password=Zebedee'$q$,
    $q$ALTER SYSTEM SET primary_conninfo = 'Zebedee'$q$,
    $q$ALTER SYSTEM SET "Primary_Conninfo" = 'Zebedee'$q$,
    $q$ALTER SYSTEM SET ssl_passphrase_command TO 'echo Zebedee'$q$,
    $q$ALTER SYSTEM SET archive_command = 'curl -u a:Zebedee'$q$,
    $q$ALTER SYSTEM SET hipaa_migrate.digest_command = 'send --as Zebedee %p'$q$,
    $q$ALTER FUNCTION f() SET myapp.secret = Zebedee$q$,
    $q$CREATE USER MAPPING FOR app SERVER s OPTIONS (user 'Zebedee', "pass" 'Zebedee')$q$,
    $q$CREATE USER MAPPING IF NOT EXISTS FOR app SERVER s OPTIONS (passcode E'Zebe\'Zebedee')$q$,
    $q$ALTER USER MAPPING FOR app SERVER s OPTIONS (SET x 'Zebedee', ADD y $o$Zebedee$o$, DROP z)$q$,
    $q$CREATE SERVER s TYPE 't' VERSION '1' FOREIGN DATA WRAPPER w OPTIONS (host 'Zebedee', x 'Zebedee')$q$,
    $q$ALTER SERVER s VERSION '2' OPTIONS (SET host 'Zebedee')$q$,
    $q$CREATE FOREIGN DATA WRAPPER w OPTIONS (debug 'Zebedee')$q$,
    $q$ALTER FOREIGN DATA WRAPPER w OPTIONS (ADD debug 'Zebedee')$q$,
    $q$CREATE FOREIGN TABLE t (a text OPTIONS (x 'Zebedee') DEFAULT 'kept') SERVER s OPTIONS (program 'Zebedee')$q$,
    $q$ALTER FOREIGN TABLE t OPTIONS (SET program 'Zebedee')$q$,
    $q$IMPORT FOREIGN SCHEMA a LIMIT TO (b) FROM SERVER s INTO c OPTIONS (x 'Zebedee')$q$,
    $q$CREATE SUBSCRIPTION s CONNECTION 'Zebedee' PUBLICATION p WITH (slot_name = 'kept')$q$,
    $q$ALTER SUBSCRIPTION s CONNECTION 'Zebedee'$q$,
    $q$COPY t FROM PROGRAM 'fetch Zebedee' WITH (FORMAT csv, NULL 'kept')$q$,
    $q$COPY (SELECT 1) TO PROGRAM 'send Zebedee'$q$,
    $q$CREATE TABLE t (id int, password varchar(20) NOT NULL DEFAULT 'Zebedee', b text DEFAULT 'kept')$q$,
    $q$ALTER TABLE t ADD COLUMN api_token text DEFAULT 'Zebedee'$q$,
    $q$ALTER TABLE t ALTER api_token SET DEFAULT 'Zebedee'$q$,
    $q$COMMENT ON TABLE t IS 'password=Zebedee'$q$,
    $q$COMMENT ON TABLE t IS 'Password: Zebedee'$q$,
    $q$COMMENT ON TABLE t IS 'see postgres://app:Zebedee@host/db'$q$,
    $q$COMMENT ON TABLE t IS E'pass\x77ord=Zebedee'$q$,
    $q$COMMENT ON TABLE t IS U&'pass\0077ord=Zebedee'$q$,
    $q$COMMENT ON TABLE t IS U&'pass!0077ord=Zebedee' UESCAPE '!'$q$,
    $q$COMMENT ON TABLE t IS 'pass'
        'word=Zebedee'$q$,
    $q$COMMENT ON TABLE t IS 'Authorization: Basic Zebedee'$q$,
    $q$CREATE TABLE t (a text DEFAULT '-----BEGIN RSA PRIVATE KEY-----Zebedee')$q$,
    $q$SELECT dblink_connect('c', 'host=h user=u password=Zebedee')$q$,
    $q$SELECT dblink_connect('c', 'postgresql://u:Zebedee@h/d')$q$,
    $q$SELECT dblink_connect('host=h password=' || 'Zebedee')$q$,
    $q$SELECT set_config('myapp.jwt_secret', 'Zebedee', false)$q$,
    $q$SELECT login(name => 'x', password => 'Zebedee')$q$,
    $q$SELECT jsonb_build_object('password', 'Zebedee')$q$,
    $q$UPDATE users SET password = 'Zebedee' WHERE id = 7$q$,
    $q$INSERT INTO conf VALUES ('{"password" : "Zebedee"}')$q$,
    $q$DO $do$BEGIN EXECUTE 'CREATE ROLE app PASSWORD ''Zebedee'''; END$do$ $q$,
    $q$DO $do$BEGIN EXECUTE format('ALTER ROLE app PASSWORD %L', 'Zebedee'); END$do$ $q$,
    $q$CREATE FUNCTION f() RETURNS void LANGUAGE sql SET myapp.secret = Zebedee AS 'SELECT 1'$q$,
    $q$SELECT 1 FROM "postgres://u:Zebedee@h"$q$
]);
SELECT n, redact(statement, 'keep') FROM redact_case WHERE kind = 'secret' ORDER BY n;
SELECT n, redact(statement, 'hash') FROM redact_case
WHERE kind = 'secret' AND redact(statement, 'hash') <> redact(statement, 'keep') ORDER BY n;

-- Data: literals and comments of what reads or writes rows, and of bodies.
INSERT INTO redact_case (kind, statement) SELECT 'data', unnest(ARRAY[
    $q$INSERT INTO patient (name, ssn, born) VALUES ('Zebedee', 'Zebedee', DATE 'Zebedee')$q$,
    $q$INSERT INTO t VALUES (E'it\'s Zebedee', e'\\', 'Zebedee')$q$,
    $q$INSERT INTO t VALUES ('it''s Zebedee', N'Zebedee', U&'Zebedee' UESCAPE '!', b'01', x'Zebedee')$q$,
    $q$INSERT INTO t VALUES ($z$Zebedee$z$, $Zebedee$ $x$ $Zebedee$, $$Zebedee$$)$q$,
    $q$INSERT INTO t VALUES ('Zebedee' -- Zebedee's name
        'Zebedee''s other name')$q$,
    $q$INSERT INTO t VALUES ('Zebedee' /* Zebedee */, 'x')$q$,
    $q$SELECT * FROM t /* outer /* Zebedee */ Zebedee */ WHERE a = 'Zebedee' -- Zebedee$q$,
    $q$-- Zebedee's rows
       SELECT 1 + 2.50, .5, 1e-10, a[3], $1 FROM t LIMIT 10$q$,
    $q$SELECT'Zebedee'"Zeb",a'Zebedee'b FROM t$q$,
    $q$SELECT 1--Zebedee
        +/*Zebedee*/2*-3$q$,
    $q$SELECT 'Zebedee\' || 'Zebedee\'$q$,
    $q$SELECT * FROM t WHERE a LIKE '%Zebedee' ESCAPE '\'$q$,
    $q$SELECT * FROM t WHERE a LIKE '%Zebedee' ESCAPE '\' OR b LIKE 'Zebedee%' ESCAPE '\' AND c$q$,
    $q$UPDATE t SET a = 'Zebedee', b.c = d WHERE id = 4711$q$,
    $q$DELETE FROM t WHERE a = ANY ('{Zebedee}')$q$,
    $q$MERGE INTO t USING s ON t.a = 'Zebedee' WHEN MATCHED THEN UPDATE SET b = 'Zebedee'$q$,
    $q$WITH w AS (SELECT 'Zebedee') TABLE w$q$,
    $q$VALUES ('Zebedee')$q$,
    $q$COPY (SELECT 'Zebedee') TO '/tmp/Zebedee'$q$,
    $q$COPY t FROM '/tmp/Zebedee' WHERE a = 'Zebedee'$q$,
    $q$EXPLAIN (ANALYZE) CREATE TABLE x AS SELECT 'Zebedee'$q$,
    $q$CREATE TABLE x AS SELECT 'Zebedee' AS a$q$,
    $q$CREATE TABLE x AS EXECUTE p ('Zebedee')$q$,
    $q$SELECT 'Zebedee' INTO x$q$,
    $q$CREATE VIEW v AS SELECT * FROM t WHERE a = 'Zebedee'$q$,
    $q$CREATE OR REPLACE TEMP VIEW v AS SELECT 'Zebedee'$q$,
    $q$CREATE MATERIALIZED VIEW v AS SELECT 'Zebedee'$q$,
    $q$CREATE SCHEMA s CREATE TABLE t (a text DEFAULT 'Zebedee') CREATE VIEW v AS SELECT 'Zebedee'$q$,
    $q$CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO u VALUES ('Zebedee'); DELETE FROM u)$q$,
    $q$CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.a = 'Zebedee') EXECUTE FUNCTION f('Zebedee')$q$,
    $q$PREPARE p AS SELECT 'Zebedee'$q$,
    $q$EXECUTE p ('Zebedee', 5)$q$,
    $q$DECLARE c CURSOR FOR SELECT 'Zebedee'$q$,
    $q$CALL p('Zebedee')$q$,
    $q$NOTIFY c, 'Zebedee'$q$,
    $q$DO 'BEGIN PERFORM f(''Zebedee''); END'$q$,
    $q$DO LANGUAGE plpgsql $Zebedee$BEGIN PERFORM 1; END$Zebedee$ $q$,
    $q$CREATE FUNCTION f(a text DEFAULT 'Zebedee') RETURNS text LANGUAGE sql AS 'SELECT ''Zebedee''' COST 7$q$,
    $q$CREATE PROCEDURE p() LANGUAGE sql BEGIN ATOMIC INSERT INTO t VALUES ('Zebedee'); SELECT 'Zebedee'; END$q$,
    $q$ALTER TABLE t ALTER a TYPE int USING CASE a WHEN 'Zebedee' THEN 1 END, ADD b text DEFAULT 'Zebedee'$q$,
    $q$SET myapp.patient = 'Zebedee'$q$,
    $q$SET LOCAL myapp.patient TO Zebedee, -5, 'Zebedee'$q$,
    $q$ALTER ROLE app SET myapp.patient = Zebedee$q$,
    $q$COMMENT ON TABLE t IS 'kept' /* Zebedee */ -- Zebedee$q$
]);
SELECT n, redact(statement, 'hash') FROM redact_case WHERE kind = 'data' ORDER BY n;

-- Schema: the literals are what an auditor looks for.  Only comments go.
INSERT INTO redact_case (kind, statement) SELECT 'schema', unnest(ARRAY[
    $q$CREATE TABLE t (
        a text DEFAULT 'x' CHECK (a IN ('x', 'y')), -- Zebedee
        password_hash varchar(60) /* Zebedee */ NOT NULL,
        n numeric(10,2) DEFAULT 0.5) WITH (fillfactor = 70)$q$,
    $q$CREATE TABLE p PARTITION OF t FOR VALUES IN ('x', 5)$q$,
    $q$ALTER TABLE t ADD CONSTRAINT c CHECK (a <> '') NOT VALID$q$,
    $q$ALTER TABLE t ALTER a SET DEFAULT 'y', ALTER a SET STATISTICS 100$q$,
    $q$CREATE INDEX i ON t (lower(a)) WHERE b = 'open'$q$,
    $q$CREATE SEQUENCE s START 5 INCREMENT -1$q$,
    $q$CREATE DOMAIN d AS text CHECK (VALUE ~ '^\d+$')$q$,
    $q$CREATE TYPE e AS ENUM ('password', 'oauth')$q$,
    $q$ALTER TYPE e ADD VALUE 'token' AFTER 'oauth'$q$,
    $q$COMMENT ON COLUMN users.password IS 'hash of the user''s password'$q$,
    $q$COMMENT ON TABLE t IS 'two '
        'lines'$q$,
    $q$SECURITY LABEL FOR x ON TABLE t IS 'secret'$q$,
    $q$CREATE POLICY p ON t USING (owner = current_user OR kind = 'public')$q$,
    $q$ALTER POLICY p ON t USING (kind = 'public')$q$,
    $q$CREATE AGGREGATE a (int) (SFUNC = f, STYPE = int, INITCOND = '0')$q$,
    $q$CREATE COLLATION c (provider = icu, locale = 'de-u-co-phonebk')$q$,
    $q$CREATE EXTENSION pgcrypto VERSION '1.3'$q$,
    $q$CREATE DATABASE d LC_COLLATE 'C' CONNECTION LIMIT 5$q$,
    $q$CREATE TABLESPACE ts LOCATION '/data'$q$,
    $q$CREATE ROLE app PASSWORD NULL VALID UNTIL '2030-01-01'$q$,
    $q$CREATE EVENT TRIGGER g ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION f()$q$,
    $q$CREATE PUBLICATION p FOR TABLE t WHERE (a = 'x') WITH (publish = 'insert')$q$,
    $q$CREATE SCHEMA s CREATE TABLE t (a text DEFAULT 'x') GRANT SELECT ON t TO app$q$,
    $q$COPY t TO '/tmp/t.csv' WITH (FORMAT csv, DELIMITER ';')$q$,
    $q$SET search_path = 'clinic', public$q$,
    $q$SET work_mem TO '64MB'$q$,
    $q$SET hipaa_migrate.runner_wait = '5s'$q$,
    $q$ALTER SYSTEM SET password_encryption = 'scram-sha-256'$q$,
    $q$ALTER ROLE app SET statement_timeout = 5000$q$,
    $q$ALTER DATABASE d SET search_path = 'x', "Y"$q$,
    $q$DROP TABLE "Patient's" CASCADE$q$,
    $q$GRANT SELECT ON t TO app$q$
]);
SELECT n, redact(statement) FROM redact_case WHERE kind = 'schema' ORDER BY n;
