#
# test/tap/lint_rewrite.pl
#	  Whether the linter knows which ALTER TABLE writes the table anew.
#
# Each row says what an ALTER does to a table with rows.  It must be what the
# linter's rules say before, and what happened after: other files behind the
# table or its indexes, or a message that the server reads all rows.
#
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('lint_rewrite', conf => "allow_in_place_tablespaces = on\n");
my ($major) = $node->safe_psql('postgres', 'SHOW server_version_num') =~ /^(\d\d)/;

# Which work the finding of a rule is.
my %work_of = (
	'set-not-null-scans' => 'scan',
	'column-default-volatile' => 'rewrite',
	'column-generated-stored' => 'rewrite',
	'column-numbered' => 'rewrite',
	'column-domain-constrained' => 'rewrite',
	'column-type-rewrites' => 'rewrite',
	'column-type-checks' => 'scan',
	'table-persistence-changes' => 'rewrite',
	'table-storage-moves' => 'rewrite',
	'partition-attach-scans' => 'scan',);
my @weights = qw(none scan indexes rewrite);
my %weight = map { $weights[$_] => $_ } 0 .. $#weights;

# Objects that the rows use.
$node->safe_psql('postgres', $_) for split(/;\n/, <<'SQL');
CREATE TABLESPACE elsewhere LOCATION '';
CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
CREATE SCHEMA o;
CREATE DOMAIN o.plain AS integer;
CREATE DOMAIN o.plain_text AS text;
CREATE DOMAIN o.plain_array AS integer[];
CREATE DOMAIN o.plain_default AS integer DEFAULT 7;
CREATE DOMAIN o.volatile_default AS double precision DEFAULT random();
CREATE DOMAIN o.positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN o.positive_text AS text CHECK (VALUE <> '');
CREATE DOMAIN o.required AS integer NOT NULL;
CREATE DOMAIN o.deep AS o.positive;
CREATE TYPE o.mood AS ENUM ('sad', 'ok');
CREATE DOMAIN o.plain_mood AS o.mood;
CREATE TYPE o.mood2 AS ENUM ('sad', 'ok');
CREATE TYPE o.pair AS (a integer, b integer);
CREATE FUNCTION o.fixed() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION o.steady() RETURNS integer LANGUAGE plpgsql STABLE AS 'BEGIN RETURN 1; END';
CREATE FUNCTION o.wild() RETURNS integer LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN 1; END';
CREATE FUNCTION o.tame() RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT 1';
CREATE FUNCTION o.itself(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION o.shout(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1)';
CREATE SEQUENCE o.numbers;
CREATE CAST (o.mood AS o.mood2) WITH INOUT AS ASSIGNMENT
SQL

# A column: its definition and a value; what ALTER COLUMN a does; the work.
# Where the linter says more, that is on purpose: it never runs somebody's
# functions, as the server does when it simplifies what calls them.
my @columns = (
	# What server_facts says is not written.
	[ 'varchar(10)', "'x'", 'TYPE varchar(20)', 'none' ],
	[ 'varchar(10)', "'x'", 'TYPE varchar', 'none' ],
	[ 'varchar(10)', "'x'", 'TYPE text', 'none' ],
	[ 'varchar', "'x'", 'TYPE text', 'none' ],
	[ 'text', "'x'", 'TYPE varchar', 'none' ],
	[ 'numeric(10,2)', '1.5', 'TYPE numeric(12,2)', 'none' ],
	[ 'numeric(10,2)', '1.5', 'TYPE numeric', 'none' ],
	[ 'timestamp', "'2020-01-01'", 'TYPE timestamptz', 'none', session => "SET timezone = 'UTC'" ],
	[ 'timestamptz', "'2020-01-01'", 'TYPE timestamp', 'none', session => "SET timezone = 'UTC'" ],
	[ 'interval(2)', "'1 s'", 'TYPE interval(4)', 'none' ],
	[ 'interval(2)', "'1 s'", 'TYPE interval', 'none' ],
	[ 'time(2)', "'01:02:03'", 'TYPE time(4)', 'none' ],
	[ 'time(2)', "'01:02:03'", 'TYPE time', 'none' ],
	[ 'varbit(5)', "B'101'", 'TYPE varbit(8)', 'none' ],
	[ 'varbit(5)', "B'101'", 'TYPE varbit', 'none' ],
	[ 'cidr', "'10.0.0.0/8'", 'TYPE inet', 'none' ],
	[ 'varchar(9)', "'x'", 'TYPE text USING a::text', 'none' ],
	# What it says is written.
	[ 'varchar(20)', "'x'", 'TYPE varchar(10)', 'rewrite' ],
	[ 'text', "'x'", 'TYPE varchar(10)', 'rewrite' ],
	[ 'numeric(10,2)', '1.5', 'TYPE numeric(10,3)', 'rewrite' ],
	[ 'numeric(10,2)', '1.5', 'TYPE numeric(8,2)', 'rewrite' ],
	[ 'timestamp(4)', "'2020-01-01'", 'TYPE timestamp(2)', 'rewrite' ],
	[ 'interval(4)', "'1 s'", 'TYPE interval(2)', 'rewrite' ],
	[ 'char(5)', "'x'", 'TYPE char(8)', 'rewrite' ],
	[ 'integer', '1', 'TYPE bigint', 'rewrite' ],
	[ 'json', "'{}'", 'TYPE jsonb', 'rewrite' ],
	[ 'text', "'x'", 'TYPE text USING upper(a)', 'rewrite' ],

	# The same type, or the same bytes.
	[ 'integer', '1', 'TYPE integer', 'none' ],
	[ 'varchar(10)', "'x'", 'TYPE varchar(10)', 'none' ],
	[ 'oid', '1', 'TYPE integer', 'none' ],
	[ 'integer', '1', 'TYPE oid', 'none' ],
	[ 'regclass', "'pg_class'", 'TYPE oid', 'none' ],
	[ 'xml', "'<a/>'", 'TYPE text', 'none' ],
	[ 'text', "'x'", 'TYPE bytea USING convert_to(a, $$UTF8$$)', 'rewrite' ],
	[ 'inet', "'10.0.0.0/8'", 'TYPE cidr', 'rewrite' ],
	[ 'char(5)', "'x'", 'TYPE text', 'rewrite' ],
	[ 'char(5)', "'x'", 'TYPE varchar(5)', 'rewrite' ],
	[ 'name', "'x'", 'TYPE text', 'rewrite' ],
	[ 'bigint', '1', 'TYPE integer', 'rewrite' ],
	[ 'integer', '1', 'TYPE numeric', 'rewrite' ],
	[ 'real', '1', 'TYPE double precision', 'rewrite' ],
	[ 'integer', '1', 'TYPE text', 'rewrite' ],
	[ 'date', "'2020-01-01'", 'TYPE timestamp', 'rewrite' ],
	[ 'date', "'2020-01-01'", 'TYPE timestamptz', 'rewrite', session => "SET timezone = 'UTC'" ],
	[ 'timestamp', "'2020-01-01'", 'TYPE timestamptz', 'rewrite', session => "SET timezone = 'Europe/Berlin'" ],
	[ 'timestamp', "'2020-01-01'", "TYPE timestamptz USING a AT TIME ZONE 'UTC'", 'rewrite', session => "SET timezone = 'Europe/Berlin'" ],
	[ 'timestamp(3)', "'2020-01-01'", 'TYPE timestamptz(3)', 'rewrite', session => "SET timezone = 'Etc/UTC'" ],
	[ 'timestamp(3)', "'2020-01-01'", 'TYPE timestamptz(6)', 'none', session => "SET timezone = 'UTC'" ],
	[ 'timestamp(6)', "'2020-01-01'", 'TYPE timestamptz(3)', 'rewrite', session => "SET timezone = 'UTC'" ],
	[ 'timestamp(2)', "'2020-01-01'", 'TYPE timestamp(4)', 'none' ],
	[ 'timestamptz(2)', "'2020-01-01'", 'TYPE timestamptz', 'none' ],
	[ 'timetz(2)', "'01:02:03+00'", 'TYPE timetz(4)', 'none' ],
	[ 'time(4)', "'01:02:03'", 'TYPE time(2)', 'rewrite' ],
	[ 'interval', "'1 s'", 'TYPE interval(6)', 'none' ],
	[ 'interval', "'1 s'", 'TYPE interval day to second', 'none' ],
	[ 'interval', "'1 s'", 'TYPE interval year', 'rewrite' ],
	[ 'bit(3)', "B'101'", 'TYPE bit(5) USING a::bit(5)', 'rewrite' ],
	[ 'bit(3)', "B'101'", 'TYPE varbit', 'none' ],
	[ 'varbit(8)', "B'101'", 'TYPE varbit(5)', 'rewrite' ],
	[ 'numeric', '1.5', 'TYPE numeric(10,2)', 'rewrite' ],
	[ 'numeric(10)', '1', 'TYPE numeric(12)', 'none' ],
	[ 'numeric(10,2)', '1.5', 'TYPE decimal(20,2)', 'none' ],
	[ 'varchar(10)[]', "'{x}'", 'TYPE varchar(20)[]', 'rewrite' ],
	[ 'varchar(10)[]', "'{x}'", 'TYPE text[]', 'rewrite' ],
	[ 'integer[]', "'{1}'", 'TYPE bigint[]', 'rewrite' ],
	[ 'jsonb', "'{}'", 'TYPE json', 'rewrite' ],
	[ 'json', "'{}'", 'TYPE text', 'rewrite' ],
	[ 'text', "'{}'", 'TYPE json USING a::json', 'rewrite' ],
	[ 'uuid', 'gen_random_uuid()', 'TYPE text', 'rewrite' ],
	[ 'money', '1', 'TYPE numeric', 'rewrite' ],

	# Domains and enums.
	[ 'integer', '1', 'TYPE o.plain', 'none' ],
	[ 'o.plain', '1', 'TYPE integer', 'none' ],
	[ 'text', "'x'", 'TYPE o.plain_text', 'none' ],
	[ 'varchar(5)', "'x'", 'TYPE o.plain_text', 'none' ],
	[ 'integer', '1', 'TYPE o.positive', 'rewrite' ],
	[ 'o.positive', '1', 'TYPE integer', 'none' ],
	[ 'o.positive', '1', 'TYPE o.positive', 'none' ],
	[ 'o.positive', '1', 'TYPE o.deep', 'rewrite' ],
	[ 'o.deep', '1', 'TYPE o.positive', 'rewrite' ],
	[ 'integer', '1', 'TYPE o.required', 'rewrite' ],
	[ 'bigint', '1', 'TYPE o.plain', 'rewrite' ],
	[ 'o.mood', "'sad'", 'TYPE text', 'rewrite' ],
	[ 'text', "'sad'", 'TYPE o.mood USING a::o.mood', 'rewrite' ],
	[ 'o.mood', "'sad'", 'TYPE o.mood2', 'rewrite' ],

	# USING.
	[ 'integer', '1', 'TYPE integer USING a', 'none' ],
	[ 'integer', '1', 'TYPE integer USING b', 'rewrite' ],
	[ 'integer', '1', 'TYPE integer USING a + 0', 'rewrite' ],
	[ 'text', "'x'", 'TYPE varchar USING a::varchar', 'none' ],
	[ 'text', "'x'", 'TYPE text USING (a::varchar)::text', 'none' ],
	[ 'varchar(5)', "'x'", 'TYPE varchar(9) USING a::varchar(9)', 'none' ],
	[ 'text', "'x'", 'TYPE text USING trim(a)', 'rewrite' ],
	[ 'text', "'x'", 'TYPE text USING o.itself(a)', 'none', says => 'rewrite' ],
	[ 'text', "'x'", 'TYPE text USING o.shout(a)', 'rewrite' ],
	[ 'text', "'x'", "TYPE text USING coalesce(a, '')", 'rewrite' ],
	[ 'text', "'x'", 'TYPE text USING coalesce(a)', 'rewrite' ],
	[ 'text', "'x'", 'TYPE text USING CASE WHEN true THEN a END', 'none' ],
	[ 'text', "'x'", 'TYPE text USING NULL', 'rewrite' ],
	[ 'text', "'x'", 'TYPE text USING t.a', 'none' ],
	[ 'text', "'x'", 'TYPE text USING (t).a', 'none' ],
	[ 'integer', '1', 'TYPE integer USING 7', 'rewrite' ],

	# Collations, indexes, constraints.
	[ 'text', "'x'", 'TYPE text COLLATE "C"', 'none' ],
	[ 'text', "'x'", 'TYPE text COLLATE "C"', 'indexes', setup => 'CREATE INDEX ON t (a)' ],
	[ 'text', "'x'", 'TYPE text COLLATE "C"', 'none', setup => 'CREATE INDEX ON t (b)' ],
	[ 'text', "'x'", 'TYPE text COLLATE "C"', 'none', setup => 'CREATE INDEX ON t (a COLLATE "POSIX")' ],
	[ 'text COLLATE "C"', "'x'", 'TYPE text', 'indexes', setup => 'CREATE INDEX ON t (a)' ],
	[ 'text COLLATE "C"', "'x'", 'TYPE varchar COLLATE "C"', 'none', setup => 'CREATE INDEX ON t (a)' ],
	[ 'varchar(9)', "'x'", 'TYPE varchar(19)', 'none', setup => 'CREATE INDEX ON t (a)' ],
	[ 'varchar(9)', "'x'", 'TYPE text', 'none', setup => 'ALTER TABLE t ADD UNIQUE (a)' ],
	[ 'varchar(9)', "'x'", 'TYPE text', 'none', setup => 'CREATE INDEX ON t USING hash (a)' ],
	[ 'varchar(9)', "'x'", 'TYPE text', 'none', setup => 'CREATE INDEX ON t (a varchar_pattern_ops)' ],
	[ 'varchar(9)', "'x'", 'TYPE text', 'none', setup => 'CREATE INDEX ON t (b) INCLUDE (a)' ],
	[ 'varchar(9)', "'x'", 'TYPE text', 'indexes', setup => 'CREATE INDEX ON t (lower(a))' ],
	[ 'varchar(9)', "'x'", 'TYPE text', 'indexes', setup => "CREATE INDEX ON t (b) WHERE a <> ''" ],
	[ 'varchar(9)', "'x'", 'TYPE text', 'none', setup => 'CREATE INDEX ON t (b) WHERE b > 0' ],
	[ 'integer[]', "'{1}'", 'TYPE o.plain_array', 'indexes', setup => 'CREATE INDEX ON t (a)' ],
	[ 'integer[]', "'{1}'", 'TYPE o.plain_array', 'indexes', setup => 'CREATE INDEX ON t USING gin (a)' ],
	[ 'o.mood', "'ok'", 'TYPE o.plain_mood', 'indexes', setup => 'CREATE INDEX ON t (a)' ],
	[ 'oid', '1', 'TYPE integer', 'indexes', setup => 'CREATE INDEX ON t (a)' ],
	[ 'cidr', "'10.0.0.0/8'", 'TYPE inet', 'none', setup => 'CREATE INDEX ON t (a)' ],
	[ 'timestamp', "'2020-01-01'", 'TYPE timestamptz', 'indexes', setup => 'CREATE INDEX ON t (a)', session => "SET timezone = 'UTC'" ],
	[ 'integer', '1', 'TYPE o.plain', 'none', setup => 'CREATE INDEX ON t (a)' ],
	[ 'varchar(9)', "'x'", 'TYPE varchar(19)', 'scan', setup => "ALTER TABLE t ADD CHECK (a <> '')" ],
	[ 'varchar(9)', "'x'", 'TYPE varchar(9)', 'scan', setup => "ALTER TABLE t ADD CHECK (a <> '')" ],
	[ 'varchar(9)', "'x'", 'TYPE varchar(19)', 'none', setup => "ALTER TABLE t ADD CHECK (a <> '') NOT VALID" ],
	[ 'varchar(9)', "'x'", 'TYPE varchar(19)', 'none', setup => 'ALTER TABLE t ADD CHECK (b > 0)' ],
	[ 'varchar(9)', "'x'", 'TYPE varchar(19)', 'none', setup => "ALTER TABLE t ADD CONSTRAINT c CHECK (a <> '')", before => 'DROP CONSTRAINT c' ],
	[ 'varchar(9)', "'x'", 'TYPE varchar(19)', 'none',
		setup => 'ALTER TABLE t ADD UNIQUE (a); CREATE TABLE u (a varchar(9) REFERENCES t (a))' ],
	[ 'timestamp', "'2020-01-01'", 'TYPE timestamptz', 'scan', session => "SET timezone = 'UTC'",
		setup => "CREATE TABLE u (a timestamptz PRIMARY KEY); INSERT INTO u VALUES ('2020-01-01 00:00+00'); SET timezone = 'UTC'; ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u" ],

	# Defaults are changed, whatever the type does.
	[ "varchar(9) DEFAULT 'd'", "'x'", 'TYPE varchar(19)', 'none' ],
	[ 'integer DEFAULT 3', '1', 'TYPE bigint', 'rewrite' ],
	[ 'serial', '1', 'TYPE bigint', 'rewrite' ],
	[ 'integer', '1', 'SET DEFAULT random()', 'none' ],
	[ 'integer DEFAULT 3', '1', 'DROP DEFAULT', 'none' ],
	[ 'varchar(9) GENERATED ALWAYS AS (b::text) STORED', undef, 'TYPE varchar(19)', 'none' ],
	[ 'integer GENERATED ALWAYS AS (b) STORED', undef, 'TYPE bigint', 'rewrite' ],
	[ 'integer GENERATED ALWAYS AS (b) STORED', undef, 'DROP EXPRESSION', 'none' ],

	# NOT NULL.
	[ 'integer', '1', 'SET NOT NULL', 'scan' ],
	[ 'integer NOT NULL', '1', 'SET NOT NULL', 'none' ],
	[ 'integer NOT NULL', '1', 'DROP NOT NULL', 'none' ],
	[ 'integer PRIMARY KEY', 'g', 'SET NOT NULL', 'none' ],
	[ 'integer', '1', 'SET NOT NULL', 'none', setup => 'ALTER TABLE t ADD CHECK (a IS NOT NULL)' ],
	[ 'integer', '1', 'SET NOT NULL', 'none', setup => 'ALTER TABLE t ADD CHECK (a IS NOT NULL AND b > 0)' ],
	[ 'integer', '1', 'SET NOT NULL', 'scan', setup => 'ALTER TABLE t ADD CHECK (a IS NOT NULL OR b > 0)' ],
	[ 'integer', '1', 'SET NOT NULL', 'scan', setup => 'ALTER TABLE t ADD CHECK (a > 0)' ],
	[ 'integer', '1', 'SET NOT NULL', 'scan', setup => 'ALTER TABLE t ADD CHECK (b IS NOT NULL)' ],
	[ 'integer', '1', 'SET NOT NULL', 'scan', setup => 'ALTER TABLE t ADD CHECK (a IS NOT NULL) NOT VALID' ],
	[ 'integer', '1', 'SET NOT NULL', 'scan', setup => 'ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL)', before => 'DROP CONSTRAINT c' ],
	[ 'integer', '1', 'SET NOT NULL', 'none', setup => 'ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD CHECK (a IS NOT NULL)' ],

	# Identity and storage parameters.
	[ 'integer NOT NULL', '1', 'ADD GENERATED ALWAYS AS IDENTITY', 'none' ],
	[ 'text', "'x'", 'SET STORAGE EXTERNAL', 'none' ],
	[ 'text', "'x'", 'SET COMPRESSION pglz', 'none' ],
	[ 'integer', '1', 'SET STATISTICS 10', 'none' ],);

# A whole command on t (a integer, b integer); the work.
my @commands = (
	# What server_facts says of ADD COLUMN.
	[ 'ADD COLUMN c integer', 'none' ],
	[ 'ADD COLUMN c integer DEFAULT 1', 'none' ],
	[ 'ADD COLUMN c timestamptz DEFAULT now()', 'none' ],
	[ 'ADD COLUMN c o.plain DEFAULT 1', 'none' ],
	[ 'ADD COLUMN c timestamptz DEFAULT clock_timestamp()', 'rewrite' ],
	[ 'ADD COLUMN c uuid DEFAULT gen_random_uuid()', 'rewrite' ],
	[ 'ADD COLUMN c serial', 'rewrite' ],
	[ 'ADD COLUMN c integer GENERATED ALWAYS AS IDENTITY', 'rewrite' ],
	[ 'ADD COLUMN c integer GENERATED ALWAYS AS (a + 1) STORED', 'rewrite' ],
	[ 'ADD COLUMN c o.positive', 'rewrite' ],
	[ 'ADD COLUMN c o.positive DEFAULT 1', 'rewrite' ],
	[ 'SET UNLOGGED', 'rewrite' ],
	[ 'SET LOGGED', 'rewrite', setup => 'ALTER TABLE t SET UNLOGGED' ],
	[ 'SET ACCESS METHOD heap', 'none' ],
	[ 'SET TABLESPACE pg_default', 'none' ],

	# Defaults: what is really called.
	[ 'ADD COLUMN c timestamptz DEFAULT CURRENT_TIMESTAMP', 'none' ],
	[ "ADD COLUMN c date DEFAULT 'today'", 'none' ],
	[ "ADD COLUMN c text DEFAULT 'a' || 'b'", 'none' ],
	[ 'ADD COLUMN c text DEFAULT CURRENT_USER', 'none' ],
	[ "ADD COLUMN c jsonb DEFAULT '{}'", 'none' ],
	[ "ADD COLUMN c integer[] DEFAULT ARRAY[1, 2]", 'none' ],
	[ 'ADD COLUMN c integer DEFAULT NULL', 'none' ],
	[ 'ADD COLUMN c integer DEFAULT o.fixed()', 'none' ],
	[ 'ADD COLUMN c integer DEFAULT o.steady()', 'none' ],
	[ 'ADD COLUMN c integer DEFAULT o.wild()', 'rewrite' ],
	[ 'ADD COLUMN c integer DEFAULT o.tame()', 'none', says => 'rewrite' ],
	[ 'ADD COLUMN c double precision DEFAULT random()', 'rewrite' ],
	[ "ADD COLUMN c bigint DEFAULT nextval('o.numbers')", 'rewrite' ],
	[ 'ADD COLUMN c text DEFAULT timeofday()', 'rewrite' ],
	[ 'ADD COLUMN c timestamptz DEFAULT statement_timestamp()', 'none' ],
	[ "ADD COLUMN c timestamptz DEFAULT now() + interval '1 day'", 'none' ],
	[ "ADD COLUMN c text DEFAULT coalesce(CURRENT_USER, random()::text)", 'rewrite' ],
	[ 'ADD COLUMN c bigserial', 'rewrite' ],
	[ 'ADD COLUMN c bigint GENERATED BY DEFAULT AS IDENTITY', 'rewrite' ],
	[ 'ADD COLUMN c o.mood', 'none' ],
	[ "ADD COLUMN c o.mood DEFAULT 'ok'", 'none' ],
	[ 'ADD COLUMN c o.pair', 'none' ],
	[ "ADD COLUMN c o.pair DEFAULT '(1,2)'", 'none' ],
	[ 'ADD COLUMN c o.plain', 'none' ],
	[ 'ADD COLUMN c o.plain_default', 'none' ],
	[ 'ADD COLUMN c o.volatile_default', 'rewrite' ],
	[ 'ADD COLUMN c o.volatile_default DEFAULT 1', 'none' ],
	[ 'ADD COLUMN c o.required DEFAULT 1', 'rewrite' ],
	[ 'ADD COLUMN c o.deep', 'rewrite' ],
	[ 'ADD COLUMN c o.positive[]', 'none' ],
	[ 'ADD COLUMN c varchar(3) COLLATE "C"', 'none' ],
	[ 'ADD COLUMN IF NOT EXISTS a serial', 'none' ],
	[ 'ADD COLUMN IF NOT EXISTS c serial', 'rewrite' ],
	[ 'ADD COLUMN c integer NOT NULL DEFAULT 1', 'none' ],
	[ 'ADD COLUMN c integer GENERATED ALWAYS AS (a + 1) VIRTUAL', 'none', from => 18 ],
	[ 'ALTER COLUMN g SET EXPRESSION AS (a + 2)', 'rewrite', from => 17,
		setup => 'ALTER TABLE t ADD COLUMN g integer GENERATED ALWAYS AS (a + 1) STORED' ],
	[ 'ALTER COLUMN g SET EXPRESSION AS (a + 2)', 'none', from => 18,
		setup => 'ALTER TABLE t ADD COLUMN g integer GENERATED ALWAYS AS (a + 1) VIRTUAL' ],

	# Constraints in the same statement: another topic's rules speak of them.
	[ 'ADD COLUMN c integer REFERENCES u', 'none', setup => 'CREATE TABLE u (a integer PRIMARY KEY)' ],
	[ 'ADD COLUMN c integer DEFAULT 1 REFERENCES u', 'scan', others => 1,
		setup => 'CREATE TABLE u (a integer PRIMARY KEY); INSERT INTO u VALUES (1)' ],
	[ 'ADD COLUMN c integer CHECK (c > 0)', 'scan', others => 1 ],
	[ 'ADD COLUMN c integer UNIQUE', 'indexes', others => 1 ],
	[ 'ADD CHECK (a > 0)', 'scan', others => 1 ],
	[ 'ADD CHECK (a > 0) NOT VALID', 'none' ],
	[ 'VALIDATE CONSTRAINT c', 'scan', others => 1, setup => 'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID' ],
	[ 'ADD PRIMARY KEY (b)', 'indexes', others => 1 ],
	[ 'ADD CONSTRAINT n NOT NULL a', 'scan', from => 18 ],
	[ 'ADD CONSTRAINT n NOT NULL a NOT VALID', 'none', from => 18 ],
	[ 'ALTER COLUMN a SET NOT NULL', 'scan', from => 18, setup => 'ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID' ],
	[ 'ALTER COLUMN a SET NOT NULL', 'none', from => 18,
		setup => 'ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT n' ],

	# Where and how it is stored.
	[ 'SET LOGGED', 'none' ],
	[ 'SET UNLOGGED', 'none', setup => 'ALTER TABLE t SET UNLOGGED' ],
	[ 'SET ACCESS METHOD heap2', 'rewrite' ],
	[ 'SET ACCESS METHOD heap', 'rewrite', setup => 'ALTER TABLE t SET ACCESS METHOD heap2' ],
	[ 'SET ACCESS METHOD DEFAULT', 'none', from => 17 ],
	[ 'SET ACCESS METHOD DEFAULT', 'rewrite', from => 17, session => 'SET default_table_access_method = heap2' ],
	[ 'SET TABLESPACE elsewhere', 'rewrite' ],
	[ 'SET TABLESPACE elsewhere', 'none', setup => 'ALTER TABLE t SET TABLESPACE elsewhere' ],
	[ 'SET TABLESPACE pg_default', 'rewrite', setup => 'ALTER TABLE t SET TABLESPACE elsewhere' ],
	[ 'SET (fillfactor = 50)', 'none' ],
	[ 'SET WITHOUT CLUSTER', 'none' ],
	[ 'CLUSTER ON i', 'none', setup => 'CREATE INDEX i ON t (a)' ],
	[ 'REPLICA IDENTITY FULL', 'none' ],
	[ 'DROP COLUMN b', 'none' ],
	[ 'ENABLE ROW LEVEL SECURITY', 'none' ],
	[ 'RENAME COLUMN b TO c', 'none' ],
	[ 'INHERIT p', 'none', setup => 'CREATE TABLE p (a integer)' ],

	# More than one command: the passes, not the order that they are written in.
	[ 'ADD COLUMN c integer, ADD COLUMN d uuid DEFAULT gen_random_uuid()', 'rewrite' ],
	[ 'ADD COLUMN c integer DEFAULT 1, ADD COLUMN d text', 'none' ],
	[ 'ADD COLUMN c double precision, ALTER COLUMN c SET DEFAULT random()', 'none' ],
	[ 'ALTER COLUMN a TYPE bigint, ALTER COLUMN b TYPE bigint', 'rewrite' ],
	[ 'ALTER COLUMN a TYPE bigint, ALTER COLUMN b SET NOT NULL', 'rewrite' ],
	[ 'DROP COLUMN b, ALTER COLUMN a TYPE oid', 'none' ],
	[ 'ALTER COLUMN a SET NOT NULL, ALTER COLUMN b SET NOT NULL', 'scan' ],
	[ 'ALTER COLUMN a SET NOT NULL, VALIDATE CONSTRAINT c', 'scan', setup => 'ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID' ],

	# Other tables than plain ones.
	[ 'ALTER COLUMN b TYPE bigint', 'rewrite', parted => 1 ],
	[ 'ADD COLUMN c integer DEFAULT 1', 'none', parted => 1 ],
	[ 'ADD COLUMN c uuid DEFAULT gen_random_uuid()', 'rewrite', parted => 1 ],
	[ 'SET TABLESPACE elsewhere', 'none', parted => 1 ],
	[ 'ALTER COLUMN b SET NOT NULL', 'scan', parted => 1 ],
	[ 'ATTACH PARTITION u FOR VALUES IN (2)', 'scan', parted => 1,
		setup => 'CREATE TABLE u (a integer, b integer); INSERT INTO u VALUES (2, 2)' ],
	[ 'ATTACH PARTITION u FOR VALUES IN (2)', 'none', parted => 1,
		setup => 'CREATE TABLE u (b integer, a integer NOT NULL CHECK (a IN (2))); INSERT INTO u VALUES (2, 2)' ],
	[ 'ATTACH PARTITION u FOR VALUES IN (2)', 'none', parted => 1,
		setup => 'CREATE TABLE u (a integer, b integer, CHECK (a IS NOT NULL AND a = 2)); INSERT INTO u VALUES (2, 2)' ],
	[ 'ATTACH PARTITION u FOR VALUES IN (2)', 'scan', parted => 1,
		setup => 'CREATE TABLE u (a integer NOT NULL, b integer); INSERT INTO u VALUES (2, 2); ALTER TABLE u ADD CHECK (a = 2) NOT VALID' ],
	[ 'ATTACH PARTITION u FOR VALUES IN (2)', 'scan', parted => 1,
		setup => 'CREATE TABLE u (a integer NOT NULL CHECK (a = 3), b integer); INSERT INTO u SELECT 3, 3 WHERE false; INSERT INTO u VALUES (3, 3)', fails => 1 ],
	[ 'ATTACH PARTITION u FOR VALUES IN (2)', 'scan', parted => 1,
		setup => 'CREATE TABLE v PARTITION OF t DEFAULT; INSERT INTO v VALUES (9, 9); CREATE TABLE u (a integer NOT NULL CHECK (a = 2), b integer)' ],
	[ 'ATTACH PARTITION u FOR VALUES IN (2)', 'none', parted => 1,
		setup => 'CREATE TABLE v PARTITION OF t DEFAULT; INSERT INTO v VALUES (9, 9); ALTER TABLE v ADD CHECK (a IS NOT NULL AND a > 5); CREATE TABLE u (a integer NOT NULL CHECK (a = 2), b integer)' ],
	[ 'ATTACH PARTITION u DEFAULT', 'scan', parted => 1,
		setup => 'CREATE TABLE u (a integer, b integer); INSERT INTO u VALUES (2, 2)' ],
	[ 'DETACH PARTITION p', 'none', parted => 1 ],);

# Whole texts on t (a integer, b integer): what comes before counts.
my @texts = (
	[ 'CREATE DOMAIN d AS integer; ALTER TABLE t ADD COLUMN c d', 'none' ],
	[ 'CREATE DOMAIN d AS integer CHECK (VALUE > 0); ALTER TABLE t ADD COLUMN c d', 'rewrite' ],
	[ 'ALTER DOMAIN d ADD CHECK (VALUE > 0) NOT VALID; ALTER TABLE t ADD COLUMN c d', 'rewrite', setup => 'CREATE DOMAIN d AS integer' ],
	[ 'CREATE DOMAIN d AS integer; ALTER TABLE t ALTER COLUMN a TYPE d', 'none' ],
	[ 'CREATE DOMAIN d AS integer CHECK (VALUE > 0); ALTER TABLE t ALTER COLUMN a TYPE d', 'rewrite' ],
	[ 'CREATE DOMAIN d AS bigint; ALTER TABLE t ALTER COLUMN a TYPE d', 'rewrite' ],
	[ 'CREATE DOMAIN d AS integer; CREATE DOMAIN e AS d; ALTER TABLE t ALTER COLUMN a TYPE e', 'none' ],
	[ 'CREATE DOMAIN d AS integer CHECK (VALUE > 0); ALTER TABLE t ALTER COLUMN a TYPE d; ALTER TABLE t ALTER COLUMN a TYPE integer', 'rewrite' ],
	[ "CREATE TYPE e AS ENUM ('x'); ALTER TABLE t ADD COLUMN c e DEFAULT 'x'", 'none' ],
	[ "CREATE TYPE e AS ENUM ('1'); ALTER TABLE t ALTER COLUMN a TYPE e USING a::text::e", 'rewrite' ],
	[ "CREATE FUNCTION f() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; ALTER TABLE t ADD COLUMN c integer DEFAULT f()", 'rewrite' ],
	[ "CREATE FUNCTION f() RETURNS integer STABLE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; ALTER TABLE t ADD COLUMN c integer DEFAULT f()", 'none' ],
	[ "CREATE SEQUENCE s; ALTER TABLE t ADD COLUMN c bigint DEFAULT nextval('s')", 'rewrite' ],
	[ 'ALTER TABLE t ADD COLUMN c varchar(3); ALTER TABLE t ALTER COLUMN c TYPE varchar(9)', 'none' ],
	[ 'ALTER TABLE t ADD COLUMN c varchar(9); ALTER TABLE t ALTER COLUMN c TYPE varchar(3)', 'rewrite' ],
	[ 'ALTER TABLE t ADD COLUMN c text; CREATE INDEX ON t (c); ALTER TABLE t ALTER COLUMN c TYPE varchar', 'indexes', others => 1 ],
	[ 'ALTER TABLE t RENAME COLUMN b TO c; ALTER TABLE t ALTER COLUMN c TYPE bigint', 'rewrite' ],
	[ 'ALTER TABLE t RENAME COLUMN b TO c; ALTER TABLE t ALTER COLUMN c TYPE oid', 'none' ],
	[ 'ALTER TABLE t RENAME TO u; ALTER TABLE u ALTER COLUMN a TYPE integer', 'none' ],
	[ 'ALTER TABLE t RENAME TO u; ALTER TABLE u ALTER COLUMN a TYPE bigint', 'rewrite' ],
	[ 'DROP INDEX i; ALTER TABLE t ALTER COLUMN a TYPE oid', 'none', setup => 'CREATE INDEX i ON t (a)' ],
	[ 'ALTER TABLE t DROP CONSTRAINT c; ALTER TABLE t ALTER COLUMN a SET NOT NULL', 'scan', setup => 'ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL)' ],
	[ 'ALTER TABLE t SET UNLOGGED; ALTER TABLE t SET UNLOGGED', 'rewrite' ],
	[ 'ALTER TABLE t SET TABLESPACE elsewhere; ALTER TABLE t SET TABLESPACE elsewhere', 'rewrite' ],
	[ 'DO $do$ BEGIN ALTER TABLE t ALTER COLUMN a TYPE bigint; END $do$', 'rewrite' ],
	[ 'DO $do$ BEGIN ALTER TABLE t ALTER COLUMN a TYPE oid; END $do$', 'none' ],);

# Rows in one form: name, what makes the table, the ALTER, the work, options.
my @rows;

for (@columns)
{
	my ($definition, $value, $action, $work, %options) = @$_;
	my $make = "CREATE TABLE t (a $definition, b integer);\n";
	$make .= defined $value ? "INSERT INTO t SELECT $value, 1 FROM generate_series(1, 1) AS g;\n"
	  : "INSERT INTO t (b) VALUES (1);\n";
	my $before = $options{before} ? "$options{before}, " : '';

	push @rows, [ $definition . ($options{setup} ? " ($options{setup})" : '') . ": $before$action",
		$make, "ALTER TABLE t ${before}ALTER COLUMN a $action", $work, %options ];
}
for (@commands)
{
	my ($command, $work, %options) = @$_;
	my $make = $options{parted}
	  ? "CREATE TABLE t (a integer, b integer) PARTITION BY LIST (a);\nCREATE TABLE p PARTITION OF t FOR VALUES IN (1);\nINSERT INTO t VALUES (1, 1);\n"
	  : "CREATE TABLE t (a integer, b integer);\nINSERT INTO t VALUES (1, 1);\n";

	push @rows, [ $command . ($options{setup} ? " ($options{setup})" : ''),
		$make, "ALTER TABLE t $command", $work, %options ];
}

for (@texts)
{
	my ($text, $work, %options) = @$_;

	push @rows, [ $text . ($options{setup} ? " ($options{setup})" : ''),
		"CREATE TABLE t (a integer, b integer);\nINSERT INTO t VALUES (1, 1);\n", $text, $work, %options ];
}

# What the findings say, and what the files say.
sub decided
{
	my ($out) = @_;
	my $work = 'none';

	while ($out =~ /^finding\|([^|]*)\|(.*)$/mg)
	{
		my ($rule, $message) = ($1, $2);
		my $own = $work_of{$rule} // 'none';

		if ($rule eq 'column-type-dependents')
		{
			$own = $message =~ /builds again/ ? 'indexes' : $message =~ /checks again/ ? 'scan' : 'none';
		}
		$work = $own if $weight{$own} > $weight{$work};
	}
	return $work;
}

sub files
{
	my ($out, $when) = @_;
	my %files;

	$files{$2} = [ $1, $3 ] while $out =~ /^$when\|(\w)\|(\d+)\|(\d*)$/mg;
	return %files;
}

# An index that is made again gets another number, but may keep its file.
sub done
{
	my ($out, $err) = @_;
	my %before = files($out, 'before');
	my %after = files($out, 'after');
	my %kept = map { $_->[1] => 1 } values %before;
	my $work = $err =~ /verifying table|validating foreign key/ ? 'scan' : 'none';

	for (values %after)
	{
		my ($kind, $file) = @$_;

		next if $file eq '' || $kept{$file};
		return 'rewrite' if $kind =~ /[rm]/;
		$work = 'indexes';
	}
	return $work;
}

my $files = "SELECT '%s', relkind, oid, pg_relation_filenode(oid) FROM pg_class"
  . " WHERE relnamespace = 'r'::regnamespace AND relkind IN ('r', 'i');\n";
my %counted;

for (@rows)
{
	my ($name, $make, $alter, $work, %options) = @$_;

	next if $major < ($options{from} // 15);
	my $session = "SET search_path = r, public;\n" . ($options{session} ? "$options{session};\n" : '');
	$node->safe_psql('postgres',
		"SET client_min_messages = warning; DROP SCHEMA IF EXISTS r CASCADE; CREATE SCHEMA r;\nSET search_path = r, public;\n$make"
		  . ($options{setup} ? "$options{setup};\n" : ''));
	my ($status, $out, $err) = $node->psql('postgres',
		    $session
		  . "SELECT 'finding', rule, message FROM migrate_lint_sql(\$lint\$$alter\$lint\$);\n"
		  . sprintf($files, 'before')
		  . "SET client_min_messages = debug1;\n$alter;\nRESET client_min_messages;\n"
		  . sprintf($files, 'after'),
		on_error_stop => 0);
	my $decided = decided($out);
	my $done = $options{fails} ? $work : done($out, $err);

	if ($err =~ /ERROR/ && !$options{fails})
	{
		fail("$name: " . $err);
		next;
	}
	if ($options{others})
	{
		$_ = $_ eq 'rewrite' ? 'rewrite' : 'none' for $decided, $done, $work;
	}
	is("said $decided, did $done", 'said ' . ($options{says} // $work) . ", did $work", $name);
	$counted{$done}++;
}
note(join(', ', map { "$_: " . ($counted{$_} // 0) } @weights));
cmp_ok($counted{rewrite}, '>', 50, 'enough of them write the table');
cmp_ok($counted{none}, '>', 50, 'and enough do not');

$node->stop;
done_testing();
