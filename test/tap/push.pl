#
# test/tap/push.pl
#	  The command hipaa-migrate-push: what it sends, shows and returns; and
#	  folders that only a test with a disk of its own can make.
#
use strict;
use warnings;

use FindBin;
use File::Path qw(make_path);
use IPC::Run   qw(run);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $command = "$FindBin::RealBin/../../bin/hipaa-migrate-push";
my $scratch = PostgreSQL::Test::Utils::tempdir();

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf',
	"shared_preload_libraries = 'hipaa_migrate'");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE clinic');
$node->safe_psql('clinic',
	'CREATE SCHEMA "Own"; CREATE EXTENSION hipaa_migrate SCHEMA "Own"');

$ENV{PGHOST}     = $node->host;
$ENV{PGPORT}     = $node->port;
$ENV{PGDATABASE} = 'clinic';
# Folders are in no checkout, unless a test makes one.
$ENV{GIT_CEILING_DIRECTORIES} = $scratch;

# file PATH, CONTENT: writes bytes below the scratch folder.
sub file
{
	my ($path, $content) = @_;
	my ($folder) = $path =~ m{^(.*)/}s;
	make_path("$scratch/$folder");
	open(my $handle, '>:raw', "$scratch/$path") or die "$path: $!";
	print $handle $content;
	close($handle);
}

# push ARGUMENT...: exit status, output, errors.
sub push_folder
{
	my ($out, $err) = ('', '');
	run([ $command, @_ ], '<', \undef, '>', \$out, '2>', \$err);
	return ($? >> 8, $out, $err);
}

# load FOLDER: what the server says to migrate_load.
sub load
{
	my ($folder) = @_;
	my ($status, $out, $err) = $node->psql('clinic',
		qq(SELECT file, outcome FROM "Own".migrate_load('$scratch/$folder')));
	return $out . $err;
}

sub registered
{
	return $node->safe_psql('clinic',
		'SELECT count(*) FROM hipaa_migrate.migration');
}

# With --check, what the linter finds fails from a severity on.
file('lint/20250101000000-a.up.sql',
	"CREATE TABLE a (id integer PRIMARY KEY);\nCREATE INDEX a_idx ON visit (id);\n");
$node->safe_psql('clinic',
	'CREATE TABLE visit AS SELECT i AS id FROM generate_series(1, 20000) AS i');
my ($status, $out, $err) = push_folder('--check', "$scratch/lint");
is($status, 1, 'check: a finding fails');
like($out, qr/HIGH +\| index-not-concurrent/, 'and is shown');
like($err, qr/findings of severity HIGH or higher: \d+/, 'and said');
($status, $out, $err) =
  push_folder('--check', '--fail-on=never', "--sarif=$scratch/the log", "$scratch/lint");
