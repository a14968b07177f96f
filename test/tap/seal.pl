
# test/tap/seal.pl
#	  Proves that every committed event is sealed exactly once and none of an
#	  aborted transaction, whatever happens at the same time; that digests are
#	  handed out, also when the command for it fails or hangs; and that copies
#	  of a record are told apart.

use strict;
use warnings FATAL => 'all';
use Fcntl;
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::RecursiveCopy;
use PostgreSQL::Test::Utils;
use Test::More;

my $tmp = PostgreSQL::Test::Utils::tempdir();
my $node = new_server('sealed', conf => <<'CONF');
max_prepared_transactions = 5
hipaa_migrate.seal_interval = '200ms'
CONF

# In the open epoch, but for what asks for seals: its last one is never sealed.
my $ours = q{FROM (SELECT * FROM hipaa_migrate.audit_event WHERE kind NOT LIKE 'guard.%') AS e JOIN hipaa_migrate.audit_state AS s USING (epoch)
	LEFT JOIN hipaa_migrate.audit_leaf AS l USING (epoch, event_id)};

sub seal
{
	return $node->safe_psql('postgres', 'SELECT outcome FROM audit_seal()');
}

# Leaves and events must be the same set, and the leaves dense.
sub sealed_once
{
	my ($where, $database, $what) = @_;

	is( $where->safe_psql($database, "SELECT count(*) $ours WHERE l.seq IS NULL AND e.kind <> 'record.sealed'"),
		'0', "$what: every event is sealed");
	is( $where->safe_psql($database, q{
		SELECT count(*) - count(e.event_id), count(*) - count(DISTINCT l.event_id),
		       count(*) - max(l.seq), bool_and(l.leaf_hash = e.leaf_hash AND l.xid = e.xid)
		  FROM hipaa_migrate.audit_leaf AS l JOIN hipaa_migrate.audit_state AS s USING (epoch)
		  LEFT JOIN hipaa_migrate.audit_event AS e USING (epoch, event_id)}),
		'0|0|0|t', "$what: once, and nothing else");
	is( $where->safe_psql($database, q{
		SELECT count(*) FROM hipaa_migrate.audit_block AS b JOIN hipaa_migrate.audit_state AS s USING (epoch)
		  LEFT JOIN hipaa_migrate.audit_block AS p ON p.epoch = b.epoch AND p.block = b.block - 1
		  LEFT JOIN LATERAL (SELECT count(*), min(seq) FROM hipaa_migrate.audit_leaf AS l
		                      WHERE l.epoch = b.epoch AND l.block = b.block) AS l ON true
		 WHERE b.previous IS DISTINCT FROM p.block_hash OR b.fingerprint <> coalesce(p.fingerprint, b.fingerprint)
		    OR b.leaf_count <> l.count OR b.first_leaf <> l.min}),
		'0', "$what: the blocks follow from each other");
	is($where->safe_psql($database, q{SELECT string_agg(check_name || ': ' || message, ', ') FROM audit_verify() WHERE outcome = 'failed'}),
		'', "$what: verified");
	return;
}

# --- Eight writers that commit, roll back and use savepoints; a transaction
# that stays open, one that is prepared, and callers with an old snapshot who
# ask for seals all the while.
my $script = "$tmp/writer.sql";

$node->safe_psql('postgres', join(';', map { "CREATE ROLE w$_" } 0 .. 10));
PostgreSQL::Test::Utils::append_to_file($script, <<'SQL');
\set commits random(0, 2)
\set client :client_id
BEGIN;
SELECT migrate_grant('auditor', ('w' || :client)::name);
SAVEPOINT one;
SELECT migrate_grant('approver', ('w' || :client)::name);
ROLLBACK TO one;
SAVEPOINT two;
SELECT migrate_grant('breaker', ('w' || :client)::name);
RELEASE two;
SELECT migrate_revoke('breaker', ('w' || :client)::name);
SELECT migrate_revoke('auditor', ('w' || :client)::name);
\if :commits
COMMIT;
\else
ROLLBACK;
\endif
SQL
my $open = $node->background_psql('postgres', on_error_die => 1);
my $seconds = 10;
my $until = time + $seconds + 1;
$open->query_safe(q{BEGIN; SELECT migrate_grant('author', 'w8')});
$node->safe_psql('postgres', q{BEGIN; SELECT migrate_grant('author', 'w9'); PREPARE TRANSACTION 'later'});
$node->safe_psql('postgres', q{BEGIN; SELECT migrate_grant('author', 'w10'); PREPARE TRANSACTION 'never'});

