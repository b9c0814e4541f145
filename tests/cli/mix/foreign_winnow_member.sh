# A member 'winnow' of somebody else's costs nothing where the policy does not ask for tags.
printf '%s\n' '{"id":"1","text":"x","winnow":null}' '{"id":"2","text":"y","winnow":{"v":3}}' >in.jsonl
winnow mix -q -j $JOBS "$ROOT/corpus/policies/accumulate.yaml" --real in.jsonl
