#!/bin/sh
# Make, once, the disks of two stock Debian hosts below DIR, one with
# openbsd-inetd and one with xinetd, and unpack Debian's kernel beside them.
# Nothing is installed on this host.  Where that is not possible the reason
# is left in DIR/why, and the tests are skipped.
#
#	prepare.sh [DIR]	default: build/vm
#
# Disks that exist are kept as long as these scripts are those that made them.
set -u
. tests/debian.sh
mkdir -p "${1:-build/vm}"
dir=$(cd "${1:-build/vm}" && pwd)
log=$dir/log

host="systemd-sysv procps update-inetd"
libraries="libconfuse2 libbsd0 libwrap0 libtirpc3t64 libtirpc3 libseccomp2"
inetd="openbsd-inetd tcpd fingerd finger nullidentd"
xinetd="xinetd tcpd fingerd finger"

exec 9> "$dir/lock"
flock 9
rm -f "$dir/why"

give_up() {
	echo "vm: skipped: $1"
	echo "$1" > "$dir/why"
	rm -rf --one-file-system "$dir"/*.root
	exit 0
}

stamp=$(cat "$0" tests/debian.sh tests/vm/guest/* | cksum)
command -v qemu-system-x86_64 >/dev/null ||
    give_up "qemu-system-x86_64 is not installed"
PATH=$PATH:/usr/sbin:/sbin
command -v mke2fs >/dev/null || give_up "mke2fs is not installed"
[ "$(cat "$dir/stamp" 2>/dev/null)" = "$stamp" ] && exit 0
[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] ||
    give_up "the guest is an amd64 Debian, and this host is not"
reason=$(debian_can) || give_up "$reason"

# The guest has a console for us alone, and need not know its disk.
agent() {	# root
	install -m 755 tests/vm/guest/agent tests/vm/guest/ports \
	    "$1/usr/local/sbin" &&
	    install -m 644 tests/vm/guest/agent.service \
	    "$1/etc/systemd/system" &&
	    mkdir -p "$1/etc/systemd/system/multi-user.target.wants" &&
	    ln -sf ../agent.service \
	    "$1/etc/systemd/system/multi-user.target.wants/agent.service" &&
	    cksum tests/vm/prepare.sh | md5sum | cut -c1-32 \
	    > "$1/etc/machine-id" &&
	    echo guest > "$1/etc/hostname" &&
	    echo "127.0.0.1 localhost guest" > "$1/etc/hosts"
}

disk() {	# name, packages: from the base
	name=$1
	shift
	rm -rf --one-file-system "$dir/$name.root"
	cp -a "$dir/base.root" "$dir/$name.root" &&
	    debian_conf "$dir/$name.root" > "$dir/$name.root.apt" &&
	    debian_add "$dir/$name.root" "$@" || return
	rm -f "$dir/$name.root/usr/sbin/policy-rc.d"
	debian_done "$dir/$name.root"
	rm -f "$dir/$name.img"
	mke2fs -q -t ext4 -d "$dir/$name.root" "$dir/$name.img" 1G &&
	    rm -rf --one-file-system "$dir/$name.root"
}

# The name without a version depends on the one with it.
kernel() {
	for name in linux-image-cloud-amd64 linux-image-amd64; do
		package=$(apt-cache -c "$dir/base.root.apt" depends "$name" |
		    sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' |
		    head -1)
		[ -z "$package" ] || break
	done
	[ -n "$package" ] || return
	rm -rf "$dir/kernel"
	debian_unpack "$dir/base.root" "$dir/kernel" "$package" &&
	    mv "$dir"/kernel/boot/vmlinuz-* "$dir/vmlinuz"
}

make_all() {
	rm -rf --one-file-system "$dir"/*.root
	mkdir "$dir/base.root"
	# shellcheck disable=SC2046,SC2086
	debian_root "$dir/base.root" $host && kernel &&
	    debian_add "$dir/base.root" \
	    $(debian_known "$dir/base.root" $libraries) &&
	    agent "$dir/base.root" && disk inetd $inetd &&
	    disk xinetd $xinetd || return
	debian_done "$dir/base.root"
	rm -rf --one-file-system "$dir/base.root"
}

echo "vm: making two hosts from this machine's sources, once"
make_all > "$log" 2>&1 9>&- ||
    give_up "its packages cannot be had, see $log"
echo "$stamp" > "$dir/stamp"
