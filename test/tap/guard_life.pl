
# test/tap/guard_life.pl
#	  Proves that what is no schema change works in an armed database as in any
#	  other, and that nothing of it is refused or even observed.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateGuard;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('life', streaming => 1, conf => <<'CONF');
wal_level = logical
max_worker_processes = 20
max_prepared_transactions = 5
autovacuum_naptime = 1s
log_autovacuum_min_duration = 0
CONF
my $database = $node->connstr('postgres');

# Temporary things of the application need no right but TEMPORARY.
$node->safe_psql('postgres', 'CREATE ROLE app LOGIN');

# ---------------------------------------------------------------------------
# The schema: everything comes from migrations, under enforce from the start.
# ---------------------------------------------------------------------------

arm($node);

register($node, 't1', <<'SQL');
CREATE TABLE pgbench_accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84)) WITH (fillfactor = 100);
CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int, filler char(88));
CREATE TABLE pgbench_tellers (tid int PRIMARY KEY, bid int, tbalance int, filler char(84));
CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
INSERT INTO pgbench_branches (bid, bbalance) VALUES (1, 0);
INSERT INTO pgbench_tellers (tid, bid, tbalance) SELECT i, 1, 0 FROM generate_series(1, 10) AS i;
INSERT INTO pgbench_accounts SELECT i, 1, 0, '' FROM generate_series(1, 100000) AS i;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app;
CREATE TABLE t1 ();
SQL
register($node, 't2', <<'SQL');
CREATE TABLE t2 (id serial PRIMARY KEY, patient text UNIQUE, seen timestamptz DEFAULT now(), note text);
CREATE TABLE visit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, t2_id int REFERENCES t2 DEFERRABLE,
                    at date NOT NULL);
