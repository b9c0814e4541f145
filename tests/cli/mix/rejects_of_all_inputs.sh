# --rejects holds what was bad in any of the inputs, not just the last.
printf '%s\n' '{"id":"a","text":"one"}' 'bad real' >real.jsonl
printf '%s\n' 'bad scrape' '{"id":"b","text":"two"}' >scrape.jsonl
winnow mix -q -j $JOBS "$ROOT/corpus/policies/accumulate.yaml" --real real.jsonl scrape.jsonl --rejects bad.jsonl -o out.jsonl 2>/dev/null
grep -o '"raw":"[a-z ]*"' bad.jsonl
wc -l <out.jsonl
