echo '{"id":"a","text":"one"}' >a.jsonl
try() { printf "$1" >p.yaml; winnow mix p.yaml a.jsonl 2>&1; echo "exit $?"; }
try 'regime: acumulate\n'
try 'regime: accumulate\nbudgets: {documents: 1}\n'
try 'regime: accumulate\nregime: replace\n'
try 'regime: accumulate\nbudget: {documents: 1, tokens: 2}\n'
try 'regime: [accumulate\n'
