for g in real s1 s2; do i=0; while [ $i -lt 40 ]; do echo "{\"id\":\"$g-$i\",\"text\":\"a b c\"}"; i=$((i + 1)); done >$g.jsonl; done
mix() { winnow mix -q -j $JOBS "$@" --real real.jsonl --synthetic s1.jsonl --synthetic s2.jsonl -o out.jsonl || exit; }
count() { for g in real s1 s2; do echo "$g: $(grep -c "\"$g-" out.jsonl)"; done; }
echo "three tenths, and the synthetic side runs out: round(0.3 x 57) = 17"
mix "$ROOT/corpus/policies/fixed-real.yaml"; count
echo "forty documents, one in four real"
printf 'regime: fixed_real\nfixed_real: {share: 0.25}\nbudget: {of_first: 1}\n' >quarter.yaml
mix quarter.yaml; count
echo "fresh_real that draws from the first real data does the same"
cp out.jsonl fixed.jsonl
printf 'regime: fresh_real\nfresh_real: {share: 0.25, source: first}\nbudget: {of_first: 1}\n' >first.yaml
mix first.yaml; cmp out.jsonl fixed.jsonl && echo same
