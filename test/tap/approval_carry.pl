
# test/tap/approval_carry.pl
#	  Proves that policy, persons, submissions, approvals, assessments and
#	  freezes come along in dumps, copies and standbys, and bind where the guard
#	  is armed: approvals only in the database that they were given in, or one
#	  that was restored under its name with a record that verifies.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $dump = PostgreSQL::Test::Utils::tempdir();
my $node = new_server('source', streaming => 1);
my @tables = qw(policy_requirement person_login submission submission_member approval assessment freeze_period capability_grant);
my @sequences = qw(submission_id_seq approval_id_seq assessment_id_seq freeze_id_seq);
my @roles = qw(leads dbas author lead dba auditor);
my $superuser = getpwuid($<);

# The roles in that order: on another server their object identifiers belong to
# others.
sub create_roles
{
	my ($where, @names) = @_;

	$where->safe_psql('postgres', join('', map { "CREATE ROLE $_ LOGIN;" } @names)
		  . 'GRANT leads TO lead; GRANT dbas TO dba');
	return;
}

sub as
{
	my ($where, $database, $user, $sql) = @_;

	return finish(background($where, 'somebody', $sql, $database, $user));
}

# What that user does works; returns its output.
sub does
{
	my ($where, $database, $user, $sql, $what) = @_;
	my ($out, $err) = as($where, $database, $user, $sql);

	unlike($err, qr/ERROR/, $what);
	return $out;
}

# It does not, and the error is like each pattern.
sub refused
{
	my ($where, $database, $user, $sql, $what, @patterns) = @_;
	my ($out, $err) = as($where, $database, $user, $sql);

	like($err, $_, $what) for @patterns;
	return;
}

sub arm
{
	my ($where, $database) = @_;

	$where->safe_psql($database, q{SELECT count(*) FROM migrate_guard('enforce', 'in use', '{schema}')});
	return;
}

# Fully approved: t1 (which ran by it), t2, t3.  Half approved: t4.  Only
# submitted: t5.
create_roles($node, @roles);
$node->safe_psql('postgres', 'CREATE DATABASE clinic');
$node->safe_psql('clinic', <<'SQL');
CREATE EXTENSION hipaa_migrate;
GRANT CREATE ON SCHEMA public TO dbas;
SELECT migrate_grant('author', 'author'), migrate_grant('operator', 'dbas'), migrate_grant('approver', 'leads'),
       migrate_grant('approver', 'dbas'), migrate_grant('auditor', 'auditor');
SELECT migrate_set_policy(r, 'approvers', '[["leads"], ["dbas"]]', 'two of us'),
       migrate_set_policy(r, 'separation', '{"author": false, "executor": true}', 'not one''s own'),
       migrate_set_policy(r, 'validity', '"30 days"', 'long enough')
  FROM unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) AS r;
SELECT migrate_person('Lea Lead', '{lead,lea@example.org}', 'ourselves');
SELECT migrate_person(NULL, '{auditor}', 'used by all auditors');
SELECT migrate_freeze('2999-12-20', '3000-01-02', 'the end of the millennium');
SQL
my @names = map { "20270101000000-make-t$_" } 1 .. 5;
does($node, 'clinic', 'author', join('', map {
	"SELECT migrate_register('20270101000000-make-t$_', up => 'CREATE TABLE IF NOT EXISTS t$_ (id integer PRIMARY KEY)', down => 'DROP TABLE IF EXISTS t$_', run_as => 'dbas');"
} 1 .. 5), 'registered');
does($node, 'clinic', 'author', "SELECT migrate_submit(ARRAY['$_'], 'needed', 'OPS-1');", 'submitted') for @names;
$node->safe_psql('clinic', "SELECT migrate_assess('$names[4]', 'care', 'none', 'none needed', 'Ada', '2026-11-01')");

sub checksum
{
	my ($where, $name) = @_;

	return $where->safe_psql('clinic', "SELECT substr(checksum, 1, 12) FROM hipaa_migrate.submission_list WHERE migration = '$name' AND state = 'open'");
}

sub approve
{
	my ($user, @which) = @_;

	does($node, 'clinic', $user, join('', map { "SELECT migrate_approve('$_', '" . checksum($node, $_) . "');" } @which), "$user approves");
	return;
}

approve('lead', @names[ 0 .. 3 ]);
approve('dba', @names[ 0 .. 2 ]);
does($node, 'clinic', 'dba', "SELECT migrate_up('$names[0]')", 'one runs by its approvals');
arm($node, 'clinic');
$node->safe_psql('clinic', 'SELECT audit_seal(); SELECT audit_seal()');
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dump/custom", $node->connstr('clinic') ], 'pg_dump -Fc');
$node->command_ok([ 'pg_dump', '-Fp', '-f', "$dump/plain.sql", $node->connstr('clinic') ], 'pg_dump');

