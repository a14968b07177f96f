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

sub ddl_alone { return ddl($_[0]) =~ s/^INSERT .*\n//mr }

# Statements for the n-th of something; what is a migration is a block on a
# server without the library.
my %WORK = (
	'pgbench -S' => { few => 500, many => 2500, limit => 1.02, text => \&select_only },
	'TPC-B-like' => { few => 200, many => 1000, limit => 1.02, text => \&tpcb_like },
	'a table filled in a migration' => { few => 10, many => 60, limit => 1.1, text => \&ddl, migration => 1 },
	'DDL alone in a migration' => { few => 10, many => 60, limit => 1.1, text => \&ddl_alone, migration => 1 });

my $names = 0;

# A process that does so much of the work.
sub process_of_work
{
	my ($name, $work, $count) = @_;
	my $text = join('', map { $work->{text}->($work->{migration} ? ++$names : $_) } 1 .. $count);
	my $file = scratch_file('work.sql');

	if ($work->{migration} && $name eq 'armed')
	{
		my $migration = sprintf('20250101%06d-made', $names);

		# Registering is no part of it.
		write_file($file, "SELECT migrate_register('$migration', \$up\$$text\$up\$, down => 'SELECT');");
		process($PORT{$name}, '-f', $file);
		$text = 'SELECT count(*) FROM migrate_up()';
	}
	elsif ($work->{migration})
	{
		$text = "DO \$do\$ BEGIN $text END \$do\$";
	}
	write_file($file, $text);
	return process($PORT{$name}, '-f', $file);
}

# What one more of each costs on that server.
sub count_on
{
	my ($name, $data) = @_;
	my (%process, $count);

	$names = 0;
	start_counting($data, $PORT{$name}, library($name));
	for my $what (sort keys %WORK)
	{
		my $work = $WORK{$what};

		# A run after others has more to read than the first one had.
		process_of_work($name, $work, 1);
		$process{$what} = [ map { process_of_work($name, $work, $_) } @$work{qw(few many)} ];
	}
	$count = stop_counting($data);
	return { map {
			my ($few, $many) = map { $count->{$_} // die "no count of process $_\n" } @{ $process{$_} };

			$_ => ($many - $few) / ($WORK{$_}{many} - $WORK{$_}{few})
		} keys %WORK };
}

die "valgrind is not installed\n" if !has_valgrind();

my %data = build_clusters("synchronous_commit = off\nhipaa_migrate.seal_interval = '1h'\n");
my %count = map { $_ => count_on($_, $data{$_}) } sort keys %PORT;

for my $what (sort { $b cmp $a } keys %WORK)
{
	my ($without, $again, $armed) = map { $count{$_}{$what} } qw(without again armed);

	note('%s: %d instructions, armed %d', $what, $without, $armed);
	row("armed, $what: instructions with / without", $armed / $without, $again / $without, $WORK{$what}{limit});
}
