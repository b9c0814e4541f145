for g in real s1 s2 s3; do for i in 1 2; do echo "{\"id\":\"$g-$i\",\"text\":\"a b c\"}"; done >$g.jsonl; done
mix() { winnow mix -q -j $JOBS "$@" --real real.jsonl --synthetic s1.jsonl --synthetic s2.jsonl --synthetic s3.jsonl; }
mix "$ROOT/corpus/policies/window.yaml" -o out.jsonl --excluded left.jsonl || exit
cat out.jsonl left.jsonl
echo "a window wider than the generations there are keeps all:"
printf 'regime: window\nwindow: {generations: 9}\n' >wide.yaml
mix wide.yaml | wc -l
