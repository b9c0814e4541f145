# Compares scores token by token.
#   usage: awk -v tol=ABSOLUTE -v total_tol=RELATIVE -f scores.awk QUERY_OUTPUT SCORE_ROWS
# QUERY_OUTPUT: query -v word -v sentence; SCORE_ROWS: winnow lm score --per token.
# Prints "equal TOKENS LARGEST" or what differs first.
function abs(x) { return x < 0 ? -x : x }
FNR == NR {
    fields = split($0, field, "\t")
    for (i = 1; i < fields; i++) {                # the last one is the sentence's total
        parts = split(field[i], part, " ")
        p[++n] = part[parts]
        len[n] = part[parts - 1]
        oov[n] = part[parts - 2] ~ /=0$/
        theirs += p[n]
    }
    next
}
{
    k++
    match($0, /"log10_p":[-+0-9.e]*,"matched":[0-9]+,"oov":[a-z]+}$/)
    split(substr($0, RSTART, RLENGTH - 1), got, /[:,]/)
    ours += got[2]
    d = abs(got[2] - p[k])
    if (d > largest) largest = d
    if (!bad && (RSTART == 0 || k > n || d > tol || got[4] != len[k] || (got[6] == "true") != oov[k]))
        bad = "token " k ": ours " got[2] " length " got[4] " oov " got[6] ", theirs " p[k] " " len[k] " " oov[k]
}
END {
    if (!bad && k != n) bad = k " tokens, theirs " n
    if (!bad && abs(ours - theirs) > total_tol * abs(theirs)) bad = "total " ours ", theirs " theirs
    if (bad) { print bad; exit 1 }
    printf "equal %d %.2g\n", n, largest
}
