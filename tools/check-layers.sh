#!/bin/sh
# Includes obey the layers (docs/design/layers.md): a module sees only its own private
# headers, those of the modules below it, and the public headers of both; each
# outside library comes in by one door; the tool sees public headers only.
set -eu
cd "$(dirname "$0")/.."

bad=0
complain() {
    echo "layers: $*" >&2
    bad=1
}

# The module that each public header belongs to.
owner() {
    case $1 in
    status|str|suggest|arena|rng|hash|flow|json|doc|tails|account|version) echo base ;;
    reader|record|sink) echo io ;;
    text) echo text ;;
    lm|lmbuild|lmsample|lmscore) echo lm ;;
    watermark|rules|marks|tagger) echo detect ;;
    policy|mix) echo mix ;;
    sim|sweep) echo sim ;;
    report) echo report ;;
    *) echo "unknown($1)" ;;
    esac
}

allowed() {
    case $1 in
    base) echo "base" ;;
    io) echo "base io" ;;
    text) echo "base text" ;;
    lm) echo "base text lm" ;;
    detect) echo "base text lm detect" ;;
    mix) echo "base mix" ;;
    sim) echo "base text lm detect mix sim" ;;
    report) echo "base report" ;;
    esac
}

# base declares its accounts in terms of io's reasons and defines the routines behind
# wn_reason_name and wn_utf8_check, so that both are usable from the lowest layer.
exception() {
    case "$1:$2" in
    src/base/account.c:reader|src/base/reason.c:reader|src/base/utf8.c:text|src/base/jsonwrite.c:text|src/base/jsonread.c:text) return 0 ;;
    esac
    return 1
}

for module in base io text lm detect mix sim report; do
    ok=" $(allowed $module) "
    for f in src/$module/*.[ch]; do
        [ -e "$f" ] || continue
        for h in $(sed -n 's|^ *# *include *<winnow/\([a-z0-9_]*\)\.h>.*|\1|p' "$f"); do
            exception "$f" "$h" && continue
            case "$ok" in *" $(owner "$h") "*) ;; *) complain "$f includes <winnow/$h.h> of $(owner "$h")" ;; esac
        done
        for h in $(sed -n 's|^ *# *include *"\([^"]*\)".*|\1|p' "$f"); do
            case "$ok" in *" ${h%%/*} "*) ;; *) complain "$f includes \"$h\"" ;; esac
        done
    done
done

for f in src/cli/*.[ch]; do
    [ -e "$f" ] || continue
    if grep -nE '^ *# *include *"(\.\.|(base|io|text|lm|detect|mix|sim|report)/)' "$f"; then
        complain "$f reaches into the library"
    fi
done

# One door a library: pattern, then the files that may include it.
door() {
    pattern=$1
    shift
    for f in $(grep -lE "^ *# *include *<($pattern)>" src/*/*.[ch] 2>/dev/null); do
        case " $* " in *" $f "*) ;; *) complain "$f includes <$pattern>; its door is $*" ;; esac
    done
}
door 'xxhash\.h|xxh_x86dispatch\.h' src/base/hash.c
door 'cjson/cJSON\.h' src/base/jsonread.c
door 'zstd\.h' src/io/source_zst.c src/io/encoder_zst.c
door 'isa-l.*' src/io/source_gz.c src/io/encoder_gz.c
door 'archive(_entry)?\.h' src/io/box.c
door 'utf8proc\.h' src/text/char_class.c
door 'pcre2\.h' src/detect/rules.c
door 'yaml\.h' src/mix/yamltree.c
door 'lapacke\.h|cblas\.h' src/sim/linalg.c

[ $bad -eq 0 ] && echo "layers: includes obey them"
exit $bad
