
# test/tap/update.pl
#	  Proves that an update of the extension that changes tables of the record
#	  is on record and told from tampering with their catalogs.
#
# Puts scripts to versions that do not exist beside the installed one, and
# takes them away again.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($folder) = run_command([ 'pg_config', '--sharedir' ]);
$folder .= '/extension';
plan skip_all => "no script can be put into $folder" unless -w $folder;

my $node = new_server('updated', conf => "hipaa_migrate.seal_interval = '1h'");
my $version = query(q{SELECT extversion FROM pg_extension WHERE extname = 'hipaa_migrate'});
my @scripts;

END { unlink(@scripts) if @scripts; }

sub query
{
	my ($sql) = @_;

	return $node->safe_psql('postgres', $sql);
}

# The script from one version to the next.
sub new_version
{
	my ($from, $to, $sql) = @_;

	push @scripts, "$folder/hipaa_migrate--$from--$to.sql";
	append_to_file($scripts[-1], $sql);
	return;
}

sub failures
{
	my ($digest) = @_;
	my $argument = $digest ? "'$digest'" : '';

	return query(qq{SELECT string_agg(check_name || ': ' || message, E'\\n') FROM audit_verify($argument) WHERE outcome = 'failed'});
}

sub seal
{
	query("SELECT migrate_grant('author', 'pg_monitor'), migrate_revoke('author', 'pg_monitor')");
	query('SELECT audit_seal()');
	return;
}

my $fingerprints = 'SELECT count(DISTINCT fingerprint) FROM hipaa_migrate.audit_block';
my $updates = q{SELECT string_agg((details::jsonb ->> 'before') || ' > ' || (details::jsonb ->> 'version'), ', ' ORDER BY event_id)
	FROM hipaa_migrate.audit_event WHERE kind = 'record.updated'};

new_version($version, 'next', 'ALTER TABLE hipaa_migrate.audit_hold ADD COLUMN ticket text;');
new_version('next', 'failing', "DROP TRIGGER door ON hipaa_migrate.audit_hold;\nSELECT 1 / 0;");
new_version('next', 'third', 'CREATE TABLE hipaa_migrate.third ();');
new_version('third', 'fourth', "ALTER TABLE hipaa_migrate.audit_hold DROP COLUMN ticket;\nALTER TABLE hipaa_migrate.pending_act ADD COLUMN ticket text;");
seal();
my $digest = query('SELECT audit_digest()');

# --- One update: verified before and after its seal, and against a digest.
query("ALTER EXTENSION hipaa_migrate UPDATE TO 'next'");
is(query($updates), "$version > next", 'an update is on record');
is(failures($digest), '', 'not sealed yet, the record verifies');
seal();
is(failures($digest), '', 'sealed, the record verifies');
is(query($fingerprints), '2', 'what it was sealed under has changed');

# --- An update that fails changes nothing; one to the same version neither.
$node->psql('postgres', "ALTER EXTENSION hipaa_migrate UPDATE TO 'failing'");
query("ALTER EXTENSION hipaa_migrate UPDATE TO 'next'");
is(query($updates), "$version > next", 'nothing is on record of what was not done');

# --- Two between two seals.
query("ALTER EXTENSION hipaa_migrate UPDATE TO 'third'; ALTER EXTENSION hipaa_migrate UPDATE TO 'fourth'");
is(query($updates), "$version > next, next > third, third > fourth", 'two more are');
is(failures(), '', 'not sealed yet, the record verifies');
seal();
is(failures($digest), '', 'sealed, the record verifies');
is(query($fingerprints), '3', 'what it was sealed under has changed once more');
is(query('SELECT audit_hold_end(audit_hold(\'lawsuit\', person => \'nobody\'), \'settled\')'), '', 'and what was changed works');

# --- The same change by somebody else, in a server without the library.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->restart;
query(<<'SQL');
SET allow_system_table_mods = on;
UPDATE pg_event_trigger SET evtenabled = 'D';
ALTER TABLE hipaa_migrate.audit_hold ADD COLUMN ticket text;
UPDATE pg_event_trigger SET evtenabled = 'A';
SQL
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'hipaa_migrate'");
$node->restart;
# (The sealer that visits the database may be first.)
like(failures(), qr/^fingerprint: the catalogs of the record's tables (are not as they were when|were changed before) block \d+ was sealed\z/,
	'tampering is found');
seal();
like(failures(), qr/^fingerprint: the catalogs of the record's tables were changed before block \d+ was sealed\z/,
	'also when it has been sealed');
$node->stop;

done_testing();
