# Debian roots, made by apt alone with the machine's own sources, keys,
# proxies and preferences: whatever this host installs from, the root does.
# To be read by other scripts (.), not run.  ROOT is an absolute path.
#
#	debian_can		prints why not, where this host cannot
#	debian_root ROOT PACKAGE...	a new root of these and what is essential
#	debian_add ROOT PACKAGE...	more packages into it
#	debian_unpack ROOT DIR PACKAGE	into DIR, without installing it
#	debian_known ROOT NAME...	prints those names that the sources have
#	debian_done ROOT	removes what apt needed outside of the root
#	debian_sources DIR	the machine's sources, as deb-src, into DIR

debian_can() {
	if [ "$(id -u)" -ne 0 ]; then
		echo "only root can make a private root"
	elif ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null
	then
		echo "this is no Debian"
	elif ! debian_files | xargs -r cat |
	    grep -Eq '^(deb[[:space:]]|Types:(.*[[:space:]])?deb([[:space:]]|$))'
	then
		echo "this machine's apt knows no source of packages"
	else
		return 0
	fi
	return 1
}

# Its own lists, cache and state; the machine's configuration, but for hooks.
debian_conf() {	# root
	cat <<-END
	#clear APT::Update;
	#clear DPkg::Pre-Invoke;
	#clear DPkg::Post-Invoke;
	#clear DPkg::Pre-Install-Pkgs;
	Dir "$1/";
	Dir::Etc "$(debian_etc)";
	Dir::State::status "$1/var/lib/dpkg/status";
	DPkg::Chroot-Directory "$1";
	DPkg::Use-Pty "0";
	DPkg::Options { "--force-unsafe-io"; };
	APT::Sandbox::User "root";
	APT::Install-Recommends "false";
	END
}

debian_etc() {
	eval "$(apt-config shell etc Dir::Etc/d)"
	echo "${etc:-/etc/apt/}"
}

debian_apt() {	# root, arguments of apt-get
	debian_config=$1.apt
	shift
	DEBIAN_FRONTEND=noninteractive timeout 900 \
	    apt-get -q -y -c "$debian_config" "$@"
}

# The directories that packages expect to find; /bin is /usr/bin.
debian_tree() {	# root
	for part in bin sbin lib lib64; do
		mkdir -p "$1/usr/$part"
		ln -s "usr/$part" "$1/$part"
	done
	mkdir -p "$1/dev" "$1/etc/apt" "$1/etc/dpkg/dpkg.cfg.d" \
	    "$1/var/lib/dpkg/info" "$1/var/lib/dpkg/updates" \
	    "$1/var/lib/apt/lists/partial" "$1/var/log/apt" \
	    "$1/var/cache/apt/archives/partial"
	: > "$1/var/lib/dpkg/status"
	for node in null:3 zero:5 full:7 random:8 urandom:9; do
		mknod -m 666 "$1/dev/${node%:*}" c 1 "${node#*:}" || return
	done
	for part in doc man locale info; do
		echo "path-exclude /usr/share/$part/*"
	done > "$1/etc/dpkg/dpkg.cfg.d/small"
	# no server is started where it is only unpacked
	printf '#!/bin/sh\nexit 101\n' > "$1/usr/sbin/policy-rc.d"
	chmod 755 "$1/usr/sbin/policy-rc.d"
}

# What is essential is unpacked by hand: it installs all else, and itself.
debian_root() {	# root, packages
	debian_tree "$1" || return
	debian_conf "$1" > "$1.apt"
	debian_apt "$1" update || return
	debian_essential="?essential apt $(debian_known "$1" usr-is-merged)"
	# shellcheck disable=SC2086
	debian_apt "$1" install --download-only $debian_essential || return
	for deb in "$1"/var/cache/apt/archives/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" ||
		    echo "$deb cannot be unpacked" >&2
	done | tar -x -i --keep-directory-symlink -C "$1" -f - || return
	# what scripts of packages ask before its own package is set up
	for name in passwd group; do
		cp "$1/usr/share/base-passwd/$name.master" "$1/etc/$name"
	done
	[ -e "$1/usr/bin/awk" ] || ln -s mawk "$1/usr/bin/awk"
	debian_add "$@" $debian_essential
}

debian_add() {	# root, packages
	debian_at=$1
	shift
	debian_apt "$debian_at" install "$@" &&
	    debian_apt "$debian_at" clean
}

# Only unpacked, somewhere: nothing is asked or run.
debian_unpack() {	# root, directory, package
	mkdir -p "$2" && (cd "$2" && debian_apt "$1" download "$3" &&
	    dpkg-deb -x "$3"_*.deb . && rm "$3"_*.deb)
}

debian_known() {	# root, names
	debian_config=$1.apt
	shift
	for name; do
		[ -z "$(apt-cache -c "$debian_config" madison "$name" \
		    2>/dev/null)" ] || echo "$name"
	done
}

debian_done() {	# root
	rm -f "$1.apt"
	rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*
}

# The files that name the machine's sources, of both forms.
debian_files() {
	eval "$(apt-config shell list Dir::Etc::sourcelist/f \
	    parts Dir::Etc::sourceparts/d)"
	for from in "$list" "$parts"/*.list "$parts"/*.sources; do
		[ ! -f "$from" ] || echo "$from"
	done
}

# Who has no deb-src lines gets them: the machine's own, of the other type.
debian_sources() {	# directory
	mkdir -p "$1/sources.list.d"
	: > "$1/sources.list"
	debian_files | while read -r from; do
		to=$1/sources.list
		case $from in
		*/sources.list)	;;
		*)	to=$to.d/${from##*/} ;;
		esac
		sed 's/^deb\([[:space:]]\)/deb-src\1/
		    s/^Types:.*/Types: deb-src/' "$from" > "$to"
	done
}
