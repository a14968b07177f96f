# test/bench/memory.pl
#	  Memory of the backend that applies 10,000 migrations of one UPDATE each.
#
# Counted is the peak of what the process has for itself: VmHWM less the
# shared memory it has touched (RssShmem).  The bookkeeping is in it: the
# registry, the plan and the result take what a session that only calls
# migrate_plan() has more than an idle one.
use strict;
use warnings;
use Bench;

my $COUNT = 10000;
my $PEAK = <<'END';
SELECT sum(CASE parts[1] WHEN 'VmHWM' THEN 1 ELSE -1 END * parts[2]::int)
  FROM regexp_matches(pg_read_file('/proc/self/status'), '(VmHWM|RssShmem):\s+(\d+)', 'g') AS parts
END

sub peak
{
	my ($database, @statements) = @_;

	# The rows go to a file, the last line is the peak.
	return value($database, (map { ('\o /dev/null', $_) } @statements), '\o', $PEAK);
}

sub build
{
	sql('postgres', 'CREATE DATABASE memory');
	sql('memory', 'CREATE EXTENSION hipaa_migrate',
		'CREATE TABLE t (id int PRIMARY KEY, v int)',
		"INSERT INTO t SELECT n, 0 FROM generate_series(1, $COUNT) AS n",
		<<END, 'VACUUM ANALYZE');
SELECT count(*)
  FROM generate_series(1, $COUNT) AS n,
       LATERAL migrate_register('20250101' || lpad(n::text, 6, '0') || '-t',
           format('UPDATE t SET v = v + 1 WHERE id = %s', n),
           format('UPDATE t SET v = v - 1 WHERE id = %s', n))
END
}

my $loop = <<END;
DO \$do\$ BEGIN FOR n IN 1..$COUNT LOOP
EXECUTE format('UPDATE t SET v = v + 1 WHERE id = %s', n);
END LOOP; END \$do\$
END

build();
my $idle = peak(new_database('memory'));
my $plan = peak(new_database('memory'), 'SELECT count(*) FROM migrate_plan()');
my $loop_peak = peak(new_database('memory'), $loop);
my $loop_again = peak(new_database('memory'), $loop);
my $up = peak(new_database('memory'), 'SELECT count(*) FROM migrate_up()');

note('private peak of the backend in kB: idle %d, with the plan only %d, loop %d, migrate_up() %d',
	$idle, $plan, $loop_peak, $up);
row("$COUNT UPDATEs: peak of migrate_up() / PL/pgSQL loop",
	$up / $loop_peak, $loop_again / $loop_peak, 1.2);
