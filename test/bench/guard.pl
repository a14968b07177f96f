# test/bench/guard.pl
#	  What the armed guard costs: transactions of pgbench, DDL in a migration,
#	  a refused statement, and a flood of them.
use strict;
use warnings;
use Bench;
use Cluster;
use List::Util 'sum';
use POSIX ();

my $ROUNDS = rounds(3);
my $SECONDS = 20;
my $CLIENTS = 8;
my %PORT = (without => 5511, again => 5512, armed => 5513);

sub library { return $_[0] eq 'armed' ? 'hipaa_migrate' : '' }

# Whatever is run needs to know only which server.
sub on
{
	my ($name, $code) = @_;

	local $ENV{PGPORT} = $PORT{$name};
	return $code->();
}

sub build_clusters
{
	my $data = make_cluster('guard', "max_locks_per_transaction = 1024\n");
	my %data;

	start_cluster($data, $PORT{without}, '');
	on('without', sub { execute('pgbench', '-i', '-q', 'postgres') });
	stop_cluster($data);
	%data = map { $_ => copy_cluster($data, "$data.$_") } keys %PORT;
	start_cluster($data{armed}, $PORT{armed}, 'hipaa_migrate');
	on('armed', sub {
		sql('postgres', 'CREATE EXTENSION hipaa_migrate', q{SELECT migrate_guard('enforce', 'the benchmark')});
	});
	stop_cluster($data{armed});
	return %data;
}

# ---- instructions ----

sub select_only
{
	my ($n) = @_;

	return 'SELECT abalance FROM pgbench_accounts WHERE aid = ' . ($n * 7919 % 100000 + 1) . ";\n";
}

sub tpcb_like
{
	my ($n) = @_;
	my ($aid, $tid, $delta) = ($n * 7919 % 100000 + 1, $n * 7 % 10 + 1, $n % 5000);

	return <<"SQL";
BEGIN;
UPDATE pgbench_accounts SET abalance = abalance + $delta WHERE aid = $aid;
SELECT abalance FROM pgbench_accounts WHERE aid = $aid;
UPDATE pgbench_tellers SET tbalance = tbalance + $delta WHERE tid = $tid;
UPDATE pgbench_branches SET bbalance = bbalance + $delta WHERE bid = 1;
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES ($tid, 1, $aid, $delta, CURRENT_TIMESTAMP);
END;
SQL
}

# What one migration does: a table, filled, with all that belongs to it.
sub ddl
{
	my ($n) = @_;

	return <<"SQL";
CREATE TABLE made$n (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT now());
CREATE INDEX ON made$n (name);
INSERT INTO made$n (name) SELECT i::text FROM generate_series(1, 1000) AS i;
ALTER TABLE made$n ADD COLUMN state text, ADD CHECK (name <> '');
CREATE VIEW seen$n AS SELECT id, name FROM made$n;
SQL
}

# What is executed: a line each, for a single-user server ends a command there.
my %WORK = (
	'pgbench -S' => { few => 500, many => 2500, limit => 1.02,
		input => sub { map { select_only($_) } 1 .. $_[1] } },
	'TPC-B-like' => { few => 200, many => 1000, limit => 1.02,
		input => sub { map { tpcb_like($_) } 1 .. $_[1] } },
	'DDL in a migration' => { few => 5, many => 25, limit => 1.1, input => \&ddl_in_block });

# A block on the server without the library, a migration on the other.
sub ddl_in_block
{
	my ($name, $count) = @_;
	my $text = join(' ', map { ddl("${count}_$_") =~ s/\n/ /gr } 1 .. $count);
	my $migration = sprintf('20250101%06d-made', $count);

	return "DO \$do\$ BEGIN $text END \$do\$;\n" if $name ne 'armed';
	return "SELECT migrate_register('$migration', \$up\$$text\$up\$, down => 'SELECT');\n", "SELECT count(*) FROM migrate_up();\n";
}

# What registering takes is no part of it.
sub registered_only
{
	my ($name, $what, $number) = @_;
	my ($first, @rest) = $WORK{$what}{input}->($name, $number);

	return @rest == 1 ? $first : '';
}

# A server without processes beside it counts the same each time.
sub count_instructions
{
	my ($name, $data, @input) = @_;
	my $copy = copy_cluster($data, scratch_file('single'));
	my $input = scratch_file('input');
	my $log = scratch_file('callgrind.log');

	write_file($input, join('', @input));
	system("valgrind --tool=callgrind --callgrind-out-file=/dev/null '$ENV{BENCH_BINDIR}/postgres' --single"
		  . " -c shared_preload_libraries=" . library($name) . " -D '$copy' postgres <'$input' >'$log' 2>&1") == 0
	  or die "valgrind failed, see $log\n";
	system('rm', '-rf', $copy);
	open(my $file, '<', $log) or die;
	my $text = join('', <$file>);
	die "an error in $log: $1\n" if $text =~ /((?:ERROR|FATAL): .*)/;
	return $text =~ /Collected : (\d+)/ ? $1 : die "no count of instructions in $log\n";
}

sub count_work
{
	my ($name, $data, $what) = @_;
	my $work = $WORK{$what};
	my ($few, $many) = map {
		count_instructions($name, $data, $work->{input}->($name, $_)) - count_instructions($name, $data, registered_only($name, $what, $_))
	} @$work{qw(few many)};

	return ($many - $few) / ($work->{many} - $work->{few});
}

sub measure_instructions
{
	my (%data) = @_;

	for my $what (sort { $b cmp $a } keys %WORK)
	{
		my %count = map { $_ => count_work($_, $data{$_}, $what) } sort keys %PORT;

		note('%s: %d instructions, armed %d', $what, @count{qw(without armed)});
		row("armed, $what: instructions with / without", $count{armed} / $count{without}, $count{again} / $count{without}, $WORK{$what}{limit});
	}
}

