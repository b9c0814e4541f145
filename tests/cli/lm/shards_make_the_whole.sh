# Counting parts and merging them gives the files that counting the whole gives.
T=$ROOT/tests/vectors/ngram/text/t2_phrases.txt
split -n l/3 "$T" part-
for p in aa ab ac; do winnow lm count -q -j $JOBS --tokens whitespace --order 4 -o $p.wlc part-$p || exit; done
winnow lm build -q -j $JOBS --tokens whitespace --order 4 --prune 0,0,1 "$T" -o whole.wlm --arpa whole.arpa --counts whole.wlc 2>/dev/null || exit
winnow lm merge -q -j $JOBS --prune 0,0,1 aa.wlc ab.wlc ac.wlc -o sum.wlm --arpa sum.arpa 2>/dev/null || exit
cmp whole.wlm sum.wlm && cmp whole.arpa sum.arpa && echo "merged shards are the whole"
winnow lm merge -q --counts two.wlc aa.wlc ab.wlc && winnow lm merge -q --counts three.wlc two.wlc ac.wlc && cmp three.wlc whole.wlc && echo "so are merged counts"
winnow lm count -q --tokens whitespace --order 3 -o other.wlc part-aa
winnow lm count -q --order 4 -o words.wlc "$ROOT/corpus/machine-en-a.jsonl"
try() { "$@" 2>&1; echo "exit $?"; }
try winnow lm merge aa.wlc other.wlc
try winnow lm merge aa.wlc words.wlc
try winnow lm merge
head -c 300 aa.wlc >short.wlc
winnow lm merge short.wlc 2>err; echo "exit $?"; grep -c short.wlc err
winnow lm merge part-aa 2>err; echo "exit $?"; grep -c part-aa err
ls *.wlm
