
# test/tap/guard_update.pl
#	  Proves that a new version of the extension comes into a guarded database
#	  by disarming, updating and arming, all of it on record, and by no other
#	  way: a script that somebody else has put somewhere included.
#
# Puts scripts to versions that do not exist beside the installed one, and
# takes them away again.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateGuard;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($folder) = run_command([ 'pg_config', '--sharedir' ]);
$folder .= '/extension';
plan skip_all => "no script can be put into $folder" unless -w $folder;

my $NEXT = '99.1';
my $while_armed = qr/ERROR:  MG014: cannot change or drop .* while the guard is armed/;
my $unapproved = qr/ERROR:  MG014: cannot execute .* outside an approved migration/;
my $control = slurp_file("$folder/hipaa_migrate.control");
my ($version) = $control =~ /^default_version = '(.*)'$/m or die;
my @scripts;

sub overwrite
{
	my ($file, $text) = @_;

	open(my $out, '>', $file) or die "$file: $!";
	print $out $text;
	close($out) or die "$file: $!";
	return;
}

END { unlink(@scripts); }

my $node = new_server('clinic', conf => "hipaa_migrate.seal_interval = '1h'");

sub query
{
	my ($sql, $database) = @_;

	return $node->safe_psql($database // 'postgres', $sql);
}

# What is refused is on record by itself, with the command and class own.
sub update_refused
{
	my ($what, $sql, $user) = @_;

	refused($node, $what, $sql, $user);
	is(query(q{SELECT concat_ws(' ', command, rule, object) FROM hipaa_migrate.audit_event WHERE kind = 'guard.refused' ORDER BY event_id DESC LIMIT 1}),
		'ALTER EXTENSION hipaa_migrate own hipaa_migrate', "$what: as what it is");
	is(query(q{SELECT extversion FROM pg_extension WHERE extname = 'hipaa_migrate'}), $version, "$what: the version is as before");
	return;
}

sub failures
{
	my ($digest) = @_;

	return query(qq{SELECT string_agg(check_name || ': ' || message, E'\\n') FROM audit_verify('$digest') WHERE outcome = 'failed'});
}

sub fails
{
	my ($what, $pattern, $sql, $database) = @_;
	my (undef, $err) = finish(background($node, 'attempt', $sql, $database));

	like($err, $pattern, $what);
	return;
}

# Everything that an armed database does, after the update as before.
sub guards
{
	my ($when, $number) = @_;

	refused($node, "$when, a table by hand", "CREATE TABLE by_hand (id integer)");
	refused($node, "$when, a role by hand", "CREATE ROLE by_hand");
	fails("$when, the door", qr/ERROR:  MG013/, 'DELETE FROM hipaa_migrate.audit_event');
	register_tables($node, $number, $number);
	works($node, "$when, a migration passes", 'SELECT count(*) FROM migrate_up()');
	is(query("SELECT to_regclass('t$number') IS NOT NULL"), 't', "$when, it is applied");
	is(query(qq{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'ddl.executed' AND object = 'public.t$number'}), 1, "$when, and on record");
	return;
}

for my $database (qw(other earlier))
{
	query("CREATE DATABASE $database");
	query('CREATE EXTENSION hipaa_migrate', $database);
}
query(q{CREATE SCHEMA scratch; CREATE ROLE owner LOGIN SUPERUSER; SELECT migrate_grant('breaker', 'owner')});
arm($node);
arm($node, 'other');
guards('before', 1);
query('SELECT audit_seal()');
my $digest = query('SELECT audit_digest()');

# --- The new version is installed beside the running server, as a package does
# it: its script changes tables, a view and functions, in SQL and in C.
push @scripts, map { "$folder/hipaa_migrate--$version--$_.sql" } $NEXT, 'failing', 'earlier';
overwrite($scripts[0], <<'SQL');
ALTER TABLE hipaa_migrate.audit_hold ADD COLUMN ticket text;
COMMENT ON COLUMN hipaa_migrate.audit_hold.ticket IS 'where it was asked for';
ALTER TABLE hipaa_migrate.guard_exemption ADD COLUMN ticket text;
UPDATE hipaa_migrate.guard_class SET reason = reason || ' (kept)';
CREATE OR REPLACE VIEW hipaa_migrate.guard_status AS
    SELECT c.class, c.mode, c.since, c.changed_by, c.reason, c.covers,
           c.does_not_cover, c.mode = 'enforce' AS armed
      FROM hipaa_migrate.guard_classes() AS c;
CREATE FUNCTION hipaa_migrate.fits(server_version_num integer) RETURNS boolean
    LANGUAGE C STRICT AS 'MODULE_PATHNAME', 'hm_server_fits';
CREATE FUNCTION hipaa_migrate.tickets() RETURNS bigint LANGUAGE sql
    AS $$ SELECT count(ticket) FROM hipaa_migrate.audit_hold $$;
SQL
overwrite($scripts[1], "ALTER TABLE hipaa_migrate.audit_hold DISABLE TRIGGER door;\nDROP EVENT TRIGGER hipaa_migrate_ddl;\nSELECT 1 / 0;");
is(query(qq{SELECT count(*) FROM pg_available_extension_versions WHERE name = 'hipaa_migrate' AND version = '$NEXT'}), 1, 'a new version is there');
guards('with its files there', 2);

# --- Armed, nothing updates it: no permit, no way round, one class is enough.
my $update = 'ALTER EXTENSION hipaa_migrate UPDATE';
my $newer = "$update TO '$NEXT'";
update_refused('armed', $update);
update_refused('armed, by the name of a version', $newer);
update_refused('armed, in a function', "DO \$\$ BEGIN EXECUTE '$update'; END \$\$");
update_refused('armed, under break-glass', "SELECT count(*) FROM migrate_break_glass('an update'); $update", 'owner');
register($node, 'u9', $update, "down => 'SELECT'");
fails('armed, in a migration that says so', qr/ERROR:  MG017: .*\n.*make-u9: does what no migration may/, 'SELECT count(*) FROM migrate_up()');
query("SELECT migrate_unregister('20250101000009-make-u9', 'no migration can do it')");
register($node, 'u8', "DO \$\$ BEGIN EXECUTE replace('$update', 'UPDATE', 'update'); END \$\$", "down => 'SELECT'");
fails('armed, in a migration that hides it', qr/ERROR:  MG017: cannot change extension "hipaa_migrate" in a migration/, 'SELECT count(*) FROM migrate_up()');
query("SELECT migrate_unregister('20250101000008-make-u8', 'nor can this one')");
guard($node, 'observe', 'postgres', qw(privilege accounts cluster maintenance danger));
update_refused('with one class armed', $update, 'owner');
fails('nor is its script executed by hand', qr/ERROR:  MG01[34]/, "\\i $scripts[0]");
arm($node);

# --- Disarmed by a transaction that is not committed, it was neither disarmed
# nor updated.
works($node, 'disarmed and updated, and rolled back', "BEGIN; SELECT count(*) FROM migrate_guard('observe', 'not to be'); $newer; ROLLBACK");
is(query(q{SELECT string_agg(DISTINCT extversion || ' ' || mode, ', ') FROM pg_extension, migrate_guard() WHERE extname = 'hipaa_migrate'}),
	"$version enforce", 'nothing has changed');

# --- Disarmed, a script that fails changes nothing either.
guard($node, 'observe');
fails('a script that fails', qr/ERROR:  22012: division by zero/, "$update TO 'failing'");
is(query(q{SELECT count(*) FROM pg_event_trigger WHERE evtname = 'hipaa_migrate_ddl'}), 1, 'what it did is undone');
is(query(q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'record.updated'}), 0, 'and no update is on record');
is(failures($digest), '', 'the record verifies');

