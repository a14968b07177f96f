#
# test/tap/lint_docs.pl
#	  Proves that docs/lint_rules.md says what view lint_rule says: it is made
#	  from it.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::RealBin/../..";
my $node = new_server('lint_docs');

# What is there, and what would be written now.
sub made
{
	my ($database) = @_;
	my ($out, $err);

	IPC::Run::run(["$top/test/docs/lint_rules", '-d', $node->connstr($database)], '>', \$out, '2>', \$err)
	  or die "test/docs/lint_rules: $err";
	return $out;
}

my $page = slurp_file("$top/docs/lint_rules.md");
my $made = made('postgres');

ok($made eq $page, 'docs/lint_rules.md is what the view says')
  or diag('mend: make docs, with a running server of this version in PGHOST, PGPORT');

# Each rule has its heading, for links lead there.
my $missing = join(
	', ',
	grep { $page !~ /^### \Q$_\E$/m }
	  split(/\n/, $node->safe_psql('postgres', 'SELECT rule FROM hipaa_migrate.lint_rule')));
is($missing, '', 'every rule has its place in the page');

# Where the extension is not, the page is the same, and nothing is left.
ok(made('template1') eq $made, 'the page does not need the extension');
is($node->safe_psql('template1', "SELECT count(*) FROM pg_extension WHERE extname = 'hipaa_migrate'"),
	'0', 'and leaves none behind');

$node->stop;
done_testing();
