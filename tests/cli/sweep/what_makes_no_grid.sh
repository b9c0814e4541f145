cp "$ROOT/corpus/policies/fresh.yaml" fresh.yaml
p=fresh.yaml
try() { winnow sweep "$@" 2>&1; echo "exit $?"; }
try
try "$p" --tprs 0:1:0
try "$p" --tprs 1:0:0.1
try "$p" --tprs 0:1:-0.1
try "$p" --tprs nan
try "$p" --sizes 1:100:x1
try "$p" --sizes 0.5
try "$p" --tprs 0.5,0.5
try "$p" --tprs 0:1:1e-5 --real 0:1:1e-4
try "$p" --vary lamda=1
try "$p" --vary lambda
try "$p" --metric varience
try "$p" --metric mean,mean
try "$p" --restart
try "$p" "$p"
winnow sweep -q "$p" --dry-run --tprs 0:0.9:0.1 --real 0.01:0.5:x9 -s 7
