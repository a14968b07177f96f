
# test/tap/guard_ticket.pl
#	  Proves that a ticket opens the guard by break-glass once, also when
#	  several sessions come with it at once, when one does not see yet what
#	  others did, and when the recorder is late; and what is not proof against
#	  a recorder that does not work at all.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('guard_ticket');

sub query
{
	my ($sql) = @_;

	return $node->safe_psql('postgres', $sql);
}

sub opening
{
	my ($ticket) = @_;

	return "SELECT break_glass_id FROM migrate_break_glass('fire', 'P0', '$ticket')";
}

# What a user gets for it: rows, then errors and warnings with their SQLSTATE.
sub as
{
	my ($user, $sql) = @_;
	my ($out, $err) = finish(background($node, 'as', $sql, 'postgres', $user));

	return "$out\n$err";
}

sub times_opened
{
	my ($ticket) = @_;

	return query("SELECT count(*) FROM hipaa_migrate.break_glass WHERE ticket = '$ticket'");
}

# How long sessions that begin from now on wait for the recorder.
sub set_record_wait
{
	my ($wait) = @_;

	$node->adjust_conf('postgresql.conf', 'hipaa_migrate.record_wait', "'$wait'");
	$node->reload;
	return;
}

sub recorder
{
	return query(q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'hipaa_migrate recorder' AND datname = 'postgres'});
}

my $used = qr/ERROR:  55000: ticket ".*" was used for break-glass already\nDETAIL:  Break-glass \d+ was opened with it by user "\w+" at /;

query(<<'SQL');
CREATE ROLE breaker LOGIN;
CREATE ROLE second LOGIN;
SELECT migrate_grant('breaker', 'breaker');
SELECT migrate_grant('breaker', 'second');
SELECT count(*) FROM migrate_guard('enforce', 'test');
SQL

# While the first is in the transaction that opened it, and after it rolled
# that back.
my $session = background($node, 'first', 'BEGIN; ' . opening('HELD-1') . '; SELECT pg_sleep(600)', 'postgres', 'breaker');
wait_until_blocked($node, 'first', 'PgSleep');
like(as('second', opening('held - 1')), qr/ERROR:  55P03: ticket "held - 1" is being used for break-glass by another session/, 'a ticket in use');
like(as('second', opening('HELD-2')), qr/^\d+\n/, 'another one is free');
query('SELECT pg_terminate_backend(' . pid_of($node, 'first') . ', 10000)');
finish($session);
like(as('second', opening('HELD-1')), $used, 'used, though the transaction was never committed');

# A transaction that looks at the past finds what was used since.
my $gate = gate($node, 'SELECT pg_advisory_lock(1)');
$session = background($node, 'past', <<"SQL", 'postgres', 'second');
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT count(*) > 0 FROM pg_class;
SELECT pg_advisory_lock(1);
@{[ opening('PAST-1') ]};
SQL
wait_until_blocked($node, 'past', 'advisory');
like(as('breaker', opening('PAST-1')), qr/^\d+\n/, 'meanwhile another uses the ticket');
end_gate($node, $gate);
like((finish($session))[1], $used, 'the one with the old snapshot cannot');

# Many at once.
my @sessions = map { background($node, "racer$_", opening('RACE-1'), 'postgres', $_ % 2 ? 'breaker' : 'second') } 1 .. 8;
my @errors = grep { $_ } map { (finish($_))[1] } @sessions;
is(times_opened('RACE-1'), 1, 'of eight who come at once one opens it');
is(scalar(grep { /ERROR:  55(P03|000): ticket/ } @errors), 7, 'and seven are told');
query('SELECT count(*) FROM audit_seal()');
is( query(q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'act.refused' AND details::json->>'act' = 'break_glass'}),
	7 + 3, 'which is on record, with those before');

# The recorder is late: the second waits for what the first has sent.
my $recorder = recorder();
set_record_wait('1s');
kill('STOP', $recorder) == 1 or die 'could not stop the recorder';
like(as('breaker', opening('LATE-1')), qr/^\d+\n/, 'an emergency does not wait for a recorder');
is(times_opened('LATE-1'), 0, 'its row is still to come');
set_record_wait('2min');
$session = background($node, 'late', opening('LATE-1'), 'postgres', 'second');
wait_until_blocked($node, 'late', 'Extension');
kill('CONT', $recorder) == 1 or die 'could not continue the recorder';
like((finish($session))[1], $used, 'who comes next sees it all the same');

# It does not come back in time: what cannot be known is said, and is on
# record once it does.
$recorder = recorder();
set_record_wait('1s');
kill('STOP', $recorder) == 1 or die 'could not stop the recorder';
like(as('breaker', opening('LATE-2')), qr/^\d+\n/, 'without a recorder');
like(as('second', opening('LATE-2')),
	qr/^\d+\n.*WARNING:  01000: it is not certain that ticket "LATE-2" was not used before/,
	'an emergency comes before the ticket');
kill('CONT', $recorder) == 1 or die 'could not continue the recorder';
ok( $node->poll_query_until('postgres',
		q{SELECT count(*) = 2 FROM hipaa_migrate.break_glass WHERE ticket = 'LATE-2'}),
	'the review will see both');

done_testing();
