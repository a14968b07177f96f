
# test/tap/retention.pl
#	  Proves that nobody purges the record before seven years are over by the
#	  record's own clock, that two people can afterwards, and what stays.
#
# Time goes by with libfaketime, which shows the server another date.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateClock;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

require_faketime();

my $day = 24 * 60 * 60;
my $node;

sub as
{
	my ($user, $sql) = @_;
	my ($code, $out, $err) =
	  $node->psql('postgres', $sql, extra_params => [ '-U', $user, '-v', 'VERBOSITY=verbose' ]);

	return $code == 0 ? $out : $err;
}

sub query
{
	my ($sql) = @_;

	return $node->safe_psql('postgres', $sql);
}

sub retention_status
{
	my ($item) = @_;

	return query("SELECT value FROM hipaa_migrate.retention_status WHERE item = '$item'");
}

sub wait_until_sealed
{
	return $node->poll_query_until('postgres', <<'SQL');
SELECT count(*) = 0 FROM hipaa_migrate.audit_event AS e
 WHERE NOT EXISTS (SELECT FROM hipaa_migrate.audit_leaf AS l
                    WHERE l.epoch = e.epoch AND l.event_id = e.event_id)
SQL
}

# Both try; neither can, by whatever time they ask for.
sub refused_for_everybody
{
	my ($when, $before) = @_;

	for my $user ('first', 'second')
	{
		like(as($user, "SELECT audit_purge($_, 'disk is full')"),
			qr/ERROR:  55000: cannot purge events that are younger than 7 years/, "$when: $user cannot purge, $_")
		  for ($before, 'now()');
	}
	return;
}

sub ask_and_confirm
{
	my ($question) = @_;
	my $id = as('first', "SELECT $question");

	like($id, qr/^\d+$/, "$question is asked for");
	like(as('first', "SELECT * FROM migrate_confirm($id, 'I agree with me')"),
		qr/must be confirmed by another person/, 'and not confirmed by the same person');
	my $done = as('second', "SELECT outcome FROM migrate_confirm($id, 'agreed')");
	is($done, 'confirmed', 'but by another');
	return $id;
}

# Seven years that fall short by two days do not keep the server from starting.
$node = new_server('retention', conf => "hipaa_migrate.audit_retention = '2555 days'\n");
like(slurp_file($node->logfile),
	qr/WARNING:  setting hipaa_migrate.audit_retention = '2555 days' is ignored, for it falls short of 7 years/,
	'2555 days are ignored with a warning, and the server starts');
is(retention_status('retention'), '7 years', 'seven years hold');
is(query("SELECT status FROM migrate_health() WHERE item = 'retention'"), 'warning', 'and health says so');

# Two superusers are two people.  Of two migrations one is on hold.
query("CREATE ROLE $_ SUPERUSER LOGIN") for ('first', 'second');

# Publishing every table, as others may wish to, is in the way of nothing.
query('SET client_min_messages = error; CREATE PUBLICATION everything FOR ALL TABLES');
register_tables($node, 1, 2);
query('SELECT * FROM migrate_up()');
query("SELECT audit_hold('lawsuit', migration => '20250101000002-make-t2')");
wait_until_sealed();
is( query("SELECT string_agg(outcome || ' ' || details, ' ') FROM hipaa_migrate.audit_event WHERE kind = 'setting.changed' AND details ~ 'holds'"),
	'ignored {"value": "2555 days", "holds": "7 years"}',
	'that the setting is ignored is on record');
my $first_day = query("SELECT quote_literal(max(sealed_at) + interval '1 millisecond') FROM hipaa_migrate.audit_block");
my $digest = query('SELECT quote_literal(audit_digest())');
my $events = query('SELECT count(*) FROM hipaa_migrate.audit_event');
my $held = query(q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE migration = '20250101000002-make-t2'});
my $root = query('SELECT encode(root, $$hex$$) FROM hipaa_migrate.audit_block ORDER BY block DESC LIMIT 1');
cmp_ok($held, '>', 1, 'there is something on hold');
$node->adjust_conf('postgresql.conf', 'hipaa_migrate.audit_retention', undef);

refused_for_everybody('the first day', $first_day);

# A day before seven years, which have one leap day or two, the clock has
# stepped, which does not help ...
restart_after($node, (6 * 365 + 1 + 364) * $day);
as('first', "SELECT audit_hold('something to seal', person => 'nobody')");
wait_until_sealed();
refused_for_everybody('364 days into the seventh year', $first_day);
is(query("SELECT status FROM migrate_health() WHERE item = 'clock'"), 'warning', 'the step of the clock shows');

# ... not even when two people confirm it.
ask_and_confirm("audit_confirm_clock('the server was off')");
refused_for_everybody('364 days into the seventh year, clock confirmed', $first_day);

# After seven years another step was made, which has to be confirmed too.
restart_after($node, (7 * 365 + 2 + 1) * $day);
as('first', "SELECT audit_hold('something to seal', person => 'nobody')");
wait_until_sealed();
refused_for_everybody('after seven years, clock not confirmed', $first_day);
ask_and_confirm("audit_confirm_clock('the server was off again')");

