
# test/tap/person.pl
#	  Proves that what clients prove of themselves makes them one person or
#	  two, and that persons come through a dump, onto a server too where
#	  roles have other object identifiers.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('person');
my $dump = PostgreSQL::Test::Utils::tempdir();
my $os_user = getpwuid($<);
my @logins = qw(ada ada2 ada3 bert carol);

# What a user gets for it: rows, or the error.
sub as
{
	my ($server, $user, $sql) = @_;
	my ($code, $out, $err) =
	  $server->psql('postgres', $sql, extra_params => [ '-U', $user, '-v', 'VERBOSITY=verbose' ]);

	return $code == 0 ? $out : $err;
}

# An act that this user has asked for, of an event that there is.
sub asked_by
{
	my ($server, $user) = @_;
	my $rows = $server->safe_psql('postgres', <<'SQL');
SELECT FROM migrate_register('20250101000000-person', 'SELECT 1');
SELECT FROM migrate_unregister('20250101000000-person', 'a mistake');
SELECT FROM audit_seal();
SELECT e.event_id, e.epoch FROM hipaa_migrate.audit_event AS e, hipaa_migrate.audit_state AS s
 WHERE e.epoch = s.epoch AND e.kind = 'migration.unregistered' ORDER BY e.event_id DESC LIMIT 1;
SQL
	my ($event, $epoch) = $rows =~ /(\d+)\|(\S+)/;
	my $act = as($server, $user, "SELECT audit_redact($event, 'name of a patient', '$epoch')");
	like($act, qr/^\d+$/, "$user asks");
	return $act;
}

sub confirms
{
	my ($server, $user, $act, $what) = @_;

	is(as($server, $user, "SELECT outcome FROM migrate_confirm($act, 'seen')"), 'confirmed', $what);
}

sub does_not_confirm
{
	my ($server, $user, $act, $what) = @_;

	like(as($server, $user, "SELECT outcome FROM migrate_confirm($act, 'seen')"), qr/ERROR:  42501:.*another person/, $what);
}

# Users ada, ada2 and ada3 are let in for who they are to the operating
# system, all of them the one who runs this test; bert and carol are not asked.
$node->safe_psql('postgres', join('', map { "CREATE ROLE $_ LOGIN; SELECT migrate_grant('auditor', '$_');" } @logins));
unlink($node->data_dir . '/pg_hba.conf');
$node->append_conf('pg_hba.conf', "local all ada,ada2,ada3 peer map=desk\nlocal all all trust\n");
$node->append_conf('pg_ident.conf', "desk $os_user ada\ndesk $os_user ada2\ndesk $os_user ada3\n");
$node->reload;

my $act = asked_by($node, 'ada');
does_not_confirm($node, 'ada2', $act, 'two logins of one proven identity are one person');
confirms($node, 'bert', $act, 'one that proved nothing is another');

# The identity is registered: whoever proves it is that person, also against
# a login of the person that proves nothing.
$node->safe_psql('postgres', "SELECT migrate_person('Ada', ARRAY['$os_user', 'carol'], 'test')");
$act = asked_by($node, 'carol');
does_not_confirm($node, 'ada2', $act, 'a login that is in no row is the person whose identity it proves');
confirms($node, 'bert', $act, 'another is another');

# A login of one person, entered by another: neither of the two is a second.
$node->safe_psql('postgres', "SELECT migrate_person('Eve', '{ada3}', 'test')");
$act = asked_by($node, 'carol');
does_not_confirm($node, 'ada3', $act, 'the login of another person, with an identity of the one who asked');
confirms($node, 'bert', $act, 'another is another');

# Two approvals that have nothing in common are of one person, if another
# signature shows it: of the login of the one, with the identity of the other.
sub ada_is
{
	my ($method) = @_;

	unlink($node->data_dir . '/pg_hba.conf');
	$node->append_conf('pg_hba.conf', "local all ada $method\nlocal all ada2,ada3 peer map=desk\nlocal all all trust\n");
	$node->reload;
	return;
}
my $m = '20250101000001-signed';
$node->safe_psql('postgres', <<'SQL');
SELECT migrate_person('Ada', '{}', 'test');
CREATE ROLE leads; CREATE ROLE dbas; GRANT leads TO ada; GRANT dbas TO ada2, bert;
SELECT migrate_grant('approver', 'leads'), migrate_grant('approver', 'dbas');
SELECT migrate_set_policy(r, 'approvers', '[["leads"], ["dbas"]]', 'test'),
       migrate_set_policy(r, 'stages', '[{"stage": "go", "roles": ["leads"], "notice": "1 ms"}]', 'test')
  FROM unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) AS r;
