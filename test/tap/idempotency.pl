
# test/tap/idempotency.pl
#	  Proves that plain migrations, registered in mode rewrite, can run twice:
#	  the second run changes nothing, and the dump is the same.  And that they
#	  are refused where something of the same name is not what they ask for.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('idempotency', conf => "wal_level = logical\n");

# What was there before: to be changed and dropped.
my $legacy = <<'SQL';
CREATE SCHEMA clinic;
CREATE SCHEMA archive;
SET search_path = clinic;
CREATE TABLE patient (id int PRIMARY KEY, name text, obsolete int, CONSTRAINT useless CHECK (id > 0));
CREATE TABLE old_name (i int);
CREATE TABLE old_columns (old_column int);
CREATE TABLE heir (i int);
CREATE TABLE to_archive (i int);
CREATE TYPE grade AS ENUM ('low', 'hihg');
CREATE TYPE address AS (street text);
CREATE DOMAIN code AS text;
CREATE TABLE visit (id int, month int) PARTITION BY LIST (month);
CREATE TABLE visit_1 (id int, month int);
CREATE TABLE visit_9 PARTITION OF visit FOR VALUES IN (9);
CREATE TABLE ancestor (i int);
CREATE TABLE gone_table (i int);
CREATE VIEW gone_view AS SELECT 1 AS one;
CREATE MATERIALIZED VIEW gone_matview AS SELECT 1 AS one;
CREATE SEQUENCE gone_sequence;
CREATE INDEX gone_index ON patient (name);
CREATE TYPE gone_type AS ENUM ();
CREATE DOMAIN gone_domain AS int CONSTRAINT c CHECK (VALUE > 0);
CREATE DOMAIN kept_domain AS int CONSTRAINT c CHECK (VALUE > 0);
CREATE FUNCTION gone_function() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER gone_trigger BEFORE INSERT ON patient FOR EACH ROW EXECUTE FUNCTION gone_function();
CREATE POLICY gone_policy ON patient USING (true);
CREATE RULE gone_rule AS ON DELETE TO patient DO ALSO NOTHING;
CREATE STATISTICS gone_statistics ON id, name FROM patient;
CREATE DOMAIN domain_a AS int CONSTRAINT before CHECK (VALUE > 0);
CREATE TABLE table_a (i int CONSTRAINT before CHECK (i > 0));
CREATE INDEX index_a ON table_a (i);
CREATE POLICY before ON table_a USING (true);
CREATE FUNCTION function_t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER before BEFORE INSERT ON table_a FOR EACH ROW EXECUTE FUNCTION function_t();
CREATE RULE before AS ON DELETE TO table_a DO ALSO NOTHING;
CREATE TYPE type_a AS (before int);
CREATE TYPE type_b AS ENUM ();
CREATE VIEW view_a AS SELECT 1 AS one;
CREATE SEQUENCE sequence_a;
CREATE FUNCTION function_a(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION function_b(int, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE SCHEMA schema_a;
CREATE STATISTICS statistics_a ON i, (i + 1) FROM table_a;
CREATE ROLE gone_role;
CREATE PUBLICATION gone_publication;
SQL

# One of each kind, as people write them.
my @plain = split(/\n(?! )/, <<'SQL');
CREATE SCHEMA billing
CREATE EXTENSION IF NOT EXISTS plpgsql
CREATE TYPE mood AS ENUM ('sad', 'glad')
CREATE TYPE pair AS (a int, b text)
CREATE TYPE span AS RANGE (SUBTYPE = int)
CREATE DOMAIN posint AS int CHECK (VALUE > 0)
CREATE TABLE invoice (id serial PRIMARY KEY, patient int REFERENCES patient, amount posint NOT NULL DEFAULT 1,
    note text COLLATE "C", m mood UNIQUE, CHECK (amount < 1000))
CREATE TABLE item (id bigint GENERATED ALWAYS AS IDENTITY, invoice int REFERENCES invoice ON DELETE CASCADE, up bigint, UNIQUE (id))
CREATE UNLOGGED TABLE cache (k text PRIMARY KEY) WITH (fillfactor = 70)
CREATE TABLE copied AS SELECT 1 AS one
CREATE TABLE "Select" ("from" int, "IF" text)
CREATE INDEX invoice_amount ON invoice (amount, (note || 'x')) WHERE amount > 3
CREATE UNIQUE INDEX item_up ON item (up DESC)
CREATE SEQUENCE numbers INCREMENT 5 OWNED BY invoice.id
CREATE VIEW invoices AS SELECT id, amount FROM invoice
CREATE MATERIALIZED VIEW sums AS SELECT sum(amount) AS total FROM invoice
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'
CREATE PROCEDURE nothing() LANGUAGE sql AS ''
CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int)
CREATE TRIGGER touched BEFORE INSERT ON invoice FOR EACH ROW EXECUTE FUNCTION touch()
CREATE CONSTRAINT TRIGGER checked AFTER INSERT ON invoice DEFERRABLE FOR EACH ROW EXECUTE FUNCTION touch()
CREATE RULE kept AS ON DELETE TO item DO INSTEAD NOTHING
CREATE POLICY mine ON invoice FOR SELECT USING (amount > 3)
CREATE CAST (pair AS mood) WITH INOUT AS ASSIGNMENT
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)
CREATE OPERATOR FAMILY fam USING btree
CREATE OPERATOR CLASS intops FOR TYPE int USING btree AS OPERATOR 1 <, FUNCTION 1 btint4cmp(int, int)
CREATE CONVERSION latin FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1
CREATE COLLATION plainly FROM "C"
CREATE TEXT SEARCH CONFIGURATION words (COPY = pg_catalog.english)
CREATE TEXT SEARCH DICTIONARY simply (TEMPLATE = simple)
CREATE STATISTICS invoice_st ON amount, note FROM invoice
CREATE PUBLICATION everything FOR TABLE invoice
CREATE ROLE accountant CREATEDB
CREATE FOREIGN DATA WRAPPER wrapper
CREATE SERVER elsewhere FOREIGN DATA WRAPPER wrapper
CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere
CREATE FOREIGN TABLE far (i int) SERVER elsewhere
CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler
CREATE TABLE visit_2 PARTITION OF visit FOR VALUES IN (2)
ALTER TABLE invoice ADD COLUMN due date, ADD paid boolean DEFAULT false
ALTER TABLE invoice ADD CONSTRAINT positive CHECK (amount > 0), ADD COLUMN tax int, ADD UNIQUE (note)
ALTER TABLE item ADD PRIMARY KEY (id)
ALTER TABLE item ADD CONSTRAINT item_up_fk FOREIGN KEY (up) REFERENCES item (id) NOT VALID
ALTER TABLE item VALIDATE CONSTRAINT item_up_fk
ALTER TABLE patient DROP COLUMN obsolete, DROP CONSTRAINT useless
ALTER TABLE patient ALTER COLUMN name SET NOT NULL, ALTER COLUMN name TYPE varchar(80), ENABLE ROW LEVEL SECURITY
ALTER TABLE patient ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY
ALTER TABLE visit ATTACH PARTITION visit_1 FOR VALUES IN (1)
ALTER TABLE visit DETACH PARTITION visit_9
ALTER TABLE heir INHERIT ancestor
ALTER TABLE old_columns RENAME COLUMN old_column TO new_column
ALTER TABLE old_name RENAME TO new_name
ALTER TABLE to_archive SET SCHEMA archive
ALTER DOMAIN domain_a RENAME CONSTRAINT before TO after
ALTER TABLE table_a RENAME CONSTRAINT before TO after
ALTER INDEX index_a RENAME TO index_b
ALTER POLICY before ON table_a RENAME TO after
ALTER TRIGGER before ON table_a RENAME TO after
ALTER RULE before ON table_a RENAME TO after
ALTER TYPE type_a RENAME ATTRIBUTE before TO after
ALTER TYPE type_b RENAME TO type_c
ALTER VIEW view_a RENAME TO view_b
ALTER SEQUENCE sequence_a RENAME TO sequence_b
ALTER FUNCTION function_a(int) RENAME TO function_c
ALTER FUNCTION function_b(int, text) SET SCHEMA archive
ALTER SCHEMA schema_a RENAME TO schema_b
ALTER STATISTICS statistics_a RENAME TO statistics_b
ALTER TYPE grade ADD VALUE 'middle' AFTER 'low'
ALTER TYPE grade RENAME VALUE 'hihg' TO 'high'
ALTER TYPE address ADD ATTRIBUTE town text
ALTER DOMAIN code ADD CONSTRAINT short CHECK (length(VALUE) < 9)
ALTER DOMAIN kept_domain DROP CONSTRAINT c
ALTER PUBLICATION everything ADD TABLE item
DROP TABLE gone_table
DROP VIEW gone_view
DROP MATERIALIZED VIEW gone_matview
DROP SEQUENCE gone_sequence
DROP INDEX gone_index
DROP TYPE gone_type
DROP DOMAIN gone_domain
DROP TRIGGER gone_trigger ON patient
DROP FUNCTION gone_function()
DROP POLICY gone_policy ON patient
DROP RULE gone_rule ON patient
DROP STATISTICS gone_statistics
DROP PUBLICATION gone_publication
DROP ROLE gone_role
INSERT INTO patient (id, name) VALUES (1, 'a'), (2, 'b') /* rows of a seed */
INSERT INTO cache VALUES ('key') RETURNING k
GRANT SELECT ON invoice TO accountant
COMMENT ON TABLE invoice IS 'what is owed'
SQL
chomp($plain[-1]);

