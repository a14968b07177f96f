
# test/tap/approval_path.pl
#	  The way of White Cross from T-7 to T-0 with five people, under policy
#	  hipaa: what each sees, what is refused on the way, and what the auditor
#	  finds afterwards; and how it goes wrong: signed too late, expired, frozen,
#	  one unapproved among twelve.
#
# Anna writes; Lena leads the team, runs the migrations and is the privacy
# officer; Dora is the database administrator, and superuser; Carl is the CTO
# and security officer; Audrey audits.  Neither author nor executor may be
# among the approvers of a HIGH migration, so Lena, who approves none, runs it.
#
# Time goes by with libfaketime.  All moments are told in hours from the
# opening of the window, T-0: a Saturday, 22:00 in New York.

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

my $white_cross = "$FindBin::RealBin/../white_cross";
my $legacy = '20251103000000-migrate-legacy-data';
my $node;
my $opening;

# Both as others read them: the result, or the error with all its fields.
sub as
{
	my ($user, $sql) = @_;
	my ($code, $out, $err) = $node->psql('postgres', "SET timezone = 'Europe/Vienna'; $sql",
		extra_params => [ '-U', $user, '-q', '-v', 'VERBOSITY=verbose' ]);

	note("$user: $sql\n", $code == 0 ? $out : $err);
	return $code == 0 ? $out : $err;
}

sub query
{
	my ($sql) = @_;

	return $node->safe_psql('postgres', $sql);
}

sub refused
{
	my ($user, $sql, $what, @patterns) = @_;
	my $said = as($user, $sql);

	like($said, $_, $what) for @patterns;
	return $said;
}

# The moment, as the people here read it: they are in Vienna.
sub vienna
{
	my ($hours) = @_;

	return query("SELECT to_char(to_timestamp($opening + $hours * 3600.0) AT TIME ZONE 'Europe/Vienna', 'YYYY-MM-DD HH24:MI')");
}

sub at
{
	my ($hours) = @_;

	restart_after($node, $opening + $hours * 3600 - time());
	note("it is T$hours hours: " . query('SELECT now()'));
	return;
}

# Asked for by one, done when another person has confirmed it.
sub by_two
{
	my ($first, $second, $question) = @_;
	my $id = as($first, "SELECT $question");

	like($id, qr/^\d+$/, "$first asks: $question");
	is(as($second, "SELECT outcome FROM migrate_confirm($id, 'agreed')"), 'confirmed', "$second confirms it");
	return;
}

# Reads it first, then signs what was read, in one session.
sub sign
{
	my ($user, $name, $meaning) = @_;
	my $checksum = query(<<"SQL");
SELECT CASE WHEN '$name' ~ '^release' THEN release_checksum ELSE checksum END
  FROM hipaa_migrate.submission_list WHERE state = 'open' AND '$name' IN (migration, 'release ' || submission_id) LIMIT 1
SQL

	return as($user, "SELECT count(*) FROM migrate_review('$name') \\g /dev/null\n"
		  . "SELECT migration, still_missing FROM migrate_approve('$name', '$checksum', '$meaning')");
}

sub signs
{
	my ($user, $name, $meaning) = @_;

	like(sign($user, $name, $meaning), qr/^\Q$name\E|^\d{14}-/, "$user signs $name: $meaning");
	return;
}

sub hand_in
{
	my ($name, $up, $down) = @_;

	is(as('anna', "SELECT outcome FROM migrate_register('$name', up => \$hm\$$up\$hm\$, down => \$hm\$$down\$hm\$)"),
		'registered', "anna hands in $name");
	return;
}

#
# Before: a school health system in use, and five people.
#
$node = new_server('path');
query(<<'SQL');
CREATE ROLE tech_lead; CREATE ROLE dba; CREATE ROLE cto; CREATE ROLE executive;
CREATE ROLE security_officer; CREATE ROLE privacy_officer;
CREATE ROLE anna LOGIN;
CREATE ROLE lena LOGIN IN ROLE tech_lead, privacy_officer;
CREATE ROLE dora LOGIN SUPERUSER IN ROLE dba;
CREATE ROLE carl LOGIN IN ROLE cto, security_officer;
CREATE ROLE audrey LOGIN;
GRANT CREATE ON SCHEMA public TO lena;
GRANT CREATE ON DATABASE postgres TO lena;
SELECT migrate_grant('author', 'anna');
SELECT migrate_grant('operator', 'lena');
SELECT migrate_grant('approver', role) FROM unnest('{lena,dora,carl}'::name[]) AS role;
SELECT migrate_grant('auditor', 'audrey');
SELECT migrate_person(initcap(name), ARRAY[name, name || '@clinic.example'], 'on the staff')
  FROM unnest('{anna,lena,dora,carl,audrey}'::text[]) AS name;
