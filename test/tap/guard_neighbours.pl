
# test/tap/guard_neighbours.pl
#	  Proves that the guard refuses, and that other libraries see and log what
#	  they should, whichever of them was loaded first; each hook is called once.
#
# Of pgaudit, pg_stat_statements, auto_explain, set_user and pg_cron those that
# are installed take part.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateGuard;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $libraries = do { my $path = `pg_config --pkglibdir`; chomp $path; $path };
my @present = grep { -e "$libraries/$_.so" } qw(pgaudit pg_stat_statements auto_explain set_user pg_cron);
my %present = map { $_ => 1 } @present;

plan skip_all => 'no other library is installed' if !@present;
note("taking part: @present");

# Settings of libraries that are not there are harmless: nobody reads them.
my $conf = <<'CONF';
max_worker_processes = 20
compute_query_id = on
log_statement = none
pgaudit.log = 'ddl, write, role'
pg_stat_statements.track = 'all'
auto_explain.log_min_duration = 0
auto_explain.log_nested_statements = off
set_user.superuser_allowlist = 'app'
cron.database_name = 'postgres'
cron.use_background_workers = on
CONF

sub server
{
	my ($name, @order) = @_;
	my $node = new_server($name, conf => "$conf\nshared_preload_libraries = '" . join(',', @order) . "'\n");

	$node->safe_psql('postgres', "CREATE EXTENSION $_") for grep { $_ ne 'auto_explain' } @present;
	$node->safe_psql('postgres', 'CREATE ROLE app LOGIN; CREATE ROLE bystander; CREATE ROLE chief SUPERUSER');
	$node->safe_psql('postgres', 'CREATE TABLE ticks (at timestamptz DEFAULT now()); GRANT ALL ON ticks TO app');
	$node->safe_psql('postgres', 'GRANT EXECUTE ON FUNCTION set_user_u(text) TO app') if $present{set_user};
	arm($node);
	return $node;
}

# What this adds to the log.
sub logged
{
	my ($node, $sql, $user) = @_;
	my $before = -s $node->logfile;

	finish(background($node, 'logged', $sql, 'postgres', $user));
	return substr(slurp_file($node->logfile), $before);
}

sub occurrences
{
	my ($text, $pattern) = @_;

	return scalar(() = $text =~ /$pattern/g);
}

# All layers of the guard, each of which has others' hooks before or behind it.
sub refuses
{
	my ($node, $order) = @_;

	refused($node, "$order: DDL", 'CREATE TABLE by_hand ()');
	refused($node, "$order: GRANT", 'GRANT ALL ON ticks TO bystander');
	refused($node, "$order: DDL in a block", q{DO 'BEGIN EXECUTE ''CREATE TABLE by_hand ()''; END'});
	refused($node, "$order: EXPLAIN ANALYZE", 'EXPLAIN ANALYZE CREATE TABLE by_hand AS SELECT 1');
	refused($node, "$order: a large object", 'SELECT lo_creat(-1)');
	refused($node, "$order: SET", 'SET session_replication_role = replica');
	refused($node, "$order: LOAD", "LOAD 'auto_explain'") if $present{auto_explain};
	is($node->safe_psql('postgres', q{SELECT to_regclass('by_hand') IS NULL}), 't', "$order: nothing was made");
	return;
}

sub sees
{
	my ($node, $order) = @_;

	register($node, 't1', 'CREATE TABLE t1 (id int); COMMENT ON TABLE t1 IS $$one$$');
	my $log = logged($node, 'SELECT count(*) FROM migrate_up()');

	is(occurrences($log, qr/AUDIT: SESSION,.*,DDL,CREATE TABLE,/), 1, "$order: pgaudit logs a migration's DDL once") if $present{pgaudit};
	is( $node->safe_psql('postgres', q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE command = 'COMMENT' AND migration IS NOT NULL}),
		1, "$order: it is on record once");
	$log = logged($node, 'INSERT INTO ticks VALUES (now() - interval $$1 day$$)', 'app');
	# A job of pg_cron inserts into it too.
	is(occurrences($log, qr/AUDIT: SESSION,.*,WRITE,INSERT,.*interval/), 1, "$order: pgaudit logs an INSERT once") if $present{pgaudit};
	is(occurrences($log, qr/Query Text: INSERT.*interval/), 1, "$order: auto_explain logs its plan once") if $present{auto_explain};
	return if !$present{pg_stat_statements};
	is($node->safe_psql('postgres', q{SELECT calls, rows FROM pg_stat_statements WHERE query ~ '^INSERT INTO ticks VALUES'}),
		'1|1', "$order: pg_stat_statements counts it once");
	is($node->safe_psql('postgres', q{SELECT calls FROM pg_stat_statements WHERE query ~ '^COMMENT ON TABLE t1'}),
		1, "$order: and a command of a migration");
	return;
}

# A user who becomes superuser by it is the same person.
sub set_user
{
	my ($node, $order) = @_;

	works($node, "$order: set_user works", q{SELECT set_user_u('chief'), current_user; SELECT reset_user()}, 'app');
	refused($node, "$order: DDL as the superuser it gives", q{SELECT set_user_u('chief'); CREATE TABLE by_hand ()}, 'app');
	is($node->safe_psql('postgres', q{SELECT actor FROM hipaa_migrate.audit_event WHERE kind = 'guard.refused' ORDER BY event_id DESC LIMIT 1}),
		'app', "$order: on record is who it was");
	return;
}

# Its jobs run in the next minute.
sub schedule
{
	my ($node) = @_;

	works($node, 'jobs of pg_cron', q{SELECT cron.schedule('* * * * *', 'CREATE TABLE by_cron ()');
SELECT cron.schedule('* * * * *', 'INSERT INTO ticks DEFAULT VALUES')});
	return;
}

sub cron
{
	my ($node, $order) = @_;

	ok( $node->poll_query_until('postgres',
			q{SELECT count(DISTINCT jobid) = 2 FROM cron.job_run_details WHERE status IN ('failed', 'succeeded')}),
		"$order: jobs of pg_cron ran");
	like($node->safe_psql('postgres', q{SELECT status, return_message FROM cron.job_run_details WHERE command ~ '^CREATE' ORDER BY runid LIMIT 1}),
		qr/failed\|ERROR: +cannot execute CREATE TABLE/, "$order: one that does DDL is refused");
	is( $node->safe_psql('postgres', q{SELECT count(*) > 0 FROM hipaa_migrate.audit_event WHERE kind = 'guard.refused' AND statement ~ 'by_cron'}),
		't', "$order: which is on record");
	is($node->safe_psql('postgres', q{SELECT count(*) > 0 FROM ticks WHERE at > now() - interval '1 hour'}),
		't', "$order: others do what they should");
	return;
}

my %node = (
	first => server('first', 'hipaa_migrate', @present),
	last => server('last', @present, 'hipaa_migrate'));

for my $node (values %node)
{
	schedule($node) if $present{pg_cron};
}
for my $order (sort keys %node)
{
	refuses($node{$order}, $order);
	sees($node{$order}, $order);
	set_user($node{$order}, $order) if $present{set_user};
}
for my $order (sort keys %node)
{
	cron($node{$order}, $order) if $present{pg_cron};
	$node{$order}->stop;
}
done_testing();