CREATE TABLE visit_part (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE visit_part_old PARTITION OF visit_part FOR VALUES FROM ('2020-01-01') TO ('2025-01-01');
CREATE TABLE visit_part_new PARTITION OF visit_part FOR VALUES FROM ('2025-01-01') TO ('2030-01-01');
CREATE VIEW patients AS SELECT id, patient FROM t2;
CREATE MATERIALIZED VIEW seen AS SELECT patient, count(*) FROM t2 GROUP BY patient;
CREATE UNIQUE INDEX ON seen (patient);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.seen := now(); RETURN NEW; END';
CREATE TRIGGER stamp BEFORE UPDATE ON t2 FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE PROCEDURE nightly() LANGUAGE plpgsql AS $$
BEGIN
    FOR n IN 1..3 LOOP
        CREATE TEMP TABLE IF NOT EXISTS batch (n int);
        INSERT INTO batch VALUES (n);
        COMMIT;
    END LOOP;
    DROP TABLE batch;
END $$;
GRANT ALL ON ALL TABLES IN SCHEMA public TO app;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO app;
ALTER MATERIALIZED VIEW seen OWNER TO app;
SQL
works($node, 'a schema by migrations', 'SELECT count(*) FROM migrate_up()');

# ---------------------------------------------------------------------------
# What an application does.
# ---------------------------------------------------------------------------

my @life = (
	'rows, one and many' => q{
INSERT INTO t2 (patient, note) SELECT 'p' || i, repeat('x', 100) FROM generate_series(1, 2000) AS i;
INSERT INTO t2 (patient) VALUES ('p1') ON CONFLICT (patient) DO UPDATE SET note = 'again' RETURNING id;
UPDATE patients SET patient = 'P2' WHERE patient = 'p2';
WITH gone AS (DELETE FROM t2 WHERE id = 3 RETURNING *) SELECT count(*) FROM gone;
MERGE INTO t2 USING (VALUES ('p7'), ('new')) AS v (p) ON patient = p
  WHEN MATCHED THEN UPDATE SET note = 'merged' WHEN NOT MATCHED THEN INSERT (patient) VALUES (p);
INSERT INTO visit_part SELECT '2024-12-01'::date + i, i::text FROM generate_series(1, 60) AS i;
UPDATE visit_part SET at = '2026-01-01' WHERE at = '2024-12-02';
SELECT * FROM t2 WHERE id = 1 FOR UPDATE},
	'transactions, savepoints, locks' => q{
BEGIN ISOLATION LEVEL SERIALIZABLE; SAVEPOINT a; UPDATE t2 SET note = 'y' WHERE id = 5; ROLLBACK TO a; RELEASE a; COMMIT;
BEGIN; LOCK TABLE t2 IN SHARE ROW EXCLUSIVE MODE; SET CONSTRAINTS ALL DEFERRED;
INSERT INTO visit (t2_id, at) VALUES (99999, now()); INSERT INTO t2 (id, patient) VALUES (99999, 'late'); COMMIT;
SELECT pg_advisory_lock(1), pg_advisory_unlock(1);
BEGIN; UPDATE t2 SET note = 'two' WHERE id = 6; PREPARE TRANSACTION 'two'; COMMIT PREPARED 'two'},
	'settings of the session' => q{
SET work_mem = '8MB'; SET LOCAL search_path = public; RESET work_mem; SET TIME ZONE 'UTC';
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED;
SELECT set_config('application_name', 'life', false); SHOW ALL; RESET ALL; DISCARD PLANS; DISCARD ALL},
	'prepared statements and cursors' => q{
PREPARE one (int) AS SELECT * FROM t2 WHERE id = $1; EXECUTE one (5); DEALLOCATE one;
BEGIN; DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT * FROM t2 ORDER BY id; FETCH 10 FROM c; MOVE LAST IN c; COMMIT;
FETCH BACKWARD 5 FROM c; CLOSE c;
BEGIN; DECLARE d CURSOR FOR SELECT * FROM t2 FOR UPDATE; FETCH d; UPDATE t2 SET note = 'here' WHERE CURRENT OF d; COMMIT},
	'blocks of code and procedures' => q{
DO $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM t2 LOOP
  BEGIN INSERT INTO t2 (patient) VALUES ('p1'); EXCEPTION WHEN unique_violation THEN NULL; END;
  EXIT WHEN r.id > 20; END LOOP; END $$;
CALL nightly()},
	'what EXPLAIN and ANALYZE do' => q{
EXPLAIN (ANALYZE, BUFFERS) UPDATE t2 SET note = 'z' WHERE id < 10; EXPLAIN CREATE TABLE no AS SELECT 1},
	'notifications' => q{LISTEN life; NOTIFY life, 'x'; SELECT pg_notify('life', 'y'); UNLISTEN *},
	'sequences' => q{SELECT nextval('t2_id_seq'), setval('t2_id_seq', 200000), currval('t2_id_seq')},
	'a materialized view of its own' => q{
REFRESH MATERIALIZED VIEW seen; REFRESH MATERIALIZED VIEW CONCURRENTLY seen; REFRESH MATERIALIZED VIEW seen WITH NO DATA;
REFRESH MATERIALIZED VIEW seen},
	'COPY with the client' => q{
COPY t2 TO STDOUT; COPY (SELECT * FROM t2) TO STDOUT (FORMAT csv);
COPY t2 (patient) FROM STDIN;
copied 1
copied 2
\.
COPY visit_part FROM STDIN (FORMAT csv);
2024-05-05,old
2025-05-05,new
\.
});

while (my ($what, $sql) = splice(@life, 0, 2))
{
	works($node, $what, "$sql;", 'app');
}

# Everything that makes, changes and drops temporary objects.
my $temporary = <<'SQL';
CREATE TEMP TABLE one (id serial PRIMARY KEY, t text UNIQUE, CHECK (t <> ''));
CREATE TEMP TABLE big AS SELECT i, repeat(md5(i::text), 200) AS t FROM generate_series(1, 200) AS i;
SELECT * INTO TEMP two FROM big;
CREATE INDEX ON big (i); CREATE UNIQUE INDEX CONCURRENTLY two_i ON two (i);
CREATE STATISTICS pg_temp.s ON i, t FROM big; ANALYZE big; VACUUM big; VACUUM FULL big; CLUSTER big USING big_i_idx;
REINDEX TABLE big; REINDEX TABLE CONCURRENTLY big; TRUNCATE one RESTART IDENTITY;
ALTER TABLE one ADD COLUMN more jsonb DEFAULT '{}', ALTER t TYPE varchar(20);
ALTER TABLE one RENAME TO first_one;
ALTER TABLE first_one RENAME TO one;
COMMENT ON TABLE one IS 'scratch'; GRANT SELECT ON one TO PUBLIC; REVOKE ALL ON one FROM PUBLIC;
CREATE TEMP VIEW v AS SELECT * FROM one; CREATE OR REPLACE TEMP VIEW v AS SELECT * FROM one; CREATE TEMP SEQUENCE s;
ALTER SEQUENCE s INCREMENT 5; SELECT nextval('s');
CREATE TYPE pg_temp.pair AS (a int, b text); CREATE TYPE pg_temp.mood AS ENUM ('ok'); CREATE DOMAIN pg_temp.positive AS int CHECK (VALUE > 0);
ALTER TYPE pg_temp.mood ADD VALUE 'bad';
CREATE FUNCTION pg_temp.f(int) RETURNS int LANGUAGE sql AS 'SELECT $1 + 1'; SELECT pg_temp.f(1);
CREATE OR REPLACE FUNCTION pg_temp.g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER t BEFORE INSERT ON one FOR EACH ROW EXECUTE FUNCTION pg_temp.g(); ALTER TABLE one DISABLE TRIGGER t;
CREATE RULE r AS ON DELETE TO one DO INSTEAD NOTHING; DROP RULE r ON one;
ALTER TABLE one ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON one USING (true);
CREATE TEMP TABLE part (i int) PARTITION BY LIST (i); CREATE TEMP TABLE part1 PARTITION OF part FOR VALUES IN (1);
CREATE TEMP TABLE child () INHERITS (big); CREATE TABLE pg_temp.three (LIKE big INCLUDING ALL);
BEGIN; CREATE TEMP TABLE brief (i int) ON COMMIT DROP; INSERT INTO brief VALUES (1); COMMIT;
CREATE TEMP TABLE emptied (i int) ON COMMIT DELETE ROWS; INSERT INTO emptied VALUES (1);
BEGIN; SAVEPOINT a; CREATE TEMP TABLE gone (t text); ROLLBACK TO a; COMMIT;
DROP VIEW v; DROP TABLE one, two CASCADE; DROP FUNCTION pg_temp.f(int); DROP TYPE pg_temp.pair; DROP SEQUENCE s;
EXPLAIN ANALYZE CREATE TEMP TABLE explained AS SELECT 1;
CREATE TEMP TABLE IF NOT EXISTS explained (i int);
SQL
works($node, 'temporary objects, dropped when the backend exits', $temporary, 'app');
works($node, 'temporary objects, dropped by DISCARD', "$temporary; DISCARD TEMP; $temporary; DISCARD ALL; $temporary", 'app');

# Backends that nobody had before each make two schemas of their own.
{
	my @sessions = map { background($node, "temp$_", "$temporary; SELECT pg_sleep(1)", 'postgres', 'app') } 1 .. 6;

	is(join('', map { /ERROR.*/g } (finish($_))[1]), '', 'the first temporary table of a backend') for @sessions;
	ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_class WHERE relpersistence = 't'"),
		'nothing temporary is left when they are gone');
}

