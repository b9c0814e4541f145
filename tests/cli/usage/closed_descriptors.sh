# A closed standard descriptor is not given to the next file.
printf '%s\n' '{"id":"a","text":"one"}' broken >in.jsonl
winnow tag -j $JOBS --no-rules in.jsonl -o out.jsonl 2>&-
echo "exit $?"
cut -c1-9 out.jsonl
winnow tag -q -j $JOBS --no-rules -o none.jsonl <&- 2>err
echo "exit $?"
grep -o 'Bad file descriptor' err
