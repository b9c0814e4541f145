# A signal in the middle: no output, no temporary file, the signal's exit code.
mkfifo pipe
winnow tag -q -j $JOBS --no-rules - <pipe -o out.jsonl 2>err &
pid=$!
exec 3>pipe
echo '{"text":"a"}' >&3
sleep 0.3
kill -TERM $pid
wait $pid
echo "exit $?"
exec 3>&-
ls
