for m in '{"a":1}' '"text"' 'null'; do echo "{\"id\":\"x\",\"text\":\"t\",\"metadata\":$m}"; done >old.jsonl
echo '{"id":"n","text":"t"}' >new.jsonl
winnow mix -q -j $JOBS "$ROOT/corpus/policies/replace.yaml" --real old.jsonl --synthetic new.jsonl -o out.jsonl --excluded left.jsonl 2>/dev/null
cat left.jsonl
