echo '{"id":"1","text":"x"}' >in.jsonl
for n in '' 'a__b' '1a' 'a-b' "$(printf 'x%.0s' $(seq 1 65))"; do winnow tag -q --no-rules --attributes "$n" in.jsonl 2>&1 | sed 's/x\{65\}/LONG/'; done
