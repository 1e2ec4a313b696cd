#!/bin/sh
# Bootstrap, once, a private root with Debian's real servers and clients
# under build/.  Nothing is installed on the host.  Where that is not possible
# the reason is left in ROOT.why, and the tests are skipped.
#
#	prepare.sh [ROOT]	default: $ACCEPT_ROOT or build/acceptance-root
#
# A root that exists is kept as long as this script is the one that made it.
set -u
root=${1:-${ACCEPT_ROOT:-build/acceptance-root}}
suite=bookworm
why=$root.why
log=$root.log
new=$root.new

servers="inetutils-ftpd inetutils-telnetd fingerd nullidentd tftpd-hpa rsync
    git openssh-server micro-httpd nagios-nrpe-server rstatd rpcbind
    inetutils-talkd tcpd"
clients="curl expect telnet finger tftp-hpa openssh-client netcat-openbsd
    nagios-nrpe-plugin rstat-client iproute2 procps"
needed="update-inetd libconfuse2 libbsd0 libtirpc3 libwrap0 libevent-2.1-7
    python3-minimal"
# only unpacked, under /opt: what cannot be installed beside the others
unpacked="openbsd-inetd inetutils-inetd xinetd atftpd"

mkdir -p "$(dirname "$root")"
exec 9> "$root.lock"
flock 9
rm -f "$why"
stamp=$(cksum < "$0")
[ "$(cat "$root/.stamp" 2>/dev/null)" = "$stamp" ] && exit 0

give_up() {
	echo "acceptance: skipped: $1"
	echo "$1" > "$why"
	rm -rf --one-file-system "$new"
	exit 0
}

# Where this host gets its own packages from.
mirror() {
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
	    /etc/apt/sources.list.d/debian.sources 2>/dev/null | sed -n '
		s,^deb .*\(http[^ ]*/debian\)/\{0\,1\} [^ ]* main.*,\1,p
		s,^URIs:.* \(http[^ ]*/debian\)/\{0\,1\}$,\1,p' | head -1
}

bootstrap() {
	if command -v debootstrap >/dev/null 2>&1; then
		timeout 900 debootstrap --variant=minbase $include "$suite" "$new" "$1"
	else
		timeout 900 mmdebstrap --variant=minbase $include "$suite" "$new" "$1"
	fi
}

# What packages add their lines to, as on a host with a superserver.
inetd_conf() {
	for group in INTERNAL STANDARD BSD MAIL INFO BOOT RPC OTHER; do
		printf '#:%s:\n\n' "$group"
	done
}

configure() {
	# the host's way to its packages: proxies
	cp -r /etc/apt/apt.conf.d "$new/etc/apt/" 2>/dev/null
	cp /etc/resolv.conf "$new/etc/resolv.conf" 2>/dev/null
	echo "deb $1 $suite main" > "$new/etc/apt/sources.list"
	# no server is started where it is only unpacked
	printf '#!/bin/sh\nexit 101\n' > "$new/usr/sbin/policy-rc.d"
	chmod 755 "$new/usr/sbin/policy-rc.d"
	for part in doc man locale info; do
		echo "path-exclude /usr/share/$part/*"
	done > "$new/etc/dpkg/dpkg.cfg.d/small"
	inetd_conf > "$new/etc/inetd.conf"
}

packages() {
	DEBIAN_FRONTEND=noninteractive timeout 900 chroot "$new" sh -c "
		apt-get update -q &&
		apt-get install -q -y --no-install-recommends \
		    $(echo $servers $clients $needed) &&
		cd /opt && apt-get download -q $unpacked &&
		for p in $unpacked; do
			dpkg -x \${p}_*.deb \$p && rm \${p}_*.deb || exit 1
		done"
}

shrink() {
	rm -rf "$new"/var/lib/apt/lists/* "$new"/var/cache/apt/* \
	    "$new"/usr/share/doc/* "$new"/usr/share/man/* \
	    "$new"/usr/share/locale/* "$new"/usr/share/info/* \
	    "$new"/opt/*/usr/share/doc "$new"/opt/*/usr/share/man
}

[ "$(id -u)" -eq 0 ] || give_up "only root can make a private root"
command -v debootstrap >/dev/null 2>&1 ||
    command -v mmdebstrap >/dev/null 2>&1 ||
    give_up "neither debootstrap nor mmdebstrap is installed"

from=$(mirror)
from=${from:-http://deb.debian.org/debian}
case $from in
https:*)	include=--include=ca-certificates ;;
*)		include= ;;
esac
echo "acceptance: making $root from $from, once; this takes some minutes"
rm -rf --one-file-system "$new"
bootstrap "$from" > "$log" 2>&1 9>&- ||
    give_up "no $suite from $from, see $log"
configure "$from"
packages >> "$log" 2>&1 9>&- ||
    give_up "packages cannot be installed, see $log"
shrink
echo "$stamp" > "$new/.stamp"
rm -rf --one-file-system "$root"
mv "$new" "$root"
