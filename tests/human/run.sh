#!/bin/sh
# The whole path on real human documents, and what must be true of it.
# usage: run.sh TOOL HUMAN.jsonl
set -eu
tool=$1
human=$2
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT INT TERM
failed=0
check() {
    if [ "$2" = yes ]; then
        echo "  ok      $1"
    else
        echo "  FAILED  $1"
        failed=$((failed + 1))
    fi
}
is() { if "$@" >/dev/null 2>&1; then echo yes; else echo no; fi; }
# Numbers both, or it does not hold.
at_most() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a ~ /^[0-9.e-]+$/ && b ~ /^[0-9.e-]+$/ && a + 0 <= b + 0) }'; }

"$tool" demo --human "$human" --corpus "$root/corpus" --rules "$root/rules" -o "$out/demo" -j 2 >"$out/said" 2>"$out/log" ||
    { tail -20 "$out/log"; echo "the demo failed"; exit 1; }
d=$out/demo

check "the report is one page with plots and no outside links" \
    "$(is sh -c "grep -q '<svg' $d/report.html && ! grep -qiE '(src|href)=[\"'\'']?https?:' $d/report.html")"
check "every record of the scrape is accounted for" \
    "$(is sh -c "grep -q '\"account\":{\"in\":{\"records\":\([0-9]*\),\"bytes\":\([0-9]*\)},\"kept\":{\"records\":\1,\"bytes\":\2}' $d/tags.json")"

# The promise is for documents exchangeable with the calibration set, which the held-out
# half is: the lower end of the measured rate's interval must not exceed it (0.05).
fpr_low=$(grep -o '"fpr_low":[0-9.e-]*' "$d/eval.json" | head -1 | cut -d: -f2)
check "human documents called synthetic: not above the promised 5 % (low end $fpr_low)" "$(is at_most "$fpr_low" 0.05)"
auroc=$(grep -o '"auroc":[0-9.e-]*' "$d/eval.json" | head -1 | cut -d: -f2)
check "ranking of held-out documents: AUROC $auroc above 0.85" "$(is at_most 0.85 "$auroc")"

marked=$(grep -c '"id":"marked-' "$d/tagged.jsonl")
certain=$(grep '"id":"marked-' "$d/tagged.jsonl" | grep -c '"verdict":"synthetic","tier":"certain"' || true)
check "watermarked documents found by their key: $certain of $marked" "$(is test $((certain * 10)) -ge $((marked * 8)))"
wrong=$(grep -v '"id":"marked-' "$d/tagged.jsonl" | grep -c '"tier":"certain"' || true)
check "documents without the mark called certain: $wrong" "$(is test "$wrong" -le 1)"

kept=$(wc -l <"$d/mixed-filtered.jsonl")
real=$(wc -l <"$d/human-train.jsonl")
check "policy filtered kept exactly the budget: $kept of $real" "$(is test "$kept" -eq "$real")"

"$tool" tag -q -m "$d/model.wnm" -j 1 "$d/human-held.jsonl" -o "$out/one.jsonl"
"$tool" tag -q -m "$d/model.wnm" -j 4 "$d/human-held.jsonl" -o "$out/four.jsonl"
check "the same tags for 1 and 4 jobs" "$(is cmp "$out/one.jsonl" "$out/four.jsonl")"

[ $failed -eq 0 ] && echo "human: all checks passed" || echo "human: $failed checks failed"
exit $failed
