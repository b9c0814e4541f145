#!/bin/sh
# The published experiments on model collapse, repeated with winnow simulate.
# usage: run.sh TOOL [ROW...]     ROW: a file's name here without .sh, or "quick"; none: all
#
# docs/reproduction.md says what each row is.  Seeds are fixed and the output does not depend
# on JOBS (threads, default 1).  HUMAN: the human documents of R5 and W1 (default
# build/human/human.jsonl); without them those rows are skipped, loudly.
# Exit status: 0 when every comparison holds, 1 when one does not, 2 when a row could not run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { sed -n 's/^# usage: //p' "$0" >&2; exit 2; }
TOOL=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
HUMAN=${HUMAN:-$here/../../build/human/human.jsonl}
export TOOL HUMAN

all="N1 N2 N3 N8 A1 A2 A3 G1 K1 K2 K3 K4 R1 R2 R3 R4 R5 W1 S1 H1 D1 F1 Y1 Q1"
quick="N1 N2 N8 G1 R1 R2 R3 R4 S1 H1 D1 F1"
[ $# -gt 0 ] || set -- $all
[ "$*" != quick ] || set -- $quick
for ROW in "$@"; do
    [ -f "$here/$ROW.sh" ] || { echo "no row is called '$ROW'; rows: $all" >&2; exit 2; }
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM
good=0 bad='' skipped='' broken=''
echo "row | quantity | published or exact | ours | agreement"
for ROW in "$@"; do
    W=$scratch/$ROW
    mkdir -p "$W"
    export ROW W
    st=0
    sh "$here/$ROW.sh" || st=$?
    case $st in
    0) good=$((good + 1)) ;;
    1) bad="$bad $ROW" ;;
    77) skipped="$skipped $ROW" ;;
    *) broken="$broken $ROW" ;;
    esac
done
[ -z "$skipped" ] || echo "repro: SKIPPED:$skipped" >&2
[ -z "$bad" ] || echo "repro: outside their bounds:$bad" >&2
[ -z "$broken" ] || echo "repro: could not run:$broken" >&2
echo "repro: $good of $# rows hold"
[ -z "$broken" ] || exit 2
[ -z "$bad" ]
