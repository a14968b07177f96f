
# test/tap/door.pl
#	  Proves what the door is for: that a superuser of a server without the
#	  library rewrites the record, by DML, by catalogs, by replication, and that
#	  with the library the same is refused and changes nothing.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('door', streaming => 1, conf => "wal_level = logical\nmax_worker_processes = 20\n");
my @tables = qw(migration migration_revision migration_dependency capability_grant run run_step run_statement audit_event);

register_tables($node, 1, 3);
$node->safe_psql('postgres', q{SELECT migrate_up(); SELECT migrate_grant('auditor', current_user)});

# Rows of our tables, and of the record those that were there at the start.
my $last = 0;

sub contents
{
	return join("\n", map {
		my $where = $_ eq 'audit_event' ? "WHERE event_id <= $last" : '';
		$node->safe_psql('postgres', "SELECT md5(string_agg(x::text, ',' ORDER BY x::text)) FROM hipaa_migrate.$_ AS x $where")
	} @tables);
}

# Each in a transaction of its own, that is rolled back when it was let do its
# work; what comes after the arrow shows that it did.
my $run = q{'hipaa_migrate.run'::regclass};
my @attacks = (
	[ "ALTER TABLE hipaa_migrate.run DISABLE TRIGGER ALL; DELETE FROM hipaa_migrate.run", 'SELECT count(*) = 0 FROM hipaa_migrate.run' ],
	[ "UPDATE pg_trigger SET tgenabled = 'D' WHERE tgrelid = $run; UPDATE hipaa_migrate.run SET executed_by = 'nobody'", q{SELECT bool_and(executed_by = 'nobody') FROM hipaa_migrate.run} ],
	[ "DELETE FROM pg_trigger WHERE tgrelid = $run; UPDATE pg_class SET relhastriggers = false WHERE oid = $run; DELETE FROM hipaa_migrate.run", 'SELECT count(*) = 0 FROM hipaa_migrate.run' ],
	[ "UPDATE pg_class SET relhastriggers = false WHERE oid = $run; TRUNCATE hipaa_migrate.run", 'SELECT count(*) = 0 FROM hipaa_migrate.run' ],
	[ "CREATE TABLE swap (LIKE hipaa_migrate.run INCLUDING ALL); UPDATE pg_class SET relfilenode = (SELECT relfilenode FROM pg_class WHERE oid = 'swap'::regclass) WHERE oid = $run", "SELECT pg_relation_filenode($run) = pg_relation_filenode('swap')" ],
	[ "UPDATE pg_attribute SET attname = 'x' WHERE attrelid = $run AND attname = 'executed_by'", q{SELECT count(*) = 1 FROM pg_attribute WHERE attrelid = 'hipaa_migrate.run'::regclass AND attname = 'x'} ],
	[ "UPDATE pg_class SET relrowsecurity = true, relforcerowsecurity = true WHERE oid = $run", "SELECT relforcerowsecurity FROM pg_class WHERE oid = $run" ],
	[ "ALTER TABLE hipaa_migrate.run ALTER COLUMN client TYPE text USING 'elsewhere'", q{SELECT bool_and(client = 'elsewhere') FROM hipaa_migrate.run} ],
	[ 'ALTER TABLE hipaa_migrate.run SET UNLOGGED', "SELECT relpersistence = 'u' FROM pg_class WHERE oid = $run" ],
	[ 'CREATE RULE lose AS ON INSERT TO hipaa_migrate.run DO INSTEAD NOTHING', "SELECT relhasrules FROM pg_class WHERE oid = $run" ],
	[ 'CREATE TABLE parent (LIKE hipaa_migrate.run); ALTER TABLE hipaa_migrate.run INHERIT parent', 'SELECT count(*) > 0 FROM parent' ],
	[ "ALTER EXTENSION hipaa_migrate DROP TABLE hipaa_migrate.run; DROP TABLE hipaa_migrate.run CASCADE", q{SELECT to_regclass('hipaa_migrate.run') IS NULL} ],
	[ "UPDATE pg_proc SET prosrc = 'version', probin = NULL, prolang = 12 WHERE oid = 'hipaa_migrate.door()'::regprocedure", q{SELECT prosrc = 'version' FROM pg_proc WHERE oid = 'hipaa_migrate.door()'::regprocedure} ],
	[ "DELETE FROM pg_depend WHERE objid = $run AND deptype = 'e'; DROP TABLE hipaa_migrate.run CASCADE", q{SELECT to_regclass('hipaa_migrate.run') IS NULL} ],
	[ "CREATE TABLE twin (LIKE hipaa_migrate.run INCLUDING ALL); UPDATE pg_class SET relfilenode = (SELECT relfilenode FROM pg_class WHERE oid = $run) WHERE oid = 'twin'::regclass; DELETE FROM twin", 'SELECT count(*) = 0 FROM hipaa_migrate.run' ],
	[ "CREATE TABLE kin (LIKE hipaa_migrate.run); UPDATE pg_class SET relhassubclass = true WHERE oid = 'kin'::regclass; INSERT INTO pg_inherits VALUES ($run, 'kin'::regclass, 1, false)", 'SELECT count(*) > 0 FROM kin' ],
	[ q{UPDATE pg_extension SET extname = 'x' WHERE extname = 'hipaa_migrate'}, q{SELECT count(*) = 0 FROM pg_extension WHERE extname = 'hipaa_migrate'} ],
	[ "CREATE FUNCTION pg_temp.meanwhile() RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM 1; UPDATE hipaa_migrate.run SET executed_by = current_setting(''server_version''); END'; WITH u AS (UPDATE pg_trigger SET tgenabled = 'D' WHERE tgrelid = $run AND tgname = 'door' RETURNING 1) SELECT pg_temp.meanwhile() FROM u", q{SELECT bool_and(executed_by = current_setting('server_version')) FROM hipaa_migrate.run} ],
	[ "CREATE TABLE ruled (a integer); CREATE RULE lose AS ON INSERT TO ruled DO INSTEAD NOTHING; UPDATE pg_rewrite SET ev_class = $run WHERE ev_class = 'ruled'::regclass", "SELECT count(*) = 1 FROM pg_rewrite WHERE ev_class = $run" ],
	[ "ALTER SEQUENCE hipaa_migrate.event_id_seq RESTART WITH 1000000000", 'SELECT last_value = 1000000000 FROM hipaa_migrate.event_id_seq' ],
	[ 'CREATE OR REPLACE VIEW hipaa_migrate.audit_event_kind AS SELECT NULL::text AS kind, NULL::text AS outcome, NULL::text AS description', 'SELECT count(*) = 1 FROM hipaa_migrate.audit_event_kind' ],
	[ q{CREATE EXTENSION pg_surgery; CREATE TABLE victim AS SELECT 1; SELECT heap_force_kill('victim', ARRAY(SELECT ctid FROM victim))}, 'SELECT count(*) = 0 FROM victim' ],
	[ 'DROP OWNED BY CURRENT_USER CASCADE', q{SELECT to_regnamespace('hipaa_migrate') IS NULL}, 'second' ],
	[ 'REASSIGN OWNED BY CURRENT_USER TO heir', q{SELECT nspowner = 'heir'::regrole FROM pg_namespace WHERE nspname = 'hipaa_migrate'}, 'second' ],
	[ 'DROP SCHEMA tools CASCADE', q{SELECT to_regnamespace('hipaa_migrate') IS NULL}, 'second' ],
);

