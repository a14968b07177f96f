# test/bench/apply.pl
#	  Migrations of one CREATE TABLE each: beside a PL/pgSQL loop, psql, and
#	  other migration tools.
use strict;
use warnings;
use Bench;
use Cwd 'getcwd';

my @COUNTS = ([ 100, rounds(7) ], [ 1000, rounds(3) ]);
my $PATIENCE = 5;

my $peers = scratch_file('peers');
mkdir $peers;

sub statement
{
	my ($n) = @_;

	return "CREATE TABLE t$n (id bigint PRIMARY KEY, name text NOT NULL, created timestamptz DEFAULT now());";
}

# One file for each migration, as the tool wants it.
sub write_folder
{
	my ($folder, $count, $name, $content) = @_;

	system('mkdir', '-p', $folder) == 0 or die;
	for my $n (1 .. $count)
	{
		write_file("$folder/" . sprintf($name, $n), $content->($n));
	}
}

sub check_tables
{
	my ($database, $count) = @_;

	return sub {
		my $found = value($database,
			"SELECT count(*) FROM pg_class WHERE relname ~ '^t[0-9]+\$'");
		die "$found tables instead of $count\n" if $found != $count;
	};
}

# A contestant whose database is a copy of the template.
sub contestant
{
	my ($count, $template, $run) = @_;

	return sub {
		my $database = new_database($template);

		return (sub { $run->($database) }, check_tables($database, $count));
	};
}

sub install_npm_peers
{
	my $failed = system(
		"cd '$peers' && npm install --no-audit --no-fund --loglevel=error"
		  . " dbmate node-pg-migrate knex pg >npm.log 2>&1");

	if ($failed)
	{
		note("Left out: dbmate, node-pg-migrate and knex, which npm could not install:");
		system('tail', '-n', '3', "$peers/npm.log");
	}
	return !$failed;
}

sub dbmate
{
	my ($count) = @_;
	my $folder = "$peers/dbmate$count";
	my ($binary) = glob("$peers/node_modules/\@dbmate/*/bin/dbmate");

	write_folder($folder, $count, '20250101%06d_t.sql',
		sub { "-- migrate:up\n" . statement(@_) . "\n\n-- migrate:down\nDROP TABLE t@_;\n" });
	return sub {
		execute($binary, '--url',
			"postgres://postgres@/$_[0]?host=$ENV{PGHOST}&port=$ENV{PGPORT}&sslmode=disable",
			'--no-dump-schema', '--migrations-dir', $folder, 'migrate');
	};
}

sub node_pg_migrate
{
	my ($count) = @_;
	my $folder = "$peers/node-pg-migrate$count";

	write_folder($folder, $count, '20250101%06d_t.sql',
		sub { "-- Up Migration\n" . statement(@_) . "\n\n-- Down Migration\nDROP TABLE t@_;\n" });
	return sub {
		local $ENV{PGDATABASE} = $_[0];

		execute("$peers/node_modules/.bin/node-pg-migrate", 'up', '-m', $folder);
	};
}

sub knex
{
	my ($count) = @_;
	my $folder = "$peers/knex$count";

	write_folder("$folder/migrations", $count, '20250101%06d_t.js',
		sub { "exports.up = knex => knex.raw(`" . statement(@_) . "`);\nexports.down = knex => knex.raw('DROP TABLE t@_');\n" });
	write_file("$folder/knexfile.js", <<'END');
module.exports = { client: 'pg',
	connection: { host: process.env.PGHOST, port: process.env.PGPORT,
		user: process.env.PGUSER, database: process.env.PGDATABASE } };
END
	return sub {
		local $ENV{PGDATABASE} = $_[0];

		execute("$peers/node_modules/.bin/knex", '--knexfile', "$folder/knexfile.js", 'migrate:latest');
	};
}

