# R3: Suresh et al. 2024, Zipf laws: K = n = 1000, p_i ~ 1/(i+b)^a with (a,b) = (1, 2.7) and (2, 5),
# 10 fits, 200 paths. Published: the share of the states of fit 1 that survive lies within their
# bounds.  Exact means of the number of states (0.05: the digits of the reference).  Theirs start
# all paths from one first sample; here each run draws its own.
. "$(dirname "$0")/lib.sh"

try() { # A B FIT1 FIT2 FIT3 FIT10 SHARE
    sim r3 -e discrete --states 1000 --zipf "$1" --zipf-shift "$2" -n 1000 -g 10 -s 2000 --seed 53 replace
    exact "states at fit 1, (a,b) = ($1,$2)" "$3" r3 replace 1 states 0.03
    exact "states at fit 2, (a,b) = ($1,$2)" "$4" r3 replace 2 states 0.03
    [ "$5" = - ] || exact "states at fit 3, (a,b) = ($1,$2)" "$5" r3 replace 3 states 0.03
    exact "states at fit 10, (a,b) = ($1,$2)" "$6" r3 replace 10 states 0.03
    q=$(calc "$(pick r3 replace 10 states) / $(pick r3 replace 1 states)")
    holds "share of the states of fit 1 left at fit 10, (a,b) = ($1,$2)" "$7" "$(num "$q" 3)" \
        "($q - $7) ^ 2 < 0.003 ^ 2"
}
try 1 2.7 390.1 292.6 239.4 115.4 0.296
try 2 5 121.0 96.0 - 48.4 0.400
finish
