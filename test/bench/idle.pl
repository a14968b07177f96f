# test/bench/idle.pl
#	  What the library costs where the extension is in no database: the
#	  transaction of pgbench -S, with and without it preloaded.
use strict;
use warnings;
use Bench;
use Cluster;

my $PAIRS = rounds(9);
my $PRELOAD = '-cshared_preload_libraries=';

sub pgbench
{
	my ($port, @options) = @_;

	open(my $out, '-|', 'pgbench', '-p', $port, @options, 'postgres') or die;
	my $text = join('', <$out>);
	close($out) or die "pgbench failed\n";
	return $text =~ /^tps = ([\d.]+)/m ? $1 : 0;
}

# Pairs: without, with, without again.
sub measure_pgbench
{
	my ($data) = @_;
	my %port = (without => 5501, with => 5502, again => 5503);
	my @turns = sort keys %port;
	my %tps;

	for my $name (@turns)
	{
		copy_cluster($data, "$data.$name");
		start_cluster("$data.$name", $port{$name}, $name eq 'with' ? 'hipaa_migrate' : '');
	}
	for my $pair (1 .. $PAIRS)
	{
		push @{ $tps{$_} }, pgbench($port{$_}, '-n', '-S', '-t', 10000) for @turns;
		push @turns, shift @turns;
	}
	stop_cluster("$data.$_") for keys %port;
	row('preloaded, in no database: pgbench -S, time with / without',
		median(@{ $tps{without} }) / median(@{ $tps{with} }),
		median(@{ $tps{without} }) / median(@{ $tps{again} }));
}

# A server without processes beside it counts the same each time.
sub count_instructions
{
	my ($data, $library, $transactions) = @_;
	my $input = scratch_file('transactions');
	my $log = scratch_file('callgrind.log');

	write_file($input, join('', map {
		'SELECT abalance FROM pgbench_accounts WHERE aid = ' . ($_ * 7919 % 100000 + 1) . ";\n"
	} 1 .. $transactions));
	system("valgrind --tool=callgrind --callgrind-out-file=/dev/null"
		  . " '$ENV{BENCH_BINDIR}/postgres' --single '$PRELOAD$library' -D '$data' postgres"
		  . " <'$input' >'$log' 2>&1") == 0
	  or die "valgrind failed\n";
	open(my $file, '<', $log) or die;
	my ($count) = map { /Collected : (\d+)/ ? $1 : () } <$file>;
	return $count // die "no count of instructions in $log\n";
}

sub instructions_per_transaction
{
	my ($data, $library) = @_;

	return (count_instructions($data, $library, 3000) -
		  count_instructions($data, $library, 1000)) / 2000;
}

my $data = make_cluster('idle');
start_cluster($data, 5501, '');
execute('pgbench', '-p', 5501, '-i', '-q', 'postgres');
stop_cluster($data);

if (has_valgrind())
{
	my $without = instructions_per_transaction($data, '');
	my $with = instructions_per_transaction($data, 'hipaa_migrate');
	my $again = instructions_per_transaction($data, '');

	note('instructions per transaction of pgbench -S: %d without, %d with the library', $without, $with);
	row('preloaded, in no database: instructions with / without',
		$with / $without, $again / $without, 1.01);
}
else
{
	note('Left out: instructions per transaction, for valgrind is not installed.');
}
measure_pgbench($data);
