
# test/tap/cancel.pl
#	  Proves that a run which is cancelled, runs into a time limit, fails or is
#	  terminated leaves nothing half done, and is on record without values.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('cancel');
my ($out, $err);

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE big (a integer);
CREATE TABLE people (ssn text, note text);
INSERT INTO people VALUES ('123-45-6789'), ('123-45-6789');
SQL

sub cancel
{
	my ($name) = @_;

	$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . pid_of($node, $name) . ')');
	return;
}

# All end in the second statement of the third of four migrations: by a user's
# cancel, by the runner's limit for a statement, and by its limit for a lock.
my @stops = (
	[ 'a cancel', '', '57014', 'user request' ],
	[ 'a statement timeout', q{SET hipaa_migrate.statement_timeout = '2s';}, '57014', 'statement timeout' ],
	[ 'a lock timeout', q{SET hipaa_migrate.lock_timeout = '1s';}, '55P03', 'lock timeout' ]);
my $first = 1;

for my $call ('SELECT migrate_up()', 'CALL migrate_deploy()')
{
	my $gate = gate($node, 'SELECT pg_advisory_lock(1)');

	for my $stop (@stops)
	{
		my ($what, $settings, $sqlstate, $message) = @$stop;
		my $third = $first + 2;
		my @committed = $call =~ /deploy/ ? qw(applied applied) : qw(pending pending);

		register_tables($node, $first, $first + 3, $third => 'SELECT pg_advisory_xact_lock(1)');
		my $runner = background($node, 'runner', "$settings $call");
		if ($what eq 'a cancel')
		{
			wait_until_blocked($node, 'runner', 'advisory');
			cancel('runner');
		}
		($out, $err) = finish($runner);

		like($err, qr/ERROR:  $sqlstate: canceling statement due to $message/, "$call, $what: the server's error");
		like($err, qr/CONTEXT:  migration "\S+-make-t$third", statement 2, line 2\n/, "$call, $what: the place");
		my $expected = sprintf('t%d %s, t%d %s, t%d pending, t%d pending',
			$first, $committed[0], $first + 1, $committed[1], $third, $third + 1);
		like(status($node), qr/$expected$/, "$call, $what: marked as it was committed");
		is(out_of_step($node), '', "$call, $what: registry and schema in step");
		is(history($node, 1), "t$third up failed $sqlstate statement 2, line 2", "$call, $what: on record");

		# The next one gets the same migrations without the gate in them.
		register($node, "t$third", "CREATE TABLE t$third (id integer)");
		$node->safe_psql('postgres', $call);
		is(out_of_step($node), '', "$call, $what: the next run completes");
		$first += 4;
	}
	end_gate($node, $gate);
}

# The caller's own limits give way to the runner's, whatever is run first.  They
# hold until the run begins, which a busy machine must be able to do in time.
register_tables($node, 31, 31, 31 => 'SELECT pg_sleep(2.5)');
register($node, 'i32', 'CREATE INDEX CONCURRENTLY i32 ON big (a)');
my $gate = gate($node, 'BEGIN; INSERT INTO big VALUES (1)');
$node->safe_psql('postgres', q{SET statement_timeout = '2s'; SELECT migrate_up('20250101000031-make-t31')});
my $runner = background($node, 'runner', q{SET statement_timeout = '2s'; CALL migrate_deploy()});
wait_until_blocked($node, 'worker', 'virtualxid');
select(undef, undef, undef, 2.5);
end_gate($node, $gate);
($out, $err) = finish($runner);
like($err, qr/i32 applied/, 'the caller\'s statement_timeout does not end an index build');