# --- Disarmed, updated, armed, beside a session that was there before.
my $old = $node->background_psql('postgres', on_error_stop => 0);
$old->query_safe('SELECT count(*) FROM migrate_status()');
works($node, 'disarmed, it is updated', $newer);
is(failures($digest), '', 'not sealed yet, the record verifies');
query('SELECT audit_seal()');
is(failures($digest), '', 'sealed, the record verifies');
$digest = query('SELECT audit_digest()');
arm($node);
is(query(q{SELECT string_agg(concat_ws(' ', event, object, details ->> 'before', details ->> 'version'), ', ' ORDER BY event_id)
	FROM (SELECT event_id, event, object, details::jsonb - 'mode' AS details FROM hipaa_migrate.audit_log
		WHERE event IN ('guard.changed', 'record.updated') ORDER BY event_id DESC LIMIT 3) AS l}) =~ s/\{.*?\}/modes/gr,
	"guard.changed observe modes, record.updated hipaa_migrate $version $NEXT, guard.changed enforce modes",
	'disarming, updating and arming are on record');
$old->query('CREATE TABLE by_hand (id integer)');
like($old->{stderr}, qr/outside an approved migration/, 'armed again for the session that was there before');
$old->quit;

# --- What the new version brought works, and is behind the door like the rest.
is(query('SELECT hipaa_migrate.fits(150009)'), 'f', 'a new function in C works');
is(query('SELECT hipaa_migrate.tickets()'), 0, 'one in SQL reads a new column');
is(query('SELECT bool_and(armed) FROM hipaa_migrate.guard_status'), 't', 'a view shows its new column');
query(q{SELECT count(*) FROM migrate_exempt('an old call on a new table', 'owner', 'scratch', 'CREATE TABLE', now() + interval '1 hour')});
is(query('SELECT count(*) FROM hipaa_migrate.guard_exemption WHERE ticket IS NULL'), 1, 'a table that was altered is still written');
fails('a new column by hand', qr/ERROR:  MG013/, q{UPDATE hipaa_migrate.guard_exemption SET ticket = 'forged'});
fails('a new function by hand', qr/ERROR:  MG01[34]/, 'DROP FUNCTION hipaa_migrate.tickets()');
guards('updated', 4);
query('SELECT audit_seal()');
is(failures($digest), '', 'the record of all this verifies');

