# A signal ends the run without an output, and with the signal's exit code.
mkfifo pipe
winnow tag -q -j $JOBS --no-rules pipe -o out.jsonl 2>err &
pid=$!
exec 3>pipe
echo '{"text":"a"}' >&3
sleep 0.3
kill -TERM $pid
echo '{"text":"b"}' >&3
exec 3>&-
wait $pid
echo "exit $?"
ls out.jsonl 2>/dev/null
ls | grep tmp
true
