#!/bin/sh
# Every test, stage by stage; a stage that fails does not keep the others
# from running.  The last line sums up all of them.
B=${B:-build}
jobs=$(nproc 2>/dev/null || echo 1)
passed=0 failed=0 skipped=0
mkdir -p "$B"

number() {	# word, text: the number before that word in its last line
	printf '%s\n' "$2" | tail -1 | grep -o "[0-9]* $1" | cut -d' ' -f1
}

stage() {	# name, command...
	name=$1
	shift
	start=$(date +%s)
	echo "== $name"
	"$@" > "$B/stage.log" 2>&1
	status=$?
	summary=$(grep -E '[0-9]+ (passed|failed|skipped)' "$B/stage.log" |
	    tail -1)
	p=$(number passed "$summary") f=$(number failed "$summary")
	s=$(number skipped "$summary") e=$(number error "$summary")
	f=$((${f:-0} + ${e:-0}))
	[ $status -ne 0 ] && [ "$f" -eq 0 ] && f=1
	[ $status -ne 0 ] && tail -150 "$B/stage.log"
	grep -E '^SKIPPED|skipped:' "$B/stage.log"
	passed=$((passed + ${p:-0}))
	failed=$((failed + f))
	skipped=$((skipped + ${s:-0}))
	echo "   ${summary:-status $status} ($(($(date +%s) - start)) s)"
}

stage build make --no-print-directory -s -j"$jobs" WERROR=1 all probes
stage lint make --no-print-directory -s lint
stage unit make --no-print-directory -s -j"$jobs" unit
stage run make --no-print-directory -s runtests PYTEST=-rs
stage "unit and run under sanitizers" sh -c "
	make --no-print-directory -s -j$jobs asan &&
	make --no-print-directory -s B=$B/asan \
	    OPT='-O1 -g -fno-omit-frame-pointer' \
	    SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=undefined' \
	    runtests PYTEST=-rs"
if command -v clang >/dev/null; then
	stage fuzz make --no-print-directory -s fuzz
else
	echo "fuzz skipped: clang is not installed"
	skipped=$((skipped + 1))
fi
if command -v valgrind >/dev/null; then
	stage valgrind make --no-print-directory -s valgrind
else
	echo "valgrind skipped: it is not installed"
	skipped=$((skipped + 1))
fi
stage acceptance make --no-print-directory -s acceptance

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
