#!/bin/sh
# The tests of a directory or a file, TESTS (tests/run), in JOBS processes
# (1): they mostly wait.  Each has a network of its own, so that they are in
# nobody's way.  Within "make check", few that fail are run once more, alone:
# what passes then is named as unsteady, and counts as passed.
jobs=${JOBS:-1}
tests=${TESTS:-tests/run}
python=${PYTHON:-python3}
FEW=4
# by hand, every failure is one, and seen at once
if [ "$jobs" -le 1 ] && [ -z "${PROGRESS:-}" ]; then
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
	[ -d "$tests" ] || { echo "$tests"; return; }
	wc -l "$tests"/test_*.py | grep -v total | sort -rn |
	    awk -v n="$jobs" -v k="$1" 'NR % n == k { print $2 }'
}

run() {	# log, what pytest is told
	log=$1
	shift
	"$python" -m pytest -q -p no:cacheprovider "$@" -rfEs > "$log" 2>&1
}

number() {	# word, log...: the sum of the numbers before it
	word=$1
	shift
	cat "$@" | tr ',' '\n' |
	    sed -n "s/^=* *\([0-9][0-9]*\) $word.*/\1/p" |
	    awk '{ sum += $1 } END { print sum + 0 }'
}

show() {	# log...: without its dots
	grep -hv '^[.sFEx]* *\[ *[0-9]*%\]$' "$@" | grep -Ev \
	    '^[0-9]+ (passed|failed|skipped|error|deselected).* in [0-9.]+s'
}

failures() {	# log...: the names of tests
	sed -n 's/^\(FAILED\|ERROR\) \([^ ]*::.*\)/\2/p' "$@" |
	    sed 's/ - .*//' | sort -u
}

# Do those that failed pass by themselves?  Then they are unsteady.
once_more() {
	failures "$logs"/* > "$logs/.failed"
	n=$(wc -l < "$logs/.failed")
	[ "$n" -gt 0 ] && [ "$n" -le $FEW ] || return 1
	set -- "$@" -p no:cacheprovider
	tr '\n' '\0' < "$logs/.failed" |
	    xargs -0 "$python" -m pytest -q "$@" > "$logs/.again" 2>&1 ||
	    { echo "once more, alone:"; show "$logs/.again"; return 1; }
	sed 's/^/unsteady, passed when run once more: /' "$logs/.failed"
}

k=0
while [ $k -lt "$jobs" ]; do
	# shellcheck disable=SC2046
	run "$logs/$k" $(files $k) "$@" &
	pids="$pids $!"
	k=$((k + 1))
done
status=0
for pid in $pids; do
	wait "$pid"
	result=$?
	# 5: none of these was asked for
	[ $result -eq 0 ] || [ $result -eq 5 ] || status=$result
done
pids=
show "$logs"/*
passed=$(number passed "$logs"/*) failed=$(number failed "$logs"/*)
errors=$(number error "$logs"/*) skipped=$(number skipped "$logs"/*)
# 1: tests failed; anything else is no matter of a test
if [ $status -eq 1 ] && once_more "$@"; then
	passed=$((passed + $(wc -l < "$logs/.failed"))) failed=0 errors=0
	status=0
fi
echo "$passed passed, $failed failed, $skipped skipped, $errors errors"
exit $status
