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

-- Nothing that must not be recorded is: under hash in none of them, under
-- keep in no secret.
SELECT n, statement FROM redact_case
WHERE redact(statement, 'hash') ILIKE '%zebedee%';
SELECT n, statement FROM redact_case
WHERE kind = 'secret' AND redact(statement, 'keep') ILIKE '%zebedee%';

-- The same question finds what is there: keep does keep data, and the word
-- stays where it is schema.
SELECT count(*) AS data,
       count(*) FILTER (WHERE redact(statement, 'keep') LIKE '%Zebedee%') AS kept
FROM redact_case WHERE kind = 'data';
SELECT redact($q$COMMENT ON TABLE t IS 'Zebedee'$q$) LIKE '%Zebedee%' AS found;

-- Under keep, what has no secret stays as it is; but not a U&'' literal, in
-- which a secret could be written in numbers, nor a comment between two parts
-- of one.  Under hash, schema stays as it is but for comments.
SELECT n, redact(statement, 'keep') FROM redact_case
WHERE kind <> 'secret' AND position(redact(statement, 'keep') IN statement) = 0;
SELECT n, redact(statement) FROM redact_case
WHERE kind = 'schema' AND redact(statement) <> statement;

-- What was redacted can be redacted again and stays what it is.
SELECT n, redact(statement), redact(redact(statement)) FROM redact_case
WHERE redact(redact(statement)) <> redact(statement);

