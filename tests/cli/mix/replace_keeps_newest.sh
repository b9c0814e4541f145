for g in real s1 s2; do for i in 1 2 3; do echo "{\"id\":\"$g-$i\",\"text\":\"a b c\"}"; done >$g.jsonl; done
winnow mix -j $JOBS "$ROOT/corpus/policies/replace.yaml" --real real.jsonl --synthetic s1.jsonl --synthetic s2.jsonl -o out.jsonl --excluded left.jsonl || exit
cat out.jsonl left.jsonl
grep -o '"kept":{"records":3' out.jsonl.manifest.json
