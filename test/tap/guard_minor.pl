
# test/tap/guard_minor.pl
#	  Proves what happens on a minor version of PostgreSQL that extensions must
#	  not be trusted on: the server starts, nothing is armed, and all say why.
#
# A library that is built here and loaded before ours makes the server say
# that it is 15.9, one of these versions, whatever it is.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateGuard;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $pretend = build_library();
plan skip_all => 'a library for the test cannot be built' unless $pretend;

my $unfit = qr/ERROR:  55000: hipaa_migrate guards nothing on this minor version of PostgreSQL\nDETAIL:  15\.9, 16\.5 and 17\.1 .*\nHINT:  Update PostgreSQL to its newest minor version\./;

sub build_library
{
	my $library = PostgreSQL::Test::Utils::tempdir() . '/pretend_minor.so';
	my ($compiler, $flags, $headers) = map { (run_command([ 'pg_config', $_ ]))[0] } qw(--cc --cppflags --includedir-server);
	my ($command) = split(/ /, $compiler);

	return system("$command $flags -fPIC -shared -I'$headers' -I'$FindBin::RealBin/../../src' -o '$library' '$FindBin::RealBin/pretend_minor.c'") == 0
	  && $library;
}

my $node = PostgreSQL::Test::Cluster->new('clinic');
$node->init;
$node->append_conf('postgresql.conf', "hipaa_migrate.record_wait = '2min'");

# Starts, or starts again, as the minor version that it is or pretends to be.
sub start_as
{
	my ($minor) = @_;
	my $libraries = $minor eq 'broken' ? "$pretend,hipaa_migrate" : 'hipaa_migrate';

	$node->stop;
	$node->append_conf('postgresql.conf', "shared_preload_libraries = '$libraries'");
	$node->start;
	return;
}

sub query
{
	my ($sql, $database) = @_;

	return $node->safe_psql($database // 'postgres', $sql);
}

sub fails
{
	my ($what, $pattern, $sql, $database) = @_;
	my (undef, $err) = finish(background($node, 'attempt', $sql, $database));

	like($err, $pattern, $what);
	return;
}

my $modes = q{SELECT string_agg(DISTINCT mode, ' ') FROM migrate_guard()};
my $health = q{SELECT concat_ws(' ', status, remedy) FROM migrate_health() WHERE item = 'server'};

# --- An ordinary server, with a database that is armed and one that observes.
$node->start;
start_as('fit');
query('CREATE DATABASE observing');
query('CREATE DATABASE plain');
query('CREATE EXTENSION hipaa_migrate', $_) for 'postgres', 'observing';
arm($node);
is(query($health), 'ok', 'an ordinary server is sound');
unlike(slurp_file($node->logfile), qr/minor version/, 'and its log says nothing');

# --- As a broken one it starts, and says what is the matter.
start_as('broken');
is(query('SHOW server_version_num'), 150009, 'a broken minor version starts with the library');
like(slurp_file($node->logfile),
	qr/WARNING:  hipaa_migrate cannot be installed or armed on this minor version of PostgreSQL\n.*DETAIL:.*\n.*HINT:  Update PostgreSQL/,
	'its log says so');
is(query($health), 'critical update PostgreSQL to its newest minor version', 'so does migrate_health()');

# --- What has nothing to do with the extension works.
works($node, 'a database without the extension',
	'BEGIN; CREATE TABLE t (id integer PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 100); COMMIT; DROP TABLE t; VACUUM', undef, 'plain');

# --- It is installed nowhere, and nothing is left of the attempt.
fails('CREATE EXTENSION', $unfit, 'CREATE EXTENSION hipaa_migrate', 'plain');
is(query(q{SELECT count(*) FROM pg_namespace WHERE nspname = 'hipaa_migrate'}, 'plain'), 0, 'nothing is left of it');

# --- What observes goes on observing and recording, and is not armed.
fails('arming a database that observes', $unfit, q{SELECT * FROM migrate_guard('enforce', 'a test')}, 'observing');
fails('arming one class', $unfit, q{SELECT * FROM migrate_guard('enforce', 'a test', '{schema}')}, 'observing');
is(query($modes, 'observing'), 'observe', 'it observes');
works($node, 'and lets pass', 'CREATE TABLE observed (id integer)', undef, 'observing');
is(query(q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'guard.observed' AND object = 'public.observed'}, 'observing'), 1, 'on record');

# --- What was armed stays armed, can be disarmed, and then not armed again.
is(query($modes), 'enforce', 'what was armed stays armed');
refused($node, 'a table by hand', 'CREATE TABLE by_hand (id integer)');
register_tables($node, 1, 1);
works($node, 'a migration', 'SELECT count(*) FROM migrate_up()');
fails('arming it once more', $unfit, q{SELECT * FROM migrate_guard('enforce', 'a test')});
is(query($modes), 'enforce', 'which changes nothing');
guard($node, 'observe', 'postgres', 'maintenance');
is(query($modes), 'enforce observe', 'a class can be disarmed');
fails('and not armed again', $unfit, q{SELECT * FROM migrate_guard('enforce', 'a test', '{maintenance}')});
is(query(q{SELECT count(*) FROM audit_verify() WHERE outcome = 'failed'}), 0, 'the record verifies');

# --- The minor version after it: as before, and armed again.
start_as('fit');
is(query($health), 'ok', 'updated, it is sound');
refused($node, 'still armed, a table by hand', 'CREATE TABLE by_hand (id integer)');
arm($node);
arm($node, 'observing');
is(query($modes) . ' ' . query($modes, 'observing'), 'enforce enforce', 'and is armed again');
works($node, 'the extension can be installed', q{CREATE EXTENSION hipaa_migrate}, undef, 'plain');
$node->stop;

done_testing();
