# A budget is never filled by repeating documents.
echo '{"id":"a","text":"one"}' >a.jsonl
printf 'name: p\nregime: accumulate\nbudget: {documents: 5}\n' >p.yaml
winnow mix -j $JOBS p.yaml a.jsonl -o out.jsonl
code=$?
ls out.jsonl 2>/dev/null
exit $code
