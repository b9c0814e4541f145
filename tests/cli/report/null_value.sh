# A value is never null: the row is refused, not dropped.
winnow simulate -q "$ROOT/corpus/policies/replace.yaml" -g 3 -s 3 -n 20 -o t.jsonl || exit
line=$(grep -n '"metric":"variance","value"' t.jsonl | grep '"run"' | head -1 | cut -d: -f1)
sed "$line"'s/"value":[^,]*/"value":null/' t.jsonl >null.jsonl
winnow report -q null.jsonl -o r.html
code=$?
ls r.html 2>/dev/null
exit $code
