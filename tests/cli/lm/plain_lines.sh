# One sentence a line from any kind of file, one by one or as documents, gives one model.
T=$ROOT/tests/vectors/ngram/text/t2_phrases.txt
build() { winnow lm build -q -j $JOBS --tokens whitespace "$@" 2>err || { echo "exit $?"; cat err; }; }
build "$T" --arpa want.arpa
same() { cmp want.arpa got.arpa && echo "$1"; rm -f got.arpa; }
cp "$T" lines; build lines --arpa got.arpa; same "any name"
gzip -kc "$T" >t.gz; build t.gz --arpa got.arpa; same gzip
build --arpa got.arpa <"$T"; same "standard input"
mkfifo pipe; cat "$T" >pipe & build pipe --arpa got.arpa; same fifo
tar cf t.tar lines; build t.tar --arpa got.arpa; same tar
head -c -1 "$T" >open; build open --arpa got.arpa; same "no last line end"
sed 's/$/\r/' "$T" >crlf; build crlf --arpa got.arpa; same crlf
{ printf '{"text":"'; sed 's/"/\\"/g' "$T" | sed ':a;N;$!ba;s/\n/\\n/g' | tr -d '\n'; printf '"}\n'; } >doc.jsonl; build doc.jsonl --arpa got.arpa; same "JSON Lines"
head -500 "$T" >a; tail -n +501 "$T" >b; build a b --arpa got.arpa; same "two files"
build --format lines "$T" --arpa got.arpa; same "--format lines"
build --format jsonl "$T" --arpa got.arpa | sed -n '1p;$p'; rm -f got.arpa

# What is bad is left out alone, and everything is accounted for.
{ printf 'a b c\n'; head -c 3000 /dev/zero | tr '\0' x; printf '\nb <s> c\n\nd\377 e\n'; printf 'a b'; } >bad
winnow lm build --tokens whitespace --max-doc 2000 --rejects r.jsonl bad --arpa got.arpa 2>&1 | grep -E 'records:|doc_too|special_word|warning: .bad' | sed 's/ byte.*//'
cut -c1-60 r.jsonl | sed 's/,"message.*//'
printf 'a b c\n\nd\377 e\na b\n' >good; build good --arpa want.arpa; same "good lines only"

# With other tokenizers a line can be a document as well.
printf 'One line.\n\nAnother one.\n' >two.txt
winnow lm build -q two.txt -o m.wlm 2>/dev/null && winnow lm info m.wlm | head -1 | sed 's/, [0-9.]* MB//'
winnow lm build -q --format lines two.txt -o m.wlm 2>/dev/null && winnow lm info m.wlm | head -1 | sed 's/, [0-9.]* MB//'
