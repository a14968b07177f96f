
# test/tap/encryption.pl
#	  Proves that audit_encryption() sees what is not encrypted: settings,
#	  connections, lines of pg_hba.conf, passwords; that it says so where it
#	  cannot know; to whom it gives names; and that a standby can be asked.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('encryption', streaming => 1);
my $with_tls = system('openssl version >/dev/null 2>&1') == 0
  && $node->safe_psql('postgres', q{SELECT setting FROM pg_settings WHERE name = 'ssl_library'}) eq 'OpenSSL';

sub item
{
	my ($item, $server, $connection) = @_;

	$server //= $node;
	return $server->safe_psql('postgres', "SELECT status || coalesce(' ' || value, '') FROM audit_encryption() WHERE item = '$item'",
		$connection ? (connstr => $connection) : ());
}

sub configure
{
	my (%settings) = @_;

	$node->safe_psql('postgres', "ALTER SYSTEM SET $_ = '$settings{$_}'") for sort keys %settings;
	return $node->reload;
}

# The lines become all of pg_hba.conf, from line 2 on.
sub admit
{
	my (@lines) = @_;
	my $file = $node->data_dir . '/pg_hba.conf';

	unlink($file);
	append_to_file($file, join("\n", 'local all all peer', @lines, ''));
	return;
}

# pg_hba.conf is judged as it stands in the file, loaded or not.
my @cases = (
	[ 'host everywhere', ['host all all all scram-sha-256'], 'lines without TLS' => 'critical pg_hba.conf: 2' ],
	[ 'hostnossl', ['hostnossl all all 10.0.0.0/8 scram-sha-256'], 'lines without TLS' => 'critical pg_hba.conf: 2' ],
	[ 'hostssl', ['hostssl all all all scram-sha-256'], 'lines without TLS' => 'ok none' ],
	[ 'hostgssenc', ['hostgssenc all all all gss'], 'lines without TLS' => 'ok none' ],
	[ 'the machine itself', ['host all all 127.0.0.1/32 scram-sha-256', 'host all all ::1/128 scram-sha-256', 'host all all samehost md5'], 'lines without TLS' => 'ok none' ],
	[ 'rejected before', ['hostnossl all all all reject', 'host all all all scram-sha-256'], 'lines without TLS' => 'ok none' ],
	[ 'rejected behind', ['host all all all scram-sha-256', 'hostnossl all all all reject'], 'lines without TLS' => 'critical pg_hba.conf: 2' ],
	[ 'rejected for some', ['hostnossl all someone all reject', 'host all all all scram-sha-256'], 'lines without TLS' => 'critical pg_hba.conf: 3' ],
	[ 'rejected from some', ['hostnossl all all 10.0.0.0/8 reject', 'host all all all scram-sha-256'], 'lines without TLS' => 'critical pg_hba.conf: 3' ],
	[ 'all is not replication', ['hostnossl all all all reject', 'host replication all all scram-sha-256'], 'lines without TLS' => 'critical pg_hba.conf: 3' ],
	[ 'replication rejected', ['hostnossl replication all all reject', 'host replication all all scram-sha-256'], 'lines without TLS' => 'ok none' ],
	[ 'trust from the network', ['hostssl all all 10.0.0.0/8 trust'], 'lines with trust' => 'critical pg_hba.conf: 2' ],
	[ 'trust on the machine', ['host all all 127.0.0.1/32 trust', 'local replication all trust'], 'local trust' => 'warning pg_hba.conf: 2, 3' ],
	[ 'the same is not from the network', ['host all all 127.0.0.1/32 trust', 'local replication all trust'], 'lines with trust' => 'ok none' ],
	[ 'password over TCP', ['host all all 10.0.0.0/8 password'], 'passwords in clear text' => 'critical pg_hba.conf: 2' ],
	[ 'password over TLS', ['hostssl all all 10.0.0.0/8 password'], 'passwords in clear text' => 'ok none' ],
	[ 'md5', ['hostssl all all all md5'], 'lines with md5' => 'warning pg_hba.conf: 2' ],
	[ 'lines with errors', ['hostssl all all all nonsense'], 'pg_hba.conf' => 'warning 1 lines with errors' ]);

my $original = slurp_file($node->data_dir . '/pg_hba.conf');
for my $case (@cases)
{
	my ($what, $lines, $item, $expected) = @$case;

	admit(@$lines);
	is(item($item), $expected, $what);
}
unlink($node->data_dir . '/pg_hba.conf');
append_to_file($node->data_dir . '/pg_hba.conf', $original);

# Passwords: names for superusers, numbers for other auditors, nothing for
# anybody else.
$node->safe_psql('postgres', <<'SQL');
SET password_encryption = 'md5';
CREATE ROLE old_login LOGIN PASSWORD 'x';
SET password_encryption = 'scram-sha-256';
CREATE ROLE new_login LOGIN PASSWORD 'x';
CREATE ROLE group_only PASSWORD NULL;
CREATE ROLE auditor_login LOGIN;
SELECT migrate_grant('auditor', 'auditor_login');
SQL
is(item('md5 passwords'), 'critical 1: old_login', 'md5 passwords');
like(item('logins without password'), qr/^ok 2: auditor_login, /, 'none');
is(item('md5 passwords', $node, $node->connstr('postgres') . ' user=auditor_login'), 'critical 1', 'no names for others');
my ($code, undef, $err) = $node->psql('postgres', 'SELECT * FROM audit_encryption()', extra_params => [ '-U', 'new_login' ]);
like($err, qr/lacks the capability "auditor"/, 'only for auditors');
$node->safe_psql('postgres', 'DROP ROLE old_login');
is(item('md5 passwords'), 'ok 0', 'no md5 passwords');

