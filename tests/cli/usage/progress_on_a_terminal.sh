# On a terminal there is a progress line, and -q turns it off.
i=0
while [ $i -lt 5000 ]; do echo "{\"text\":\"words $i\"}"; i=$((i + 1)); done >in.jsonl
script -qec "winnow tag -j $JOBS --no-rules in.jsonl -o out.jsonl" /dev/null </dev/null >with
script -qec "winnow tag -q -j $JOBS --no-rules in.jsonl -o out.jsonl" /dev/null </dev/null >without
grep -c 'tagging \[' with | sed 's/[1-9][0-9]*/drawn/'
grep -c 'tagging \[' without
