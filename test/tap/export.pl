#
# test/tap/export.pl
#	  The export of the record: what the server writes, hipaa-migrate-verify
#	  verifies; and what is done to the tables, it finds.
#
# The record that is tampered with is the frozen one of test/vectors: it has two
# epochs, a redacted event, and a purged block in which one event was held.  To
# get at the tables, the server is started without the library, and the triggers
# are switched off in the catalog.
#
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use IPC::Run qw(run);
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'python3 is not installed'
  if system('python3 -c "import sys; sys.exit(sys.version_info < (3, 9))" 2>/dev/null') != 0;

my $command = "$FindBin::RealBin/../../bin/hipaa-migrate-verify";
my $vectors = "$FindBin::RealBin/../vectors";
my $scratch = PostgreSQL::Test::Utils::tempdir();
my @closed  = ('0f8fad5b-d9cb-469f-a165-70867728950e', 1 .. 7);
my $open    = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
my $node    = new_server('main', conf => 'autovacuum = off');

# export DATABASE, ARGUMENTS: to a file, whose name it returns.
sub export
{
	my ($database, $arguments) = @_;
	my $file = "$scratch/$database.jsonl";
	my ($out, $err) = ('', '');

	run(
		[
			'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-v', 'FETCH_COUNT=10', '-d',
			$node->connstr($database), '-c', 'SELECT audit_export(' . ($arguments // '') . ')'
		],
		'>', $file, '2>', \$err) or fail("export of $database: $err");
	return $file;
}

# verify ARGUMENT...: exit status, output.
sub verify
{
	my ($out, $err) = ('', '');
	run([ 'python3', $command, @_ ], '>', \$out, '2>', \$err);
	return ($? >> 8, $out . $err);
}

sub verifies
{
	my ($what, @arguments) = @_;
	my ($status, $out) = verify(@arguments);

	is($status, 0, $what) or diag($out);
	return $out;
}

sub fails
{
	my ($what, $arguments, @patterns) = @_;
	my ($status, $out) = verify(@$arguments);

	is($status, 1, "$what: fails") or diag($out);
	like($out, $_, "$what: $_") for @patterns;
	return;
}

# The lines of the frozen epochs, each with its members in one order.
sub lines
{
	my ($file) = @_;
	my $json   = JSON::PP->new->canonical->allow_nonref;
	my $epoch  = '';
	my @lines;

	for my $line (split /\n/, slurp_file($file))
	{
		my $record = $json->decode($line);

		$epoch = $record->{epoch} if $record->{type} eq 'epoch';
		push @lines, $json->encode($record)
		  if $record->{type} =~ /^(block|event|hash_only)$/
		  && ($epoch eq $closed[0] || $epoch eq $open);
	}
	return join("\n", @lines);
}

# --- an export as INSERT statements ---

my %bytes = map { $_ => 1 }
  qw(statement_hash schema_before schema_after leaf_hash root frontier previous fingerprint block_hash);

sub insert
{
	my ($table, %row) = @_;
	my @values = map {
		my $value = $row{$_};
		if (defined $value)
		{
			$value = "\\x$value" if $bytes{$_};
			$value =~ s/'/''/g;
			$value = "'$value'";
		}
		$value // 'NULL'
	} sort keys %row;

	return "INSERT INTO hipaa_migrate.$table (" . join(', ', sort keys %row) . ') VALUES ('
	  . join(', ', @values) . ");\n";
}

sub frozen_record
{
	my $sql = '';
	my $epoch;

	for my $line (split /\n/, slurp_file("$vectors/export.jsonl"))
	{
		my $record = decode_json($line);
		my $type   = $record->{type};

		if ($type eq 'epoch')
		{
			$epoch = $record->{epoch};
			$sql .= insert('audit_epoch',
				(map { $_ => $record->{$_} }
					  qw(epoch database database_oid system_identifier opened_at)),
				state => 'adopted', closed_at => $record->{opened_at},
				ordinal => $record->{ordinal} + 100, reason => 'frozen');
		}
		$sql .= insert('audit_block', %{ $record->{block} }, block_hash => $record->{block_hash})
		  if $type eq 'block';
		next if $type ne 'event' && $type ne 'hash_only';
		my $ids = $record->{event} // $record;
		$sql .= insert('audit_event', %$ids) if $type eq 'event';
		$sql .= insert('audit_leaf', epoch => $epoch,
			(map { $_ => $ids->{$_} } qw(event_id xid)),
			(map { $_ => $record->{$_} } qw(seq block leaf_hash)));
	}
	return $sql;
}

sub start_without_library
{
	$node->stop if $node->{_pid};
	$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
	$node->start;
	return;
}

sub start_with_library
{
	$node->stop;
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'hipaa_migrate'");
	$node->start;
	return;
}

# Behind the door: in its place nothing else would let this through.
sub tamper
{
	my ($database, $sql) = @_;
	my $triggers =
	  q{UPDATE pg_trigger SET tgenabled = '%1$s' WHERE tgrelid::regclass::text LIKE 'hipaa_migrate.%%' AND NOT tgisinternal;
		UPDATE pg_event_trigger SET evtenabled = '%1$s' WHERE evtname LIKE 'hipaa_migrate%%'};

	$node->safe_psql($database, sprintf($triggers, 'D'));
	$node->safe_psql($database, $sql);
	$node->safe_psql($database, sprintf($triggers, 'A'));
	return;
}

my $frozen = frozen_record();
start_without_library();
$node->safe_psql('postgres',
	'CREATE DATABASE base TEMPLATE template0 ENCODING \'UTF8\' LOCALE \'C\'');
for my $encoding ('LATIN1', 'SQL_ASCII')
{
	$node->safe_psql('postgres',
		"CREATE DATABASE \L$encoding\E TEMPLATE template0 ENCODING '$encoding' LOCALE 'C'");
}
start_with_library();
$node->safe_psql($_, 'CREATE EXTENSION hipaa_migrate') for 'base', 'latin1', 'sql_ascii';
start_without_library();
{
	local $ENV{PGCLIENTENCODING} = 'UTF8';
	tamper($_, $frozen) for 'base', 'latin1';
}
# What has no encoding stays as it is: bytes that happen to be UTF-8.
tamper('sql_ascii', $frozen);

# --- tampering ---

# An event for each field that is changed: 39 fields over three databases.
my @fields = qw(epoch event_id xid occurred_at statement_at kind outcome actor session_role
  effective_role authn_id client application pid database host system_identifier timeline
  command object_type object objects statement statement_hash statement_no migration run_id
  rule ticket author approvers reason maintenance_window schema_before schema_after duration
  sqlstate details leaf_hash);
my @victims = ((map { [ $closed[0], @$_ ] } [ 1, 1 ], [ 2, 2 ], [ 4, 3 ], [ 5, 5 ], [ 6, 6 ], [ 7, 7 ]),
	(map { [ $open, @$_ ] } [ 3, 12 ], [ 5, 14 ], [ 6, 15 ], [ 7, 16 ], [ 8, 17 ], [ 9, 18 ], [ 12, 21 ]));
my %value = (
	epoch => "'00000000-0000-4000-8000-000000000000'",
	(map { $_ => "$_ + 1000000" } qw(event_id xid pid system_identifier timeline)),
	(map { $_ => "$_ + interval '1 microsecond'" } qw(occurred_at statement_at)),
	(map { $_ => "coalesce($_, 0) + 1" } qw(statement_no run_id duration)),
	(map { $_ => q{'\x00'} } qw(statement_hash schema_before schema_after leaf_hash)));
my (%scenario, %expected);
for my $i (0 .. $#fields)
{
	my $database = 'fields_' . int($i / 13);
	my ($epoch, $seq, $event_id) = @{ $victims[ $i % 13 ] };
	my $field = $fields[$i];
	my $value = $value{$field} // "coalesce($field, '') || 'x'";
	my $name  = "line \\d+: event seq $seq \\(event_id $event_id\\)";

	$scenario{$database} .=
	  "UPDATE hipaa_migrate.audit_event SET $field = $value WHERE epoch = '$epoch' AND event_id = $event_id;\n";
	push @{ $expected{$database} },
	    $field =~ /^(epoch|event_id|xid)$/ ? qr/$name is gone, and no purge/
	  : $field eq 'leaf_hash' ? qr/$name: the hash beside its fields is another one/
	  :                         qr/$name: its fields do not give its hash/;
}

my $event = "epoch = '$open' AND event_id";
my $leaf  = "epoch = '$open' AND seq";
my $block = "epoch = '$open' AND block";
my $copy_event = "INSERT INTO hipaa_migrate.audit_event SELECT (e).* FROM (
	SELECT jsonb_populate_record(e, '{\"event_id\": \"9000\"}') AS e
	  FROM hipaa_migrate.audit_event AS e WHERE $event = 14) AS e";

$scenario{removed} = "DELETE FROM hipaa_migrate.audit_event WHERE $event = 14";
$expected{removed} = [qr/event seq 5 \(event_id 14\) is gone, and no purge and no redaction/];
$scenario{removed_from_purged} = "DELETE FROM hipaa_migrate.audit_event WHERE $event = 12";
$expected{removed_from_purged} = [qr/4 events of epoch $open are gone as purged, but the purges on record removed 3/];
$scenario{evidence_removed} = "DELETE FROM hipaa_migrate.audit_event WHERE $event = 20";
$expected{evidence_removed} = [qr/event seq 1 \(event_id 10\) is gone, and no purge/, qr/event seq 11 \(event_id 20\) is gone/];
$scenario{removed_with_leaf} =
  "$scenario{removed}; DELETE FROM hipaa_migrate.audit_leaf WHERE $leaf = 5";
$expected{removed_with_leaf} = [qr/event seq 5 is missing/];
$scenario{inserted} = $copy_event;
$expected{inserted} = [qr/1 events are in no block, though a seal must have seen them/];
$scenario{inserted_with_leaf} =
  "$copy_event; INSERT INTO hipaa_migrate.audit_leaf SELECT epoch, 13, event_id, xid, 5, leaf_hash FROM hipaa_migrate.audit_event WHERE $event = 9000";
$expected{inserted_with_leaf} = [qr/1 events are in no block, though a seal must have seen them/];
$scenario{replaced} =
  "$copy_event; DELETE FROM hipaa_migrate.audit_event WHERE $event = 14; UPDATE hipaa_migrate.audit_leaf SET event_id = 9000 WHERE $leaf = 5";
$expected{replaced} = [qr/event seq 5 \(event_id 9000\): its fields do not give its hash/];
$scenario{leaf_changed} = "UPDATE hipaa_migrate.audit_leaf SET leaf_hash = '\\x00' WHERE $leaf = 5";
$expected{leaf_changed} = [qr/"leaf_hash" is no hash/];
$scenario{swapped} = "UPDATE hipaa_migrate.audit_leaf SET seq = 100 WHERE $leaf = 5;
	UPDATE hipaa_migrate.audit_leaf SET seq = 5 WHERE $leaf = 6;
	UPDATE hipaa_migrate.audit_leaf SET seq = 6 WHERE $leaf = 100";
$expected{swapped} = [qr/event seq 5 \(event_id 15\) is not proven/, qr/event seq 6 \(event_id 14\) is not proven/];
$scenario{block_changed} = "UPDATE hipaa_migrate.audit_block SET sealed_at = sealed_at - interval '1 year' WHERE $block = 3";
$expected{block_changed} = [qr/block 3: its fields do not give its hash/];
$scenario{block_removed} = "DELETE FROM hipaa_migrate.audit_block WHERE $block = 3";
$expected{block_removed} = [qr/block 4 comes where block 3 should: blocks are missing/];
$scenario{first_block_removed} = "DELETE FROM hipaa_migrate.audit_block WHERE $block = 1";
$expected{first_block_removed} = [qr/block 2 comes where block 1 should: blocks are missing/];
$scenario{block_removed_with_all} = "$scenario{block_removed};
	DELETE FROM hipaa_migrate.audit_event WHERE (epoch, event_id) IN (SELECT epoch, event_id FROM hipaa_migrate.audit_leaf WHERE $block = 3);
	DELETE FROM hipaa_migrate.audit_leaf WHERE $block = 3";
$expected{block_removed_with_all} = $expected{block_removed};
$scenario{column_renamed} = 'ALTER TABLE hipaa_migrate.audit_event RENAME actor TO victim';
$expected{column_renamed} = [qr/an event lacks "actor"/];
$scenario{tail_cut} = "DELETE FROM hipaa_migrate.audit_event WHERE $event = 21;
	DELETE FROM hipaa_migrate.audit_leaf WHERE $leaf = 12;
	DELETE FROM hipaa_migrate.audit_block WHERE $block = 5";

for my $database (sort keys %scenario)
{
	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE base");
	tamper($database, $scenario{$database});
}
start_with_library();

for my $database (sort keys %expected)
{
	fails($database, [ export($database) ], @{ $expected{$database} });
}

# That the end was cut off shows only against a digest; and if nobody has kept
# one of the last blocks, it does not show.
my $cut = export('tail_cut');
verifies('tail cut, without a digest', $cut);
verifies('tail cut, with an older digest', $cut, "--digest=$vectors/digest_4.json");
fails('tail cut, with a digest', [ $cut, "--digest=$vectors/digest_5.json" ],
	qr/the digest knows block 5, the record ends with block 4/);

# --- the good record ---

my @digests = map { "--digest=$vectors/digest_$_.json" } qw(4 5 closed);
for my $database ('base', 'latin1', 'sql_ascii')
{
	my $file = export($database);

	verifies("$database: verifies", $file, @digests);
	ok(lines($file) eq lines("$vectors/export.jsonl"), "$database: is what was frozen");
	ok(slurp_file($file) !~ /[^\x00-\x7f]/, "$database: is ASCII");
}

# The file in the encoding of any client is the same.
{
	local $ENV{PGCLIENTENCODING} = 'LATIN2';
	verifies('exported by a client of another encoding', export('base'));
}

# A range holds the blocks that were sealed in it, or hold an event of it, with
# what proves them: here block 1, purged by what is outside.
my $file = export('base', "'2026-01-05 08:01:40Z', '2026-01-05 08:01:43Z'");
like(verifies('range: verifies', $file), qr/epoch $open.*\n +blocks 1 to 1: 1 events, and 3 of which only the hash/,
	'range: what is in it');
ok(slurp_file($file) =~ /"type":"evidence"/, 'range: evidence from outside');
fails('range: a digest that was not named', [ $file, "--digest=$vectors/digest_4.json" ],
	qr/block 4 of the digest is not in this export: name the digest when exporting/);
my $digest = slurp_file("$vectors/digest_4.json");
verifies('range: a digest that was named',
	export('base', "'2026-01-05 08:01:40Z', '2026-01-05 08:01:43Z', '$digest'"),
	"--digest=$vectors/digest_4.json", "--digest=$vectors/digest_5.json");
verifies('range: several digests', export('base', "'2026-01-05 08:01:40Z', '2026-01-05 08:01:43Z', '[$digest]'"),
	"--digest=$vectors/digest_4.json");
$file = export('base', "until => '2020-01-01'");
like(verifies('empty range: verifies', $file), qr/head: block 5/, 'empty range: the heads are there');

# A transaction that stops reading leaves nothing behind.
my ($status, $out, $err) = $node->psql('base', <<'SQL');
SELECT count(*) FROM (SELECT audit_export() LIMIT 3) AS l;
BEGIN;
DECLARE c CURSOR FOR SELECT audit_export();
FETCH 2 FROM c;
SAVEPOINT s;
FETCH 2 FROM c;
ROLLBACK TO s;
FETCH 2 FROM c;
CLOSE c;
COMMIT;
SQL
is($err, '', 'reading a part: no leak');
like($out, qr/^3\n/, 'reading a part');

$node->stop;

# --- a record that is alive ---

my $live = new_server(
	'live',
	streaming => 1,
	conf      => "hipaa_migrate.seal_interval = '100ms'\nautovacuum = off");
$node = $live;

sub seal_and_keep_digest
{
	my ($name) = @_;

	$live->safe_psql('postgres', 'SELECT audit_seal()');
	append_to_file("$scratch/$name.json", $live->safe_psql('postgres', 'SELECT audit_digest()'));
	return "--digest=$scratch/$name.json";
}

register_tables($live, 1, 3);
register($live, 't4', "CREATE TABLE t4 (t text DEFAULT 'gr\xc3\xb6\xc3\x9fe \xf0\x9f\x98\x80'); SELECT 1/0");
$live->psql('postgres', 'SELECT migrate_up()');
$live->safe_psql('postgres', "SELECT migrate_up('20250101000002-make-t2')");
$live->safe_psql('postgres', q{CREATE ROLE "o'brien"; SELECT migrate_grant('auditor', 'o''brien')});
my @held = seal_and_keep_digest('first');
my $kinds = $live->safe_psql('postgres',
	'SELECT string_agg(DISTINCT kind, \' \') FROM hipaa_migrate.audit_event JOIN hipaa_migrate.audit_leaf USING (epoch, event_id)');
$file = export('postgres');
verifies('live: verifies', $file, @held);
like($kinds, qr/ddl\.executed.*migration\.failed.*migration\.registered/, 'live: kinds of events');
ok(slurp_file($file) =~ /"kind":"\Q$_\E"/, "live: $_ is exported") for split / /, $kinds;

# Its functions are for auditors.
$live->safe_psql('postgres', 'CREATE ROLE nobody LOGIN; CREATE ROLE inspector LOGIN IN ROLE "o\'brien"');
($status, $out, $err) = $live->psql('postgres', 'SELECT audit_export()', extra_params => [ '-U', 'nobody' ]);
like($err, qr/lacks the capability "auditor"/, 'live: refused without the capability');
is( $live->safe_psql('postgres', 'SELECT count(*) > 5 FROM audit_export()', extra_params => [ '-U', 'inspector' ]),
	't', 'live: an auditor exports');

# While others append and the sealer seals, each export is one moment's.
my @writers = map {
	background($live, "writer$_",
		join('', map { "SELECT migrate_grant('author', 'inspector'); SELECT pg_sleep(0.01); SELECT migrate_revoke('author', 'inspector');\n" } 1 .. 60))
} 1 .. 3;
for my $i (1 .. 5)
{
	push @held, seal_and_keep_digest("busy$i");
	verifies("live: export $i while others write", export('postgres'), @held);
}
finish($_) for @writers;

# A redacted event: its hash stays, and what explains it is exported as soon as
# it is sealed itself.
$live->safe_psql('postgres', q{CREATE ROLE second LOGIN; SELECT migrate_grant('auditor', 'second')});
push @held, seal_and_keep_digest('redaction');
my $victim = $live->safe_psql('postgres',
	q{SELECT event_id FROM hipaa_migrate.audit_event WHERE kind = 'ddl.executed' LIMIT 1});
my $act = $live->safe_psql('postgres', "SELECT audit_redact($victim, 'a name in a text')",
	extra_params => [ '-U', 'inspector' ]);
$live->safe_psql('postgres', "SELECT migrate_confirm($act, 'indeed')", extra_params => [ '-U', 'second' ]);
push @held, seal_and_keep_digest('redacted');
like(verifies('redacted: verifies', export('postgres'), @held), qr/and 1 of which only the hash is left/,
	'redacted: the hash is left');
my $since = $live->safe_psql('postgres',
	"SELECT sealed_at FROM hipaa_migrate.audit_block JOIN hipaa_migrate.audit_leaf USING (epoch, block) WHERE event_id = $victim");
$file = export('postgres', "'$since', timestamptz '$since' + interval '1 microsecond'");
verifies('redacted: a range with it verifies', $file);
ok(slurp_file($file) =~ /"type":"evidence".*"kind":"record.redacted"/, 'redacted: a range has the evidence');

# A standby exports, too.
$live->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($live, 'copy', has_streaming => 1);
$standby->start;
push @held, seal_and_keep_digest('standby');
$live->wait_for_catchup($standby, 'replay', $live->lsn('insert'));
$node = $standby;
verifies('standby: verifies', export('postgres'), @held);
$standby->stop;
$node = $live;

# An older copy of the data directory is put back.
my $before = $#held;
register($live, 't5', 'CREATE TABLE t5 ()');
push @held, seal_and_keep_digest('newer');
$live->stop;
my $older = PostgreSQL::Test::Cluster->new('older');
$older->init_from_backup($live, 'copy');
$older->start;
$node = $older;
verifies('older copy: verifies by itself', export('postgres'), @held[ 0 .. $before - 1 ]);
fails('older copy: against a later digest', [ export('postgres'), @held ],
	qr/the digest knows block|is not the one of the digest/);
$older->stop;
done_testing();
