echo '{"id":"ok","text":"fine"}' >ok.jsonl
winnow tag -j $JOBS --no-rules no-such-file.jsonl ok.jsonl -o out.jsonl
code=$?
wc -l <out.jsonl
exit $code