my $writers = IPC::Run::start(['pgbench', '-n', '-c', 8, '-T', $seconds, '-f', $script, '-h', $node->host, '-p', $node->port, 'postgres'],
	'>', '/dev/null', '2>', \my $complaints);

# (Meanwhile a server is made for the end of this test.)
my $other = PostgreSQL::Test::Cluster->new('restored');

$other->init;
$other->append_conf('postgresql.conf', "shared_preload_libraries = 'hipaa_migrate'");
while (time < $until)
{
	$node->safe_psql('postgres', <<'SQL');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM hipaa_migrate.audit_event;
SELECT audit_seal();
SELECT audit_seal();
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT audit_seal();
ROLLBACK;
SQL
}
ok($writers->finish, 'the writers are undisturbed') or diag $complaints;
isnt(seal(), 'pending', 'sealed while transactions are open');
is($node->safe_psql('postgres', "SELECT count(*) $ours WHERE e.object IN ('w8', 'w9', 'w10')"), '0', 'whose events are not there');
is( $node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND now() - xact_start > '$seconds s'"),
	'1', "one of them for more than $seconds s");
sealed_once($node, 'postgres', 'with transactions open');
$open->query_safe('COMMIT');
$open->quit;
$node->restart;
$node->safe_psql('postgres', q{COMMIT PREPARED 'later'});
$node->safe_psql('postgres', q{ROLLBACK PREPARED 'never'});
seal();
is( $node->safe_psql('postgres', "SELECT string_agg(e.object, ' ' ORDER BY l.seq) $ours WHERE e.object IN ('w8', 'w9', 'w10') AND l.seq IS NOT NULL"),
	'w8 w9', 'they are sealed when committed');
is($node->safe_psql('postgres', "SELECT count(*) $ours WHERE e.kind = 'capability.granted' AND e.details LIKE '%approver%'"),
	'0', 'nothing of what was rolled back');
sealed_once($node, 'postgres', 'after all');

# --- Idle databases do not grow, for five of their intervals, when there is
# nothing on its way any more.
sub count_blocks
{
	return $node->safe_psql('postgres', 'SELECT count(*) FROM hipaa_migrate.audit_block');
}

seal();
ok( wait_for(sub {
		my $blocks = count_blocks();

		sleep 1;
		return count_blocks() == $blocks;
	}),
	'nothing new, no block');

# --- The digest goes to whoever listens and to the command.
sub set_command
{
	my ($command, $timeout) = @_;

	$node->safe_psql('postgres', qq{ALTER SYSTEM SET hipaa_migrate.digest_command = '$command'});
	$node->safe_psql('postgres', qq{ALTER SYSTEM SET hipaa_migrate.digest_timeout = '$timeout'});
	$node->reload;
	seal();
	return;
}

# Everything is sealed, and the last block handed out.
my $handed_out = qq{SELECT digest_block = (SELECT max(block) FROM hipaa_migrate.audit_block AS b WHERE b.epoch = s.epoch)
	AND (SELECT count(*) = 0 $ours WHERE l.seq IS NULL) FROM hipaa_migrate.audit_state AS s};

set_command("cp %p $tmp/digest.json && echo %b %% >> $tmp/blocks", '10s');
$node->poll_query_until('postgres', $handed_out) or die 'no digest';
ok( wait_for(sub {
		my $digest = -e "$tmp/digest.json" && slurp_file("$tmp/digest.json") or return;

		return ($node->psql('postgres', "SELECT '$digest'::jsonb - 'lsn' = audit_digest() - 'lsn'"))[1] eq 't';
	}),
	'the command is given what audit_digest() gives');
like(slurp_file("$tmp/blocks"), qr/^\d+ %\n/, '%b and %% are replaced');
ok(wait_for(sub { !(() = glob($node->data_dir . '/hipaa_migrate_digest/*')) }), 'the file is removed afterwards');

# --- A command that fails is repeated; the failure is on record once.
set_command("test -e $tmp/gate && cp %p $tmp/later.json", '10s');
$node->poll_query_until('postgres', 'SELECT digest_failures > 1 FROM hipaa_migrate.audit_state') or die 'no failure';
is($node->safe_psql('postgres', "SELECT count(*) $ours WHERE e.kind = 'record.digest_failed'"), '1', 'a failure is recorded once');
append_to_file("$tmp/gate", '');
$node->poll_query_until('postgres', $handed_out) or die 'no digest';
is($node->safe_psql('postgres', 'SELECT digest_failures FROM hipaa_migrate.audit_state'), '0', 'and forgotten when it works again');

