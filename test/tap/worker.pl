
# test/tap/worker.pl
#	  Proves what happens at the edges of background workers: none to be had,
#	  whom they run as, what their user has set, and databases that go away.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('worker');
my ($out, $err);

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE big (a integer);
CREATE ROLE owner NOLOGIN;
CREATE ROLE deployer LOGIN;
GRANT owner TO deployer;
GRANT CREATE ON SCHEMA public TO owner;
SELECT migrate_grant('operator', 'deployer'), migrate_grant('author', 'deployer');
CREATE TABLE owned (a integer);
ALTER TABLE owned OWNER TO owner;
SQL

sub as_deployer
{
	my ($sql) = @_;

	return finish(background($node, 'deployer', $sql, 'postgres', 'deployer'));
}

# A role that cannot log in runs migrations all the same, in a worker as well
# as in a transaction, and owns what they make.
register($node, 't1', 'CREATE TABLE t1 (a integer)', "run_as => 'owner'");
register($node, 'i2', 'CREATE INDEX CONCURRENTLY i2 ON owned (a)', "run_as => 'owner'");
($out, $err) = as_deployer('CALL migrate_deploy()');
like($err, qr/\[2 of 2\] \S+-make-i2 applied/, 'run as a role without login');
is($node->safe_psql('postgres', q{SELECT DISTINCT relowner::regrole FROM pg_class WHERE relname IN ('t1', 'i2')}),
	'owner', 'which owns what was made');

# Its text cannot become anybody else, neither the caller nor who logged in,
# whichever way it runs and however it is wrapped.
my @escapes = (
	'RESET ROLE', 'SET ROLE NONE', 'SET ROLE deployer', 'SET SESSION AUTHORIZATION DEFAULT',
	'RESET SESSION AUTHORIZATION', q{SELECT set_config('role', 'none', false)},
	'DO $$ BEGIN EXECUTE $x$RESET ROLE$x$; END $$',
	'DO $$ BEGIN COMMIT; EXECUTE $x$RESET ROLE$x$; END $$',
	'CREATE FUNCTION become() RETURNS void LANGUAGE plpgsql AS $x$ BEGIN RESET ROLE; END $x$; SELECT become()',
	'CREATE PROCEDURE become() LANGUAGE plpgsql AS $x$ BEGIN ROLLBACK; RESET ROLE; END $x$; CALL become()');

for my $transactional ('yes', 'no')
{
	for my $escape (@escapes)
	{
		my $call = $transactional eq 'yes' ? 'SELECT migrate_up()' : 'CALL migrate_deploy()';

		register($node, 't3', "$escape;\nCREATE TABLE t3 (a integer)", "run_as => 'owner'",
			"transactional => '$transactional'");
		($out, $err) = as_deployer($call);
		$node->safe_psql('postgres', 'DROP ROUTINE IF EXISTS become');
		like($err, qr/ERROR:  (42501|2D000): /, "transactional $transactional: $escape");
		is($node->safe_psql('postgres', q{SELECT to_regclass('t3')}), '', 'and nothing of it ran as somebody else');
	}
}

# Settings of the user that logged in do not reach the work: the caller has
# overridden them, and the worker follows the caller.
$node->safe_psql('postgres', <<'SQL');
ALTER ROLE deployer SET default_transaction_read_only = on;
ALTER ROLE deployer SET default_transaction_isolation = 'serializable';
ALTER ROLE deployer SET statement_timeout = '1ms';
ALTER ROLE deployer SET search_path = 'pg_catalog';
SQL
register($node, 't3', 'CREATE TABLE t3 (a integer)', "run_as => 'owner'");
register($node, 'i4', 'CREATE INDEX CONCURRENTLY i4 ON owned (a); DO $$ BEGIN RAISE NOTICE $x$in the worker$x$; PERFORM pg_sleep(0.05); END $$',
	"run_as => 'owner'");
register($node, 'i5', "VACUUM owned;\nSELECT nothing FROM owned", "run_as => 'owner'");
# (The timeout is lifted with the connection: SET itself could run into it.)
{
	local $ENV{PGOPTIONS} = '-c statement_timeout=0';

	($out, $err) = as_deployer(<<'SQL');
SET default_transaction_read_only = off;
SET default_transaction_isolation = 'read committed';
SET search_path = public;
CALL migrate_deploy();
SQL
}
like($err, qr/\[2 of 3\] \S+-make-i4 applied/, 'a worker under other defaults');
like($err, qr/NOTICE: .* in the worker\n/, 'its notices come through');
like($err, qr/ERROR:  42703: column "nothing" does not exist\nLINE 1: SELECT nothing FROM owned\n {15}\^\n/,
	'its errors too, with the position');
is(history($node, 1), 'i5 up failed 42703 statement 2, line 2', 'and the failure is on record');
$node->safe_psql('postgres', q{SELECT migrate_unregister('20250101000005-make-i5', 'test')});

# A database that is dropped by force takes its run and its worker along; one
# that is dropped politely waits for them.
$node->safe_psql('postgres', 'CREATE DATABASE doomed');
$node->safe_psql('doomed', <<'SQL');
CREATE EXTENSION hipaa_migrate;
CREATE TABLE big (a integer);
SELECT migrate_register('20250101000001-make-i1', 'CREATE INDEX CONCURRENTLY i1 ON big (a)');
SQL
my $gate = background($node, 'gate', 'BEGIN; INSERT INTO big VALUES (1); SELECT pg_sleep(600)', 'doomed');
wait_until_blocked($node, 'gate', 'PgSleep');
my $runner = background($node, 'runner', 'CALL migrate_deploy()', 'doomed');
wait_until_blocked($node, 'worker', 'virtualxid');
my $worker = pid_of($node, 'worker');
fails_with($node, 'DROP DATABASE doomed', 'in use', qr/ERROR:  55006: database "doomed" is being accessed by other users/);
($out, $err) = finish(background($node, 'dropper', 'DROP DATABASE doomed WITH (FORCE)'));
is($err, '', 'DROP DATABASE WITH (FORCE) during an index build');
($out, $err) = finish($runner);
like($err, qr/FATAL:  57P01: terminating connection due to administrator command/, 'ends the run');
ok(wait_until_gone($node, $worker), 'and the worker');
finish($gate);

# Without workers nothing hangs: what needs one says so, and a failure in the
# session stays the error that it is, if off the record.
$node->append_conf('postgresql.conf', 'max_worker_processes = 0');
$node->restart;
register($node, 'i11', 'CREATE INDEX CONCURRENTLY i11 ON big (a)');
fails_with($node, 'CALL migrate_deploy()', 'no worker to be had',
	qr/ERROR:  53000: could not start a background worker for migration "\S+-make-i11"/,
	qr/HINT:  .*max_worker_processes/);
register($node, 'i11', 'SELECT 1; SELECT 1/0');
for my $call ('SELECT migrate_up()', 'CALL migrate_deploy()')
{
	my $before = time;

	fails_with($node, $call, "$call fails as it would", qr/ERROR:  22012: division by zero\nCONTEXT:  migration "\S+-make-i11", statement 2, line 1\n/);
	cmp_ok(time - $before, '<', 60, "$call does not hang");
}
like(slurp_file($node->logfile), qr/could not record that a migration failed.*SQLSTATE 22012/s, 'the log has it');
register($node, 'i11', 'CREATE INDEX i11 ON big (a)');
$node->safe_psql('postgres', 'SELECT migrate_up()');
is(out_of_step($node), '', 'what needs no worker runs without');

$node->stop;

done_testing();
