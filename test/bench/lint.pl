# test/bench/lint.pl
#	  The linter: statements a second, by the text alone and with the catalogs;
#	  and 340 registered files beside squawk on the same files.  Statements are
#	  counted by processor time, which other work on the machine does not change.
#
# HM_LINT_FILES names a folder of migrations, in any of our formats, to take
# instead of files made here.
use strict;
use warnings;
use Bench;
use File::Find;

my $ROUNDS = rounds(5);
my $TABLES = 300;

# What a project's migrations are made of, about 65 lines a file.
sub make_file
{
	my ($n) = @_;
	my $table = "t$n";
	my $earlier = 't' . int($n / 2);

	return <<SQL;
-- File $n: a table, what belongs to it, and changes of an earlier one.
CREATE TYPE ${table}_state AS ENUM ('open', 'closed', 'cancelled');

CREATE TABLE $table (
    id bigserial PRIMARY KEY,
    owner_id bigint NOT NULL REFERENCES $earlier (id) ON UPDATE CASCADE ON DELETE CASCADE,
    name varchar(100) NOT NULL,
    state ${table}_state NOT NULL DEFAULT 'open',
    amount numeric(10, 2) CHECK (amount >= 0),
    details jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamp
);

CREATE INDEX ${table}_owner_idx ON $table (owner_id);
CREATE UNIQUE INDEX ${table}_name_idx ON $table (lower(name)) WHERE state <> 'cancelled';

CREATE FUNCTION ${table}_touch() RETURNS trigger
    LANGUAGE plpgsql
    AS \$\$
BEGIN
    IF NEW.state = 'closed' AND OLD.state = 'open' THEN
        NEW.updated_at := now();
    END IF;
    INSERT INTO log (what, id) VALUES ('$table', NEW.id);
    RETURN NEW;
END;
\$\$;

CREATE TRIGGER ${table}_touch
    BEFORE UPDATE ON $table
    FOR EACH ROW
    EXECUTE FUNCTION ${table}_touch();

DO \$\$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'shared_state') THEN
        CREATE TYPE shared_state AS ENUM ('a', 'b');
    END IF;
END
\$\$;

ALTER TABLE $earlier ADD COLUMN extra_$n text;
ALTER TABLE $earlier
    ALTER COLUMN name TYPE varchar(200),
    ADD CONSTRAINT ${earlier}_check_$n CHECK (extra_$n <> '');
ALTER TABLE $earlier ALTER COLUMN extra_$n SET NOT NULL;
CREATE INDEX ${earlier}_extra_$n ON $earlier (extra_$n);

CREATE OR REPLACE VIEW ${table}_open AS
    SELECT t.id, t.name, o.name AS owner
      FROM $table AS t
      JOIN $earlier AS o ON o.id = t.owner_id
     WHERE t.state = 'open';

UPDATE $earlier SET extra_$n = name WHERE extra_$n IS NULL;
INSERT INTO setting (name, value) VALUES ('$table', '1');
GRANT SELECT ON $table TO PUBLIC;
COMMENT ON TABLE $table IS 'made by file $n';
DROP VIEW IF EXISTS ${earlier}_open;
SQL
}

# A folder that the server's user can read, for migrate_load().
sub make_folder
{
	my $folder = scratch_file('lint');

	mkdir $folder or die "$folder: $!";
	write_file(sprintf('%s/202501%08d-t.up.sql', $folder, $_), make_file($_)) foreach 1 .. 340;
	return $folder;
}

sub files_of
{
	my ($folder) = @_;
	my @files;

	find({ no_chdir => 1, wanted => sub { push @files, $_ if /(?<!down)\.sql$/ } }, $folder);
	return sort @files;
}

# The package is a script of Node.js around a binary; that one is called.
sub find_squawk
{
	my $folder = scratch_file('squawk');
	my @binaries;

	mkdir $folder;
	system("cd $folder && npm install --silent --prefix . squawk-cli >/dev/null 2>&1");
	find(sub { push @binaries, $File::Find::name if -f && -x && -s > 1_000_000 }, "$folder/node_modules")
	  if -d "$folder/node_modules";
	note('Left out: squawk, which npm does not have here.') unless @binaries;
	return $binaries[0];
}

sub measure_squawk
{
	my ($folder) = @_;
	my $squawk = find_squawk() or return;
	my @files = files_of($folder);
	my $lines = 0;

	foreach my $file (@files)
	{
		open(my $handle, '<', $file) or die "$file: $!";
		$lines++ while <$handle>;
	}
	sql('lint', 'SET client_min_messages = error', "SELECT count(*) FROM migrate_load('$folder')", 'VACUUM ANALYZE');
	my $ours = sub { sub { sql('lint', q(SELECT count(*) FROM migrate_lint(rules => 'text'))) } };
	my %seconds = interleave($ROUNDS, 20,
		ours => $ours, again => $ours,
		# It exits with 1 when it has found something.
		squawk => sub { sub { system("$squawk --reporter tty @files >/dev/null 2>&1") } });

	note('%d files of %d lines: migrate_lint() %.3f s, squawk %.3f s, whole processes',
		scalar @files, $lines, $seconds{ours}, $seconds{squawk});
	row('squawk / psql with migrate_lint(), by text, same files', $seconds{squawk} / $seconds{ours},
		$seconds{again} / $seconds{ours}, '>1');
}

# One call on a text of many statements, against tables that are there; starting
# the backend counts, too.
sub measure_statements
{
	my ($rules, $count) = @_;
	my $text = join '', map { make_file(100 + $_ % 200) } 1 .. 1 + $count / 19;
	my $path = scratch_file('lint.sql');

	write_file($path, $text);
	my $statements = value('lint', "SELECT count(*) FROM hipaa_migrate.classify_command(pg_read_file('$path'))");
	my $query = "SELECT count(*) FROM migrate_lint_sql(pg_read_file('$path'), rules => '$rules')";
	my $run = sub { sub { $query } };
	my %seconds = interleave_by(sub { processor_seconds('lint', $_[0]->()) }, $ROUNDS, 20, first => $run, again => $run);

	note('rules %s: %d statements in %.3f s of the backend: %.0f a second', $rules, $statements, $seconds{first},
		$statements / $seconds{first});
	return ($statements / $seconds{first}, $seconds{again} / $seconds{first});
}

sql('postgres', 'CREATE DATABASE lint');
sql('lint', 'CREATE EXTENSION hipaa_migrate', 'CREATE TABLE log (what text, id bigint)',
	'CREATE TABLE setting (name text, value text)',
	'CREATE TABLE t0 (id bigserial PRIMARY KEY, name varchar(100))');
measure_squawk($ENV{HM_LINT_FILES} // make_folder());

# Half of the tables that the statements are about exist, with rows in them.
sql('lint', map { "CREATE TABLE t$_ AS SELECT i::bigint AS id, 'x'::varchar(100) AS name FROM generate_series(1, 2000) AS i" }
	1 .. $TABLES / 2);
my ($rate, $spread) = measure_statements('text', 50_000);
row('text rules: thousands of statements a second', $rate / 1000, $spread, '>50');
($rate, $spread) = measure_statements('all', 20_000);
row('with the catalogs: thousands of statements a second', $rate / 1000, $spread, '>5');
