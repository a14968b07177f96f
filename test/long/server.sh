# test/long/server.sh
#	  The server with assertions, for the long checks: sourced, never run.
#
# make_assert_server builds it once, in HM_ASSERT_DIR, and sets assert_config
# to its pg_config and source to PostgreSQL's source tree.  With assertions
# come memory filled with garbage after it is freed and, through USE_VALGRIND,
# what memcheck needs to know of memory contexts.  Needs test/releases.sh.

assert_directory=${HM_ASSERT_DIR:-/var/cache/hipaa_migrate/assert-15}
assert_config=$assert_directory/server/bin/pg_config
source=$assert_directory/source

make_assert_server() {
	[ ! -x "$assert_config" ] || return 0
	need_packages gcc make perl bison flex pkg-config libssl-dev libxml2-dev zlib1g-dev valgrind dpkg-dev bzip2 libipc-run-perl
	as_root mkdir -p "$assert_directory"
	as_root chown "$(id -un)" "$assert_directory"
	[ -d "$source" ] || fetch_source 15 "$(sources_of deb-src bookworm)" "$source"
	echo "Building a server with assertions in $assert_directory, which takes some minutes ..."
	build_assert_server >"$assert_directory/build.log" 2>&1 || {
		tail -n 20 "$assert_directory/build.log"
		return 1
	}
}

# fetch_source MAJOR SOURCES DIRECTORY: unpacks PostgreSQL's source tree there;
# SOURCES are lines for apt.  The machine's own need not list source packages,
# and of the listed versions the newest may be gone from the mirror already.
fetch_source() {
	echo "Fetching PostgreSQL's source package ..."
	download=$3.download
	mkdir -p "$download"
	echo "$2" >"$download/sources.list"
	apt_apart "$download" apt-get -qq update
	for version in $(apt_apart "$download" apt-cache showsrc "postgresql-$1" | sed -n 's/^Version: //p' | sort -rV)
	do
		(cd "$download" && apt_apart "$download" apt-get -qq source --download-only "postgresql-$1=$version" 2>errors) && break
		echo "Version $version is not on the mirror, trying an older one."
	done
	rm -rf "$3.unfinished"
	mkdir "$3.unfinished"
	tar -C "$3.unfinished" --strip-components=1 -xjf "$download/postgresql-$1"_*.orig.tar.bz2
	mv "$3.unfinished" "$3"
	rm -rf "$download"
}

# pg_config is installed last: only then is the server taken for finished.
build_assert_server() {
	rm -rf "$assert_directory/build" "$assert_directory/server"
	mkdir "$assert_directory/build"
	(
		cd "$assert_directory/build"
		unset MAKEFLAGS MAKELEVEL MFLAGS
		../source/configure -q --prefix="$assert_directory/server" --enable-cassert --enable-debug \
			--enable-tap-tests --with-openssl --with-libxml --without-readline \
			CFLAGS='-O1 -g -fno-omit-frame-pointer' CPPFLAGS=-DUSE_VALGRIND
		make -s -j2
		make -s -j2 -C contrib
		make -s install
		make -s -C contrib install
	) && rm -rf "$assert_directory/build"
}
