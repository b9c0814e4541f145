# A pseudo-random text; a seed gives the same one with every awk, rounding of exp() apart.
#   usage: awk -v seed=N -v kind=K -v held=0|1 -f texts.awk
# held=1: held-out text of the same kind, with words that the text does not have, and without
# the bytes that lmplz and query cut at differently.
# \001 in the output stands for NUL, which not every awk can print.

# Park and Miller 1988: 16807 s mod 2^31 - 1 stays exact in a double.
function draw(n) { state = (16807 * state) % 2147483647; return state % n }
# Low numbers often, as words are: about 1 / rank.
function rank(n) { return int(exp(draw(100000) / 100000 * log(n + 1))) - 1 }
function repeat(s, n,   r) { for (r = ""; n > 0; n--) r = r s; return r }
function word() {
    if (held && draw(12) == 0) return "new" draw(9)
    if (kind == "tiny") return substr("abc", 1 + draw(3), 1)
    if (kind == "one") return draw(40) ? "w" : "v"
    if (kind == "long") return draw(4) ? "w" rank(30) : repeat(substr("xyz", 1 + draw(3), 1), 200 * (1 + draw(20)))
    if (kind == "bytes") return sprintf("%s%c%s", substr("ABab\"{}\\=<>|", 1 + draw(13), 1), 128 + draw(128), draw(6))
    return "w" rank(kind == "wide" ? 3000 : 150)
}
function gap() {
    if (kind != "gaps" && kind != "bytes") return " "
    return substr(held ? " \t  " : " \t\r\001", 1 + draw(4), 1) repeat(" ", draw(3) == 0)
}
function line(   n, s) {
    n = kind == "blank" && draw(3) ? 0 : 1 + draw(kind == "tiny" ? 6 : 20)
    s = kind == "gaps" && draw(2) ? gap() : ""
    while (n-- > 0) s = s word() (n || kind == "gaps" ? gap() : "")
    return s
}
BEGIN {
    state = 1 + (seed * 7919 + length(kind) * 104729 + held * 611953) % 2147483646
    for (i = 0; i < 20; i++) draw(2)
    n_lines = held ? 40 : 20 + draw(kind == "wide" || kind == "plain" ? 900 : 200)
    for (i = 0; i < n_lines; i++) {
        if (kind != "repeats" || i < 5 || draw(10) == 0) last = line()
        printf "%s\n", last
    }
}
