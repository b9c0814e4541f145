#!/bin/sh
# Differential test against KenLM: models from the same texts must be the same ARPA bytes, and
# held-out lines must score the same.
#
#   usage: KENLM_BIN=DIR tests/kenlm/run.sh WINNOW        (make kenlm)
#
#   KENLM_BIN=DIR   KenLM's lmplz, build_binary and query (stock Release build, orders to 6);
#                   without it nothing is compared, which is said, and the exit status is 0
#   SEEDS=2         pseudo-random texts of each kind, and lists of random options
#   KEEP=DIR        where inputs and outputs of comparisons that differ are put
#
# Exit status: 0 all equal, 1 something differs, 2 the test could not run.
#
# KenLM's defects, which we do not have and the texts avoid:
#   * lmplz gives an unterminated last line no </s> and shifts back-off weights; query leaves
#     such a line out of its totals.  All texts here end with a line end.
#   * lmplz separates words by NUL but not by VT and FF, query by VT and FF but not by NUL.
#     NUL stands in training texts alone, VT and FF only in t5_edges, which is not scored.
#   * query reads no order 1 and stops at the order it was compiled for: scores are for 2 to 6.
#   * An empty text makes a model whose <unk> has probability 1; for us it is an error.
#   * lmplz keeps a byte-order mark as part of the first word; we take it off.  None here.
#   * A threshold for order 1 under which </s> falls (a text of a line or two) makes an ARPA file
#     whose count of unigrams is wrong.  Texts of one line get no such thresholds.
set -u
LC_ALL=C
export LC_ALL
[ $# -eq 1 ] || { echo "usage: KENLM_BIN=DIR tests/kenlm/run.sh WINNOW" >&2; exit 2; }
if [ -z "${KENLM_BIN:-}" ]; then
    echo "************************************************************************"
    echo "kenlm: SKIPPED. KENLM_BIN is not set, so nothing was compared with KenLM."
    echo "kenlm: KENLM_BIN=DIR make kenlm, where DIR holds lmplz, build_binary, query."
    echo "************************************************************************"
    exit 0
fi
for p in lmplz build_binary query; do
    [ -x "$KENLM_BIN/$p" ] || { echo "kenlm: no program $KENLM_BIN/$p" >&2; exit 2; }
done
winnow=$(realpath "$1")
kenlm=$(realpath "$KENLM_BIN")
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
vectors=$root/tests/vectors/ngram/text
seeds=${SEEDS:-2}
keep=${KEEP:-}
[ -z "$keep" ] || { mkdir -p "$keep" && keep=$(realpath "$keep"); } || exit 2
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT INT TERM
cd "$tmp" || exit 2

# ---- counting comparisons ---------------------------------------------------------------

n=0 bad=0 group_n=0 group_bad=0 tokens=0 largest=0
# begin: a new group; end LABEL: its line.
begin() { group_n=0 group_bad=0; }
end() { echo "  $1: $group_n comparisons, $group_bad differ"; }
# differs WHAT FILE...: a comparison that differs, with the files to keep.
differs() {
    what=$1
    shift
    bad=$((bad + 1)) group_bad=$((group_bad + 1))
    echo "  DIFFERS: $what"
    [ -z "$keep" ] || { mkdir -p "$keep/$bad" && echo "$what" >"$keep/$bad/what" && cp "$@" "$keep/$bad" 2>/dev/null; }
}
count() { n=$((n + 1)) group_n=$((group_n + 1)); }

# ---- ARPA files -------------------------------------------------------------------------

# lmplz TEXT ORDER OPTIONS: theirs.arpa, or none when it refuses.  The sizes only make it start
# faster; its output does not depend on them.
lmplz() {
    rm -f theirs.arpa
    # shellcheck disable=SC2086
    "$kenlm/lmplz" -o "$2" -S 16M --vocab_estimate 2000 --sort_block 1M -T "$tmp/" --text "$1" --arpa theirs.arpa $3 \
        >lmplz.log 2>&1 || rm -f theirs.arpa
}
build() {
    rm -f ours.arpa
    # shellcheck disable=SC2086
    "$winnow" lm build -q --format lines --tokens whitespace --order "$2" $3 --arpa ours.arpa "$1" >ours.log 2>&1
}
# same_arpa TEXT ORDER OPTIONS: ours against theirs.arpa; when lmplz refused, we must.
same_arpa() {
    build "$@"
    count
    if [ -f theirs.arpa ]; then
        cmp -s theirs.arpa ours.arpa || differs "$(basename "$1"), order $2, $3" "$1" theirs.arpa ours.arpa ours.log
    elif [ -f ours.arpa ]; then
        differs "$(basename "$1"), order $2, $3: lmplz refused: $(tail -n 1 lmplz.log)" "$1" ours.arpa lmplz.log
    fi
}
# Imported and exported again.
same_back() {
    [ -f theirs.arpa ] || return 0
    count
    if ! { "$winnow" lm import -q --for sampling theirs.arpa -o back.wlm &&
        "$winnow" lm export -q back.wlm -o back.arpa && cmp theirs.arpa back.arpa; } >ours.log 2>&1; then
        differs "$1: imported and exported again" theirs.arpa back.arpa ours.log
    fi
}

# ---- scores -----------------------------------------------------------------------------

# same_scores NAME MODEL HELD-OUT TOKEN_TOL TOTAL_TOL: against query.out, which query printed.
same_scores() {
    count
    # shellcheck disable=SC2086
    if "$winnow" lm score -q --format lines --per token $markers "$2" "$3" -o rows >ours.log 2>&1 &&
        said=$(awk -v tol="$4" -v total_tol="$5" -f "$here/scores.awk" query.out rows); then
        # shellcheck disable=SC2086
        set -- $said
        tokens=$((tokens + $2))
        [ "$exact" = no ] || largest=$(echo "$largest $3" | awk '{ print ($2 > $1 ? $2 : $1) }')
    else
        differs "$1: $said$(cat ours.log)" "$3" theirs.arpa "$2" query.out rows
    fi
}
# score TEXT ORDER OPTIONS-OF-LMPLZ OURS HELD-OUT: our three stores against their two.
score() {
    lmplz "$1" "$2" "$3"
    # shellcheck disable=SC2086
    made=$("$winnow" lm build -q --format lines --tokens whitespace --order "$2" $4 --for scoring -o exact.wlm "$1" 2>&1 &&
        "$winnow" lm build -q --format lines --tokens whitespace --order "$2" $4 --mode compact --for scoring -o compact.wlm "$1" 2>&1 &&
        "$winnow" lm import -q --for sampling theirs.arpa -o index.wlm 2>&1) ||
        { count; differs "$(basename "$1"), order $2: no model: $made" "$1"; return; }
    for store in probing trie; do
        "$kenlm/build_binary" -S 16M $store theirs.arpa theirs.bin >lmplz.log 2>&1 ||
            { count; differs "$(basename "$1"), order $2: build_binary $store: $(tail -n 1 lmplz.log)" theirs.arpa; continue; }
        for markers in '' --no-markers; do
            "$kenlm/query" ${markers:+-n} -v word -v sentence theirs.bin <"$5" >query.out 2>/dev/null
            name="$(basename "$1"), order $2, $3 $markers, $store"
            exact=yes
            same_scores "$name, exact" exact.wlm "$5" 1e-5 1e-6
            same_scores "$name, index" index.wlm "$5" 1e-5 1e-6
            # 12 bits for the range of the highest order's values, 16 for the others.
            exact=no
            same_scores "$name, compact" compact.wlm "$5" 2e-3 1e-4
        done
    done
}

# ---- texts ------------------------------------------------------------------------------

kinds="plain tiny one repeats blank long gaps bytes"
seeded() { awk -v seed="$1" -v kind="$2" -v held="$3" -f "$here/texts.awk" | tr '\001' '\000'; }
for k in $kinds; do
    for s in $(seq "$seeds"); do
        seeded "$s" "$k" 0 >"$k-$s"
        seeded "$s" "$k" 1 >"$k-$s.held"
    done
done
seeded 1 wide 0 >wide-1
seeded 1 wide 1 >wide-1.held
# Escapes other than these stay as they are: they are only bytes here.
lines_of() { sed -n 's/.*"text": *"\(\([^"\\]\|\\.\)*\)".*/\1/p' "$@" | sed 's/\\n/\n/g; s/\\"/"/g; s/\\\\/\\/g'; }
for part in en fr; do
    lines_of "$root/corpus/machine-$part-a.jsonl" >"corpus-$part"
    lines_of "$root/corpus/machine-$part-b.jsonl" | head -n 60 >"corpus-$part.held"
done
for t in t1_toy t2_phrases t3_unicode t4_zipf t5_edges t7_oneword t8_repeat t9_special t11_blankline t12_eol; do
    cp "$vectors/$t.txt" $t
done
cp "$vectors/t1_heldout.txt" t1_toy.held
cp "$vectors/t2_heldout.txt" t2_phrases.held
cp "$vectors/t3_heldout.txt" t3_unicode.held
cp "$vectors/t2_limit_vocab.txt" limit
i=0
while [ $i -lt 30 ]; do
    sed "s/a/a$i/g" t2_phrases
    i=$((i + 1))
done >large
long_texts="t1_toy t2_phrases t3_unicode t4_zipf t5_edges t8_repeat t12_eol"
vector_texts="$long_texts t7_oneword t11_blankline"
corpus_texts="corpus-en corpus-fr"
seeded_texts="$(for k in $kinds; do for s in $(seq "$seeds"); do echo "$k-$s"; done; done) wide-1"

# ---- groups -----------------------------------------------------------------------------

echo "kenlm: against $kenlm"
every_order() {
    begin
    label=$1
    shift
    for t; do
        for order in 1 2 3 4 5 6; do
            lmplz "$t" $order --discount_fallback
            same_arpa "$t" $order "--jobs $((1 + order % 2))"
            same_back "$t, order $order"
        done
    done
    end "$label, orders 1 to 6"
}
# shellcheck disable=SC2086
every_order "reference texts" $vector_texts
# shellcheck disable=SC2086
every_order "corpus" $corpus_texts
# shellcheck disable=SC2086
every_order "seeded texts" $seeded_texts

# One option at a time: lmplz's, then ours.  Thresholds are cut to the order.
options() {
    cat <<O
--discount_fallback --prune 1|--prune 1
--discount_fallback --prune 0 1|--prune 0,1
--discount_fallback --prune 0 0 1 2 2 3|--prune 0,0,1,2,2,3
--discount_fallback --limit_vocab_file limit|--limit-vocab limit
--discount_fallback --prune 0 1 --limit_vocab_file limit|--prune 0,1 --limit-vocab limit
--discount_fallback --vocab_pad 5000|--vocab-pad 5000
--discount_fallback --interpolate_unigrams 0|--interpolate-unigrams no
--discount_fallback 0.3 0.8 1.2|--discount-fallback 0.3,0.8,1.2
--discount_fallback 0.7|--discount-fallback 0.7
--discount_fallback --skip_symbols|--skip-symbols
|--strict-discounts
O
}
# cut_theirs ORDER, cut_ours ORDER: no more thresholds than the order.
cut_theirs() { awk -v n="$1" '{ for (i = 1; i <= NF; i++) { if ($i ~ /^--/) { at = $i == "--prune" ? 0 : -99 } else at++; if (at <= n) printf "%s ", $i } }'; }
cut_ours() { awk -v n="$1" '{ for (i = 1; i <= NF; i++) { if (p == "--prune") { m = split($i, t, ","); $i = t[1]; for (j = 2; j <= m && j <= n; j++) $i = $i "," t[j] } p = $i; printf "%s ", $i } }'; }
begin
options >options.list
for t in t2_phrases corpus-en tiny-1 blank-1 t9_special; do
    while IFS='|' read -r theirs ours; do
        for order in 1 3 5; do
            lmplz "$t" $order "$(echo "$theirs" | cut_theirs $order)"
            same_arpa "$t" $order "$(echo "$ours" | cut_ours $order)"
        done
    done <options.list
done
end "one option at a time"

# Several at a time, by a random number for each; every row of random_options is a text, an order
# and both lists.
random_options() {
    awk -v seed="$1" -v texts="$long_texts $corpus_texts $seeded_texts" '
    function draw(n) { state = (16807 * state) % 2147483647; return int(state / 65536) % n }
    BEGIN {
        state = 1 + seed * 7919
        n = split(texts, text, " ")
        for (i = 0; i < 30; i++) {
            order = 1 + draw(6)
            theirs = "--discount_fallback"; ours = ""
            if (draw(3) == 0) {
                d = (1 + draw(9)) / 10
                theirs = theirs " " d " " 2 * d " " 3 * d; ours = ours " --discount-fallback " d "," 2 * d "," 3 * d
            }
            if (draw(2)) {
                m = 1 + draw(order); low = draw(2)
                theirs = theirs " --prune"; ours = ours " --prune "
                for (j = 0; j < m; j++) { theirs = theirs " " low; ours = ours (j ? "," : "") low; low += draw(3) }
            }
            if (draw(4) == 0) { theirs = theirs " --limit_vocab_file limit"; ours = ours " --limit-vocab limit" }
            if (draw(3) == 0) { theirs = theirs " --interpolate_unigrams 0"; ours = ours " --interpolate-unigrams no" }
            else if (draw(2)) { v = 1 + draw(9000); theirs = theirs " --vocab_pad " v; ours = ours " --vocab-pad " v }
            print text[1 + draw(n)] "|" order "|" theirs "|" ours " --jobs " 1 + draw(2)
        }
    }'
}
begin
for s in $(seq "$seeds"); do
    random_options "$s" >random.list
    while IFS='|' read -r t order theirs ours; do
        lmplz "$t" "$order" "$theirs"
        same_arpa "$t" "$order" "$ours"
        same_back "$t, order $order, $theirs"
    done <random.list
done
end "random options"

# Too little memory for the text, so that both sort on disk.
begin
for order in 3 5; do
    lmplz large $order '--discount_fallback --prune 0 1'
    for room in '--jobs 1' '--jobs 2' '--memory 40M --jobs 1' '--memory 64M --jobs 2'; do
        same_arpa large $order "--prune 0,1 $room --tmp $tmp"
    done
done
end "threads and small memory"

begin
for order in 2 3 4 5 6; do
    score t2_phrases $order --discount_fallback '' t2_phrases.held
    score corpus-en $order --discount_fallback '' corpus-en.held
done
score t1_toy 3 --discount_fallback '' t1_toy.held
score t3_unicode 4 --discount_fallback '' t3_unicode.held
score corpus-fr 5 '--discount_fallback --prune 0 0 1' '--prune 0,0,1' corpus-fr.held
score wide-1 4 '--discount_fallback --prune 0 1' '--prune 0,1' wide-1.held
score plain-1 3 '--discount_fallback --interpolate_unigrams 0' '--interpolate-unigrams no' plain-1.held
score plain-1 3 '--discount_fallback --vocab_pad 9000' '--vocab-pad 9000' plain-1.held
for k in $kinds; do
    score "$k-1" 4 --discount_fallback '' "$k-1.held"
done
end "scores (exact and index at 1e-5, compact at 2e-3; $tokens tokens, largest difference of the exact $largest)"

echo "kenlm: $n comparisons, $bad differ"
[ "$bad" -eq 0 ]
