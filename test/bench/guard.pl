# test/bench/guard.pl
#	  How long things take under the armed guard: transactions of pgbench, DDL
#	  in a migration, a refused statement, and a flood of them.
use strict;
use warnings;
use Armed;
use Bench;
use Cluster;
use List::Util 'sum';
use POSIX ();

my $ROUNDS = rounds(3);
my $SECONDS = 20;
my $CLIENTS = 8;

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

start_cluster($data{$_}, $PORT{$_}, library($_)) for keys %PORT;
measure_ddl();
measure_refused();
measure_pgbench();
measure_flood();
stop_cluster($data{$_}) for keys %PORT;
