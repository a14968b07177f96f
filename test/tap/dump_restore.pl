
# test/tap/dump_restore.pl
#	  Proves that a dump carries the registry, the runs and the capabilities,
#	  and that the restored database goes on where the dumped one stood.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('source');
my $dump = PostgreSQL::Test::Utils::tempdir();
my @tables = qw(migration migration_revision migration_dependency capability_grant run run_step run_statement waiver);

# Everything that the registry knows about: all states, a revision, a
# dependency, a failure, capabilities, an unregistered migration, waivers.
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE clerk;
CREATE ROLE gone;
SELECT migrate_grant('author', 'clerk'), migrate_grant('operator', 'gone');
SQL
register_tables($node, 1, 4);
$node->safe_psql('postgres', <<'SQL');
SELECT migrate_up('20250101000002-make-t2'), migrate_up('20250101000001-make-t1');
SELECT migrate_up('20250101000003-make-t3');
SELECT migrate_down();
SELECT migrate_register('20250101000003-make-t3', 'CREATE TABLE t3 (other text)', depends_on => '{20250101000001-make-t1}');
CREATE TABLE t5 ();
SELECT migrate_register('20250101000005-make-t5', 'CREATE TABLE t5 ()');
SELECT migrate_adopt('{20250101000005-make-t5}', 'it was there');
SELECT migrate_register('20250101000006-make-t6', 'SELECT 1/0', run_as => 'clerk');
SQL
$node->psql('postgres', 'SELECT migrate_up()');
$node->safe_psql('postgres', <<'SQL');
SELECT migrate_unregister('20250101000006-make-t6', 'wrong');
SELECT migrate_register('20250101000007-make-t7', 'CREATE TABLE t7 ()');
SELECT migrate_waive('20250101000007-make-t7', 'table-without-primary-key', 'a test');
SELECT migrate_waive_end(migrate_waive('20250101000004-make-t4', 'table-without-primary-key', 'a test'), 'over');
SQL

# All that can be seen of a database, its sequences included.
sub contents
{
	my ($where, $database) = @_;
	my @selects = ('SELECT migration, state, applied_at, applied_by, waiting_for FROM migrate_status()',
		'SELECT line FROM migrate_tree()', 'SELECT * FROM migrate_history()',
		map { "SELECT last_value, is_called FROM hipaa_migrate.$_" } qw(migration_id_seq run_id_seq step_id_seq waiver_id_seq));

	push(@selects, map { "SELECT x::text FROM hipaa_migrate.$_ AS x ORDER BY 1" } @tables);
	return join("\n--\n", map { $where->safe_psql($database, $_) } @selects);
}

# The restored database shows the same, and works on from there.
sub restored
{
	my ($where, $database, $what) = @_;

	is(contents($where, $database), contents($node, 'postgres'), "$what: the same contents");
	is(out_of_step($where, $database), '', "$what: registry and schema in step");
	my ($out, $err) = finish(background($where, 'runner', 'SELECT migration, outcome FROM migrate_up()', $database));
	is($out, join("\n", map { "2025010100000$_-make-t$_|applied" } 3, 4, 7), "$what: what is left runs");
	is(out_of_step($where, $database), '', "$what: and is in step");
	is($where->safe_psql($database, 'SELECT count(*) = count(DISTINCT run_id) FROM hipaa_migrate.run'),
		't', "$what: the numbers go on");
	is($where->safe_psql($database, q{SELECT outcome, revision FROM migrate_register('20250101000008-make-t8', 'SELECT 1')}),
		'registered|1', "$what: new migrations can be registered");
	return;
}

$node->command_ok([ 'pg_dump', '-Fp', '-f', "$dump/plain.sql", $node->connstr('postgres') ], 'pg_dump');
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dump/custom", $node->connstr('postgres') ], 'pg_dump -Fc');
$node->command_ok([ 'pg_dumpall', '--roles-only', '-f', "$dump/roles.sql", '-d', $node->connstr('postgres') ], 'pg_dumpall --roles-only');

# On the same server.
$node->safe_psql('postgres', 'CREATE DATABASE plain');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('plain'), '-f', "$dump/plain.sql" ], 'a plain dump is restored');
restored($node, 'plain', 'plain, same server');
$node->safe_psql('postgres', 'CREATE DATABASE custom');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('custom'), "$dump/custom" ], 'a custom dump is restored');
restored($node, 'custom', 'custom, same server');

