#
# test/tap/vectors.pl
#	  hipaa-migrate-verify against frozen vectors: test/vectors/check.py.
#
use strict;
use warnings;

use FindBin;
use Test::More;

plan skip_all => 'python3 is not installed'
  if system('python3 -c "import sys; sys.exit(sys.version_info < (3, 9))" 2>/dev/null') != 0;

$| = 1;
exec('python3', "$FindBin::RealBin/../vectors/check.py") or die "python3: $!";
