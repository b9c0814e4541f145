# No output may be lost in another output, or in an input.
echo '{"id":"a","text":"one"}' >in.jsonl
cp in.jsonl keep
A=$ROOT/corpus/policies/accumulate.yaml
try() { winnow "$@" 2>&1 | grep -v 'no --model'; cmp in.jsonl keep; }
try mix "$A" --real in.jsonl -o out.jsonl --excluded in.jsonl
try mix "$A" --real in.jsonl -o out.jsonl --manifest ./in.jsonl
try mix "$A" --real in.jsonl -o out.jsonl --rejects in.jsonl
try mix "$A" --real in.jsonl -o out.jsonl --manifest out.jsonl
try mix "$A" --real in.jsonl -o - --excluded -
try tag --no-rules in.jsonl -o o.jsonl --rejects in.jsonl
try tag --no-rules in.jsonl -o o.jsonl --summary o.jsonl
try lm build in.jsonl -o in.jsonl
try lm build in.jsonl -o m.wlm --arpa m.wlm
try tag --no-rules in.jsonl -o ''
try report in.jsonl -o in.jsonl
ln -s in.jsonl link
try mix "$A" --real in.jsonl -o out.jsonl --excluded link
ls
