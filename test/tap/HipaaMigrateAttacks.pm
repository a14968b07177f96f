
# test/tap/HipaaMigrateAttacks.pm
#	  Reads the table of attacks, and runs them; test/tap/guard_attacks/README.md
#	  says what its fields mean.
package HipaaMigrateAttacks;

use strict;
use warnings FATAL => 'all';
use HipaaMigrateTest qw(wait_for);
use HipaaMigrateWire;
use PostgreSQL::Test::Utils;

# The fields, and whether one may be given more than once.
my %fields = (
	(map { $_ => 0 } qw(name actor database options major copy swallowed proof changes quiet without refused door server harmless detected exempt todo)),
	(map { $_ => 1 } qw(before attack undo)));

# So many users take turns in each role, for of refusals that are alike, of one
# authenticated user, only the first few of a minute have a row of their own in
# the record.
my $nusers = 24;

sub new
{
	my ($class, $node, $directory) = @_;
	my $self = bless {
		node => $node,
		directory => $directory,
		major => $node->pg_version->major,
		control => {},
		variables => {
			host => $node->host,
			port => $node->port,
			scratch => PostgreSQL::Test::Utils::tempdir()
		}
	}, $class;

	$self->{all} = [ map { $self->read_file($_) } sort glob("$directory/*.attacks") ];
	my %seen;
	foreach my $attack (@{ $self->{all} })
	{
		die "attack \"$attack->{name}\": twice\n" if $seen{ $attack->{name} }++;
	}
	return $self;
}

# ---- the table

sub read_file
{
	my ($self, $file) = @_;
	my @paragraphs = split /\n(?:\s*\n)+/, slurp_file($file);

	return map { $self->read_paragraph($file, $_) } @paragraphs;
}

sub read_paragraph
{
	my ($self, $file, $text) = @_;
	my %attack = (own => $file =~ m{/own_[^/]*$} ? 1 : 0);
	my $last;

	$text =~ s/\@(\w+)\@/$self->{variables}{$1} \/\/ die "$file: no variable $1\n"/ge;
	foreach my $line (split /\n/, $text)
	{
		next if $line =~ /^#|^\s*$/;
		if ($line =~ /^\s+(.*)/)
		{
			$$last .= "\n$1";
			next;
		}
		my ($field, $value) = $line =~ /^(\w+)\s*(.*)/ or die "$file: $line\n";
		die "$file: no field \"$field\"\n" if !exists $fields{$field};
		die "$file: field \"$field\" twice\n" if !$fields{$field} && exists $attack{$field};
		push @{ $attack{$field} }, $value if $fields{$field};
		$attack{$field} = $value if !$fields{$field};
		$last = $fields{$field} ? \$attack{$field}[-1] : \$attack{$field};
	}
	return if !defined $last;
	my $name = $attack{name} // die "$file: an attack without name\n";
	die "$file: name too long: $name\n" if length($name) > 63;
	die "$file: $name: what is to come of it?\n"
	  if 1 != grep { exists $attack{$_} } qw(refused door server harmless detected);
	exists $attack{$_} or die "$file: $name: no $_\n" for qw(actor attack);
	die "$file: $name: no proof\n" if 1 != grep { exists $attack{$_} } qw(proof changes);
	return \%attack;
}

sub in_major
{
	my ($self, $range) = @_;
	my ($from, $to) = $range =~ /^(\d*)(?:(?=-)-(\d+))?$/ or die "major \"$range\"";

	return $self->{major} >= ($from || 0) && (!defined $to || $self->{major} <= $to);
}

# Those that this server can be attacked with.
sub attacks
{
	my ($self) = @_;

	return grep { !defined $_->{major} || $self->in_major($_->{major}) } @{ $self->{all} };
}

# ---- the server

sub initialize
{
	my ($self) = @_;
	my $node = $self->{node};

	$node->init(allows_streaming => 'logical');
	$node->append_conf('postgresql.conf', <<'CONF');
max_connections = 60
max_prepared_transactions = 5
max_worker_processes = 30
max_logical_replication_workers = 12
wal_retrieve_retry_interval = 200ms
fsync = off
full_page_writes = off
log_statement = none
CONF
	$node->start;
	my $fixture = slurp_file("$self->{directory}/fixture.sql");
	$fixture =~ s/\@(\w+)\@/$self->{variables}{$1}/g;
	$node->safe_psql('postgres', $fixture);
	return;
}

# Another than the first in its libraries.
sub serve
{
	my ($self, $libraries) = @_;

	$self->leave;
	$self->{node}->append_conf('postgresql.conf', "shared_preload_libraries = '$libraries'");
	$self->{node}->restart;
	return;
}

sub stop
{
	my ($self) = @_;

	$self->leave;
	$self->{node}->stop;
	return;
}

# The session of the test itself in that database.
sub control
{
	my ($self, $database) = @_;

	return $self->{control}{$database} //=
	  HipaaMigrateWire->connect($self->{node}, $database, scalar getpwuid($<), application_name => 'test');
}

sub leave
{
	my ($self) = @_;

	$_->close for values %{ $self->{control} };
	$self->{control} = {};
	return;
}

