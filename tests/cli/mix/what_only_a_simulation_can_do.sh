echo '{"id":"a","text":"one"}' >a.jsonl
try() { printf "$1" >p.yaml; winnow mix p.yaml a.jsonl -o out.jsonl 2>&1; echo "exit $?"; }
try 'regime: general\ngeneral: {alpha: 0.7, beta: 0.2, gamma: 0.1}\n'
try 'regime: edit\nedit: {above: 0.99}\n'
try 'regime: weighted\nweighted: {share: 0.5, weight: 0.6}\n'
try 'regime: fresh_real\nfresh_real: {share: 0.5, mixing: iid}\n'
try 'regime: replace\nfilter: {by: oracle, intake: topup}\n'
try 'regime: replace\nfilter: {by: verify, verify: {right: 1, wrong: 0.1}}\n'
try 'regime: replace\nfilter: {by: value, value: {flags: tails, beyond: 2, drop: 1}}\n'
try 'regime: replace\nfilter: {by: top_fraction, top_fraction: {share: 0.5}}\n'
try 'regime: replace\nfilter: {by: surprise, surprise: {share: 0.5}}\n'
try 'regime: replace\ndedup: near\n'
ls
