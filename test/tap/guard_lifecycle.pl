
# test/tap/guard_lifecycle.pl
#	  The guard's life: installed on a server that goes on, armed, updated,
#	  restored, copied, failed over, overridden, uninstalled.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateGuard;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $armed = q{SELECT string_agg(DISTINCT mode, ' ') FROM migrate_guard()};
my $unapproved = qr/ERROR:  MG014: cannot execute .* outside an approved migration/;
my $while_armed = qr/ERROR:  MG014: cannot change or drop .* while the guard is armed/;

sub refused_in
{
	my ($server, $attempt, $what, $pattern, $database) = @_;
	my (undef, $said) = finish(background($server, 'attempt', $attempt, $database));

	like($said, $pattern, $what);
	return;
}

# --- installed on a server with a session that is at work
my $node = PostgreSQL::Test::Cluster->new('clinic');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'hipaa_migrate'\nmax_connections = 40\n");
$node->start;
my $gate = gate($node, 'SELECT pg_advisory_lock(1)');
my $busy = background($node, 'busy', 'CREATE TABLE before (id integer); BEGIN; INSERT INTO before VALUES (1); SELECT pg_advisory_xact_lock(1); COMMIT; CREATE TABLE after (id integer)');
wait_until_blocked($node, 'busy', 'advisory');
$node->safe_psql('postgres', 'CREATE EXTENSION hipaa_migrate');
end_gate($node, $gate);
my (undef, $err) = finish($busy);
is($err, '', 'installed while a transaction was open, which went on');
is($node->safe_psql('postgres', $armed), 'observe', 'a new installation observes');
is($node->safe_psql('postgres', 'SELECT string_agg(object, $$ $$) FROM hipaa_migrate.guard_observed'), 'public.after', 'and shows what enforcing would have refused');

# --- armed
$gate = gate($node, 'SELECT pg_advisory_lock(1)');
my $waiting = background($node, 'waiting', 'BEGIN; SELECT pg_advisory_xact_lock(1); CREATE TABLE too_late (id integer)');
wait_until_blocked($node, 'waiting', 'advisory');
arm($node);
end_gate($node, $gate);
(undef, $err) = finish($waiting);
like($err, $unapproved, 'armed for sessions that were there before');
is($node->safe_psql('postgres', $armed), 'enforce', 'armed');

# --- nobody is without it after a restart, in whichever database it begins
$node->safe_psql('postgres', q{SELECT count(*) FROM migrate_guard('observe', 'a database more', '{cluster}')});
$node->safe_psql('postgres', 'CREATE DATABASE other');
arm($node);
for my $mode ('fast', 'immediate')
{
	$node->stop($mode);
	$node->start;
	refused_in($node, 'ALTER DATABASE postgres RENAME TO gone', "first statement after a restart ($mode), in another database", $while_armed, 'other');
	refused_in($node, 'CREATE ROLE intruder SUPERUSER', "and the second", $unapproved, 'other');
	refused_in($node, 'CREATE TABLE t (id integer)', 'and in its own', $unapproved);
}

# --- a new version: disarmed, updated, armed again, and on record
refused_in($node, 'ALTER EXTENSION hipaa_migrate UPDATE', 'no update while armed', $while_armed);
guard($node, 'observe');
$node->safe_psql('postgres', 'ALTER EXTENSION hipaa_migrate UPDATE');
arm($node);
is($node->safe_psql('postgres', q{SELECT string_agg(object || ' ' || (actor = current_user), ', ' ORDER BY event_id DESC) FROM (SELECT * FROM hipaa_migrate.audit_log WHERE event = 'guard.changed' ORDER BY event_id DESC LIMIT 2) AS l}),
	'enforce true, observe true', 'disarming and arming are on record');

# --- standby and failover: as it was
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
is($standby->safe_psql('postgres', $armed), 'enforce', 'a standby shows that it is armed');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM hipaa_migrate.guard_status'), 6, 'in the view, too');
my $session = $standby->background_psql('postgres', on_error_stop => 0);
$session->query_safe('SELECT 1');
$standby->promote;
$session->query('CREATE TABLE t (id integer)');
like($session->{stderr}, qr/outside an approved migration/, 'promoted, it is armed at once, for old sessions');
$session->quit;
refused_in($standby, 'CREATE TABLE t (id integer)', 'and for new ones', $unapproved);
refused_in($standby, 'CREATE ROLE intruder', 'and for what acts on the cluster', $unapproved, 'other');
$standby->stop;

