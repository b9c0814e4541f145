i=0
while [ $i -lt 3000 ]; do echo "{\"id\":\"$i\",\"text\":\"words $i\"}"; i=$((i + 1)); done >in.jsonl
winnow tag -q -j $JOBS --no-rules in.jsonl | sed 's/{"id":"\([0-9]*\)".*/\1/' >got
seq 0 2999 >want
cmp got want && echo same
