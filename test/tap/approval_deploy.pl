
# test/tap/approval_deploy.pl
#	  Proves that migrate_deploy() judges each migration again in its own
#	  transaction: what is taken back, frozen or past its window by then does not
#	  run, and what ran stays; and that a worker's migration uses its approvals
#	  when it is done, and neither them nor the guard is in the way of clearing
#	  up when it fails.  Two who approve at the same time see each other.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use HipaaMigrateWire;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('deploy');

$node->safe_psql('postgres', <<'SQL');
CREATE ROLE leads LOGIN;
CREATE ROLE dbas LOGIN;
CREATE ROLE author LOGIN;
CREATE ROLE lead LOGIN IN ROLE leads;
CREATE ROLE dba LOGIN IN ROLE dbas;
GRANT CREATE ON SCHEMA public TO dbas;
CREATE TABLE big AS SELECT i AS a, i / 2 AS b FROM generate_series(1, 100) AS i;
ALTER TABLE big OWNER TO dbas;
SELECT migrate_grant('author', 'author'), migrate_grant('operator', 'dbas'), migrate_grant('approver', 'leads'), migrate_grant('approver', 'dbas');
SELECT migrate_set_policy(r, 'approvers', '[["leads"], ["dbas"]]', 'two of us') FROM unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) AS r;
SELECT count(*) FROM migrate_guard('enforce', 'in use', '{schema}');
SQL

sub name_of
{
	my ($relation) = @_;
	my ($number) = $relation =~ /(\d+)$/;

	return sprintf('202501010%05d-make-%s', $number, $relation);
}

sub as
{
	my ($user, $sql) = @_;
	my ($out, $err) = finish(background($node, 'somebody', $sql, 'postgres', $user));

	unlike($err, qr/ERROR/, "$user: $sql");
	return $out;
}

# Registered, submitted, and approved by both.
sub approved
{
	my ($relation, $up) = @_;
	my $name = register($node, $relation, $up, q{run_as => 'dbas'});

	as('author', "SELECT migrate_submit(ARRAY['$name'], 'needed')");
	as($_, "SELECT migrate_approve('$name', checksum) FROM hipaa_migrate.submission_list WHERE migration = '$name' AND state = 'open'") for qw(lead dba);
	return $name;
}

sub approvals_of
{
	my ($name) = @_;

	return $node->safe_psql('postgres', "SELECT string_agg(person || ' ' || state, ', ' ORDER BY person) FROM hipaa_migrate.approval_list WHERE migration = '$name'");
}

sub submission_of
{
	my ($name) = @_;

	return $node->safe_psql('postgres', "SELECT state FROM hipaa_migrate.submission_list WHERE migration = '$name' ORDER BY submission_id DESC LIMIT 1");
}

# --- Between two migrations of one deploy something happens; the second does
# not run.
my $listener = HipaaMigrateWire->connect($node, 'postgres', 'lead');

$listener->query('LISTEN hipaa_migrate');

sub told
{
	my ($last) = @_;
	my @payloads;

	wait_for(sub {
		$listener->query('SELECT 1');
		push @payloads, map { decode_json($_->[1]) } splice @{ $listener->{notifications} };
		return grep { $_->{event} eq $last } @payloads;
	});
	return join(', ', map { "$_->{event} " . ($_->{migration} // '') =~ s/.*-make-//r } grep { $_->{event} =~ /^(migration\.applied|policy\.refused)/ } @payloads);
}

sub interrupted
{
	my ($number, $what, $happen, $pattern, $undo) = @_;
	my ($first, $second) = map { "t$_" } $number, $number + 1;
	my $name = approved($first, "CREATE TABLE IF NOT EXISTS $first (id integer PRIMARY KEY);\nSELECT pg_advisory_xact_lock(1)");
	my $other = approved($second, "CREATE TABLE IF NOT EXISTS $second (id integer PRIMARY KEY)");
	my $ends = q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'run.rolled_back'};
	my $before = $node->safe_psql('postgres', $ends);
	my $gate = gate($node, 'SELECT pg_advisory_lock(1)');
	my $runner = background($node, 'runner', 'CALL migrate_deploy()', 'postgres', 'dba');

	wait_until_blocked($node, 'runner', 'advisory');
	$happen->($other);
	end_gate($node, $gate);
	my ($out, $err) = finish($runner);

	like($err, qr/\[1 of 2\] $name applied/, "$what: the first is applied");
	like($err, $pattern, "$what: the second is refused");
	like($err, qr/"\Q$other\E"|\Q$other\E:/, "$what: by name");
	like(status($node), qr/$first applied, $second (pending|blocked)/, "$what: what was done stays done");
	is(approvals_of($name), 'dba used, lead used', "$what: the approvals of the first are used");
	is(submission_of($name), 'done', "$what: its submission is done");
	is(submission_of($other), 'open', "$what: that of the second is open");
	is($node->safe_psql('postgres', $ends), $before + 1, "$what: the end of the run is on record");
	is(told('policy.refused'), "migration.applied $first, policy.refused $second", "$what: and who listens was told")
	  if $number == 1;
	$undo->($other);
	as('dba', 'CALL migrate_deploy()');
	like(status($node), qr/$second applied/, "$what: it runs when nothing is in the way");
	return;
}

interrupted(1, 'taken back',
	sub { as('lead', "SELECT migrate_withdraw('$_[0]', 'on second thoughts')"); },
	qr/ERROR:  MG018: .*leads/s,
	sub { as('lead', "SELECT migrate_approve('$_[0]', checksum) FROM hipaa_migrate.submission_list WHERE migration = '$_[0]'"); });
interrupted(3, 'frozen',
	sub { $node->safe_psql('postgres', q{SELECT migrate_freeze(NULL, NULL, 'an incident')}); },
	qr/ERROR:  MG019: migration "\S+-t4" cannot run any more, so the run ends before it\n.*is frozen/s,
	sub { $node->safe_psql('postgres', q{SELECT migrate_freeze_end(1, 'it is over')}); });

# The window closes.
interrupted(5, 'too late',
	sub {
		$node->safe_psql('postgres', <<'SQL');
SELECT migrate_set_policy(r, 'windows', jsonb_build_array(jsonb_build_object('since', (now() - interval '1 hour')::text, 'until', date_trunc('second', now() + interval '2 seconds')::text)), 'a short one')
  FROM unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) AS r;
SQL
		$node->poll_query_until('postgres', q{SELECT NOT is_open FROM migrate_window((SELECT value FROM migrate_policy() WHERE requirement = 'windows' AND risk = 'LOW'))}) or die 'still open';
	},
	qr/ERROR:  MG019: /,
	sub { $node->safe_psql('postgres', q{SELECT migrate_set_policy(r, 'windows', NULL, 'any time') FROM unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) AS r}); });

