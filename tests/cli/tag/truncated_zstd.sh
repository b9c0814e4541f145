i=0
while [ $i -lt 2000 ]; do echo "{\"id\":\"g$i\",\"text\":\"document number $i has words $((i * 7919 % 1000))\"}"; i=$((i + 1)); done >big.jsonl
zstd -q big.jsonl -o whole.zst
head -c $(($(wc -c <whole.zst) / 2)) whole.zst >cut.zst
winnow tag -q -j $JOBS --no-rules cut.zst whole.zst -o out.jsonl.zst
echo "exit $?"
zstd -dcq out.jsonl.zst | wc -l
