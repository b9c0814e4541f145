# Documents without ids from standard input: the same choice in every run, no temporary name anywhere.
i=0
while [ $i -lt 200 ]; do echo "{\"text\":\"document $i\"}"; i=$((i + 1)); done >in.jsonl
printf 'name: p\nregime: accumulate\nbudget: {documents: 20}\n' >p.yaml
winnow mix -q -j $JOBS p.yaml - -o one.jsonl <in.jsonl
winnow mix -q -j $JOBS p.yaml --synthetic - -o two.jsonl <in.jsonl
cmp one.jsonl two.jsonl && echo same
grep -o '"path":"-"' one.jsonl.manifest.json
winnow mix -q p.yaml - --real - <in.jsonl 2>&1
