
# test/tap/access.pl
#	  Proves that the record tells who could do what at a moment of the past:
#	  by grants, by memberships as commands here and seals noted them, and
#	  nothing that it does not know.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use HipaaMigrateWire;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('access', conf => "hipaa_migrate.seal_interval = '1h'");

sub query
{
	my ($sql, $database) = @_;

	return $node->safe_psql($database // 'postgres', $sql);
}

sub seal
{
	return query('SELECT outcome FROM audit_seal()', @_);
}

# Roles are those of the whole server: what is done in a database that has not
# the extension is noted by seals of one that has.
sub elsewhere
{
	return query($_[0], 'elsewhere');
}

# The moment between what was and what comes.
sub now
{
	return query(q{SELECT pg_sleep(0.02); SELECT clock_timestamp(); SELECT pg_sleep(0.02)}) =~ s/\s+\z//r =~ s/\A\s+//r;
}

# Such as "ann register: capability author granted to it".
sub access
{
	my ($as_of, $login, $database) = @_;
	my $moment = defined $as_of ? "'$as_of'" : 'NULL';

	return query(qq{SELECT string_agg(access || ': ' || through, ', ' ORDER BY access, through)
		FROM migrate_access($moment) WHERE login = '$login'}, $database);
}

sub notes
{
	my ($as_of, $login) = @_;

	return query(qq{SELECT coalesce(string_agg(DISTINCT note, ', ' ORDER BY note), 'none') FROM migrate_access('$as_of') WHERE login = '$login'});
}

# Members that were "added" or "removed" after the first note.
sub noted
{
	my ($change) = @_;

	return query(qq{SELECT string_agg(concat_ws(' ', r.login, r.standing, nullif(r.role, r.login)), ', ' ORDER BY event_id, r.login, r.standing, r.role)
		FROM hipaa_migrate.audit_event, jsonb_to_recordset(details::jsonb -> '$change') AS r (login text, standing text, role text)
		WHERE kind = 'access.changed' AND NOT details::jsonb ? 'whole'});
}

query('CREATE DATABASE elsewhere TEMPLATE template0');

# Before the first note, grants are known and who was a member is not.
query(q{CREATE ROLE cto; CREATE ROLE ann LOGIN; CREATE ROLE bob LOGIN; SELECT migrate_grant('author', 'ann')});
my $unknown = now();
query(q{SELECT migrate_revoke('author', 'ann')});
seal();
is( query(qq{SELECT string_agg(access || ': ' || through || ', ' || note, ', ') FROM migrate_access('$unknown') WHERE access IS NOT NULL}),
	'register: capability author granted to role ann, who was a member of it is not on record', 'what is known');
like( query(qq{SELECT string_agg(note, ', ') FROM migrate_access('$unknown') WHERE access IS NULL}),
	qr/^superusers and members of roles are not on record for that time: noted first at 2/, 'and what is not');
is(query(q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'access.changed' AND details::jsonb ? 'whole'}),
	1, 'the first visit notes the whole');
my $events = query(q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'access.changed'});
query(q{SELECT migrate_register('20250101000001-make-t1', 'SELECT 1')});
seal();
is(query(q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'access.changed'}), $events, 'and a seal with nothing new notes nothing');

