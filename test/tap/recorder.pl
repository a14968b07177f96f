
# test/tap/recorder.pl
#	  Proves that what is sent to the recorder comes onto the record or is
#	  counted there, whatever happens to the processes that write and seal it,
#	  and that nobody is held up for longer than the setting says.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $node = new_server('recorder', conf => <<'CONF');
max_connections = 60
hipaa_migrate.worker_linger = '2min'
CONF

$node->safe_psql('postgres', 'CREATE ROLE nobody LOGIN; CREATE ROLE flood LOGIN');

sub process
{
	my ($role) = @_;

	return $node->safe_psql('postgres',
		"SELECT pid FROM pg_stat_activity WHERE backend_type = 'hipaa_migrate $role'");
}

# The recorder of database postgres, which something to do has started.
sub recorder
{
	$node->psql('postgres', 'SELECT count(*) FROM migrate_status()', extra_params => [ '-U', 'nobody' ]);
	$node->poll_query_until('postgres',
		q{SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'hipaa_migrate recorder' AND datname = 'postgres'})
	  or die 'no recorder';
	return $node->safe_psql('postgres',
		q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'hipaa_migrate recorder' AND datname = 'postgres'});
}

sub terminate
{
	my ($role) = @_;

	return $node->safe_psql('postgres',
		"SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE backend_type = 'hipaa_migrate $role'");
}

# Each of these statements sends an event, and does not wait.
sub send_events
{
	my ($count, $first) = @_;

	return join("\n", map { "SET hipaa_migrate.lock_timeout = $_;" } $first .. $first + $count - 1);
}

# How many of these are there, one by one, how many are there twice, and how
# many are on record as lost since the last look.
my $gap = 0;

sub account
{
	my ($first, $last) = @_;
	my ($rows, $values, $lost) = split / /, $node->safe_psql('postgres', <<"SQL");
WITH sent AS (
    SELECT details::jsonb ->> 'value' AS value
      FROM hipaa_migrate.audit_event
     WHERE kind = 'setting.changed'
       AND substring(details::jsonb ->> 'value' FROM '^\\d+')::int BETWEEN $first AND $last)
SELECT concat_ws(' ', count(*), count(DISTINCT value),
                 (SELECT COALESCE(sum((details::jsonb ->> 'count')::int), 0)
                    FROM hipaa_migrate.audit_event WHERE kind = 'record.gap'))
  FROM sent
SQL
	return ($rows, $rows - $values, $lost - $gap);
}

# Waits until all of them are on record or counted; each must be, once.
sub accounted_for
{
	my ($first, $last, $what) = @_;
	my ($rows, $twice, $lost);

	wait_for(sub {
		($rows, $twice, $lost) = account($first, $last);
		return $rows + $lost >= $last - $first + 1;
	});
	is($rows + $lost, $last - $first + 1, "$what: every event is on record or counted");
	is($twice, 0, 'and none is there twice');
	$gap += $lost;
	return $lost;
}

