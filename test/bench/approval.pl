# test/bench/approval.pl
#	  What approvals cost: running what is approved, and looking through what
#	  waits.
#
# HM_BENCH_SUBMISSIONS sets how many wait.
use strict;
use warnings;
use Bench;
use Cluster;

my $PORT = 5521;
my $RUN = 100;
my $RELEASE = 50;
my $WAITING = $ENV{HM_BENCH_SUBMISSIONS} || 10000;
my $HALF_APPROVED = 100;

my $registered = 0;

# ---- people and policy ----

# Whatever is done is done by somebody.
sub as
{
	my ($user, $code) = @_;

	local $ENV{PGUSER} = $user;
	return $code->();
}

sub create_people
{
	my ($database) = @_;

	sql($database, 'CREATE EXTENSION hipaa_migrate', 'GRANT CREATE ON SCHEMA public TO PUBLIC',
		'GRANT EXECUTE ON FUNCTION pg_read_file(text) TO PUBLIC',
		q{SELECT migrate_grant('author', 'ann'), migrate_grant('approver', 'leads'), migrate_grant('approver', 'dbas')},
		q{SELECT migrate_guard('enforce', 'the benchmark')});
}

my $LEVELS = q{unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) AS risk};

sub use_policy
{
	my ($database, $asks) = @_;

	return sql($database, q{SELECT migrate_use_policy('none', 'the benchmark')}) if !$asks;
	sql($database,
		map { "SELECT migrate_set_policy(risk, '$_->[0]', '$_->[1]', 'the benchmark') FROM $LEVELS" }
		[ 'approvers', '[["leads"], ["dbas"]]' ], [ 'separation', '{"author": false, "executor": false}' ],
		[ 'validity', '"14 days"' ], [ 'windows', '"always"' ]);
}

# ---- migrations ----

# Returns the numbers of the first and the last.
sub register
{
	my ($database, $count, $project) = @_;
	my $of_project = $project ? ", project => '$project'" : '';
	my ($first, $last) = ($registered + 1, $registered + $count);

	$registered = $last;
	as('ann', sub { sql($database, <<"SQL") });
SELECT count(*)
  FROM generate_series($first, $last) AS n,
       LATERAL migrate_register(to_char(n, 'FM"20270101"000000"-t"'),
           format('CREATE TABLE t%s (id bigint PRIMARY KEY, name text NOT NULL, created timestamptz DEFAULT now()); CREATE INDEX ON t%s (name);', n, n),
           format('DROP TABLE t%s;', n)$of_project)
SQL
	return ($first, $last);
}

my $NAMES = q{array(SELECT to_char(n, 'FM"20270101"000000"-t"') FROM generate_series(%d, %d) AS n)};

sub submit
{
	my ($database, @range) = @_;

	as('ann', sub {
		sql($database, sprintf("SELECT count(*) FROM migrate_submit($NAMES, 'the benchmark')", @range));
	});
}

# The newest release, as a whole.
sub approve
{
	my ($database, $user) = @_;

	as($user, sub { sql($database, <<'SQL') });
SELECT count(*)
  FROM (SELECT submission_id, release_checksum FROM hipaa_migrate.submission_list ORDER BY submission_id DESC LIMIT 1) AS s,
       LATERAL migrate_approve('release ' || submission_id, release_checksum)
SQL
}

sub prepare_run
{
	my ($database, $asks) = @_;
	my @range = register($database, $RUN);

	use_policy($database, $asks);
	if ($asks)
	{
		submit($database, @range);
		approve($database, $_) for 'lea', 'dan';
	}
}

sub check_run
{
	my ($database) = @_;
	my $due = value($database, 'SELECT count(*) FROM migrate_plan()');

	die "$due have not run\n" if $due != 0;
}

my $UP = 'SELECT count(*) FROM migrate_up()';

# ---- what a run costs ----

