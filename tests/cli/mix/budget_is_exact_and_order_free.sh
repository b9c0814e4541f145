i=0
while [ $i -lt 500 ]; do echo "{\"id\":\"d$i\",\"text\":\"one two three\"}"; i=$((i + 1)); done >a.jsonl
sort -r a.jsonl >b.jsonl
printf 'name: p\nregime: accumulate\nbudget: {documents: 123}\n' >p.yaml
printf 'name: p\nregime: accumulate\nbudget: {tokens: 100}\n' >t.yaml
winnow mix -q -j $JOBS p.yaml a.jsonl >one; winnow mix -q -j $JOBS p.yaml b.jsonl >two
wc -l <one
sort one >one.s; sort two >two.s; cmp one.s two.s && echo "the same documents for any order"
winnow mix -q -j $JOBS t.yaml a.jsonl | wc -l
winnow mix -q -j $JOBS p.yaml - <a.jsonl | cmp - one && echo "the same from standard input"
