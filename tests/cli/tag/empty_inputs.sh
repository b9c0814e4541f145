# Empty shards are data with no records.
: >empty.jsonl
gzip -c empty.jsonl >empty.gz
zstd -q empty.jsonl -o empty.zst
printf '\n \n' >blank.jsonl
winnow tag -j $JOBS --no-rules empty.jsonl empty.gz empty.zst blank.jsonl -o out.jsonl
echo "exit $?"
wc -c <out.jsonl
