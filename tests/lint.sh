#!/bin/sh
# Static checks: the direction of includes, man pages, scripts, cppcheck,
# clang-tidy, clang's warnings.  Each is one test; tools that are missing are
# skipped.
B=${B:-build}
export FEATURES		# what the Makefile found to be there
passed=0 failed=0 skipped=0

result() {	# name, status, output
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '%s\nlint: %s failed\n' "$3" "$1"
	fi
}

skip() {
	skipped=$((skipped + 1))
	echo "lint: $1 skipped: $2 is not installed"
}

# conf/ and services/ know neither each other nor superd/
out=$(grep -n '#include "\(services\|superd\)/' conf/*.[ch]
    grep -n '#include "\(conf\|superd\)/' services/*.[ch])
[ -z "$out" ]
result "direction of includes" $? "$out"

# only superd_read.c knows libconfuse, only source.c and names.c the system
out=$(grep -ln '<confuse.h>' conf/*.c | grep -v superd_read.c
    grep -ln 'getaddrinfo\|getpwnam\|getservbyname' conf/*.c |
    grep -v names.c)
[ -z "$out" ]
result "who asks the system" $? "$out"

# files that know each other in a circle are one file in pieces; a number here
# only ever goes down
circle() {	# folder, how many files may be part of circles: calls, includes
	out=$(make --no-print-directory -s B="$B" all 2>&1 >/dev/null &&
	    find "$1" -name '*.c' | sed "s|^|$B/obj/|; s|c$|o|" |
	    xargs "${PYTHON:-python3}" tests/circles.py -v 2>&1)
	[ "$(echo "$out" | head -n1)" -le "$2" ] 2>/dev/null
	result "files in circles of calls in $1: at most $2" $? "$out"
	out=$(find "$1" -name '*.[ch]' |
	    xargs "${PYTHON:-python3}" tests/circles.py -v 2>&1)
	[ "$(echo "$out" | head -n1)" -le "$3" ] 2>/dev/null
	result "files in circles of includes in $1: at most $3" $? "$out"
}
circle conf 0 0
circle services 0 4
circle superd 0 0

# the folders of superd/ are layers
out=$("${PYTHON:-python3}" tests/walls.py -v superd/*.[ch] superd/*/*.[ch] 2>&1)
[ "$out" = 0 ]
result "includes that climb in superd" $? "$out"

# what happens is logged by event.h and event_self.h alone
out=$(grep -n 'log_\(info\|warnx*\|at\|fatal\)(' superd/running/*.c \
    superd/policy/*.c superd/serve/*.c superd/control/*.c superd/re*.c |
    grep -v '^superd/running/service_log.c:')
[ -z "$out" ]
result "lines of the log that are no events" $? "$out"

# functions stay within 50 lines
out=$(awk 'FNR == 1 { start = 0 } /^{/ { start = FNR }
    /^}/ { if (start && FNR - start > 50) print FILENAME ":" start; start = 0 }' \
    conf/*.c services/*.c superd/*.c superd/*/*.c)
[ -z "$out" ]
result "length of functions" $? "$out"

# ... and files within 700
out=$(for file in conf/*.[ch] services/*.[ch] superd/*.[ch] superd/*/*.[ch]; do
    lines=$(wc -l < "$file")
    [ "$lines" -le 700 ] || echo "$file: $lines lines"
done)
[ -z "$out" ]
result "length of files" $? "$out"

# each version of clang-format breaks lines in its own way
if ${CLANG_FORMAT:-clang-format} --version 2>/dev/null |
    grep -q 'version 14[.]'; then
	out=$(${CLANG_FORMAT:-clang-format} --dry-run -Werror $SOURCES 2>&1 |
	    grep error:)
	[ -z "$out" ]
	result "format" $? "$out"
else
	skip format "clang-format 14"
fi

if command -v mandoc >/dev/null; then
	# what other pages this host has is no matter
	out=$(mandoc -Tlint -Wstyle man/*.[0-9] 2>&1 |
	    grep -v 'referenced manual not found\|outdated mandoc.db')
	[ -z "$out" ]
	result "man pages" $? "$out"
else
	skip "man pages" mandoc
fi

out=$(for script in tests/*.sh tests/*/*.sh etc/*.init \
    etc/next-steps etc/superd-sessions .ci/run debian/*.postinst \
    debian/*.postrm debian/tests/inetd debian/tests/xinetd debian/tests/wait
do
	sh -n "$script" 2>&1
done)
[ -z "$out" ]
result "syntax of scripts" $? "$out"

# packages come from where the machine's apt has them
out=$(grep -n 'https*://[a-z]*[.][a-z.]*/[a-z]*debian\|deb[.]debian[.]org' \
    tests/*.sh tests/*/*.sh tests/*/*.py | grep -v '^tests/lint.sh:')
[ -z "$out" ]
result "no address of an archive" $? "$out"

if command -v cppcheck >/dev/null; then
	out=$(cppcheck -q --enable=warning,performance,portability \
	    --inline-suppr --suppress=missingIncludeSystem \
	    --suppress=unknownMacro --suppress=normalCheckLevelMaxBranches \
	    -D_GNU_SOURCE -DHAVE_LIBWRAP -DHAVE_SECCOMP -DHAVE_TIRPC \
	    -DSUPERD_VERSION='"0"' -I. --error-exitcode=1 \
	    conf services superd 2>&1)
	result cppcheck $? "$out"
else
	skip cppcheck cppcheck
fi

# what it is told to look for stands in .clang-tidy
if command -v clang-tidy >/dev/null; then
	out=$(ls conf/*.c services/*.c superd/*.c superd/*/*.c | xargs -n4 \
	    -P"$(nproc 2>/dev/null || echo 1)" sh -c 'clang-tidy --quiet "$@" \
	    -- -std=gnu11 -D_GNU_SOURCE -I. -DSUPERD_VERSION=\"0\" \
	    $FEATURES 2>/dev/null || echo "clang-tidy: not clean: $*"' clang-tidy)
	[ -z "$out" ]
	result clang-tidy $? "$out"
else
	skip clang-tidy clang-tidy
fi

if command -v "${CLANG:-clang}" >/dev/null; then
	out=$(make --no-print-directory -s B="$B/clang" CC="${CLANG:-clang}" \
	    WERROR=1 all 2>&1)
	result "warnings of clang" $? "$out"
else
	skip "warnings of clang" clang
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