# A backend that is killed leaves its objects behind; autovacuum drops what
# has files of its own, others go with the next user of that slot.
{
	my $gate = gate($node, "$temporary");
	my $pid = pid_of($node, 'gate');

	cmp_ok($node->safe_psql('postgres', q{SELECT count(*) FROM pg_class WHERE relpersistence = 't'}), '>', 5, 'temporary tables are there');
	kill 'KILL', $pid;
	finish($gate);
	$node->poll_query_until('postgres', 'SELECT true') or die 'the server did not come back';
	ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'"),
		'orphans of a killed backend are cleaned up');
}

# ---------------------------------------------------------------------------
# pgbench, parallel queries, maintenance.
# ---------------------------------------------------------------------------

for my $options ([], ['-S'], ['-N'], [ '-M', 'prepared' ], [ '-M', 'extended', '-C' ])
{
	$node->command_ok([ 'pgbench', '-n', '-U', 'app', '-c', 4, '-j', 2, '-t', 50, @$options, $database ], "pgbench @$options");
}

my $parallel = 'SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;';
like(
	works($node, 'a parallel query',
		"$parallel EXPLAIN (ANALYZE, COSTS off) SELECT count(*), max(filler) FROM pgbench_accounts", 'app'),
	qr/Workers Launched: [1-9]/, 'has workers');
