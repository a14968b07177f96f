
# test/tap/notify.pl
#	  Proves that whoever listens on channel hipaa_migrate is told what went on
#	  record, and nothing but names: by the transaction that did it, by the
#	  recorder of what failed or was refused, and not of what never happened;
#	  that a transaction can still be prepared; and that nobody who listens and
#	  does not read keeps anything from the record.

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

my $node = new_server('notify', conf => "max_prepared_transactions = 2\n");

$node->safe_psql('postgres', 'CREATE ROLE listener LOGIN; CREATE ROLE clerk LOGIN; CREATE ROLE chief LOGIN SUPERUSER');

my $listener = HipaaMigrateWire->connect($node, 'postgres', 'listener');
my $chief = HipaaMigrateWire->connect($node, 'postgres', 'chief');

$listener->query('LISTEN hipaa_migrate');

# What has come since the last time, when the last of it is what the caller
# waits for.  Who got access by what was done is told by whatever seal comes
# next, and left out.
sub told
{
	my ($last) = @_;
	my @payloads;

	wait_for(sub {
		$listener->query('SELECT 1');
		push @payloads, grep { $_->{event} !~ /^access/ } map { decode_json($_->[1]) } splice @{ $listener->{notifications} };
		return @payloads && $payloads[-1]{event} eq $last;
	});
	return @payloads;
}

# What came besides two events of another session, so that a test of silence
# need not wait.
sub told_besides
{
	$node->safe_psql('postgres', q{SELECT migrate_grant('auditor', 'clerk'), migrate_revoke('auditor', 'clerk')});
	return grep { $_->{event} !~ /^capability/ } told('capability.revoked');
}

