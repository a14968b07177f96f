
# test/tap/drop_extension.pl
#	  Proves that DROP EXTENSION and the processes that write the record wait
#	  for each other without a deadlock, whoever comes first, and that these say
#	  nothing in the server's log; nor does it fail what other sessions do.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('dropped', conf => <<'CONF');
deadlock_timeout = '100ms'
hipaa_migrate.seal_interval = '1s'
log_line_prefix = '%b: '
CONF
my $sealer = q{backend_type = 'hipaa_migrate sealer' AND datname = 'clinic'};

# Whoever looks is in another database: here everybody waits for DROP.
$node->safe_psql('postgres', 'CREATE DATABASE clinic');
$node->safe_psql('clinic', 'CREATE EXTENSION hipaa_migrate');

sub wait_for_lock
{
	my ($who) = @_;

	$node->poll_query_until('postgres',
		"SELECT count(*) > 0 FROM pg_stat_activity WHERE $who AND wait_event_type = 'Lock'")
	  or die "$who does not wait";
	return;
}

# Something to seal.
my $event = q{SELECT migrate_grant('author', 'pg_monitor')};

# --- The sealer was first: it has locked one table and needs another.  What it
# waits for between the two is a catalog that DROP does not read.
my $gate = background($node, 'gate', 'BEGIN; LOCK TABLE pg_catalog.pg_policy; SELECT pg_sleep(600)', 'clinic');

wait_until_blocked($node, 'gate', 'PgSleep');
$node->safe_psql('clinic', $event);
wait_for_lock($sealer);
my $drop = background($node, 'dropper', 'DROP EXTENSION hipaa_migrate', 'clinic');
wait_for_lock(q{application_name = 'dropper'});
end_gate($node, $gate);
is((finish($drop))[1], '', 'DROP EXTENSION waits for a seal');

# --- DROP was first: what it undoes, and what it does.  A reload of the
# configuration has every record looked at.
$node->safe_psql('clinic', 'CREATE EXTENSION hipaa_migrate');
for my $end (qw(ROLLBACK COMMIT))
{
	$gate = background($node, 'gate', 'SELECT pg_advisory_lock(1); SELECT pg_sleep(600)', 'clinic');
	wait_until_blocked($node, 'gate', 'PgSleep');
	$drop = background($node, 'dropper', "BEGIN; DROP EXTENSION hipaa_migrate; SELECT pg_advisory_lock(1); $end", 'clinic');
	wait_until_blocked($node, 'dropper', 'advisory');
	$node->reload;
	wait_for_lock($sealer);
	my $bystander = background($node, 'bystander', 'SELECT 1', 'clinic');
	wait_for_lock(q{application_name = 'bystander'});
	end_gate($node, $gate);
	is((finish($drop))[1], '', "$end: a seal waits for DROP EXTENSION");
	is(join(' ', finish($bystander)), '1 ', "$end: and so does who has nothing to do with it");
	next if $end eq 'COMMIT';
	$node->safe_psql('clinic', $event);
	ok($node->poll_query_until('clinic', q{SELECT count(*) = 1 FROM hipaa_migrate.audit_log WHERE event = 'capability.granted' AND object = 'pg_monitor' AND block IS NOT NULL}),
		'what DROP EXTENSION has not dropped is sealed');
}
ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE $sealer"), 'the sealer leaves');
unlike(slurp_file($node->logfile), qr/^(hipaa_migrate \w+: .*(ERROR|FATAL|WARNING)|.*deadlock)/m, 'nothing of it is in the log');

$node->stop;

done_testing();
