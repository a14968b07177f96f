# test/bench/verify.pl
#	  audit_verify() beside a bare loop in C that scans the same table and
#	  hashes the same bytes, and how it grows.
#
# HM_BENCH_EVENTS sets how many events there are in the end: 1,000,000 unless
# set; 10,000,000 take 13 GB and the better part of an hour to build.
use strict;
use warnings;
use Bench;

my $EVENTS = $ENV{HM_BENCH_EVENTS} || 1000000;
my $SMALL = 100000;
my $PATIENCE = 1000;
my $events = 0;

# Twenty thousand events in each transaction, a hundred thousand in a block.
sub grow
{
	my ($target) = @_;
	my $changes = q{DO $do$ BEGIN FOR n IN 1..10 LOOP
PERFORM migrate_grant(c, 'bench' || r) FROM unnest(%1$s) AS c, generate_series(1, 200) AS r;
PERFORM migrate_revoke(c, 'bench' || r) FROM unnest(%1$s) AS c, generate_series(1, 200) AS r;
END LOOP; END $do$} =~ s/%1\$s/'{author,operator,approver,auditor,breaker}'::text[]/gr;
	my $before = $events;
	my $seconds = timed(sub {
		while ($events < $target)
		{
			# Dead versions of the rows would soon be in the way.
			sql('verified', ($changes) x 5, 'SELECT audit_seal()', 'VACUUM hipaa_migrate.capability_grant');
			$events += 100000;
		}
	});

	note('%d events appended and sealed in %.0f s, %.0f us each', $events - $before, $seconds,
		1e6 * $seconds / ($events - $before));
	sql('verified', 'VACUUM hipaa_migrate.audit_event', 'VACUUM hipaa_migrate.audit_leaf', 'CHECKPOINT');
}

sub verify
{
	my ($workers) = @_;

	return ("SET max_parallel_maintenance_workers = $workers",
		q{DO $do$ BEGIN IF EXISTS (SELECT FROM audit_verify() WHERE outcome = 'failed')
THEN RAISE 'does not verify'; END IF; END $do$});
}

my $FLOOR = q{SELECT verify_floor('hipaa_migrate.audit_event')};

# What the one process computes that does it alone.
sub measure_alone
{
	return interleave_by(sub { $_[0]->() }, rounds($events > 1000000 ? 3 : 5), $PATIENCE,
		floor => sub { sub { processor_seconds('verified', $FLOOR) } },
		again => sub { sub { processor_seconds('verified', $FLOOR) } },
		verify => sub { sub { processor_seconds('verified', verify(0)) } });
}

sub measure_elapsed
{
	return interleave(rounds($events > 1000000 ? 3 : 5), $PATIENCE,
		alone => sub { sub { sql('verified', verify(0)) } },
		again => sub { sub { sql('verified', verify(0)) } },
		floor => sub { sub { sql('verified', $FLOOR) } },
		two => sub { sub { sql('verified', verify(1)) } });
}

sub thousands { return reverse(join(',', unpack('(A3)*', reverse($_[0])))) }

sub measure
{
	my ($small) = @_;
	my %processor = measure_alone();
	my %elapsed = measure_elapsed();
	my $what = thousands($events) . ' events: ';

	note('%saudit_verify() takes %.2f s alone, %.2f s with one worker, the bare loop %.2f s; processor time %.2f s and %.2f s',
		$what, @elapsed{ 'alone', 'two', 'floor' }, @processor{ 'verify', 'floor' });
	row("${what}audit_verify() alone / bare loop, processor", $processor{verify} / $processor{floor},
		$processor{again} / $processor{floor}, 2);
	row("${what}with one worker / alone, elapsed", $elapsed{two} / $elapsed{alone},
		$elapsed{again} / $elapsed{alone}, 0.8);
	row("${what}audit_verify(), for each / of " . thousands($SMALL),
		$processor{verify} / $events / ($small->{verify} / $SMALL), $processor{again} / $processor{floor}, 1.2)
	  if $small;
	return \%processor;
}

execute('make', '-s', '-C', 'test/bench/verify_floor', 'install',
	"PG_CONFIG=$ENV{BENCH_BINDIR}/pg_config", 'with_llvm=no');
sql('postgres', 'CREATE DATABASE verified');
sql('verified', 'CREATE EXTENSION hipaa_migrate',
	q{CREATE FUNCTION verify_floor(regclass) RETURNS bigint LANGUAGE c AS 'verify_floor'},
	map { "CREATE ROLE bench$_" } 1 .. 200);
grow($SMALL);
my $small = measure();
for my $target (grep { $_ > $SMALL && $_ <= $EVENTS } 1000000, $EVENTS != 1000000 ? $EVENTS : ())
{
	grow($target);
	measure($small);
}
