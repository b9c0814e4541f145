for g in real s1 s2; do for i in 1 2 3; do echo "{\"id\":\"$g-$i\",\"text\":\"a b c\",\"x\":[1, 2]}"; done >$g.jsonl; done
winnow mix -q -j $JOBS "$ROOT/corpus/policies/accumulate.yaml" --real real.jsonl --synthetic s1.jsonl --synthetic s2.jsonl
