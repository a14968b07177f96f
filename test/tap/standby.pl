
# test/tap/standby.pl
#	  Proves that a physical standby can be asked everything and refuses to
#	  change anything, and that migrations run there once it is promoted.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = new_server('primary', streaming => 1);

register_tables($primary, 1, 3);
$primary->safe_psql('postgres', <<'SQL');
SELECT migrate_up('20250101000002-make-t2'), migrate_up('20250101000001-make-t1');
SELECT migrate_register('20250101000004-make-t4', 'CREATE TABLE t4 ()', depends_on => '{20250101000003-make-t3}');
SQL
$primary->backup('copy');

my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'copy', has_streaming => 1);
$standby->start;

# What was registered and ran after the copy arrives like all else.
$primary->safe_psql('postgres', q{SELECT migrate_down('20250101000002-make-t2'); SELECT migrate_up('20250101000002-make-t2')});
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));

# All that reads works, and says the same as on the primary.
my @reads = (
	'SELECT * FROM migrate_status()',
	q{SELECT * FROM migrate_status(state => 'blocked')},
	'SELECT * FROM migrate_plan()',
	q{SELECT * FROM migrate_locks('20250101000001-make-t1')},
	q{SELECT * FROM migrate_risk('20250101000001-make-t1')},
	'SELECT * FROM hipaa_migrate.waiver_list',
	'SELECT * FROM hipaa_migrate.assessment_list',
	q{SELECT * FROM migrate_plan('20250101000001-make-t1', 'down')},
	'SELECT * FROM migrate_tree()',
	'SELECT * FROM migrate_history()',
	q{SELECT * FROM migrate_show('20250101000003-make-t3')},
	q{SELECT migrate_require('{20250101000001-make-t1}')},
	'SELECT * FROM hipaa_migrate.migration_status',
	'SELECT * FROM hipaa_migrate.capability',
	q{SELECT outcome FROM migrate_register('20250101000004-make-t4', 'CREATE TABLE t4 ()', depends_on => '{20250101000003-make-t3}')});

for my $read (@reads)
{
	my ($code, $out, $err) = $standby->psql('postgres', $read);

	is($err, '', "standby: $read");
	is($out, $primary->safe_psql('postgres', $read), 'the same as on the primary');
}
fails_with($standby, q{SELECT migrate_require('{20250101000003-make-t3}')}, 'an application fails fast there too',
	qr/ERROR:  MG\d\d\d: .*20250101000003-make-t3/);

# All that writes is refused in the server's own words.
my @writes = (
	'SELECT * FROM migrate_up()', 'CALL migrate_deploy()', 'SELECT * FROM migrate_down()',
	q{SELECT * FROM migrate_down_to('20250101000001-make-t1')}, 'SELECT * FROM migrate_redo()', 'CALL migrate_deploy_down()',
	q{SELECT migrate_register('20250101000009-make-t9', 'SELECT 1')},
	q{SELECT migrate_register('20250101000004-make-t4', 'SELECT 2')},
	q{SELECT migrate_register_file('20250101000009-make-t9.up.sql', 'SELECT 1')},
	q{SELECT migrate_adopt('{20250101000003-make-t3}', 'test')},
	q{SELECT migrate_unregister('20250101000003-make-t3', 'test')},
	q{SELECT migrate_grant('author', CURRENT_USER)}, q{SELECT migrate_revoke('author', CURRENT_USER)});

for my $write (@writes)
{
	fails_with($standby, $write, "standby: $write", qr/ERROR:  25006: cannot execute .* in a read-only transaction\n/);
}
is($standby->safe_psql('postgres', 'SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE \'%hipaa%\''), '0', 'no worker was started');

# So it is on a primary whose transactions are read only.
fails_with($primary, 'BEGIN READ ONLY; SELECT migrate_up()', 'a read-only transaction', qr/ERROR:  25006: cannot execute migrate_up\(\) in a read-only transaction\n/);

# The primary is lost in the middle of a run.  What it had committed is there,
# the rest runs on the promoted standby, and its lock is nowhere.
register_tables($primary, 5, 7, 6 => 'SELECT pg_advisory_xact_lock(6)');
my $gate = gate($primary, 'SELECT pg_advisory_lock(6)');
my $runner = background($primary, 'runner', 'CALL migrate_deploy()');
wait_until_blocked($primary, 'runner', 'advisory');
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
$primary->stop('immediate');
finish($_) for ($gate, $runner);
$standby->promote;
is(status($standby), 't1 applied, t2 applied, t3 applied, t4 applied, t5 applied, t6 pending, t7 pending', 'marked as it was committed');
is(out_of_step($standby), '', 'registry and schema in step');
my ($out, $err) = finish(background($standby, 'again', 'CALL migrate_deploy()'));
like($err, qr/\[2 of 2\] \S+-make-t7 applied/, 'the run is completed there');

# Everything that needs a worker works there too: index builds, and the record
# of what failed.
$standby->safe_psql('postgres', 'CREATE TABLE big (a integer)');
register($standby, 'i8', 'CREATE INDEX CONCURRENTLY i8 ON big (a)');
register($standby, 't9', "CREATE TABLE t9 ();\nSELECT 1/0");
fails_with($standby, 'CALL migrate_deploy()', 'a failure after the promotion', qr/i8 applied/, qr/ERROR:  22012: /);
is(history($standby, 2), "t9 up failed 22012 statement 2, line 2\ni8 up applied", 'is on record');
is(out_of_step($standby), '', 'registry and schema in step');
is($standby->safe_psql('postgres', 'SELECT count(*) = count(DISTINCT run_id) FROM hipaa_migrate.run'), 't', 'the numbers go on');

$standby->stop;

done_testing();