sub contents
{
	my ($where, $database) = @_;
	my @selects = (
		'SELECT risk, requirement, value, changed_by, changed_at FROM migrate_policy()',
		'SELECT person, login, reason FROM hipaa_migrate.person ORDER BY login',
		'SELECT * FROM hipaa_migrate.freeze_list', 'SELECT * FROM hipaa_migrate.assessment_list',
		'SELECT * FROM hipaa_migrate.submission_list ORDER BY submission_id',
		(map { "SELECT last_value, is_called FROM hipaa_migrate.$_" } @sequences),
		(map { "SELECT x::text FROM hipaa_migrate.$_ AS x ORDER BY 1" } @tables));

	return join("\n--\n", map { $where->safe_psql($database, $_) } @selects);
}

my $contents = contents($node, 'clinic');
my $plain = slurp_file("$dump/plain.sql");

like($plain, qr/^COPY hipaa_migrate\.$_ /m, "a dump has $_") for @tables;
unlike($plain, qr/hipaa_migrate\.known_membership/, 'but not who was a member of what');

# --- Another server, the same name.
my $fresh = new_server('fresh');
my $origin = $node->safe_psql('clinic', 'SELECT epoch FROM hipaa_migrate.audit_state');
my $used = q{SELECT count(*) FROM hipaa_migrate.approval_list WHERE state = 'used'};

create_roles($fresh, reverse @roles);
isnt($fresh->safe_psql('postgres', "SELECT 'lead'::regrole::oid"), $node->safe_psql('postgres', "SELECT 'lead'::regrole::oid"), 'the roles are others there');

sub restore
{
	my ($where, $database, @options) = @_;

	$where->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0");
	$where->command_ok([ 'pg_restore', '--exit-on-error', @options, '-d', $where->connstr($database), "$dump/custom" ], "$database: restored");
	return;
}

sub wait_until_adopted
{
	my ($where, $database) = @_;

	$where->safe_psql($database, 'SELECT audit_seal()');
	$where->poll_query_until($database, "SELECT state = 'adopted' FROM hipaa_migrate.audit_epoch WHERE epoch = '$origin'") or die 'not adopted';
	return;
}

restore($fresh, 'clinic', '--jobs', '2');
is(contents($fresh, 'clinic'), $contents, 'the same policy, persons, submissions, approvals, assessments, freezes');
wait_until_adopted($fresh, 'clinic');

# Nothing of it applies: what the policy would refuse runs, with a warning.
is($fresh->safe_psql('clinic', q{SELECT DISTINCT mode FROM migrate_guard() WHERE class = 'schema'}), 'observe', 'a restored guard is not armed');
my ($out, $err) = as($fresh, 'clinic', 'dba', "SELECT migration, outcome FROM migrate_up('$names[4]')");
is($out, "$names[4]|applied", 'what nobody has approved runs');
like($err, qr/WARNING:.* ran without what the policy asks\n.*Missing: .*leads.*dbas/s, 'with a warning');
is($fresh->safe_psql('clinic', q{SELECT migration, details::jsonb ->> 'missing' LIKE '%leads%' FROM hipaa_migrate.audit_event WHERE kind = 'policy.observed' ORDER BY event_id DESC LIMIT 1}),
	"$names[4]|t", 'and is on record');
is($fresh->safe_psql('clinic', q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'policy.refused'}), '0', 'nothing was refused');

# Armed, it binds, and the approvals count: by the names, for object
# identifiers are those of the other server.
arm($fresh, 'clinic');
refused($fresh, 'clinic', 'dba', 'SELECT * FROM migrate_up()', 'half approved is refused', qr/ERROR:  MG018/, qr/dbas \(dba, dbas\)/);
is(does($fresh, 'clinic', 'dba', "SELECT migration, outcome FROM migrate_up('$names[1]')", 'approved elsewhere under that name runs'), "$names[1]|applied", 'it is applied');
is($fresh->safe_psql('clinic', $used), '4', 'and has used its two approvals');
is($fresh->safe_psql('clinic', "SELECT approvers FROM hipaa_migrate.audit_event WHERE kind = 'approval.used' AND migration = '$names[1]'"), 'Lea Lead, dba', 'which is on record');
does($fresh, 'clinic', 'dba', "SELECT * FROM migrate_down('$names[1]')", 'what it did is taken back');
refused($fresh, 'clinic', 'dba', "SELECT * FROM migrate_up('$names[1]')", 'they serve once', qr/ERROR:  MG018/);
refused($fresh, 'clinic', 'author', "SELECT migrate_approve('$names[3]', '" . checksum($fresh, $names[3]) . "')", 'an author is one by name', qr/ERROR:  (42501|MG020)/);

