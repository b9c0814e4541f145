# Too many bad records: finished, and exit 3.
printf '%s\n' '{"text":"a"}' 'x' '{"text":"b"}' >in.jsonl
winnow tag -q -j $JOBS --no-rules --max-bad 0.1 in.jsonl -o out.jsonl
code=$?
wc -l <out.jsonl
exit $code
