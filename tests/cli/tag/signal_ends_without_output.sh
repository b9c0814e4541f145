# A signal in the middle: no output, no temporary file, the signal's exit code.
mkfifo pipe
winnow tag -q -j $JOBS --no-rules - <pipe -o out.jsonl 2>err &
pid=$!
exec 3>pipe
echo '{"text":"a"}' >&3
# Its temporary output says that it runs, and has set its handlers.
n=0
while ! ls out.jsonl.tmp-* >/dev/null 2>&1 && [ $n -lt 200 ]; do sleep 0.05; n=$((n + 1)); done
kill -TERM $pid
wait $pid
echo "exit $?"
exec 3>&-
ls
