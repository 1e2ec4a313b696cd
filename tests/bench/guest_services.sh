#!/bin/sh
# In the guest: so many services.  Prints the CPU seconds of superd's start,
# the MiB that its processes have, and the CPU seconds of a reload of
# unchanged files, all without what a superd with one service takes.
#
#	guest_services.sh COUNT
set -eu
cd /run
control=/run/many.sock pid=/run/many.pid conf=/run/many.conf
sysctl -qw fs.nr_open=1000000 fs.file-max=1000000
# dash and bash know it
# shellcheck disable=SC3045
ulimit -n 200000

services() {	# count
	awk -v n="$1" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "127.1.%d.1:%d stream tcp nowait nobody " \
			    "/bin/cat cat\n", i / 25000, 10000 + i % 25000
	}'
}

# Of the daemon and all it has waited for: user and system, in ticks.
ticks() {
	sed 's/.*) //' "/proc/$(cat $pid)/stat" |
	    awk '{ print $12 + $13 + $14 + $15 }'
}

memory() {	# kB
	awk '/^Pss:/ { print $2 }' "/proc/$(cat $pid)/smaps_rollup"
}

measure() {	# count: ticks of the start, kB, ticks of a reload
	services "$1" > $conf
	/mnt/superd -p $pid --control $control $conf 2>/run/many.log
	/mnt/superctl -s $control ping >/dev/null
	start=$(ticks)
	size=$(memory)
	/mnt/superctl -s $control -t 600 reload | grep -q "kept $1,"
	end=$(ticks)
	kill "$(cat $pid)"
	while [ -e $pid ]; do sleep 0.1; done
	echo "$start $size $((end - start))"
}

one=$(measure 1)
many=$(measure "$1")
echo "$one $many" | awk -v hz="$(getconf CLK_TCK)" '{
	print ($4 - $1) / hz, ($5 - $2) / 1024, ($6 - $3) / hz
}'
