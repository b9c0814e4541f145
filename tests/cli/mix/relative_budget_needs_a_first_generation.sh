printf 'name: p\nregime: fresh_real\nfresh_real: {share: 0.3}\nbudget: {of_first: 1}\n' >p.yaml
echo '{"id":"a","text":"one"}' >a.jsonl
winnow mix -q p.yaml --real a.jsonl --synthetic a.jsonl 2>&1
