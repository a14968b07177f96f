# test/bench/Bench.pm
#	  What the parts of the benchmark share: interleaved runs, medians, rows of
#	  the table.
package Bench;

use strict;
use warnings;
use Exporter 'import';
use List::Util 'min';
use Time::HiRes 'time';

our @EXPORT = qw(execute sql value processor_seconds new_database rounds timed
  interleave interleave_by median row note scratch_file write_file);

my $databases = 0;

sub scratch_file { return "$ENV{BENCH_SCRATCH}/$_[0]" }

sub write_file
{
	my ($path, $content) = @_;

	open(my $file, '>', $path) or die "$path: $!";
	print $file $content;
	close($file) or die "$path: $!";
}

# Runs a program; its output goes to a file that is shown when it fails.
sub execute
{
	my (@command) = @_;
	my $log = scratch_file('output');
	my $pid = fork();

	if ($pid == 0)
	{
		open(STDOUT, '>', $log);
		open(STDERR, '>&', \*STDOUT);
		exec(@command) or die "$command[0]: $!";
	}
	waitpid($pid, 0);
	return if $? == 0;
	system('tail', '-n', '20', $log);
	die "failed: @command[0 .. ($#command < 5 ? $#command : 5)]\n";
}

# A whole psql process.
sub sql
{
	my ($database, @statements) = @_;

	execute('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $database,
		map { ('-c', $_) } @statements);
}

# The last line that one psql session prints.
sub value
{
	my ($database, @statements) = @_;

	open(my $psql, '-|', 'psql', '-X', '-q', '-A', '-t', '-v',
		'ON_ERROR_STOP=1', '-d', $database,
		map { ('-c', $_) } 'SET client_min_messages = error', @statements)
	  or die "psql: $!";
	my @lines = <$psql>;
	close($psql) or die "failed: @statements\n";
	chomp(my $last = $lines[-1] // '');
	return $last;
}

# What the session's process has computed for the statements and its own start:
# hardly changes with what else the machine does.
sub processor_seconds
{
	my ($database, @statements) = @_;

	return value($database, (map { ('\o /dev/null', $_) } @statements), '\o',
		"SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::numeric / 1e9");
}

# Databases are not dropped before the end: deleting files slows down the
# creation of others for seconds.
sub new_database
{
	my ($template) = @_;
	my $name = 'bench' . ++$databases . "_$$";

	sql('postgres', "CREATE DATABASE $name TEMPLATE $template", 'CHECKPOINT');
	return $name;
}

# How many rounds there are, unless the caller of test/bench/run wants others.
sub rounds { return $ENV{HM_ROUNDS} || $_[0] }

sub timed
{
	my ($code) = @_;
	my $start = time();

	$code->();
	return time() - $start;
}

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	my $middle = int(@sorted / 2);

	return @sorted % 2 ? $sorted[$middle] :
	  ($sorted[ $middle - 1 ] + $sorted[$middle]) / 2;
}

# Each code prepares a run and returns another code, which is what is timed,
# and a third that checks the result.  All of them take turns, each round
# beginning with another.  One that takes more than $patience times as long as
# the quickest has had its turn.  Returns the median of each.
sub interleave { return interleave_by(\&timed, @_) }

# The same with another measure than elapsed seconds.
sub interleave_by
{
	my ($measure, $rounds, $patience, %codes) = @_;
	my @names = sort keys %codes;
	my %seconds;

	for my $round (1 .. $rounds)
	{
		for my $name (@names)
		{
			my $quickest = min(map { @$_ } values %seconds);

			next if grep { $_ > $patience * $quickest } @{ $seconds{$name} };
			my ($run, $check) = $codes{$name}->();
			push @{ $seconds{$name} }, $measure->($run);
			$check->() if $check;
		}
		push @names, shift @names;
	}
	return map { $_ => median(@{ $seconds{$_} }) } @names;
}

# A row of the table that test/bench/run ends with.  $limit: the ratio must
# be at most that, or with a leading '>' at least; undef: there is no target.
sub row
{
	my ($what, $ratio, $spread, $limit) = @_;
	my ($least, $bound) = ($limit // '') =~ /^(>?)(.*)$/;
	my $met = $bound eq '' ? '' :
	  ($least ? $ratio >= $bound : $ratio <= $bound) ? 'met' : 'MISSED';
	my $line = sprintf("%-58s %8.3f  %-6s %-8s %s\n", $what, $ratio,
		defined $spread ? sprintf('%.2f', $spread) : '',
		$bound eq '' ? '' : ($least ? '>= ' : '<= ') . $bound, $met);
	my $path = scratch_file('table');

	$line = sprintf("%-58s %8s  %-6s %s\n", 'what', 'ratio', 'A/A', 'target')
	  . $line
	  if !-e $path;
	open(my $table, '>>', $path) or die "$path: $!";
	print $table $line;
	close($table);
	print $line;
}

sub note
{
	printf(@_);
	print "\n";
	STDOUT->flush();
}

STDOUT->autoflush(1);

1;
