
# test/tap/record_recovery.pl
#	  Proves that a recovery to an earlier point, from a base backup and the
#	  archived write-ahead log, gives a record that verifies up to there, is
#	  told from tampering when a later digest is held against it, and goes on
#	  as whoever recovered it says.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('lost', streaming => 1, archiving => 1, conf => "hipaa_migrate.seal_interval = '1h'");
my $our_epoch = 'SELECT epoch FROM hipaa_migrate.audit_state';

sub failures
{
	my ($where, $digest) = @_;
	my $arguments = $digest ? "'$digest'" : '';

	return $where->safe_psql('postgres', qq{SELECT string_agg(check_name || ': ' || message, E'\\n' ORDER BY check_name, message)
		FROM audit_verify($arguments) WHERE outcome = 'failed'});
}

# Registers and applies a migration each, and seals it.
sub record
{
	my ($where, @numbers) = @_;

	for my $number (@numbers)
	{
		register_tables($where, $number, $number);
		$where->safe_psql('postgres', 'SELECT * FROM migrate_up()');
	}
	$where->safe_psql('postgres', 'SELECT audit_seal(); SELECT audit_seal()');
	return $where->safe_psql('postgres', "SELECT audit_digest() ->> 'epoch'");
}

sub digest_of
{
	my ($where) = @_;

	return $where->safe_psql('postgres', 'SELECT audit_digest()');
}

# --- A backup, what is to be kept, and what came too much.
record($node, 1, 2);
$node->backup('base');
record($node, 3);
my $kept = digest_of($node);
my $epoch = $node->safe_psql('postgres', $our_epoch);
my $events = $node->safe_psql('postgres', 'SELECT count(*) FROM hipaa_migrate.audit_event');
my $time = $node->safe_psql('postgres', 'SELECT clock_timestamp()');
my $lsn = $node->safe_psql('postgres', 'SELECT pg_current_wal_insert_lsn()');

sleep 1;
record($node, 4, 5);
my $lost = digest_of($node);
is(failures($node, $lost), '', 'all of it is verified before');
$node->safe_psql('postgres', 'SELECT pg_switch_wal()');
$node->stop;

sub recovered
{
	my ($name, $target) = @_;
	my $copy = PostgreSQL::Test::Cluster->new($name);

	$copy->init_from_backup($node, 'base', has_restoring => 1, standby => 0);
	$copy->append_conf('postgresql.conf', <<"CONF");
$target
recovery_target_action = promote
archive_mode = off
CONF
	$copy->start;
	$copy->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()') or die 'not recovered';
	like(status($copy), qr/^t1 applied, t2 applied, t3 applied$/, "$name: what came later is not there");
	$copy->poll_query_until('postgres', 'SELECT clone FROM hipaa_migrate.audit_state') or die 'no question asked';
	is( $copy->safe_psql('postgres', "SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind <> 'record.clone_found' AND kind <> 'record.verified'"),
		$events, "$name: nor is anything missing");
	is(failures($copy), '', "$name: the record is verified");
	is(failures($copy, $kept), '', "$name: also against the digest from before");
	like(failures($copy, $lost), qr/^digest: behind digest: timeline 1 ended at LSN [^\n]*\z/,
		"$name: behind the later one, which is all there is to say");
	fails_with($copy, 'SELECT audit_digest()', "$name: hands out no digest", qr/this may be a copy of a server/);
	return $copy;
}

# --- In the place of the server that is lost: the epoch goes on.
my $moved = recovered('moved', "recovery_target_lsn = '$lsn'");

$moved->safe_psql('postgres', q{SELECT audit_confirm_copy('moved', 'the disk was lost, OPS-18')});
is(record($moved, 4, 6), $epoch, 'confirmed as moved, the epoch goes on');
is( $moved->safe_psql('postgres', qq{SELECT '$kept'::jsonb ->> 'timeline' = '1' AND min(timeline) = 1 AND max(timeline) = 2
		FROM hipaa_migrate.audit_block}), 't', 'on a new timeline');
is(failures($moved), '', 'the record is verified');
is(failures($moved, digest_of($moved)), '', 'against a digest of its own');
is(failures($moved, $kept), '', 'against that from before the point');

# Blocks were given the numbers of those that were lost.
is( $moved->safe_psql('postgres', qq{SELECT count(*) FROM hipaa_migrate.audit_block WHERE block = ('$lost'::jsonb ->> 'block')::int}),
	'1', 'the number of the lost block is in use');
like(failures($moved, $lost), qr/^digest: behind digest: timeline 1 ended at LSN [^\n]*\z/, 'against the later one still behind');
is(out_of_step($moved), '', 'registry and schema agree');
$moved->restart;
is(failures($moved, $kept), '', 'after a restart as well');
$moved->stop;

# --- For a look into the past: an epoch of its own, the old one adopted.
my $copy = recovered('copy', "recovery_target_time = '$time'");

$copy->safe_psql('postgres', q{SELECT audit_confirm_copy('copy', 'what did it look like before?'); SELECT audit_seal()});
$copy->poll_query_until('postgres', "SELECT epoch <> '$epoch' AND NOT clone FROM hipaa_migrate.audit_state") or die 'no new epoch';
isnt(record($copy, 4, 6), $epoch, 'confirmed as a copy, it has an epoch of its own');
$copy->poll_query_until('postgres', "SELECT state = 'adopted' FROM hipaa_migrate.audit_epoch WHERE epoch = '$epoch'") or die 'not adopted';
is( $copy->safe_psql('postgres', 'SELECT ordinal, state FROM hipaa_migrate.audit_epoch ORDER BY ordinal'),
	"1|adopted\n2|open", 'and has taken the old one over');
is(failures($copy), '', 'the record is verified');
is(failures($copy, digest_of($copy)), '', 'against a digest of its own');
is(failures($copy, $kept), '', 'against that from before the point');
like(failures($copy, $lost), qr/^digest: behind digest: timeline 1 ended at LSN [^\n]*\z/, 'against the later one behind');
$copy->stop;

done_testing();
