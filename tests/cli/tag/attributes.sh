# Dolma attribute rows: same order, spans in code points.
printf '%s\n' '{"id":"a","source":"s","text":"caf\u00e9 \ud83d\ude00"}' '{"id":2,"text":""}' >in.jsonl
winnow tag -q -j $JOBS --no-rules --attributes winnow_v1 in.jsonl
