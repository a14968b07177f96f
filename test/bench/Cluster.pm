# test/bench/Cluster.pm
#	  Servers beside the one that test/bench/parts starts: with and without the
#	  library, and under callgrind, which counts instructions.
package Cluster;

use strict;
use warnings;
use Bench;
use Exporter 'import';

our @EXPORT = qw(make_cluster copy_cluster start_cluster stop_cluster has_valgrind
  start_counting process stop_counting);

# Data directories of servers that run.
my %running;

my $VALGRIND = 'valgrind --tool=callgrind --trace-children=yes --callgrind-out-file=/dev/null';

# Returns the data directory.
sub make_cluster
{
	my ($name, $settings) = @_;
	my $data = scratch_file($name);

	execute('initdb', '--no-sync', '--username=postgres', '--auth=trust', '--encoding=UTF8',
		'--locale=C.UTF-8', '-D', $data);
	write_file("$data/postgresql.auto.conf",
		"listen_addresses = ''\nunix_socket_directories = '$ENV{BENCH_SCRATCH}'\nautovacuum = off\n"
		  . ($settings // ''));
	return $data;
}

sub copy_cluster
{
	my ($data, $copy) = @_;

	system('cp', '-R', $data, $copy) == 0 or die;
	return $copy;
}

# The library is preloaded where there is a name of one.
sub options
{
	my ($port, $library) = @_;

	return "-p $port -c shared_preload_libraries=$library";
}

sub start_cluster
{
	my ($data, $port, $library) = @_;

	execute('pg_ctl', '-s', '-w', '-D', $data, '-l', "$data.log", '-o', options($port, $library), 'start');
	$running{$data} = 1;
}

sub stop_cluster
{
	execute('pg_ctl', '-s', '-w', '-t', 300, '-D', $_[0], '-m', 'fast', 'stop');
	delete $running{ $_[0] };
}

sub has_valgrind { return system('valgrind --version >/dev/null 2>&1') == 0 }

# A server each of whose processes counts its instructions.
sub start_counting
{
	my ($data, $port, $library) = @_;
	my $options = options($port, $library);

	system("exec $VALGRIND '$ENV{BENCH_BINDIR}/postgres' -D '$data' $options"
		  . " >'$data.count' 2>&1 </dev/null &") == 0
	  or die "valgrind failed\n";
	$running{$data} = 1;
	for (1 .. 300)
	{
		return if system("pg_isready -q -p $port") == 0;
		sleep(1);
	}
	die "the server of $data does not start under valgrind\n";
}

# The process in which psql had these executed.
sub process
{
	my ($port, @arguments) = @_;

	open(my $psql, '-|', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-p', $port, '-d', 'postgres',
		'-c', "SET client_min_messages = error", '-c', 'SELECT pg_backend_pid()', @arguments)
	  or die;
	my @lines = <$psql>;
	close($psql) or die "failed: @arguments\n";
	return $lines[0] =~ /(\d+)/ ? $1 : die;
}

# Returns what each process counted, by its number.
sub stop_counting
{
	my ($data) = @_;
	my %count;

	stop_cluster($data);
	open(my $log, '<', "$data.count") or die;
	/^==(\d+)==\s+Collected : (\d+)/ and $count{$1} = $2 for <$log>;
	return \%count;
}

# Whoever fails or is told to end leaves no server behind.
$SIG{$_} = sub { exit(1) } for 'INT', 'TERM';

END
{
	my $status = $?;

	system('pg_ctl', '-s', '-D', $_, '-m', 'immediate', 'stop') for keys %running;
	$? = $status;
}

1;