sub quoted { return '$hm_test$' . join(";\n", @_) . '$hm_test$'; }

# Registers statements in a mode, and runs them; the error, or nothing.
sub apply
{
	my ($database, $mode, $name, @statements) = @_;
	my ($out, $err) = ('', '');

	my $code = $node->psql($database, "SET client_min_messages = warning; SET hipaa_migrate.idempotency = '$mode';
		SELECT migrate_register('$name', up => " . quoted(@statements) . ", settings => '{\"search_path\": \"clinic\"}');
		SELECT migrate_up('$name')", stdout => \$out, stderr => \$err, on_error_stop => 1);
	return $code == 0 ? '' : $err;
}

# A database with the legacy.  Roles belong to all databases: they are made
# again for each.
sub new_database
{
	my ($name) = @_;

	$node->safe_psql('postgres', 'DROP ROLE IF EXISTS gone_role');
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, 'CREATE EXTENSION hipaa_migrate');
	$node->safe_psql($name, "BEGIN; $legacy COMMIT");
	return $name;
}

# All but the extension's own tables, and what differs from dump to dump.
sub dump_of
{
	my ($database) = @_;
	my ($out, $err) = run_command(['pg_dump', '--schema-only', '-d', $node->connstr($database)]);

	$out =~ s/^\\(un)?restrict .*$//mg;
	return $out;
}

