
# test/tap/guard_attacks.pl
#	  Proves what the guard is for: every attack of test/tap/guard_attacks/ has
#	  its effect on a server without the extension, and is refused, found or
#	  harmless, and on record, where the guard is armed.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateAttacks;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('guard_attacks');
my $server = HipaaMigrateAttacks->new($node, "$FindBin::RealBin/guard_attacks");

$server->initialize;
my @attacks = $server->attacks;
note(scalar(@attacks) . ' attacks');

sub proves
{
	my ($attack) = @_;
	return if $attack->{without};
	my $done = $server->run($attack);

	ok($done->{effect} && !$done->{left}, "without the guard done: $attack->{name}")
	  or diag($done->{said}, @{ $done->{left} // [] });
	return;
}

# ---- without the extension, they are attacks

proves($_) for grep { !$_->{own} } @attacks;

# ---- and those on the extension itself are, without the library

$server->serve('hipaa_migrate');
$node->safe_psql('victim', <<'SQL');
SET SESSION AUTHORIZATION vendor;
CREATE EXTENSION hipaa_migrate;
SELECT migrate_register('20250101000001-make-t1', up => 'CREATE TABLE t1 (id integer);', down => 'DROP TABLE t1;');
SELECT migrate_up();
SELECT audit_seal();
SQL
$server->serve('');
$node->safe_psql('victim', q{UPDATE pg_event_trigger SET evtenabled = 'D' WHERE evtname LIKE 'hipaa_migrate%'});
proves($_) for grep { $_->{own} } @attacks;
$node->safe_psql('victim', q{UPDATE pg_event_trigger SET evtenabled = 'A' WHERE evtname LIKE 'hipaa_migrate%'});
$server->serve('hipaa_migrate');

# ---- armed, none of them comes to anything

# The test's own user may mend what an attack leaves, and attackers may read
# of themselves.
my $control = $server->control('victim');
$control->value(q{SELECT count(*) FROM migrate_guard('enforce', 'to be attacked')});
$control->value(q{SELECT migrate_exempt('mends what an attack leaves', role => current_user::name)});
$control->value("SELECT migrate_grant('auditor', '$_')") for qw(application owner creator);
my $before = $server->catalogs('victim');
my %code = (refused => 'MG014', door => 'MG013');
my %done;

foreach my $attack (@attacks)
{
	my $name = $attack->{name};
	my ($outcome) = grep { exists $attack->{$_} } qw(refused door server harmless detected);
	my $code = $code{$outcome} // ($outcome eq 'server' ? $attack->{server} : '');
	my $done = $done{$name} = $server->run($attack);

	TODO:
	{
		local $TODO = $attack->{todo};

		if ($attack->{swallowed})
		{
			ok(!$done->{effect}, "armed, $outcome: $name");
		}
		elsif ($code)
		{
			is($done->{error} ? $done->{error}{C} : 'let pass', $code, "armed, $outcome: $name") or diag($done->{said});
			ok(!$done->{effect}, "and without effect: $name");
		}
		else
		{
			ok($done->{effect} && !$done->{left}, "armed, $outcome: $name") or diag($done->{said}, @{ $done->{left} // [] });
		}
	}
}
is(join("\n", $server->differences($before, $server->catalogs('victim'))), '', 'the catalogs are what they were');

# ---- and each is on record

my @refused = grep { exists $_->{refused} } @attacks;
my @knocked = grep { exists $_->{door} } @attacks;
my $events = $server->events(map { $_->{name} } @refused, @knocked);

foreach my $attack (@refused, @knocked)
{
	my ($layer, $class, $command) = exists $attack->{refused} ? split(' ', $attack->{refused}, 3) : ('', 'door', $attack->{door});
	my $kind = exists $attack->{refused} ? 'guard.refused' : 'door.refused';
	my $code = exists $attack->{refused} ? 'MG014' : 'MG013';
	my @seen = map { join(' ', $_->{kind}, $_->{rule} // '', $_->{command} // '', $_->{sqlstate} // '',
			($layer && ($_->{details} // '') =~ /"layer": ?"(\w+)"/) ? $1 : ()) } @{ $events->{ $attack->{name} } // [] };
	my $wanted = join(' ', $kind, $class, $command, $code, $layer || ());

	TODO:
	{
		local $TODO = $attack->{todo};
		ok((grep { $_ eq $wanted } @seen), "on record: $attack->{name}") or diag("wanted $wanted", map { "\nsaw    $_" } @seen);
	}
}

# ---- with an exemption it passes, and is on record too

foreach my $attack (grep { exists $_->{exempt} } @attacks)
{
	my $name = $attack->{name};
	my ($schema, $command) = $attack->{exempt} =~ /^(\S+) (.*)/;
	my $user = $done{$name}{user};
	my $id = $server->control('victim')->value("SELECT migrate_exempt('may do this', role => '$user', command => '$command'"
		  . ($schema eq '-' ? ')' : ", schema => '$schema')"));
	my $ask = "SELECT count(*) FROM hipaa_migrate.audit_log WHERE event = 'guard.exempted' AND application = \$hm\$$name\$hm\$";
	my $elsewhere = $attack->{database};
	my $done = $server->run($attack, user => $user, $elsewhere ? () : (ask => $ask));
	$done->{answer} = wait_for(sub { $server->control('victim')->value($ask) }) if $elsewhere;
	$server->control('victim')->value("SELECT migrate_exempt_end($id, 'has done it')");

	TODO:
	{
		local $TODO = $attack->{todo};
		ok($done->{effect} && !$done->{left}, "with an exemption done: $name") or diag($done->{said}, @{ $done->{left} // [] });
		ok($done->{answer}, "and on record: $name");
	}
}

$server->stop;

done_testing();
