
# test/tap/record_damage.pl
#	  Proves that our own processes and migrate_health() live with a record that
#	  is damaged: one whose state has vanished, and one with an event that plain
#	  SQL could not read without danger.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use constant PAGE_SIZE => 8192;

my $node = new_server('damaged', conf => "hipaa_migrate.seal_interval = '200ms'");
my $our_epoch = 'SELECT epoch FROM hipaa_migrate.audit_state';

sub query
{
	my ($database, $sql) = @_;

	return $node->safe_psql($database, $sql);
}

# What is not in order, as "item|status|remedy".
sub health
{
	return query('postgres', q{SELECT string_agg(concat_ws('|', item, status, remedy), E'\n')
		FROM migrate_health() WHERE status = 'critical'});
}

query('postgres', "SELECT migrate_grant('author', 'pg_monitor'); SELECT audit_seal(); SELECT audit_seal()");

# --- The state is gone, and no process is there that could mend it.
my $epoch = query('postgres', $our_epoch);

$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->restart;
query('postgres', <<'SQL');
SET allow_system_table_mods = on;
UPDATE pg_class SET relhastriggers = false WHERE oid = 'hipaa_migrate.audit_state'::regclass;
DELETE FROM hipaa_migrate.audit_state;
UPDATE pg_class SET relhastriggers = true WHERE oid = 'hipaa_migrate.audit_state'::regclass;
SQL
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'hipaa_migrate'\nmax_worker_processes = 0");
$node->restart;
is(health(), <<'TEXT' =~ s/\n\z//r, 'migrate_health() says what is missing, and what mends it');
launcher|critical|ALTER SYSTEM SET max_worker_processes = 4; then restart the server
state|critical|see item launcher
TEXT
is( query('postgres', q{SELECT count(*) FROM migrate_health() WHERE item IN ('holds', 'confirmations', 'disk')}),
	'3', 'with all that needs no state');
fails_with($node, "SELECT migrate_revoke('author', 'pg_monitor')", 'nothing can be recorded',
	qr/ERROR:  \w+: the record of hipaa_migrate has no open epoch/, qr/HINT:  Have one opened with SELECT audit_seal\(\)/);
fails_with($node, 'SELECT * FROM hipaa_migrate.retention_status', 'the status of the retention fails cleanly', qr/has no open epoch/);

# --- What it says is done.
query('postgres', 'ALTER SYSTEM SET max_worker_processes = 4');
$node->restart;
query('postgres', 'SELECT audit_seal()');
isnt(query('postgres', $our_epoch), $epoch, 'another epoch is open');
is(health(), '', 'health is in order');
query('postgres', "SELECT migrate_revoke('author', 'pg_monitor')");
$node->poll_query_until('postgres', "SELECT state = 'adopted' FROM hipaa_migrate.audit_epoch WHERE epoch = '$epoch'") or die 'not adopted';
is( query('postgres', q{SELECT reason FROM hipaa_migrate.audit_event AS e JOIN hipaa_migrate.audit_state USING (epoch)
		WHERE kind = 'record.epoch_opened'}), 'the state of the record was missing', 'the record says why');

# --- An event that cannot be read: the length of a value is not what it was.
# The copy of the database gets an epoch of its own all the same; the old one
# is decided on by nobody.
query('postgres', 'CREATE DATABASE old');
query('old', "CREATE EXTENSION hipaa_migrate; SELECT migrate_grant('author', 'pg_monitor'); SELECT audit_seal(); SELECT audit_seal()");
my $file = $node->data_dir . '/' . query('old', q{SELECT pg_relation_filepath('hipaa_migrate.audit_event')});

sub bytes_at
{
	my ($handle, $at, $length) = @_;

	seek($handle, $at, 0);
	read($handle, my $bytes, $length) == $length or die "$file: $!";
	return $bytes;
}

# The first tuple: where it is says its line pointer, where its data begins its
# header; "kind" comes after a uuid and four columns of eight bytes.
# Checksums, which 18 has unless told otherwise, would stop whoever reads it.
$node->stop;
my ($control) = run_command([ 'pg_controldata', $node->data_dir ]);
system_or_bail('pg_checksums', '--disable', '-D', $node->data_dir) if $control !~ /checksum version: +0$/m;
open(my $handle, '+<:raw', $file) or die "$file: $!";
my $tuple = unpack('L', bytes_at($handle, 24, 4)) & 0x7fff;
my $kind = $tuple + unpack('C', bytes_at($handle, $tuple + 22, 1)) + 48;
seek($handle, $kind, 0);
print $handle "\xff" x 12;
close($handle) or die "$file: $!";
$node->start;
my $offset = -s $node->logfile;
query('postgres', 'CREATE DATABASE twin TEMPLATE old');
query('twin', 'SELECT audit_seal()');
ok($node->wait_for_log(qr/the record of hipaa_migrate is damaged, restored epochs are not looked at/, $offset),
	'a damaged record is not looked through by SQL');
is(query('twin', 'SELECT state FROM hipaa_migrate.audit_epoch ORDER BY ordinal'), "closed\nopen", 'the old epoch waits');
like(query('twin', q{SELECT string_agg(check_name || ': ' || message, ' ') FROM audit_verify() WHERE outcome = 'failed'}),
	qr/audit_event: page 0/, 'audit_verify() says what is wrong');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC/, 'no process crashed');

$node->stop;
done_testing();
