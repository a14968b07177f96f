
# test/tap/HipaaMigrateCheats.pm
#	  Reads the table of cheats, and plays them; test/tap/approval_cheats/README.md
#	  says what its fields mean.
package HipaaMigrateCheats;

use strict;
use warnings FATAL => 'all';
use HipaaMigrateTest qw(wait_for);
use HipaaMigrateWire;
use PostgreSQL::Test::Utils;
use Test::More;

# The fields, and whether they hold lines to be played.
my %fields = (
	(map { $_ => 0 } qw(name why refused record major todo harmless)),
	(map { $_ => 1 } qw(given cheat control undo)));

# What is played for a word that stands alone on a line.
my %words = (
	registered => <<'STEPS',
ada: SELECT migrate_register('@m@', 'CREATE TABLE @t@ (id int PRIMARY KEY)', down => 'DROP TABLE @t@', run_as => 'builders')
STEPS
	submitted => <<'STEPS',
registered
ada: SELECT migrate_submit(ARRAY['@m@'], 'needed', 'T-@n@')
c = ada: SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' AND migration = '@m@'
STEPS
	half => <<'STEPS',
submitted
lea: SELECT migrate_approve('@m@', '@c@')
STEPS
	approved => <<'STEPS',
half
dan: SELECT migrate_approve('@m@', '@c@')
STEPS
	applied => <<'STEPS',
approved
olga: SELECT migrate_up('@m@')
STEPS
	run => <<'STEPS',
olga: SELECT migrate_up('@m@')
STEPS
	approve => <<'STEPS',
lea: SELECT migrate_approve('@m@', '@c@')
dan: SELECT migrate_approve('@m@', '@c@')
STEPS
	revised => <<'STEPS',
ada: SELECT migrate_register('@m@', 'CREATE TABLE @t@ (id bigint PRIMARY KEY)', down => 'DROP TABLE @t@', run_as => 'builders')
STEPS
	resubmit => <<'STEPS',
ada: SELECT migrate_submit(ARRAY['@m@'], 'once more')
c = ada: SELECT checksum FROM hipaa_migrate.submission_list WHERE state = 'open' AND migration = '@m@'
STEPS
	asked => <<'STEPS',
act = auditor: SELECT max(act_id) FROM hipaa_migrate.pending_confirmation
STEPS
	confirm => <<'STEPS',
chief: SELECT outcome FROM migrate_confirm(@act@, 'looked at it')
STEPS
	roles_made => <<'STEPS',
chief: SELECT migrate_guard('observe', 'roles are made elsewhere', '{accounts,privilege}')
boss: SELECT (migrate_confirm(act_id, 'so be it')).outcome FROM hipaa_migrate.pending_confirmation WHERE act = 'guard'
STEPS
	roles_kept => <<'STEPS',
chief: SELECT migrate_guard('enforce', 'again', '{accounts,privilege}')
STEPS
);

sub new
{
	my ($class, $node, $directory) = @_;
	my $self = bless { node => $node, major => $node->pg_version->major, wanted => [] }, $class;
	my $number = 0;

	$self->{all} = [
		grep { !defined $_->{major} || $self->{major} >= $_->{major} }
		map { read_file($_) } sort glob("$directory/*.cheats")
	];
	$_->{number} = ++$number foreach @{ $self->{all} };
	return $self;
}

# ---- the table

sub read_file
{
	my ($file) = @_;

	return map { read_paragraph($file, $_) } split /\n(?:\s*\n)+/, slurp_file($file);
}

sub read_paragraph
{
	my ($file, $text) = @_;
	my %cheat;
	my $last;

	foreach my $line (split /\n/, $text)
	{
		next if $line =~ /^#|^\s*$/;
		if ($line =~ /^\s+(.*)/)
		{
			push @$last, $1;
			next;
		}
		my ($field, $value) = $line =~ /^(\w+)\s*(.*)/ or die "$file: $line\n";
		die "$file: no field \"$field\"\n" if !exists $fields{$field};
		die "$file: field \"$field\" twice\n" if exists $cheat{$field};
		$last = $cheat{$field} = [ length($value) ? $value : () ];
	}
	return if !$last;
	foreach my $field (grep { exists $cheat{$_} && !$fields{$_} } keys %fields)
	{
		$cheat{$field} = join(' ', @{ $cheat{$field} });
	}
	my $name = $cheat{name} // die "$file: a cheat without name\n";
	die "$file: $name: longer than an application name\n" if length($name) > 63;
	exists $cheat{$_} or die "$file: $name: no $_\n" for qw(why cheat refused record control);
	return \%cheat;
}

