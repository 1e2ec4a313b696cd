#!/bin/sh
# Run each fuzz target for FUZZ_SECONDS from its seeds; what it finds is kept
# beside it.
seconds=${FUZZ_SECONDS:-60}
passed=0 failed=0
for program in "$@"; do
	name=$(basename "$program")
	corpus=$(dirname "$program")/corpus-$name
	mkdir -p "$corpus"
	if "$program" -max_total_time="$seconds" -timeout=10 -max_len=4096 \
	    -print_final_stats=0 -verbosity=0 \
	    -artifact_prefix="$corpus-" "$corpus" \
	    "tests/fuzz/seeds/${name#fuzz_}" > "$corpus.log" 2>&1; then
		passed=$((passed + 1))
	else
		tail -40 "$corpus.log"
		echo "$name failed"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
