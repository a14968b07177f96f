
# test/tap/guard_permit.pl
#	  Proves how break-glass ends: with its session, whichever way that ends,
#	  with DISCARD ALL, by time; that it is nobody else's meanwhile; and that
#	  copies of a database bring no permit along.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('guard_permit', streaming => 1, conf => <<'CONF');
max_prepared_transactions = 4
CONF

sub query
{
	my ($sql, $database) = @_;

	return $node->safe_psql($database // 'postgres', $sql);
}

# What a user gets for it: rows, or the error with its SQLSTATE.
sub as
{
	my ($user, $sql, $database) = @_;
	my ($code, $out, $err) =
	  $node->psql($database // 'postgres', $sql, extra_params => [ '-U', $user, '-v', 'VERBOSITY=verbose' ]);

	return $code == 0 ? $out : $err;
}

# Each has a ticket of its own.
my $open = q{SELECT break_glass_id FROM migrate_break_glass('fire', ticket => 'INC-' || gen_random_uuid())};

# The row of the last opening, once the recorder has written its end.
sub last_end
{
	my ($how) = @_;

	return $node->poll_query_until('postgres',
		"SELECT ended_how = '$how' AND ended_at IS NOT NULL FROM hipaa_migrate.break_glass ORDER BY break_glass_id DESC LIMIT 1");
}

# The event of its end agrees with the row.
sub is_on_record
{
	my ($how) = @_;

	is( query(<<"SQL"), "breaker|t|fire|$how|t",
SELECT e.actor, e.ticket = b.ticket, e.reason, e.details::json->>'how',
       b.ended_at = (e.details::json->>'ended_at')::timestamptz AND b.ended_at = e.occurred_at
  FROM hipaa_migrate.audit_event AS e
  JOIN (SELECT * FROM hipaa_migrate.break_glass ORDER BY break_glass_id DESC LIMIT 1) AS b
    ON b.break_glass_id = (e.details::json->>'break_glass')::bigint
 WHERE e.kind = 'break_glass.ended'
SQL
		"$how: on record once, as the row says");
	return;
}

query(<<'SQL');
CREATE ROLE breaker LOGIN;
CREATE ROLE second LOGIN;
CREATE ROLE boss SUPERUSER LOGIN;
GRANT ALL ON SCHEMA public TO PUBLIC;
SELECT migrate_grant('breaker', 'breaker');
SELECT migrate_grant('breaker', 'second');
SELECT migrate_grant('approver', 'second');
SELECT count(*) FROM migrate_guard('enforce', 'test');
SQL

like(as('breaker', 'CREATE TABLE t1 (id integer)'), qr/ERROR:  MG014:/, 'without a permit nothing passes');

# The session ends by itself, by others, or with a crash of its process.
is(as('breaker', "$open; CREATE TABLE t1 (id integer)"), '1', 'with it everything passes');
ok(last_end('disconnected'), 'it ends when the client disconnects');
is_on_record('disconnected');
like(as('breaker', 'DROP TABLE t1'), qr/ERROR:  MG014:/, 'and the next session has nothing of it');

my $session = background($node, 'victim', "$open; SELECT pg_sleep(600)", 'postgres', 'breaker');
wait_until_blocked($node, 'victim', 'PgSleep');
is( query(q{SELECT state, pid = (SELECT pid FROM pg_stat_activity WHERE application_name = 'victim') FROM hipaa_migrate.break_glass_review ORDER BY break_glass_id DESC LIMIT 1}),
	'open|t', 'it shows with its process while it is open');
is(query(q{SELECT status || ' ' || value FROM migrate_health() WHERE item = 'break-glass'}), 'warning 1 open', 'so does migrate_health()');
like(as('breaker', 'CREATE TABLE t2 (id integer)'), qr/ERROR:  MG014:/, 'another session of the same user has no part in it');
like(as('second', 'SELECT migrate_break_glass_close(2, $$too early$$)'), qr/ERROR:  55000: break-glass 2 is still open/, 'nobody reviews what is still open');
query('SELECT pg_terminate_backend(' . pid_of($node, 'victim') . ', 10000)');
finish($session);
ok(last_end('disconnected'), 'it ends when its session is terminated');
is_on_record('disconnected');

# In the transaction that opened it.
$session = background($node, 'victim', "BEGIN; $open; SELECT pg_sleep(600)", 'postgres', 'breaker');
wait_until_blocked($node, 'victim', 'PgSleep');
query('SELECT pg_terminate_backend(' . pid_of($node, 'victim') . ', 10000)');
finish($session);
ok(last_end('disconnected'), 'it ends with a session that never committed it, and has its row');
is_on_record('disconnected');
is(as('breaker', "BEGIN; $open; ROLLBACK"), '4', 'an opening that is rolled back');
ok(last_end('rolled back'), 'has ended');
is_on_record('rolled back');

# A pooler: one connection, one client after the other.
like(as('breaker', "$open; CREATE TABLE t3 (id integer); DISCARD ALL; DROP TABLE t3"), qr/ERROR:  MG014:/, 'DISCARD ALL ends it');
ok(last_end('discarded'), 'and that is noted');
is_on_record('discarded');
like(as('breaker', "$open; DISCARD PLANS; DISCARD TEMP; RESET ALL; SET SESSION AUTHORIZATION DEFAULT; DROP TABLE t3; CREATE TABLE t3 (id integer)"),
	qr/^\d+$/, 'less than that does not');
ok(last_end('disconnected'), 'it ends later');

# By time, noticed at the next command or at the end of the session.
like(as('breaker', q{SELECT 1 FROM migrate_break_glass('fire', ticket => 'INC-' || gen_random_uuid(), duration => '300 ms'); SELECT pg_sleep(0.5); DROP TABLE t3}),
	qr/ERROR:  MG014:/, 'expiry ends it');
ok(last_end('expired'), 'and that is noted');
is_on_record('expired');
as('breaker', q{SELECT 1 FROM migrate_break_glass('fire', ticket => 'INC-' || gen_random_uuid(), duration => '300 ms'); SELECT pg_sleep(0.5)});
ok(last_end('expired'), 'also where nobody asked any more');
is_on_record('expired');

# Other identities in its session are still the person who logged in; other
# persons are not.
like(as('boss', $open), qr/ERROR:  42501:.*breaker/, 'a superuser has to be given the capability too');
query(q{SELECT migrate_grant('breaker', 'boss')});
like(as('boss', "$open; SET SESSION AUTHORIZATION breaker; CREATE TABLE t4 (id integer)"), qr/^\d+$/, 'it is of the one who logged in');
like(as('boss', 'SET SESSION AUTHORIZATION breaker; ' . $open), qr/^\d+$/, 'who has the capability');
like(as('boss', 'SET SESSION AUTHORIZATION second; SELECT migrate_break_glass_close((SELECT max(break_glass_id) FROM hipaa_migrate.break_glass_review), $$mine$$)'),
	qr/ERROR:  42501: .*another person/, 'and cannot be the second person');

# Nobody prepares what he has opened.
like(as('breaker', "BEGIN; $open; PREPARE TRANSACTION 'later'"), qr/ERROR:  (0A000|MG014):.*PREPARE|prepare/, 'a prepared transaction opens nothing');

# A crash of the server leaves no end, and no open one.
$session = background($node, 'victim', "$open; SELECT pg_sleep(600)", 'postgres', 'breaker');
wait_until_blocked($node, 'victim', 'PgSleep');
$node->stop('immediate');
finish($session);
$node->start;
is(query(q{SELECT state, ended_how, ended_at FROM hipaa_migrate.break_glass_review ORDER BY break_glass_id DESC LIMIT 1}),
	'review|disconnected|', 'after a crash it is not open');
like(as('breaker', 'CREATE TABLE t5 (id integer)'), qr/ERROR:  MG014:/, 'and the guard is armed');

# Two people: everything that was opened waits for a review.
my $waiting = query(q{SELECT count(*) FROM hipaa_migrate.break_glass WHERE closed_at IS NULL});
is(query(q{SELECT value FROM migrate_health() WHERE item = 'reviews'}), $waiting, 'all of them wait for a review');
like(as('breaker', q{SELECT migrate_break_glass_close(1, 'mine')}), qr/ERROR:  42501:/, 'not by whoever has no capability');
query(q{SELECT migrate_grant('auditor', 'breaker')});
like(as('breaker', q{SELECT migrate_break_glass_close(1, 'mine')}), qr/ERROR:  42501: .*another person/, 'nor by the same person');
is(as('second', q{SELECT migrate_break_glass_close(1, 'the table was needed')}), '', 'but by another');
is(query(q{SELECT value FROM migrate_health() WHERE item = 'reviews'}), $waiting - 1, 'who has one less to review');
is(query(q{SELECT string_agg(actor, ' ' ORDER BY event_id) FROM hipaa_migrate.audit_event WHERE kind = 'act.refused' AND details ~ 'break_glass_close'}), 'boss breaker', 'who tried to review himself is on record');

# Exemptions are the database's.  A copy and a dump have none, a standby does.
is(query(q{SELECT migrate_exempt('scratch', role => 'second', schema => 'public', command => 'CREATE TABLE')}), '1', 'an exemption');
is(as('second', 'CREATE TABLE s1 (id integer)'), '', 'works in a new session');
like(as('breaker', 'CREATE TABLE s2 (id integer)'), qr/ERROR:  MG014:/, 'for its role');
is(query(q{SELECT state FROM hipaa_migrate.exemption}), 'active', 'and shows');

query(q{SELECT count(*) FROM migrate_guard('observe', 'to make copies')});
query('CREATE DATABASE copied TEMPLATE postgres');
is(query('SELECT count(*) FROM hipaa_migrate.exemption', 'copied'), '0', 'a copy by TEMPLATE has no exemptions');
is(query('SELECT count(*) FROM hipaa_migrate.break_glass_review', 'copied'), '0', 'and nothing to review');
is( query(q{SELECT string_agg(status || ' ' || value, ', ' ORDER BY item) FROM migrate_health() WHERE item IN ('break-glass', 'exemptions', 'reviews')}, 'copied'),
	'ok none open, ok 0, ok 0', 'nor anything in migrate_health()');
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';
$node->command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-f', $dump ], 'dump');
unlike(slurp_file($dump), qr/COPY hipaa_migrate\.(guard_exemption|break_glass)/, 'a dump has neither');

$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
is($standby->safe_psql('postgres', q{SELECT state FROM hipaa_migrate.exemption}), 'active', 'a standby has the exemptions');
is($standby->safe_psql('postgres', q{SELECT count(*) FROM hipaa_migrate.break_glass_review WHERE state <> 'closed'}), $waiting - 1, 'and the reviews');
like(
	($standby->psql('postgres', "SET ROLE breaker; $open", extra_params => [ '-U', 'breaker' ]))[2],
	qr/ERROR:  cannot execute migrate_break_glass\(\) in a read-only transaction/, 'where nothing can be opened');

done_testing();
