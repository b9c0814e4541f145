# Above 2^53 a number must be plain digits: nothing is rounded in silence.
winnow simulate -q --seed 18_446_744_073_709_551_615 "$ROOT/corpus/policies/replace.yaml" -g 1 -s 1 -n 5 | head -1 | grep -o '"seed":18446744073709551615' | head -1
winnow simulate -q --seed 1e16 "$ROOT/corpus/policies/replace.yaml" 2>&1
winnow simulate -q --seed 1e3 "$ROOT/corpus/policies/replace.yaml" -g 1 -s 1 -n 5 | head -1 | grep -o '"seed":1000,' | head -1
winnow watermark detect --lm x --key 0 y 2>&1
winnow watermark detect --lm x --key 08 y 2>&1
winnow tag --utf8 2>&1
