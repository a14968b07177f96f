# test/bench/Armed.pm
#	  What the parts that measure the guard share: a server where every class
#	  is enforced, beside two without the library, and what a migration does.
package Armed;

use strict;
use warnings;
use Bench;
use Cluster;
use Exporter 'import';

our @EXPORT = qw(%PORT library on build_clusters ddl);

our %PORT = (without => 5511, again => 5512, armed => 5513);

sub library { return $_[0] eq 'armed' ? 'hipaa_migrate' : '' }

# Whatever is run needs to know only which server.
sub on
{
	my ($name, $code) = @_;

	local $ENV{PGPORT} = $PORT{$name};
	return $code->();
}

sub build_clusters
{
	my ($settings) = @_;
	my $data = make_cluster('guard', "max_locks_per_transaction = 1024\n" . ($settings // ''));
	my %data;

	start_cluster($data, $PORT{without}, '');
	on('without', sub { execute('pgbench', '-i', '-q', 'postgres') });
	stop_cluster($data);
	%data = map { $_ => copy_cluster($data, "$data.$_") } keys %PORT;
	start_cluster($data{armed}, $PORT{armed}, 'hipaa_migrate');
	on('armed', sub {
		sql('postgres', 'CREATE EXTENSION hipaa_migrate', q{SELECT migrate_guard('enforce', 'the benchmark')});
	});
	stop_cluster($data{armed});
	return %data;
}

# What one migration does: a table, filled, with all that belongs to it.
sub ddl
{
	my ($n) = @_;

	return <<"SQL";
CREATE TABLE made$n (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT now());
CREATE INDEX ON made$n (name);
INSERT INTO made$n (name) SELECT i::text FROM generate_series(1, 1000) AS i;
ALTER TABLE made$n ADD COLUMN state text, ADD CHECK (name <> '');
CREATE VIEW seen$n AS SELECT id, name FROM made$n;
SQL
}

1;
