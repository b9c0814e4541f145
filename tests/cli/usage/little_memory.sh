# Little address space: an end, with or without success, never a hang.
echo '{"id":"a","text":"one"}' >in.jsonl
winnow --version >/dev/null
(ulimit -v 200000; timeout 20 winnow mix -q -j 1 "$ROOT/corpus/policies/accumulate.yaml" --real in.jsonl -o out.jsonl >/dev/null 2>&1; [ $? -ne 124 ] && echo ended)