is($status, 0, 'check: never fails where that is asked for');
like(slurp_file("$scratch/the log"), qr/^\{"\$schema".*"ruleId": "index-not-concurrent"/,
	'check: the findings as SARIF');
($status, $out, $err) = push_folder('--fail-on=SOME', "$scratch/lint");
is($status, 2, 'check: a severity is one of four, or never');
($status, $out, $err) = push_folder('--sarif=x', "$scratch/lint");
is($status, 2, 'the findings are only there with --check');
is(registered(), 0, 'check: registers nothing, findings or not');
$node->safe_psql('clinic', 'DROP TABLE visit');

# Names and contents that need quoting anywhere arrive as they are.
my $strange = q{it's a "folder" $(x) é};
file("$strange/1_a 'quoted' \"name\"; \$HOME \\n.up.sql", qq{SELECT 'é''\\';\r\n});
file("$strange/new\nline/2_b.up.sql", 'SELECT $$a$$');
file("$strange/.hidden/3_c.up.sql", 'not looked at');
file("$strange/notes.txt", "\xff");

($status, $out, $err) = push_folder('--check', '--fail-on=never', "$scratch/$strange");
is($status, 0, 'check: nothing is refused');
like($out, qr/registered/, 'check: shows what would be registered');
is(registered(), 0, 'check: registers nothing');

($status, $out, $err) = push_folder('--json', '--project', 'q', "$scratch/$strange");
is($status, 0, 'json: status') or diag($err);
is(scalar(grep { /^\{"file":.*"outcome":"(registered|ignored)"/ } split(/\n/, $out)),
	3, 'json: an object for each file') or diag($out);
is( $node->safe_psql('clinic', q{
	SELECT string_agg(name, ' ' ORDER BY name) FROM hipaa_migrate.migration}),
	'00000000000001-a-quoted-name-home-n 00000000000002-b',
	'names that need quoting arrive');
is( $node->safe_psql('clinic', q{
	SELECT r.up = E'SELECT ''é''''\\\\'';\r\n' AND r.source IS NULL
	  FROM hipaa_migrate.migration_revision AS r WHERE up_file LIKE '1%'}),
	't', 'contents arrive byte for byte, without a source outside a checkout');

# What is gone shows with --exact.
unlink("$scratch/$strange/new\nline/2_b.up.sql") or die;
($status, $out) = push_folder('--exact', '--project=q', "$scratch/$strange");
is($status, 0, 'exact: status');
like($out, qr/00000000000002-b.*absent/, 'exact: shows what is gone');

# Exit statuses.
file('bad/1_a.up.sql', "SELECT 1;\nSELEC 2;\n");
file('bad/2_b.up.sql', 'SELECT 3;');
($status, $out, $err) = push_folder("$scratch/bad");
is($status, 1, 'refused: status');
like($err, qr/file "1_a\.up\.sql"\), line 2/, 'refused: file and line');
is(registered(), 2, 'refused: nothing is registered');
($status, $out, $err) = push_folder('--check', "$scratch/bad");
is($status, 1, 'check, refused: status');
file('binary/1_a.up.sql', "SELECT '\xe9'");
($status, $out, $err) = push_folder("$scratch/binary");
is($status, 1, 'invalid encoding: status');
like($err, qr/file "1_a\.up\.sql", line 1: invalid byte sequence/, 'invalid encoding: file and line');
($status, $out, $err) = push_folder("$scratch/bad", 'postgres');
is($status, 1, 'no extension: status');
like($err, qr/extension hipaa_migrate is not in this database/, 'no extension: message');
for my $wrong ([], ['--speed', $scratch], ["$scratch/none"], [ $scratch, 'a', 'b' ],
	[ '--check', '--exact', $scratch ], ['--project'])
{
	($status, $out, $err) = push_folder(@$wrong);
	is($status, 2, "wrong usage: @$wrong");
	like($err, qr/--help/, 'wrong usage: where to look');
}
($status, $out) = push_folder('--help');
is($status, 0, 'help: status');
like($out, qr/Exit status/, 'help: text');
($status) = push_folder("$scratch/bad", '-p', '1');
is($status, 3, 'server not reached: status');
($status) = push_folder("$scratch/bad", '--', '-p', '1');
is($status, 3, 'options behind -- are for psql');

# Every way to name the database.
file('good/1_good.up.sql', 'SELECT 1;');
delete $ENV{PGDATABASE};
my $conninfo = 'host=' . $node->host . ' port=' . $node->port . ' dbname=clinic';
for my $way ([ '-d', 'clinic' ], ['-dclinic'], ['--dbname=clinic'], ['clinic'],
	[$conninfo], [ '-h', $node->host, '-p', $node->port, 'clinic' ], [ '--', 'clinic' ])
{
	($status, $out, $err) = push_folder("$scratch/good", @$way);
	is($status, 0, "database: @$way") or diag($err);
}
$ENV{PGDATABASE} = 'clinic';

# In a checkout: commit, branch, author, and whether all is committed.
SKIP:
{
	skip 'git is not installed', 6 if system('git --version >/dev/null 2>&1') != 0;
	file('repo/db/1_git.up.sql', 'SELECT 1;');
	my @git = ('git', '-C', "$scratch/repo", '-c', "user.name=Ann O'Lee",
		'-c', 'user.email=ann@example.org');
	for my $step ([ 'init', '-q' ], [ 'checkout', '-q', '-b', 'wards' ], [ 'add', '.' ],
		[ 'commit', '-q', '-m', 'Add wards' ])
	{
		run([ @git, @$step ]) or die "git @$step";
	}
	my $head = `git -C "$scratch/repo" rev-parse HEAD`;
	chomp($head);
	($status) = push_folder('--project=git', "$scratch/repo/db");
	is($status, 0, 'checkout: status');
	my $source = q{SELECT source FROM hipaa_migrate.migration
		JOIN hipaa_migrate.migration_revision USING (migration_id, revision)
		WHERE project = 'git' AND name = };
	is( $node->safe_psql('clinic', "$source '00000000000001-git'"),
		qq({"author": ["Ann O'Lee <ann\@example.org>"], "branch": "wards", "commit": "$head", "uncommitted_changes": false}),
		'checkout: source');

	# All who have written a file are its authors, also before it was renamed;
	# who has written other files is not.
	file('repo/db/3_old.up.sql', "SELECT 3;\nSELECT 4;\nSELECT 5;\n");
	file('repo/db/3_old.down.sql', 'SELECT 33;');
	for my $step ([ 'add', '.' ], [ 'commit', '-q', '-m', "Add three\n\nCo-authored-by: Cy <cy\@example.org>" ],
		[ 'mv', 'db/3_old.up.sql', 'db/3_new.up.sql' ], [ 'mv', 'db/3_old.down.sql', 'db/3_new.down.sql' ],
		[ '-c', 'user.name=Bo', '-c', 'user.email=bo@example.org', 'commit', '-q', '-m', 'Rename' ])
	{
		run([ @git, @$step ]) or die "git @$step";
	}
	file('repo/db/3_new.down.sql', 'SELECT 33; SELECT 34;');
	file('repo/README', 'wards');
	for my $step ([ 'add', 'db' ], [ '-c', 'user.name=Di', '-c', 'user.email=di@example.org', 'commit', '-q', '-m', 'Undo more' ],
		[ 'add', 'README' ], [ '-c', 'user.name=Ed', '-c', 'user.email=ed@example.org', 'commit', '-q', '-m', 'Explain' ])
	{
		run([ @git, @$step ]) or die "git @$step";
	}
	($status) = push_folder('--project=git', "$scratch/repo/db");
	is($status, 0, 'renamed: status');
	is( $node->safe_psql('clinic', "SELECT source -> 'author' FROM ($source '00000000000003-new') AS s"),
		qq(["Ann O'Lee <ann\@example.org>", "Bo <bo\@example.org>", "Cy <cy\@example.org>", "Di <di\@example.org>"]),
		'renamed: the authors of all commits of both files');
	file('repo/db/2_git.up.sql', 'SELECT 2;');
	($status) = push_folder('--project=git', "$scratch/repo/db");
	is($status, 0, 'checkout with changes: status');
	like($node->safe_psql('clinic', "$source '00000000000002-git'"),
		qr/"uncommitted_changes": true/, 'checkout with changes: said so');
}

# Folders on the server: links are followed, a folder inside itself is not.
file('links/a/1_a.up.sql', 'SELECT 1;');
symlink("$scratch/links/a", "$scratch/links/b") or die;
like(load('links'), qr/"a\/1_a.up.sql" and "b\/1_a.up.sql" would have the same name/,
	'a link is followed');
unlink("$scratch/links/b");
symlink("$scratch/links", "$scratch/links/a/loop") or die;
like(load('links'), qr/folder ".*\/links\/a\/loop" contains itself/, 'a loop is refused');
unlink("$scratch/links/a/loop");
symlink("$scratch/nowhere", "$scratch/links/a/2_gone.up.sql") or die;
like(load('links'), qr/could not read file ".*2_gone\.up\.sql": No such file/,
	'a link to nowhere is named');
unlink("$scratch/links/a/2_gone.up.sql");

# What cannot be read is named, what is no file is listed.
file('modes/1_a.up.sql', 'SELECT 1;');
chmod(0, "$scratch/modes/1_a.up.sql");
like(load('modes'), qr/could not read file ".*1_a\.up\.sql": Permission denied/,
	'an unreadable file is named');
chmod(0644, "$scratch/modes/1_a.up.sql");
run([ 'mkfifo', "$scratch/modes/2_b.up.sql" ]) or die;
like(load('modes'), qr/^2_b\.up\.sql\|ignored$/m, 'a pipe is listed, not opened');

# A name that is no UTF-8, and folders without end.
file("name/1_caf\xe9.up.sql", 'SELECT 1;');
like(load('name'), qr/folder ".*\/name" holds a file whose name is not valid UTF-8/,
	'an invalid name is refused');
file('deep/' . join('/', (1 .. 40)) . '/1_a.up.sql', 'SELECT 1;');
like(load('deep'), qr/nested more than 32 levels/, 'a folder too deep is refused');

# In a database of another encoding the text is converted, or refused.
$node->safe_psql('postgres',
	"CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
$node->safe_psql('latin', 'CREATE EXTENSION hipaa_migrate');
file('latin/1_a.up.sql', "\xef\xbb\xbfSELECT 'caf\xc3\xa9'");
file("latin/caf\xc3\xa9.txt", '');
($status, $out, $err) = push_folder("$scratch/latin", 'latin');
is($status, 0, 'latin1: status') or diag($err);
is($node->safe_psql('latin', q{SELECT octet_length(convert_to(up, 'LATIN1')) FROM hipaa_migrate.migration_revision}),
	13, 'latin1: converted');
file('latin/2_b.up.sql', "SELECT '\xe2\x82\xac'");
($status, $out, $err) = push_folder("$scratch/latin", 'latin');
is($status, 1, 'latin1: what it lacks is refused');
like($err, qr/no equivalent in encoding "LATIN1".*file "2_b\.up\.sql"/s, 'latin1: the file is named');

$node->stop;
done_testing();