sub measure_run
{
	my ($database) = @_;

	for my $measure ([ 'time', sub { timed($_[0]) } ], [ 'processor time', sub { $_[0]->() } ])
	{
		my ($what, $code) = @$measure;
		my $run = $what eq 'time' ? sub { sql($database, $UP) } : sub { processor_seconds($database, $UP) };
		my %seconds = interleave_by($code, rounds(7), 100,
			map {
				my $asks = $_ eq 'approved';

				$_ => sub { prepare_run($database, $asks); return ($run, sub { check_run($database) }) };
			} 'approved', 'without', 'again');

		note("migrate_up() of $RUN, %s: %.3f s approved, %.3f s without policy", $what, @seconds{qw(approved without)});
		row("migrate_up() of $RUN approved / without policy, $what", $seconds{approved} / $seconds{without},
			$seconds{again} / $seconds{without}, 1.1);
	}
}

# Instructions, without those of a session that has nothing to run.  All is
# prepared before they are counted; each runs as a project of its own.
sub count_run
{
	my ($data, $database) = @_;
	my (%process, $count);

	use_policy($database, 1);
	for my $project ('approved', 'without', 'again')
	{
		my @range = register($database, $RUN, $project);

		next if $project ne 'approved';
		submit($database, @range);
		approve($database, $_) for 'lea', 'dan';
	}
	use_policy($database, 0);
	stop_cluster($data);
	start_counting($data, $PORT, 'hipaa_migrate');
	for my $project ('nothing', 'without', 'again', 'approved')
	{
		use_policy($database, 1) if $project eq 'approved';
		$process{$project} = process_in($database, "SELECT count(*) FROM migrate_up(project => '$project')");
	}
	$count = stop_counting($data);
	my %run = map { $_ => $count->{ $process{$_} } - $count->{ $process{nothing} } } keys %process;
	note("migrate_up() of $RUN: %d instructions approved, %d without policy", @run{qw(approved without)});
	row("migrate_up() of $RUN approved / without policy, instructions", $run{approved} / $run{without},
		$run{again} / $run{without}, 1.1);
}

# The process of the connection that psql makes to that database.
sub process_in
{
	my ($database, $statement) = @_;

	return process($PORT, '-d', $database, '-c', $statement);
}

# ---- what looking costs ----

# Processor seconds of a statement in a session that has done it once.
sub seconds_of
{
	my ($database, $statement) = @_;
	my ($once, $often) = map { processor_seconds($database, ($statement) x $_) } 1, 6;

	return ($often - $once) / 5;
}

sub row_of_seconds
{
	my ($what, $limit, $user, $database, $statement) = @_;
	my ($seconds, $again) = as($user, sub { map { median(map { seconds_of($database, $statement) } 1 .. rounds(3)) } 1 .. 2 });

	row("$what, processor seconds", $seconds, $again / $seconds, $limit);
}

sub measure_small
{
	my ($database) = @_;
	my @range = register($database, $RUN);
	my $last = sprintf('20270101%06d-t', $range[1] + $RUN);

	use_policy($database, 0);
	row_of_seconds("$RUN due, no policy: migrate_plan()", undef, 'postgres', $database, 'SELECT * FROM migrate_plan()');
	row_of_seconds("$RUN due, no policy: migrate_status()", undef, 'postgres', $database, 'SELECT * FROM migrate_status()');
	use_policy($database, 1);
	submit($database, @range);
	row_of_seconds("$RUN submitted: migrate_plan()", undef, 'postgres', $database, 'SELECT * FROM migrate_plan()');
	row_of_seconds("$RUN submitted: migrate_status()", undef, 'postgres', $database, 'SELECT * FROM migrate_status()');
	register($database, $RUN);
	row_of_seconds('the last of ' . 2 * $RUN . ' due: migrate_review()', undef, 'lea', $database, "SELECT * FROM migrate_review('$last')");
}

# Each is another release.
sub measure_approve
{
	my ($database) = @_;

	for my $count (1, $RELEASE)
	{
		my @seconds = map {
			submit($database, register($database, $count));
			timed(sub { approve($database, 'lea') });
		} 1 .. rounds(5);

		row("a release of $count: migrate_approve(), a session, seconds", median(@seconds), undef, $count > 1 ? 1 : undef);
	}
}

