# ARPA files of other tools: accepted or refused as KenLM's query does it, with the line's number.
V=$ROOT/tests/vectors/ngram/arpa_corner
for f in "$V"/*.arpa "$V"/*.arpa.gz; do
    name=$(basename "$f" | sed 's/\.arpa.*//')
    if winnow lm import -q "$f" -o m.wlm 2>err; then
        echo "$name: read$(sed 's/winnow: warning: / - /' err | tr '\n' ' ' | sed 's/ $//')"
        winnow lm score -q --per sentence m.wlm "$V/heldout.txt" | sed 's/.*log10_p":\([-0-9.e+]*\|null\),.*/\1/' | awk '{ printf "%s%s", (NR == 1 ? "  " : " "), $1 == "null" ? "-inf" : sprintf("%.6g", $1) } END { print "" }'
    else
        echo "$name: exit $?"; sed "s|'[^']*/|'|" err
    fi
done
winnow lm import -q --missing-markers "$V/bos_missing.arpa" -o m.wlm && echo "missing markers can be added"
winnow lm import -q --positive-to-zero "$V/positive_prob.arpa" -o m.wlm; echo "exit $?"
winnow lm import -q no-such.arpa -o m.wlm; echo "exit $?"
