#!/bin/sh
# Run unit test programs; the last line sums them up.
passed=0 failed=0 skipped=0

counted() {	# word: the sum of cmocka's lines "N word TEST(S)" in $out
	printf '%s\n' "$out" |
	    awk -v word="$1" '$2 == word && $3 == "TEST(S)" { n += $1 }
	    END { print n + 0 }'
}

for program in "$@"; do
	out=$(timeout --foreground -k 5 120 "$program" 2>&1)
	status=$?
	f=$(counted FAILED)
	passed=$((passed + $(printf '%s\n' "$out" | grep -c '^\[       OK \]')))
	skipped=$((skipped + $(counted SKIPPED)))
	[ $status -eq 0 ] && continue
	printf '%s\n%s failed, status %d\n' "$out" "$program" $status
	# one that crashed, or was given up, has no summary
	[ "$f" -eq 0 ] && f=1
	failed=$((failed + f))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
