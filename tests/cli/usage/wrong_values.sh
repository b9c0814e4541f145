winnow tag --max-bad 2 2>&1; echo $?
winnow tag --max-bad 2>&1; echo $?
winnow tag --jobs -1 2>&1; echo $?
winnow tag --max-doc 5X 2>&1; echo $?
winnow tag --utf8 maybe 2>&1; echo $?
winnow tag --salvage=yes 2>&1; echo $?
winnow tag --shard 3/3 in.jsonl 2>&1; echo $?
winnow tag -z 2>&1; echo $?
winnow simulate 2>&1; echo $?
winnow lm bild 2>&1; echo $?
winnow mix no-such-policy.yaml x 2>&1; echo $?
winnow tag -m no-such-model.wnm x 2>&1; echo $?
