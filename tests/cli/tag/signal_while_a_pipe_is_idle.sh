# A pipe that gives nothing does not keep winnow from stopping.
mkfifo pipe
sleep 20 >pipe &
feeder=$!
winnow tag -q -j $JOBS --no-rules - <pipe -o out.jsonl 2>err &
pid=$!
sleep 0.4
kill -INT $pid
wait $pid
echo "exit $?"
kill $feeder
ls
