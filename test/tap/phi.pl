
# test/tap/phi.pl
#	  Proves that labels are set by migrations when the guard is armed, travel
#	  with dumps, also to where the library is not, and that the label provider
#	  is the same beside a library that looks at utility commands after it.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateGuard;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('labels');
my $dump = PostgreSQL::Test::Utils::tempdir();
my $inventory = q{SELECT schema, relation, column_name, level, inherited_from, exposed_in FROM hipaa_migrate.phi_inventory ORDER BY 1, 2, 3};
my $recorded = q{SELECT event, object FROM hipaa_migrate.audit_log WHERE event LIKE 'phi.%' ORDER BY event_id};

# --- Armed, labels are set and taken by migrations only.
$node->safe_psql('postgres', 'CREATE ROLE app LOGIN; CREATE SCHEMA clinic AUTHORIZATION app');
register($node, 't1', <<'SQL');
CREATE TABLE clinic.t1 (id integer, ssn text, note text, day date);
CREATE TABLE clinic.visit (LIKE clinic.t1) PARTITION BY RANGE (day);
CREATE TABLE clinic.visit_1 PARTITION OF clinic.visit DEFAULT;
CREATE VIEW clinic.shown AS SELECT ssn, day FROM clinic.t1;
ALTER TABLE clinic.t1 OWNER TO app;
SECURITY LABEL FOR hipaa_migrate ON COLUMN clinic.t1.ssn IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON COLUMN clinic.t1.day IS 'none';
SECURITY LABEL FOR hipaa_migrate ON TABLE clinic.visit IS 'pii';
SECURITY LABEL FOR hipaa_migrate ON VIEW clinic.shown IS 'pii';
SQL
arm($node);
$node->safe_psql('postgres', 'SELECT migrate_up()');
refused($node, 'a label by hand', q{SECURITY LABEL FOR hipaa_migrate ON COLUMN clinic.t1.ssn IS 'none'}, 'app');
refused($node, 'the label taken away by hand, in DO', q{DO $$ BEGIN EXECUTE 'SECURITY LABEL FOR hipaa_migrate ON COLUMN clinic.t1.ssn IS NULL'; END $$});
my $labels = $node->safe_psql('postgres', $inventory);
like($labels, qr/^clinic\|t1\|ssn\|phi\|\|\{clinic\.shown\.ssn\}$/m, 'a migration has labelled');
like($labels, qr/^clinic\|visit_1\|note\|pii\|clinic\.visit\|$/m, 'its partitions too');
is($node->safe_psql('postgres', $recorded), join("\n", map { "phi.labelled|clinic.$_" } qw(t1.ssn t1.day visit shown)), 'which is on record');
guard($node, 'observe');

# --- Dumped and restored: plain, custom in two processes.
$node->command_ok([ 'pg_dump', '-Fp', '-f', "$dump/plain.sql", $node->connstr('postgres') ], 'pg_dump');
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dump/custom", $node->connstr('postgres') ], 'pg_dump -Fc');
is(scalar(() = slurp_file("$dump/plain.sql") =~ /^SECURITY LABEL FOR hipaa_migrate ON (COLUMN|TABLE|VIEW) clinic/mg), 4, 'a dump has the labels');
$node->safe_psql('postgres', 'CREATE DATABASE plain; CREATE DATABASE custom');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('plain'), '-f', "$dump/plain.sql" ], 'a plain dump is restored');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-j', '2', '-d', $node->connstr('custom'), "$dump/custom" ], 'a custom dump, in parallel');
is($node->safe_psql($_, $inventory), $labels, "$_: the labels are there") for qw(plain custom);
is($node->safe_psql($_, q{SELECT count(*) FROM hipaa_migrate.migration WHERE state = 'applied'}), 1, "$_: and so is the registry") for qw(plain custom);
$node->safe_psql('custom', q{SECURITY LABEL FOR hipaa_migrate ON COLUMN clinic.t1.ssn IS 'pii'});
like($node->safe_psql('custom', $recorded), qr/^phi\.lowered\|clinic\.t1\.ssn$/m, 'lowered in the copy: on record there');

