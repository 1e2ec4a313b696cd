#!/bin/sh
# Run each fuzz target for FUZZ_SECONDS from its seeds, all at the same time;
# what it finds is kept beside it.
seconds=${FUZZ_SECONDS:-60}
passed=0 failed=0

fuzz() {	# program
	name=$(basename "$1")
	corpus=$(dirname "$1")/corpus-$name
	mkdir -p "$corpus"
	# given up by us where it hangs without noticing
	timeout -k 5 $((seconds + 120)) "$1" -max_total_time="$seconds" \
	    -timeout=10 -max_len=4096 -print_final_stats=0 -verbosity=0 \
	    -artifact_prefix="$corpus-" "$corpus" \
	    "tests/fuzz/seeds/${name#fuzz_}" > "$corpus.log" 2>&1
}

pids=
for program; do
	fuzz "$program" &
	pids="$pids $!"
done
trap 'kill $pids 2>/dev/null; exit 1' INT TERM

# the n-th process is of the n-th program
for pid in $pids; do
	name=$(basename "$1")
	if wait "$pid"; then
		passed=$((passed + 1))
	else
		tail -40 "$(dirname "$1")/corpus-$name.log"
		echo "$name failed"
		failed=$((failed + 1))
	fi
	shift
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
