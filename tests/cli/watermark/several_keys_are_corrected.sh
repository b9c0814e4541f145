# Two keys tested: the smaller p counts twice (Bonferroni).
winnow lm build -q "$ROOT/corpus/machine-en-a.jsonl" --order 2 -o m.wlm || exit
winnow watermark embed -q -j $JOBS --lm m.wlm --key 42 -n 1 --min-tokens 150 --delta 4 -o marked.jsonl || exit
p() { winnow watermark detect -q --lm m.wlm "$@" marked.jsonl | sed 's/.*"log10_p":\([-0-9.]*\).*/\1/'; }
one=$(p --key 42)
two=$(p --key 42 --key 0x1234)
awk -v a="$one" -v b="$two" 'BEGIN { printf "%.4f\n", b - a }'
