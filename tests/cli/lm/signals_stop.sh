# The first signal ends every phase, waiting ones too, with 128 + its number; nothing is left.
T=$ROOT/tests/vectors/ngram/text/t1_toy.txt
winnow lm build -q --tokens whitespace --order 2 "$T" -o m.wlm
mkfifo pipe idle
exec 3<>idle                # has a writer, which writes nothing
# Sends SIGTERM once the run has begun: it handles the signal then, and needs far longer than it gets.
stop() {
    "$@" <&3 >/dev/null 2>err &
    pid=$!
    # SigCgt: signals with a handler, in hexadecimal; bit 14 is SIGTERM.
    while caught=$(sed -n 's/^SigCgt:.*\(....\)$/\1/p' /proc/$pid/status 2>/dev/null) && [ -n "$caught" ] &&
        [ $((0x$caught & 0x4000)) -eq 0 ]; do
        sleep 0.01
    done
    sleep 0.2
    kill -TERM $pid 2>/dev/null
    (sleep 20; kill -9 $pid) 2>/dev/null &
    guard=$!
    wait $pid
    echo "$? $2 $3: $(cat err)"
    kill $guard 2>/dev/null
}
stop winnow lm sample -n 1000 --max-tokens 10000000 --min-tokens 10000000 m.wlm -o x
stop winnow lm sample -n 1 --max-tokens 10000000 --min-tokens 10000000 --top-p 0.9 --repetition-penalty 1.1 m.wlm -o x
stop winnow lm sample --beam 100000 --min-tokens 100000 --max-tokens 100000 m.wlm -o x
stop winnow lm build -q -j $JOBS pipe -o x
stop winnow lm build -q --tokens whitespace --limit-vocab pipe "$T" -o x
stop winnow lm score -q -j $JOBS m.wlm pipe -o x
stop winnow lm import pipe -o x
stop winnow lm import idle -o x
stop winnow lm import - -o x
ls
