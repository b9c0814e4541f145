winnow sweep -q -j $JOBS "$ROOT/corpus/policies/window.yaml" --vary window=1:3:1 --metric log_variance --at 1,last -g 9 -s 5 -n 30 -o a.csv || exit
winnow sweep -q -j $JOBS "$ROOT/corpus/policies/window.yaml" --vary window=1:3:1 --metric log_variance --at 1,last -g 9 -s 5 -n 30 --csv >b.csv || exit
cmp a.csv b.csv && echo same
sed -E 's/(\.[0-9]{5})[0-9]*/\1/g' a.csv | cut -d, -f1-12
winnow sweep -q -j $JOBS "$ROOT/corpus/policies/window.yaml" --vary window=1:3:1 -s 2 -o z.jsonl.zst || exit
winnow sweep -q -j $JOBS "$ROOT/corpus/policies/window.yaml" --vary window=1:3:1 -s 2 | cksum >x
zstd -dcq z.jsonl.zst 2>/dev/null | cksum >y
[ -x "$(command -v zstd)" ] && cmp x y
ls *.partial 2>/dev/null
exit 0