# In several processes, in any order that pg_restore finds good.
$node->safe_psql('postgres', 'CREATE DATABASE parallel');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-j', '2', '-d', $node->connstr('parallel'), "$dump/custom" ], 'restored in parallel');
restored($node, 'parallel', 'parallel, same server');

# On a server that has never seen these roles, the dump is restored as well,
# and says that nobody holds anything.
my $fresh = new_server('fresh');

$fresh->safe_psql('postgres', 'CREATE DATABASE without_roles');
$fresh->command_ok([ 'pg_restore', '--exit-on-error', '-d', $fresh->connstr('without_roles'), "$dump/custom" ], 'restored where roles are missing');
is($fresh->safe_psql('without_roles', 'SELECT count(*) FROM hipaa_migrate.capability'), '0', 'a role that is missing holds nothing');
restored($fresh, 'without_roles', 'fresh server');

# Where the roles come along, capabilities belong to the names: object
# identifiers of another server mean nothing.
$fresh->safe_psql('postgres', 'CREATE ROLE somebody; CREATE ROLE another; CREATE DATABASE with_roles');
$fresh->command_ok([ 'psql', '-Xq', '-d', $fresh->connstr('postgres'), '-f', "$dump/roles.sql" ], 'roles are restored');
$fresh->command_ok([ 'pg_restore', '--exit-on-error', '-d', $fresh->connstr('with_roles'), "$dump/custom" ], 'restored beside the roles');
is($fresh->safe_psql('with_roles', q{SELECT string_agg(capability || ' ' || role, ', ' ORDER BY 1) FROM hipaa_migrate.capability}),
	'author clerk, operator gone', 'capabilities follow the names on another server');
is($node->safe_psql('plain', q{DROP ROLE gone; CREATE ROLE gone; SELECT string_agg(capability || ' ' || role, ', ') FROM hipaa_migrate.capability}),
	'author clerk', 'a new role of an old name holds nothing on the same server');

# --- The record: what a dump brings along is verified, and adopted only if it
# is as it was sealed.
$node->safe_psql('postgres', 'SELECT audit_seal(); SELECT audit_seal()');
my $digest = $node->safe_psql('postgres', 'SELECT audit_digest()');
my $epoch = $node->safe_psql('postgres', 'SELECT epoch FROM hipaa_migrate.audit_state');
my $events = $node->safe_psql('postgres', q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind LIKE 'migration.%'});

$node->command_ok([ 'pg_dump', '-Fp', '-f', "$dump/sealed.sql", $node->connstr('postgres') ], 'pg_dump of the record');

sub load_record
{
	my ($database, $text) = @_;

	append_to_file("$dump/$database.sql", $text);
	$fresh->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0");
	$fresh->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $fresh->connstr($database), '-f', "$dump/$database.sql" ], "$database: restored");
	$fresh->safe_psql($database, 'SELECT audit_seal()');
	return;
}

sub failures
{
	my ($database) = @_;

	return $fresh->safe_psql($database, qq{SELECT string_agg(check_name || ': ' || message, E'\\n' ORDER BY check_name)
		FROM audit_verify('$digest') WHERE outcome = 'failed'});
}

my $record = slurp_file("$dump/sealed.sql");

load_record('record', $record);
$fresh->poll_query_until('record', qq{SELECT state = 'adopted' FROM hipaa_migrate.audit_epoch WHERE epoch = '$epoch'}) or die 'not adopted';
is($fresh->safe_psql('record', 'SELECT state FROM hipaa_migrate.audit_epoch ORDER BY ordinal'), "adopted\nopen", 'a restored epoch is adopted');
is($fresh->safe_psql('record', qq{SELECT outcome FROM hipaa_migrate.audit_event WHERE kind = 'record.epoch_adopted' AND object = '$epoch'}),
	'done', 'which is on record');
is(failures('record'), '', 'the record is verified, against a digest of the server it came from');
is($fresh->safe_psql('record', qq{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind LIKE 'migration.%' AND epoch = '$epoch'}),
	$events, 'and has every event');

# One field edited in the text of a dump.
my ($line) = $record =~ /^($epoch\t[^\n]*\tmigration\.adopted\t[^\n]*)$/m or die 'no such event';
my $event = (split(/\t/, $line))[1];
my $edited = $line =~ s/it was there/it was theirs/r;