# What a second run must leave alone, down to the files of the tables; but with
# each ALTER COLUMN TYPE, to the same type too, the server makes the column's
# constraints again, from 18 on those for NOT NULL as well.
sub traces_of
{
	my ($database) = @_;

	return $node->safe_psql($database, <<'SQL');
SELECT c.oid, c.relname, c.relfilenode FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
 WHERE nspname IN ('clinic', 'archive', 'billing') ORDER BY 1;
SELECT oid, conname FROM pg_constraint WHERE oid >= 16384 AND conname <> 'patient_name_not_null' ORDER BY 1;
SELECT oid, typname FROM pg_type WHERE oid >= 16384 ORDER BY 1;
SELECT oid, proname FROM pg_proc WHERE oid >= 16384 ORDER BY 1;
SELECT oid, polname FROM pg_policy ORDER BY 1;
SELECT enumlabel, enumsortorder FROM pg_enum ORDER BY 1, 2;
SELECT (SELECT count(*) FROM clinic.patient), (SELECT count(*) FROM clinic.cache), (SELECT count(*) FROM clinic.copied);
SELECT nspname FROM pg_namespace ORDER BY 1;
SQL
}

# Without guarded forms, a set like this can only run once.
new_database('plain');
is(apply('plain', 'off', '20250101000001-first', @plain), '', 'plain, the first run');
my $plain_dump = dump_of('plain');
like(apply('plain', 'off', '20250101000002-second', @plain), qr/already exists/, 'plain, it does not run twice');
$node->safe_psql('plain', "DROP OWNED BY accountant; DROP ROLE accountant");

# In their guarded forms they make the same.
cmp_ok(scalar(@plain), '>=', 40, scalar(@plain) . ' statements');
new_database('guarded');
is(apply('guarded', 'rewrite', '20250101000001-first', @plain), '', 'guarded, the first run');
my $first_dump = dump_of('guarded');
is($first_dump, $plain_dump, 'guarded and plain statements make the same schema');
my $first_traces = traces_of('guarded');

# What was registered stands beside what runs.
is($node->safe_psql('guarded', "SELECT count(*) FROM migrate_show('20250101000001-first') WHERE original IS NULL"),
	5, 'all but those that may be run again are rewritten');