# What is missing is given here; the numbers go on.
does($fresh, 'clinic', 'dba', "SELECT migrate_approve('$names[3]', '" . checksum($fresh, $names[3]) . "')", 'the second half is given here');
is(does($fresh, 'clinic', 'dba', "SELECT outcome FROM migrate_up('$names[3]')", 'one from there and one from here'), 'applied', 'count together');
does($fresh, 'clinic', 'author', "SELECT migrate_submit(ARRAY['$names[1]'], 'again')", 'submitted again');
is($fresh->safe_psql('clinic', 'SELECT count(*) = count(DISTINCT approval_id), max(approval_id) FROM hipaa_migrate.approval'), 't|8', 'numbers of approvals go on');
is($fresh->safe_psql('clinic', 'SELECT max(submission_id) FROM hipaa_migrate.submission'), '6', 'and of submissions');
is($fresh->safe_psql('clinic', q{SELECT migrate_freeze('2999-01-01', NULL, 'again')}), '2', 'and of freezes');
is($fresh->safe_psql('clinic', q{SELECT count(*) FROM audit_verify() WHERE outcome = 'failed'}), '0', 'the record is verified');

# Whoever lost the role meanwhile, is not heard.
$fresh->safe_psql('postgres', 'REVOKE leads FROM lead');
refused($fresh, 'clinic', 'dba', "SELECT * FROM migrate_up('$names[2]')", 'memberships are those of here', qr/ERROR:  MG018/, qr/leads/);
$fresh->safe_psql('postgres', 'GRANT leads TO lead');

# --- Another name.
restore($fresh, 'ward');
wait_until_adopted($fresh, 'ward');
does($fresh, 'ward', 'dba', "SELECT * FROM migrate_up('$names[1]')", 'another name: observed, all runs');
arm($fresh, 'ward');
refused($fresh, 'ward', 'dba', "SELECT * FROM migrate_up('$names[2]')", 'another name: approvals do not count', qr/ERROR:  MG018/, qr/it was given in another database/);
refused($fresh, 'ward', 'dba', "SELECT * FROM migrate_down('$names[0]')", 'nor to take back what ran by them', qr/ERROR:  MG018/);

# --- A record that does not verify: the approvals that it brings are nobody's.
my ($event) = $plain =~ /^($origin\t[^\n]*\tsubmission\.opened\t[^\n]*)$/m or die 'no such event';
my $edited = $plain =~ s/\Q$event\E/$event =~ s{needed}{wanted}r/er;

isnt($edited, $plain, 'an event is edited in a dump');
append_to_file("$dump/edited.sql", $edited);
$fresh->safe_psql('clinic', q{SELECT count(*) FROM migrate_guard('observe', 'moved away')});
$fresh->safe_psql('postgres', 'ALTER DATABASE clinic RENAME TO former');
$fresh->safe_psql('postgres', 'CREATE DATABASE clinic TEMPLATE template0');
$fresh->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $fresh->connstr('clinic'), '-f', "$dump/edited.sql" ], 'and restored');
$fresh->safe_psql('clinic', 'SELECT audit_seal()');
arm($fresh, 'clinic');
refused($fresh, 'clinic', 'dba', "SELECT * FROM migrate_up('$names[1]')", 'edited: approvals do not count', qr/ERROR:  MG018/, qr/it came with a record that is not adopted/);

# --- Into a database in which something was done already, nothing comes.
$fresh->safe_psql('postgres', 'CREATE DATABASE used TEMPLATE template0');
$fresh->safe_psql('used', q{CREATE EXTENSION hipaa_migrate; SELECT migrate_set_policy('LOW', 'approvers', '[]', 'nobody')});
for my $table (@tables)
{
	my ($copy) = $plain =~ /^(COPY hipaa_migrate\.$table \(.*?^\\\.$)/ms or die "no COPY of $table";

	refused($fresh, 'used', $superuser, "$copy\n", "$table comes into no database in use", qr/ERROR:  MG\d\d\d|ERROR:  42501/);
}
is($fresh->safe_psql('used', 'SELECT count(*) FROM hipaa_migrate.approval'), '0', 'and nothing came');

# --- A copy by TEMPLATE.
$node->safe_psql('postgres', 'CREATE DATABASE copy TEMPLATE clinic');
is(contents($node, 'copy'), $contents, 'copy: the same contents');
refused($node, 'copy', 'dba', "SELECT * FROM migrate_up('$names[2]')", 'copy: not armed, it runs with a warning', qr/WARNING: .* ran without what the policy asks/s);
arm($node, 'copy');
refused($node, 'copy', 'dba', "SELECT * FROM migrate_up('$names[1]')", 'copy: approvals never count', qr/ERROR:  MG018/, qr/it was given in another database/);

$fresh->stop;

# --- A standby shows everything to an auditor and changes nothing.
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');

$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
$node->safe_psql('clinic', q{SELECT migrate_freeze('2999-02-01', '2999-03-01', 'after the copy')});
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));

