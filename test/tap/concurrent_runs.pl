
# test/tap/concurrent_runs.pl
#	  Proves that one runner at a time works on a database, that those who come
#	  meanwhile wait, give up or find nothing left, and that registry and schema
#	  stay in step.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('concurrent', conf => 'max_prepared_transactions = 2');
my $left = 'nothing to do: all migrations are applied';

# Sixteen instances of an application start at once and each wants the schema
# up to date: one of them does the work, all succeed.
sub sixteen_at_once
{
	my ($call, $first, $last) = @_;
	my ($did, $idle, $failed) = (0, 0, '');

	register_tables($node, $first, $last, $first + 2 => 'SELECT pg_sleep(0.2)');
	for my $session (map { background($node, "instance$_", $call) } 1 .. 16)
	{
		my ($out, $err) = finish($session);
		my @steps = $err =~ /\[\d+ of \d+\] \S+ applied in/g;

		$failed .= $err if $err =~ /ERROR/;
		$did++ if @steps == $last - $first + 1;
		$idle++ if $err =~ /$left/ && !@steps;
	}
	is($failed, '', "$call: nobody fails");
	is($did, 1, "$call: one session runs all migrations");
	is($idle, 15, "$call: the others report that nothing is left");
	is($node->safe_psql('postgres',
			"SELECT count(*), count(DISTINCT migration), count(DISTINCT run_id) FROM migrate_history() WHERE run_id = (SELECT max(run_id) FROM hipaa_migrate.run)"),
		join('|', ($last - $first + 1) x 2, 1), "$call: each migration ran once");
	is(out_of_step($node), '', "$call: registry and schema in step");
	return;
}

sixteen_at_once('SELECT migrate_up()', 1, 5);
sixteen_at_once('CALL migrate_deploy()', 6, 10);

# While a run is open, a second one waits as long as it was told to, then
# fails in a way that a program can test, and names the holder.
register_tables($node, 11, 11);
my $holder = $node->background_psql('postgres');
$holder->query_safe('BEGIN; SET client_min_messages = warning; SELECT migrate_up()');
my $pid = $holder->query_safe('SELECT pg_backend_pid()');
my $busy = qr/ERROR:  MG005: another run of migrations is in progress in this database\n/;
my $who = qr/DETAIL:  Process $pid of user "[^"]+" has been idle in its transaction since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d/;

for my $call ('SELECT migrate_up()', 'CALL migrate_deploy()', 'SELECT migrate_down()',
	q{SELECT migrate_unregister('20250101000011-make-t11', 'test')},
	q{SELECT migrate_adopt('{20250101000011-make-t11}', 'test')})
{
	fails_with($node, "SET hipaa_migrate.runner_wait = 50; $call", "busy: $call",
		$busy, $who, qr/HINT:  .*SET hipaa_migrate.runner_wait/);
}
is($node->safe_psql('postgres', 'SELECT count(*) FROM migrate_status()'),
	'11', 'who only reads does not wait');

# One that waits long enough goes on as soon as the first has ended.
my $waiter = background($node, 'waiter', 'SELECT migrate_up()');
wait_until_blocked($node, 'waiter', 'Extension');
$holder->query_safe('COMMIT');
my ($out, $err) = finish($waiter);
like($err, qr/$left/, 'after a commit nothing is left for the waiter');
register_tables($node, 12, 12);
$holder->query_safe('BEGIN; SELECT migrate_up()');
$waiter = background($node, 'waiter', 'SELECT migrate_up()');
wait_until_blocked($node, 'waiter', 'Extension');
$holder->query_safe('ROLLBACK');
($out, $err) = finish($waiter);
like($err, qr/\[1 of 1\] 20250101000012-make-t12 applied/,
	'after a rollback the waiter does the work');

# A prepared transaction keeps the lock without a process.
register_tables($node, 13, 13);
$holder->query_safe(q{BEGIN; SELECT migrate_up(); PREPARE TRANSACTION 'deployment'});
fails_with($node, 'SET hipaa_migrate.runner_wait = 0; SELECT migrate_up()',
	'a prepared transaction holds it', $busy,
	qr/DETAIL:  Prepared transaction "deployment" of user "[^"]+" holds its locks since \d{4}-/);
is(status($node) =~ /t13 pending/, 1, 'prepared is not applied');
$node->safe_psql('postgres', q{COMMIT PREPARED 'deployment'});
is(status($node) =~ /t13 applied/, 1, 'applied once it is committed');

# What a migration does to the user's advisory locks is no concern of ours.
my $gate = $node->background_psql('postgres');
$gate->query_safe('SELECT pg_advisory_lock(14)');
register_tables($node, 14, 14,
	14 => 'SELECT pg_advisory_unlock_all(); SELECT pg_advisory_xact_lock(14)');
for my $call ('SELECT migrate_up()', 'CALL migrate_deploy()')
{
	my $runner = background($node, 'runner', $call);

	wait_until_blocked($node, 'runner', 'advisory');
	fails_with($node, 'SET hipaa_migrate.runner_wait = 0; SELECT migrate_up()',
		"pg_advisory_unlock_all() in a migration, $call", $busy);
	$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . pid_of($node, 'runner') . ')');
	finish($runner);
}
$gate->quit;
$node->safe_psql('postgres', 'SELECT migrate_up()');

