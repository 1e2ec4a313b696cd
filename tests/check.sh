#!/bin/sh
# Every test, stage by stage; a stage that fails does not keep the others
# from running.  "quick" leaves out what takes minutes.  What each stage
# printed is kept in build/results/; the last line sums up all of them.
B=${B:-build}
quick=${1:-}
jobs=$(nproc 2>/dev/null || echo 1)
passed=0 failed=0 skipped=0
mkdir -p "$B/results"
rm -f "$B"/results/*.log
# one set of flags for all stages: nothing is compiled twice
export WERROR=1

number() {	# word, text: the number before that word
	printf '%s\n' "$2" | grep -o "[0-9]* $1" | cut -d' ' -f1
}

# What a long stage has done so far, now and then: $log, $start.
watch() {
	trap 'kill $! 2>/dev/null; exit' TERM
	while sleep "${PROGRESS_SECONDS:-30}" & wait $!; do
		done=$(cat "$log" "$PROGRESS"/* 2>/dev/null |
		    sed -n 's/^\([.sFEx]*\)\( *\[ *[0-9]*%\]\)*$/\1/p' |
		    tr -d '\n' | wc -c)
		[ "$done" -gt 0 ] && done="$done tests" ||
		    done=$(tail -1 "$log" | cut -c1-60)
		echo "   ... $(($(date +%s) - start)) s${done:+: $done}"
	done
}

stage() {	# name, command...
	name=$1
	log="$B/results/$(echo "$name" | tr ' ' -).log"
	shift
	start=$(date +%s)
	echo "== $name"
	watch & watcher=$!
	timeout --foreground -k 30 "${STAGE_SECONDS:-1200}" "$@" \
	    > "$log" 2>&1 < /dev/null
	status=$?
	kill $watcher 2>/dev/null
	wait $watcher 2>/dev/null
	[ $status -eq 124 ] && echo "$name: no end in sight, given up" >> "$log"
	summary=$(grep -E '[0-9]+ (passed|failed|skipped)' "$log" | tail -1)
	p=$(number passed "$summary") f=$(number failed "$summary")
	s=$(number skipped "$summary") e=$(number error "$summary")
	f=$((${f:-0} + ${e:-0}))
	# a stage that breaks off has failed, whatever it had counted
	[ $status -ne 0 ] && [ "$f" -eq 0 ] && f=1
	[ $status -ne 0 ] && tail -150 "$log"
	grep -E '^SKIPPED|^unsteady|skipped:' "$log"
	passed=$((passed + ${p:-0}))
	failed=$((failed + f))
	skipped=$((skipped + ${s:-0}))
	echo "   ${summary:-status $status} ($(($(date +%s) - start)) s)"
}

skip() {	# stage, what it lacks
	echo "== $1"
	echo "   skipped: $2 is not installed"
	skipped=$((skipped + 1))
	return 1
}

need() {	# program, stage: is it there?
	command -v "$1" >/dev/null || skip "$2" "$1"
}

cmocka() {	# stage
	echo '#include <stdarg.h>
	    #include <stddef.h>
	    #include <stdint.h>
	    #include <setjmp.h>
	    #include <cmocka.h>' | ${CC:-cc} -x c -fsyntax-only - 2>/dev/null ||
	    skip "$1" cmocka
}

python() {	# stage
	/usr/bin/python3 -c 'import pytest' 2>/dev/null ||
	    python3 -c 'import pytest' 2>/dev/null || skip "$1" pytest
}

m="make --no-print-directory -s"
export JOBS=$jobs PROGRESS="$(cd "$B/results" && pwd)/progress"
stage build $m -j"$jobs" all probes
stage lint $m lint
need python3 bench && stage bench $m bench-selftest
cmocka unit && stage unit $m -j"$jobs" unit
python run && stage run $m runtests
if [ "$quick" != quick ]; then
	cmocka "unit sanitized" && stage "unit sanitized" $m -j"$jobs" asan-unit
	python "run sanitized" && stage "run sanitized" $m -j"$jobs" asan-runtests
	need "${CLANG:-clang}" fuzz && stage fuzz $m fuzz
	need valgrind valgrind && python valgrind &&
	    stage valgrind $m valgrind
	python acceptance && stage acceptance $m acceptance
	need dh package && python package &&
	    stage package $m package
	python vm && stage vm $m check-vm
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
