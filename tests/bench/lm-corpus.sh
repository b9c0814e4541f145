#!/bin/sh
# A text of 30 million tokens and more for measuring the n-gram engine, made from
# documentation packages of Debian (downloaded, never installed).
#
#   usage: tests/bench/lm-corpus.sh OUTDIR
#
# Writes OUTDIR/train.txt and OUTDIR/heldout.txt (every 20th line): one sentence a line,
# tokens between single spaces, lower case, no line twice.  The same package versions
# give the same bytes.  About 260 MB are downloaded once, into OUTDIR/deb.
#
# Needs: apt, dpkg-deb, gzip, awk and the perl of perl-base.
set -eu
LC_ALL=C
export LC_ALL

[ $# = 1 ] && [ -n "$1" ] || { echo "usage: lm-corpus.sh OUTDIR" >&2; exit 2; }
say() { printf 'lm-corpus: %s\n' "$*" >&2; }

packages="anarchism apache2-doc bible-kjv-text cmake-doc debian-handbook dict-foldoc dict-gcide dict-jargon dict-wn
    erlang-doc git-doc gnome-user-docs libboost1.74-doc libglib2.0-doc libgtk-3-doc linux-doc-6.1 llvm-14-doc
    manpages manpages-dev maxima-doc mit-scheme-doc nodejs-doc octave-doc openjdk-17-doc pari-doc perl-doc
    postgresql-doc-15 python-django-doc python-pandas-doc python3.11-doc qtbase5-doc-html r-doc-html ruby3.1-doc
    rust-doc sqlite3-doc"

mkdir -p "$1/deb" "$1/pkg"
cd "$1"

apt() { # as root, apt would try to hand the download to the user _apt
    if [ "$(id -u)" = 0 ]; then apt-get -q -o APT::Sandbox::User=root "$@"; else apt-get -q "$@"; fi
}
for p in $packages; do
    ls deb/"$p"_*.deb >/dev/null 2>&1 || (cd deb && apt download "$p" >&2) || say "no package $p: going on without it"
    for deb in deb/"$p"_*.deb; do
        [ -e "$deb" ] && [ ! -e "pkg/$p/.done" ] || continue
        say "unpacking $p"
        rm -rf "pkg/$p"
        mkdir -p "pkg/$p"
        dpkg-deb -x "$deb" "pkg/$p"
        : >"pkg/$p/.done"
    done
done

# Prose of a file: HTML without its tags, man pages without requests, text as it is.
say "extracting"
find pkg -type f \( -name '*.html' -o -name '*.htm' -o -name '*.txt' -o -name '*.txt.gz' -o -name '*.rst' -o -name '*.rst.gz' \
    -o -name '*.dict.dz' -o -name '*.[1-8].gz' -o -name '*.pod' -o -name '*.page' -o -name '*.md' -o -name 'bible*.gz' \) |
    grep -v -e '/locale/' -e '/help/[a-bd-z]' -e '/src/' -e genindex -e '/debian-handbook/html/[a-df-z]' |
    sort | perl -e '
    while (my $path = <STDIN>) {
        chomp $path;
        my $open = $path =~ /\.(?:gz|dz)$/ ? open(F, "-|", "gzip", "-dc", "--", $path) : open(F, "<", $path);
        next if !$open;
        local $/;
        my $t = <F>;
        close F;
        next if !defined $t || $t =~ /\0/;
        if ($path =~ /\.(?:html?|page)$/) {
            $t =~ s/<!--.*?-->//gs;
            $t =~ s{<(script|style|head|nav|table[^>]*index)\b.*?</\1>}{ }gsi;
            $t =~ s{</?(?:p|div|li|ul|ol|dl|dt|dd|td|th|tr|table|h[1-6]|pre|br|section|title)\b[^>]*>}{\n\n}gsi;
            $t =~ s/<[^>]*>//gs;
            $t =~ s/&nbsp;|&#160;/ /g; $t =~ s/&lt;/</g; $t =~ s/&gt;/>/g; $t =~ s/&quot;|&#34;/"/g;
            $t =~ s/&#39;|&rsquo;|&apos;/\x27/g; $t =~ s/&amp;/&/g; $t =~ s/&#?\w+;/ /g;
        } elsif ($path =~ /\.[1-8]\.gz$/) {
            $t =~ s/^[.\x27](?:\\"|TH|SH|SS|TP|PP|P|LP|IP|RS|RE|nf|fi|EX|EE|so|ad|hy|ie|el|if|de|ds|\.)\b.*$/\n/gm;
            $t =~ s/^\.\w+ ?//gm;
            $t =~ s/\\f(?:\[\w*\]|\(..|.)//g; $t =~ s/\\-/-/g; $t =~ s/\\\(../ /g; $t =~ s/\\[&|^%c]//g; $t =~ s/\\e/\\/g;
        }
        for my $para (split /\n[ \t]*\n+/, $t) {
            $para =~ s/\s+/ /g;
            for my $s (split /(?<=[.!?]) +(?=[A-Z"(])/, $para) {
                $s = lc $s;
                $s =~ s/([^\w\x80-\xff\x27\- ])/ $1 /g;
                my @w = split " ", $s;
                next if @w < 4 || @w > 250;
                next if grep({ /^[a-z]/ } @w) * 2 < @w;
                print join(" ", @w), "\n";
            }
        }
    }' | awk '!seen[$0]++' >all.txt
awk 'NR % 20 != 0' all.txt >train.txt.new
awk 'NR % 20 == 0' all.txt >heldout.txt.new
mv heldout.txt.new heldout.txt
mv train.txt.new train.txt
rm all.txt
awk -v path="$1" '{ n += NF + 1 } END { printf "lm-corpus: %s/train.txt: %d lines, %d tokens\n", path, NR, n }' train.txt >&2
