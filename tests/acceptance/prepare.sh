#!/bin/sh
# Bootstrap, once, a private root with Debian's real servers and clients
# under build/.  Nothing is installed on the host.  Where that is not possible
# the reason is left in ROOT.why, and the tests are skipped.
#
#	prepare.sh [ROOT]	default: $ACCEPT_ROOT or build/acceptance-root
#
# A root that exists is kept as long as this script is the one that made it.
set -u
. tests/debian.sh
root=${1:-${ACCEPT_ROOT:-build/acceptance-root}}

servers="inetutils-ftpd inetutils-telnetd fingerd nullidentd tftpd-hpa rsync
    git openssh-server micro-httpd nagios-nrpe-server rstatd rpcbind
    inetutils-talkd tcpd"
clients="curl expect telnet finger tftp-hpa openssh-client netcat-openbsd
    nagios-nrpe-plugin rstat-client iproute2 procps haproxy nginx-light
    libnginx-mod-stream"
# ... of them, of autopkgtest, and of who builds superd in a container
needed="update-inetd libconfuse2 libbsd0 libseccomp2 libtirpc3 libwrap0
    libevent-2.1-7 python3-minimal autopkgtest gcc libc6-dev make pkg-config
    libbsd-dev libconfuse-dev libseccomp-dev"
# only unpacked, under /opt: what cannot be installed beside the others
unpacked="openbsd-inetd inetutils-inetd xinetd atftpd"

mkdir -p "$(dirname "$root")"
root=$(cd "$(dirname "$root")" && pwd)/$(basename "$root")
why=$root.why
log=$root.log
new=$root.new
exec 9> "$root.lock"
flock 9
rm -f "$why"
stamp=$(cat "$0" tests/debian.sh | cksum)
[ "$(cat "$root/.stamp" 2>/dev/null)" = "$stamp" ] && exit 0

give_up() {
	echo "acceptance: skipped: $1"
	echo "$1" > "$why"
	rm -rf --one-file-system "$new"
	exit 0
}

# What packages add their lines to, as on a host with a superserver.
inetd_conf() {
	for group in INTERNAL STANDARD BSD MAIL INFO BOOT RPC OTHER; do
		printf '#:%s:\n\n' "$group"
	done
}

shrink() {
	debian_done "$new"
	rm -rf "$new"/opt/*/usr/share/doc "$new"/opt/*/usr/share/man
}

make_root() {
	# shellcheck disable=SC2046,SC2086
	debian_root "$new" netbase && inetd_conf > "$new/etc/inetd.conf" &&
	    debian_add "$new" $servers $clients $(debian_known "$new" $needed) &&
	    for program in $unpacked; do
		debian_unpack "$new" "$new/opt/$program" "$program" || return
	    done
}

reason=$(debian_can) || give_up "$reason"
echo "acceptance: making $root from this machine's sources, once"
rm -rf --one-file-system "$new"
mkdir "$new"
make_root > "$log" 2>&1 9>&- ||
    give_up "its packages cannot be had, see $log"
shrink
echo "$stamp" > "$new/.stamp"
rm -rf --one-file-system "$root"
mv "$new" "$root"
