
# test/tap/approval_cheats.pl
#	  Proves what approvals are worth: every cheat of test/tap/approval_cheats/
#	  is refused and on record, and the same act is done where it may be.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateCheats;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('approval_cheats', conf => <<'CONF');
max_prepared_transactions = 5
autovacuum = off
fsync = off
full_page_writes = off
hipaa_migrate.large_table = 1000
hipaa_migrate.small_table = 10
hipaa_migrate.revert_period = 15s
CONF
my $table = HipaaMigrateCheats->new($node, "$FindBin::RealBin/approval_cheats");
my $count = scalar @{ $table->{all} };

mkdir($node->basedir . '/folder') or die "could not make a folder: $!\n";
append_to_file($node->basedir . '/folder/20260101000000-in-a-folder.up.sql', "CREATE TABLE in_a_folder (id int PRIMARY KEY);\n");
$node->safe_psql('postgres', 'CREATE DATABASE clinic');
$node->safe_psql('clinic', slurp_file("$FindBin::RealBin/approval_cheats/fixture.sql"));
$node->safe_psql('clinic', join('', map { "CREATE ROLE super_$_ LOGIN SUPERUSER; SELECT migrate_person('Super $_', '{super_$_}', 'test');" } 1 .. $count + 2));
$node->safe_psql('clinic', q{SELECT count(*) FROM migrate_guard('enforce', 'to be cheated')});

cmp_ok($count, '>=', 60, 'there are many ways');
$table->test($_) foreach @{ $table->{all} };
$table->test_record;

# ---- a copy under another name has the approvals of its origin, and they
# count for nothing there

my $copied = {
	name => 'a copy',
	number => $count + 1,
	given => [
		'approved',
		q{boss@postgres: CREATE DATABASE branch TEMPLATE clinic}
	],
	cheat => [
		q{boss@branch: SELECT count(*) FROM migrate_guard('enforce', 'here too')},
		q{olga@branch: SELECT migrate_up('@m@')}
	],
	refused => 'MG018',
	record => 'approval.given',
	control => ['run']
};
$table->test($copied);

# ---- what the protocol has prepared is in the words of then, whatever was
# sent since

sub sign_prepared
{
	my ($user, $first, $path) = @_;
	my ($name, $checksum) = @{ $table->{values} }{qw(m c)};
	my $session = HipaaMigrateWire->connect($node, 'clinic', $user, application_name => 'prepared');
	my $sign = "SELECT migration FROM migrate_approve('$name', '$checksum')";

	$session->query("SET search_path = $path");
	$session->parse('sign', $sign);
	$session->sync;
	$session->results;
	ref $_ ? $_->($session) : $session->query($_) foreach @$first;
	$session->bind('', 'sign');
	$session->execute('');
	$session->sync;
	my $result = ($session->results)[-1];
	$session->close;
	return $result->{error} ? $result->{error}{C} : $result->{rows}[0][0];
}

$table->test({
	name => 'prepared by the protocol',
	number => $count + 2,
	given => [
		'submitted',
		q{boss: CREATE SCHEMA evil_@n@; GRANT USAGE ON SCHEMA evil_@n@ TO PUBLIC},
		q{boss: CREATE FUNCTION evil_@n@.migrate_approve(text, text) RETURNS TABLE (migration text) LANGUAGE sql STABLE AS $$ SELECT migration FROM public.migrate_approve('@m@', '@c@') $$}
	],
	cheat => [q{ada: SELECT migrate_approve('@m@', '@c@')}],
	refused => 'MG020',
	record => 'approval.refused',
	control => ['registered']
});

sub describe
{
	my ($session) = @_;

	$session->describe('sign');
	$session->sync;
	$session->results;
	return;
}

my $evil = 'evil_' . ($count + 2) . ', public';
my @again = ("SET search_path = $evil", q{DO $$ BEGIN EXECUTE 'EXECUTE sign'; EXCEPTION WHEN OTHERS THEN NULL; END $$});
my @described = ("SET search_path = $evil", \&describe);
my @same = ("SELECT migrate_waive_end(1, 'not there')") x 70;
my @some = map { "SELECT migrate_policy(), $_" } 1 .. 10;
my @many = map { "SELECT migrate_waive_end($_, 'not there')" } 1 .. 70;
is(sign_prepared('lea', \@some, $evil), '42501', 'a function that is found first signs nothing');
is(sign_prepared('lea', \@many, 'public'), '42501', 'what was said long ago is forgotten');
is(sign_prepared('lea', \@again, 'public'), '42501', 'what EXECUTE in a block gave another meaning signs nothing');
is(sign_prepared('lea', \@described, 'public'), '42501', 'what a description gave another meaning signs nothing');
is(sign_prepared('lea', [ @some, @same ], 'public'), $table->{values}{m}, 'and else it signs');
is(sign_prepared('dan', ['SET search_path = public, pg_catalog'], 'public'), $table->{values}{m}, 'and where it is analyzed anew to be executed');

is($node->safe_psql('clinic', q{SELECT outcome FROM audit_verify() WHERE outcome = 'failed'}), '', 'the record verifies');

done_testing();
