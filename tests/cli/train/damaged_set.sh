i=0
while [ $i -lt 2000 ]; do echo "{\"id\":\"g$i\",\"text\":\"document number $i\"}"; i=$((i + 1)); done | gzip -c | head -c 3000 >cut.gz
winnow train -q --human cut.gz --synthetic "$ROOT/corpus/machine-en-a.jsonl" -o m.wnm
code=$?
ls m.wnm 2>/dev/null
exit $code
