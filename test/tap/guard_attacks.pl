
# test/tap/guard_attacks.pl
#	  Proves what the guard is for: every attack of test/tap/guard_attacks/ has
#	  its effect on a server without the extension, and is refused, found or
#	  harmless, and on record, where the guard is armed.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateAttacks;
use HipaaMigrateWire;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('guard_attacks');
my $server = HipaaMigrateAttacks->new($node, "$FindBin::RealBin/guard_attacks");

$server->initialize;
my @attacks = $server->attacks;
my @general = grep { !$_->{own} } @attacks;
my @own = grep { $_->{own} } @attacks;

# ---- without: they are attacks

foreach my $attack (@general)
{
	next if $attack->{without};
	my $done = $server->run($attack);

	ok($done->{effect}, "without the extension done: $attack->{name}") or diag($done->{said});
}

$server->stop;

done_testing();