# The rows of all catalogs but for what changes by itself: a hash of lists.
sub catalogs
{
	my ($self, $database) = @_;
	my %passing = (pg_class => [qw(relpages reltuples relallvisible relallfrozen relfrozenxid relminmxid)],
		pg_database => [qw(datfrozenxid datminmxid)]);
	my $control = $self->control($database);
	my %rows;

	my $names = $control->query(<<'SQL');
SELECT relname FROM pg_class
 WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r'
   AND relname NOT IN ('pg_statistic', 'pg_statistic_ext_data', 'pg_largeobject', 'pg_replication_origin',
                       'pg_subscription_rel', 'pg_depend', 'pg_shdepend', 'pg_index')
SQL
	foreach my $name (map { $_->[0] } @{ $names->{rows} })
	{
		my $row = '(to_jsonb(c)' . join('', map { " - '$_'" } @{ $passing{$name} // [] }) . ')::text';
		my $result = $control->query("SELECT $row FROM pg_catalog.$name AS c");
		die "$name: $result->{error}{M}" if $result->{error};
		$rows{$name} = [ map { $_->[0] } @{ $result->{rows} } ];
	}
	return \%rows;
}

# The rows that only one of those has; a session's first temporary table makes
# schemas, which stay.
sub differences
{
	my ($self, $before, $after) = @_;
	my @differences;

	foreach my $name (sort keys %$after)
	{
		my %count;

		$count{$_}++ for @{ $after->{$name} };
		$count{$_}-- for @{ $before->{$name} };
		push @differences, map { ($count{$_} > 0 ? '+' : '-') . " $name $_" }
		  grep { $count{$_} && !/"nspname": "pg_(toast_)?temp_\d+"/ } sort keys %count;
	}
	return @differences;
}

# ---- the record

# Events by the name of the attack, which is that of its application; each a
# hash of columns.  Waits until the record has one of each of those.
sub events
{
	my ($self, @names) = @_;
	my @columns = qw(application kind actor command rule sqlstate details statement object);
	my %events;

	wait_for(sub {
		my $result = $self->control('victim')->query('SELECT ' . join(', ', @columns)
			  . ' FROM hipaa_migrate.audit_event WHERE application IS NOT NULL ORDER BY event_id');
		die $result->{error}{M} if $result->{error};
		%events = ();
		foreach my $row (@{ $result->{rows} })
		{
			my %event;
			@event{@columns} = @$row;
			push @{ $events{ $event{application} } }, \%event;
		}
		return !grep { !$events{$_} } @names;
	});
	return \%events;
}

# ---- an attack

# Who logs in, and as what role.
sub user_of
{
	my ($self, $attack) = @_;
	my $actor = $attack->{actor};

	return ($actor, $actor) if $actor eq 'creator';
	my $turn = $self->{turn}{$actor}++ % $nusers;
	return ("super_$turn") if $actor eq 'superuser';
	return ("${actor}_$turn", $actor);
}

# Runs an attack; returns whether it had its effect, the error, if there was
# one, and what was said.  A query given with it is asked right after it, in its
# transaction, if it has one, until the answer is true, which is returned too.
sub run
{
	my ($self, $attack, %options) = @_;
	my $database = $attack->{database} // 'victim';
	my $alone = exists $attack->{undo};

	$self->leave if $attack->{quiet};
	my $before = $attack->{changes} ? $self->control($database)->value($attack->{changes}) : '';
	my ($user, $role) = $self->user_of($attack);
	my %done = (user => $options{user} // $user, effect => 0, said => '');
	my $session = HipaaMigrateWire->connect(
		$self->{node}, $database, $done{user},
		application_name => $attack->{name},
		options => join(' ', '-c statement_timeout=20s -c client_min_messages=error', $role ? "-c role=$role" : (), $attack->{options} // ()));
	my @messages = (@{ $attack->{before} // [] }, ($alone ? () : ('BEGIN')), @{ $attack->{attack} });

	$session->{copy_data} = defined $attack->{copy} ? "$attack->{copy}\n" : '';
	$done{error} = $session->{refused};
	foreach my $message (@messages)
	{
		last if $done{error};
		$done{error} = $session->query($message)->{error};
	}
	if (!$done{error} && !$alone)
	{
		my $proof = $session->query($attack->{proof});

		$done{effect} = ($proof->{rows}[0] // [''])->[0] eq 't' if !$proof->{error};
		$done{error} = $proof->{error};
	}
	$done{answer} = wait_for(sub { $session->value($options{ask}) }) if $options{ask} && !$done{error};
	$session->query('ROLLBACK') if !$alone && !$session->{gone};
	$session->close;
	$self->finish($attack, $database, $before, \%done);
	$done{said} = "$done{error}{C}: $done{error}{M}" if $done{error};
	return \%done;
}

# Looks at what an attack outside transactions has done, and undoes it.
sub finish
{
	my ($self, $attack, $database, $before, $done) = @_;

	return if !exists $attack->{undo};
	my $proof = $self->control($database)->query($attack->{proof} // $attack->{changes});
	my $answer = ($proof->{rows}[0] // [''])->[0];
	$done->{effect} = $attack->{proof} ? $answer eq 't' : $answer ne $before if !$proof->{error};
	$done->{error} //= $proof->{error};
	return if !$done->{effect};
	$self->leave if $attack->{quiet};
	foreach my $undo (grep { $_ ne '-' } @{ $attack->{undo} })
	{
		my $error = $self->control($database)->query($undo)->{error};
		push @{ $done->{left} }, "$undo: $error->{M}" if $error;
	}
	return;
}

1;
