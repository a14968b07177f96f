
# test/tap/HipaaMigrateClock.pm
#	  Servers that are shown another date: libfaketime (Debian's package
#	  faketime).  The clock that cannot be set is left alone.
package HipaaMigrateClock;

use strict;
use warnings FATAL => 'all';
use Exporter 'import';
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(require_faketime restart_after);

my ($faketime) = glob('/usr/lib/*/faketime/libfaketime.so.1 /usr/lib*/faketime/libfaketime.so.1');
my $select;

# Skips the test where time cannot be moved.
#
# PostgreSQL 15's postmaster starts workers in a signal handler that interrupts
# its select(), in which libfaketime shows the true time; they would inherit
# that.  So select() must not be libfaketime's.
sub require_faketime
{
	plan skip_all => 'libfaketime is not installed (Debian: apt-get install faketime)' unless $faketime;
	$select = PostgreSQL::Test::Utils::tempdir() . '/select';
	append_to_file("$select.c", <<'C');
#define _GNU_SOURCE
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

int
select(int nfds, fd_set *in, fd_set *out, fd_set *err, struct timeval *timeout)
{
	struct timespec wait;

	if (timeout)
		wait = (struct timespec) {timeout->tv_sec, timeout->tv_usec * 1000};
	return syscall(SYS_pselect6, nfds, in, out, err, timeout ? &wait : NULL, NULL);
}
C
	run_log([ 'cc', '-shared', '-fPIC', '-o', "$select.so", "$select.c" ])
	  or plan skip_all => 'there is no C compiler';
	return;
}

# What remains of the test runs so many seconds after the true time.
sub restart_after
{
	my ($node, $seconds) = @_;
	local %ENV = (%ENV,
		LD_PRELOAD => "$select.so $faketime", FAKETIME => sprintf('%+ds', $seconds), DONT_FAKE_MONOTONIC => 1,
		FAKETIME_DONT_FAKE_MONOTONIC => 1);

	$node->stop;
	$node->start;
	return;
}

1;
