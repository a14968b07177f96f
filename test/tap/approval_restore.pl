
# test/tap/approval_restore.pl
#	  Proves that approvals which came with a dump are those of whoever has the
#	  name, on a server too where roles have other object identifiers, and
#	  count only where the record that came along has been verified.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('origin');
my $dump = PostgreSQL::Test::Utils::tempdir();

# What a user gets for it: rows, or the error.
sub as
{
	my ($server, $user, $sql, $database) = @_;
	my ($code, $out, $err) =
	  $server->psql($database // 'postgres', $sql, extra_params => [ '-U', $user, '-v', 'VERBOSITY=verbose' ]);

	return $code == 0 ? $out : $err;
}

sub arm
{
	my ($server, $database) = @_;

	$server->safe_psql($database, q{SELECT FROM migrate_guard('enforce', 'armed', '{schema}')});
	return;
}

# Two sets, and a lead and a dba in them.
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE leads;
CREATE ROLE dbas;
CREATE ROLE author LOGIN;
CREATE ROLE lead LOGIN IN ROLE leads;
CREATE ROLE dba LOGIN IN ROLE dbas;
GRANT CREATE ON SCHEMA public TO PUBLIC;
SELECT migrate_grant('author', 'author'), migrate_grant('operator', 'dbas'),
       migrate_grant('approver', 'leads'), migrate_grant('approver', 'dbas');
SELECT migrate_set_policy(r, 'approvers', '[["leads"], ["dbas"]]', 'two of us')
  FROM unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) AS r;
SELECT migrate_set_policy('HIGH', 'separation', '{"author": false, "executor": true}', 'four eyes');
CREATE TABLE visit (id integer PRIMARY KEY, note text);
ALTER TABLE visit OWNER TO dbas;
INSERT INTO visit SELECT i FROM generate_series(1, 5000) AS i;
ANALYZE visit;
SQL
arm($node, 'postgres');

my $checksum;

sub submit
{
	my ($migration) = @_;

	like(as($node, 'author', "SELECT submission FROM migrate_submit('{$migration}', 'needed')"), qr/^release/, 'submitted');
	$checksum = $node->safe_psql('postgres', q{SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open'});
	return;
}

sub approve
{
	my ($migration, @users) = @_;

	like(as($node, $_, "SELECT risk FROM migrate_approve('$migration', '$checksum')"), qr/^[A-Z]+$/, "$_ approves") for @users;
	return;
}

# A server on which the roles have changed their numbers.
my $there = new_server('there');

as($node, 'author', q{SELECT migrate_register('20270101000001-t', 'CREATE TABLE t (id integer PRIMARY KEY)', run_as => 'dbas')});
submit('20270101000001-t');
approve('20270101000001-t', 'lead');

# And of another, an approver has waived what is found in it.
sub waived
{
	my ($server) = @_;

	return $server->safe_psql('postgres', q{SELECT forgiven_because FROM migrate_risk('20270101000002-i') WHERE forgiven_because LIKE 'waived%'});
}

as($node, 'author', q{SELECT migrate_register('20270101000002-i', 'CREATE INDEX visit_note ON visit (note)', 'DROP INDEX visit_note', run_as => 'dbas')});
like(as($node, 'lead', q{SELECT migrate_waive('20270101000002-i', 'index-not-concurrent', 'at night')}), qr/^\d+$/, 'waived');
is(waived($node), 'waived by lead', 'the waiver counts');
$node->safe_psql('postgres', 'SELECT audit_seal(); SELECT audit_seal()');

my $base = $node->safe_psql('postgres', q{SELECT oid FROM pg_authid WHERE rolname = 'lead'});

$there->safe_psql('postgres', 'CREATE ROLE leads; CREATE ROLE dbas; CREATE ROLE author LOGIN; CREATE ROLE dba LOGIN IN ROLE dbas; CREATE ROLE lead LOGIN IN ROLE leads');
is($there->safe_psql('postgres', "SELECT rolname FROM pg_authid WHERE oid = $base"), 'dba', 'the number of the lead is that of the dba there');
$node->command_ok([ 'pg_dump', '-Fp', '-f', "$dump/origin.sql", $node->connstr('postgres') ], 'pg_dump');

sub restore
{
	my ($text) = @_;
	my $file = "$dump/restored.sql";

	unlink $file;
	append_to_file($file, $text);
	$there->safe_psql('postgres', q{SELECT FROM migrate_guard('observe', 'the end', '{schema}')});
	$there->safe_psql('template1', 'DROP DATABASE postgres WITH (FORCE)');
	$there->safe_psql('template1', 'CREATE DATABASE postgres TEMPLATE template0');
	$there->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $there->connstr('postgres'), '-f', $file ], 'restored');
	arm($there, 'postgres');
	return;
}

sub missing
{
	return $there->safe_psql('postgres', q{SELECT reason FROM migrate_plan() WHERE migration = '20270101000001-t'});
}

my $text = slurp_file("$dump/origin.sql");

restore($text);
$there->safe_psql('postgres', 'SELECT audit_seal()');
$there->poll_query_until('postgres', q{SELECT count(*) > 0 FROM hipaa_migrate.audit_epoch WHERE state = 'adopted'}) or die 'not adopted';
like(missing(), qr/^needs the approval of a member of dbas \(dba\)$/, 'the lead has approved, and nobody else');
like(waived($there), qr/^waived by lead: only that .* given in this database, counts$/, 'the waiver does not count here');
$there->safe_psql('postgres', 'ALTER ROLE lead RENAME TO other');
like(missing(), qr/the approval of lead does not count: its login is gone/, 'a login is found by its name');
$there->safe_psql('postgres', 'ALTER ROLE other RENAME TO lead');

# In a dump, the approval and the event are made those of another.
my $forged = join("\n",
	map { /\tapproval\.given\t/ || /^\d+\t\d+\t\d+\t\d+\t\\\\x[0-9a-f]+\tup\t/ ? s/\blead\b/dba/gr : $_ } split(/\n/, $text)) . "\n";

isnt($forged, $text, 'a dump is edited');
restore($forged);
like(missing(), qr/the approval of dba does not count: it came with a record that is not adopted/, 'it does not count before the record is verified');

done_testing();