# A concurrent index build waits for all older snapshots.  Whoever waits for
# its end within a statement holds one: it gives up at once, so that neither
# waits for the other.  Who waits by CALL holds none, and waits in peace.
$node->safe_psql('postgres', 'CREATE TABLE big (a integer); INSERT INTO big VALUES (1)');
register($node, 'i15', 'CREATE INDEX CONCURRENTLY i15 ON big (a)');
my $writer = $node->background_psql('postgres');
$writer->query_safe('BEGIN; INSERT INTO big VALUES (2)');
my $early = background($node, 'deployer', 'CALL migrate_deploy()');
wait_until_blocked($node, 'worker', 'virtualxid');
for my $call ('SELECT migrate_up()',
	q{SELECT migrate_register('20250101000015-make-i15', 'SELECT 1')})
{
	fails_with($node, $call, "at once, during an index build: $call", $busy,
		qr/DETAIL:  Process \d+ of user "[^"]+" has been running since/,
		qr/HINT:  .*waits for all open transactions/);
}
my @callers = map { background($node, "caller$_", 'CALL migrate_deploy()') } 1 .. 3;
wait_until_blocked($node, "caller$_", 'Extension') for 1 .. 3;
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'caller%' AND backend_xmin IS NOT NULL}),
	'0', 'who waits by CALL holds no snapshot');
$writer->query_safe('COMMIT');
($out, $err) = finish($early);
like($err, qr/\[1 of 1\] 20250101000015-make-i15 applied/, 'the index build goes through');
for my $caller (@callers)
{
	($out, $err) = finish($caller);
	like($err, qr/$left/, 'who waited by CALL finds nothing left');
}
is(out_of_step($node), '', 'registry and schema in step');

# Many index builds and many callers: nobody stops the others for good.
register($node, "i$_", "CREATE INDEX CONCURRENTLY i$_ ON big ((a + $_))") for 16 .. 19;
@callers = map { background($node, "caller$_", 'CALL migrate_deploy()') } 1 .. 8;
$err = join('', map { (finish($_))[1] } @callers);
unlike($err, qr/ERROR/, 'eight callers, four concurrent builds');
is(out_of_step($node), '', 'registry and schema in step');

# A run must see what another has committed while it waited.
for my $level ('REPEATABLE READ', 'SERIALIZABLE')
{
	fails_with($node, "BEGIN ISOLATION LEVEL $level; SELECT migrate_up()", $level,
		qr/ERROR:  MG011: migrate_up\(\) cannot run in a transaction of isolation level \L$level/,
		qr/HINT:  .*READ COMMITTED/);
}
fails_with($node, 'SET default_transaction_isolation = serializable; CALL migrate_deploy()',
	'CALL under a higher default', qr/ERROR:  MG011: /, qr/HINT:  .*READ COMMITTED/);

# Revising a migration that a run may be executing waits for the run: what is
# applied is what is registered.
register_tables($node, 20, 20);
my $revise = q{SELECT outcome FROM migrate_register('20250101000020-make-t20', 'CREATE TABLE t20 (other text)')};
$holder->query_safe('BEGIN; SELECT migrate_up()');
fails_with($node, "SET hipaa_migrate.runner_wait = 0; $revise", 'revised during a run', $busy, $who);
is($node->safe_psql('postgres', q{SELECT outcome FROM migrate_register('20250101000020-make-t20', 'CREATE TABLE t20 (id integer);', 'DROP TABLE t20')}),
	'unchanged', 'the same text is a no-op, and waits for nobody');
is($node->safe_psql('postgres', q{SELECT outcome FROM migrate_register('20250101000021-make-t21', 'CREATE TABLE t21 ()')}),
	'registered', 'a new migration waits for nobody');
$waiter = background($node, 'waiter', $revise);
wait_until_blocked($node, 'waiter', 'Extension');
$holder->query_safe('COMMIT');
($out, $err) = finish($waiter);
like($err, qr/ERROR:  MG002: migration "20250101000020-make-t20" is applied with another content/,
	'it was applied meanwhile: no revision');
is($node->safe_psql('postgres', q{SELECT outcome FROM migrate_register('20250101000021-make-t21', 'CREATE TABLE t21 (other text)')}),
	'revised', 'without a run it is revised');

# The other way round: a run waits for who is revising, and runs the new text.
$holder->query_safe(q{BEGIN; SELECT migrate_register('20250101000021-make-t21', 'CREATE TABLE t21 (third text)')});
for my $call ('SELECT migrate_up()', 'CALL migrate_deploy()')
{
	fails_with($node, "SET hipaa_migrate.runner_wait = 0; $call", "$call during a revision", $busy, $who);
}
$waiter = background($node, 'waiter', 'SELECT migrate_up()');
wait_until_blocked($node, 'waiter', 'Extension');
$holder->query_safe('COMMIT');
finish($waiter);
is($node->safe_psql('postgres', q{SELECT attname FROM pg_attribute WHERE attrelid = 't21'::regclass AND attnum = 1}),
	'third', 'the new text ran');
is(out_of_step($node), '', 'registry and schema in step');

$holder->quit;
$writer->quit;
$node->stop;

done_testing();
