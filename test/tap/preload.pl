
# test/tap/preload.pl
#	  Proves that the library works only when the server was started with it,
#	  that it says so otherwise, and that alone it changes nothing.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('preload');
my $refusal = qr/ERROR:  55000: hipaa_migrate must be loaded when the server starts\n/;
my $remedy = qr/HINT:  .*shared_preload_libraries = 'hipaa_migrate'/;

$node->init;
$node->start;

# Without the line in the configuration nobody can load it, in any way, and
# the message has the line to add.
for my $statement (
	'CREATE EXTENSION hipaa_migrate',
	"LOAD 'hipaa_migrate'",
	q{CREATE FUNCTION f() RETURNS void LANGUAGE C AS 'hipaa_migrate', 'hm_migrate_up'})
{
	fails_with($node, $statement, "not preloaded: $statement", $refusal, $remedy);
}
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_namespace WHERE nspname = 'hipaa_migrate'}),
	'0', 'a refused CREATE EXTENSION leaves nothing behind');

# local_preload_libraries and session_preload_libraries come too late.
my ($code, $out, $err) = $node->psql('postgres', 'SELECT 1',
	connstr => $node->connstr('postgres') . " options='-c session_preload_libraries=hipaa_migrate'");
isnt($code, 0, 'session_preload_libraries does not load it');
like($err, qr/must be loaded when the server starts/, 'and says why');

# The hint is right: with its line, and a restart, everything works.
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'hipaa_migrate'");
$node->restart;
is($node->safe_psql('postgres', 'CREATE TABLE t (a integer); DROP TABLE t; SELECT 1'),
	'1', 'a server with the library and without the extension works');
is($node->safe_psql('postgres', 'SHOW hipaa_migrate.runner_wait'),
	'30s', 'the settings are there without the extension');
fails_with($node, 'SET hipaa_migrate.no_such = 1', 'unknown settings of ours are refused',
	qr/ERROR:  42602: invalid configuration parameter name "hipaa_migrate.no_such"/);
$node->safe_psql('postgres', 'CREATE EXTENSION hipaa_migrate');
is($node->safe_psql('postgres', 'SELECT count(*) FROM migrate_status()'),
	'0', 'the extension can be created');
$node->safe_psql('postgres', 'CREATE DATABASE other');
is($node->safe_psql('other', 'CREATE TABLE t (a integer); SELECT count(*) FROM t'),
	'0', 'another database of the server does without it');

# An extension that is there while the library is not fails in the same words.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->restart;
fails_with($node, 'SELECT * FROM migrate_status()', 'preloading taken away', $refusal, $remedy);
is($node->safe_psql('postgres', 'SELECT count(*) FROM hipaa_migrate.migration'),
	'0', 'its tables stay readable');
$node->stop;

done_testing();
