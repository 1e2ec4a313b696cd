#!/bin/sh
# The tests of a directory, TESTS (tests/run), in JOBS processes (1): they
# mostly wait.  Each has a network of its own, so that they are in nobody's
# way.
jobs=${JOBS:-1}
tests=${TESTS:-tests/run}
python=${PYTHON:-python3}
if [ "$jobs" -le 1 ]; then
	exec "$python" -m pytest -q -p no:cacheprovider "$tests" "$@"
fi
logs=$(mktemp -d)
# whoever runs this may look there how far it is
[ -z "${PROGRESS:-}" ] || ln -sfn "$logs" "$PROGRESS"
pids=
trap 'kill $pids 2>/dev/null; rm -rf "$logs" "${PROGRESS:-}"' EXIT
trap 'exit 1' INT TERM

# files by turns, the large ones first: about the same for each process
files() {	# process
	wc -l "$tests"/test_*.py | grep -v total | sort -rn |
	    awk -v n="$jobs" -v k="$1" 'NR % n == k { print $2 }'
}

number() {	# word: the sum of the numbers before it
	cat "$logs"/* | tr ',' '\n' |
	    sed -n "s/^=* *\([0-9][0-9]*\) $1.*/\1/p" |
	    awk '{ sum += $1 } END { print sum + 0 }'
}

k=0
while [ $k -lt "$jobs" ]; do
	# shellcheck disable=SC2046
	"$python" -m pytest -q -p no:cacheprovider $(files $k) "$@" \
	    > "$logs/$k" 2>&1 &
	pids="$pids $!"
	k=$((k + 1))
done
status=0
for pid in $pids; do
	wait "$pid"
	result=$?
	# 5: none of these was asked for
	[ $result -eq 0 ] || [ $result -eq 5 ] || status=1
done
pids=
for log in "$logs"/*; do
	grep -v '^[.sFEx]* *\[ *[0-9]*%\]$' "$log" | grep -Ev \
	    '^[0-9]+ (passed|failed|skipped|error|deselected).* in [0-9.]+s'
done
echo "$(number passed) passed, $(number failed) failed," \
    "$(number skipped) skipped, $(number error) errors"
exit $status
