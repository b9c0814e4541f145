#!/bin/sh
# Command-line tests.  Each tests/cli/<topic>/<case>.sh runs in a folder of its own, once
# with JOBS=1 and once with JOBS=4, and must give the same bytes both times:
#   <case>.stdout.exact   standard output, byte for byte      (absent: anything)
#   <case>.stderr.glob    lines, each a glob, in order; "..." skips any number of lines
#   <case>.exit           exit code                           (absent: 0)
# A case that takes longer than two minutes has failed.  With --update a case that changes its exit code, or whose jobs differ, is not written.
# A case sees: winnow on its PATH, $ROOT (the source folder), $JOBS.
# usage: run.sh [--update] TOOL [TOPIC/CASE...]
set -u
update=
if [ "${1:-}" = --update ]; then
    update=1
    shift
fi
tool=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
here=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$here/../.." && pwd)
export ROOT LC_ALL=C TZ=UTC
scratch=$(mktemp -d)
trap 'chmod -R u+rwx "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT INT TERM
mkdir "$scratch/bin"
ln -s "$tool" "$scratch/bin/winnow"
PATH=$scratch/bin:$PATH
export PATH

# Lines of $2 against the globs of $1.
matches() {
    awk -v globs="$1" '
    function glob_re(g,   i, c, re) {
        re = "^"
        for (i = 1; i <= length(g); i++) {
            c = substr(g, i, 1)
            if (c == "*") re = re ".*"
            else if (c == "?") re = re "."
            else if (c ~ /[A-Za-z0-9 _:,;%=<>\/'"'"'"@!~#&-]/) re = re c
            else re = re "\\" c
        }
        return re "$"
    }
    BEGIN { while ((getline line < globs) > 0) want[++n] = line }
    { got[++m] = $0 }
    END {
        i = 1; skip = 0
        for (j = 1; j <= m; j++) {
            while (i <= n && want[i] == "...") { skip = 1; i++ }
            if (i <= n && got[j] ~ glob_re(want[i])) { i++; skip = 0 }
            else if (!skip) { print "unexpected: " got[j]; exit 1 }
        }
        while (i <= n && want[i] == "...") i++
        if (i <= n) { print "missing: " want[i]; exit 1 }
    }' "$2"
}

passed=0
failed=0
fail() {
    echo "FAILED $1: $2"
    failed=$((failed + 1))
}

run_case() {
    script=$1
    name=${script#"$here"/}
    name=${name%.sh}
    base=${script%.sh}
    for JOBS in 1 4; do
        export JOBS
        dir=$scratch/$(echo "$name" | tr / -).$JOBS
        mkdir "$dir"
        (cd "$dir" && timeout 120 sh "$script" >"$dir.out" 2>"$dir.err")
        code=$?
        want=$(cat "$base.exit" 2>/dev/null || echo 0)
        if [ $JOBS = 4 ] && ! cmp -s "$dir.out" "$scratch/first"; then
            fail "$name" "standard output depends on the number of jobs"
            diff "$scratch/first" "$dir.out" | head -10
            return
        fi
        cp "$dir.out" "$scratch/first"
        if [ -n "$update" ]; then
            if [ ! -f "$base.stdout.exact" ] && [ $code -ne 0 ]; then
                echo "$code" >"$base.exit"
                echo "new: $name exits $code"
                want=$code
            fi
            [ "$code" = "$want" ] && cp "$dir.out" "$base.stdout.exact"
        fi
        if [ "$code" != "$want" ]; then
            fail "$name" "exit $code instead of $want (jobs $JOBS)"
            cat "$dir.err"
            return
        fi
        if [ -f "$base.stdout.exact" ] && ! cmp -s "$base.stdout.exact" "$dir.out"; then
            fail "$name" "standard output differs (jobs $JOBS)"
            diff "$base.stdout.exact" "$dir.out" | head -10
            return
        fi
        if [ -f "$base.stderr.glob" ] && ! said=$(matches "$base.stderr.glob" "$dir.err"); then
            fail "$name" "standard error differs (jobs $JOBS): $said"
            cat "$dir.err"
            return
        fi
        if grep -q 'Sanitizer' "$dir.err"; then
            fail "$name" "a sanitizer complained (jobs $JOBS)"
            cat "$dir.err"
            return
        fi
        # Nothing half-written may stay behind.
        left=$(find "$dir" -name '*.tmp-*' | head -1)
        if [ -n "$left" ]; then
            fail "$name" "left a temporary file: $left"
            return
        fi
    done
    passed=$((passed + 1))
}

if [ $# -gt 0 ]; then
    for c in "$@"; do run_case "$here/${c%.sh}.sh"; done
else
    for script in "$here"/*/*.sh; do run_case "$script"; done
fi
echo "golden: $passed passed, $failed failed"
[ $failed -eq 0 ]
