
# test/tap/record_logical.pl
#	  Proves that a publication of all tables hinders nothing that we do, and
#	  gives away nothing that was removed; and that a server with a record of
#	  its own can subscribe to what is not ours.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('publisher', streaming => 'logical', conf => "hipaa_migrate.seal_interval = '200ms'");

sub as
{
	my ($user, $sql) = @_;
	my ($code, $out, $err) = $node->psql('postgres', $sql, extra_params => [ '-U', $user ]);

	is($code, 0, "$user: $sql") or diag($err);
	return $out;
}

$node->safe_psql('postgres', "CREATE ROLE $_ SUPERUSER LOGIN") for ('first', 'second');
$node->safe_psql('postgres', 'CREATE PUBLICATION everything FOR ALL TABLES');

# --- Everything that writes rows of ours, from start to end.
register_tables($node, 1, 2);
as('first', $_)
  for (
	'SELECT * FROM migrate_up()',
	"SELECT * FROM migrate_down('20250101000002-make-t2', reason => 'not that one')",
	"SELECT migrate_unregister('20250101000002-make-t2', 'nor ever')",
	"SELECT migrate_grant('author', 'pg_monitor')",
	"SELECT migrate_revoke('author', 'pg_monitor')",
	"SELECT audit_hold_end(audit_hold('lawsuit', person => 'nobody'), 'settled')",
	"SELECT migrate_grant('author', 'pg_monitor')",
	'SELECT audit_seal()',
	'SELECT audit_verify()',
	"SELECT migrate_confirm_end(audit_redact(max(event_id), 'not that'), 'a mistake') FROM hipaa_migrate.audit_leaf JOIN hipaa_migrate.audit_event USING (event_id) WHERE kind = 'capability.granted'");
$node->safe_psql('postgres', "ALTER SYSTEM SET hipaa_migrate.audit_retention = '9 years'");
$node->reload;
ok( $node->poll_query_until('postgres', q{SELECT retention = '9 years' FROM hipaa_migrate.audit_state}),
	'a setting that is raised by a reload is put on record without anything else happening');

# --- What is redacted: nothing of it is in what is decoded.
$node->safe_psql('postgres', q{SELECT pg_create_logical_replication_slot('look', 'test_decoding')});
as('first', "SELECT migrate_grant('author', 'pg_monitor')");
as('first', 'SELECT audit_seal()');
my $id = as('first', "SELECT audit_redact(max(event_id), 'not for everybody') FROM hipaa_migrate.audit_leaf JOIN hipaa_migrate.audit_event USING (event_id) WHERE kind = 'capability.granted'");
as('second', "SELECT * FROM migrate_confirm($id, 'agreed')");
my $changes = $node->safe_psql('postgres', q{SELECT data FROM pg_logical_slot_get_changes('look', NULL, NULL) WHERE data ~ 'hipaa_migrate.audit_event:'});
is($changes, 'table hipaa_migrate.audit_event: DELETE: (no-tuple-data)', 'events are not decoded, and removed ones without a word');

# --- A server with a record of its own subscribes to what is not ours.
my $subscriber = new_server('subscriber', conf => "wal_retrieve_retry_interval = '100ms'\nhipaa_migrate.seal_interval = '200ms'");

as('first', 'CREATE PUBLICATION theirs FOR TABLES IN SCHEMA public');
$subscriber->safe_psql('postgres', 'CREATE TABLE t1 (id integer)');
$node->safe_psql('postgres', 'INSERT INTO t1 VALUES (1)');
$subscriber->safe_psql('postgres', 'CREATE SUBSCRIPTION theirs CONNECTION $c$' . $node->connstr('postgres') . '$c$ PUBLICATION theirs');
ok($subscriber->poll_query_until('postgres', 'SELECT count(*) = 1 FROM t1'), 'rows of others are copied');
ok( $subscriber->poll_query_until('postgres', q{SELECT srsubstate = 'r' FROM pg_subscription_rel WHERE srrelid = 't1'::regclass}),
	'and synchronized');
as('first', 'INSERT INTO t1 VALUES (2)');
as('first', "SELECT migrate_revoke('author', 'pg_monitor')");
as('first', 'INSERT INTO t1 VALUES (3)');
ok($subscriber->poll_query_until('postgres', 'SELECT count(*) = 3 FROM t1'), 'what comes later arrives');
is( $subscriber->safe_psql('postgres', q{SELECT (SELECT count(*) FROM hipaa_migrate.migration), (SELECT count(*) FROM hipaa_migrate.audit_epoch),
		(SELECT count(*) FROM hipaa_migrate.audit_event AS e WHERE NOT EXISTS (SELECT FROM hipaa_migrate.audit_epoch AS p WHERE p.epoch = e.epoch))}),
	'0|1|0', 'the record is what it was');
is($subscriber->safe_psql('postgres', q{SELECT count(*) FROM audit_verify() WHERE outcome = 'failed'}), '0', 'and is verified');
is($node->safe_psql('postgres', q{SELECT count(*) FROM audit_verify() WHERE outcome = 'failed'}), '0', 'so is that of the publisher');
$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION theirs');
$_->stop for $subscriber, $node;

done_testing();