# ---- playing

sub session
{
	my ($self, $cheat, $who) = @_;
	my ($user, $database) = split /\@/, $who;

	return $self->{sessions}{$who} //= HipaaMigrateWire->connect(
		$self->{node}, $database // 'clinic', $user,
		application_name => $cheat->{name},
		options => '-c client_min_messages=error -c statement_timeout=60s');
}

sub leave
{
	my ($self) = @_;

	$_->close foreach values %{ $self->{sessions} };
	$self->{sessions} = {};
	return;
}

# The lines as [name of the result or undef, who, statement].
sub steps
{
	my (@lines) = @_;
	my @steps;

	foreach my $line (@lines)
	{
		if (exists $words{$line}) { push @steps, steps(split /\n/, $words{$line}) }
		elsif ($line =~ /^(?:(\w+) = )?([\w@]+): (.*)/) { push @steps, [ $1, $2, $3 ] }
		elsif (@steps) { $steps[-1][2] .= "\n$line" }
		else { die "no step: $line\n" }
	}
	return @steps;
}

sub expand
{
	my ($self, $text) = @_;

	$text =~ s/\@(\w+)\@/$self->{values}{$1} \/\/ die "no value $1 in: $text\n"/ge;
	return $text;
}

# Plays them up to the first error, which is returned: [SQLSTATE, what was
# said, how many steps were left], or none.
sub play
{
	my ($self, $cheat, @lines) = @_;
	my @steps = steps(@lines);

	while (my $step = shift @steps)
	{
		my ($name, $who, $sql) = @$step;
		$self->leave if $sql =~ /TEMPLATE/;
		my $session = $self->session($cheat, $self->expand($who));
		my $result = $session->{refused} ? { error => $session->{refused} } : $session->query($self->expand($sql));

		if (my $error = $result->{error})
		{
			my $said = join("\n", "$who: $sql", map { $error->{$_} // () } qw(C M D H));
			return ($error->{C}, $said, scalar @steps);
		}
		$self->{values}{$name} = $result->{rows}[0] ? $result->{rows}[0][0] : '' if defined $name;
	}
	return;
}

# Each with a migration, a table and a superuser of its own.
sub test
{
	my ($self, $cheat) = @_;
	my ($name, $number) = @$cheat{qw(name number)};

	$self->{values} = {
		n => $number,
		m => sprintf('202701%08d-cheat', $number),
		t => "cheat_$number",
		s => "super_$number",
		folder => $self->{node}->basedir . '/folder',
		port => $self->{node}->port,
		host => $self->{node}->host
	};
	my ($code, $said, $left) = $self->play($cheat, @{ $cheat->{given} // [] });
	is($code, undef, "$name: what it begins with") or diag($said);
	($code, $said, $left) = $self->play($cheat, @{ $cheat->{cheat} });
	is($code // 'done', $cheat->{refused}, "$name: refused") or diag($said // '');
	is($left // 0, 0, "$name: at its last step") or diag($said // '');
	push @{ $self->{wanted} }, $cheat;
	($code, $said) = $self->play($cheat, @{ $cheat->{control} });
	is($code, undef, "$name: and done where it may be") or diag($said);
	($code, $said) = $self->play($cheat, @{ $cheat->{undo} // [] });
	is($code, undef, "$name: undone") or diag($said);
	$self->leave;
	return;
}

# ---- the record

# Waits until all are there; a cheat's sessions bear its name.
sub test_record
{
	my ($self) = @_;
	my $control = HipaaMigrateWire->connect($self->{node}, 'clinic', 'auditor', options => '-c client_min_messages=error');
	my %seen;

	wait_for(sub {
		my $result = $control->query('SELECT DISTINCT application, event FROM hipaa_migrate.audit_log WHERE application IS NOT NULL');

		%seen = ();
		$seen{ $_->[0] }{ $_->[1] } = 1 foreach @{ $result->{rows} };
		return !grep { !$seen{ $_->{name} }{ $_->{record} } } @{ $self->{wanted} };
	});
	foreach my $cheat (@{ $self->{wanted} })
	{
		ok($seen{ $cheat->{name} }{ $cheat->{record} }, "$cheat->{name}: on record as $cheat->{record}")
		  or diag(join(', ', sort keys %{ $seen{ $cheat->{name} } // {} }));
	}
	$control->close;
	return;
}

1;
