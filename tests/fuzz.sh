#!/bin/sh
# Run the fuzz targets, JOBS at a time, so that all of them together take
# about FUZZ_SECONDS; each begins with its seeds, and what it finds is kept
# beside it.
jobs=${JOBS:-$(nproc)}
seconds=$((${FUZZ_SECONDS:-75} * jobs / ($# > 0 ? $# : 1)))
[ "$seconds" -gt 0 ] || seconds=1
passed=0 failed=0

corpus_of() {	# program
	echo "$(dirname "$1")/corpus-$(basename "$1")"
}

fuzz() {	# program
	name=$(basename "$1")
	corpus=$(corpus_of "$1")
	mkdir -p "$corpus"
	rm -f "$corpus.passed"
	# given up by us where it hangs without noticing
	timeout -k 5 $((seconds + 120)) "$1" -max_total_time="$seconds" \
	    -timeout=10 -max_len=4096 -print_final_stats=0 -verbosity=0 \
	    -artifact_prefix="$corpus-" "$corpus" \
	    "tests/fuzz/seeds/${name#fuzz_}" > "$corpus.log" 2>&1 &&
	    : > "$corpus.passed"
}

# Every so many-th program, beginning with one of the first.
lane() {	# number program...
	turn=$1
	shift
	for program; do
		[ $((turn % jobs)) -ne 0 ] || fuzz "$program"
		turn=$((turn + 1))
	done
}

pids=
number=0
while [ $number -lt "$jobs" ]; do
	lane $number "$@" &
	pids="$pids $!"
	number=$((number + 1))
done
trap 'kill $pids 2>/dev/null; exit 1' INT TERM
wait

for program; do
	corpus=$(corpus_of "$program")
	if [ -e "$corpus.passed" ]; then
		passed=$((passed + 1))
	else
		tail -40 "$corpus.log"
		echo "$(basename "$program") failed"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