isnt($edited, $line, 'an event is edited in a dump');
load_record('edited', $record =~ s/\Q$line\E/$edited/r);
like(failures('edited'), qr/^event: .*\b$event\b/m, 'edited: audit_verify() names the event');
is($fresh->safe_psql('edited', qq{SELECT state FROM hipaa_migrate.audit_epoch WHERE epoch = '$epoch'}), 'closed', 'its epoch is not adopted');

# The rest of it might still come, for ten minutes.  They are over when the
# epoch was closed eleven ago (written with the library away).
$fresh->adjust_conf('postgresql.conf', 'shared_preload_libraries', "''");
$fresh->restart;
$fresh->safe_psql('edited', <<'SQL');
UPDATE pg_class SET relhastriggers = false WHERE oid = 'hipaa_migrate.audit_epoch'::regclass;
UPDATE hipaa_migrate.audit_epoch SET opened_at = opened_at - interval '20 minutes' WHERE state = 'open';
UPDATE hipaa_migrate.audit_epoch SET closed_at = closed_at - interval '11 minutes' WHERE state = 'closed';
UPDATE pg_class SET relhastriggers = true WHERE oid = 'hipaa_migrate.audit_epoch'::regclass;
SQL
$fresh->adjust_conf('postgresql.conf', 'shared_preload_libraries', "'hipaa_migrate'");
$fresh->restart;
$fresh->poll_query_until('edited', qq{SELECT state = 'failed' FROM hipaa_migrate.audit_epoch WHERE epoch = '$epoch'}) or die 'not marked';
like($fresh->safe_psql('edited', qq{SELECT outcome, details FROM hipaa_migrate.audit_event WHERE kind = 'record.epoch_adopted' AND object = '$epoch'}),
	qr/^failed\|.*"failure": ?"[^"]*\b$event\b/, 'its epoch is marked failed, and why is on record');
like(failures('edited'), qr/^epoch: .*$epoch/m, 'audit_verify() says so');
like($fresh->safe_psql('edited', q{SELECT string_agg(concat_ws('|', item, status, value), E'\n') FROM migrate_health() WHERE status <> 'ok'}),
	qr/^restored record\|(warning|critical)\|/m, 'and migrate_health()');

# Only the schema: the extension, and an empty registry.
$node->command_ok([ 'pg_dump', '--schema-only', '-f', "$dump/schema.sql", $node->connstr('postgres') ], 'pg_dump --schema-only');
$fresh->safe_psql('postgres', 'CREATE DATABASE schema_only');
$fresh->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $fresh->connstr('schema_only'), '-f', "$dump/schema.sql" ], 'a schema dump is restored');
is($fresh->safe_psql('schema_only', q{SELECT count(*), to_regclass('t1') FROM migrate_status()}), '0|t1', 'the tables, and nothing registered');
unlike(slurp_file("$dump/schema.sql"), qr/CREATE (TABLE|FUNCTION|SCHEMA) \S*(hipaa_migrate|migrate_)/, 'a dump makes the extension, not its parts');

# Dropping the extension drops the record, not what was migrated; a session
# that has used it before uses the new one.
my $session = $node->background_psql('plain');
$session->query_safe('SELECT count(*) FROM migrate_status()');
$session->query_safe('SET client_min_messages = warning; SELECT migrate_up()');
is($session->query_safe(q{DROP EXTENSION hipaa_migrate; SELECT to_regclass('t1'), to_regnamespace('hipaa_migrate')}), 't1|', 'DROP EXTENSION leaves what was migrated');
$session->query_safe('CREATE EXTENSION hipaa_migrate');
is($session->query_safe('SELECT count(*) FROM migrate_status()'), '0', 'CREATE EXTENSION again');
$session->query_safe(q{SELECT migrate_register('20250101000009-make-t9', 'CREATE TABLE t9 ()'); SELECT migrate_up()});
is($session->query_safe('SELECT migration, state FROM migrate_status()'), '20250101000009-make-t9|applied', 'which works in the same session');
$session->quit;

# In another schema, with the functions of this one.
is($node->safe_psql('custom', <<'SQL'), '20250101000001-make-t1|applied', 'an extension in a schema of its own');
DROP EXTENSION hipaa_migrate;
DROP TABLE t1;
CREATE SCHEMA tools;
CREATE EXTENSION hipaa_migrate SCHEMA tools;
DO $$ BEGIN PERFORM tools.migrate_register('20250101000001-make-t1', 'CREATE TABLE t1 ()'); PERFORM tools.migrate_up(); END $$;
SELECT migration, state FROM hipaa_migrate.migration_status;
SQL

$node->stop;
$fresh->stop;

done_testing();