sub sqitch
{
	my ($count) = @_;
	my $folder = "$peers/sqitch$count";
	my $plan = "%syntax-version=1.0.0\n%project=bench\n\n";

	write_folder("$folder/deploy", $count, 't%d.sql', \&statement);
	$plan .= "t$_ 2025-01-01T00:00:00Z Bench <bench\@example.com> # t$_\n" for 1 .. $count;
	write_file("$folder/sqitch.plan", $plan);
	write_file("$folder/sqitch.conf", "[core]\n\tengine = pg\n[user]\n\tname = Bench\n\temail = bench\@example.com\n");
	return sub {
		my $here = getcwd();

		chdir $folder or die;
		execute('sqitch', 'deploy', "db:pg:$_[0]");
		chdir $here;
	};
}

sub find_peers
{
	my %peers;

	%peers = (dbmate => \&dbmate, 'node-pg-migrate' => \&node_pg_migrate, knex => \&knex)
	  if install_npm_peers();
	if (system('sqitch --version >/dev/null 2>&1') == 0)
	{
		$peers{sqitch} = \&sqitch;
	}
	else
	{
		note('Left out: sqitch, which is not installed.');
	}
	return %peers;
}

# The template of our databases: everything registered, nothing applied.
sub register
{
	my ($count) = @_;
	my $template = "registered$count";
	my $folder = scratch_file("pairs$count");
	my $seconds;

	write_folder($folder, $count, '20250101%06d-t.up.sql', \&statement);
	write_folder($folder, $count, '20250101%06d-t.down.sql', sub { "DROP TABLE t@_;" });
	sql('postgres', "CREATE DATABASE $template");
	sql($template, 'CREATE EXTENSION hipaa_migrate');
	$seconds = timed(sub { sql($template, "SELECT * FROM migrate_load('$folder')") });
	note('%d migrations: migrate_load() takes %.3f s, %.2f ms each',
		$count, $seconds, 1000 * $seconds / $count);
	return $template;
}

sub measure
{
	my ($count, $rounds, %peers) = @_;
	my $template = register($count);
	my $script = scratch_file("script$count.sql");
	my $format = statement('%s');
	my $loop = sub {
		sql($_[0], "DO \$do\$ BEGIN FOR n IN 1..$count LOOP"
			  . " EXECUTE format('$format', n); END LOOP; END \$do\$");
	};
	my $psql = sub {
		execute('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $_[0], '-f', $script);
	};
	my %contestants = (
		up => contestant($count, $template, sub { sql($_[0], 'SELECT migrate_up()') }),
		loop => contestant($count, 'template1', $loop),
		loop_again => contestant($count, 'template1', $loop),
		deploy => contestant($count, $template, sub { sql($_[0], 'CALL migrate_deploy()') }),
		psql => contestant($count, 'template1', $psql),
		psql_again => contestant($count, 'template1', $psql),
		map { $_ => contestant($count, 'template1', $peers{$_}->($count)) } keys %peers);
	my %median;

	write_file($script, join('', map { statement($_) . "\n" } 1 .. $count));
	%median = interleave($rounds, $PATIENCE, %contestants);
	note('%d migrations, median seconds: %s', $count,
		join(', ', map { sprintf('%s %.2f', $_, $median{$_}) }
			  sort { $median{$a} <=> $median{$b} } keys %median));
	report($count, \%median, sort keys %peers);
}

sub report
{
	my ($count, $median, @peers) = @_;
	my $spread = $median->{loop_again} / $median->{loop};
	my ($fastest) = sort { $median->{$a} <=> $median->{$b} } @peers;

	row("$count migrations: migrate_up() / PL/pgSQL loop",
		$median->{up} / $median->{loop}, $spread, 1.25);
	row("$count migrations: migrate_deploy() / psql, a transaction each",
		$median->{deploy} / $median->{psql},
		$median->{psql_again} / $median->{psql}, 1.25);
	for my $peer (@peers)
	{
		row("$count migrations: $peer / migrate_up()",
			$median->{$peer} / $median->{up}, $spread,
			$count == 100 && $peer eq $fastest ? '>2' : '>1');
	}
}

my %peers = find_peers();

measure(@$_, %peers) for @COUNTS;
