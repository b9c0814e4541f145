# Progress belongs on a terminal only: standard error of a pipe has no carriage return.
i=0
while [ $i -lt 5000 ]; do echo "{\"text\":\"words $i\"}"; i=$((i + 1)); done >in.jsonl
winnow tag -j $JOBS --no-rules in.jsonl -o out.jsonl 2>err
tr -cd '\r' <err | wc -c