# Another database, whose extension belongs to a superuser that is not the one
# who made the cluster, and lives in a schema of its own.
$node->safe_psql('postgres', 'CREATE ROLE second SUPERUSER LOGIN; CREATE ROLE heir SUPERUSER; CREATE DATABASE second');
my @as_second = (extra_params => [ '-U', 'second' ]);
$node->safe_psql('second', 'CREATE SCHEMA tools; CREATE EXTENSION hipaa_migrate SCHEMA tools', @as_second);

sub attack
{
	my ($attack, $first) = @_;
	my ($sql, $proof, $database) = @$attack;
	my ($out, $err);

	$node->psql($database // 'postgres', "BEGIN; $first $sql; $proof; ROLLBACK;",
		stdout => \$out, stderr => \$err, on_error_stop => 1, extra_params => [ '-v', 'VERBOSITY=verbose', ($database ? ('-U', 'second') : ()) ]);
	$out =~ s/.*\n//s;
	return ($out, $err);
}

# The server without the library.
sub serve
{
	my ($libraries) = @_;

	$node->append_conf('postgresql.conf', "shared_preload_libraries = '$libraries'");
	$node->restart;
	return;
}

$last = $node->safe_psql('postgres', 'SELECT max(event_id) FROM hipaa_migrate.audit_event');
$last = 0 if $last eq '';
my $before = contents();

foreach my $attack (@attacks)
{
	my ($out, $err) = attack($attack, '');

	like($err, qr/ERROR:  MG013: cannot /, "with the library refused: $attack->[0]");
}
is(contents(), $before, 'and nothing has changed');
my $refused = $node->safe_psql('postgres', q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'door.refused'});
cmp_ok($refused, '>', 0, 'refusals are on record');
is($node->safe_psql('postgres', q{SELECT DISTINCT outcome, sqlstate, rule FROM hipaa_migrate.audit_event WHERE kind = 'door.refused'}),
	'refused|MG013|door', 'with their code');

# Our event triggers, which need the library, are put out of the way first.
serve('');
foreach my $attack (@attacks)
{
	my ($out, $err) = attack($attack, q{UPDATE pg_event_trigger SET evtenabled = 'D';});

	is($out, 't', "without the library done: $attack->[0]") or diag($err);
}
is(contents(), $before, 'all of that was rolled back');
$node->psql('postgres', 'SET session_replication_role = replica; DELETE FROM hipaa_migrate.run', stderr => \my $loading);
like($loading, qr/must be loaded when the server starts/, 'while the triggers stand, they refuse even without the library');
serve('hipaa_migrate');