sub short
{
	return join(', ', map { join(' ', $_->{event}, $_->{migration} ? $_->{migration} =~ s/.*-make-//r : ()) } @_);
}

# A role without any capability listens; it learns names and moments.
$chief->query(q{SELECT migrate_register('20250101000001-make-t1', 'CREATE TABLE t1 (secret_column integer)', down => 'DROP TABLE t1')});
my @first = told('migration.registered');
is(short(@first), 'migration.registered t1', 'registered');
is($first[0]{who}, 'chief', 'by whom');
is($first[0]{database}, 'postgres', 'where');
like($first[0]{at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/, 'when');
is( $node->safe_psql('postgres', "SELECT event || ' ' || migration FROM hipaa_migrate.audit_log WHERE event_id = $first[0]{event_id}"),
	'migration.registered 20250101000001-make-t1', 'and which event it is');
unlike(encode_json($first[0]), qr/secret/, 'no text of a statement');

# The same again is no event.
$chief->query(q{SELECT migrate_register('20250101000001-make-t1', 'CREATE TABLE t1 (secret_column integer)', down => 'DROP TABLE t1')});
is(short(told_besides()), '', 'unchanged');

# Revised, applied, reverted; in one transaction all at its commit.
$chief->query(q{SELECT migrate_register('20250101000001-make-t1', 'CREATE TABLE t1 ()', down => 'DROP TABLE t1')});
is(short(told('migration.revised')), 'migration.revised t1', 'revised');
$chief->query('BEGIN');
$chief->query('SELECT migrate_up()');
is(short(told_besides()), '', 'nothing before the commit');
$chief->query(q{SELECT migrate_down('20250101000001-make-t1', reason => 'the reason is told to nobody')});
$chief->query('COMMIT');
my @both = told('migration.reverted');
is(short(@both), 'migration.applied t1, migration.reverted t1', 'applied and reverted');
unlike(join('', map { encode_json($_) } @both), qr/the reason/, 'no reasons');

# What was rolled back has not happened, a savepoint's neither; of the run it
# is told that it was rolled back, for that is on record.
$chief->query(q{BEGIN; SELECT migrate_grant('auditor', 'clerk'); ROLLBACK});
$chief->query(q{BEGIN; SAVEPOINT one; SELECT migrate_register('20250101000009-make-t9', 'SELECT 9');
	SAVEPOINT inner_one; SELECT migrate_register('20250101000008-make-t8', 'SELECT 8'); RELEASE inner_one;
	ROLLBACK TO one; SELECT migrate_register('20250101000002-make-t2', 'CREATE TABLE t2 (); SELECT 1/0'); COMMIT});
is(short(told('migration.registered')), 'migration.registered t2', 'what was rolled back is not told');
$chief->query('BEGIN; SELECT migrate_up(\'20250101000001-make-t1\'); ROLLBACK');
is(short(told('run.rolled_back')), 'run.rolled_back', 'but a run is');

# What failed is told by the recorder, without the server's message.
is($chief->query('SELECT migrate_up()')->{error}{C}, '22012', 'a migration fails');
my ($failed) = grep { $_->{event} eq 'migration.failed' } told('migration.failed');
is("$failed->{migration} $failed->{sqlstate} $failed->{who}", '20250101000002-make-t2 22012 chief', 'and is told of');
unlike(encode_json($failed), qr/division|zero/, 'without a message');

# Deployments tell from each of their transactions.
$chief->query(q{SELECT migrate_register('20250101000002-make-t2', 'CREATE TABLE t2 ()')});
$chief->query('CALL migrate_deploy()');
is(short(grep { $_->{migration} } told_besides()), 'migration.revised t2, migration.applied t1, migration.applied t2', 'a deployment');

# The guard.
$chief->query(q{SELECT migrate_guard('observe', 'begin with it')});
my ($guard) = told('guard.changed');
is($guard->{mode}, 'observe', 'the guard');

# From the submission to the run, by the numbers of what was submitted and
# approved.
$chief->query($_)
  for q{SELECT migrate_grant('approver', 'chief')}, q{SELECT migrate_use_policy('development', 'try it')},
  q{SELECT migrate_register('20250101000005-make-t5', 'CREATE TABLE t5 ()'), migrate_register('20250101000006-make-t6', 'CREATE TABLE t6 ()')},
  q{SELECT migrate_submit(ARRAY['20250101000005-make-t5', '20250101000006-make-t6'], 'the reason')},
  q{SELECT migrate_approve('20250101000005-make-t5')}, q{SELECT migrate_up('20250101000005-make-t5')};
my @path = told_besides();
is(short(@path), 'policy.changed, migration.registered t5, migration.registered t6, submission.opened release 1, approval.given t5, migration.applied t5, approval.used t5',
	'a path of approval');
is("$path[3]{submission} $path[3]{members}", '1 20250101000005-make-t5, 20250101000006-make-t6', 'what was submitted');
is("$path[4]{submission} $path[4]{approval} $path[6]{submission}", '1 1 1', 'what was approved, and used');
$chief->query(q{SELECT migrate_withdraw('release 1', 'the reason')});
my ($withdrawn) = told('submission.ended');
is("$withdrawn->{submission} $withdrawn->{outcome}", '1 withdrawn', 'and what was withdrawn');
$chief->query(q{SELECT migrate_use_policy('none', 'tried'), migrate_unregister('20250101000006-make-t6', 'tried')});
told('migration.unregistered');

# A session's own: it need not listen to itself to be told.
$chief->query('LISTEN hipaa_migrate');
$chief->query(q{SELECT migrate_grant('auditor', 'clerk'), migrate_revoke('auditor', 'clerk')});
is(scalar(@{ $chief->{notifications} }), 2, 'oneself');
$chief->query('UNLISTEN hipaa_migrate');
told('capability.revoked');

# After a NOTIFY a transaction cannot be prepared.  Ours still can, and tells
# nothing; its events are on record when it is committed.
is($chief->query(q{BEGIN; NOTIFY hipaa_migrate; PREPARE TRANSACTION 'not'})->{error}{C}, '0A000', 'NOTIFY is in the way');
$chief->query(q{BEGIN; SELECT migrate_grant('author', 'clerk'); PREPARE TRANSACTION 'later'});
is($node->safe_psql('postgres', 'SELECT gid FROM pg_prepared_xacts'), 'later', 'an event is not');
$node->safe_psql('postgres', q{COMMIT PREPARED 'later'});
is(short(told_besides()), '', 'nothing is told of it');
is($node->safe_psql('postgres', q{SELECT capability FROM hipaa_migrate.capability_grant WHERE role_name = 'clerk'}), 'author', 'it happened');

# What is not worth telling: reads, DDL of a migration, seals.
$chief->query('SELECT audit_seal()');
$chief->query('CREATE TABLE observed ()');
is(short(told_besides()), '', 'neither seals nor observed commands');

# Names as long as they come fit, and what does not is left out.
$chief->query(q{SELECT migrate_register('20250101000003-' || repeat('x', 48), 'SELECT 3', project => repeat('p', 63))});
my ($long) = told('migration.registered');
is(length($long->{migration}), 127, 'a long name');

# A forged notification looks like any other: only the record tells.
$listener->query(q{NOTIFY hipaa_migrate, '{"event": "migration.applied", "event_id": 0}'});
is(short(told('migration.applied')), 'migration.applied', 'anybody can notify');
is($node->safe_psql('postgres', 'SELECT count(*) FROM hipaa_migrate.audit_log WHERE event_id = 0'), '0', 'the record does not know of it');

# Whoever listens in an open transaction lets the server's queue fill up.  The
# record goes on: commits, and what the recorder writes.
SKIP:
{
	skip 'the length of the queue can be set from PostgreSQL 17 on', 4
	  if $node->safe_psql('postgres', q{SELECT count(*) FROM pg_settings WHERE name = 'max_notify_queue_pages'}) eq '0';
	$_->close for ($listener, $chief);
	$node->append_conf('postgresql.conf', 'max_notify_queue_pages = 64');
	$node->restart;
	$listener = HipaaMigrateWire->connect($node, 'postgres', 'listener');
	$chief = HipaaMigrateWire->connect($node, 'postgres', 'chief');
	$listener->query('LISTEN hipaa_migrate');
	$listener->query('BEGIN');
	$chief->query(q{SELECT pg_notify('other', repeat('x', 7000) || i) FROM generate_series(1, 50) AS i}) for (1 .. 2);
	is($chief->query(q{SELECT pg_notify('other', repeat('x', 7000) || i) FROM generate_series(1, 50) AS i})->{error}{C}, '54000', 'the queue is full');
	my $result = $chief->query(q{SELECT migrate_grant('auditor', 'clerk')});
	is($result->{error}, undef, 'what is done is done');
	is($chief->{notices}[-1]{S}, 'WARNING', 'with a warning');
	$chief->query(q{SELECT migrate_register('20250101000004-make-t4', 'SELECT 1/0')});
	$chief->query(q{SELECT migrate_up('20250101000004-make-t4')});
	is($node->safe_psql('postgres', q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'migration.failed' AND migration = '20250101000004-make-t4'}), '1', 'what fails is on record');
}

$node->stop;

done_testing();