# Given and taken between two seals: each command here is noted at once, with
# its time.  What its transaction takes back was not.
query(q{SELECT migrate_grant('operator', 'cto')});
query('GRANT cto TO bob');
my $given = now();
query('BEGIN; REVOKE cto FROM bob; ROLLBACK; ALTER ROLE bob RENAME TO rob');
my $called = now();
query('ALTER ROLE rob RENAME TO bob');
query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1; REVOKE cto FROM bob; COMMIT');
my $taken = now();
query(q{CREATE ROLE eve LOGIN SUPERUSER IN ROLE cto});
my $made = now();
query('DROP ROLE eve');
is(access($given, 'bob'), 'run: capability operator granted to role cto', 'given');
is(notes($given, 'bob'), 'none', 'at an exact time');
is(access($called, 'bob') . access($called, 'rob'), 'run: capability operator granted to role cto', 'renamed');
is(access($taken, 'bob') . access(undef, 'bob'), '', 'taken');
is(access($made, 'eve'), 'audit: superuser, register: superuser, run: capability operator granted to role cto, run: superuser', 'made');
is(access(now(), 'eve'), '', 'and dropped');
is(query(q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'access.changed' AND details LIKE '%"eve"%'}), 2, 'two events');
query('SELECT audit_seal()');
is(query(q{SELECT count(*) FROM hipaa_migrate.audit_event WHERE kind = 'access.changed' AND details LIKE '%"eve"%'}), 2, 'of which a seal has nothing to add');
# What others have changed since a transaction began fails no command of it.
my $old = HipaaMigrateWire->connect($node, 'postgres', getpwuid($<) // 'postgres');

for my $change (
	[ 'GRANT cto TO bob', 'GRANT cto TO bob WITH ADMIN OPTION', 'given by both' ],
	[ 'REVOKE cto FROM bob', 'GRANT cto TO bob', 'and once more' ])
{
	my ($by_another, $then, $what) = @$change;

	$old->value('BEGIN ISOLATION LEVEL REPEATABLE READ');
	$old->value('SELECT 1');
	query($by_another);
	$old->value($then);
	$old->value('COMMIT');
	is(access(undef, 'bob'), 'run: capability operator granted to role cto', $what);
}
query('REVOKE cto FROM bob');
$old->close;
query(q{SELECT migrate_revoke('operator', 'cto')});
seal();

# Given, noted, taken elsewhere.
my $nothing = now();
query(q{SELECT migrate_grant('operator', 'cto'); SELECT migrate_grant('author', 'ann')});
elsewhere('GRANT cto TO bob');
my $granted = now();
seal();
my $noted = now();
query(q{SELECT migrate_revoke('author', 'ann')});
elsewhere('REVOKE cto FROM bob');
my $revoked = now();
seal();
my $over = now();

is(access($nothing, 'ann'), '', 'before the grant');
is(access($granted, 'ann'), 'register: capability author granted to it', 'after it');
is(access($noted, 'ann'), 'register: capability author granted to it', 'and after a seal');
is(access($revoked, 'ann'), '', 'after it was taken');
is(access(undef, 'ann'), '', 'and now');
is(access($granted, 'bob'), '', 'a membership before a seal noted it');
is(access($noted, 'bob'), 'run: capability operator granted to role cto', 'after that');
is(notes($noted, 'bob'), 'noted at a seal: began after the one before', 'which is said');
is(access($revoked, 'bob'), 'run: capability operator granted to role cto', 'taken, but not noted yet');
is(access($over, 'bob'), '', 'noted');
like(noted('added'), qr/bob member cto/, 'in the record');
like(noted('removed'), qr/bob member cto/, 'both');

# A superuser, made and unmade.
query('ALTER ROLE bob SUPERUSER');
seal();
my $super = now();
query('ALTER ROLE bob NOSUPERUSER');
seal();
is(access($super, 'bob'), 'audit: superuser, register: superuser, run: superuser', 'a superuser then');
is(access(undef, 'bob'), '', 'is none now');

# What was given to a role is not what a role renamed, or another of the name, has.
query('GRANT cto TO bob');
seal();
my $cto = now();
query('ALTER ROLE cto RENAME TO former');
seal();
my $renamed = now();
query('CREATE ROLE cto');
query('GRANT cto TO ann');
seal();
my $another = now();
is(access($cto, 'bob'), 'run: capability operator granted to role cto', 'a member');
is(access($renamed, 'bob'), '', 'of a role renamed');
is(access($another, $_), '', "another role of the name gives $_ nothing") for qw(ann bob);
query(q{SELECT migrate_grant('operator', 'cto')});
seal();
my $again = now();
is(access($again, 'ann'), 'run: capability operator granted to role cto', 'before it is granted, too');
is(access($cto, 'bob'), 'run: capability operator granted to role cto', 'and the past stays as it was');

# A name that was given to another login is another login.
query('DROP OWNED BY ann; DROP ROLE ann; CREATE ROLE ann LOGIN');
seal();
is(access(now(), 'ann'), '', 'made anew');
is(access($again, 'ann'), 'run: capability operator granted to role cto', 'it was another');

# What a person was called, and who was it, is on record too.
query(q{SELECT migrate_grant('author', 'bob'); SELECT migrate_person('Bob', '{bob}', 'test')});
my $bob = now();
query(q{SELECT migrate_person('Bob', '{}', 'test'); SELECT migrate_person('Robert', '{bob}', 'test')});
is(query("SELECT DISTINCT person FROM migrate_access($_) WHERE login = 'bob'"), { 'NULL' => 'Robert', "'$bob'" => 'Bob', "'$again'" => '' }->{$_}, "the person at $_")
  for ('NULL', "'$bob'", "'$again'");

# Many at once are in several events of one time.
elsewhere(q{DO $$ BEGIN FOR i IN 1 .. 450 LOOP EXECUTE format('CREATE ROLE many%s LOGIN', i); END LOOP; END $$});
seal();
is(query(q{SELECT count(*) || ' ' || count(DISTINCT occurred_at) FROM hipaa_migrate.audit_event WHERE details LIKE '%"many%'}),
	'3 1', 'split');
elsewhere(q{DO $$ BEGIN FOR i IN 1 .. 450 LOOP EXECUTE format('DROP ROLE many%s', i); END LOOP; END $$});
seal();
is(query(q{SELECT count(*) FROM hipaa_migrate.known_membership WHERE login LIKE 'many%'}), 0, 'and forgotten');

# Nobody writes by hand what is known.
fails_with($node, q{DELETE FROM hipaa_migrate.known_membership}, 'by hand', qr/ERROR:  MG/);

# Restored from a dump, the grants are there, and the memberships of the server
# that they came from until the first note.
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, '-d', $node->connstr('postgres') ], 'pg_dump');
query('GRANT cto TO ann');
query('CREATE DATABASE restored');
$node->command_ok([ 'pg_restore', '-d', $node->connstr('restored'), $dump ], 'pg_restore');
seal('restored');
is(access(undef, 'ann', 'restored'), 'run: capability operator granted to role cto', 'restored');
is(access($over, 'bob', 'restored'), '', 'and the past with it');
is(access($cto, 'bob', 'restored'), 'run: capability operator granted to role cto', 'moment by moment');
is(access(now(), 'ann', 'restored'), 'run: capability operator granted to role cto', 'noted anew');

# It is all in the record, and verifies.
is(query(q{SELECT count(*) FROM audit_verify() WHERE outcome = 'failed'}), 0, 'verified');

$node->stop;

done_testing();
