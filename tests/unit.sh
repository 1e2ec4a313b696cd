#!/bin/sh
# Run unit test programs; the last line sums them up.
passed=0 failed=0
for program in "$@"; do
	out=$("$program" 2>&1)
	status=$?
	p=$(printf '%s\n' "$out" | grep -c '^\[       OK \]')
	f=$(printf '%s\n' "$out" | sed -n 's/^ *\([0-9]*\) FAILED TEST.*/\1/p')
	passed=$((passed + p))
	if [ $status -ne 0 ]; then
		[ -n "$f" ] || f=1
		printf '%s\n%s failed\n' "$out" "$program"
		failed=$((failed + f))
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
