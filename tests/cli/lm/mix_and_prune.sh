# Mixtures with given and with tuned weights; entropy pruning.
A=$ROOT/corpus/machine-en-a.jsonl
B=$ROOT/corpus/machine-en-b.jsonl
winnow lm build -q "$A" -o a.wlm 2>/dev/null && winnow lm build -q "$B" -o b.wlm 2>/dev/null || exit
winnow lm mix -j $JOBS --weights 0.25,0.75 a.wlm b.wlm -o m.wlm 2>&1
winnow lm mix -q -j $JOBS --weights 0.5,0.5 a.wlm a.wlm -o twice.wlm
for m in a twice m; do winnow lm score -q --per none $m.wlm "$A" | sed -n 1p | sed -E 's/(\.[0-9]{2})[0-9]*/\1/'; done
winnow lm mix -j $JOBS --tune "$A" a.wlm b.wlm -o tuned.wlm --json - 2>note | sed -E 's/(\.[0-9]{3})[0-9]*/\1/g'
sed -E 's/(\.[0-9]{3})[0-9]*/\1/g; s/after [0-9]+ steps/after some steps/' note
winnow lm prune -j $JOBS --threshold 1e-5 a.wlm -o p.wlm --arpa p.arpa 2>&1 | sed 's/: [0-9]* of/: some of/'
winnow lm export p.wlm | cmp - p.arpa && echo "a pruned model is a model"
winnow lm prune -q --threshold 0 a.wlm -o same.wlm && winnow lm export same.wlm >same.arpa && winnow lm export a.wlm | awk '/^ngram/' | head -2 >want && awk '/^ngram/' same.arpa | head -2 | cmp - want && echo "threshold 0 keeps all"
try() { "$@" 2>&1; echo "exit $?"; }
try winnow lm mix a.wlm -o x.wlm
try winnow lm mix --weights 0.5 a.wlm b.wlm -o x.wlm
try winnow lm mix --weights 0.5,0.6 a.wlm b.wlm -o x.wlm
try winnow lm mix --weights 0.5,0.5 --tune "$A" a.wlm b.wlm -o x.wlm
winnow lm mix -q --tune no-such.jsonl a.wlm b.wlm -o x.wlm 2>/dev/null; echo "exit $?"
test -e x.wlm || echo "and nothing was written"
