#!/bin/sh
# Install what building and testing need, where something is missing.
# On Debian and its kin with apt-get; elsewhere say what is wanted.
set -u

build="libconfuse-dev libbsd-dev libtirpc-dev libwrap0-dev pkg-config"
test="libcmocka-dev python3-pytest iproute2 procps util-linux clang
    libclang-rt-14-dev valgrind mandoc cppcheck debootstrap"

command -v dpkg-query >/dev/null 2>&1 || {
	echo "deps: this is no Debian; needed: libconfuse and libbsd with" \
	    "headers, for tests also cmocka, pytest and iproute2"
	exit 0
}

installed() {
	dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null |
	    grep -q '^installed'
}

missing=
for package in $build $test; do
	installed "$package" || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null 2>&1 || {
		echo "deps: missing, and only root can install:$missing" >&2
		exit 1
	}
	as_root=sudo
fi

echo "deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >/dev/null || exit 1
for package in $missing; do
	# names differ between releases: what does not exist is left out, and
	# the stage that wanted it says so
	apt-cache show "$package" >/dev/null 2>&1 && have="${have:-} $package"
done
$as_root apt-get install -q -y --no-install-recommends ${have:-} >/dev/null