# Every committed event is a leaf of one block, soon.
sub sealed
{
	my ($database) = @_;

	return $node->poll_query_until($database // 'postgres', <<'SQL');
SELECT NOT EXISTS (
    SELECT FROM hipaa_migrate.audit_event AS e
     WHERE NOT EXISTS (SELECT FROM hipaa_migrate.audit_leaf AS l
                        WHERE l.epoch = e.epoch AND l.event_id = e.event_id))
   AND (SELECT count(*) FROM hipaa_migrate.audit_leaf)
       = (SELECT count(*) FROM hipaa_migrate.audit_event)
   AND (SELECT sum(leaf_count) FROM hipaa_migrate.audit_block)
       = (SELECT count(*) FROM hipaa_migrate.audit_leaf)
SQL
}

# What is refused is on record when the client hears of it, although the
# statement has failed; a second one finds the recorder at work.
$node->psql('postgres', 'SELECT count(*) FROM migrate_status()', extra_params => [ '-U', 'nobody' ]);
is( $node->safe_psql('postgres',
		q{SELECT kind, actor, sqlstate FROM hipaa_migrate.audit_event WHERE kind = 'access.refused'}),
	'access.refused|nobody|42501',
	'a refusal is on record at once');
isnt(process('recorder'), '', 'its recorder lingers');
ok(sealed(), 'and it is sealed soon');

# Many alike are counted.  The first five are there one by one, the count of
# the others when the recorder has to leave, or the flood is over.
my $flood = "\\set ON_ERROR_STOP off\n" . 'SELECT count(*) FROM migrate_status();' x 100;

append_to_file($node->data_dir . '/flood.sql', $flood =~ s/;/;\n/gr);
$node->command_checks_all([ 'psql', '-XAtq', '-U', 'flood', '-d', $node->connstr('postgres'), '-f', $node->data_dir . '/flood.sql' ],
	0, [], [], 'a flood of refusals');
terminate('recorder');
is( $node->safe_psql('postgres', <<'SQL'), '5|95', 'a flood is counted, and nothing of it is missing');
SELECT count(*) FILTER (WHERE kind = 'access.refused'),
       sum((details::jsonb ->> 'count')::int) FILTER (WHERE kind = 'record.folded')
  FROM hipaa_migrate.audit_event WHERE actor = 'flood'
SQL

# A session that is killed while it runs a migration leaves an event too.
register($node, 't1', 'CREATE TABLE t1 (a integer); SELECT pg_sleep(600)');
my $runner = background($node, 'runner', 'SELECT migrate_up()');

wait_until_blocked($node, 'runner', 'PgSleep');
$node->safe_psql('postgres',
	q{SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'runner'});
finish($runner);
ok( $node->poll_query_until('postgres',
		q{SELECT count(*) > 0 FROM hipaa_migrate.audit_event WHERE kind = 'run.interrupted'}),
	'the run of a session that was killed is on record as interrupted');

# The recorder is told to end again and again while events come: each is on
# record once.
my $sender = background($node, 'sender', send_events(600, 1001));

for (1 .. 10)
{
	terminate('recorder');
	sleep 0.02;
}
finish($sender);
accounted_for(1001, 1600, 'recorder terminated');

# So with sealer and launcher.
$sender = background($node, 'sender', send_events(300, 2001));
for (1 .. 5)
{
	terminate('sealer');
	terminate('launcher');
	sleep 0.02;
}
finish($sender);
$node->safe_psql('postgres', 'SELECT migrate_grant(\'author\', \'nobody\')');
ok($node->poll_query_until('postgres',
		q{SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'hipaa_migrate launcher'}),
	'the launcher comes back');
accounted_for(2001, 2300, 'sealer and launcher terminated');
ok(sealed(), 'and everything is sealed once');

# While the recorder does not move, a statement is held up for the time that
# is set, the ring fills, and what does not fit is counted.  All of it is in
# the WAL.
$node->safe_psql('postgres', 'ALTER SYSTEM SET hipaa_migrate.record_wait = 300');
$node->reload;
$node->safe_psql('postgres', "SELECT migrate_revoke('author', 'nobody')");
my $recorder = recorder();
my $offset = -s $node->logfile;

kill('STOP', $recorder) == 1 or die 'could not stop the recorder';
my $start = time;

$node->psql('postgres', 'SELECT * FROM migrate_plan()', extra_params => [ '-U', 'nobody' ]);
cmp_ok(time - $start, '<', 60, 'a recorder that hangs holds nobody up for long');
$node->safe_psql('postgres', send_events(200, 3001));
kill('CONT', $recorder) == 1 or die 'could not continue the recorder';
my $counted = accounted_for(3001, 3200, 'ring full');

cmp_ok($counted, '>', 0, 'some were counted');
my $witnessed = () = slurp_file($node->logfile, $offset) =~ /It is in the WAL, as a logical message/g;

cmp_ok($witnessed, '>=', $counted, 'and the log says where the WAL has them');

# kill -9 of a process makes the server start anew: what was on record before
# still is, and is sealed.
for my $victim ('recorder', 'sealer')
{
	my $count;

	recorder();
	$node->safe_psql('postgres', "SELECT migrate_grant('author', 'nobody'), migrate_revoke('author', 'nobody')");
	$node->poll_query_until('postgres',
		"SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'hipaa_migrate $victim'")
	  or die "no $victim";
	$count = $node->safe_psql('postgres', 'SELECT count(*) FROM hipaa_migrate.audit_event');
	my $pid = process($victim);
	kill('KILL', $pid) == 1 or die "could not kill the $victim";
	wait_until_gone($node, $pid) or die 'no recovery';
	cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM hipaa_migrate.audit_event'),
		'>=', $count, "kill -9 of the $victim: nothing is missing");
	ok(sealed(), 'and it is sealed');
}

# Without any worker nothing is held up: the WAL and the log have the event.
$node->safe_psql('postgres', "ALTER SYSTEM RESET hipaa_migrate.record_wait");
$node->append_conf('postgresql.conf', 'max_worker_processes = 0');
$node->restart;
$offset = -s $node->logfile;
$start = time;
my ($code, $out, $err) =
  $node->psql('postgres', 'SELECT count(*) FROM migrate_status()', extra_params => [ '-U', 'nobody' ]);

