winnow lm build -q "$ROOT/corpus/machine-en-a.jsonl" -o m.wlm || exit
winnow lm score -q -j $JOBS m.wlm "$ROOT/corpus/machine-fr-a.jsonl" | head -2 | sed -E 's/(\.[0-9]{5})[0-9]*/\1/g'
winnow lm sample -j $JOBS m.wlm -n 40 --seed 5 >a.jsonl
winnow lm sample -j $JOBS m.wlm -n 40 --seed 5 --temperature 0.7 --top-k 20 --top-p 0.9 >b.jsonl
wc -l <a.jsonl
head -1 a.jsonl
head -1 b.jsonl | cut -c1-60