# --- The other database has the version from before, and its guard is none the
# weaker for it.
is(query(q{SELECT extversion FROM pg_extension WHERE extname = 'hipaa_migrate'}, 'other'), $version, 'the other database has the version from before');
fails('where nothing was updated, a table by hand', $unapproved, 'CREATE TABLE by_hand (id integer)', 'other');
fails('an update there', $while_armed, $update, 'other');
fails('what belongs to the cluster', $unapproved, 'CREATE ROLE by_hand', 'other');

# --- A database from before there was a policy: the library is there, its tables
# and columns are not, and nothing can be updated that is armed.  All but what needs them
# works: emergencies, runs, reviews, seals.
overwrite($scripts[2], join("\n", 'ALTER TABLE hipaa_migrate.migration_revision DROP COLUMN author_oid, DROP COLUMN author_server;',
		map { "DROP TABLE hipaa_migrate.$_ CASCADE;" }
		qw(policy_requirement freeze_period person_login known_membership assessment submission submission_member approval)));
query("$update TO 'earlier'", 'earlier');
query(q{SELECT migrate_grant('breaker', 'owner'); SELECT migrate_grant('approver', 'owner')}, 'earlier');
arm($node, 'earlier');
fails('without tables of a policy, a table by hand', $unapproved, 'CREATE TABLE by_hand (id integer)', 'earlier');
query(q{SELECT outcome FROM migrate_register('20250101000001-early', 'CREATE TABLE early (id integer)', 'DROP TABLE early')}, 'earlier');
is(works($node, '... a plan is shown', 'SELECT risk FROM migrate_plan()', undef, 'earlier') =~ s/\s+//gr, 'MEDIUM', '... with its risk');
works($node, '... a migration passes', 'SELECT count(*) FROM migrate_up()', undef, 'earlier');
works($node, '... and back', q{SELECT count(*) FROM migrate_down('20250101000001-early')}, undef, 'earlier');
works($node, '... break-glass opens', q{SELECT count(*) FROM migrate_break_glass('fire', 'P2'); CREATE TABLE by_hand (id integer)}, 'owner', 'earlier');
query('SELECT audit_seal()', 'earlier');
works($node, '... and is reviewed by another', q{SELECT migrate_break_glass_close(break_glass_id, 'a test') FROM hipaa_migrate.break_glass_review}, undef, 'earlier');
is(query(q{SELECT string_agg(check_name || ': ' || message, E'\n') FROM audit_verify() WHERE outcome = 'failed'}, 'earlier'), '', '... the record verifies');
is(query(q{SELECT value FROM migrate_health() WHERE item = 'policy'}, 'earlier'), 'none', '... there is no policy');
works($node, '... it can be disarmed', q{SELECT count(*) FROM migrate_guard('observe', 'to update')}, undef, 'earlier');

# --- After a restart, as after the package's own.
$node->restart;
guards('restarted', 5);

# --- A script that somebody else put where the server can be told to look.
SKIP:
{
	skip 'this server looks for scripts in one place only', 1 if $node->pg_version < 18;
	my $elsewhere = PostgreSQL::Test::Utils::tempdir();
	my $look_there = "SET extension_control_path = '$elsewhere:\$system'";

	mkdir("$elsewhere/extension");
	overwrite("$elsewhere/extension/hipaa_migrate.control", $control =~ s/^default_version = .*$/default_version = 'hostile'/mr);
	overwrite("$elsewhere/extension/hipaa_migrate--$NEXT--hostile.sql", 'ALTER TABLE hipaa_migrate.audit_event DISABLE TRIGGER door;');
	refused($node, 'armed, to look elsewhere for scripts', "$look_there; $update");
	refused($node, 'armed, to look elsewhere for scripts, by set_config', "SELECT set_config('extension_control_path', '$elsewhere', false); $update");
	fails('armed, looking elsewhere since the connection began', qr/ERROR:  MG014/, "\\connect -reuse-previous=on \"options='-c extension_control_path=$elsewhere'\"\n$update");
	guard($node, 'observe');
	works($node, 'disarmed, a superuser can do it', "$look_there; $update");
	is(query(q{SELECT string_agg(concat_ws(' ', kind, object, details::jsonb ->> 'version'), ', ' ORDER BY event_id) FROM hipaa_migrate.audit_event
		WHERE kind = 'record.updated' AND details::jsonb ->> 'version' = 'hostile' OR kind = 'guard.observed' AND object = 'extension_control_path'}),
		'guard.observed extension_control_path, record.updated hipaa_migrate hostile', 'and it is on record');
	fails('what it opened is not the only door', qr/ERROR:  MG013/, 'DELETE FROM hipaa_migrate.audit_event');
}

$node->stop;

done_testing();
