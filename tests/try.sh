#!/bin/sh
# Run superd in the foreground on the sample, and say what to try.
B=${1:-build}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
# Ctrl-C is superd's to obey; this waits for it, and then cleans up
trap : INT TERM
# superd reads no file that others may write, as a checkout may be
umask 022
# a real program, too, as whoever runs this
cat etc/try.conf - > "$dir/inetd.conf" <<END || exit 1
127.0.0.1,[::1]:7022  stream  tcp  nowait  $(id -un)  /usr/bin/id  id
END
# where there is no IPv6
grep -q . /proc/net/if_inet6 2>/dev/null ||
    sed -i 's/,\[::1\]//' "$dir/inetd.conf"
cat <<END

superd serves etc/try.conf to this host: echo on port 7007, daytime on 7013,
chargen on 7019; and a program, /usr/bin/id, on 7022.  Ctrl-C here ends it.
Try from another terminal:

  bash -c 'exec 3<>/dev/tcp/localhost/7007; echo hello >&3; head -1 <&3'
  bash -c 'cat </dev/tcp/localhost/7022'
  $B/superctl -s $dir/control status

END
"$B/superd" -F -l -p none --control "$dir/control" "$dir/inetd.conf"
