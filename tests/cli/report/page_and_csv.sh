winnow simulate -q "$ROOT/corpus/policies/replace.yaml" "$ROOT/corpus/policies/accumulate.yaml" -g 5 -s 4 -n 50 -o t.jsonl || exit
winnow report -q t.jsonl -o r.html --csv r.csv || exit
grep -c '<svg' r.html | sed 's/[1-9][0-9]*/has plots/'
grep -ciE '(src|href)="?https?:' r.html
head -1 r.csv
grep -c variance r.csv | sed 's/[1-9][0-9]*/has figures/'