is($node->safe_psql('guarded', "SELECT string_agg(COALESCE(original, statement), E';\\n' ORDER BY statement_no)
	FROM migrate_show('20250101000001-first')"), join(";\n", @plain),
	'the originals are kept');

# A second run of the very text that was stored, where nothing may run that is
# not guarded.
my $stored = $node->safe_psql('guarded', "SELECT string_agg(statement, E';\\n' ORDER BY statement_no)
	FROM migrate_show('20250101000001-first')");
is(apply('guarded', 'require', '20250101000002-second', $stored), '', 'guarded, the second run');
is(dump_of('guarded'), $first_dump, 'the dump is the same');
is(traces_of('guarded'), $first_traces, 'nothing was made again');

# A third one of the plain text.
is(apply('guarded', 'rewrite', '20250101000003-third', @plain), '', 'guarded, the third run');
is(dump_of('guarded'), $first_dump, 'the dump is the same again');
is(traces_of('guarded'), $first_traces, 'nothing was made again');

# What cannot run in a transaction: an index is built once.
my @indexes = ('CREATE INDEX CONCURRENTLY late ON clinic.patient (name)', 'DROP INDEX CONCURRENTLY clinic.item_up');
for my $n (4, 5)
{
	$node->safe_psql('guarded', "SET hipaa_migrate.idempotency = 'rewrite';
		SELECT migrate_register('2025010100000$n-indexes', up => " . quoted(@indexes) . ")");
	$node->safe_psql('guarded', "SET hipaa_migrate.idempotency = 'require';
		CALL migrate_deploy('2025010100000$n-indexes')");
}
is($node->safe_psql('guarded', "SELECT to_regclass('clinic.late') IS NOT NULL, to_regclass('clinic.item_up') IS NULL"),
	't|t', 'and so do those in a worker');
$node->safe_psql('guarded', 'CREATE INDEX other ON clinic.patient (id); DROP INDEX clinic.late; CREATE INDEX late ON clinic.patient (id)');
my ($out, $err) = ('', '');
$node->psql('guarded', "SET hipaa_migrate.idempotency = 'rewrite';
	SELECT migrate_register('20250101000006-indexes', up => " . quoted(@indexes) . ");
	CALL migrate_deploy('20250101000006-indexes')", stderr => \$err);
like($err, qr/index clinic\.late exists and differs/, 'which compares too');
$node->safe_psql('guarded', "DROP OWNED BY accountant; DROP ROLE accountant");

# Something of the same name that differs, one for each: all is refused, with
# both definitions, and nothing has changed.
my %other = (
	'CREATE TYPE clinic.mood AS ENUM (\'sad\', \'glad\', \'mad\')' => qr/ENUM \('sad', 'glad', 'mad'\)\nAsked for:\nENUM \('sad', 'glad'\)/,
	'CREATE TYPE clinic.pair AS (a int, b int)' => qr/AS \(a integer, b integer\)\nAsked for:\nAS \(a integer, b text\)/,
	'CREATE TYPE clinic.span AS RANGE (SUBTYPE = bigint)' => qr/bigint.*\nAsked for:\n.*integer/,
	'CREATE DOMAIN clinic.posint AS int' => qr/AS integer\nAsked for:\nAS integer CONSTRAINT posint_check/,
	'CREATE TABLE clinic."Select" ("from" int)' => qr/table "Select" exists and differs/,
	'CREATE TABLE clinic.cache (k text PRIMARY KEY)' => qr/UNLOGGED WITH \(fillfactor=70\)/,
	'CREATE VIEW clinic.copied AS SELECT 1 AS one' => qr/view copied exists and differs/,
	'CREATE SEQUENCE clinic.numbers' => qr/INCREMENT 1 .*\n.*\n.*\n.*INCREMENT 5/,
	'CREATE OPERATOR clinic.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4ne)' => qr/int4ne.*\n.*\n.*int4eq/,
	'CREATE COLLATION clinic.plainly FROM "POSIX"' => qr/collation plainly exists and differs/,
	'CREATE ROLE accountant' => qr/role accountant exists and differs/,
	'CREATE FOREIGN DATA WRAPPER wrapper OPTIONS (a \'b\')' => qr/wrapper exists and differs/,
	'CREATE PUBLICATION everything FOR ALL TABLES' => qr/publication everything exists and differs/,
	'ALTER TABLE clinic.visit ATTACH PARTITION clinic.visit_1 FOR VALUES IN (11)' => qr/FOR VALUES IN \(11\)\nAsked for:\nFOR VALUES IN \(1\)/,
	'ALTER DOMAIN clinic.code ADD CONSTRAINT short CHECK (length(VALUE) < 8)' => qr/< 8.*\n.*\n.*< 9/,
	'CREATE FUNCTION clinic.touch() RETURNS trigger LANGUAGE plpgsql AS \'BEGIN RETURN NULL; END\'' => qr/function touch\(\) would be replaced/,
);
my $number = 0;

for my $other (sort keys %other)
{
	my $database = new_database('other_' . ++$number);

	$node->safe_psql($database, $other);
	my $before = dump_of($database);
	like(apply($database, 'rewrite', '20250101000001-first', @plain), $other{$other}, "refused: $other");
	is(dump_of($database), $before, 'and nothing has changed');
	$node->safe_psql($database, 'DROP ROLE IF EXISTS accountant');
	$node->safe_psql('postgres', "DROP DATABASE $database");
}

$node->stop;
done_testing();
