# test/bench/seal.pl
#	  Sealing: how long it takes, and whether it holds up who appends.
use strict;
use warnings;
use Bench;
use Time::HiRes 'sleep';

my $EVENTS = 10000;
my $MANY = 200000;

# As many events as are wanted, in transactions of a thousand.
sub append
{
	my ($count) = @_;
	my $capabilities = q{unnest('{author,operator,approver,auditor,breaker}'::text[]) AS c, generate_series(1, 100) AS r};

	sql('sealed', ("SELECT count(migrate_grant(c, 'bench' || r)) FROM $capabilities",
		"SELECT count(migrate_revoke(c, 'bench' || r)) FROM $capabilities") x ($count / 1000),
		'VACUUM hipaa_migrate.capability_grant');
}

# Seconds, and when it began and ended.
sub seal
{
	return split(/\|/, value('sealed',
		"SELECT extract(epoch FROM ended - began), extract(epoch FROM began), extract(epoch FROM ended)"
		  . ' FROM (SELECT clock_timestamp() AS began, audit_seal(), clock_timestamp() AS ended OFFSET 0) AS s'));
}

sub measure_seal
{
	my (@seconds, @again);

	for (1 .. rounds(7))
	{
		for my $series (\@seconds, \@again)
		{
			append($EVENTS);
			push @$series, (seal())[0];
		}
	}
	note('sealing %d events: %s s', $EVENTS, join(', ', map { sprintf('%.3f', $_) } @seconds, @again));
	row('sealing 10,000 events, all of audit_seal(), in seconds', median(@seconds),
		median(@again) / median(@seconds), 0.2);
}

# Appends one event after the other; when each began, and what it took.
sub start_appender
{
	my ($seconds) = @_;
	my $script = scratch_file('appender.sql');
	my $pid = fork();

	write_file($script, "SELECT migrate_grant('author', 'bench1');\nSELECT migrate_revoke('author', 'bench1');\n");
	return $pid if $pid;
	chdir($ENV{BENCH_SCRATCH});
	open(STDOUT, '>', 'appender.out');
	open(STDERR, '>&', \*STDOUT);
	exec('pgbench', '-n', '-l', '--log-prefix=appender', '-T', $seconds, '-f', $script, 'sealed') or die;
}

# Of transactions that were at work at some time between the two.
sub latencies
{
	my ($from, $to) = @_;
	my @milliseconds;

	for my $path (glob(scratch_file('appender.[0-9]*')))
	{
		open(my $log, '<', $path) or die;
		while (my $line = <$log>)
		{
			my (undef, undef, $latency, undef, $second, $microsecond) = split(' ', $line);
			my $ended = $second + $microsecond / 1e6;

			push @milliseconds, $latency / 1000
			  if $ended >= $from && $ended - $latency / 1e6 <= $to;
		}
	}
	die "the appender appended nothing\n" if !@milliseconds;
	return sort { $a <=> $b } @milliseconds;
}

sub measure_appender
{
	my ($duration, $began, $ended, $pid);
	my (@before, @during, @after);

	append($MANY);
	$pid = start_appender(12);
	sleep(3);
	($duration, $began, $ended) = seal();
	waitpid($pid, 0);
	die "pgbench failed\n" if $?;
	@before = latencies($began - 2.5, $began - 0.1);
	@during = latencies($began, $ended);
	@after = latencies($ended + 0.1, $ended + 2.5);
	note('sealing %d events takes %.2f s; two appends take %.2f ms (median) before, %.2f while, %.2f after; longest %.1f, %.1f, %.1f ms; %d times two while it is sealed',
		$MANY, $duration, median(@before), median(@during), median(@after), $before[-1], $during[-1], $after[-1],
		scalar @during);
	row('append while 200,000 events are sealed / before', median(@during) / median(@before),
		median(@after) / median(@before));
	row('the longest of these / the whole seal', $during[-1] / 1000 / $duration,
		undef, 0.2);
}

sql('postgres', 'ALTER SYSTEM SET hipaa_migrate.seal_interval = 3600000', 'SELECT pg_reload_conf()',
	'CREATE DATABASE sealed');
sql('sealed', 'CREATE EXTENSION hipaa_migrate', map { "CREATE ROLE bench$_" } 1 .. 100);
seal();
measure_seal();
measure_appender();
sql('postgres', 'ALTER SYSTEM RESET hipaa_migrate.seal_interval', 'SELECT pg_reload_conf()');