# Settings.
is(item('password encryption'), 'ok scram-sha-256', 'password encryption');
configure(password_encryption => 'md5');
is(item('password encryption'), 'critical md5', 'md5');
configure(log_statement => 'none');
is(item('server log'), 'warning log_min_error_statement = error', 'what fails is logged with its values');
configure(log_min_error_statement => 'panic', log_statement => 'none', log_min_duration_statement => '-1', log_parameter_max_length_on_error => '0');
is(item('server log'), 'ok', 'unless told not to');
configure(log_statement => 'mod', log_min_duration_statement => '250');
is(item('server log'), 'warning log_min_duration_statement = 250, log_statement = mod', 'what is logged');
configure(log_statement => 'none', log_min_duration_statement => '-1');
# 18's initdb switches them on.
is(item('data checksums'), $node->safe_psql('postgres', 'SHOW data_checksums') eq 'on' ? 'ok on' : 'warning off', 'data checksums');
is(item('pgcrypto'), 'ok not installed', 'pgcrypto');

# What the server cannot know.
is( $node->safe_psql('postgres', q{SELECT string_agg(item, ', ') FROM audit_encryption() WHERE status = 'unknown'}),
	'channel binding, disk, backups', 'unknown');
is($node->safe_psql('postgres', q{SELECT count(*) FROM audit_encryption() WHERE status IN ('warning', 'critical', 'unknown') AND (message IS NULL OR remedy IS NULL)}),
	'0', 'what is not right has a message and a remedy');

# Servers that this one talks to.
SKIP:
{
	skip 'postgres_fdw is not installed', 2
	  if $node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'postgres_fdw'}) eq '0';
	$node->safe_psql('postgres', q{CREATE EXTENSION postgres_fdw; CREATE SERVER plain FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'elsewhere')});
	is(item('other servers'), 'warning 1 of 1', 'a foreign server');
	$node->safe_psql('postgres', q{ALTER SERVER plain OPTIONS (ADD sslmode 'verify-full')});
	is(item('other servers'), 'ok 0 of 1', 'with TLS');
}

# Connections.  The server of a test listens on Unix sockets only.
is(item('this connection'), 'ok Unix socket', 'a Unix socket');
is(item('ssl'), 'ok off', 'no TLS, no network');
is(item('lowest TLS version'), '', 'whose settings do not matter');

SKIP:
{
	skip 'no OpenSSL', 10 if !$with_tls;
	my $dir = $node->data_dir;

	system_or_bail('sh', '-c', "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout '$dir/server.key' -out '$dir/server.crt' 2>/dev/null");
	chmod(0600, "$dir/server.key");
	append_to_file("$dir/pg_hba.conf", "host all all 127.0.0.1/32 trust\n");
	$node->append_conf('postgresql.conf', "listen_addresses = '127.0.0.1'\n");
	$node->restart;
	is(item('ssl'), 'critical off', 'no TLS in a network');
	my $tcp = 'host=127.0.0.1 port=' . $node->port . ' dbname=postgres user=' . $node->safe_psql('postgres', 'SELECT current_user');
	is(item('this connection', $node, "$tcp sslmode=disable"), 'warning not encrypted', 'TCP in clear text');
	is(item('connections', $node, "$tcp sslmode=disable"), 'warning 1 of 1', 'is counted');
	configure(ssl => 'on');
	is(item('ssl'), 'ok on', 'TLS');
	like(item('this connection', $node, "$tcp sslmode=require"), qr/^ok TLSv1\.[23] \S+$/, 'over TLS');
	is(item('connections', $node, "$tcp sslmode=require"), 'ok 0 of 1', 'is counted too');
	is(item('channel binding'), 'unknown offered', 'channel binding');
	like(item('lowest TLS version'), qr/^ok TLSv1\.2$/, 'the lowest version');
	like(item('ciphers'), qr/^warning /, 'ciphers as they come');
	configure(ssl_ciphers => 'HIGH:!aNULL:!3DES:!MD5');
	like(item('ciphers'), qr/^ok HIGH/, 'strong ones');
}

# A standby can be asked, and tells how it gets what the primary has.
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->append_conf('postgresql.conf', "listen_addresses = ''\n");
chmod(0600, $standby->data_dir . '/server.key') if $with_tls;
$standby->start;
$node->wait_for_catchup($standby);
is(item('upstream', $standby), 'ok Unix socket', 'a standby');
is(item('upstream'), '', 'a primary has none');
is(item('replication'), 'ok 0 of 0', 'replication over a Unix socket');
$standby->stop;
$node->stop;

done_testing();
