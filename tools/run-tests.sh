#!/bin/sh
# Runs cmocka programs, one line each; shows the whole output of one that fails.
# usage: run-tests.sh NAME PROGRAM...
set -u
name=$1
shift
passed=0
failed=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT INT TERM
for t in "$@"; do
    start=$(date +%s%N)
    "./$t" >"$out" 2>&1
    code=$?
    ms=$((($(date +%s%N) - start) / 1000000))
    ok=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test(s)\.$/\1/p' "$out" | tail -1)
    bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test(s).*/\1/p' "$out" | tail -1)
    passed=$((passed + ${ok:-0}))
    if [ $code -ne 0 ] || [ -z "$ok" ]; then
        # A program that died without a count is one failure.
        failed=$((failed + ${bad:-1}))
        cat "$out"
        printf 'FAILED  %-44s exit %d\n' "$t" $code
    else
        printf '  ok  %-46s %3d tests %6d ms\n' "${t##*/}" "$ok" "$ms"
    fi
done
echo "$name: $passed passed, $failed failed"
[ $failed -eq 0 ]
