# D1: Dohmatob et al. 2024, tails: Zipf law p_i ~ i^-s, a memoriser; T_0 real points for the
# generator, T of its points for the student.  Error (lost mass) ~ T^-c + T_0^-c, c = 1 - 1/s; a
# top-p cut leaves a floor. Exact on 2e5 states: sum p_i (1-p_i)^T0, and sum p_i E (1-X/T0)^T.
. "$(dirname "$0")/lib.sh"

for s in "1.5 100 0.200920244" "1.5 1000 0.0925277863" "1.5 10000 0.0420374779" \
         "2 100 0.0688375545" "2 1000 0.0218397723" "2 10000 0.00690659475"; do
    set -- $s
    sim one -e discrete --states 200000 --zipf "$1" -n "$2" -g 1 -s 400 --seed 59 replace
    exact "lost mass of one fit, s $1, T $2" "$3" one replace 1 lost_mass
    case $2 in
    1000) m3=$(pick one replace 1 lost_mass) ;;
    10000)
        slope=$(calc "log($(pick one replace 1 lost_mass) / $m3) / log(10)")
        holds "slope from T 1e3 to 1e4, s $1" "-c = $(num "$(calc "1 / $1 - 1")" 3)" "$(num "$slope" 4)" \
            "($slope - (1 / $1 - 1)) ^ 2 < 0.02 ^ 2" ;;
    esac
done
for s in "100 0.0705475588" "1000 0.0274626364" "10000 0.0218402657" "100000 0.0218397723"; do
    set -- $s
    sim two -e discrete --states 200000 --zipf 2 --first 1000 -n "$1" -g 2 -s 400 --seed 59 replace
    exact "lost mass of the student, s 2, T_0 1000, T $1" "$2" two replace 2 lost_mass
done
for n in 1000 100000; do
    sim cut -e discrete --states 200000 --zipf 2 --first 100000 --top-p 0.9 -n $n -g 2 -s 100 --seed 59 replace
    floor=$(pick cut replace 2 lost_mass)
    holds "lost mass of the student, T_0 1e5, T $n, top-p 0.9" "a floor, whatever T: about 0.1" "$(num "$floor")" \
        "$floor > 0.08 && $floor < 0.1"
done
finish
