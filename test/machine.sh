# test/machine.sh
#	  What scripts that need a server share: sourced, never run.
#
# A script that may be started by root and on a fresh machine calls find_server
# (installs Debian packages where there is no server) and pick_user, and does
# all the rest through as_user, for a server refuses to run as root.  That
# includes the build: it goes into a copy of the server (copy_server), so
# that neither the machine's own installation is changed nor root is needed.

as_root() {
	if [ "$(id -u)" = 0 ]
	then
		"$@"
	else
		sudo "$@"
	fi
}

# need_packages PACKAGE...: installs the Debian packages that are missing.
need_packages() {
	missing=
	for package
	do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
			missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	command -v apt-get >/dev/null || {
		echo "This is not a Debian machine: please install what corresponds to$missing." >&2
		exit 1
	}
	echo "Installing$missing ..."
	apt_log=$(mktemp)
	# A fresh machine has no package lists, an old one lists what is gone.
	install_missing >"$apt_log" 2>&1 ||
		{ as_root apt-get update && install_missing; } >"$apt_log" 2>&1 || {
		cat "$apt_log"
		echo "Could not install$missing." >&2
		exit 1
	}
	rm -f "$apt_log"
}

install_missing() {
	# shellcheck disable=SC2086
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install --yes --quiet --no-install-recommends $missing </dev/null
}

# has_server PG_CONFIG: there are both a server and what extensions are built with.
has_server() {
	[ -x "$1" ] && [ -x "$("$1" --bindir)/postgres" ] && [ -f "$("$1" --pgxs)" ]
}

# find_server: sets PG_CONFIG, unless it is set, to that of a usable server; of
# major HM_MAJOR if that is set, else of pg_config's or the newest that is there.
find_server() {
	tools=
	command -v make >/dev/null || tools="$tools make"
	command -v gcc >/dev/null || tools="$tools gcc libc6-dev"
	command -v git >/dev/null || tools="$tools git"
	perl -MIPC::Run -MTest::More -e 1 2>/dev/null || tools="$tools perl libipc-run-perl"
	ls /usr/lib*/faketime/libfaketime.so.1 /usr/lib/*/faketime/libfaketime.so.1 2>/dev/null |
		grep -q . || tools="$tools faketime"
	# shellcheck disable=SC2086
	need_packages $tools

	if [ -n "${PG_CONFIG:-}" ]
	then
		PG_CONFIG=$(command -v "$PG_CONFIG") && has_server "$PG_CONFIG" && return 0
		echo "PG_CONFIG is not the pg_config of a server with its development files." >&2
		exit 1
	fi
	if [ -n "${HM_MAJOR:-}" ]
	then
		use_major "$HM_MAJOR"
		return
	fi
	newest_first=$(ls -d /usr/lib/postgresql/1[5678]/bin 2>/dev/null | sort -r)
	for PG_CONFIG in $(command -v pg_config) $(printf '%s/pg_config\n' $newest_first)
	do
		has_server "$PG_CONFIG" && return 0
	done

	# The major of the server that is there, else of the one Debian has.
	major=$(printf '%s\n' $newest_first | sed -n '1s,/usr/lib/postgresql/\(..\)/bin,\1,p')
	if [ -z "$major" ]
	then
		apt-cache show postgresql >/dev/null 2>&1 || as_root apt-get -q update >/dev/null
		major=$(apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9][0-9]\)$/\1/p' | head -n 1)
	fi
	use_major "$major"
}

use_major() {
	need_packages "postgresql-$1" "postgresql-server-dev-$1"
	PG_CONFIG=/usr/lib/postgresql/$1/bin/pg_config
}

# find_neighbours: other libraries that some tests want beside ours, where the
# server is a packaged one, its release has them and nobody needs to be asked.
find_neighbours() {
	major=$(echo "$PG_CONFIG" | sed -n 's,^/usr/lib/postgresql/\([0-9]*\)/bin/pg_config$,\1,p')
	[ -n "$major" ] && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; } || return 0
	for library in pgaudit cron set-user
	do
		! apt-cache show "postgresql-$major-$library" >/dev/null 2>&1 ||
			(need_packages "postgresql-$major-$library") || echo "Left out: tests with $library."
	done
}

# pick_user: sets RUN_AS, who runs servers: the caller, or for root another.
pick_user() {
	RUN_AS=$(id -un)
	[ "$(id -u)" = 0 ] || return 0
	RUN_AS=${HM_USER:-${SUDO_USER:-root}}
	[ "$RUN_AS" != root ] || RUN_AS=hipaa-migrate
	id "$RUN_AS" >/dev/null 2>&1 ||
		useradd --system --no-create-home --shell /usr/sbin/nologin "$RUN_AS"
}

as_user() {
	if [ "$(id -un)" = "$RUN_AS" ]
	then
		"$@"
	else
		runuser -u "$RUN_AS" -- "$@"
	fi
}

# copy_tree FROM TO: the sources, without what tests and git leave beside them.
copy_tree() {
	as_user mkdir -p "$2"
	tar -C "$1" -cf - --exclude=./.git --exclude=./tmp_check --exclude=./results \
		--exclude=./output_iso --exclude='./regression.*' . | as_user tar -C "$2" -xf - --no-same-owner
}

# copy_server DIRECTORY: makes a copy of the server of PG_CONFIG there and sets
# PG_CONFIG and BINDIR to it.  A server finds its files by the way from its
# programs, so these are copied and the rest can be symbolic links.
copy_server() {
	for kind in bindir pkglibdir sharedir includedir-server
	do
		path=$("$PG_CONFIG" --$kind)
		mkdir -p "$1$(dirname "$path")"
		cp -R "$([ $kind = bindir ] && echo --no-dereference || echo --symbolic-link)" "$path" "$1$path"
		find "$1$path" -name 'hipaa_migrate*' -prune -exec rm -rf {} +
	done
	BINDIR=$1$("$PG_CONFIG" --bindir)
	PG_CONFIG=$BINDIR/pg_config
}

# build_and_install [VARIABLE=value]...: from the current folder into the
# server of PG_CONFIG; variables go to make.
build_and_install() {
	unset MAKEFLAGS MAKELEVEL MFLAGS
	make -j2 -s PG_CONFIG="$PG_CONFIG" "$@" &&
		make -s install PG_CONFIG="$PG_CONFIG" "$@" >/dev/null
}

# start_server DIRECTORY: a new cluster in DIRECTORY/data, its socket in
# DIRECTORY, made the default of psql.
start_server() {
	"$BINDIR/initdb" --no-sync --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
		-D "$1/data" >"$1/initdb.log" 2>&1 || { cat "$1/initdb.log"; return 1; }
	{ cat test/conf/server.conf; echo "unix_socket_directories = '$1'"; } >>"$1/data/postgresql.conf"
	"$BINDIR/pg_ctl" -s -w -D "$1/data" -l "$1/server.log" start || { cat "$1/server.log"; return 1; }
	export PGHOST="$1" PGPORT=5432 PGUSER=postgres
}

stop_server() {
	"$BINDIR/pg_ctl" -s -D "$1/data" -m fast stop
}
