
# test/tap/HipaaMigrateWire.pm
#	  A client that speaks the frontend/backend protocol itself, over the
#	  server's Unix-domain socket: for what psql cannot send (suspended portals,
#	  pipelines, a client that goes away without a word), and because a
#	  connection costs a fork of the server and nothing else.
#
# A result is a hash: rows (a list of lists), tag, and, if it failed, error, a
# hash by the letters of the protocol: C the SQLSTATE, M the primary message, D
# the detail, H the hint.  Notifications that came with results are kept: lists
# of channel and payload.
package HipaaMigrateWire;

use strict;
use warnings FATAL => 'all';
use IO::Socket::UNIX;
use PostgreSQL::Test::Utils;
use Socket qw(SOCK_STREAM);

# %options are those of the startup packet: options, application_name, ...
# Dies when the server cannot be reached; what it answers is in {refused}.
sub connect
{
	my ($class, $node, $database, $user, %options) = @_;
	my $path = $node->host . '/.s.PGSQL.' . $node->port;
	my $socket = IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $path)
	  or die "$path: $!";
	my $self = bless { socket => $socket, notices => [], notifications => [], buffer => '' }, $class;

	%options = (%options, user => $user, database => $database);
	my $body = pack('N', 196608) . join('', map { "$_\0$options{$_}\0" } sort keys %options) . "\0";
	$self->write(pack('N', length($body) + 4) . $body);
	my @results = $self->results;
	$self->{refused} = $results[0]{error} if @results && $results[0]{error};
	return $self;
}

sub write
{
	my ($self, $bytes) = @_;
	my $done = 0;

	local $SIG{PIPE} = 'IGNORE';
	while ($done < length($bytes))
	{
		my $count = syswrite($self->{socket}, $bytes, length($bytes) - $done, $done);
		return 0 if !defined $count;
		$done += $count;
	}
	return 1;
}

sub send
{
	my ($self, $type, $body) = @_;

	return $self->write($type . pack('N', length($body) + 4) . $body);
}

# Bytes of the server, or undef after it has gone away or said nothing for as
# long as any test waits.
sub read_bytes
{
	my ($self, $wanted) = @_;

	while (length($self->{buffer}) < $wanted)
	{
		my $ready = '';
		vec($ready, fileno($self->{socket}), 1) = 1;
		return if select($ready, undef, undef, $PostgreSQL::Test::Utils::timeout_default) <= 0;
		return if !sysread($self->{socket}, $self->{buffer}, 65536, length($self->{buffer}));
	}
	return substr($self->{buffer}, 0, $wanted, '');
}

sub message
{
	my ($self) = @_;
	my $head = $self->read_bytes(5);
	return if !defined $head;
	my ($type, $length) = unpack('aN', $head);
	my $body = $self->read_bytes($length - 4);
	return if !defined $body;
	return ($type, $body);
}

sub fields
{
	my ($body) = @_;
	my %fields;

	$fields{$1} = $2 while $body =~ /\G([A-Za-z])([^\0]*)\0/g;
	return \%fields;
}

sub columns
{
	my ($body) = @_;
	my ($count, @row) = (unpack('n', $body));
	my $at = 2;

	for (1 .. $count)
	{
		my $length = unpack('N', substr($body, $at, 4));
		$at += 4;
		if ($length == 0xFFFFFFFF)
		{
			push @row, undef;
			next;
		}
		push @row, substr($body, $at, $length);
		$at += $length;
	}
	return \@row;
}

# What the server answers until it is ready for more: a result for each
# statement.  COPY FROM STDIN gets {copy_data}.
sub results
{
	my ($self) = @_;
	my ($current, @results) = ({ rows => [] });

	while (my ($type, $body) = $self->message)
	{
		if ($type eq 'D') { push @{ $current->{rows} }, columns($body) }
		elsif ($type eq 'A') { push @{ $self->{notifications} }, [ $body =~ /^.{4}([^\0]*)\0([^\0]*)\0/s ] }
		elsif ($type eq 'N') { push @{ $self->{notices} }, fields($body) }
		elsif ($type eq 'G')
		{
			$self->send('d', $self->{copy_data} // '');
			$self->send('c', '');
		}
		elsif ($type =~ /[CsIE]/)
		{
			$current->{tag} = $body =~ s/\0$//r if $type eq 'C';
			$current->{suspended} = 1 if $type eq 's';
			$current->{error} = fields($body) if $type eq 'E';
			push @results, $current;
			$current = { rows => [] };
		}
		elsif ($type eq 'K') { $self->{pid} = unpack('N', $body) }
		elsif ($type eq 'Z')
		{
			$self->{status} = $body;
			return @results;
		}
	}
	$self->{gone} = 1;
	return @results;
}

# The simple protocol: the last result, which is the error if there was one.
sub query
{
	my ($self, $sql) = @_;

	$self->send('Q', "$sql\0") or $self->{gone} = 1;
	my @results = $self->results;
	return $results[-1] // { rows => [], error => { C => '08006', M => 'the server has gone away' } };
}

# The first column of the first row; dies of an error.
sub value
{
	my ($self, $sql) = @_;
	my $result = $self->query($sql);

	die "$result->{error}{M}\n$sql\n" if $result->{error};
	return $result->{rows}[0] ? $result->{rows}[0][0] : undef;
}

# The extended protocol, in pieces, for pipelines: parse, describe and bind a
# statement under a name and execute its portal, up to that many rows.
sub parse { my ($self, $name, $sql) = @_; return $self->send('P', "$name\0$sql\0" . pack('n', 0)) }
sub describe { my ($self, $name) = @_; return $self->send('D', "S$name\0") }
sub bind { my ($self, $portal, $name) = @_; return $self->send('B', "$portal\0$name\0" . pack('nnn', 0, 0, 0)) }
sub execute { my ($self, $portal, $rows) = @_; return $self->send('E', "$portal\0" . pack('N', $rows // 0)) }
sub sync { my ($self) = @_; return $self->send('S', '') }

sub extended
{
	my ($self, $sql, $rows) = @_;

	$self->parse('', $sql);
	$self->bind('', '');
	$self->execute('', $rows);
	$self->sync;
	return $self->results;
}

# With a word to the server, or (vanish) without.
sub close
{
	my ($self) = @_;

	$self->send('X', '') if !$self->{gone};
	return $self->vanish;
}

sub vanish
{
	my ($self) = @_;

	$self->{socket}->close;
	return;
}

1;
