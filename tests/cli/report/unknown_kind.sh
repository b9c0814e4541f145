echo '{"kind":"recipe"}' >x.json
winnow report -q x.json -o r.html
code=$?
ls r.html 2>/dev/null
exit $code