cmp_ok(time - $start, '<', 60, 'no worker to be had: nobody waits');
like($err, qr/holds no capability/, 'the client gets its error');
like(slurp_file($node->logfile, $offset), qr/could not be recorded in time: the launcher is not running\n.*It is in the WAL/,
	'and the log says where the WAL has the event');

# Forty databases with the extension, copies of one, on the default number of
# processes: all are sealed, and record what is refused in them.
$node->append_conf('postgresql.conf', "max_worker_processes = 8\nhipaa_migrate.worker_linger = '5s'");
$node->restart;
$node->safe_psql('postgres', 'CREATE DATABASE clinic');
$node->safe_psql('clinic', 'CREATE EXTENSION hipaa_migrate');
$node->safe_psql('postgres', join('', map { "CREATE DATABASE clinic$_ TEMPLATE clinic;\n" } 1 .. 39));
my @databases = ('clinic', map { "clinic$_" } 1 .. 39);

# One refusal in each of them at once: nobody is served before all wait.
# Returns what health says about workers then, as soon as that matches.
sub refuse_everywhere
{
	my ($pattern) = @_;
	my $launcher = process('launcher');
	my $watch = background($node, 'watch', "SELECT watch_workers('$pattern')");

	kill('STOP', $launcher) == 1 or die 'could not stop the launcher';
	my @sessions = map { background($node, 'refused', 'SELECT count(*) FROM migrate_status()', $_, 'nobody') } @databases;
	$node->poll_query_until('postgres',
		q{SELECT count(*) >= 30 FROM pg_stat_activity WHERE application_name = 'refused' AND wait_event = 'Extension'})
	  or die 'nobody waits';
	kill('CONT', $launcher) == 1 or die 'could not continue the launcher';
	my ($health) = finish($watch);
	finish($_) for @sessions;
	return $health;
}

# They are short for a moment only, so one session looks all the time.
$node->safe_psql('postgres', q{CREATE FUNCTION watch_workers(pattern text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
		until timestamptz := clock_timestamp() + '3 min';
		health text;
	BEGIN
		WHILE clock_timestamp() < until LOOP
			SELECT concat(item, '|', status, '|', remedy) INTO health FROM migrate_health() WHERE item = 'workers';
			EXIT WHEN health ~ pattern;
			PERFORM pg_sleep(0.002);
		END LOOP;
		RETURN health;
	END $$});

sub recorded_everywhere
{
	my ($count) = @_;

	return scalar grep {
		$node->poll_query_until($_,
			qq{SELECT count(*) >= $count FROM hipaa_migrate.audit_event WHERE kind = 'access.refused' AND actor = 'nobody'})
	} @databases;
}

my $short = '^workers\|warning\|ALTER SYSTEM SET hipaa_migrate.max_workers = \d+; SELECT pg_reload_conf\(\)$';
like(refuse_everywhere($short), qr/$short/, 'forty databases: health says that some wait, and what to set');
is(recorded_everywhere(1), 40, 'all of them record');
is((grep { sealed($_) } @databases), 40, 'all of them are sealed');

# With a place for each it is the server's processes that are short.
$node->safe_psql('postgres', 'ALTER SYSTEM SET hipaa_migrate.max_workers = 40');
$node->reload;
$short = '^workers\|(warning|critical)\|ALTER SYSTEM SET max_worker_processes = (\d+); then restart the server$';
my $health = refuse_everywhere($short);
like($health, qr/$short/, 'health says that processes are short, and what to set');
cmp_ok(($health =~ qr/$short/)[1] // 0, '>=', 40, 'which is enough');
is(recorded_everywhere(2), 40, 'all of them record');
is((grep { sealed($_) } @databases), 40, 'all of them are sealed');
$node->safe_psql('postgres', 'ALTER SYSTEM RESET hipaa_migrate.max_workers');
$node->reload;

# Workers are never in the way of who wants a database to himself: to them the
# server would give five seconds, and then an error.
for my $command ('ALTER DATABASE clinic1 RENAME TO clinic41', 'CREATE DATABASE clinic42 TEMPLATE clinic2', 'DROP DATABASE clinic3')
{
	is($node->psql('postgres', $command), 0, $command);
}
# (The others' work may have to make place first.)
ok(sealed('clinic42'), 'a new database is sealed as well');

$node->stop;
done_testing();
