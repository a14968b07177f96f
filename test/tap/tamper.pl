
# test/tap/tamper.pl
#	  Proves that audit_verify() names what was done to the record by somebody
#	  who has all rights: in a server without the library, whose door is open,
#	  and in the files of a server that is stopped.

use strict;
use warnings FATAL => 'all';
use File::Copy qw(copy);
use File::Path qw(rmtree);
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::RecursiveCopy;
use PostgreSQL::Test::Utils;
use Test::More;

use constant PAGE_SIZE => 8192;

my $node = new_server('tamper', conf => <<'CONF');
hipaa_migrate.max_workers = 16
max_worker_processes = 24
autovacuum = off
CONF

# Events come in pairs, a capability given and taken.
sub add_pairs
{
	my ($database, $pairs) = @_;

	$node->safe_psql($database, <<"SQL");
DO \$\$ BEGIN FOR n IN 1..$pairs LOOP
PERFORM migrate_grant('author', 'pg_monitor'), migrate_revoke('author', 'pg_monitor');
END LOOP; END \$\$
SQL
	return;
}

sub seal
{
	my ($database) = @_;

	return $node->safe_psql($database, 'SELECT block FROM audit_seal()');
}

# A database whose record has six blocks of twenty events and one or two more.
sub new_record
{
	my ($database) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, 'CREATE EXTENSION hipaa_migrate');
	for (1 .. 6)
	{
		add_pairs($database, 10);
		seal($database);
	}
	return $node->safe_psql($database, 'SELECT audit_digest()');
}

sub restart
{
	my (%options) = @_;
	my $libraries = $options{library} ? 'hipaa_migrate' : '';

	$node->stop;
	$options{between}->() if $options{between};
	$node->adjust_conf('postgresql.conf', 'shared_preload_libraries', "'$libraries'");
	$node->start;
	return;
}

# What the superuser does in a server without the library.
sub tamper
{
	my ($database, $sql) = @_;

	$node->safe_psql($database, <<"SQL");
SET search_path = hipaa_migrate;
UPDATE pg_class SET relhastriggers = false WHERE relname ~ '^audit_' AND relkind = 'r';
UPDATE pg_event_trigger SET evtenabled = 'D';
$sql;
UPDATE pg_event_trigger SET evtenabled = 'A';
UPDATE pg_class SET relhastriggers = true WHERE relname ~ '^audit_' AND relkind = 'r';
SQL
	return;
}

# Rows of the report as "check: message", failures only.
sub failures
{
	my ($database, $digest) = @_;
	my $argument = $digest ? "'$digest'" : 'NULL';

	return $node->safe_psql($database, <<"SQL");
SELECT check_name || ': ' || message FROM audit_verify($argument, report => 'all') WHERE outcome = 'failed'
SQL
}

# ---- before anything is done, all is well; so the failures below are ours

my @databases = qw(rows block_gone tail_cut swapped_file column_renamed row_security rule trigger_off);
my %digest = map { $_ => new_record($_) } @databases;
is(failures($_, $digest{$_}), '', "$_: an untouched record passes") for @databases;

# The event that stands at this place of a block.
sub event
{
	my ($database, $block, $place) = @_;

	return $node->safe_psql($database, <<"SQL");
SELECT event_id FROM hipaa_migrate.audit_leaf WHERE block = $block ORDER BY seq OFFSET $place LIMIT 1
SQL
}

my @columns = split /\n/, $node->safe_psql('rows', <<'SQL');
SELECT attname || ' ' || atttypid::regtype FROM pg_attribute
 WHERE attrelid = 'hipaa_migrate.audit_event'::regclass AND attnum > 0 AND attname NOT IN ('epoch', 'event_id') ORDER BY attnum
SQL
my %another = (
	bigint => 'coalesce(%s, 0) + 1', text => q{coalesce(%s, '') || 'x'},
	'timestamp with time zone' => q{%s + interval '1 microsecond'},
	bytea => q{coalesce(%s, '') || '\x00'});
my @targets = ((map { event('rows', 1, $_) } 1 .. 19), (map { event('rows', 2, $_) } 1 .. 19));
my ($removed, $model, $left, $right) = (event('rows', 3, 4), event('rows', 4, 5), event('rows', 5, 3), event('rows', 5, 6));

restart(library => 0);

