#!/bin/sh
# Install what building needs or can use ("deps.sh build"), or building and
# testing, where something is missing.  On Debian and its kin with apt-get; elsewhere
# say what is wanted.
set -u

build="libconfuse-dev libbsd-dev pkg-config"
# superd is built without what they are for
optional="libseccomp-dev libtirpc-dev libwrap0-dev"
test="libcmocka-dev python3-pytest iproute2 procps util-linux netbase clang
    libclang-rt-dev clang-format clang-tidy valgrind mandoc cppcheck
    qemu-system-x86 e2fsprogs strace debhelper lintian rpm rpmlint
    podman python3-yaml"
[ "${1:-all}" = build ] && test=

command -v dpkg-query >/dev/null 2>&1 || {
	echo "deps: this is no Debian; needed: libconfuse and libbsd with" \
	    "headers, for tests also cmocka, pytest and iproute2"
	exit 0
}

# pkg-config is a name that others provide
installed() {
	case $1 in
	pkg-config)
		command -v pkg-config >/dev/null 2>&1
		return
		;;
	esac
	dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null |
	    grep -q '^installed'
}

missing_of() {
	for package; do
		installed "$package" || echo "$package"
	done
}

# without these there is nothing to build; what a test lacks, it says itself
finish() {
	for package in $(missing_of $optional); do
		echo "deps: built without $package"
	done
	[ -z "$(missing_of $build)" ]
	exit
}

known() {
	apt-cache show "$1" >/dev/null 2>&1
}

update() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q \
	    >/dev/null || echo "deps: apt-get update failed" >&2
}

install() {
	set --
	# names differ between releases: what does not exist is left out
	for package in $missing; do
		known "$package" && set -- "$@" "$package"
	done
	[ $# -eq 0 ] && return
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
	    --no-install-recommends "$@" >/dev/null
}

missing=$(missing_of $build $optional $test)
[ -z "$missing" ] && exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null 2>&1 || {
		echo "deps: what is missing can be installed by root with" >&2
		echo "    apt-get install" $missing >&2
		finish
	}
	as_root=sudo
	# where nobody can answer, it must not ask
	[ -t 0 ] || as_root="sudo -n"
fi

echo "deps: installing" $missing
for package in $missing; do
	known "$package" || {
		update
		break
	}
done
install || {
	# the lists may be older than the archive
	update
	install
}
finish
