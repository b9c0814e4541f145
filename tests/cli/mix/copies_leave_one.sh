# Five times "one" (one of them declared real, one in an older generation), twice "two".
echo '{"id":"r1","text":"one"}' >real.jsonl
echo '{"id":"o1","text":"one"}' >old.jsonl
echo '{"id":"n1","text":"only here"}' >new.jsonl
for i in 1 2 3; do echo "{\"id\":\"w$i\",\"text\":\"one\"}"; done >web.jsonl
for i in 4 5; do echo "{\"id\":\"w$i\",\"text\":\"two\"}"; done >>web.jsonl
printf 'name: p\nregime: accumulate\ndedup: exact\n' >all.yaml
printf 'name: p\nregime: replace\ndedup: exact\n' >newest.yaml
mix() { winnow mix -q -j $JOBS $1 --real real.jsonl --synthetic old.jsonl --synthetic new.jsonl web.jsonl -o out.jsonl --excluded left.jsonl || exit; }
mix all.yaml
sed 's/.*"text":"\([a-z ]*\)".*/\1/' out.jsonl | sort
grep -c '"filter_reason":"duplicate"' left.jsonl
grep '"one"' out.jsonl
grep -o '"documents":{[^}]*}' out.jsonl.manifest.json
grep -o '"dedup":"exact"' out.jsonl.manifest.json
echo "copies in generations that the regime leaves out take nothing with them:"
mix newest.yaml
sed 's/.*"text":"\([a-z ]*\)".*/\1/' out.jsonl | sort
sed 's/.*"filter_reason":"\([a-z]*\)".*/\1/' left.jsonl | sort | uniq -c | sed 's/^ *//'
echo "the same in any order:"
sort out.jsonl >one; sort -r web.jsonl >w; mv w web.jsonl
mix newest.yaml
sort out.jsonl | cmp - one && echo same
