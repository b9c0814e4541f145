for i in 0 1 2 3 4; do echo "{\"id\":\"$i\",\"text\":\"t\"}" >f$i.jsonl; done
for s in 0/2 1/2; do winnow tag -q -j $JOBS --no-rules --shard $s f*.jsonl 2>/dev/null | cut -c1-9; echo; done
