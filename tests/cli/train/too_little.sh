printf '{"id":"a","text":"one"}\n' >a.jsonl
printf '{"id":"b","text":"two"}\n' >b.jsonl
winnow train -q --human a.jsonl --synthetic b.jsonl -o m.wnm
code=$?
ls m.wnm 2>/dev/null
exit $code
