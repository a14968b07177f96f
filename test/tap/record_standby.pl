
# test/tap/record_standby.pl
#	  Proves that the record can be read and verified on a hot standby, which
#	  writes nothing; that it goes on there after a promotion; and that a
#	  promotion which lost the end of the log is told from tampering.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = new_server('primary', streaming => 1, conf => "hipaa_migrate.seal_interval = '1h'");
my $counts = q{SELECT (SELECT count(*) FROM hipaa_migrate.audit_event), (SELECT count(*) FROM hipaa_migrate.audit_leaf),
	(SELECT count(*) FROM hipaa_migrate.audit_block)};
my $our_epoch = 'SELECT epoch FROM hipaa_migrate.audit_state';

sub failures
{
	my ($node, $digest) = @_;
	my $arguments = $digest ? "'$digest'" : '';

	return $node->safe_psql('postgres', qq{SELECT string_agg(check_name || ': ' || message, E'\\n' ORDER BY check_name, message)
		FROM audit_verify($arguments) WHERE outcome = 'failed'});
}

# Registers a migration each, and seals it.
sub record
{
	my ($node, @numbers) = @_;

	register_tables($node, $_, $_) for @numbers;
	$node->safe_psql('postgres', 'SELECT audit_seal(); SELECT audit_seal()');
	return;
}

sub standby_of
{
	my ($name) = @_;
	my $standby = PostgreSQL::Test::Cluster->new($name);

	$standby->init_from_backup($primary, 'copy', has_streaming => 1);
	$standby->start;
	return $standby;
}

record($primary, 1 .. 3);
$primary->backup('copy');
my $early = standby_of('early');
my $late = standby_of('late');

# --- Both follow: what is sealed after the copy is verified there.
record($primary, 4);
my $digest = $primary->safe_psql('postgres', 'SELECT audit_digest()');
$primary->safe_psql('postgres', 'CHECKPOINT');
$primary->wait_for_catchup($_, 'replay', $primary->lsn('insert')) for $early, $late;

my $before = $early->safe_psql('postgres', $counts);
is(failures($early), '', 'standby: audit_verify()');
is(failures($early, $digest), '', 'standby: audit_verify(digest)');
is( $early->safe_psql('postgres', 'SELECT count(*), count(DISTINCT seq) > 4 FROM hipaa_migrate.audit_log'),
	$primary->safe_psql('postgres', 'SELECT count(*), count(DISTINCT seq) > 4 FROM hipaa_migrate.audit_log'), 'standby: audit_log');
for my $read (
	"SELECT line FROM audit_export() AS line WHERE line LIKE '{\"type\":\"event\"%'",
	'SELECT seq, event, object, reason FROM hipaa_migrate.audit_log WHERE event LIKE \'migration.%\' ORDER BY seq')
{
	is($early->safe_psql('postgres', $read), $primary->safe_psql('postgres', $read), "standby: $read");
}
my ($code, $out, $err) = $early->psql('postgres', 'SELECT * FROM migrate_health()');
is($err, '', 'standby: migrate_health()');
note($out);
unlike($out, qr/critical/, 'has nothing to complain about');
fails_with($early, 'SELECT audit_seal()', 'standby: audit_seal()', qr/ERROR:  \w+: .*(recovery|read-only transaction|standby)/);
is($early->safe_psql('postgres', $counts), $before, 'the standby wrote nothing');
is($early->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type ~ 'hipaa_migrate (recorder|sealer)'}),
	'0', 'and runs neither recorder nor sealer');

# --- One standby loses the connection.  What the primary seals from here on
# is not there.
$early->append_conf('postgresql.conf', "primary_conninfo = ''");
$early->reload;
$early->poll_query_until('postgres', 'SELECT count(*) = 0 FROM pg_stat_wal_receiver') or die 'still receiving';
record($primary, 5, 6);
my $lost = $primary->safe_psql('postgres', 'SELECT audit_digest()');
my $epoch = $primary->safe_psql('postgres', $our_epoch);
$primary->wait_for_catchup($late, 'replay', $primary->lsn('insert'));
like(failures($early, $lost), qr/^digest: behind digest: this standby has replayed [^\n]*\z/, 'a standby that lags says so');
is(failures($late, $lost), '', 'the one that does not is verified');
$primary->stop('immediate');

# --- Promoted without a loss: asked what it is, then goes on in its epoch.
sub promoted
{
	my ($node) = @_;

	$node->promote;
	$node->poll_query_until('postgres', 'SELECT clone FROM hipaa_migrate.audit_state') or die 'no question asked';
	fails_with($node, 'SELECT audit_digest()', 'hands out no digest', qr/this may be a copy of a server/);
	$node->safe_psql('postgres', q{SELECT audit_confirm_copy('moved', 'failover, OPS-17')});
	record($node, 7, 8);
	is($node->safe_psql('postgres', $our_epoch), $epoch, 'the epoch goes on');
	is($node->safe_psql('postgres', q{SELECT count(*), max(reason) FROM hipaa_migrate.audit_event WHERE kind = 'record.clone_confirmed'}),
		'1|failover, OPS-17', 'with the reason on record');
	is($node->safe_psql('postgres', q{SELECT count(*) FROM hipaa_migrate.audit_block WHERE timeline = 2}) > 0, 1, 'new seals are of the new timeline');
	is(failures($node), '', 'the record is verified');
	is(failures($node, $digest), '', 'also against a digest from before');
	return;
}

promoted($late);
is(failures($late, $lost), '', 'no tail lost: and against the last digest of the primary');
my $new = $late->safe_psql('postgres', 'SELECT audit_digest()');
is($late->safe_psql('postgres', qq{SELECT '$new'::jsonb ->> 'timeline'}), '2', 'digests name the new timeline');
is(failures($late, $new), '', 'and are verified');
$late->restart;
is(failures($late, $new), '', 'after a restart as well');

# --- Promoted with a loss: not tampering, but not in order either.
promoted($early);
like(failures($early, $lost), qr/^digest: behind digest: timeline 1 ended at LSN [^\n]*\z/, 'tail lost: behind digest, and nothing else');

# A digest of what was never recorded here is something else.
my $forged = $lost =~ s/("timeline": *)1\b/${1}2/r;
isnt($forged, $lost, 'a digest of the new timeline, of a block that is not here as it says');
unlike(failures($early, $forged), qr/behind digest/, 'is not called a lost tail');
like(failures($early, $forged), qr/^digest: /, 'and fails');

# Nor is what was changed of what both shared.
sub start_with
{
	my ($libraries) = @_;

	$early->adjust_conf('postgresql.conf', 'shared_preload_libraries', "'$libraries'");
	$early->restart;
	return;
}

start_with('');
$early->safe_psql('postgres', <<'SQL');
SET allow_system_table_mods = on;
UPDATE pg_class SET relhastriggers = false WHERE oid = 'hipaa_migrate.audit_event'::regclass;
UPDATE hipaa_migrate.audit_event SET actor = 'nobody' WHERE event_id = 2;
UPDATE pg_class SET relhastriggers = true WHERE oid = 'hipaa_migrate.audit_event'::regclass;
SQL
start_with('hipaa_migrate');
my $tampered = failures($early, $lost);
like($tampered, qr/^event: /m, 'tampering is told beside it');
like($tampered, qr/^digest: behind digest: /m, 'and the lost tail still');

$_->stop for $early, $late;

done_testing();