SQL
query("SELECT migrate_person(NULL, ARRAY[current_user::text], 'everybody on call')");
query("SELECT count(*) FROM migrate_load('$white_cross/migrations')");
query("SELECT migrate_unregister('$legacy', 'Anna hands it in')");
as('lena', 'SELECT count(*) FROM migrate_up()');
my @samples = map { slurp_file("$white_cross/$_") } ('legacy_sample.sql', 'present_sample.sql');
as('lena', $_) for @samples;
as('lena', <<'SQL');
SECURITY LABEL FOR hipaa_migrate ON TABLE allergies IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON TABLE vaccinations IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON TABLE incident_reports IS 'phi';
SECURITY LABEL FOR hipaa_migrate ON TABLE students IS 'pii';
ANALYZE;
SQL

#
# The policy, and the guard, without which it binds nobody.
#
as('dora', "SET timezone = 'America/New_York'; SELECT migrate_use_policy('hipaa', 'we are in production')");
as('dora', "SELECT count(*) FROM migrate_guard('enforce', 'we are in production')");
$opening = query(<<'SQL');
SELECT extract(epoch FROM opens_at)::bigint
  FROM migrate_window((SELECT value FROM migrate_policy() WHERE risk = 'HIGH' AND requirement = 'windows'),
                      now() + interval '17 days')
SQL

#
# T-16 days: one is signed by everybody, too early.
#
my $stale = '20260201000000-school-names';
my $late = '20260201000001-school-codes';
my $codes = '20260201000002-district-codes';

at(-16 * 24);
hand_in($stale, 'UPDATE schools SET name = btrim(name)', 'SELECT 1');
like(as('anna', "SELECT * FROM migrate_submit(ARRAY['$stale'], 'blanks', 'CHG-4600')"), qr/^release 1\|$stale\|HIGH\|/, 'its rows make it HIGH');
signs('carl', $stale, 'security');
signs('lena', $stale, 'stakeholders');
signs('dora', $stale, 'go');
signs($_, $stale, 'approval') for ('carl', 'dora');

#
# T-7 days: Anna hands in what takes over the card index, and submits it
# together with another, for the opening of the window.
#
at(-7 * 24 - 2);
my ($up, $down) = map { slurp_file("$white_cross/migrations/$legacy.$_.sql") } ('up', 'down');
is( as('anna', "SELECT migration, outcome FROM migrate_load_files(ARRAY['$legacy.up.sql', '$legacy.down.sql'], "
		  . "ARRAY[convert_to(\$hm\$$up\$hm\$, 'UTF8'), convert_to(\$hm\$$down\$hm\$, 'UTF8')])"),
	"$legacy|registered", 'anna hands in the migration of White Cross');
hand_in($codes, 'UPDATE districts SET code = upper(code)', 'UPDATE districts SET code = code');
hand_in($late, 'UPDATE schools SET code = upper(code)', 'SELECT 1');
is( as('lena', "SELECT DISTINCT risk FROM migrate_risk('$legacy')"),
	'HIGH', 'it is HIGH, by the rows that are there and what they hold');
like(as('lena', "SELECT reason FROM migrate_risk('$legacy') WHERE source = 'phi' AND object = 'public.vaccinations'"),
	qr/holds health information/, 'and touches health information');
my $release = 'release 2';
my $submitted = as('anna', "SELECT * FROM migrate_submit(ARRAY['$legacy', '$codes'], 'the card index is closed', 'CHG-4711', to_timestamp($opening))");
like($submitted, qr/^$release\|$legacy\|HIGH\|/m, 'the release is submitted');
as('anna', "SELECT * FROM migrate_submit(ARRAY['$late'], 'small letters', 'CHG-4712')");