# ---- the queue ----

# One release of all, taken apart on a server without the library, past the
# triggers that keep others out: submitting them one by one looks at all that
# is due each time.
sub create_waiting
{
	my ($data, $database) = @_;
	my @range = register($database, $WAITING);
	my $seconds = timed(sub { submit($database, @range) });

	note("one release of $WAITING: migrate_submit() takes %.2f s", $seconds);
	stop_cluster($data);
	start_cluster($data, $PORT, '');
	sql($database, <<'SQL', 'ANALYZE');
UPDATE pg_trigger SET tgenabled = 'D' WHERE tgrelid IN ('hipaa_migrate.submission'::regclass, 'hipaa_migrate.submission_member'::regclass);
INSERT INTO hipaa_migrate.submission
SELECT s.submission_id + b.ordinal, s.direction, s.checksum, s.reason, s.ticket, s.planned_for, s.submitted_by, s.submitted_by_oid,
       s.submitted_authn_id, s.submitted_at, s.state, s.ended_by, s.ended_at, s.end_reason, s.epoch
  FROM hipaa_migrate.submission AS s JOIN hipaa_migrate.submission_member AS b USING (submission_id) WHERE b.ordinal > 1;
UPDATE hipaa_migrate.submission_member SET submission_id = submission_id + ordinal, ordinal = 1 WHERE ordinal > 1;
UPDATE pg_trigger SET tgenabled = 'A' WHERE tgrelid IN ('hipaa_migrate.submission'::regclass, 'hipaa_migrate.submission_member'::regclass);
SELECT setval('hipaa_migrate.submission_id_seq', max(submission_id)) FROM hipaa_migrate.submission;
SQL
	stop_cluster($data);
	start_cluster($data, $PORT, 'hipaa_migrate');
	approve_some($database, $range[0]);
}

sub approve_some
{
	my ($database, $first) = @_;
	my $last = $first + $HALF_APPROVED - 1;
	my $seconds = timed(sub {
		as('lea', sub { sql($database, <<"SQL") });
SELECT count(*)
  FROM (SELECT migration, checksum FROM hipaa_migrate.submission_list ORDER BY migration LIMIT $HALF_APPROVED OFFSET 0) AS s,
       LATERAL migrate_approve(migration, checksum)
SQL
	});

	note("$HALF_APPROVED of $WAITING: migrate_approve() takes %.3f s each", $seconds / $HALF_APPROVED);
}

sub measure_queue
{
	my ($data, $database) = @_;

	create_waiting($data, $database);
	row_of_seconds("$WAITING submitted: migrate_queue(), all for the caller", 0.2, 'dan', $database, 'SELECT * FROM migrate_queue()');
	row_of_seconds("$WAITING submitted: migrate_queue(), none for the caller", 0.2, 'ann', $database, 'SELECT * FROM migrate_queue()');
	row_of_seconds("$WAITING submitted: migrate_queue('all')", 0.2, 'dan', $database, q{SELECT * FROM migrate_queue('all')});
}

my $data = make_cluster('approval', "max_locks_per_transaction = 1024\n");

$ENV{PGPORT} = $PORT;
start_cluster($data, $PORT, 'hipaa_migrate');
sql('postgres', 'CREATE ROLE leads', 'CREATE ROLE dbas', 'CREATE ROLE ann LOGIN', 'CREATE ROLE lea LOGIN IN ROLE leads', 'CREATE ROLE dan LOGIN IN ROLE dbas',
	'GRANT pg_read_server_files TO ann, lea, dan');

my @databases = ('run', 'look', 'signed', 'waiting', 'counted');

# Once a database is armed, no other is made.
sql('postgres', "CREATE DATABASE $_") for @databases;
create_people($_) for @databases;
measure_run('run');
measure_small('look');
use_policy($_, 1) for 'signed', 'waiting';
measure_approve('signed');
measure_queue($data, 'waiting');
count_run($data, 'counted') if has_valgrind();
