# A full disk: an error, no success, nothing left behind.
i=0
while [ $i -lt 300 ]; do echo "{\"text\":\"document number $i\"}"; i=$((i + 1)); done >in.jsonl
winnow tag -q -j $JOBS --no-rules in.jsonl -o /dev/full