# What is missing is said, with who can give it; times in the caller's zone.
my $missing = refused('lena', "SELECT * FROM migrate_up('$legacy')", 'T-7: nothing is approved',
	qr/ERROR:  MG018/,
	qr/needs the approval of a member of cto \(carl\); needs the approval of a member of dba \(dora\)/,
	qr/must have been submitted at least 7 days before, which is at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+\d\d;/,
	qr/needs the signature of a member of security_officer for stage "security" \(carl\)/,
	qr/needs the signature of a member of tech_lead or dba for stage "stakeholders" \(dora, lena\)/,
	qr/needs the signature of a member of cto or dba for stage "go" \(carl, dora\)/,
	qr/needs a privacy assessment/,
	qr/needs the signature of a member of privacy_officer for "privacy" \(lena\)/);
my $t0 = vienna(0);
like($missing, qr/outside its windows; it can run at $t0:00\+\d\d at the earliest/, 'the first window after all notices, by the clock on the wall');
like($missing, qr/is planned for $t0:00/, 'and what it is planned for');

# Everybody has a look; an author at what she wrote.
for my $user ('anna', 'lena', 'dora', 'carl', 'audrey')
{
	my $review = as($user, "SELECT * FROM migrate_review('$legacy')");

	like($review, qr/$_/, "$user reads the review")
	  for (qr/^checksum\|/, qr/^submission\|.*CHG-4711/m, qr/^health information\|public.vaccinations\|/m, qr/^to approve\|.*migrate_approve\('$legacy'/m);
}
is(as('anna', 'SELECT count(*) FROM migrate_queue()'), '0', 'nothing waits for the author');
is(as('audrey', 'SELECT count(*) FROM migrate_queue()'), '0', 'nor for the auditor');
is( as('carl', "SELECT wanted FROM migrate_queue() WHERE migration = '$legacy'"),
	'approval, security, go', 'for Carl it does, with all that he could sign');

# The assessment, by the author; the approval of it, by another.
like(as('anna', "SELECT migrate_assess('$legacy', 'the card index is closed', 'charts of all pupils', 'runs in the server')"),
	qr/^1$/, 'anna assesses');

#
# T-5 days: security, and privacy.
#
at(-5 * 24 - 2);
signs('carl', $release, 'security');
like(sign('carl', $legacy, 'privacy'), qr/MG020.*would not count/s, 'Carl is no privacy officer');
like(sign('dora', $codes, 'security'), qr/MG020/, 'nor is Dora the security officer');
signs('lena', $legacy, 'privacy');

#
# T-3 days: the stakeholders know.  Half approved is not approved.
#
at(-3 * 24 - 2);
signs('lena', $release, 'stakeholders');
signs('dora', $release, 'approval');
my $half = refused('lena', "SELECT * FROM migrate_up('$legacy')", 'T-3: half approved',
	qr/ERROR:  MG018/, qr/needs the approval of a member of cto \(carl\)/);
unlike($half, qr/member of dba \(|privacy|security_officer|tech_lead/, 'what is there is not asked for again');
signs('carl', $late, 'security');
signs('lena', $late, 'stakeholders');

#
# T-1 day: go.  Now everything is signed, and only the time is missing.
#
at(-24 - 2);
signs('dora', $release, 'go');
signs('carl', $release, 'approval');
signs('carl', $late, 'go');
signs($_, $late, 'approval') for ('carl', 'dora');
refused('lena', "SELECT * FROM migrate_up('$legacy')", 'T-1: outside of the window',
	qr/ERROR:  MG019/, qr/outside its windows; it can run at $t0:00/, qr/is planned for $t0:00/);
like(as('lena', "SET timezone = 'America/New_York'; SELECT * FROM migrate_up('$legacy')"),
	qr/MG019.*it can run at \d{4}-\d\d-\d\d 22:00:00-0[45]/s, 'the window, in New York');
is(as('carl', "SELECT migrate_freeze(to_timestamp($opening), to_timestamp($opening + 7200), 'the network is being moved')"),
	'1', 'Carl freezes the first two hours of it');
my $thawed = vienna(2);
refused('lena', "SELECT * FROM migrate_up('$legacy')", 'T-1: the window that the freeze leaves',
	qr/MG019/, qr/it can run at $thawed:00/);

#
# T-0: the window is open, and frozen until two people have ended that.
#
at(0.2);
refused('lena', "SELECT * FROM migrate_up('$legacy')", 'T-0: frozen',
	qr/ERROR:  MG019/, qr/is frozen until $thawed:00\+\d\d \(freeze 1, by "carl"\)/);
by_two('carl', 'dora', "migrate_freeze_end(1, 'it was quick')");

# Signed by everybody, and yet: too late, or too early.
my $late_until = query("SELECT to_char((given_at + interval '120 hours') AT TIME ZONE 'Europe/Vienna', 'YYYY-MM-DD HH24') FROM hipaa_migrate.approval_list WHERE migration = '$late' AND meaning = 'security'");
refused('lena', "SELECT * FROM migrate_up('$late')", 'signed too late',
	qr/ERROR:  MG019/, qr/stage "security" must have been signed at least 5 days before, which is at $late_until/);
refused('lena', "SELECT * FROM migrate_up('$stale')", 'signed too early',
	qr/ERROR:  MG018/,
	qr/needs the approval of a member of cto \(carl\)/,
	qr/the approval of Carl does not count: it has expired/,
	qr/the approval of Dora does not count: it has expired/);
is( query("SELECT string_agg(DISTINCT state, ' ') FROM hipaa_migrate.approval_list WHERE migration = '$stale'"),
	'expired', 'and shown as expired');

# Who may run it: who is neither author nor approver.
like(as('anna', "SELECT * FROM migrate_up('$legacy')"), qr/42501/, 'the author does not run anything');
refused('dora', "SELECT * FROM migrate_up('$legacy')", 'nor does an approver',
	qr/ERROR:  MG018/, qr/needs the approval of a member of dba \(nobody can\)/,
	qr/the approval of Dora does not count: it is that of whoever runs it/);
is(as('lena', "SELECT migration, outcome FROM migrate_up('$legacy')"), "$legacy|applied", 'Lena runs it');
is(as('lena', "SELECT migration, outcome FROM migrate_up('$codes')"), "$codes|applied", 'and the rest of the release');
is(query('SELECT count(*) FROM vaccinations') > 0, 1, 'what it does is done');
like(as('lena', "SELECT * FROM migrate_submit(ARRAY['$legacy'], 'again')"), qr/42501/, 'an operator submits nothing');

#
# The auditor reads it all, and changes nothing.
#
is( as('audrey', "SELECT string_agg(event, ' ' ORDER BY event_id) FROM hipaa_migrate.audit_log WHERE (migration = '$legacy' OR strpos(details::jsonb ->> 'members', '$legacy') > 0) AND event ~ '^(migration|submission|approval|assessment)' AND outcome <> 'refused' AND event <> 'approval.refused'"),
	'migration.registered migration.unregistered migration.registered submission.opened assessment.given '
	  . 'approval.given approval.given approval.given approval.given approval.given approval.given migration.applied approval.used',
	'the whole path is on record');
is( as('audrey', "SELECT string_agg(sqlstate, ' ' ORDER BY event_id) FROM hipaa_migrate.audit_log WHERE migration = '$legacy' AND event = 'policy.refused'"),
	'MG018 MG018 MG019 MG019 MG019 MG019 MG018', 'and each refusal');
is( as('audrey', "SELECT approvers, ticket, author FROM hipaa_migrate.audit_log WHERE event = 'migration.applied' AND migration = '$legacy'"),
	'Carl, Lena, Dora|CHG-4711|anna', 'with the event: who approved, by which ticket, who wrote it');
is( as('audrey', "SELECT string_agg(person || ' ' || meaning || ' ' || state, ', ' ORDER BY approval_id) FROM hipaa_migrate.approval_list WHERE migration = '$legacy'"),
	'Carl security used, Lena privacy used, Lena stakeholders used, Dora approval used, Dora go used, Carl approval used',
	'who signed what');
is( as('audrey', "SELECT state, migration FROM hipaa_migrate.submission_list WHERE submission_id = 2 ORDER BY migration"),
	"done|$legacy\ndone|$codes", 'the release is done');
is(as('audrey', "SELECT string_agg(DISTINCT outcome, ' ') FROM audit_verify() WHERE outcome <> 'skipped'"), 'ok', 'and the record verifies');
like(as('audrey', $_), qr/42501/, "the auditor does not: $_")
  for ("SELECT * FROM migrate_up()", "SELECT migrate_withdraw('$late', 'mine')", "SELECT migrate_freeze(NULL, NULL, 'mine')");

#
# Half a day later it can be taken back without another approval, outside of
# every window; to run it again takes all of it again.
#
at(12);
is(as('lena', "SELECT migration, outcome FROM migrate_down('$legacy', reason => 'the sums do not tally')"),
	"$legacy|reverted", 'T+12 hours: reverted within revert_period');
refused('lena', "SELECT * FROM migrate_up('$legacy')", 'it is not approved any more', qr/MG018/, qr/is not submitted/);

#
# Monday morning: the time for that is over.
#
at(36);
refused('lena', "SELECT * FROM migrate_down('$codes', reason => 'too late')", 'T+36 hours: reverting needs an approval of its own',
	qr/ERROR:  MG018/, qr/needs the approval of a member of cto/, qr/is not submitted/);
like(as('anna', "SELECT * FROM migrate_submit(ARRAY['$codes'], 'take it back', direction => 'down')"),
	qr/^release 4\|$codes\|HIGH\|/, 'for which it is submitted');

# Business hours, in New York: LOW is approved by a database administrator, who
# may run it too.  Of twelve, one is not submitted; another depends on it.
as('anna', "SELECT migrate_withdraw('$_', 'something else first')") for ($late, $stale);
as('anna', "SELECT migrate_unregister('$_', 'something else first')") for ($late, $stale, $legacy);
my @twelve = map { sprintf('202603010000%02d-ward-%d', $_, $_) } (1 .. 12);
as('anna', join(' ', map {
	"SELECT migrate_register('$twelve[$_]', up => 'CREATE TABLE IF NOT EXISTS ward_$_ (id integer PRIMARY KEY)', "
	  . "down => 'DROP TABLE IF EXISTS ward_$_'" . ($_ == 8 ? ", depends_on => ARRAY['$twelve[4]']" : '') . ');' } (0 .. 11)));
my $names = join(', ', map { "'$twelve[$_]'" } grep { $_ != 4 } (0 .. 11));
like(as('anna', "SELECT * FROM migrate_submit(ARRAY[$names], 'wards', 'CHG-4800')"), qr/^release 5\|release 5\|LOW\|/m, 'eleven of twelve are submitted');
signs('dora', 'release 5', 'approval');
my $twelve = refused('lena', 'SELECT * FROM migrate_up()', 'one of twelve is not approved',
	qr/ERROR:  MG018/, qr/"?$twelve[4]"?.*needs the approval of a member of dba \(dora\)/, qr/$twelve[8].*$twelve[4]/);
unlike($twelve, qr/$twelve[3]/, 'the others are not listed');
is(query("SELECT count(*) FROM pg_class WHERE relname ~ '^ward_' AND relkind = 'r'"), '0', 'nothing ran');
is( as('lena', "SELECT outcome, count(*) FROM migrate_up(blocked => 'skip') GROUP BY 1 ORDER BY 1"),
	"applied|10\nskipped|2", 'or it is left out, with what depends on it');
like(as('lena', "SELECT reason FROM migrate_plan() WHERE migration = '$twelve[4]'"), qr/is not|needs the approval/, 'the plan has the reason');

#
# Leaving enforce takes two people too.
#
like(as('dora', "SELECT count(confirm_id) > 0, max(mode) FROM migrate_guard('observe', 'the end')"), qr/^t\|enforce$/, 'Dora alone does not disarm the guard');
my $act = as('carl', 'SELECT max(act_id) FROM hipaa_migrate.pending_confirmation');
is(as('carl', "SELECT outcome FROM migrate_confirm($act, 'the end')"), 'confirmed', 'with Carl she does');
is(query("SELECT string_agg(DISTINCT mode, ' ') FROM hipaa_migrate.guard_status"), 'observe', 'the guard observes');
is(as('audrey', "SELECT string_agg(DISTINCT outcome, ' ') FROM audit_verify() WHERE outcome <> 'skipped'"), 'ok', 'the record verifies, in the end too');
$node->stop;

done_testing();