works($node, 'temporary tables filled in parallel',
	"$parallel CREATE TEMP TABLE p AS SELECT abalance, count(*) FROM pgbench_accounts GROUP BY 1", 'app');

works($node, 'VACUUM, ANALYZE', <<'SQL');
VACUUM; ANALYZE; VACUUM (FREEZE, PARALLEL 2) pgbench_accounts; VACUUM ANALYZE t2; ANALYZE pgbench_accounts (aid); CHECKPOINT;
SQL
works($node, 'many rows change',
	'UPDATE pgbench_accounts SET abalance = abalance + 1; DELETE FROM pgbench_accounts WHERE aid % 3 = 0', 'app');
ok( $node->poll_query_until('postgres',
		q{SELECT autovacuum_count > 0 AND autoanalyze_count > 0 FROM pg_stat_user_tables WHERE relname = 'pgbench_accounts'}),
	'autovacuum comes');

# ---------------------------------------------------------------------------
# Maintenance that takes a table away is policy.
# ---------------------------------------------------------------------------

register($node, 'i3', 'CREATE INDEX CONCURRENTLY i3 ON pgbench_accounts (bid); REINDEX INDEX CONCURRENTLY i3;'
	  . ' REINDEX TABLE pgbench_branches; REINDEX INDEX i3;');
register($node, 'i4', 'CREATE INDEX CONCURRENTLY i4 ON pgbench_accounts (abalance); REINDEX TABLE CONCURRENTLY pgbench_accounts;'
	  . ' DROP INDEX CONCURRENTLY i3; CREATE INDEX CONCURRENTLY i3 ON pgbench_accounts (bid);');
register($node, 'i5', 'SET max_parallel_maintenance_workers = 2; SET min_parallel_table_scan_size = 0;'
	  . ' CREATE INDEX i5 ON pgbench_accounts (filler, aid); CLUSTER pgbench_accounts USING i5;');
works($node, 'indexes are made and rebuilt by a deployment', 'CALL migrate_deploy()');
is(status($node), 't1 applied, t2 applied, i3 applied, i4 applied, i5 applied', 'all of it is done');
is(invalid_indexes($node), '', 'no index is invalid');

is(refusals($node), 0, 'nothing so far was refused');
is( $node->safe_psql('postgres', <<'SQL'), 'guard.observed CREATE ROLE app', 'nor observed or skipped, but what was before the arming');
SELECT string_agg(DISTINCT concat_ws(' ', kind, command, object), ', ')
  FROM hipaa_migrate.audit_event
 WHERE kind ~ '^guard' AND kind <> 'guard.changed'
SQL

refused($node, 'VACUUM FULL while its class is enforced', 'VACUUM FULL t2');
guard($node, 'observe', 'postgres', 'maintenance');
works($node, 'VACUUM FULL by policy', 'VACUUM FULL t2; CLUSTER t2 USING t2_pkey; REINDEX TABLE t2; REINDEX TABLE CONCURRENTLY t2');
is(refusals($node, 'postgres', 'guard.observed'), 1 + 4, 'is on record as observed');

# A schema change is refused all the while, or this test could not fail.
refused($node, 'a table by hand', 'CREATE TABLE by_hand (i int)');
refused($node, 'an index by hand', 'CREATE INDEX CONCURRENTLY by_hand ON t2 (note)');
my $refusals = refusals($node);

# ---------------------------------------------------------------------------
# Logical replication, both ends armed.
# ---------------------------------------------------------------------------

my $subscriber = new_server('subscriber', conf => "wal_level = logical\nmax_worker_processes = 20\n");

arm($subscriber);
register($node, 't6', 'CREATE TABLE t6 (id int PRIMARY KEY, v text); INSERT INTO t6 SELECT i, i::text FROM generate_series(1, 1000) AS i;'
	  . ' CREATE PUBLICATION clinic FOR TABLE t6, t2');