# --- A command that hangs holds up no seal, and is ended with its children,
# which have a pipe open.
my $hanging = "exec 3> $tmp/pipe; echo hanging >&3; sleep 600 & wait; exit 1";

system_or_bail('mkfifo', "$tmp/pipe");
sysopen(my $pipe, "$tmp/pipe", O_RDONLY | O_NONBLOCK) or die "$tmp/pipe: $!";
set_command($hanging, '10min');
wait_for(sub { sysread($pipe, my $said, 100) }) or die 'no command';
isnt(seal(), 'pending', 'sealed while the command hangs');
is($node->safe_psql('postgres', 'SELECT digest_failures FROM hipaa_migrate.audit_state'), '0', 'as it does still');
set_command($hanging, '1500ms');
ok(wait_for(sub { (sysread($pipe, my $said, 100) // 1) == 0 }), 'nothing of it goes on when it is over time');
$node->poll_query_until('postgres', q{SELECT digest_failures > 0 FROM hipaa_migrate.audit_state}) or die 'no failure';
is($node->safe_psql('postgres', "SELECT details::json ->> 'cause' $ours WHERE e.kind = 'record.digest_failed' ORDER BY event_id DESC LIMIT 1"),
	'it took longer than 1500 ms', 'the reason is on record');
set_command('', '10s');

# --- A step of the clock across a restart (of any length, here) is pending,
# recorded once, and keeps the clock of the record back.
$node->safe_psql('postgres', 'ALTER SYSTEM SET hipaa_migrate.clock_step_limit = 0');
$node->restart;
seal();
seal();
is( $node->safe_psql('postgres', 'SELECT clock_pending IS NOT NULL, anchored_at < clock_pending FROM hipaa_migrate.audit_state'),
	't|t', 'a step of the clock is pending');
is($node->safe_psql('postgres', "SELECT count(*) $ours WHERE e.kind = 'record.clock_stepped'"), '1', 'and recorded once');
$node->safe_psql('postgres', 'ALTER SYSTEM RESET hipaa_migrate.clock_step_limit');
$node->reload;
seal();
seal();
is($node->safe_psql('postgres', 'SELECT clock_pending IS NULL FROM hipaa_migrate.audit_state'), 't', 'until it is within the limit');

# --- A copy by template begins an epoch of its own, and keeps the old one.
my $epoch = $node->safe_psql('postgres', 'SELECT epoch FROM hipaa_migrate.audit_state');

$node->safe_psql('template1', 'CREATE DATABASE twin TEMPLATE postgres');
$node->safe_psql('twin', q{SELECT migrate_grant('author', 'w1'); SELECT audit_seal()});
$node->poll_query_until('twin', q{SELECT count(*) = 1 FROM hipaa_migrate.audit_epoch WHERE state = 'adopted'}) or die 'not adopted';
is( $node->safe_psql('twin', qq{SELECT e.ordinal, e.state, e.epoch = '$epoch' FROM hipaa_migrate.audit_epoch AS e ORDER BY 1}),
	"1|adopted|t\n2|open|f", 'the copy has an epoch of its own');
$node->safe_psql('twin', 'SELECT audit_seal()');
sealed_once($node, 'twin', 'copied database');
is( $node->safe_psql('twin', "SELECT string_agg(e.kind || ' ' || (e.object = '$epoch'), ', ' ORDER BY event_id) $ours WHERE e.object_type = 'epoch'"),
	'record.epoch_opened false, record.epoch_closed true, record.epoch_adopted true', 'which says where it came from');
is($node->safe_psql('postgres', q{SELECT count(*), max(state) FROM hipaa_migrate.audit_epoch}), '1|open', 'the original is what it was');

# --- A copied data directory: until somebody says what it is, it seals and
# records, but hands out nothing.
sub copy_of
{
	my ($name) = @_;
	my $copy = PostgreSQL::Test::Cluster->new($name);

	mkdir($copy->basedir);
	PostgreSQL::Test::RecursiveCopy::copypath($node->data_dir, $copy->data_dir);
	chmod(0700, $copy->data_dir) or die $!;
	unlink($copy->data_dir . '/postmaster.pid');
	$copy->append_conf('postgresql.conf', 'port = ' . $copy->port . "\nunix_socket_directories = '" . $copy->host . "'");
	$copy->start;
	$copy->poll_query_until('postgres', 'SELECT clone FROM hipaa_migrate.audit_state') or die 'the copy was not found';
	return $copy;
}

$node->stop;
my $moved = copy_of('moved');

isnt($moved->safe_psql('postgres', q{SELECT outcome FROM audit_seal()}), 'pending', 'a copy seals');
is($moved->safe_psql('postgres', "SELECT count(*) $ours WHERE e.kind = 'record.clone_found'"), '1', 'it is on record');
fails_with($moved, 'SELECT audit_digest()', 'but hands out no digest',
	qr/this may be a copy of a server that is still in use/);
$moved->safe_psql('postgres', q{SELECT audit_confirm_copy('moved', 'the old machine is gone')});
is($moved->safe_psql('postgres', q{SELECT audit_digest() ->> 'epoch'}), $epoch, 'confirmed, it goes on in its epoch');
$moved->restart;
isnt($moved->safe_psql('postgres', q{SELECT outcome FROM audit_seal()}), 'pending', 'also after a restart');
is($moved->safe_psql('postgres', "SELECT count(*) $ours WHERE e.kind = 'record.clone_found'"), '1', 'and is not asked again');
sealed_once($moved, 'postgres', 'moved server');
$moved->stop;

my $copy = copy_of('copy');

$copy->safe_psql('postgres', q{SELECT audit_confirm_copy('copy', 'for tests')});
$copy->poll_query_until('postgres', qq{SELECT epoch <> '$epoch' AND NOT clone FROM hipaa_migrate.audit_state}) or die 'no new epoch';
$copy->safe_psql('postgres', 'SELECT audit_seal()');
isnt($copy->safe_psql('postgres', q{SELECT audit_digest() ->> 'epoch'}), $epoch, 'a confirmed copy has an epoch of its own');
sealed_once($copy, 'postgres', 'copied server');

# --- Catalogs that were edited (here with the library away) show in the next
# block, and are put on record.
my $before = $copy->safe_psql('postgres', 'SELECT fingerprint FROM hipaa_migrate.audit_block ORDER BY sealed_at DESC LIMIT 1');

$copy->append_conf('postgresql.conf', "shared_preload_libraries = ''\nallow_system_table_mods = on");
$copy->restart;
$copy->safe_psql('postgres', q{UPDATE pg_class SET relrowsecurity = true WHERE oid = 'hipaa_migrate.audit_event'::regclass});
$copy->append_conf('postgresql.conf', "shared_preload_libraries = 'hipaa_migrate'");
$copy->restart;
$copy->safe_psql('postgres', q{SELECT audit_seal(); SELECT audit_seal()});
isnt($copy->safe_psql('postgres', 'SELECT fingerprint FROM hipaa_migrate.audit_block ORDER BY sealed_at DESC LIMIT 1'),
	$before, 'edited catalogs change the fingerprint');
is($copy->safe_psql('postgres', "SELECT count(*) $ours WHERE e.kind = 'record.relations_changed'"), '1', 'which is on record');
$copy->stop;

# --- A restored dump: what was recorded elsewhere is verified and adopted.
$node->start;
$node->safe_psql('postgres', 'SELECT audit_seal()');
$node->command_ok(['pg_dump', '-Fc', '-f', "$tmp/dump", '-h', $node->host, '-p', $node->port, 'postgres'], 'dumped');
$other->start;
$other->safe_psql('postgres', join(';', map { "CREATE ROLE w$_" } 0 .. 10));
$other->safe_psql('postgres', 'CREATE DATABASE target');
$other->command_ok(['pg_restore', '--exit-on-error', '-d', 'target', '-h', $other->host, '-p', $other->port, "$tmp/dump"], 'restored');
$other->poll_query_until('target', qq{SELECT count(*) = 1 FROM hipaa_migrate.audit_epoch WHERE state = 'adopted' AND epoch = '$epoch'})
  or die 'not adopted';
$other->safe_psql('target', 'SELECT audit_seal()');
is($other->safe_psql('target', 'SELECT ordinal, state FROM hipaa_migrate.audit_epoch ORDER BY 1'), "1|adopted\n2|open", 'adopted, before the present epoch');
is( $other->safe_psql('target', "SELECT count(*), max(e.outcome) $ours WHERE e.kind = 'record.epoch_adopted' AND e.object = '$epoch'"),
	'1|done', 'which is on record');
sealed_once($other, 'target', 'restored database');

done_testing();