# --- What a worker does is committed before the approvals are used.
sub build
{
	my ($index, $up, $happen) = @_;
	my $name = approved($index, $up);
	my $gate = gate($node, 'BEGIN; LOCK TABLE big IN ROW EXCLUSIVE MODE');
	my $runner = background($node, 'runner', 'CALL migrate_deploy()', 'postgres', 'dba');

	$node->poll_query_until('postgres', q{SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'hipaa_migrate worker' AND wait_event_type = 'Lock'}) or die 'no worker waits';
	is(approvals_of($name), 'dba active, lead active', "$index: they are not used while it is built");
	$happen->($name) if $happen;
	end_gate($node, $gate);
	return ($name, finish($runner));
}

my ($name, $out, $err) = build('i11', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS i11 ON big (a)');
like($err, qr/$name applied/, 'built by a worker');
is(approvals_of($name), 'dba used, lead used', 'and used then');
is(submission_of($name), 'done', 'the submission is done');

($name, $out, $err) = build('i12', 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i12 ON big (b)');
like($err, qr/ERROR:  23505: /, 'a build that fails');
is(approvals_of($name), 'dba active, lead active', 'uses nothing');
is(submission_of($name), 'open', 'its submission is open');
is(invalid_indexes($node), '', 'no debris is left');
$node->safe_psql('postgres', 'UPDATE big SET b = a');
as('dba', 'CALL migrate_deploy()');
is(approvals_of($name), 'dba used, lead used', 'the next try uses them');

# Taken back while it is built: too late for what is committed, but on record.
($name, $out, $err) = build('i13', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS i13 ON big (b)',
	sub { as('lead', "SELECT migrate_withdraw('$_[0]', 'on second thoughts')"); });
like($err, qr/WARNING: .* ran without what the policy asks\n.*Missing: an approval that was taken back while it ran\./s, 'taken back during a build: a warning');
is(out_of_step($node), '', 'registry and schema are in step');
is(approvals_of($name), 'dba used, lead withdrawn', 'one was used, one not');
is($node->safe_psql('postgres', "SELECT details::jsonb ->> 'missing' FROM hipaa_migrate.audit_event WHERE kind = 'policy.observed' AND migration = '$name'"),
	'an approval that was taken back while it ran', 'which is on record');

# --- Of two who approve at the same time one waits, and says that nothing is
# missing any more.
$name = register($node, 't21', 'CREATE TABLE IF NOT EXISTS t21 (id integer PRIMARY KEY)', q{run_as => 'dbas'});
as('author', "SELECT migrate_submit(ARRAY['$name'], 'needed')");
my $checksum = $node->safe_psql('postgres', "SELECT checksum FROM hipaa_migrate.submission_list WHERE migration = '$name'");
my $first = HipaaMigrateWire->connect($node, 'postgres', 'dba');

$first->query('BEGIN');
$first->query("SELECT migrate_approve('$name', '$checksum')");
my $second = background($node, 'second', "SELECT coalesce(still_missing, 'nothing') FROM migrate_approve('$name', '$checksum')", 'postgres', 'lead');
wait_until_blocked($node, 'second', 'transactionid');
$first->query('COMMIT');
is((finish($second))[0], 'nothing', 'the second approver sees the first');
like($node->safe_psql('postgres', "SELECT string_agg(coalesce(details::jsonb ->> 'missing', 'nothing'), '; ' ORDER BY event_id) FROM hipaa_migrate.audit_event WHERE kind = 'approval.given' AND migration = '$name'"),
	qr/leads.*; nothing$/, 'and so does the record');

$first->close;
$listener->close;
$node->stop;

done_testing();
