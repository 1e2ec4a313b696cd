#!/bin/sh
# Get Debian's packages of the peers, once, and unpack them below ROOT with
# the libraries they may lack.  Nothing is installed on the host.  BusyBox is
# built from Debian's source, since its packages come without inetd.  What
# cannot be had is said in ROOT/NAME.why, and is left out of the comparison.
#
#	prepare.sh [ROOT]	default: build/bench-root
#
# A root that exists is kept as long as this script is the one that made it.
set -u
. tests/debian.sh
root=${1:-build/bench-root}
log=$root.log

peers="xinetd openbsd-inetd ucspi-tcp haproxy socat"
libraries="libwrap0 libnsl2 libevent-core-2.1-7 libevent-2.1-7 libtirpc3
    libbsd0 libmd0 liblua5.3-0 libpcre2-8-0
    libopentracing-c-wrapper0 libopentracing1
    libssl3 libcrypt1 libsystemd0 libcap2 libgcrypt20 libgpg-error0 liblz4-1
    libzstd1 liblzma5 zlib1g libgssapi-krb5-2 libkrb5-3 libk5crypto3
    libkrb5support0 libcom-err2 libkeyutils1"

mkdir -p "$(dirname "$root")"
stamp=$(cat "$0" tests/debian.sh | cksum)
[ "$(cat "$root/.stamp" 2>/dev/null)" = "$stamp" ] && exit 0
echo "bench: unpacking the peers below $root, once"
rm -rf "$root"
mkdir -p "$root/packages" "$root/busybox"
root=$(cd "$root" && pwd)
exec 3> "$log"

why() {	# peer, reason
	echo "bench: no $1: $2"
	echo "$2" > "$root/$1.why"
}

command -v apt-get >/dev/null && command -v dpkg >/dev/null || {
	for peer in $peers busybox; do
		why $peer "this is no Debian"
	done
	echo "$stamp" > "$root/.stamp"
	exit 0
}

unpack() {	# package
	(cd "$root/packages" && timeout 120 apt-get -q download "$1" &&
	    dpkg -x "$1"_*.deb "$root") >&3 2>&1
}

for library in $libraries; do
	unpack "$library" || echo "no $library" >&3
done
for peer in $peers; do
	unpack "$peer" || why "$peer" "its package cannot be downloaded"
done

# Lists of our own: the host's may know no sources.
source_options() {
	debian_sources "$PWD/apt"
	mkdir -p lists/partial
	options="-o Dir::Etc::sourcelist=$PWD/apt/sources.list
	    -o Dir::Etc::sourceparts=$PWD/apt/sources.list.d
	    -o Dir::State::lists=$PWD/lists"
}

busybox_source() {
	source_options
	timeout 120 apt-get -q $options update
	timeout 120 apt-get -q $options source --download-only busybox &&
	    tar -xf busybox_*.orig.tar.* --strip-components 1
}

busybox_build() {
	make allnoconfig &&
	    sed -i 's/^# \(CONFIG_[A-Z_]*\) is not set$/\1/
		s/^\(CONFIG_\(STATIC\|LFS\|INETD\)\)$/\1=y/
		s/^\(CONFIG_FEATURE_INETD_[A-Z_]*\)$/\1=y/
		/^CONFIG_FEATURE_INETD_RPC/d
		s/^\(CONFIG_[A-Z_]*\)$/# \1 is not set/' .config &&
	    (yes "" | make oldconfig) && make -j2 busybox &&
	    ln -s busybox inetd
}

cd "$root/busybox"
busybox_source >&3 2>&1 || why busybox "its source cannot be downloaded"
[ -e "$root/busybox.why" ] || busybox_build >&3 2>&1 ||
    why busybox "it cannot be built, see $log"
find . -mindepth 1 ! -name busybox ! -name inetd -prune -exec rm -rf {} +
rm -rf "$root/packages" "$root"/usr/share
echo "$stamp" > "$root/.stamp"
