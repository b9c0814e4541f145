# What is no text, no model, no ARPA file or no count file is named as what it is, before any work.
T=$ROOT/tests/vectors/ngram/text/t1_toy.txt
B="winnow lm build -q --tokens whitespace"
$B "$T" -o m.wlm --counts m.wlc --arpa m.arpa
mkdir folder; mkfifo pipe; : >empty
try() { "$@" 2>&1; echo "exit $?"; }
echo "== a model or a count file as text"
for kind in auto lines text; do
    try $B --format $kind m.wlm -o x
done
try winnow lm count -q --tokens whitespace m.wlc -o x
try winnow lm mix m.wlm m.wlm --tune m.wlm -o x
echo "== pipes without a writer, folders"
for verb in info export; do
    try winnow lm $verb pipe
    try winnow lm $verb folder
done
try winnow lm merge pipe
try winnow lm merge folder
try winnow lm import folder -o x
try winnow lm import empty -o x
echo "== plain text that starts with a brace"
printf '{ a b\nc d\n' >brace
try winnow lm count -q --tokens whitespace brace -o x
rm -f x
try $B --format lines brace --arpa - | grep -c '	{ a'
echo "== special words have a reason of their own"
printf 'a b\na <s> b\n' >special
winnow lm count -q --tokens whitespace --rejects r.jsonl special -o x 2>/dev/null
grep -o '"reason":"[a-z_]*"' r.jsonl
rm -f x
echo "== headers that no model can have"
printf '\\data\\\nngram 1=3\nngram 2=1\nngram 3=1\nngram 4=1\nngram 5=1\nngram 6=1\nngram 7=1\nngram 8=1\nngram 9=1\n\n' >a9
printf '\\data\\\nngram 1=3\nngram 2=99999999999\n\n' >a2
try winnow lm import a9 -o x
try winnow lm import a2 -o x
echo "== an ARPA file without <s> among its unigrams, but with n-grams that begin with it"
printf '\\data\\\nngram 1=3\nngram 2=1\n\n\\1-grams:\n-1\t<unk>\n-0.5\ta\t-0.25\n-0.5\t</s>\n\n\\2-grams:\n-0.125\t<s> a\n\n\\end\\\n' >nobos
try winnow lm import nobos -o x
winnow lm import -q --missing-markers nobos -o y
winnow lm export y
echo "== a folder for temporary files, and room, before anything is read"
try $B -T no-such pipe -o x
try env TMPDIR=no-such winnow lm count pipe -o x
try $B --max-doc 2G -S 100M pipe -o x
ls
