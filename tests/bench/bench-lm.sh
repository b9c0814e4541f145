#!/bin/sh
# What the n-gram engine costs on a large text, beside KenLM when KENLM_BIN names the folder
# of its lmplz, build_binary and query; otherwise alone, with the machine's own random-access
# rate beside the scoring rates.
#
#   usage: tests/bench/bench-lm.sh WINNOW PAIRS BENCH_SCORE [ROW...]
#
#   LM_CORPUS=DIR   train.txt and heldout.txt (default: build/lm-corpus, made when missing)
#   KENLM_BIN=DIR   KenLM's programs; ratios of processor and wall time, ours / theirs
#   RUNS=5          runs of each command, in turn
#   BENCH_TMP=DIR   scratch, about 12 GB (default: build/bench-lm)
#   ROW             arpa arpa3 model memory score joint open; default: all
set -eu
LC_ALL=C
export LC_ALL

[ $# -ge 3 ] || { echo "usage: bench-lm.sh WINNOW PAIRS BENCH_SCORE [ROW...]" >&2; exit 2; }
winnow=$(realpath "$1") pairs=$(realpath "$2") bench_score=$(realpath "$3")
shift 3
rows=${*:-arpa arpa3 model memory score joint open}
here=$(dirname "$0")
corpus=${LM_CORPUS:-build/lm-corpus}
runs=${RUNS:-5}
kenlm=${KENLM_BIN:-}
tmp=${BENCH_TMP:-build/bench-lm}

[ -s "$corpus/train.txt" ] && [ -s "$corpus/heldout.txt" ] || "$here/lm-corpus.sh" "$corpus"
corpus=$(realpath "$corpus")
mkdir -p "$tmp"
cd "$tmp"
train=$corpus/train.txt
[ -n "$kenlm" ] || echo "KENLM_BIN is not set: our own figures alone, no ratios"
for p in lmplz build_binary query; do
    [ -z "$kenlm" ] || [ -x "$kenlm/$p" ] || { echo "bench-lm: no program $kenlm/$p" >&2; exit 2; }
done

# both LABEL OURS THEIRS: a pair, or ours alone
both() {
    if [ -n "$kenlm" ]; then "$pairs" -n "$runs" "$1" "$2" "$3"; else "$pairs" -n "$runs" "$1" "$2"; fi
}
ours="$winnow lm build -q --tokens whitespace"

for row in $rows; do
    case $row in
    arpa|arpa3)
        n=5
        [ $row = arpa ] || n=3
        both "text to ARPA, order $n, 2 threads" "$ours --order $n --jobs 2 --arpa ours.arpa '$train'" \
            "$kenlm/lmplz -o $n -S 2G -T ./ --text '$train' --arpa theirs.arpa 2>/dev/null"
        [ -z "$kenlm" ] || { cmp ours.arpa theirs.arpa && echo "    the ARPA files are equal, byte for byte"; }
        rm -f ours.arpa theirs.arpa
        ;;
    model)
        both "text to model file, order 5, 2 threads (theirs: lmplz, then build_binary probing)" \
            "$ours --order 5 --jobs 2 --for scoring -o ours.wlm '$train'" \
            "$kenlm/lmplz -o 5 -S 2G -T ./ --text '$train' --arpa theirs.arpa 2>/dev/null &&
             $kenlm/build_binary probing theirs.arpa theirs.probing 2>/dev/null"
        rm -f theirs.arpa
        ;;
    memory)
        for m in 256 512 1024; do
            both "text to ARPA, order 5, at most $m MB" \
                "$ours --order 5 --jobs 2 --memory ${m}M --tmp . --arpa ours.arpa '$train'" \
                "$kenlm/lmplz -o 5 -S ${m}M -T ./ --text '$train' --arpa theirs.arpa 2>/dev/null"
            [ -z "$kenlm" ] || { cmp ours.arpa theirs.arpa && echo "    the ARPA files are equal, byte for byte"; }
            rm -f ours.arpa theirs.arpa
        done
        ;;
    score|joint|open)
        [ -s exact.wlm ] || $ours --order 5 --for scoring --mode exact -o exact.wlm "$train"
        [ -s compact.wlm ] || $ours --order 5 --for scoring --mode compact -o compact.wlm "$train"
        if [ -n "$kenlm" ] && [ ! -s probing.bin ]; then
            $kenlm/lmplz -o 5 -S 2G -T ./ --text "$train" --arpa theirs.arpa 2>/dev/null
            $kenlm/build_binary probing theirs.arpa probing.bin 2>/dev/null
            $kenlm/build_binary -S 2G -T ./ trie theirs.arpa trie.bin 2>/dev/null
            rm theirs.arpa
        fi
        # Long enough that starting does not count: the held-out text eight times over.
        [ -s mix.txt ] || for i in 1 2 3 4 5 6 7 8; do cat "$corpus/heldout.txt"; done >mix.txt
        ;;
    *)
        echo "bench-lm: no row is called '$row'" >&2
        exit 2
        ;;
    esac
    score="$winnow lm score -q --jobs 1 --per none"
    case $row in
    score)
        ls -l exact.wlm compact.wlm $(ls probing.bin trie.bin 2>/dev/null || :) | awk '{ printf "    %-12s %8.1f MB\n", $9, $5 / 1e6 }'
        for mode in exact compact; do
            both "score, $mode, 1 core (theirs: probing)" "$score $mode.wlm mix.txt >/dev/null" \
                "$kenlm/query -v summary probing.bin <mix.txt >/dev/null 2>&1"
        done
        [ -z "$kenlm" ] || both "score, compact, 1 core (theirs: trie)" "$score compact.wlm mix.txt >/dev/null" \
            "$kenlm/query -v summary trie.bin <mix.txt >/dev/null 2>&1"
        "$bench_score" exact.wlm "$corpus/heldout.txt"
        "$bench_score" compact.wlm "$corpus/heldout.txt"
        ;;
    joint)
        # Two models of the two halves of the text.
        if [ ! -s joint.wlm ]; then
            awk 'NR % 2' "$train" >half1.txt
            awk 'NR % 2 == 0' "$train" >half2.txt
            for h in 1 2; do
                $ours --order 5 --for sampling -o half$h.wlm half$h.txt
                [ -z "$kenlm" ] || {
                    $kenlm/lmplz -o 5 -S 2G -T ./ --text half$h.txt --arpa half.arpa 2>/dev/null
                    $kenlm/build_binary probing half.arpa half$h.bin 2>/dev/null
                    rm half.arpa
                }
            done
            "$winnow" lm joint -q half1.wlm half2.wlm -o joint.wlm
        fi
        both "both of two models at once, 1 core (theirs: two runs of query)" "$score joint.wlm mix.txt >/dev/null" \
            "$kenlm/query -v summary half1.bin <mix.txt >/dev/null 2>&1 && $kenlm/query -v summary half2.bin <mix.txt >/dev/null 2>&1"
        ;;
    open)
        head -n 1 "$corpus/heldout.txt" >one.txt
        both "open to first score, warm (whole process)" "$score exact.wlm one.txt >/dev/null" \
            "$kenlm/query -l lazy -v summary probing.bin <one.txt >/dev/null 2>&1"
        ;;
    esac
done
