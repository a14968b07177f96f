
# test/tap/crash.pl
#	  Proves that whatever is killed in the middle of a run, what is marked as
#	  applied is there, what is not is not, and the next run completes the work.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('crash');

$node->safe_psql('postgres', 'CREATE TABLE big (a integer); INSERT INTO big SELECT generate_series(1, 100)');

# Kills this process, or the postmaster, and waits until the server is back.
sub kill_and_recover
{
	my ($victim, $runner, $gate) = @_;

	if ($victim eq 'postmaster')
	{
		$node->kill9;
		finish($_) for ($runner, $gate);
		start_again($node);
	}
	else
	{
		kill('KILL', pid_of($node, $victim)) == 1 or die "no process $victim";
		finish($_) for ($runner, $gate);
		$node->poll_query_until('postgres', 'SELECT 1', '1') or die 'no recovery';
	}
	return;
}

# Stops a run in the second statement of the third of four migrations.
sub crash_in_the_middle
{
	my ($call, $victim, $first, $expected) = @_;
	my $middle = $first + 2;
	my $what = "$call, kill -9 of the $victim";

	register_tables($node, $first, $first + 3,
		$middle => "SELECT pg_advisory_xact_lock($middle)");
	my $gate = gate($node, "SELECT pg_advisory_lock($middle)");
	my $runner = background($node, 'runner', $call);
	wait_until_blocked($node, 'runner', 'advisory');
	kill_and_recover($victim, $runner, $gate);

	like(status($node), qr/\Q$expected\E$/, "$what: marked as it was committed");
	is(out_of_step($node), '', "$what: registry and schema in step");
	my ($out, $err) = finish(background($node, 'again', $call));
	unlike($err, qr/ERROR/, "$what: the next run completes");
	unlike(status($node), qr/pending/, "$what: nothing is left");
	is(out_of_step($node), '', "$what: registry and schema in step in the end");
	return;
}

# migrate_up() is all or nothing, migrate_deploy() keeps what it committed.
crash_in_the_middle('SELECT migrate_up()', 'runner', 1,
	't1 pending, t2 pending, t3 pending, t4 pending');
crash_in_the_middle('CALL migrate_deploy()', 'runner', 5,
	't5 applied, t6 applied, t7 pending, t8 pending');
crash_in_the_middle('SELECT migrate_up()', 'postmaster', 11,
	't11 pending, t12 pending, t13 pending, t14 pending');
crash_in_the_middle('CALL migrate_deploy()', 'postmaster', 15,
	't15 applied, t16 applied, t17 pending, t18 pending');

# Stops a run while a worker builds an index.
sub crash_during_index_build
{
	my ($victim, $number) = @_;
	my $what = "CREATE INDEX CONCURRENTLY, kill -9 of the $victim";

	register_tables($node, $number, $number);
	$number++;
	register($node, "i$number", "CREATE INDEX CONCURRENTLY IF NOT EXISTS i$number ON big (a)");
	my $gate = gate($node, 'BEGIN; INSERT INTO big VALUES (1)');
	my $runner = background($node, 'runner', 'CALL migrate_deploy()');
	wait_until_blocked($node, 'worker', 'virtualxid');
	kill_and_recover($victim, $runner, $gate);

	my ($table, $index) = ($number - 1, $number);
	like(status($node), qr/t$table applied, i$index pending$/, "$what: marked as it was committed");
	is(out_of_step($node), '', "$what: registry and schema in step");
	is(invalid_indexes($node), "i$index", "$what: left half built");

	# IF NOT EXISTS would take what is left for done.
	my ($out, $err) = finish(background($node, 'again', 'CALL migrate_deploy()'));
	like($err, qr/NOTICE: .* dropped invalid index public.i$index, left by a build that failed/,
		"$what: the next run drops it");
	like($err, qr/\[1 of 1\] \S+-make-i$index applied/, "$what: and builds it anew");
	is(out_of_step($node), '', "$what: registry and schema in step in the end");
	is(invalid_indexes($node), '', "$what: nothing invalid is left");
	return;
}

crash_during_index_build($_->[0], $_->[1])
  for (['worker', 21], ['runner', 23], ['postmaster', 25]);

# The lock of a killed run is gone with it, and its numbers are not used again.
is($node->safe_psql('postgres', 'SELECT count(*) FROM migrate_up()'), '0', 'no lock is left');
is($node->safe_psql('postgres', 'SELECT count(*) = count(DISTINCT run_id) FROM hipaa_migrate.run'),
	't', 'every run has its own number');

$node->stop;

done_testing();
