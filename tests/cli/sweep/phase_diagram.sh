# A grid of scrape and detector, its rows and its page.
printf 'name: screen\nregime: replace\nfilter: {by: tag, trust_real: false, intake: topup, operating_point: {tpr: 0.9, fpr: 0.01}}\n' >p.yaml
winnow sweep -q -j $JOBS p.yaml "$ROOT/corpus/policies/replace.yaml" --tprs 0:0.9:0.45 --scraped 0.001:0.1:x3 -g 40 -s 20 -n 100 -o s.jsonl || exit
grep -c . s.jsonl
head -1 s.jsonl | sed 's/"settings".*"cells"/"cells"/; s/,"policies".*//; s/"winnow":"[^"]*",//'
sed -E 's/(\.[0-9]{5})[0-9]*/\1/g; s/"log_mean":[^}]*//; s/"stats":\[(\{[^}]*\}),[^]]*\]/"stats":[\1]/' s.jsonl | sed -n '2,5p;11,12p'
winnow report -q s.jsonl -o r.html || exit
grep -c '<svg' r.html
grep -o 'class="theory p1"' r.html | sort | uniq -c | tr -s ' '
grep -ciE '(src|href)="?https?:' r.html
exit 0
