
# test/tap/lint_concurrent.pl
#	  Proves that the linter and hipaa_migrate.guarded() get along with things
#	  that others make and drop at the same time.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('concurrent');
my $rounds = 80;

# One session makes and drops all that the texts name, over and over.
my $coming_and_going = join("\n", "\\set ON_ERROR_STOP off", ("
	CREATE TABLE part (a integer, b integer) PARTITION BY LIST (a);
	CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1);
	CREATE TABLE coming (a integer, b integer);
	CREATE INDEX ON coming (a);
	CREATE TYPE mood AS ENUM ('sad');
	CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
	CREATE VIEW shown AS SELECT a, b FROM coming;
	SELECT pg_sleep(0.002);
	DROP VIEW IF EXISTS shown;
	DROP TABLE IF EXISTS coming, part CASCADE;
	DROP TYPE IF EXISTS mood;
	DROP DOMAIN IF EXISTS positive;
") x $rounds);

# Others judge what is done to them, and ask for parts of them.
my $judging = q{
	DO $do$
	DECLARE until timestamptz := clock_timestamp() + interval '3 s';
	BEGIN
		WHILE clock_timestamp() < until LOOP
			PERFORM count(*) FROM migrate_lint_sql($$
				UPDATE coming SET a = 1 WHERE b = 2; UPDATE part SET b = 1 WHERE a = 1;
				ALTER TABLE coming ADD COLUMN q positive DEFAULT 5;
				ALTER TABLE coming ALTER a TYPE bigint;
				CREATE OR REPLACE VIEW shown AS SELECT a, b, 1 AS c FROM coming;
				ALTER TABLE part ATTACH PARTITION coming DEFAULT;
				ALTER TABLE part ADD COLUMN d integer; DROP TABLE part_1; TRUNCATE part;
				ALTER TYPE mood ADD VALUE 'glad'; DROP DOMAIN positive CASCADE;
				DELETE FROM coming; DROP TABLE coming CASCADE; DROP TABLE part $$);
		END LOOP;
	END $do$;
};
my $asking = q{
	DO $do$
	DECLARE until timestamptz := clock_timestamp() + interval '3 s'; command text;
	BEGIN
		WHILE clock_timestamp() < until LOOP
			FOREACH command IN ARRAY ARRAY[
				'ALTER TABLE coming ADD CONSTRAINT positive_a CHECK (a > 0)',
				'CREATE POLICY p ON coming USING (a > 0)',
				'ALTER TABLE part ATTACH PARTITION part_1 FOR VALUES IN (1)']
			LOOP
				BEGIN
					PERFORM hipaa_migrate.guarded(command);
				EXCEPTION WHEN undefined_table OR undefined_object OR SQLSTATE '42P17'
					OR SQLSTATE 'MG016' OR duplicate_object OR deadlock_detected THEN
				END;
			END LOOP;
			COMMIT;
		END LOOP;
	END $do$;
};

for my $other ($judging, $asking)
{
	my $maker = background($node, 'maker', $coming_and_going);
	my $session = background($node, 'session', $other);

	my ($out, $err) = finish($session);
	unlike($err, qr/cache lookup failed|could not (find|open)|server closed/,
		'nothing that went away is missed');
	finish($maker);
}
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server is well');

$node->stop;
done_testing();