works($node, 'a publication', 'SELECT count(*) FROM migrate_up()');
register($subscriber, 't6', 'CREATE TABLE t6 (id int PRIMARY KEY, v text);'
	  . ' CREATE TABLE t2 (id serial PRIMARY KEY, patient text UNIQUE, seen timestamptz, note text)');
works($subscriber, 'its tables', 'SELECT count(*) FROM migrate_up()');
$node->safe_psql('postgres', q{SELECT count(*) FROM pg_create_logical_replication_slot('clinic', 'pgoutput')});
register($subscriber, 't7', "CREATE TABLE t7 ();"
	  . " CREATE SUBSCRIPTION clinic CONNECTION \$c\$$database\$c\$ PUBLICATION clinic WITH (create_slot = false)");
works($subscriber, 'a subscription', 'SELECT count(*) FROM migrate_up()');
$subscriber->wait_for_subscription_sync($node, 'clinic');
is($subscriber->safe_psql('postgres', 'SELECT count(*) FROM t6'), 1000, 'the first copy');
is($subscriber->safe_psql('postgres', 'SELECT count(*) FROM t2'), $node->safe_psql('postgres', 'SELECT count(*) FROM t2'), 'of both');
works($node, 'changes', 'INSERT INTO t6 VALUES (2000, 2); UPDATE t6 SET v = 3 WHERE id = 3; DELETE FROM t6 WHERE id = 4');
$node->wait_for_catchup('clinic');
is($subscriber->safe_psql('postgres', 'SELECT count(*), sum(id) FROM t6'),
	$node->safe_psql('postgres', 'SELECT count(*), sum(id) FROM t6'), 'arrive');
register($node, 't8', 'CREATE TABLE t8 (); TRUNCATE t6; INSERT INTO t6 VALUES (1, 1)');
works($node, 'TRUNCATE in a migration', 'SELECT count(*) FROM migrate_up()');
$node->wait_for_catchup('clinic');
is($subscriber->safe_psql('postgres', 'SELECT count(*) FROM t6'), 1, 'arrives too');
is(refusals($subscriber) + refusals($subscriber, 'postgres', 'guard.observed'), 0, 'the subscriber refused nothing');
$subscriber->stop;

# ---------------------------------------------------------------------------
# Dumps, backups, a standby.
# ---------------------------------------------------------------------------

my $directory = PostgreSQL::Test::Utils::tempdir();

$node->command_ok([ 'pg_dump', '-f', "$directory/plain", $database ], 'pg_dump');
$node->command_ok([ 'pg_dump', '-Fd', '-j', 2, '-f', "$directory/dump", $database ], 'pg_dump, several jobs');
$node->command_ok([ 'pg_dumpall', '-f', "$directory/all" , '-d', $database ], 'pg_dumpall');
$node->command_ok([ 'vacuumdb', '-z', '-j', 2, '-d', $database ], 'vacuumdb');
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
works($node, 'a change', q{INSERT INTO t2 (patient) VALUES ('for the standby')});
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
works($standby, 'reading on the standby', <<'SQL', 'app');
SELECT * FROM t2 WHERE patient = 'for the standby'; BEGIN; DECLARE c CURSOR FOR SELECT * FROM t2; FETCH 10 FROM c; COMMIT;
COPY t2 TO STDOUT; PREPARE one AS SELECT 1; EXECUTE one; SET work_mem = '8MB'; RESET ALL; DISCARD ALL;
SQL
works($standby, 'as administrator', 'CHECKPOINT; SELECT pg_reload_conf(); SELECT count(*) FROM hipaa_migrate.guard_status');
fails_with($standby, 'CREATE TABLE on_standby ()', 'a table there', qr/ERROR:  25006: cannot execute CREATE TABLE in a read-only/);
fails_with($standby, 'CREATE TEMP TABLE on_standby ()', 'a temporary one too', qr/ERROR:  25006: cannot execute CREATE TABLE in a read-only/);

# ---------------------------------------------------------------------------

is(refusals($node), $refusals, 'nothing was refused but what had to be');
unlike(slurp_file($node->logfile), qr/TRAP|PANIC|signal 11/, 'the server lived through it');

$standby->stop;
$node->stop;
done_testing();
