# test/bench/wait.pl
#	  How long a statement waits for what is put on record outside of its
#	  transaction: that it is refused, or that a run begins.
use strict;
use warnings;
use Bench;

my $SESSIONS = rounds(20);

# Each is refused for lack of another capability.  Five of each go on record
# one by one and wait for it; more of them in a minute might only be counted.
my @REFUSED = (
	'SELECT audit_verify()', 'SELECT migrate_up()', 'SELECT migrate_status()',
	q{SELECT migrate_register('20250101000001-t', 'SELECT', 'SELECT')},
	q{SELECT migrate_grant('author', 'bench_nobody')});
my $EACH = 5;
my $roles = 0;

sub events
{
	return value('waited', q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'access.refused'});
}

# The milliseconds that each statement takes.
sub session
{
	my ($pause) = @_;
	my $role = 'bench_nobody' . ++$roles;
	my $script = scratch_file('refused.sql');

	sql('waited', "CREATE ROLE $role LOGIN");
	write_file($script, join('', "\\timing on\n",
		map { ($pause ? "\\! sleep $pause\n" : '') . "$_;\n" } (@REFUSED) x $EACH));
	open(my $psql, '-|', "psql -XAtq -U $role -d waited -f '$script' 2>/dev/null") or die;
	my @times = map { /^Time: ([\d.]+) ms/ ? $1 : () } <$psql>;
	close($psql);
	die scalar(@times) . " statements\n" if @times != $EACH * @REFUSED;
	return @times;
}

sub measure
{
	my ($what, $sessions, $pause) = @_;
	my (@waited, @first, @second);
	my $before = events();

	for my $number (1 .. $sessions)
	{
		my @times = session($pause);

		push @waited, @times;
		push @{ $number % 2 ? \@first : \@second }, @times;
	}
	my $events = events() - $before;
	die "$events events instead of " . @waited . "\n" if $events != @waited;
	@waited = sort { $a <=> $b } @waited;
	note('%s: a refused statement takes %.2f ms (median), %.2f (95 of 100), %.2f (longest of %d)',
		$what, median(@waited), $waited[ 0.95 * @waited ], $waited[-1], scalar @waited);
	row("$what: a refused statement, in ms", median(@waited),
		@second ? median(@second) / median(@first) : undef, 10);
}

sql('postgres', 'CREATE DATABASE waited');
sql('waited', 'CREATE EXTENSION hipaa_migrate');
measure('with a recorder', $SESSIONS);
sql('postgres', 'ALTER SYSTEM SET hipaa_migrate.worker_linger = 0', 'SELECT pg_reload_conf()');
measure('with one to be started', 2, 0.1);
sql('postgres', 'ALTER SYSTEM RESET hipaa_migrate.worker_linger', 'SELECT pg_reload_conf()');
