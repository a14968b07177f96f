# test/bench/registry.pl
#	  Registries of 10,000 and of 100,000 migrations that depend on three others
#	  each: registering, status and plan.
use strict;
use warnings;
use Bench;

my $ROUNDS = rounds(5);

sub build
{
	my ($count) = @_;
	my $database = "registry$count";
	my $seconds;

	sql('postgres', "CREATE DATABASE $database");
	sql($database, 'CREATE EXTENSION hipaa_migrate');
	$seconds = timed(sub { sql($database, <<SQL) });
DO \$do\$
BEGIN
	PERFORM setseed(0.5);
	FOR n IN 1..$count LOOP
		PERFORM migrate_register('20250101' || lpad(n::text, 6, '0') || '-t',
			'UPDATE t SET v = ' || n, 'UPDATE t SET v = 0',
			ARRAY(SELECT DISTINCT '20250101' || lpad((1 + floor(random() * (n - 1)))::text, 6, '0') || '-t'
				FROM generate_series(1, 3) WHERE n > 1));
	END LOOP;
END
\$do\$
SQL
	note('%d migrations with three dependencies each: registered in one transaction in %.1f s, %.2f ms each',
		$count, $seconds, 1000 * $seconds / $count);
	sql($database, 'VACUUM ANALYZE');
	return $database;
}

sub measure
{
	my ($database) = @_;
	my $status = sub { sub { sql($database, 'SELECT count(*) FROM migrate_status()') } };

	return interleave($ROUNDS, 5,
		status => $status, status_again => $status,
		plan => sub { sub { sql($database, 'SELECT count(*) FROM migrate_plan()') } });
}

my %small = measure(build(10000));
my %large = measure(build(100000));

for my $function ('status', 'plan')
{
	note('migrate_%s(): %.3f s of 10000, %.3f s of 100000', $function,
		$small{$function}, $large{$function});
	row("10,000 registered: migrate_$function(), in seconds",
		$small{$function}, $small{status_again} / $small{status}, 0.3);
	row("100,000 registered: migrate_$function() / of 10,000",
		$large{$function} / $small{$function},
		$large{status_again} / $large{status}, 12);
}
