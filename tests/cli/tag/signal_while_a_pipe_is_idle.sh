# A pipe that gives nothing does not keep winnow from stopping.
mkfifo pipe
sleep 20 >pipe &
feeder=$!
winnow tag -q -j $JOBS --no-rules - <pipe -o out.jsonl 2>err &
pid=$!
# Its temporary output says that it runs, and has set its handlers.
n=0
while ! ls out.jsonl.tmp-* >/dev/null 2>&1 && [ $n -lt 200 ]; do sleep 0.05; n=$((n + 1)); done
kill -INT $pid
wait $pid
echo "exit $?"
kill $feeder
ls
