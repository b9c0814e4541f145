i=0
while [ $i -lt 2000 ]; do echo "{\"id\":\"g$i\",\"text\":\"document number $i\"}"; i=$((i + 1)); done | gzip -c | head -c 3000 >cut.gz
echo '{"id":"ok","text":"fine"}' >ok.jsonl
winnow mix -q -j $JOBS "$ROOT/corpus/policies/accumulate.yaml" --real ok.jsonl cut.gz -o out.jsonl
echo "exit $?"
cat out.jsonl
