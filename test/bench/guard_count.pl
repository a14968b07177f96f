# test/bench/guard_count.pl
#	  What the armed guard costs in instructions: transactions of pgbench, and
#	  DDL in a migration, which no load beside them changes.
use strict;
use warnings;
use Armed;
use Bench;
use Cluster;

sub select_only
{
	my ($n) = @_;

	return 'SELECT abalance FROM pgbench_accounts WHERE aid = ' . ($n * 7919 % 100000 + 1) . ";\n";
}

sub tpcb_like
{
	my ($n) = @_;
	my ($aid, $tid, $delta) = ($n * 7919 % 100000 + 1, $n * 7 % 10 + 1, $n % 5000);

	return <<"SQL";
BEGIN;
UPDATE pgbench_accounts SET abalance = abalance + $delta WHERE aid = $aid;
SELECT abalance FROM pgbench_accounts WHERE aid = $aid;
UPDATE pgbench_tellers SET tbalance = tbalance + $delta WHERE tid = $tid;
UPDATE pgbench_branches SET bbalance = bbalance + $delta WHERE bid = 1;
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES ($tid, 1, $aid, $delta, CURRENT_TIMESTAMP);
END;
SQL
}

# What is executed: a line each, for a single-user server ends a command there.
my %WORK = (
	'pgbench -S' => { few => 500, many => 2500, limit => 1.02,
		input => sub { map { select_only($_) } 1 .. $_[1] } },
	'TPC-B-like' => { few => 200, many => 1000, limit => 1.02,
		input => sub { map { tpcb_like($_) } 1 .. $_[1] } },
	'a table filled in a migration' => { few => 5, many => 25, limit => 1.1,
		input => sub { in_block(@_, \&ddl) } },
	'DDL alone in a migration' => { few => 5, many => 25, limit => 1.1,
		input => sub { in_block(@_, sub { ddl($_[0]) =~ s/^INSERT .*\n//mr }) } });

# A block on the server without the library, a migration on the other.
sub in_block
{
	my ($name, $count, $statements) = @_;
	my $text = join(' ', map { $statements->("${count}_$_") =~ s/\n/ /gr } 1 .. $count);
	my $migration = sprintf('20250101%06d-made', $count);

	return "DO \$do\$ BEGIN $text END \$do\$;\n" if $name ne 'armed';
	return "SELECT migrate_register('$migration', \$up\$$text\$up\$, down => 'SELECT');\n", "SELECT count(*) FROM migrate_up();\n";
}

# What registering takes is no part of it.
sub registered_only
{
	my ($name, $what, $number) = @_;
	my ($first, @rest) = $WORK{$what}{input}->($name, $number);

	return @rest == 1 ? $first : '';
}

# A server without processes beside it counts the same each time.
sub count_instructions
{
	my ($name, $data, @input) = @_;
	my $copy = copy_cluster($data, scratch_file('single'));
	my $input = scratch_file('input');
	my $log = scratch_file('callgrind.log');

	write_file($input, join('', @input));
	system("valgrind --tool=callgrind --callgrind-out-file=/dev/null '$ENV{BENCH_BINDIR}/postgres' --single"
		  . " -c shared_preload_libraries=" . library($name) . " -D '$copy' postgres <'$input' >'$log' 2>&1") == 0
	  or die "valgrind failed, see $log\n";
	system('rm', '-rf', $copy);
	open(my $file, '<', $log) or die;
	my $text = join('', <$file>);
	die "an error in $log: $1\n" if $text =~ /((?:ERROR|FATAL): .*)/;
	return $text =~ /Collected : (\d+)/ ? $1 : die "no count of instructions in $log\n";
}

sub count_work
{
	my ($name, $data, $what) = @_;
	my $work = $WORK{$what};
	my ($few, $many) = map {
		count_instructions($name, $data, $work->{input}->($name, $_)) - count_instructions($name, $data, registered_only($name, $what, $_))
	} @$work{qw(few many)};

	return ($many - $few) / ($work->{many} - $work->{few});
}

sub measure_instructions
{
	my (%data) = @_;

	for my $what (sort { $b cmp $a } keys %WORK)
	{
		my %count = map { $_ => count_work($_, $data{$_}, $what) } sort keys %PORT;

		note('%s: %d instructions, armed %d', $what, @count{qw(without armed)});
		row("armed, $what: instructions with / without", $count{armed} / $count{without}, $count{again} / $count{without}, $WORK{$what}{limit});
	}
}

die "valgrind is not installed\n" if !has_valgrind();
measure_instructions(build_clusters());
