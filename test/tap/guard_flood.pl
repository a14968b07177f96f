
# test/tap/guard_flood.pl
#	  Proves that of a flood of refused statements none is missing on record,
#	  and that it takes no worker from others for good.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateGuard;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $clients = 8;
my $each = 300;

# Of the eight workers two are launchers: six are left for everybody.
my $node = new_server('flood', conf => "max_worker_processes = 8\nmax_parallel_workers = 8\n");

$node->safe_psql('postgres', 'CREATE ROLE app LOGIN; CREATE ROLE other LOGIN; CREATE ROLE third LOGIN');
register($node, 't1', 'CREATE TABLE t1 (id int) WITH (parallel_workers = 6)');
$node->safe_psql('postgres', 'SELECT count(*) FROM migrate_up()');
arm($node);

# How many workers a parallel query gets that could use all six.
sub workers
{
	my $plan = $node->safe_psql('postgres', <<'SQL');
SET max_parallel_workers_per_gather = 6;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (ANALYZE, COSTS off, TIMING off) SELECT count(*) FROM t1
SQL
	return $plan =~ /Workers Launched: (\d+)/ ? $1 : 0;
}

sub wait_until_calm
{
	return $node->poll_query_until('postgres',
		q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type IN ('hipaa_migrate recorder', 'hipaa_migrate sealer')});
}

# Refusals of that user, and the errors its clients were told.
sub flood
{
	my ($user, @statements) = @_;
	my $sql = "\\set ON_ERROR_STOP off\n" . join("\n", map { $statements[ $_ % @statements ] } 1 .. $each);
	my @sessions = map { background($node, "flood$_", $sql, 'postgres', $user) } 1 .. $clients;
	my $told = 0;

	for my $session (@sessions)
	{
		IPC::Run::finish($session->{run});
		my $errors = slurp_file("$session->{file}.err");
		$told += () = $errors =~ /ERROR:  MG014/g;
		unlike($errors, qr/ERROR:  (?!MG014)/, 'no other error') if $session == $sessions[0];
	}
	return $told;
}

sub on_record
{
	my ($user) = @_;

	return $node->safe_psql('postgres', <<"SQL");
SELECT COALESCE(sum(CASE kind WHEN 'guard.refused' THEN 1 ELSE (details::jsonb ->> 'count')::int END), 0)
  FROM hipaa_migrate.audit_event
 WHERE actor = '$user'
   AND (kind = 'guard.refused' OR kind = 'record.folded' AND details::jsonb ->> 'kind' = 'guard.refused')
SQL
}

ok(wait_until_calm(), 'nobody writes or seals');
ok(wait_for(sub { workers() == 6 }), 'six workers are free');

is(flood('app', 'CREATE TABLE by_hand ();'), $clients * $each, 'the same statement, refused each time');
is( flood('other', 'CREATE TABLE by_hand ();', 'DROP TABLE t1;', 'ALTER TABLE t1 ADD c int;', 'GRANT ALL ON t1 TO app;'),
	$clients * $each, 'different statements, refused each time');

# Each of another object is another refusal, which cannot be counted together.
is(flood('third', map { "CREATE TABLE by_hand$_ ();" } 1 .. $each), $clients * $each, 'as many different ones as there are statements');

ok( $node->poll_query_until('postgres',
		q{SELECT count(pg_terminate_backend(pid, 10000)) = 0 FROM pg_stat_activity WHERE backend_type = 'hipaa_migrate recorder'}),
	'the recorder writes what it has counted, and goes');
is(on_record('app'), $clients * $each, 'the exact number of the first is on record');
is(on_record('other'), $clients * $each, 'and of the second');
is(on_record('third'), $clients * $each, 'and of the third');
is($node->safe_psql('postgres', q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'record.gap'}), 0, 'without a gap');

ok(wait_until_calm(), 'the processes of the record go');
ok(wait_for(sub { workers() == 6 }), 'and six workers are free again');
$node->stop;
done_testing();