# ---- seconds ----

sub pgbench
{
	my (@options) = @_;

	open(my $out, '-|', 'pgbench', '-n', @options, 'postgres') or die;
	my $text = join('', <$out>);
	close($out) or die "pgbench failed\n";
	return $text =~ /^tps = ([\d.]+)/m ? $1 : die;
}

# Takes turns; returns the median of what the code says of each server.
sub in_turn
{
	my ($rounds, $code) = @_;
	my @names = sort keys %PORT;
	my %values;

	for (1 .. $rounds)
	{
		push @{ $values{$_} }, on($_, sub { $code->($_) }) for @names;
		push @names, shift @names;
	}
	return map { $_ => median(@{ $values{$_} }) } @names;
}

sub measure_pgbench
{
	for my $options ([ '-S', '-t', 20000 ], [ '-t', 1000 ])
	{
		my %tps = in_turn(3 * $ROUNDS, sub { pgbench(@$options) });

		row('armed, pgbench ' . ($options->[0] eq '-S' ? '-S' : 'TPC-B-like') . ': time with / without',
			$tps{without} / $tps{armed}, $tps{without} / $tps{again});
	}
}

my $migrations = 0;

sub measure_ddl
{
	my %seconds = in_turn(3 * $ROUNDS, sub {
		my ($name) = @_;
		my $text = join('', map { ddl('timed' . ++$migrations) } 1 .. 20);

		# Registering is no part of it.
		return timed(sub { sql('postgres', "DO \$do\$ BEGIN $text END \$do\$") }) if $name ne 'armed';
		sql('postgres', sprintf(q{SELECT migrate_register('20250102%06d-made', $up$%s$up$, down => 'SELECT')}, $migrations, $text));
		return timed(sub { sql('postgres', 'SET client_min_messages = error', 'SELECT count(*) FROM migrate_up()') });
	});

	row('armed, DDL in a migration: time with / without', $seconds{armed} / $seconds{without}, $seconds{again} / $seconds{without}, 1.1);
}

# Another object each time, so that each is put on record by itself.
sub measure_refused
{
	for my $kind ([ 'each another', 1 ], [ 'the same', 0 ])
	{
		my ($what, $numbered) = @$kind;
		my $file = scratch_file('refused.sql');

		write_file($file, "\\timing on\n" . join('', map { 'CREATE TABLE by_hand' . ($numbered && $_) . " (i int);\n" } 1 .. 500));
		my $text = on('armed', sub { `psql -Xq -d postgres -f '$file' 2>'$file.err'` });
		my @times = $text =~ /^Time: ([\d.]+) ms/mg;
		die "not refused\n" if @times != 500;
		row("a refused statement, $what: median, ms", median(@times), undef, 10);
	}
}

# ---- a flood ----

# The same in both: without the guard the table is there already.
sub flood
{
	my ($file) = @_;
	my $end = time() + $SECONDS + 2;

	open(my $psql, '|-', "exec psql -Xq -d postgres >/dev/null 2>'$file'") or die;
	$psql->autoflush(1);
	fcntl($psql, 1031, 4096);
	print $psql "CREATE TABLE pgbench_history (i int);\n" while time() < $end;
	close($psql);
}

# pgbench's rate beside a flood; adds the number of errors to @$errors.
sub rate_in_flood
{
	my ($errors) = @_;
	my @children;
	my $rate;

	for my $number (1 .. $CLIENTS)
	{
		my $child = fork();

		if ($child == 0)
		{
			flood(scratch_file("flood$number"));
			POSIX::_exit(0);
		}
		push @children, $child;
	}
	sleep(1);
	$rate = pgbench('-c', 2, '-T', $SECONDS);
	waitpid($_, 0) for @children;
	push @$errors, sum(map { my $file = scratch_file("flood$_"); 0 + `grep -c ERROR: '$file'` } 1 .. $CLIENTS);
	return $rate;
}

my $COUNT = <<'SQL';
SELECT coalesce(sum(CASE kind WHEN 'guard.refused' THEN 1 ELSE (details::jsonb ->> 'count')::int END), 0)
  FROM hipaa_migrate.audit_event
 WHERE object ~ 'pgbench_history'
   AND (kind = 'guard.refused' OR kind = 'record.folded' AND details::jsonb ->> 'kind' = 'guard.refused')
SQL

sub measure_flood
{
	my %errors = map { $_ => [] } keys %PORT;
	my %tps = in_turn($ROUNDS, sub { rate_in_flood($errors{ $_[0] }) });
	my $told = sum(@{ $errors{armed} });
	my $recorded;

	# What was folded comes onto the record when it has been quiet for a while.
	sleep(12);
	$recorded = on('armed', sub { value('postgres', $COUNT) });
	note('errors of a flood: %d, refusals %d; %d refusals in all, %d on record',
		median(@{ $errors{without} }), median(@{ $errors{armed} }), $told, $recorded);
	row('pgbench beside refusals / beside ordinary errors', $tps{armed} / $tps{without}, $tps{again} / $tps{without}, '>0.8');
	row('a flood of refusals: on record / told', $recorded / $told, undef, '>1');
}

my %data = build_clusters();

if (has_valgrind())
{
	measure_instructions(%data);
}
else
{
	note('Left out: instructions, for valgrind is not installed.');
}
start_cluster($data{$_}, $PORT{$_}, library($_)) for keys %PORT;
measure_ddl();
measure_refused();
measure_pgbench();
measure_flood();
stop_cluster($data{$_}) for keys %PORT;
