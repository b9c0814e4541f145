# The mark is found with its key, and not without it.
winnow lm build -q "$ROOT/corpus/machine-en-a.jsonl" "$ROOT/corpus/machine-en-b.jsonl" --order 2 -o m.wlm || exit
winnow watermark embed -j $JOBS --lm m.wlm --key 42 -n 12 --min-tokens 150 --delta 4 -o marked.jsonl || exit
winnow lm sample -j $JOBS m.wlm -n 12 --min-tokens 150 -o plain.jsonl || exit
count() { grep -c '"watermarked":true' "$1"; }
winnow watermark detect -q -j $JOBS --lm m.wlm --key 42 marked.jsonl -o a; count a
winnow watermark detect -q -j $JOBS --lm m.wlm --key 43 marked.jsonl -o b; count b
winnow watermark detect -q -j $JOBS --lm m.wlm --key 42 plain.jsonl -o c; count c
winnow tag -q -j $JOBS --no-rules --watermark-key 42 --watermark-lm m.wlm marked.jsonl 2>/dev/null | grep -o '"verdict":"[a-z]*","tier":"[a-z]*"' | sort | uniq -c
exit 0
