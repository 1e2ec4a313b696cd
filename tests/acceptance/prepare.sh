#!/bin/sh
# Bootstrap, once, a private root with Debian's real servers and clients
# under build/.  Nothing is installed on the host.  Where that is not possible
# the reason is left in build/acceptance-root.why, and the tests are skipped.
set -u
build=build
root=$build/acceptance-root
why=$build/acceptance-root.why

servers="inetutils-ftpd inetutils-telnetd fingerd nullidentd tftpd-hpa rsync
    git openssh-server micro-httpd nagios-nrpe-server rstatd rpcbind inetutils-talkd
    tcpd update-inetd xinetd"
clients="curl expect telnet finger tftp-hpa openssh-client netcat-openbsd
    nagios-nrpe-plugin rstat-client iproute2 procps"
libraries="libconfuse2 libbsd0 libtirpc3 libwrap0 python3-minimal"
packages=$(echo $servers $clients $libraries | tr ' ' '\n' | LC_ALL=C sort | xargs)

mkdir -p "$build"
rm -f "$why"
[ "$(cat "$root/.packages" 2>/dev/null)" = "$packages" ] && exit 0

give_up() {
	echo "acceptance: skipped: $1"
	echo "$1" > "$why"
	rm -rf --one-file-system "$root"
	exit 0
}

[ "$(id -u)" -eq 0 ] || give_up "only root can make a private root"
command -v debootstrap >/dev/null 2>&1 ||
    give_up "debootstrap is not installed"

mirror=$(sed -n 's/^deb[^h]*\(http[^ ]*\) bookworm main.*/\1/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    head -1)
[ -n "$mirror" ] || mirror=$(sed -n 's/^URIs: \([^ ]*\).*/\1/p' \
    /etc/apt/sources.list.d/*.sources 2>/dev/null | head -1)
echo "acceptance: making $root, once; this takes some minutes"
rm -rf --one-file-system "$root"
debootstrap --variant=minbase bookworm "$root" \
    "${mirror:-http://deb.debian.org/debian}" \
    > "$build/acceptance-root.log" 2>&1 ||
    give_up "debootstrap failed, see $build/acceptance-root.log"
# the host's way to its packages: proxies and sources
cp /etc/apt/sources.list "$root/etc/apt/" 2>/dev/null
cp -r /etc/apt/sources.list.d /etc/apt/apt.conf.d "$root/etc/apt/" 2>/dev/null
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null
# no server is started where it is only unpacked
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
printf 'path-exclude /usr/share/doc/*\npath-exclude /usr/share/locale/*\n' \
    > "$root/etc/dpkg/dpkg.cfg.d/small"
DEBIAN_FRONTEND=noninteractive chroot "$root" sh -c "
    apt-get update -q && apt-get install -q -y --no-install-recommends \
    $packages && apt-get clean" >> "$build/acceptance-root.log" 2>&1 ||
    give_up "packages cannot be installed, see $build/acceptance-root.log"
echo "$packages" > "$root/.packages"
