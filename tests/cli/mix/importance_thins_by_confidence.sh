tag() { echo "{\"id\":\"$1\",\"text\":\"t\",\"winnow\":{\"verdict\":\"unknown\",\"tier\":\"unclear\",\"p_synthetic\":$2,\"p_human_null\":0.5,\"n_tokens\":10}}"; }
i=0
while [ $i -lt 1000 ]; do tag zero-$i 0; tag half-$i 0.5; tag sure-$i 1; i=$((i + 1)); done >scrape.jsonl
tag real 1 >real.jsonl
cat >p.yaml <<'END'
regime: accumulate
filter: {by: importance, importance: {power: 2}}
END
winnow mix -q -j $JOBS p.yaml --real real.jsonl scrape.jsonl -o out.jsonl --excluded left.jsonl || exit
echo "declared real, trusted: $(grep -c '"real"' out.jsonl)"
echo "confidence 0: $(grep -c '"zero-' out.jsonl)"
half=$(grep -c '"half-' out.jsonl)
# (1 - 0.5)^2 of 1000, within four standard deviations of 13.7
[ "$half" -gt 195 ] && [ "$half" -lt 305 ] && echo "confidence 0.5: a quarter"
echo "confidence 1: $(grep -c '"sure-' out.jsonl)"
sed 's/.*"id":"\([a-z]*\).*"filter_reason":"\([a-z]*\)".*/\1 \2/' left.jsonl | sort -u
echo '{"id":"x","text":"no tag"}' >bare.jsonl
winnow mix -q -j $JOBS p.yaml bare.jsonl 2>&1; echo "exit $?"
