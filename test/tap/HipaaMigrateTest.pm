
# test/tap/HipaaMigrateTest.pm
#	  What the TAP tests share: servers with the extension, sessions that go
#	  on in the background, and whether registry and schema are in step.
#
# A migration of these tests is named after the one relation it makes:
# 20250101000003-make-t3 makes table t3, 20250101000004-make-i4 index i4.
package HipaaMigrateTest;

use strict;
use warnings FATAL => 'all';
use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(
  new_server register register_tables background finish fails_with wait_for
  wait_until_blocked wait_until_gone gate end_gate pid_of status history
  out_of_step invalid_indexes start_again
);

# A server with the library preloaded and the extension in database postgres.
# What fails is on record when the client hears of it; on a busy machine the
# recorder is given more time for that than it ever needs.
sub new_server
{
	my ($name, %options) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(allows_streaming => $options{streaming} // 0, has_archiving => $options{archiving} // 0);
	$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'hipaa_migrate'
hipaa_migrate.record_wait = '2min'
max_connections = 40
restart_after_crash = on
CONF
	$node->append_conf('postgresql.conf', $options{conf} // '');
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION hipaa_migrate');
	return $node;
}

# Asks until the answer is true, and returns it; false after as long a time as
# poll_query_until() would wait.
sub wait_for
{
	my ($question) = @_;
	my $until = time + $PostgreSQL::Test::Utils::timeout_default;
	my $answer;

	until ($answer = $question->())
	{
		return if time > $until;
		select(undef, undef, undef, 0.1);
	}
	return $answer;
}

# After kill9(): the processes of a dead postmaster need a moment to notice it.
sub start_again
{
	my ($node) = @_;

	wait_for(sub { $node->start(fail_ok => 1) || !$node->stop('fast', fail_ok => 1) && 0 })
	  or die 'the server does not start again';
	return;
}

# The number in front of the name is made of the digits at its end.
sub full_name
{
	my ($relation) = @_;
	my ($number) = $relation =~ /(\d+)$/;

	return sprintf('202501010%05d-make-%s', $number, $relation);
}

# Registers what makes the relation; further arguments go to migrate_register.
sub register
{
	my ($node, $relation, $up, @arguments) = @_;
	my $name = full_name($relation);

	$node->safe_psql('postgres', 'SELECT migrate_register('
		  . join(', ', "'$name'", "up => \$hm\$$up\$hm\$", @arguments) . ')');
	return $name;
}

# Tables t<first> to t<last>; %more has statements to put after the CREATE TABLE
# of one.
sub register_tables
{
	my ($node, $first, $last, %more) = @_;

	for my $number ($first .. $last)
	{
		my $up = "CREATE TABLE t$number (id integer);";
		$up .= "\n$more{$number};" if $more{$number};
		register($node, "t$number", $up, "down => 'DROP TABLE t$number'");
	}
	return;
}

# Starts a psql of that application name; returns what finish() takes.  Files
# stand between, for IPC::Run moves data only while it is asked to.
sub background
{
	my ($node, $name, $sql, $database, $user) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/psql';
	my $connection = $node->connstr($database // 'postgres') . " application_name=$name";

	$connection .= " user=$user" if $user;
	append_to_file("$file.sql", $sql);
	my $run = IPC::Run::start(
		[
			'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-v',
			'VERBOSITY=verbose', '-d', $connection, '-f', "$file.sql"
		],
		'<' => '/dev/null',
		'>' => "$file.out",
		'2>' => "$file.err");
	return { run => $run, file => $file };
}

# Waits for its end; returns its output, and its errors with all their fields.
sub finish
{
	my ($session) = @_;

	IPC::Run::finish($session->{run});
	my ($out, $err) = map { slurp_file("$session->{file}.$_") } qw(out err);
	chomp $out;
	note($err) if $err;
	return ($out, $err);
}

# Runs the statements and compares the error with each pattern.
sub fails_with
{
	my ($node, $sql, $what, @patterns) = @_;
	my ($out, $err) = finish(background($node, 'failing', $sql));

	like($err, $_, $what) for @patterns;
	return;
}

# Until the session (or a worker, for the name "worker") waits for such a lock.
sub wait_until_blocked
{
	my ($node, $name, $event) = @_;
	my $column =
	  $name eq 'worker' ? "backend_type = 'hipaa_migrate worker'" : "application_name = '$name'";

	$node->poll_query_until('postgres',
		"SELECT count(*) > 0 FROM pg_stat_activity WHERE $column AND wait_event = '$event'")
	  or die "$name never waited for $event";
	return;
}

sub wait_until_gone
{
	my ($node, $pid) = @_;

	return $node->poll_query_until('postgres',
		"SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid");
}

sub pid_of
{
	my ($node, $name) = @_;
	my $column =
	  $name eq 'worker' ? "backend_type = 'hipaa_migrate worker'" : "application_name = '$name'";

	return $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE $column");
}

# A session that does this, in a transaction if it begins one, and then stays
# until end_gate() or a crash.
sub gate
{
	my ($node, $sql) = @_;
	my $session = background($node, 'gate', "$sql; SELECT pg_sleep(600)");

	wait_until_blocked($node, 'gate', 'PgSleep');
	return $session;
}

sub end_gate
{
	my ($node, $session) = @_;

	$node->safe_psql('postgres',
		q{SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'gate'});
	finish($session);
	return;
}

# States in the order of the names, such as "t1 applied, t2 pending".
sub status
{
	my ($node, $database) = @_;

	return $node->safe_psql($database // 'postgres', <<'SQL');
SELECT string_agg(substring(migration FROM '[a-z]+\d+$') || ' ' || state, ', ' ORDER BY migration)
  FROM migrate_status()
SQL
}

# The latest steps first, such as "up failed 57014 statement 2, line 2".
sub history
{
	my ($node, $rows) = @_;

	return $node->safe_psql('postgres', <<"SQL");
SELECT string_agg(concat_ws(' ', substring(migration FROM '[a-z]+\\d+\$'), direction, outcome, sqlstate, message), E'\\n')
  FROM (SELECT * FROM migrate_history(max_rows => $rows)) AS h
SQL
}

# Names of migrations that are marked as applied without being there, or are
# there without being marked; an invalid index is not there.
sub out_of_step
{
	my ($node, $database) = @_;

	return $node->safe_psql($database // 'postgres', <<'SQL');
SELECT string_agg(migration, ', ' ORDER BY migration)
  FROM migrate_status(),
       substring(migration FROM '[a-z]+\d+$') AS relation
  LEFT JOIN pg_index ON indexrelid = to_regclass(relation)
 WHERE (state IN ('applied', 'adopted'))
       <> (to_regclass(relation) IS NOT NULL AND indisvalid IS NOT FALSE)
SQL
}

sub invalid_indexes
{
	my ($node) = @_;

	return $node->safe_psql('postgres',
		q{SELECT string_agg(indexrelid::regclass::text, ', ') FROM pg_index WHERE NOT indisvalid});
}

1;
