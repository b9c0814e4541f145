# Inputs that give nothing do not look like success, and an older output stays.
echo 'older output' >out.jsonl
winnow tag -q -j $JOBS --no-rules no-such-file.jsonl -o out.jsonl 2>/dev/null; echo "exit $?"
cat out.jsonl
printf 'id,text\n1,one\n2,two\n' >a.csv
winnow tag -q -j $JOBS --no-rules a.csv -o b.jsonl 2>/dev/null; echo "exit $?"
echo '{"content":"x"}' >c.jsonl
winnow tag -q -j $JOBS --no-rules c.jsonl -o d.jsonl 2>&1 | grep -o -- '--text-key.*'