# --- Without the library: each label is an error, and all else is there; or
# the labels are left out.
my $bare = PostgreSQL::Test::Cluster->new('bare');
$bare->init;
$bare->start;
$bare->safe_psql('postgres', 'CREATE ROLE app; CREATE DATABASE loud; CREATE DATABASE quiet');
my ($out, $err) = run_command([ 'psql', '-Xq', '-d', $bare->connstr('loud'), '-f', "$dump/plain.sql" ]);
is(scalar(() = $err =~ /ERROR:  security label provider "hipaa_migrate" is not loaded/g), 4, 'without the library: an error for each label');
is($bare->safe_psql('loud', q{SELECT to_regclass('clinic.visit_1'), count(*) FROM pg_seclabel}), 'clinic.visit_1|0', 'the tables are there, without labels');
($out, $err) = run_command([ 'pg_restore', '--list', "$dump/custom" ]);
append_to_file("$dump/list", join("\n", grep { !/EXTENSION.*hipaa_migrate|hipaa_migrate / } split(/\n/, $out)) . "\n");
$bare->command_ok([ 'pg_restore', '--exit-on-error', '--use-list', "$dump/list", '--no-security-labels', '-d', $bare->connstr('quiet'), "$dump/custom" ],
	'with --no-security-labels: no error');
is($bare->safe_psql('quiet', q{SELECT to_regclass('clinic.visit_1')}), 'clinic.visit_1', 'and the tables');
$bare->stop;

# --- A library beneath: the server has to know the provider, which is the same
# otherwise, and no provider for whoever does not name it.
SKIP:
{
	my $libraries = do { my $path = `pg_config --pkglibdir`; chomp $path; $path };

	skip 'pg_stat_statements is not installed', 1 if !-e "$libraries/pg_stat_statements.so";
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pg_stat_statements, hipaa_migrate'\n");
	$node->restart;
	$node->safe_psql('postgres', 'CREATE EXTENSION pg_stat_statements; CREATE DATABASE other');
	my $session = $node->background_psql('postgres', on_error_stop => 0);

	# What a statement comes to: its error, or nothing.
	my $comes_to = sub {
		my ($sql) = @_;

		$session->{stderr} = '';
		$session->query($sql);
		my ($line) = ($session->{stderr} // '') =~ /(?:ERROR|WARNING):  ([^\n]*)/;
		return $line // '';
	};
	is($comes_to->(q{SECURITY LABEL ON TABLE clinic.t1 IS 'phi';}), 'no security label providers have been loaded', 'beneath: none at first');
	is($comes_to->(q{SECURITY LABEL FOR hipaa_migrate ON COLUMN clinic.t1.note IS 'phi';}), '', 'beneath: the owner labels');
	is($node->safe_psql('postgres', q{SELECT level FROM hipaa_migrate.phi_inventory WHERE relation = 't1' AND column_name = 'note'}), 'phi', 'and the label is there');
	is($node->safe_psql('postgres', q{SELECT calls FROM pg_stat_statements WHERE query LIKE 'SECURITY LABEL FOR hipaa_migrate ON COLUMN%'}), 1, 'the library has seen the command');
	is($node->safe_psql('postgres', "SELECT count(*) FROM ($recorded) AS r WHERE object = 'clinic.t1.note'"), 1, 'it is on record once');
	like($comes_to->(q{SECURITY LABEL FOR hipaa_migrate ON TABLE clinic.t1 IS 'x';}), qr/^"x" is not a label/, 'beneath: levels are checked');
	like($comes_to->(q{SECURITY LABEL FOR hipaa_migrate ON SCHEMA clinic IS 'phi';}), qr/are for tables, views/, 'beneath: kinds are checked');
	like($comes_to->(q{SECURITY LABEL FOR hipaa_migrate ON TABLE hipaa_migrate.migration IS 'phi';}), qr/^cannot change table/, 'beneath: the door');
	like($comes_to->(q{SECURITY LABEL FOR hipaa_migrate ON DATABASE other IS '{}';}), qr/is not restored with it/, 'beneath: databases are left out');
	is($comes_to->(q{SECURITY LABEL ON DATABASE other IS '{}';}), 'no security label providers have been loaded', 'beneath: without FOR still none, for a database');
	is($comes_to->(q{SECURITY LABEL ON TABLE clinic.t1 IS 'phi';}), 'no security label providers have been loaded', 'nor for a table');
	is($comes_to->(q{SECURITY LABEL ON TABLE clinic.t1 IS NULL;}), 'no security label providers have been loaded', 'nor to take a label away');
	is($comes_to->('DROP EXTENSION hipaa_migrate;'), '', 'the extension is dropped');
	is($comes_to->(q{SECURITY LABEL FOR hipaa_migrate ON TABLE clinic.t1 IS 'phi';}), 'security label provider "hipaa_migrate" is not loaded', 'beneath: without it there is no provider');
	is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_shseclabel WHERE objoid = (SELECT oid FROM pg_database WHERE datname = 'other')}), 0, 'no database was labelled');
	$session->quit;
}
$node->stop;

done_testing();
