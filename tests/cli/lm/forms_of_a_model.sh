# Exact, compact, for one purpose or all: the same model in other files.
V=$ROOT/tests/vectors/ngram
T=$V/text/t2_phrases.txt
H=$V/text/t2_heldout.txt
B="winnow lm build -q -j $JOBS --tokens whitespace $T"
$B -o all.wlm 2>/dev/null || exit
winnow lm info --json all.wlm | sed 's/"bytes":[0-9]*,//'
for f in scoring sampling; do
    $B --for $f -o $f.wlm 2>/dev/null
    winnow lm convert -q --for $f all.wlm -o converted.wlm && cmp $f.wlm converted.wlm && echo "$f: converted is built"
    winnow lm info $f.wlm | sed -n 2p
done
$B --mode compact -o compact.wlm 2>/dev/null && winnow lm info --verify compact.wlm | sed -n 2p
winnow lm convert -q --mode compact all.wlm -o converted.wlm && cmp compact.wlm converted.wlm && echo "compact: converted is built"
winnow lm export all.wlm | winnow lm import -q - -o imported.wlm && winnow lm export imported.wlm | cmp - "$V/arpa/t2_o3.arpa" && echo "exported, imported, exported: the same"
for m in all scoring sampling imported; do winnow lm score -q -j $JOBS --verify --per none $m.wlm "$H" >$m.txt; cmp all.txt $m.txt; done
winnow lm score -q -j $JOBS --per none compact.wlm "$H" | awk 'NR == FNR { a[FNR] = $NF; next } { d = $NF / a[FNR] - 1; if (d < 0) d = -d; print (d < 1e-4 ? "near" : "far") }' all.txt -
winnow lm convert -q --for scoring sampling.wlm -o back.wlm && cmp back.wlm scoring.wlm && echo "back again"
try() { "$@" 2>&1; echo "exit $?"; }
try winnow lm sample scoring.wlm
try winnow lm export scoring.wlm
try winnow lm convert scoring.wlm -o x.wlm
try winnow lm mix scoring.wlm all.wlm -o x.wlm
try winnow lm build -q --tokens whitespace "$T" -o -
try winnow lm convert all.wlm -o all.wlm
try winnow lm info all.wlm compact.wlm
test -e x.wlm || echo "and nothing was written"