-- Statements that do not parse: every literal is replaced, whatever the
-- setting; where quotes do not match, everything from the first one on.
SELECT t AS statement, redact(t, 'keep') AS keep, redact(t, 'hash') AS hash
FROM unnest(ARRAY[
    $q$SELEC 'Zebedee', 5, x'Zebedee', $z$Zebedee$z$, "name" /* Zebedee */ FROM t -- Zebedee$q$,
    $q$COMMENT TABLE t IS 'Zebedee'$q$,
    $q$CREATE USER app IDENTIFIED BY 'Zebedee'$q$,
    $q$SET myapp.secret = Zebedee Zebedee 'Zebedee'$q$,
    $q$CREATE USER app PASSWORD Zebedee$q$,
    $q$INSERT INTO t VALUES (1, 'O'Zebedee', 'Zebedee')$q$,
    $q$INSERT INTO t VALUES (1, 'O' Zebedee', 'Zebedee')$q$,
    $q$INSERT INTO t VALUES (1, 'O\'Zebedee', 'Zebedee')$q$,
    $q$INSERT INTO t VALUES (1, 'O\'Zebedee', '\'Zebedee', x y)$q$,
    $q$INSERT INTO t VALUES (1, 'Zebedee$q$,
    $q$INSERT INTO t VALUES (1, 12345Zebedee, 0xZebedee, 1_000)$q$,
    $q$DO $z$ Zebedee $y$ Zebedee $q$,
    $q$SELECT 1 /* Zebedee 'Zebedee'$q$,
    $q$SELECT "Zebe Zebedee$q$,
    $q$SELECT E'\xff' 'Zebedee'$q$,
    $q$SELECT U&'\Zebedee'$q$,
    $q$'Zebedee'$q$,
    $q$ ; ; $q$,
    '']) AS t;

-- Every way to put three of these pieces together, after a word or two.  A
-- piece with a single quote or an escaped one comes at most once, for two of
-- them turn inside into outside, and no letter before a dollar sign, where it
-- makes a name.
CREATE TABLE redact_piece (piece text, is_odd integer);
INSERT INTO redact_piece SELECT piece, 0 FROM unnest(ARRAY[
    $q$'Zebedee'$q$, $q$'it''s Zebedee'$q$, $q$E'Zebedee'$q$, $q$U&'Zebedee'$q$,
    $q$x'Zebedee'$q$, $q$$$Zebedee$$$q$, $q$$a$$b$Zebedee$$$a$$q$,
    $q$/* Zebedee */$q$, $q$/* /* */ Zebedee */$q$, $q$-- Zebedee$q$,
    $q$e$q$, $q$n$q$, $q$1$q$, $q$.$q$, $q$-$q$, $q$/$q$, $q$*$q$, $q$($q$, $q$,$q$,
    E'\n', $q$ $q$, $q$$1$q$]) AS piece;
INSERT INTO redact_piece SELECT piece, 1 FROM unnest(ARRAY[
    $q$'$q$, $q$'Zebedee\'$q$, $q$'\'Zebedee'$q$, $q$E'it\'s Zebedee'$q$, $q$\$q$,
    $q$$a$'Zebedee$a$$q$, $q$/* Zebedee ' */$q$, $q$-- Zebedee '"$$$q$, $q$"a'b"$q$]) AS piece;
CREATE VIEW redact_text AS
    SELECT verb || a.piece || b.piece || c.piece AS text
    FROM unnest(ARRAY['SELECT ', '']) AS verb,
         redact_piece AS a, redact_piece AS b, redact_piece AS c
    WHERE a.is_odd + b.is_odd + c.is_odd <= 1
      AND a.piece || b.piece || c.piece !~ '[en][$]';
SELECT count(*) > 30000 AS many,
       count(*) FILTER (WHERE redact(text, 'keep') LIKE '%Zebedee%') > 2000 AS found_under_keep
FROM redact_text;
SELECT text, redact(text) FROM redact_text WHERE redact(text) LIKE '%Zebedee%' LIMIT 10;
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SELECT text, redact(text) FROM redact_text WHERE redact(text) LIKE '%Zebedee%' LIMIT 10;
RESET standard_conforming_strings;
RESET escape_string_warning;

-- The hash is that of the statement, without what stands around it; so it
-- tells whether a text that somebody has is the one that was run.
SELECT statement_no, recorded, hash = sha256(original::bytea) AS is_original
FROM hipaa_migrate.redact_statement($q$
    /* first */ SELECT 'Zebedee' /* inner */, 2 -- last
    ;
    -- DO nothing
    DO $$BEGIN END$$;;
    CREATE TABLE t (a text DEFAULT 'x') $q$),
    unnest(ARRAY[$q$SELECT 'Zebedee' /* inner */, 2$q$, 'DO $$BEGIN END$$',
                 $q$CREATE TABLE t (a text DEFAULT 'x')$q$])
    WITH ORDINALITY AS o (original, number)
WHERE statement_no = number;

-- A password could be guessed from a hash: where there is a secret, the hash
-- is that of the statement with its secrets, only them, replaced.
SELECT hash = sha256($q$ALTER ROLE app PASSWORD '?' /* x */ VALID UNTIL '2030-01-01'$q$) AS without_secret
FROM hipaa_migrate.redact_statement($q$ALTER ROLE app PASSWORD 'Zebedee' /* x */ VALID UNTIL '2030-01-01';$q$);
SELECT recorded, hash = sha256($q$SELECT f('a', password => '?', 'b')$q$) AS without_secret
FROM hipaa_migrate.redact_statement($q$SELECT f('a', password => 'Zebedee', 'b')$q$);
SELECT recorded, hash = sha256($q$INSERT 1, '?'$q$) AS without_rest
FROM hipaa_migrate.redact_statement($q$INSERT 1, 'Zebedee$q$);

-- The setting does not change the hash.
SELECT count(*) FROM redact_case,
    hipaa_migrate.redact_statement(statement, 'hash') AS h,
    hipaa_migrate.redact_statement(statement, 'keep') AS k
WHERE h.hash <> k.hash;

-- A text of more than 8 kB is cut, between two characters.  What comes later
-- is still part of the hash, and its secrets are not.
SELECT octet_length(recorded), right(recorded, 14), left(recorded, 20),
       hash = sha256(convert_to('COMMENT ON TABLE t IS ''' || repeat('ä€', 5000) || '''', 'UTF8')) AS is_original
FROM hipaa_migrate.redact_statement(
    'COMMENT ON TABLE t IS ''' || repeat('ä€', 5000) || '''');
SELECT octet_length(recorded), right(recorded, 14),
       hash = sha256(convert_to('SELECT ' || repeat('a, ', 3000) || ' password = ''?''', 'UTF8')) AS without_secret
FROM hipaa_migrate.redact_statement('SELECT ' || repeat('a, ', 3000) || ' password = ''Zebedee''');
SELECT octet_length(recorded), right(recorded, 10)
FROM hipaa_migrate.redact_statement('SELECT ' || repeat(' ', 8184) || 'a');
SELECT octet_length(recorded), right(recorded, 10)
FROM hipaa_migrate.redact_statement('SELECT ' || repeat(' ', 8185) || 'a');

-- Time grows with the length, not with its square: a million bytes of what
-- makes a careless reader go back and forth.  The parenthesis is there to stop
-- the server's own scanner, which is one.
SELECT length(redact(') ' || repeat(piece, 1000000 / length(piece)))) <= 8192 AS bounded, count(*)
FROM unnest(ARRAY['$a', '$a$ ', '''a''', 'a''', '/*', '/**/', '--', E'--\n', '\''', 'password', '''password''',
                  'password ', '://:', E'''a''\n', '1.', '1e', '(', '"', 'U&''', ';', 'SET a.b=']) AS piece
GROUP BY 1;

-- Which literals is said by the setting, or in the call.
SHOW hipaa_migrate.record_literals;
SET hipaa_migrate.record_literals = keep;
SELECT * FROM hipaa_migrate.redact_statement('SELECT 1', 'none');
SELECT * FROM hipaa_migrate.redact_statement(NULL);

DROP VIEW redact_text;
DROP TABLE redact_case, redact_piece;
DROP FUNCTION redact(text, text);
