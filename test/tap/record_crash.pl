
# test/tap/record_crash.pl
#	  Kills the server at random moments under load, and looks whether the
#	  record has all that was committed, sealed once, and verifies.
#
# HM_CRASHES says how often (50), HM_SEED which moments.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use constant WRITERS => 4;

my $crashes = $ENV{HM_CRASHES} || 50;
my $seed = $ENV{HM_SEED} || time;
srand($seed);
note("HM_SEED=$seed");

my $node = new_server('record_crash');
$node->append_conf('postgresql.conf', "fsync = on\nrestart_after_crash = off\n"
	  . "hipaa_migrate.seal_interval = '50ms'\nhipaa_migrate.max_workers = 2\nlog_statement = none\n");
$node->restart;

# A writer that has begun makes a file.
my $begun = PostgreSQL::Test::Utils::tempdir() . '/begun';

sub wait_until_begun
{
	my @files = map { "$begun$_" } 1 .. WRITERS;

	usleep(1000) while grep { !-e } @files;
	unlink(@files);
	return;
}

# Each transaction of a writer leaves a row beside its event, so that what the
# record must hold is known; some are rolled back, some take a while, some run
# a migration.
$node->safe_psql('postgres', 'CREATE TABLE done (writer integer, number integer)');
$node->safe_psql('postgres', "CREATE ROLE w$_") for 1 .. WRITERS;
$node->safe_psql('postgres', q{SELECT migrate_register('20250101000001-make-t1',
	'CREATE TABLE t1 (a integer); SELECT pg_sleep(0.005)', 'DROP TABLE t1')});

sub load_of
{
	my ($writer) = @_;
	my $sql = "\\o $begun$writer\n\\o\n";

	for my $number (1 .. 2000)
	{
		my $grant = "SELECT migrate_grant('author', 'w$writer'), migrate_revoke('author', 'w$writer')";

		$sql .= $number % 7 == 0 ? "BEGIN; $grant; ROLLBACK;\n"
		  : $number % 5 == 1 && $writer == 1 ? "SELECT migrate_up(); SELECT migrate_down();\n"
		  : "BEGIN; $grant; SAVEPOINT s; $grant; ROLLBACK TO s; INSERT INTO done VALUES ($writer, $number); COMMIT;\n";
	}
	return $sql;
}
my @loads = map { load_of($_) } 1 .. WRITERS;

sub rows
{
	my ($sql) = @_;

	return $node->safe_psql('postgres', $sql);
}

my %bad = (verify => 0, lost => 0, sealed => 0, open => 0, numbers => 0);
for my $crash (1 .. $crashes)
{
	my @writers = map { background($node, "writer$_", $loads[ $_ - 1 ]) } 1 .. WRITERS;

	wait_until_begun();
	usleep(50_000 + rand(300_000));
	$node->kill9;
	finish($_) for @writers;
	start_again($node);

	# What the server's first look at the database has to say comes first.
	rows('SELECT audit_seal()');
	my $verified = rows(q{SELECT string_agg(check_name || ': ' || message, '; ') FROM audit_verify() WHERE outcome = 'failed'});
	my $lost = rows(q{
		SELECT count(*) FROM
		    (SELECT writer, count(*) AS n FROM done GROUP BY writer) AS d
		FULL JOIN
		    (SELECT substr(object, 2)::integer AS writer, count(*) AS n
		       FROM hipaa_migrate.audit_event WHERE kind = 'capability.granted' GROUP BY object) AS e
		USING (writer) WHERE d.n IS DISTINCT FROM e.n});
	my $unsealed = rows(q{
		SELECT count(*) FROM hipaa_migrate.audit_event AS e FULL JOIN hipaa_migrate.audit_leaf AS l USING (epoch, event_id)
		WHERE (l.event_id IS NULL AND e.kind <> 'record.sealed' AND e.kind <> 'record.verified') OR e.event_id IS NULL});
	my $open = rows(q{
		SELECT count(*) FROM hipaa_migrate.audit_event AS s WHERE s.kind = 'run.started' AND NOT EXISTS
		    (SELECT FROM hipaa_migrate.audit_event AS e WHERE e.run_id = s.run_id
		        AND e.kind IN ('run.finished', 'run.rolled_back', 'run.interrupted', 'migration.failed'))});

	my $numbers = rows(q{SELECT count(*) - count(DISTINCT event_id) FROM hipaa_migrate.audit_event});

	diag("crash $crash: $verified") if $verified ne '';
	diag("crash $crash: $lost writers differ, $unsealed events not sealed, $open runs without end")
	  if "$lost $unsealed $open" ne '0 0 0';
	$bad{verify}++ if $verified ne '';
	$bad{lost}++ if $lost ne '0';
	$bad{sealed}++ if $unsealed ne '0';
	$bad{open}++ if $open ne '0';
	$bad{numbers}++ if $numbers ne '0';
}
is($bad{verify}, 0, "the record verifies after each of $crashes crashes");
is($bad{lost}, 0, 'whatever was committed is on record, and nothing else');
is($bad{sealed}, 0, 'all of it is sealed once');
is($bad{open}, 0, 'every run that was begun has an end');
is($bad{numbers}, 0, 'no number of an event was used twice');
cmp_ok(rows('SELECT count(*) FROM done'), '>', 100, 'there was something to lose');
cmp_ok(rows(q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'run.interrupted'}), '>', 0, 'and runs to interrupt');

$node->stop;

done_testing();