# Each column of an event of its own; one removed, one made up, two exchanged.
my @changes;
for my $number (0 .. $#columns)
{
	my ($name, $type) = split / /, $columns[$number], 2;
	my $value = sprintf($another{$type}, $name);
	push @changes, "UPDATE audit_event SET $name = $value WHERE event_id = $targets[$number]";
}
my $list = $node->safe_psql('rows', <<'SQL');
SELECT string_agg(attname, ', ') FROM pg_attribute
 WHERE attrelid = 'hipaa_migrate.audit_event'::regclass AND attnum > 0 AND attname <> 'event_id'
SQL
push @changes, "DELETE FROM audit_event WHERE event_id = $removed",
  "INSERT INTO audit_event (event_id, $list) SELECT 999999, $list FROM audit_event WHERE event_id = $model",
  "UPDATE audit_event SET event_id = -1 WHERE event_id = $left",
  "UPDATE audit_event SET event_id = $left WHERE event_id = $right",
  "UPDATE audit_event SET event_id = $right WHERE event_id = -1";
tamper('rows', join(';', @changes));

tamper('block_gone', 'DELETE FROM audit_block WHERE block = 3');
tamper('tail_cut', <<'SQL');
DELETE FROM audit_event USING audit_leaf AS l WHERE l.block >= 5 AND audit_event.event_id = l.event_id;
DELETE FROM audit_leaf WHERE block >= 5;
DELETE FROM audit_block WHERE block >= 5
SQL
tamper('swapped_file', <<'SQL');
CREATE TABLE forged AS TABLE audit_event;
UPDATE pg_class SET relfilenode = (SELECT relfilenode FROM pg_class WHERE relname = 'forged') WHERE relname = 'audit_event'
SQL
tamper('column_renamed', <<'SQL');
UPDATE pg_attribute SET attname = 'a' WHERE attrelid = 'audit_event'::regclass AND attname = 'actor';
UPDATE pg_attribute SET attname = 'actor' WHERE attrelid = 'audit_event'::regclass AND attname = 'session_role';
UPDATE pg_attribute SET attname = 'session_role' WHERE attrelid = 'audit_event'::regclass AND attname = 'a'
SQL
tamper('row_security', "UPDATE pg_class SET relrowsecurity = true, relforcerowsecurity = true WHERE relname = 'audit_event'");
tamper('rule', 'CREATE RULE nothing AS ON INSERT TO audit_event DO INSTEAD NOTHING');
tamper('trigger_off', "UPDATE pg_trigger SET tgenabled = 'D' WHERE tgrelid = 'audit_event'::regclass");

restart(library => 1);

my $found = failures('rows');
for my $number (0 .. $#columns)
{
	like($found, qr/event \b$targets[$number]\b/, "another $columns[$number] is found");
}
like($found, qr/membership: event $removed of block 3 is missing/, 'a removed event is found');
like($found, qr/membership: event 999999 was not there when block 4/, 'one that was made up is found');
like($found, qr/event: event $_ was changed/, 'two that were exchanged are found') for ($left, $right);
unlike($found, qr/block 6/, 'a block that nobody touched is not blamed');
like(failures('block_gone'), qr/chain: block 3 is missing/, 'a removed block is found');
like(failures('tail_cut', $digest{tail_cut}), qr/digest: block 6 was handed out and is not in the record|digest: block 6 is not the one/,
	'a tail that was cut is found');
like(failures('swapped_file'), qr/fingerprint: the catalogs/, 'another file in place of a table is found');
like(failures('column_renamed'), qr/fingerprint: column 8 of audit_event is called "session_role", not "actor"/, 'a renamed column is found');
like(failures('row_security'), qr/fingerprint: audit_event has row security/, 'row security is found');
like(failures('rule'), qr/fingerprint: audit_event has rules/, 'a rule is found');
like(failures('trigger_off'), qr/fingerprint: the catalogs/, 'a disabled trigger is found');

# ---- an older copy of the data directory

my $copy = $node->basedir . '/older';
$digest{older} = new_record('older');
restart(library => 1,
	between => sub { PostgreSQL::Test::RecursiveCopy::copypath($node->data_dir, $copy) });
add_pairs('older', 5);
seal('older');
$node->safe_psql('older', 'SELECT pg_switch_wal()');
add_pairs('older', 5);
seal('older');
my $newer = $node->safe_psql('older', 'SELECT audit_digest()');
is(failures('older', $newer), '', 'the record passes against its latest digest');
restart(library => 1,
	between => sub {
		rmtree($node->data_dir);
		PostgreSQL::Test::RecursiveCopy::copypath($copy, $node->data_dir);
		chmod(0700, $node->data_dir);
	});
is(failures('older', $digest{older}), '', 'the older copy passes against an older digest');
like(failures('older', $newer), qr/digest: an older copy of the data directory was put back/, 'and not against the newer one');
like(failures('older'), qr/^$/, 'without a digest nobody could tell');

# ---- bytes of the file of events

# Content by page, as plain SQL reads it; of these pages only, for what is
# damaged may crash who reads it by SQL.
sub contents
{
	my ($database, @pages) = @_;
	my @queries = map { <<"SQL" } @pages;
SELECT $_, md5(string_agg(e::text, ' ' ORDER BY e.ctid)) FROM hipaa_migrate.audit_event AS e
 WHERE e.ctid >= '($_,0)' AND e.ctid < '(@{[$_ + 1]},0)';
SQL
	return { map { /(.*)\|(.*)/ } split /\n/, $node->safe_psql($database, join('', 'SET enable_seqscan = off;', @queries)) };
}

# One bit in each of that many pages.
sub flip_bits
{
	my ($file, $npages, $count) = @_;
	my %flipped;

	open(my $handle, '+<:raw', $file) or die "$file: $!";
	while (keys %flipped < $count)
	{
		my $page = int(rand($npages));
		my ($at, $byte) = ($page * PAGE_SIZE + int(rand(PAGE_SIZE)));

		next if $flipped{$page};
		seek($handle, $at, 0);
		read($handle, $byte, 1) == 1 or die "$file: $!";
		seek($handle, $at, 0);
		print $handle chr(ord($byte) ^ (1 << int(rand(8))));
		$flipped{$page} = $at % PAGE_SIZE;
	}
	close($handle) or die "$file: $!";
	return \%flipped;
}

# Pages that the report names, or that an event it names stands on.
sub reported_pages
{
	my ($report, $page_of) = @_;
	my %pages;

	for my $line (split /\n/, $report)
	{
		$pages{$1} = 1 if $line =~ /audit_event: page (\d+)/;
		$pages{ $page_of->{$1} } = 1 if $line =~ /event (\d+)/ && defined $page_of->{$1};
	}
	return \%pages;
}

srand(20250101);
new_record('flips');
while ($node->safe_psql('flips', q{SELECT pg_relation_size('hipaa_migrate.audit_event')}) < 260 * PAGE_SIZE)
{
	add_pairs('flips', 400);
	seal('flips');
}
my $npages = $node->safe_psql('flips', q{SELECT pg_relation_size('hipaa_migrate.audit_event') / current_setting('block_size')::int}) - 5;
my $file = $node->data_dir . '/' . $node->safe_psql('flips', q{SELECT pg_relation_filepath('hipaa_migrate.audit_event')});
my %page_of = map { split /\|/ } split /\n/, $node->safe_psql('flips',
	q{SELECT event_id, (ctid::text::point)[0]::bigint FROM hipaa_migrate.audit_event});
my $before = contents('flips', 0 .. $npages - 1);
my $flipped;

# Whether the cluster has checksums; changes that of a stopped one.
sub set_checksums
{
	my ($wanted) = @_;
	my ($state) = run_command([ 'pg_controldata', $node->data_dir ]);
	my $has = $state =~ /^Data page checksum version:\s+[1-9]/m ? 1 : 0;

	system_or_bail('pg_checksums', $wanted ? '--enable' : '--disable', '-D', $node->data_dir)
	  if $has != $wanted;
	return;
}

# Without checksums: what is not reported has changed nothing that is read.
my $sound = $node->basedir . '/sound';
restart(library => 1,
	between => sub {
		set_checksums(0);
		copy($file, $sound) or die "$file: $!";
		$flipped = flip_bits($file, $npages, 200);
	});
my $report = failures('flips');
my $reported = reported_pages($report, \%page_of);
my @silent = grep { !$reported->{$_} } sort { $a <=> $b } keys %$flipped;
my $after = contents('flips', @silent);
my @seen = grep { ($before->{$_} // '') ne ($after->{$_} // '') } @silent;
is(scalar(@seen), 0, 'every flipped bit that changes what is read is reported')
  or diag(map { "page $_, byte $flipped->{$_}\n" } @seen);
cmp_ok(scalar(keys %$flipped) - @silent, '>', 80, 'most flipped bits are reported');
note(scalar(@silent) . ' flipped bits changed no content');

# The same pages again; the words may differ, for a transaction identifier that
# had not been given out may have been by now.
is_deeply(reported_pages(failures('flips'), \%page_of), $reported, 'the same pages are reported again');
my $parallel = $node->safe_psql('flips', <<'SQL');
SET min_parallel_table_scan_size = 0; SET max_parallel_maintenance_workers = 2;
SELECT check_name || ': ' || message FROM audit_verify(report => 'all') WHERE outcome = 'failed'
SQL
is_deeply(reported_pages($parallel, \%page_of), $reported, 'and the same by parallel workers');

# With checksums each of them is reported.
restart(library => 1,
	between => sub {
		copy($sound, $file) or die "$sound: $!";
		set_checksums(1);
		$flipped = flip_bits($file, $npages, 200);
	});
$reported = reported_pages(failures('flips'), {});
is_deeply([ grep { !$reported->{$_} } keys %$flipped ], [], 'with checksums every flipped bit is reported');
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server lives');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC/, 'and no process of it crashed');

$node->stop;

done_testing();
