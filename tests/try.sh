#!/bin/sh
# Run superd in the foreground on the sample, and say what to try.
B=${1:-build}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cat > "$dir/inetd.conf" <<EOF
.include $PWD/etc/try.conf
# a real program, as whoever runs this
7022  stream  tcp  nowait  $(id -un)  /usr/bin/id  id
EOF
cat <<EOF

superd serves etc/try.conf on ports 7007, 7013 and 7019, and /usr/bin/id on 7022.
Try from another terminal (Ctrl-C here ends it):

  printf hello | nc -N localhost 7007       echo
  nc localhost 7022                         a program: who serves you
  $B/superctl -s $dir/control status

EOF
"$B/superd" -F -l -p none --control "$dir/control" \
    "$dir/inetd.conf"