# An open transaction that ran migrations holds their locks: it may not stay
# idle for ever.
register_tables($node, 33, 33);
my $session = background($node, 'idle', q{SET hipaa_migrate.idle_timeout = '100ms'; BEGIN; SELECT migrate_up();
\! sleep 0.5
COMMIT;});
($out, $err) = finish($session);
like($err, qr/FATAL:  25P03: terminating connection due to idle-in-transaction timeout/, 'idle after migrate_up()');
like(status($node), qr/t33 pending/, 'and nothing is applied');
$node->safe_psql('postgres', 'SELECT migrate_up()');

# A cancel during a concurrent build reaches the worker; the index is gone
# before the error is shown.
register($node, 'i41', 'CREATE INDEX CONCURRENTLY i41 ON big (a)');
my $dropped = qr/NOTICE: .* dropped invalid index public\.i41, left by a build that failed.*ERROR:  57014: /s;

# Where the build waits for a transaction that does not touch the table ...
$node->safe_psql('postgres', 'CREATE TABLE elsewhere ()');
$gate = gate($node, 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM elsewhere');
$runner = background($node, 'runner', 'CALL migrate_deploy()');
wait_until_blocked($node, 'worker', 'virtualxid');
cancel('runner');
($out, $err) = finish($runner);
like($err, qr/${dropped}canceling statement due to user request/, 'cancel of an index build');
is(invalid_indexes($node), '', 'no invalid index is left');
is(history($node, 1), 'i41 up failed 57014 statement 1, line 1', 'on record');

# ... as much as by the runner's time limit, as the session has set it.
fails_with($node, q{SET hipaa_migrate.statement_timeout = '2s'; CALL migrate_deploy()},
	'time limit of an index build', qr/${dropped}canceling statement due to statement timeout/);
is(invalid_indexes($node), '', 'no invalid index is left');
end_gate($node, $gate);

# Where it waits for a transaction that uses the table, dropping would have to
# wait too: the cancel is not held up for long, what is left is said, and the
# next run drops it.
$gate = gate($node, 'BEGIN; INSERT INTO big VALUES (1)');
$runner = background($node, 'runner', q{SET hipaa_migrate.lock_timeout = '500ms'; CALL migrate_deploy()});
wait_until_blocked($node, 'worker', 'virtualxid');
cancel('runner');
($out, $err) = finish($runner);
like($err, qr/WARNING: .* could not drop invalid index public\.i41.*ERROR:  57014: canceling statement due to user request/s,
	'cancel while the table is in use');
is(invalid_indexes($node), 'i41', 'the index is left');
end_gate($node, $gate);
($out, $err) = finish(background($node, 'again', 'CALL migrate_deploy()'));
like($err, qr/dropped invalid index public\.i41.*i41 applied/s, 'the next run drops and builds it');
is(out_of_step($node), '', 'registry and schema in step');

# Whoever terminates the caller terminates the worker; one that loses its
# worker says so.
for my $victim ('runner', 'worker')
{
	my $number = $victim eq 'runner' ? 42 : 43;

	register($node, "i$number", "CREATE INDEX CONCURRENTLY i$number ON big (a)");
	$gate = gate($node, 'BEGIN; INSERT INTO big VALUES (1)');
	$runner = background($node, 'runner', 'CALL migrate_deploy()');
	wait_until_blocked($node, 'worker', 'virtualxid');
	my $worker = pid_of($node, 'worker');
	$node->safe_psql('postgres', 'SELECT pg_terminate_backend(' . pid_of($node, $victim) . ')');
	($out, $err) = finish($runner);
	like($err, qr/(ERROR|FATAL):  57P01: /, "pg_terminate_backend of the $victim");
	ok(wait_until_gone($node, $worker), 'the worker is gone');
	is(history($node, 1), "i$number up failed 57P01 statement 1, line 1", 'on record') if $victim eq 'worker';
	end_gate($node, $gate);
	like(status($node), qr/i$number pending/, 'not applied');
	$node->safe_psql('postgres', 'CALL migrate_deploy()');
	is(out_of_step($node) . invalid_indexes($node), '', 'the next run completes');
}

# A unique index on duplicates: the caller sees the server's error with the
# value, which is personal and nowhere on record.
register($node, 'i51', 'CREATE UNIQUE INDEX CONCURRENTLY i51 ON people (ssn)');
fails_with($node, 'CALL migrate_deploy()', 'duplicates',
	qr/NOTICE: .* dropped invalid index public\.i51, left by a build that failed.*ERROR:  23505: could not create unique index "i51"\n/s,
	qr/DETAIL:  Key \(ssn\)=\(123-45-6789\) is duplicated\.\n/);
is(invalid_indexes($node), '', 'no invalid index is left');
is(history($node, 1), 'i51 up failed 23505 statement 1, line 1, table public.people, constraint i51', 'on record, with the names');

# It is dropped as it was made: by the migration's role, whose privileges the
# operator need not have.
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE builder;
CREATE ROLE deployer LOGIN NOINHERIT IN ROLE builder;
CREATE TABLE built AS SELECT 1 AS a FROM generate_series(1, 2);
ALTER TABLE built OWNER TO builder;
GRANT CREATE ON SCHEMA public TO builder;
SELECT migrate_grant('operator', 'deployer');
SQL
register($node, 'i61', 'CREATE UNIQUE INDEX CONCURRENTLY i61 ON built (a)', q{run_as => 'builder'});
(undef, $err) = finish(background($node, 'deployer', "CALL migrate_deploy('20250101000061-make-i61')", 'postgres', 'deployer'));
like($err, qr/NOTICE: .* dropped invalid index public\.i61.*ERROR:  23505: /s, 'duplicates in what another role owns');
$node->safe_psql('postgres', q{SELECT migrate_unregister('20250101000061-make-i61', 'not needed')});

# A rebuild that fails leaves its copy behind.
register($node, 'i51', 'CREATE INDEX i51 ON people (ssn); CREATE INDEX i52 ON people (note)');
$node->safe_psql('postgres', 'SELECT migrate_up()');
register($node, 'i53', 'REINDEX INDEX CONCURRENTLY i51; CREATE INDEX i53 ON people (ssn, note)');
$gate = gate($node, 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM elsewhere');
$runner = background($node, 'runner', 'CALL migrate_deploy()');
wait_until_blocked($node, 'worker', 'virtualxid');
cancel('runner');
($out, $err) = finish($runner);
like($err, qr/dropped invalid index public\.i51_ccnew.*ERROR:  57014: /s, 'cancel of a rebuild');
end_gate($node, $gate);
is(invalid_indexes($node), '', 'no invalid index is left');
$node->safe_psql('postgres', 'CALL migrate_deploy()');

# Other errors whose texts hold values: messages as well as details.
my %failing = (
	'23514' => q{ALTER TABLE people ADD CHECK (ssn = '')},
	'22P02' => q{ALTER TABLE people ALTER ssn TYPE integer USING ssn::integer},
	'P0001' => q{DO $$ BEGIN RAISE EXCEPTION 'patient %', (SELECT ssn FROM people LIMIT 1); END $$});

for my $sqlstate (sort keys %failing)
{
	for my $call ('SELECT migrate_up()', 'CALL migrate_deploy()')
	{
		register($node, 't61', "SELECT 1;\n$failing{$sqlstate}");
		fails_with($node, $call, "$call: the caller sees all of it", qr/ERROR:  $sqlstate: .*/, qr/123-45-6789|people_ssn_check/);
		like(history($node, 1), qr/^t61 up failed $sqlstate statement 2, line 2/, 'the record has the place');
	}
}
my $tables = join(' UNION ALL ', map { "SELECT x::text FROM hipaa_migrate.$_ AS x" } qw(migration migration_revision run run_step run_statement));
is($node->safe_psql('postgres', "SELECT count(*) FROM ($tables) AS all_of_it (line) WHERE line LIKE '%123-45%'"),
	'0', 'no value is on record');

$node->stop;

done_testing();