SQL
$node->safe_psql('postgres', "SELECT migrate_guard('enforce', 'test', '{schema}')");
my $checksum = $node->safe_psql('postgres', "SELECT checksum FROM migrate_register('$m', 'SELECT 1', 'SELECT 1')");
$node->safe_psql('postgres', "SELECT FROM migrate_submit('{$m}', 'test')");
ada_is('trust');
my $approve = "SELECT still_missing FROM migrate_approve('$m', '$checksum'";
my $wants = qr/needs the approval of a member of dbas/;
like(as($node, 'ada', "$approve)"), $wants, 'an approval');
ada_is('peer map=desk');
like(as($node, 'ada', "$approve, 'go')"), $wants, 'a signature of the same login, with an identity');
like(as($node, 'ada2', "$approve)"), qr/ERROR:  MG020.*$wants/s, 'an approval by another login with that identity would be no second one');
unlike(as($node, 'bert', "$approve)"), qr/ERROR|$wants/, 'one by somebody else is');
ada_is('trust');
$node->safe_psql('postgres', "SELECT FROM migrate_submit('{$m}', 'again')");
like(as($node, 'ada', "$approve)"), $wants, 'again, an approval');
unlike(as($node, 'ada2', "$approve)"), qr/ERROR|$wants/, '... and one that has nothing in common with it');
ada_is('peer map=desk');
like(as($node, 'ada', "$approve, 'go')"), qr/^$wants/, '... until a signature shows that they are one');
$node->safe_psql('postgres', "SELECT FROM migrate_guard('observe', 'test')");
$node->safe_psql('postgres', q{SELECT migrate_use_policy('none', 'test')});

# On a server where the roles have other object identifiers, names decide.
$node->safe_psql('postgres', <<'SQL');
SELECT migrate_person('Eve', '{}', 'test'), migrate_person('Ada', '{carol,ada}', 'test'), migrate_person(NULL, '{bert}', 'test');
SQL
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dump/custom", $node->connstr('postgres') ], 'pg_dump');
my $fresh = new_server('person_fresh');
$fresh->safe_psql('postgres', 'DROP EXTENSION IF EXISTS hipaa_migrate; CREATE ROLE first; CREATE ROLE second');
$fresh->safe_psql('postgres', "CREATE ROLE $_ LOGIN") foreach qw(carol ada2 ada);
$fresh->command_ok([ 'pg_restore', '--exit-on-error', '-d', $fresh->connstr('postgres'), "$dump/custom" ], 'pg_restore');
is($fresh->safe_psql('postgres', "SELECT person, login, status FROM hipaa_migrate.person"),
	"Ada|ada|login\nAda|carol|login\n|bert|void", 'persons are restored; a role that is not there has none');
$act = asked_by($fresh, 'carol');
does_not_confirm($fresh, 'ada', $act, 'two logins are one person there too');
confirms($fresh, 'ada2', $act, 'and another is another');

# Names that look the same are no two persons, however they are written.
$fresh->safe_psql('postgres', q{CREATE DATABASE letters TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'});
$fresh->safe_psql('letters', q{CREATE EXTENSION hipaa_migrate});
$fresh->safe_psql('letters', q{SELECT migrate_person(U&'\00C9va Sz\0151ke', '{carol}', 'test')});

sub person_is_refused
{
	my ($name, $message, $test) = @_;
	my (undef, undef, $error) = $fresh->psql('letters', "SELECT migrate_person(U&'$name', '{ada}', 'test')");

	like($error, $message, $test);
}
person_is_refused('\00E9va sz\0151ke', qr/there is a person/, 'a name in other letters');
person_is_refused('E\0301va Sz\0151ke', qr/looks like another.*NFKC: "\xC3\x89va/s, 'with a combining accent');
person_is_refused('\FF21da', qr/looks like another.*NFKC: "Ada"/s, 'with a wide letter');
person_is_refused("\\00C9va$_ Sz\\0151ke", qr/looks like another/, "with U+$_")
  foreach map { "\\$_" } qw(00A0 00AD 200B 200D 202E 2060 3000 FEFF);
is($fresh->safe_psql('letters', q{SELECT migrate_person(U&'\0410\0434\0430', '{ada}', 'test') IS NULL}), 't', 'another alphabet is allowed');

done_testing();