my @reads = (
	'SELECT * FROM migrate_policy()', 'SELECT * FROM migrate_policy_check()',
	'SELECT * FROM migrate_plan()', 'SELECT * FROM migrate_status()',
	"SELECT * FROM migrate_queue('all')", 'SELECT * FROM migrate_queue()',
	'SELECT * FROM hipaa_migrate.approval_list', 'SELECT * FROM hipaa_migrate.submission_list',
	'SELECT * FROM hipaa_migrate.freeze_list', 'SELECT * FROM hipaa_migrate.assessment_list',
	'SELECT * FROM hipaa_migrate.person', 'SELECT * FROM migrate_access()',
	q{SELECT is_open FROM migrate_window('"always"')},
	q{SELECT count(*) > 5 FROM audit_encryption()}, 'SELECT * FROM hipaa_migrate.pending_confirmation');

for my $read (@reads)
{
	my ($there, $error) = as($standby, 'clinic', 'auditor', $read);

	is($error, '', "standby: $read");
	is($there, (as($node, 'clinic', 'auditor', $read))[0], 'the same as on the primary');
}

is((as($standby, 'clinic', 'auditor', $_))[1], '', "standby: $_")
  for "SELECT * FROM migrate_review('$names[1]')";

my $sum = checksum($node, $names[3]);
my %writes = (
	author => [ "SELECT migrate_submit(ARRAY['$names[1]'], 'again')", "SELECT migrate_withdraw('$names[1]', 'no')" ],
	dba => [ "SELECT migrate_approve('$names[3]', '$sum')", "SELECT migrate_reject('$names[3]', 'no')", "SELECT migrate_withdraw('$names[1]', 'no')",
		"SELECT * FROM migrate_up('$names[1]')", q{SELECT migrate_freeze(NULL, NULL, 'now')}, q{SELECT migrate_freeze_end(1, 'no')} ],
	$superuser => [ q{SELECT migrate_set_policy('LOW', 'approvers', '[]', 'no')}, q{SELECT migrate_use_policy('none', 'no')},
		q{SELECT migrate_person('Ada', '{dba}', 'no')}, "SELECT migrate_assess('$names[1]', 'a', 'b', 'c', 'd', '2026-11-01')",
		q{SELECT migrate_grant('relay', 'dba')}, q{SELECT migrate_confirm(1, 'yes')}, q{SELECT migrate_guard('observe', 'no')},
		q{SELECT migrate_break_glass('no', 'P1', 'T-1')} ],
	auditor => []);

$node->safe_psql('clinic', q{SELECT migrate_grant('relay', 'dba')});
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
push(@{ $writes{dba} }, "SELECT migrate_relay('$names[3]', '$sum', 'Lea Lead', '{\"a\": 1}')");
for my $user (sort keys %writes)
{
	refused($standby, 'clinic', $user, $_, "standby: $_", qr/ERROR:  25006: /) for @{ $writes{$user} };
}

# --- Promoted: it binds as it did, and its approvals count.
$node->stop('immediate');
$standby->promote;
is($standby->safe_psql('clinic', q{SELECT DISTINCT mode FROM migrate_guard() WHERE class = 'schema'}), 'enforce', 'promoted: the guard is armed');
refused($standby, 'clinic', 'dba', "SELECT * FROM migrate_up('$names[3]')", 'promoted: half approved is refused', qr/ERROR:  MG018/);
is(does($standby, 'clinic', 'dba', "SELECT outcome FROM migrate_up('$names[2]')", 'promoted: approved runs'), 'applied', 'by the approvals given before');
is($standby->safe_psql('clinic', $used), '4', 'which are used up');
does($standby, 'clinic', 'dba', "SELECT migrate_approve('$names[3]', '$sum')", 'promoted: the rest is approved');
is(does($standby, 'clinic', 'dba', "SELECT outcome FROM migrate_up('$names[3]')", 'promoted: and runs'), 'applied', 'by approvals from before and after');

$standby->stop;

done_testing();