# What replication brings comes by no hook, only by a trigger: of ours it fires
# whatever session_replication_role says.  The publisher is a database with
# tables that are called like ours, and are not.
$node->safe_psql('postgres', 'CREATE DATABASE publisher');
$node->safe_psql('publisher', <<'SQL');
CREATE SCHEMA hipaa_migrate;
CREATE TABLE hipaa_migrate.capability_grant (capability text, role_name name, role_oid oid, server bigint, granted_by name, granted_at timestamptz, PRIMARY KEY (capability, role_name));
CREATE TABLE look_alike (id integer PRIMARY KEY);
CREATE PUBLICATION forger FOR TABLE hipaa_migrate.capability_grant, look_alike;
SELECT pg_create_logical_replication_slot('forger', 'pgoutput');
SQL
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE look_alike (id integer PRIMARY KEY);
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'append only'; END $$;
CREATE TRIGGER keep BEFORE INSERT ON look_alike FOR EACH ROW EXECUTE FUNCTION keep();
SQL
(my $publisher = $node->connstr('publisher')) =~ s/'/''/g;
$node->safe_psql('postgres', "CREATE SUBSCRIPTION forger CONNECTION '$publisher'"
	  . q{ PUBLICATION forger WITH (create_slot = false, slot_name = 'forger', copy_data = false)});
$node->safe_psql('publisher', 'INSERT INTO look_alike VALUES (1)');
ok($node->poll_query_until('postgres', 'SELECT count(*) = 1 FROM look_alike'), 'replication gets round an ordinary trigger');
my $log = -s $node->logfile;
$node->safe_psql('publisher', q{INSERT INTO hipaa_migrate.capability_grant SELECT 'breaker', 'heir', 1, 1, 'nobody', now()});
$node->wait_for_log(qr/ERROR:  cannot change table "hipaa_migrate.capability_grant" by hand/, $log);
is($node->safe_psql('postgres', q{SELECT count(*) FROM hipaa_migrate.capability WHERE capability = 'breaker'}), '0', 'and not round ours');
$node->safe_psql('postgres', q{ALTER SUBSCRIPTION forger DISABLE; ALTER SUBSCRIPTION forger SET (slot_name = NONE)});
$node->safe_psql('postgres', 'DROP SUBSCRIPTION forger; DROP TABLE look_alike');
$node->poll_query_until('publisher', q{SELECT count(*) = 0 FROM pg_replication_slots WHERE active});
$node->safe_psql('publisher', q{SELECT pg_drop_replication_slot('forger')});

# A dump is restored where nothing was done yet, and nowhere else.
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';

$node->command_ok([ 'pg_dump', '--data-only', '-t', 'hipaa_migrate.run', '-f', $dump, $node->connstr('postgres') ], 'pg_dump of one table');
$node->safe_psql('postgres', 'CREATE DATABASE fresh');
$node->safe_psql('fresh', 'CREATE EXTENSION hipaa_migrate');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('fresh'), '-f', $dump ], 'restored into a new database');
my @restore = ('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose', '-f', $dump, '-d');
$node->command_fails_like([ @restore, $node->connstr('postgres') ], qr/MG013: cannot change table "hipaa_migrate.run"/, 'not over what was done');
append_to_file("$dump.epoch", $node->safe_psql('fresh', 'COPY hipaa_migrate.audit_epoch TO STDOUT') . "\n");
$node->psql('fresh', "COPY hipaa_migrate.audit_epoch FROM '$dump.epoch'", stderr => \my $own_epoch);
like($own_epoch, qr/The epoch that is open belongs to this database/, 'nor rows of the epoch that is open');

# The owner may drop the extension; the server's log says who did it.
$log = -s $node->logfile;
$node->safe_psql('fresh', 'DROP EXTENSION hipaa_migrate');
ok($node->log_contains(qr/LOG:  extension hipaa_migrate of database "fresh" is dropped by user/, $log), 'DROP EXTENSION is logged');
is($node->safe_psql('fresh', q{SELECT to_regnamespace('hipaa_migrate') IS NULL}), 't', 'and done');
$log = -s $node->logfile;
$node->safe_psql('postgres', 'DROP DATABASE fresh');
ok($node->log_contains(qr/LOG:  database "fresh" is dropped by user/, $log), 'so is DROP DATABASE');

# Whole-database maintenance includes our tables, and harms nothing.
$node->safe_psql('postgres', 'REINDEX DATABASE postgres');
$node->safe_psql('postgres', 'REINDEX DATABASE CONCURRENTLY postgres');
$node->safe_psql('postgres', 'VACUUM ANALYZE');
is(contents(), $before, 'REINDEX and VACUUM of the database');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid WHERE NOT i.indisvalid}), '0', 'and no index is left behind');

$node->stop;
done_testing();
