
# test/tap/guard_contexts.pl
#	  Proves that what the guard refuses is on record with statement, user,
#	  client and layer, wherever in a session it was refused and whatever the
#	  client did then: swallow the error, roll back, or go away without a word.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use HipaaMigrateWire;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('guard_contexts', conf => "max_prepared_transactions = 5\n");

$node->safe_psql('postgres', <<'SQL');
CREATE ROLE application LOGIN;
CREATE ROLE other;
GRANT other TO application;
GRANT CREATE ON DATABASE postgres TO application;
GRANT CREATE ON SCHEMA public TO application, other;

CREATE FUNCTION make(name text) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE public.%I (id integer)', name);
    RETURN 1;
END $$;
CREATE FUNCTION make_as_definer(name text) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    RETURN make(name);
END $$;
CREATE FUNCTION make_nth(n integer, which integer, name text) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    IF n = which THEN
        PERFORM make(name);
    END IF;
    RETURN n;
END $$;
CREATE PROCEDURE commit_and_make(name text) LANGUAGE plpgsql AS $$
BEGIN
    COMMIT;
    BEGIN
        EXECUTE format('CREATE TABLE public.%I (id integer)', name);
    EXCEPTION WHEN others THEN
        NULL;
    END;
    COMMIT;
    EXECUTE format('CREATE VIEW public.%I AS SELECT 1 AS one', name);
END $$;
CREATE TABLE queue (name text);
GRANT ALL ON queue TO application;
CREATE FUNCTION make_queued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM make(NEW.name);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER make_queued AFTER INSERT ON queue
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION make_queued();

SELECT count(*) FROM migrate_guard('enforce', 'to see where it refuses');
SQL

my $control = HipaaMigrateWire->connect($node, 'postgres', scalar getpwuid($<));
my ($session, $name);
my $number = 0;

# A new session, whose application name tells its events from others.
sub start
{
	($name) = @_;

	$number++;
	$session = HipaaMigrateWire->connect($node, 'postgres', 'application', application_name => $name);
	return;
}

