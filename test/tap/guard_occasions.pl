
# test/tap/guard_occasions.pl
#	  Attacks on the guard that take more than a session: what replication and
#	  autovacuum bring, a permit that somebody else is to use, a restart, a
#	  server in single-user mode.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use HipaaMigrateWire;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('guard_occasions', streaming => 1, conf => <<'CONF');
wal_level = logical
max_worker_processes = 20
max_prepared_transactions = 5
wal_retrieve_retry_interval = 200ms
autovacuum_naptime = 1s
hipaa_migrate.record_wait = 2s
CONF
my $user = getpwuid($<);

sub session
{
	my ($name, $who, $database) = @_;
	return HipaaMigrateWire->connect($node, $database // 'postgres', $who // $user, application_name => $name);
}

sub code { my ($result) = @_; return $result->{error} ? $result->{error}{C} : 'let pass' }

sub value { my ($sql, $database) = @_; return $node->safe_psql($database // 'postgres', $sql) }

# How many refusals of that layer the record has under that application name.
sub recorded
{
	my ($where) = @_;
	return $node->poll_query_until('postgres', "SELECT count(*) > 0 FROM hipaa_migrate.audit_event WHERE kind IN ('guard.refused', 'door.refused') AND $where");
}

# ---- made before arming, by an approved migration as it were

$node->safe_psql('postgres', 'CREATE DATABASE publisher; CREATE DATABASE elsewhere');
$node->safe_psql('publisher', <<'SQL');
CREATE SCHEMA hipaa_migrate;
CREATE TABLE forged (id integer PRIMARY KEY);
CREATE TABLE emptied (id integer PRIMARY KEY);
INSERT INTO emptied VALUES (1);
CREATE TABLE hipaa_migrate.capability_grant (capability text, role_name name, role_oid oid, server bigint, granted_by name, granted_at timestamptz, PRIMARY KEY (capability, role_name));
CREATE TABLE hipaa_migrate.guard_class (class text PRIMARY KEY, mode text);
INSERT INTO hipaa_migrate.guard_class VALUES ('schema', 'enforce');
CREATE TABLE hipaa_migrate.audit_event (epoch uuid, event_id bigint, xid bigint, PRIMARY KEY (epoch, xid, event_id));
SQL
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE somebody LOGIN;
GRANT CREATE ON SCHEMA public TO somebody;
CREATE TABLE forged (id integer PRIMARY KEY);
CREATE TABLE emptied (id integer PRIMARY KEY);
INSERT INTO emptied VALUES (1);
CREATE FUNCTION make(name text) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE public.%I (id integer)', name);
    RETURN 1;
END $$;
CREATE FUNCTION on_arrival() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.make('evil_by_apply');
    RETURN NEW;
END $$;
CREATE TRIGGER on_arrival BEFORE INSERT ON forged FOR EACH ROW EXECUTE FUNCTION on_arrival();
ALTER TABLE forged ENABLE ALWAYS TRIGGER on_arrival;
CREATE TABLE queue (name text);
CREATE FUNCTION on_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.make(NEW.name);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER on_queue AFTER INSERT ON queue DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION on_queue();
CREATE TABLE looked_at (id integer) WITH (autovacuum_analyze_threshold = 10, autovacuum_analyze_scale_factor = 0);
CREATE TABLE armed (id integer);
CREATE FUNCTION under_way(integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM public.armed) AND to_regclass('public.evil_by_autovacuum') IS NULL THEN
        PERFORM public.make('evil_by_autovacuum');
    END IF;
    RETURN $1;
END $$;
CREATE INDEX ON looked_at (under_way(id));
SQL
register_tables($node, 1, 2);
$node->safe_psql('postgres', q{SELECT migrate_up('20250101000001-make-t1')});

# A publication and a subscription for each table, for one that was refused is
# disabled, lest it try the same again.
my @published = qw(forged emptied hipaa_migrate.capability_grant hipaa_migrate.guard_class hipaa_migrate.audit_event);
(my $publisher = $node->connstr('publisher')) =~ s/'/''/g;
for my $number (0 .. $#published)
{
	$node->safe_psql('publisher', "CREATE PUBLICATION p$number FOR TABLE $published[$number]");
	$node->safe_psql('publisher', "SELECT pg_create_logical_replication_slot('s$number', 'pgoutput')");
	$node->safe_psql('postgres', "CREATE SUBSCRIPTION s$number CONNECTION '$publisher' PUBLICATION p$number"
		  . " WITH (create_slot = false, slot_name = 's$number', copy_data = false, disable_on_error = true)");
}

# ---- without the guard they have their effect

$node->safe_psql('publisher', 'INSERT INTO forged VALUES (1)');
ok($node->poll_query_until('postgres', q{SELECT to_regclass('evil_by_apply') IS NOT NULL}), 'observed: a trigger of what replication brings makes a table');
value('INSERT INTO armed VALUES (1); INSERT INTO looked_at SELECT n FROM generate_series(1, 1) AS n; TRUNCATE armed; DROP TABLE IF EXISTS evil_by_autovacuum');
value('INSERT INTO looked_at SELECT n FROM generate_series(1, 100) AS n; INSERT INTO armed VALUES (1)');
ok($node->poll_query_until('postgres', q{SELECT to_regclass('evil_by_autovacuum') IS NOT NULL}), 'observed: an index makes a table when autovacuum looks at it');
value('TRUNCATE armed; TRUNCATE looked_at; DROP TABLE evil_by_apply, evil_by_autovacuum');

# ---- armed

value(q{SELECT count(*) FROM migrate_guard('enforce', 'to be attacked')});

$node->safe_psql('publisher', 'INSERT INTO forged VALUES (2)');
ok(recorded(q{object LIKE '%evil_by_apply' AND client = 'server process'}), 'a trigger of what replication brings is refused, on record');

$node->safe_psql('publisher', 'TRUNCATE emptied');
ok($node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM emptied'), 'replication may empty a table, as it may delete its rows');

my $log = -s $node->logfile;
$node->safe_psql('publisher', q{INSERT INTO hipaa_migrate.capability_grant SELECT 'breaker', 'somebody', 1, 1, 'nobody', now()});
$node->safe_psql('publisher', q{UPDATE hipaa_migrate.guard_class SET mode = 'off'});
$node->safe_psql('publisher', 'TRUNCATE hipaa_migrate.audit_event');
$node->wait_for_log(qr/cannot change table "hipaa_migrate.$_" by hand/, $log) for qw(capability_grant guard_class audit_event);
ok(recorded(qq{object = 'hipaa_migrate.$_' AND sqlstate = 'MG013'}), "what replication brings for $_ is refused, on record") for qw(capability_grant guard_class);
ok($node->poll_query_until('postgres', q{SELECT count(*) > 0 FROM hipaa_migrate.audit_event WHERE kind = 'record.gap'}),
	'of a TRUNCATE that held the record locked meanwhile, that there was something');
ok(value('SELECT count(*) > 5 FROM hipaa_migrate.audit_event') eq 't', 'and it emptied nothing');
is(value('SELECT count(*) FROM hipaa_migrate.guard_class WHERE mode <> $$enforce$$'), '0', 'the guard stays armed');

value('INSERT INTO looked_at SELECT n FROM generate_series(1, 100) AS n; INSERT INTO armed VALUES (1)');
ok(recorded(q{object LIKE '%evil_by_autovacuum'}), 'a function that autovacuum calls is refused, on record');
value('DELETE FROM armed');

# ---- a permit is not for others

my $session = session('deferred trigger that waits for a permit');
$session->query('BEGIN');
$session->query(q{INSERT INTO queue VALUES ('evil_in_migration')});
my $result = $session->query(q{SELECT migrate_up()});
$result = $session->query('COMMIT') if !$result->{error};
is(code($result), 'MG014', 'a deferred trigger from before is not fired under the permit of a migration') or diag(explain($result));
$session->close;

$session = session('holdable cursor that waits for a permit');
$session->query('BEGIN');
$session->query(q{DECLARE c CURSOR WITH HOLD FOR SELECT make('evil_in_cursor')});
$result = $session->query('SELECT migrate_up()');
$result = $session->query('COMMIT') if !$result->{error};
is(code($result), 'MG014', 'nor is a holdable cursor');
$session->close;
is(value(q{SELECT count(*) FROM pg_class WHERE relname LIKE 'evil%'}), '0', 'nothing was made');

$session = session('prepared after a migration');
$session->query('BEGIN');
ok(!$session->query('SELECT migrate_up()')->{error}, 'a migration runs');
is(code($session->query(q{PREPARE TRANSACTION 'evil'})), 'MG014', 'and its transaction cannot be prepared');
$session->close;

my $id = value(q{SELECT migrate_exempt('a partition manager', role => 'somebody', schema => 'public', command => 'CREATE TABLE')});
$session = session('prepared after an exemption', 'somebody');
$session->query('BEGIN');
ok(!$session->query('CREATE TABLE exempted (id integer)')->{error}, 'an exemption lets pass');
is(code($session->query(q{PREPARE TRANSACTION 'evil'})), 'MG014', 'and its transaction cannot be prepared');
is(code($session->query('CREATE TABLE hipaa_migrate.evil (id integer)')), 'MG014', 'it is not for our schema');
$session->close;
$session = session('exemption by SET SESSION AUTHORIZATION');
$session->query('SET SESSION AUTHORIZATION somebody');
is(code($session->query('CREATE TABLE exempted (id integer)')), 'MG014', 'an exemption is for who logged in');
$session->close;
value("SELECT migrate_exempt_end($id, 'done')");

# ---- broken glass ends with the session, however it is pooled

value(q{SELECT migrate_grant('breaker', 'somebody')});
$session = session('broken glass', 'somebody');
is(code($session->query('CREATE TABLE evil (id integer)')), 'MG014', 'the capability alone lets nothing pass');
ok(!$session->query(q{SELECT * FROM migrate_break_glass('to try it')})->{error}, 'broken glass');
$session->query('BEGIN');
ok(!$session->query('CREATE TABLE evil (id integer)')->{error}, 'lets it pass');
is(code($session->query(q{PREPARE TRANSACTION 'evil'})), 'MG014', 'though not to be prepared');
$session->query('ROLLBACK');
my $other = session('beside broken glass', 'somebody');
is(code($other->query('CREATE TABLE evil (id integer)')), 'MG014', 'another session of the same user has nothing of it');
$other->close;
$session->query('DISCARD ALL');
is(code($session->query('CREATE TABLE evil (id integer)')), 'MG014', 'nor has this one after DISCARD ALL');
ok(!$session->query(q{SELECT * FROM migrate_break_glass('to try it', duration => '1 second')})->{error}, 'broken once more, for a second');
select(undef, undef, undef, 1.2);
is(code($session->query('CREATE TABLE evil (id integer)')), 'MG014', 'it has expired');
$session->close;
is(value(q{SELECT count(*) FROM pg_prepared_xacts}), '0', 'nothing was prepared');

# ---- the protocol's way of calling functions

# Function call message: its OID, text arguments, a text result.
sub call_function
{
	my ($session, $function, @arguments) = @_;
	my $oid = value("SELECT '$function'::regprocedure::oid::integer");

	$session->send('F', pack('Nnn', $oid, 0, scalar(@arguments)) . join('', map { pack('N', length) . $_ } @arguments) . pack('n', 0));
	my @results = $session->results;
	return $results[-1] // { rows => [] };
}

$session = session('large object by a function call of the protocol');
is(code(call_function($session, 'lo_create(oid)', 4711)), 'MG014', 'a large object is refused, as clients make it');
is(code(call_function($session, 'lo_export(oid,text)', 4711, '/tmp/evil')), 'MG014', 'and its export');
$session->close;
ok(recorded(q{application = 'large object by a function call of the protocol'}), 'on record');
$session = session('setting by a function call of the protocol');
is(code(call_function($session, 'set_config(text,text,boolean)', 'session_replication_role', 'replica', 'false')), 'MG014', 'a setting changed that way is refused');
is($session->value('SHOW session_replication_role'), 'origin', 'and is what it was');
$session->close;

# ---- from the first statement after a restart, in every database

for my $attack ([ 'postgres', 'CREATE TABLE evil (id integer)' ], [ 'elsewhere', 'ALTER DATABASE postgres RENAME TO former' ], [ 'elsewhere', 'CREATE ROLE evil' ])
{
	my ($database, $sql) = @$attack;
	my $first;

	$node->stop('fast');
	my $start = IPC::Run::start([ 'pg_ctl', '-D', $node->data_dir, '-l', $node->logfile, '-W', 'start' ], '>' => '/dev/null', '2>&1');
	my $until = time + $PostgreSQL::Test::Utils::timeout_default;
	until ($first || time > $until)
	{
		$session = eval { session('right after a restart', $user, $database) };
		if ($session && !$session->{refused}) { $first = $session->query($sql) }
		else { select(undef, undef, undef, 0.005) }
	}
	IPC::Run::finish($start);
	$node->_update_pid(1);
	is(code($first // {}), 'MG014', "first thing after a restart: $sql");
	$session->close if $session;
}

# ---- single-user mode

value('SELECT audit_seal()');
$node->stop('fast');
sub single_user
{
	my ($sql, @options) = @_;
	my $out = '';

	IPC::Run::run([ 'postgres', '--single', '-D', $node->data_dir, @options, 'postgres' ], '<', \"$sql\n", '>&', \$out);
	return $out;
}
like(single_user('CREATE TABLE evil (id integer)'), qr/cannot execute CREATE TABLE/, 'in single-user mode the guard refuses too');
unlike(single_user('UPDATE hipaa_migrate.run SET executed_by = $$nobody$$', '-c', 'shared_preload_libraries=', '-c', 'session_replication_role=replica'),
	qr/UPDATE [1-9]/, 'where the list of libraries was emptied, the triggers do');
single_user(join(' ', 'UPDATE pg_trigger SET tgenabled = $$D$$ WHERE tgrelid = $$hipaa_migrate.audit_event$$::regclass;'), '-c', 'shared_preload_libraries=');
$node->start;
like(value(q{SELECT string_agg(check_name, ',') FROM audit_verify(report => 'all') WHERE outcome = 'failed'}) . value(q{SELECT string_agg(item, ',') FROM migrate_health() WHERE status <> 'ok'}),
	qr/fingerprint|door|relation/, 'and catalogs that were changed there are found');

is(value(q{SELECT count(*) FROM pg_class WHERE relname LIKE 'evil%'}), '0', 'after all that nothing was made');
$node->stop;

done_testing();
