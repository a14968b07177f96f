
# test/tap/HipaaMigrateGuard.pm
#	  What the tests of the guard's ordinary life share: arming, and what the
#	  record has of refusals.
package HipaaMigrateGuard;

use strict;
use warnings FATAL => 'all';
use Exporter 'import';
use HipaaMigrateTest;
use Test::More;

our @EXPORT = qw(arm guard works refused refusals);

# guard(node, mode, class...): sets the mode of these classes, or of all.
sub guard
{
	my ($node, $mode, $database, @classes) = @_;
	my $classes = @classes ? ", '{" . join(',', @classes) . "}'" : '';

	$node->safe_psql($database // 'postgres', "SELECT count(*) FROM migrate_guard('$mode', 'a test'$classes)");
	return;
}

sub arm
{
	my ($node, $database) = @_;

	guard($node, 'enforce', $database);
	return;
}

# A whole session of that user does this without an error.
sub works
{
	my ($node, $what, $sql, $user, $database) = @_;
	my ($out, $err) = finish(background($node, 'life', $sql, $database, $user));

	$err =~ s/^psql:\S+ (?:NOTICE|INFO|WARNING): .*\n(?:(?!psql:).*\n)*//mg;
	is($err, '', $what);
	return $out;
}

# Refused by the guard, and on record as that.
sub refused
{
	my ($node, $what, $sql, $user, $database) = @_;
	my $attacks = q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'guard.refused' AND application = 'attack'};
	my $before = $node->safe_psql($database // 'postgres', $attacks);
	my (undef, $err) = finish(background($node, 'attack', $sql, $database, $user));

	like($err, qr/ERROR:  MG014/, "$what: refused");
	is($node->safe_psql($database // 'postgres', $attacks), $before + 1, "$what: on record");
	return;
}

# How many events of that kind there are: who was told of a refusal finds it
# on record.
sub refusals
{
	my ($node, $database, $kind) = @_;

	$kind //= 'guard.refused';
	return $node->safe_psql($database // 'postgres', "SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = '$kind'");
}

1;