# That this session has left these events and no others, each given as what is
# expected in its command, statement and some other columns.
sub recorded
{
	my (@expected) = @_;
	my @events;

	wait_for(sub {
		@events = @{ $control->query(<<"SQL")->{rows} };
SELECT command, statement, rule, details::jsonb ->> 'layer', actor, effective_role, client, sqlstate,
       length(statement_hash), outcome
  FROM hipaa_migrate.audit_event
 WHERE application = '$name' AND kind = 'guard.refused' AND pid = $session->{pid}
 ORDER BY event_id
SQL
		return @events >= @expected;
	});
	my @wanted = map { [
			$_->{command} // 'CREATE TABLE', $_->{statement}, $_->{class} // 'schema', $_->{layer} // 'utility', 'application',
			$_->{role} // 'application', 'local', 'MG014', 32, 'refused' ] } @expected;
	is_deeply(\@events, \@wanted, "on record: $name");
	is($control->value("SELECT count(*) FROM pg_class WHERE relname LIKE 'evil%'"), '0', "and not done: $name");
	return;
}

sub refused
{
	my (@results) = @_;

	is($results[-1]{error}{C}, 'MG014', "refused: $name") or diag(explain(\@results));
	return;
}

sub statement
{
	my ($which) = @_;
	return { statement => "CREATE TABLE public.evil_$which (id integer)" };
}

# ---- the client does not see the error, or takes it back

start('exception block');
ok(!$session->query(q{DO $$ BEGIN CREATE TABLE public.evil_1 (id integer); EXCEPTION WHEN others THEN NULL; END $$})->{error}, 'the error is swallowed');
recorded(statement(1));

start('exception blocks in each other');
ok(!$session->query(<<'SQL')->{error}, 'both errors are swallowed');
DO $$
BEGIN
    BEGIN
        CREATE TABLE public.evil_2 (id integer);
    EXCEPTION WHEN others THEN
        BEGIN
            CREATE TABLE public.evil_3 (id integer);
        EXCEPTION WHEN SQLSTATE 'MG014' THEN
            NULL;
        END;
    END;
END $$
SQL
recorded(statement(2), statement(3));

start('savepoint');
$session->query('BEGIN');
$session->query('SAVEPOINT s');
refused($session->query('CREATE TABLE public.evil_4 (id integer)'));
ok(!$session->query('ROLLBACK TO s')->{error}, 'the transaction goes on');
is($session->query('COMMIT')->{tag}, 'COMMIT', 'and commits');
recorded(statement(4));

start('rollback');
$session->query('BEGIN');
refused($session->query('CREATE TABLE public.evil_5 (id integer)'));
$session->query('ROLLBACK');
recorded(statement(5));

start('two in a transaction that has failed');
$session->query('BEGIN');
refused($session->query('CREATE TABLE public.evil_6 (id integer)'));
is($session->query('CREATE TABLE public.evil_7 (id integer)')->{error}{C}, '25P02', 'the second is not looked at any more');
$session->query('COMMIT');
recorded(statement(6));

start('read-only transaction');
$session->query('BEGIN READ ONLY');
refused($session->query('CREATE TABLE public.evil_8 (id integer)'));
$session->query('ROLLBACK');
recorded(statement(8));

start('client vanishes after sending it');
$session->send('Q', "CREATE TABLE public.evil_9 (id integer)\0");
$session->vanish;
recorded(statement(9));

start('client vanishes in the transaction');
$session->query('BEGIN');
$session->query('CREATE TABLE public.evil_10 (id integer)');
$session->vanish;
recorded(statement(10));

start('client is terminated');
$session->query('BEGIN');
$session->query('CREATE TABLE public.evil_11 (id integer)');
$control->value("SELECT pg_terminate_backend($session->{pid}, 10000)");
recorded(statement(11));

# ---- within other commands

start('DO');
refused($session->query(q{DO $$ BEGIN CREATE TABLE public.evil_12 (id integer); END $$}));
recorded(statement(12));

start('function');
refused($session->query(q{SELECT make('evil_13')}));
recorded(statement(13));

start('function of another');
refused($session->query(q{SELECT make_as_definer('evil_14')}));
recorded({ %{ statement(14) }, role => scalar getpwuid($<) });

start('SET ROLE');
$session->query('SET ROLE other');
refused($session->query('CREATE TABLE public.evil_15 (id integer)'));
recorded({ %{ statement(15) }, role => 'other' });

start('procedure that commits');
refused($session->query(q{CALL commit_and_make('evil_16')}));
recorded(statement(16), { command => 'CREATE VIEW', statement => 'CREATE VIEW public.evil_16 AS SELECT ? AS one' });

start('several statements at once');
refused($session->query(q{SELECT 1; CREATE TABLE public.evil_17 (id integer); SELECT 2}));
recorded(statement(17));

start('elements of CREATE SCHEMA');
refused($session->query('CREATE SCHEMA evil_18 CREATE TABLE evil_18 (id integer)'));
recorded({ command => 'CREATE SCHEMA', statement => 'CREATE SCHEMA evil_18 CREATE TABLE evil_18 (id integer)' });

start('EXPLAIN ANALYZE');
refused($session->query('EXPLAIN ANALYZE CREATE TABLE public.evil_19 AS SELECT 1 AS one'));
recorded({ command => 'CREATE TABLE AS', statement => 'EXPLAIN ANALYZE CREATE TABLE public.evil_19 AS SELECT ? AS one' });

start('trigger of COPY');
$session->{copy_data} = "evil_20\n";
refused($session->query('COPY queue FROM STDIN'));
recorded(statement(20));

start('row security, default, check');
$session->query('CREATE TEMPORARY TABLE t (id integer DEFAULT make($$evil_21$$))');
refused($session->query('INSERT INTO t DEFAULT VALUES'));
recorded(statement(21));

# ---- prepared

start('prepared statement');
$session->query(q{PREPARE p (text) AS SELECT make($1)});
refused($session->query(q{EXECUTE p ('evil_22')}));
refused($session->query(q{EXECUTE p ('evil_23')}));
recorded(statement(22), statement(23));

start('prepared in the protocol');
$session->parse('s', 'CREATE TABLE public.evil_24 (id integer)');
$session->sync;
ok(!grep({ $_->{error} } $session->results), 'parsing it does nothing');
$session->bind('', 's');
$session->execute('');
$session->sync;
refused($session->results);
recorded(statement(24));

start('portal that was suspended');
$session->query('BEGIN');
$session->parse('', q{SELECT make_nth(n, 3, 'evil_25') FROM generate_series(1, 5) AS n});
$session->bind('portal', '');
$session->execute('portal', 2);
$session->send('H', '');
$session->execute('portal', 2);
$session->sync;
my @results = $session->results;
ok($results[0]{suspended} && @{ $results[0]{rows} } == 2, 'two rows come first');
refused(@results);
$session->query('ROLLBACK');
recorded(statement(25));

start('portal that is left suspended');
$session->query('BEGIN');
$session->parse('', q{SELECT make_nth(n, 2, 'evil_26') FROM generate_series(1, 5) AS n});
$session->bind('portal', '');
$session->execute('portal', 1);
$session->execute('portal', 1);
$session->sync;
$session->vanish;
recorded(statement(26));

start('pipeline');
$session->parse('', 'SELECT 1');
$session->bind('', '');
$session->execute('');
$session->parse('', 'CREATE TABLE public.evil_27 (id integer)');
$session->bind('', '');
$session->execute('');
$session->parse('', 'CREATE TABLE public.evil_28 (id integer)');
$session->bind('', '');
$session->execute('');
$session->sync;
@results = $session->results;
refused(@results);
is(scalar(@results), 2, 'the server skips the rest of the pipeline');
recorded(statement(27));

start('pipeline with a synchronization in between');
$session->parse('', 'CREATE TABLE public.evil_29 (id integer)');
$session->bind('', '');
$session->execute('');
$session->sync;
$session->parse('', 'CREATE TABLE public.evil_30 (id integer)');
$session->bind('', '');
$session->execute('');
$session->sync;
refused($session->results);
refused($session->results);
recorded(statement(29), statement(30));

start('pipeline of a client that vanishes');
$session->parse('', 'CREATE TABLE public.evil_31 (id integer)');
$session->bind('', '');
$session->execute('');
$session->send('H', '');
$session->vanish;
recorded(statement(31));

# ---- at COMMIT

start('holdable cursor');
$session->query('BEGIN');
$session->query(q{DECLARE c CURSOR WITH HOLD FOR SELECT make('evil_32')});
refused($session->query('COMMIT'));
recorded(statement(32));

start('cursor');
$session->query('BEGIN');
$session->query(q{DECLARE c CURSOR FOR SELECT make_nth(n, 2, 'evil_33') FROM generate_series(1, 3) AS n});
ok(!$session->query('FETCH c')->{error}, 'the first row comes');
refused($session->query('FETCH c'));
$session->query('ROLLBACK');
recorded(statement(33));

start('deferred trigger');
$session->query('BEGIN');
ok(!$session->query(q{INSERT INTO queue VALUES ('evil_34')})->{error}, 'the row is inserted');
refused($session->query('COMMIT'));
is($control->value('SELECT count(*) FROM queue'), '0', 'and gone');
recorded(statement(34));

start('deferred trigger, at once');
$session->query('BEGIN');
$session->query(q{INSERT INTO queue VALUES ('evil_35')});
refused($session->query('SET CONSTRAINTS ALL IMMEDIATE'));
$session->query('ROLLBACK');
recorded(statement(35));

start('deferred trigger of a transaction that is prepared');
$session->query('BEGIN');
$session->query(q{INSERT INTO queue VALUES ('evil_36')});
refused($session->query(q{PREPARE TRANSACTION 'evil'}));
is($control->value('SELECT count(*) FROM pg_prepared_xacts'), '0', 'nothing was prepared');
recorded(statement(36));

start('deferred trigger of an implicit transaction');
refused($session->query(q{INSERT INTO queue VALUES ('evil_37')}));
recorded(statement(37));

start('deferred trigger, client vanishes');
$session->query('BEGIN');
$session->query(q{INSERT INTO queue VALUES ('evil_38')});
$session->send('Q', "COMMIT\0");
$session->vanish;
recorded(statement(38));

# ---- other layers

start('large object');
$session->query('BEGIN');
$session->query('SAVEPOINT s');
refused($session->query('SELECT lo_create(4711)'));
$session->query('ROLLBACK TO s');
$session->query('COMMIT');
recorded({ command => 'LARGE OBJECT', layer => 'object', statement => 'SELECT lo_create(?)' });

is($control->value(q{SELECT count(*) FROM audit_verify() WHERE outcome = 'failed'}), '0', 'the record verifies');
$control->close;
$node->stop;

done_testing();