# Now it can be done, but not for a day more, and not by one.
like(as('first', "SELECT audit_purge($first_day\::timestamptz + interval '3 days', 'too much')"),
	qr/younger than 7 years/, 'what is younger stays');
my $act = ask_and_confirm("audit_purge($first_day, 'seven years are over')");
my $gone = query("SELECT details->>'leaves' FROM (SELECT details::jsonb FROM hipaa_migrate.audit_event WHERE kind = 'record.purged') AS e");
is($gone, $events - $held, 'everything but what is held is gone');
is( query("SELECT count(*) FROM hipaa_migrate.audit_event WHERE occurred_at < $first_day"),
	$held, 'held events stay');
is( query("SELECT count(*) FROM hipaa_migrate.audit_leaf WHERE seq <= $events"),
	$events, 'and all leaves');
wait_until_sealed();
is( query(<<"SQL"), "$gone|$held|$root|record.purge_started < record.purged, $gone + 0 leaves",
SELECT p.details->>'leaves', p.details->>'kept', p.details->>'root',
       s.kind || ' < ' || p.kind || ', ' || (p.details->>'leaves')::int || ' + '
       || (SELECT count(*) FROM hipaa_migrate.audit_leaf AS l
            WHERE l.block BETWEEN (p.details->>'first_block')::int AND (p.details->>'last_block')::int
              AND NOT EXISTS (SELECT FROM hipaa_migrate.audit_event AS e WHERE e.event_id = l.event_id))
       - (p.details->>'leaves')::int || ' leaves'
  FROM (SELECT e.kind, e.details::jsonb, l.block FROM hipaa_migrate.audit_event AS e
          JOIN hipaa_migrate.audit_leaf AS l USING (epoch, event_id) WHERE kind = 'record.purged') AS p
  JOIN (SELECT e.kind, l.block FROM hipaa_migrate.audit_event AS e
          JOIN hipaa_migrate.audit_leaf AS l USING (epoch, event_id) WHERE kind = 'record.purge_started') AS s
    ON s.block < p.block
SQL
	'the purge is on record, and was announced in an earlier block');
is( query("SELECT string_agg(DISTINCT outcome, ' ') FROM audit_verify($digest)"),
	'ok', 'chain and remaining proofs verify, also against the digest of the first day');
like(as('second', "SELECT * FROM migrate_confirm($act, 'again')"), qr/can no longer be confirmed/, 'an act is done once');

# The hold ends; only then, and by two again, the rest can go.
query("SELECT audit_hold_end(hold_id, 'settled') FROM hipaa_migrate.audit_hold WHERE kind = 'migration'");
ask_and_confirm("audit_purge($first_day, 'the lawsuit is settled')");
is(query("SELECT count(*) FROM hipaa_migrate.audit_event WHERE occurred_at < $first_day"), '0', 'what was held is gone');
is( query("SELECT string_agg(DISTINCT outcome, ' ') FROM audit_verify($digest)"),
	'ok', 'and the record verifies');

# Retention is raised by setting it once, and lowered by nothing.
$node->append_conf('postgresql.conf', "hipaa_migrate.audit_retention = '10 years'");
$node->reload;
query("SELECT audit_hold('something to seal', person => 'nobody')");
$node->poll_query_until('postgres', q{SELECT retention = '10 years' FROM hipaa_migrate.audit_state});
$node->adjust_conf('postgresql.conf', 'hipaa_migrate.audit_retention', "'8 years'");
$node->reload;
$node->poll_query_until('postgres', q{SELECT current_setting('hipaa_migrate.audit_retention') = '8 years'});
is(retention_status('retention'), '10 years', 'a raise holds, whatever the setting says later');
like(as('first', "SELECT audit_purge($first_day, 'x')"), qr/younger than 10 years/, 'for everybody');

# Nor is a raise lost that was taken back before a sealer came by.  (When the
# launcher has read the configuration cannot be seen.)
sub set_for_a_second
{
	my ($name, $value) = @_;

	$node->adjust_conf('postgresql.conf', "hipaa_migrate.$name", "'$value'");
	$node->reload;
	sleep 1;
	return;
}

$node->poll_query_until('postgres', q{SELECT count(*) > 0 FROM hipaa_migrate.audit_event
	WHERE kind = 'setting.changed' AND object = 'hipaa_migrate.audit_retention' AND details ~ '"value": "8 years"'})
  or die 'the reload was not put on record';
set_for_a_second('seal_interval', '1h');
for (1 .. 30)
{
	set_for_a_second('audit_retention', '12 years');
	set_for_a_second('audit_retention', '8 years');
	last if retention_status('retention') eq '12 years';
}
is(retention_status('retention'), '12 years', 'a raise that was taken back at once holds');
query('SELECT audit_seal()');
is( query(q{SELECT outcome || details FROM hipaa_migrate.audit_event
		WHERE kind = 'setting.changed' AND details ~ '"holds": "12 years"'}),
	'ignored{"value": "8 years", "before": "8 years", "holds": "12 years"}', 'and is on record');
query("CREATE DATABASE fresh");
is($node->safe_psql('fresh', q{CREATE EXTENSION hipaa_migrate; SELECT value FROM hipaa_migrate.retention_status WHERE item = 'retention'}),
	'8 years', 'but not in a record that begins later');
$node->stop;

done_testing();
