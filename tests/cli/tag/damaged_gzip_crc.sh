# A flipped bit in the middle is seen (libarchive would not).
i=0
while [ $i -lt 300 ]; do echo "{\"id\":\"g$i\",\"text\":\"document number $i\"}"; i=$((i + 1)); done | gzip -c >x.gz
size=$(wc -c <x.gz)
head -c $((size - 6)) x.gz >y.gz
printf '\001' >>y.gz
tail -c 5 x.gz >>y.gz
winnow tag -q -j $JOBS --no-rules y.gz -o out.jsonl
echo "exit $?"
ls out.jsonl 2>/dev/null; true
