# test/bench/verify.pl
#	  audit_verify() beside a bare loop in C that scans the same table and
#	  hashes the same bytes, and how it grows.
use strict;
use warnings;
use Bench;

# A thousand events in each transaction, ten thousand in each block.
sub build
{
	my ($database, $events) = @_;
	my $pairs = q{DO $do$ BEGIN FOR n IN 1..500 LOOP
PERFORM migrate_grant('author', 'pg_monitor'), migrate_revoke('author', 'pg_monitor');
END LOOP; END $do$};

	sql('postgres', "CREATE DATABASE $database");
	sql($database, 'CREATE EXTENSION hipaa_migrate',
		q{CREATE FUNCTION verify_floor(regclass) RETURNS bigint LANGUAGE c AS 'verify_floor'});
	sql($database, ($pairs) x 10, 'SELECT audit_seal()') for 1 .. $events / 10000;
	sql($database, 'VACUUM hipaa_migrate.audit_event', 'CHECKPOINT');
}

sub verify
{
	my ($database, $workers) = @_;

	return sub {
		return sub {
			sql($database, "SET max_parallel_maintenance_workers = $workers",
				'SELECT count(*) FROM audit_verify()');
		}
	};
}

execute('make', '-s', '-C', 'test/bench/verify_floor', 'install',
	"PG_CONFIG=$ENV{BENCH_BINDIR}/pg_config", 'with_llvm=no');
build('verify1', 20000);
build('verify2', 100000);
my $floor = sub {
	sql('verify2', q{SELECT verify_floor('hipaa_migrate.audit_event')});
};
my %seconds = interleave(rounds(5), 100,
	floor1 => sub { return $floor }, floor2 => sub { return $floor },
	alone => verify('verify2', 0), together => verify('verify2', 2),
	fewer => verify('verify1', 0));

row('100,000 events: audit_verify() without workers / bare loop',
	$seconds{alone} / $seconds{floor1}, $seconds{floor2} / $seconds{floor1}, 2);
row('100,000 events: audit_verify() with workers / bare loop',
	$seconds{together} / $seconds{floor1}, $seconds{floor2} / $seconds{floor1}, 2);
row('100,000 events: audit_verify() / of 20,000',
	$seconds{alone} / $seconds{fewer}, undef, 6);
