i=0
while [ $i -lt 20000 ]; do echo "{\"id\":\"$i\",\"text\":\"words $i\"}"; i=$((i + 1)); done >in.jsonl
{ winnow tag -q -j $JOBS --no-rules in.jsonl 2>err; echo "exit $?" >code; } | head -1 | cut -c1-9
cat code
grep -v 'no --model' err
true