# --- a dump, with everything of the database, into a new cluster
my $dump = $node->basedir . '/clinic.sql';
$node->command_ok([ 'pg_dump', '--create', '--file', $dump, 'postgres' ], 'an armed database can be dumped');
like(slurp_file($dump), qr/SECURITY LABEL FOR hipaa_migrate ON DATABASE/, 'with the label that makes it armed');
my $restored = PostgreSQL::Test::Cluster->new('restored');
$restored->init;
$restored->append_conf('postgresql.conf', "shared_preload_libraries = 'hipaa_migrate'\n");
$restored->start;
my $sql = slurp_file($dump);
$sql =~ s/^CREATE DATABASE postgres/CREATE DATABASE clinic/mg;
$sql =~ s/^(ALTER DATABASE|\\connect|SECURITY LABEL FOR hipaa_migrate ON DATABASE) postgres/$1 clinic/mg;
append_to_file("$dump.clinic", $sql);
my ($code, $out);
($code, $out, $err) = $restored->psql('template1', "\\i $dump.clinic", on_error_stop => 1);
is($code, 0, 'it can be restored') or diag $err;
like($err, qr/WARNING:  what guarded database "clinic" is not restored with it/, 'the label is left out, and that is said');
is($restored->safe_psql('clinic', $armed), 'observe', 'it arrives observing');
$restored->safe_psql('clinic', 'CREATE TABLE t (id integer)');
$restored->stop;

# --- a copy by TEMPLATE
refused_in($node, 'CREATE DATABASE copied TEMPLATE postgres', 'no copy while the cluster is guarded', $unapproved, 'other');
$node->safe_psql('postgres', q{SELECT count(*) FROM migrate_guard('observe', 'a copy', '{cluster}')});
$node->safe_psql('other', 'CREATE DATABASE copied TEMPLATE postgres');
is($node->safe_psql('copied', $armed), 'observe', 'a copy observes');
$node->safe_psql('copied', 'CREATE TABLE t (id integer)');
refused_in($node, 'CREATE TABLE t (id integer)', 'its origin enforces', $unapproved);
refused_in($node, 'DROP DATABASE postgres', 'and stays', $while_armed, 'copied');

# --- locked out: the configuration file, and nothing else
refused_in($node, 'ALTER SYSTEM SET hipaa_migrate.guard_override = on', 'not by ALTER SYSTEM', qr/ERROR:/);
refused_in($node, 'SET hipaa_migrate.guard_override = on', 'not by SET', qr/ERROR:/);
refused_in($node, 'ALTER ROLE CURRENT_USER SET hipaa_migrate.guard_override = on', 'not for a role', qr/ERROR:/);
$node->append_conf('postgresql.conf', "hipaa_migrate.guard_override = on\n");
$node->reload;
$node->poll_query_until('postgres', q{SELECT current_setting('hipaa_migrate.guard_override') = 'on'});
$node->safe_psql('postgres', 'CREATE TABLE rescued (id integer)');
is($node->safe_psql('postgres', q{SELECT string_agg(object, ' ') FROM hipaa_migrate.audit_log WHERE event = 'guard.overridden'}), 'public.rescued', 'what passed is on record');
$node->safe_psql('postgres', 'SELECT audit_seal()');
$node->poll_query_until('postgres', q{SELECT EXISTS (SELECT FROM hipaa_migrate.audit_log WHERE event = 'setting.changed' AND object = 'hipaa_migrate.guard_override')});
pass('and so is the override');
$node->append_conf('postgresql.conf', "hipaa_migrate.guard_override = off\n");
$node->reload;
$node->poll_query_until('postgres', q{SELECT current_setting('hipaa_migrate.guard_override') = 'off'});
refused_in($node, 'CREATE TABLE t (id integer)', 'taken back, it enforces', $unapproved);

# --- uninstalled
refused_in($node, 'DROP EXTENSION hipaa_migrate CASCADE', 'armed, it stays', $while_armed);
guard($node, 'observe');
$node->safe_psql('postgres', 'DROP EXTENSION hipaa_migrate; CREATE TABLE t (id integer); CREATE ROLE somebody');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_shseclabel WHERE objoid = (SELECT oid FROM pg_database WHERE datname = 'postgres')}), 0, 'uninstalled, it leaves no label');
$node->safe_psql('other', 'DROP DATABASE postgres');

# --- a package that was removed too early: the server does not start, and how
# to get in without it
$node->safe_psql('other', 'CREATE EXTENSION hipaa_migrate');
arm($node, 'other');
$node->stop;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'hipaa_migrate_gone'\n");
ok(!$node->start(fail_ok => 1), 'without the file of the library the server does not start');
like(slurp_file($node->logfile), qr/FATAL:  could not access file "hipaa_migrate_gone"/, 'and says what is missing');
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''\n");
$node->start;
is($node->safe_psql('other', 'SELECT 1'), 1, 'without the library it starts, and can be read');
refused_in($node, 'CREATE TABLE t (id integer)', 'but DDL needs the library', qr/ERROR:.*(?:hipaa_migrate|preload)/, 'other');
$node->stop;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'hipaa_migrate'\n");
$node->start;
refused_in($node, 'CREATE TABLE t (id integer)', 'with it again, it is armed as before', $unapproved, 'other');

done_testing();
