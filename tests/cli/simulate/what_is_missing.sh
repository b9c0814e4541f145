printf 'name: p\nregime: replace\nfilter: {by: tag}\n' >p.yaml
winnow simulate -q p.yaml 2>&1; echo "exit $?"
winnow simulate -q -e ngram p.yaml 2>&1; echo "exit $?"
winnow simulate -q -m x.wnm p.yaml 2>&1; echo "exit $?"
winnow simulate -q p.yaml p.yaml 2>&1; echo "exit $?"
