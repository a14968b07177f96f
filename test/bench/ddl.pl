# test/bench/ddl.pl
#	  What the record costs a change of the schema: one command that a migration
#	  executes, and a transaction of four commands, in and outside of one.
use strict;
use warnings;
use Bench;
use Cluster;

my $ROUNDS = rounds(31);
my $PATIENCE = 100;
my $TABLES = 4;
my $COLUMNS = 1500;

# ---- one command ----

# Comments, the cheapest command, each of them on another column.
my $COMMENTS = <<END;
DO \$do\$ BEGIN FOR t IN 1..$TABLES LOOP FOR c IN 1..$COLUMNS LOOP
	EXECUTE format('COMMENT ON COLUMN wide%s.c%s IS %L', t, c, 'column ' || c);
END LOOP; END LOOP; END \$do\$
END

sub build_wide
{
	my ($database, @more) = @_;

	sql('postgres', "CREATE DATABASE $database");
	sql($database, 'CREATE EXTENSION hipaa_migrate',
		(map { "CREATE TABLE wide$_ (" . join(', ', map { "c$_ int" } 1 .. $COLUMNS) . ')' } 1 .. $TABLES),
		@more);
}

sub measure_command
{
	my $comments = $TABLES * $COLUMNS;
	my $plain = sub {
		my $database = new_database('wide');

		return sub { processor_seconds($database, $COMMENTS) };
	};
	my $recorded = sub {
		my $database = new_database('wide');

		return (sub { processor_seconds($database, 'SELECT migrate_up()') }, sub {
			my $events = value($database,
				"SELECT count(*) FROM hipaa_migrate.audit_event WHERE command = 'COMMENT'");
			die "$events events instead of $comments\n" if $events != $comments;
		});
	};
	my %seconds;
	my $each;
	my $noise;

	build_wide('wide', "SELECT migrate_register('20250101000001-comments', \$up\$$COMMENTS\$up\$, down => 'SELECT')");
	%seconds = interleave_by(sub { $_[0]->() }, rounds(9), $PATIENCE, plain => $plain, plain_again => $plain, recorded => $recorded);
	$each = 1e6 * ($seconds{recorded} - $seconds{plain}) / $comments;
	$noise = 1e6 * abs($seconds{plain_again} - $seconds{plain}) / $comments;
	note('%d times COMMENT ON: %.3f s of processor time, again %.3f s, in a migration %.3f s; +-%.1f us each',
		$comments, @seconds{ 'plain', 'plain_again', 'recorded' }, $noise);
	row('a command put on record: microseconds of processor time', $each,
		$seconds{plain_again} / $seconds{plain}, 50);
}

# ---- four commands ----

my %FOUR = (
	'to make a table' => [
		'CREATE TABLE %1$s (id bigint PRIMARY KEY, name text NOT NULL)',
		'CREATE INDEX ON %1$s (name)',
		'ALTER TABLE %1$s ADD COLUMN created timestamptz DEFAULT now()',
		q{COMMENT ON TABLE %1$s IS 'what it is for'} ],
	'to make and drop one' => [
		'CREATE TABLE %1$s (id bigint PRIMARY KEY, name text NOT NULL)',
		'CREATE INDEX ON %1$s (name)',
		'ALTER TABLE %1$s ADD COLUMN created timestamptz DEFAULT now()',
		'DROP TABLE %1$s' ]);

my %PORT = (without => 5501, again => 5502, with => 5503);
my $names = 0;

# A file of transactions.
sub write_transactions
{
	my ($commands, $count) = @_;
	my $file = scratch_file('transactions.sql');
	my $text = '';

	for (1 .. $count)
	{
		my $table = 'four' . ++$names;

		$text .= join('', map { s/%1\$s/$table/r . ";\n" } 'BEGIN', @$commands, 'COMMIT');
	}
	write_file($file, $text);
	return $file;
}

# The same commands in one block, which a migration can execute as well.
sub block
{
	my ($commands, $count) = @_;
	my $first = $names + 1;

	$names += $count;
	return join("\n", "DO \$do\$ BEGIN FOR n IN $first..$names LOOP",
		(map { "EXECUTE format(\$sql\$$_\$sql\$, 'four' || n);" } @$commands),
		'END LOOP; END $do$');
}

sub library { return $_[0] eq 'with' ? 'hipaa_migrate' : '' }

sub build_clusters
{
	my ($prefix) = @_;
	my $data = make_cluster($prefix,
		"synchronous_commit = off\nhipaa_migrate.seal_interval = 3600000\n");
	my %data = map { $_ => copy_cluster($data, "$data.$_") } keys %PORT;

	start_cluster($data{with}, $PORT{with}, 'hipaa_migrate');
	{
		local $ENV{PGPORT} = $PORT{with};
		sql('postgres', 'CREATE EXTENSION hipaa_migrate');
	}
	stop_cluster($data{with});
	return %data;
}

# What a process that ends after so many more transactions counts more.
sub count_by_kind
{
	my ($data, $port, $library) = @_;
	my ($few, $many) = (10, 60);
	my (%process, %result);
	my $count;

	$names = 0;
	start_counting($data, $port, $library);
	for my $kind (sort keys %FOUR)
	{
		for my $number ($few, $many)
		{
			my $block;

			push @{ $process{"$kind, in transactions"} },
			  process($port, '-f', write_transactions($FOUR{$kind}, $number));
			$block = block($FOUR{$kind}, $number);
			if ($library)
			{
				my $name = sprintf('20250101%06d-t', $names);

				process($port, '-c', "SELECT migrate_register('$name', \$up\$$block\$up\$, down => 'SELECT')");
				$block = 'SELECT migrate_up()';
			}
			push @{ $process{"$kind, in a migration"} }, process($port, '-c', $block);
		}
	}
	$count = stop_counting($data);
	for my $what (keys %process)
	{
		my ($less, $more) = map { $count->{$_} // die "no count of process $_\n" } @{ $process{$what} };

		$result{$what} = ($more - $less) / ($many - $few);
	}
	return \%result;
}

sub measure_instructions
{
	my %data = build_clusters('counted');
	my %count = map { $_ => count_by_kind($data{$_}, $PORT{$_}, library($_)) } sort keys %PORT;

	for my $what (sort { $b cmp $a } keys %{ $count{without} })
	{
		note('4 commands %s: %d instructions, %d with the library and the extension', $what,
			$count{without}{$what}, $count{with}{$what});
		row("4 commands $what: instructions", $count{with}{$what} / $count{without}{$what},
			$count{again}{$what} / $count{without}{$what}, 1.1);
	}
}

sub measure_seconds
{
	my %data = build_clusters('timed');

	start_cluster($data{$_}, $PORT{$_}, library($_)) for keys %PORT;
	for my $kind (sort { $b cmp $a } keys %FOUR)
	{
		my %seconds = interleave($ROUNDS, $PATIENCE, map {
			my $port = $PORT{$_};
			$_ => sub {
				my $file = write_transactions($FOUR{$kind}, 50);

				return sub { execute('psql', '-Xq', '-p', $port, '-d', 'postgres', '-f', $file) };
			}
		} keys %PORT);

		row("4 commands $kind, in transactions: time", $seconds{with} / $seconds{without},
			$seconds{again} / $seconds{without}, 1.1);
	}
	stop_cluster($data{$_}) for keys %PORT;
}

measure_command();
if (has_valgrind())
{
	measure_instructions();
}
else
{
	note('Left out: instructions of 4 commands, for valgrind is not installed.');
}
measure_seconds();
