# A truncated file does not stop the others, and nothing of it is published.
i=0
while [ $i -lt 2000 ]; do echo "{\"id\":\"g$i\",\"text\":\"document number $i has words\"}"; i=$((i + 1)); done >big.jsonl
gzip -c big.jsonl | head -c 4000 >cut.jsonl.gz
echo '{"id":"ok","text":"fine"}' >ok.jsonl
winnow tag -j $JOBS --no-rules cut.jsonl.gz ok.jsonl -o out.jsonl
echo "exit $?"
wc -l <out.jsonl
winnow tag -q -j $JOBS --no-rules --salvage cut.jsonl.gz ok.jsonl -o salvaged.jsonl
echo "exit $?"
[ "$(wc -l <salvaged.jsonl)" -gt 100 ] && echo "more than 100 records salvaged"
tail -1 salvaged.jsonl | cut -c1-27
winnow tag -q -j $JOBS --no-rules cut.jsonl.gz - <ok.jsonl >stdout.jsonl
echo "exit $?"
cut -d'"' -f4 salvaged.jsonl >a; cut -d'"' -f4 stdout.jsonl >b; cmp a b && echo "standard output keeps what was read"
