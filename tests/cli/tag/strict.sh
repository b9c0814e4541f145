# --strict: a repair counts as well.
printf '%s\n' '{"text":"lone surrogate \ud800 here"}' >in.jsonl
winnow tag -q -j $JOBS --no-rules --strict in.jsonl -o out.jsonl
