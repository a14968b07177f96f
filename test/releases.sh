# test/releases.sh
#	  Debian's releases, each with its major of PostgreSQL: sourced, never run.
#
# What is for another release than the machine's own runs in a chroot of it
# under HM_MATRIX_DIR (/var/cache/hipaa_migrate), made when it is missing and
# kept.  Needs test/machine.sh; making and entering a chroot needs root.

directory=${HM_MATRIX_DIR:-/var/cache/hipaa_migrate}
here=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

release_of() {
	case $1 in
		15) echo bookworm ;;
		17) echo trixie ;;
		18) echo forky ;;
		*) echo "PostgreSQL $1 is in no Debian release: choose from 15, 17 and 18." >&2; exit 2 ;;
	esac
}

# mirror_of RELEASE: where this machine's own apt finds that release.
mirror_of() {
	apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
		awk -v release="$1" '$1 == release { print $2; exit }'
}

# sources_of TYPE RELEASE: lines for apt, of TYPE deb or deb-src.
sources_of() {
	options='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
	echo "$1 $options $(mirror_of "$here") $2 main"
	security=$(mirror_of "$here-security")
	[ "$2" = forky ] || [ -z "$security" ] ||
		echo "$1 $options $security $2-security main"
}

# apt_apart DIRECTORY PROGRAM...: a program of apt with the sources.list of
# DIRECTORY; all that it learns and fetches stays there.
apt_apart() {
	apart=$1
	program=$2
	shift 2
	mkdir -p "$apart/lists/partial"
	"$program" -o Dir::Etc::sourcelist="$apart/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State::lists="$apart/lists" -o Dir::State::status=/dev/null -o Dir::Cache="$apart" -o APT::Sandbox::User= "$@"
}

# make_chroot RELEASE: once; what is half done is never taken for finished.
make_chroot() {
	[ ! -d "$directory/$1" ] || return 0
	echo "Making a chroot of Debian $1 in $directory ..."
	need_packages debootstrap ca-certificates
	script=/usr/share/debootstrap/scripts/$1
	[ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
	rm -rf "$directory/$1.unfinished"
	mkdir -p "$directory"
	debootstrap_log=$(mktemp)
	debootstrap --variant=minbase "$1" "$directory/$1.unfinished" "$(mirror_of "$here")" "$script" \
		>"$debootstrap_log" 2>&1 || {
		tail -n 20 "$debootstrap_log"
		return 1
	}
	rm -f "$debootstrap_log"
	sources_of deb "$1" >"$directory/$1.unfinished/etc/apt/sources.list"
	mv "$directory/$1.unfinished" "$directory/$1"
}

# in_chroot RELEASE COMMAND...: mounts and processes of the command end with it.
in_chroot() {
	root=$directory/$1
	shift
	cp -L /etc/resolv.conf "$root/etc/resolv.conf"
	unshare --mount --pid --fork --kill-child sh -euc '
		root=$1
		shift
		mount -t proc proc "$root/proc"
		mkdir -p "$root/dev/shm"
		mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
		exec chroot "$root" "$@"' sh "$root" env -i \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
}

# Nothing that is installed in a chroot starts a server there by itself.
calm_chroot() {
	printf '#!/bin/sh\nexit 101\n' >"$directory/$1/usr/sbin/policy-rc.d"
	chmod +x "$directory/$1/usr/sbin/policy-rc.d"
	mkdir -p "$directory/$1/etc/postgresql-common"
	echo 'create_main_cluster = false' >"$directory/$1/etc/postgresql-common/createcluster.conf"
	in_chroot "$1" env DEBIAN_FRONTEND=noninteractive dpkg --configure --pending --force-confold
}

# on_release RELEASE COMMAND...: from a copy of the current tree in a chroot
# of that release; from the tree itself where the machine is of it.
on_release() {
	release=$1
	shift
	if [ "$release" = "$here" ]
	then
		"$@"
		return
	fi
	make_chroot "$release" && calm_chroot "$release" || return 1
	(
		RUN_AS=root
		tree=/srv/hipaa_migrate.$$
		trap 'rm -rf "$directory/$release$tree"' EXIT
		trap 'exit 130' INT TERM
		copy_tree . "$directory/$release$tree"
		in_chroot "$release" sh -c 'cd "$0" && exec "$@"' "$tree" "$@"
	)
}
