#!/bin/sh
# Build the human side of winnow's built-in data from Debian packages.
#
#   usage: corpus/extract-human.sh OUTDIR [MANIFEST]
#
# Every package named in the manifest (default: human.manifest beside this
# script) is downloaded with "apt-get download" at its pinned version into
# OUTDIR/deb, unpacked into OUTDIR/pkg (nothing is installed), and its prose is
# written to OUTDIR/human.jsonl, one document a line.  The same manifest and
# script always give the same bytes.
#
#   WINNOW_ANY_VERSION=1   take the version apt has where the pinned one is gone
#   WINNOW_FORCE=1         extract again although nothing has changed
#
# Needs: apt, dpkg-deb, gzip, sha256sum and the perl of perl-base.
set -eu
LC_ALL=C
export LC_ALL
umask 022

say() { printf 'extract-human: %s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

if [ $# -lt 1 ] || [ $# -gt 2 ] || [ -z "$1" ]; then
    echo "usage: extract-human.sh OUTDIR [MANIFEST]" >&2
    exit 2
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
self=$here/$(basename -- "$0")
manifest=${2:-$here/human.manifest}
[ -r "$manifest" ] || die "cannot read the manifest $manifest"
case $manifest in /*) ;; *) manifest=$(pwd)/$manifest ;; esac
for tool in apt-get apt-cache dpkg-deb gzip sha256sum perl; do
    command -v "$tool" >/dev/null 2>&1 ||
        die "$tool is not there: the human side is made from Debian packages, on a Debian machine"
done
mkdir -p -- "$1/deb" "$1/pkg"
out=$(CDPATH='' cd -- "$1" && pwd)
any=${WINNOW_ANY_VERSION:-0}

# --- nothing to do? --------------------------------------------------------
sum() { sha256sum <"$1" | cut -d' ' -f1; }
key="script $(sum "$self") manifest $(sum "$manifest") any-version $any"
if [ "${WINNOW_FORCE:-0}" != 1 ] && [ -f "$out/human.stamp" ] && [ -f "$out/human.jsonl" ] &&
   [ "$(cat "$out/human.stamp")" = "$key output $(sum "$out/human.jsonl")" ]; then
    say "$out/human.jsonl is up to date"
    exit 0
fi

tmp=$out/.extract.$$
trap 'rm -rf -- "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
rm -rf -- "$tmp"
mkdir -p -- "$tmp/get"

# --- which packages, which versions ------------------------------------------
perl -ne 'next if /^\s*(?:#|$)/; @f = split /\t/; print "$f[0] $f[1]\n" if !$seen{$f[0]}++' \
    "$manifest" >"$tmp/want"
[ -s "$tmp/want" ] || die "the manifest $manifest names no package"

apt() { # as root, apt would try to hand the download to the user _apt
    if [ "$(id -u)" = 0 ]; then apt-get -q -o APT::Sandbox::User=root "$@"; else apt-get -q "$@"; fi
}
updated=0
refresh() { # apt-get update, once
    [ $updated = 0 ] || return 1
    updated=1
    say "the package lists are missing or old: running apt-get update"
    if [ "$(id -u)" = 0 ]; then
        apt-get -qq update >&2 || return 1
    elif command -v sudo >/dev/null 2>&1; then
        if [ -t 0 ]; then sudo apt-get -qq update >&2; else sudo -n apt-get -qq update >&2; fi || return 1
    else
        say "not root and no sudo: run 'apt-get update' as root, then this again"
        return 1
    fi
}
versions() { # the binary versions of package $1 that apt knows, best first
    apt-cache madison "$1" 2>/dev/null | sed '/ Sources$/d' | cut -d'|' -f2 | tr -d ' ' | uniq
}
enc() { printf '%s' "$1" | sed 's/:/%3a/g'; }
deb_of() { # path of the cached file of package $1, version $2
    for f in "$out/deb/$1_$(enc "$2")_"*.deb; do
        [ -f "$f" ] || continue
        if [ "$(dpkg-deb -f "$f" Package Version 2>/dev/null)" = "Package: $1
Version: $2" ]; then printf '%s\n' "$f"; return 0; fi
        say "throwing away the damaged $f"
        rm -f -- "$f"
    done
    return 1
}

choose() { # writes $tmp/have (package version) and $tmp/missing
    : >"$tmp/have"
    : >"$tmp/missing"
    while read -r p v; do
        if deb_of "$p" "$v" >/dev/null; then echo "$p $v" >>"$tmp/have"; continue; fi
        vs=$(versions "$p")
        if printf '%s\n' "$vs" | grep -Fqx -- "$v"; then echo "$p $v" >>"$tmp/have"; continue; fi
        newest=$(printf '%s\n' "$vs" | head -n 1)
        if [ "$any" = 1 ] && [ -n "$newest" ]; then echo "$p $newest" >>"$tmp/have"; continue; fi
        echo "$p $v $(printf '%s' "$vs" | tr '\n' ' ')" >>"$tmp/missing"
    done <"$tmp/want"
}
complain() {
    while read -r p v vs; do
        say "error: $p: the manifest wants version $v; apt has ${vs:-no version of it}"
    done <"$tmp/missing"
    say "what to do: check that Debian 12 (bookworm) main is among apt's sources, or run again with"
    say "WINNOW_ANY_VERSION=1 to take the version apt has (the documents then differ from the"
    say "documented ones), or write the version you want into $manifest"
    exit 1
}
choose
if [ -s "$tmp/missing" ]; then
    refresh && choose
    [ ! -s "$tmp/missing" ] || complain
fi

# --- download ----------------------------------------------------------------
get() {
    set --
    while read -r p v; do
        deb_of "$p" "$v" >/dev/null || set -- "$@" "$p=$v"
    done <"$tmp/have"
    [ $# -gt 0 ] || return 0
    say "downloading $# packages"
    (cd "$tmp/get" && apt download "$@") >"$tmp/get.log" 2>&1
    rc=$?
    for f in "$tmp/get/"*.deb; do
        [ -f "$f" ] && mv -f -- "$f" "$out/deb/"
    done
    return $rc
}
if ! get; then
    refresh || { cat "$tmp/get.log" >&2; die "a download failed (see above)"; }
    choose
    [ ! -s "$tmp/missing" ] || complain
    get || { cat "$tmp/get.log" >&2; die "a download failed (see above)"; }
fi
while read -r p v; do
    w=$(perl -ne 'BEGIN { $p = shift } @f = split; print $f[1] if $f[0] eq $p' "$p" "$tmp/want")
    [ "$v" = "$w" ] ||
        say "note: $p: the manifest pins $w, taking $v (WINNOW_ANY_VERSION=1)"
done <"$tmp/have"

# --- unpack --------------------------------------------------------------------
while read -r p v; do
    f=$(deb_of "$p" "$v") || die "$p: the downloaded file is not version $v"
    d=$out/pkg/$p
    if [ ! -f "$d/.version" ] || [ "$(cat "$d/.version")" != "$v" ]; then
        rm -rf -- "$d"
        mkdir -p -- "$tmp/pkg/$p"
        dpkg-deb -x "$f" "$tmp/pkg/$p" || { rm -f -- "$f"; die "$p: cannot unpack $f (removed: run this again)"; }
        printf '%s\n' "$v" >"$tmp/pkg/$p/.version"
        mv -- "$tmp/pkg/$p" "$d"
    fi
done <"$tmp/have"

# --- extract ---------------------------------------------------------------------
cat >"$tmp/extract.pl" <<'END_OF_PERL'
use strict;
use warnings;

# Only modules of perl-base.  Without Encode: text is decoded with utf8::decode
# and, where it is not UTF-8, taken for windows-1252 (a superset of Latin-1).
use File::Glob qw(bsd_glob);

my ($manifest, $pkgdir, $tmp) = @ARGV;
my ($MIN, $MAX) = (90, 260);                     # words of a document

# ---------------------------------------------------------------- characters
my @CP1252 = (
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
    0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
);
my %ENT;
{
    my @latin = qw(nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy
        reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14
        frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute
        Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times
        Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml
        aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve
        oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml);
    @ENT{@latin} = map { chr } 0xA0 .. 0xFF;
    my %more = (quot => 0x22, amp => 0x26, lt => 0x3C, gt => 0x3E, apos => 0x27,
        OElig => 0x152, oelig => 0x153, Scaron => 0x160, scaron => 0x161, Yuml => 0x178,
        ensp => 0x20, emsp => 0x20, thinsp => 0x20, zwnj => 0x200C, zwj => 0x200D,
        ndash => 0x2013, mdash => 0x2014, lsquo => 0x2018, rsquo => 0x2019, sbquo => 0x201A,
        ldquo => 0x201C, rdquo => 0x201D, bdquo => 0x201E, dagger => 0x2020, bull => 0x2022,
        hellip => 0x2026, prime => 0x2032, lsaquo => 0x2039, rsaquo => 0x203A, euro => 0x20AC,
        trade => 0x2122, larr => 0x2190, rarr => 0x2192, minus => 0x2212);
    $ENT{$_} = chr $more{$_} for keys %more;
}

sub mend_c1 { $_[0] =~ s/([\x80-\x9f])/chr $CP1252[ord($1) - 0x80]/ge; }

sub decode {
    my ($s) = @_;
    utf8::decode($s) or utf8::upgrade($s);
    mend_c1($s);                  # C1 controls are windows-1252 gone astray
    $s =~ s/\r\n?/\n/g;
    $s =~ s/[\x{FEFF}\x{AD}\x{200B}-\x{200D}\x{2060}]//g;
    return $s;
}

sub gunzip {                      # the whole of a gzip file; its exit status is in $?
    my ($path) = @_;
    my $pid = open my $fh, '-|';
    defined $pid or die "fork: $!\n";
    if (!$pid) {
        open STDIN, '<', $path or die "$path: $!\n";
        open STDERR, '>', '/dev/null';
        exec 'gzip', '-dc' or die "gzip: $!\n";
    }
    binmode $fh;
    local $/;
    my $s = <$fh>;
    close $fh;
    return defined $s ? $s : '';
}

sub slurp {
    my ($path) = @_;
    if ($path =~ /\.(?:gz|dz)$/) {
        my $s = gunzip($path);
        $? and die "$path: cannot be read\n";
        return $s;
    }
    open my $fh, '<', $path or die "$path: $!\n";
    binmode $fh;
    local $/;
    my $s = <$fh>;
    close $fh or die "$path: cannot be read\n";
    return defined $s ? $s : '';
}

# A zlib stream through gzip: give it gzip's header, without zlib's two bytes;
# gzip complains of the missing trailer (hence no check of its exit status) and
# the length is checked instead.
sub inflate {
    my ($zlib, $want, $what) = @_;
    my $file = "$tmp/z.gz";
    open my $o, '>', $file or die "$file: $!\n";
    binmode $o;
    print $o "\x1f\x8b\x08\0\0\0\0\0\0\x03", substr($zlib, 2, -4);
    close $o or die "$file: $!\n";
    my $s = gunzip($file);
    length $s == $want or die "$what: a compressed block is damaged\n";
    return $s;
}

# ---------------------------------------------------------------- prose or not
sub squeeze {
    my ($s) = @_;
    $s =~ s/[\s\x{A0}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{3000}]+/ /g;
    $s =~ s/^ | $//g;
    # one form of quotation marks: which one a package uses says nothing of its author
    $s =~ tr/\x{2018}\x{2019}\x{201A}\x{B4}\x{201C}\x{201D}\x{201E}/''''"""/;
    $s =~ s/\x{2026}/.../g;
    return $s;
}

sub words { my @w = split ' ', $_[0]; return scalar @w }

my %COMMON = (
    en => qr/\b(?:the|of|and|to|in|is|that|it|was|for|with|as|be|by|this|are|from|not|you|have|he|his)\b/i,
    fr => qr/\b(?:de|la|le|les|et|des|est|que|qui|pour|dans|une|du|en|au|aux|par|sur|il|ce|vous|pas|sont|avec)\b/i,
);

my @BOILER = ("copyright (c)", "copyright \x{A9}", "\x{A9}", "(c) 19", "(c) 20", "gnu general", "gnu free doc",
    "gnu lesser", "gnu library", "project gutenberg", "proofread", "all rights reserved",
    "permission is granted", "permission is hereby", "creative commons", "licence publique",
    "warranty of", "warranties of", "invariant section", "tous droits r\x{E9}serv", "etext", "e-book");

# a paragraph of prose?
sub prose {
    my ($s, $lang, $minwords) = @_;
    my $w = words($s);
    return 0 if $w < $minwords;
    # it ends like a sentence and begins like one
    return 0 if $s !~ /[.!?\x{2026}](?: ?[\x{BB}"'\x{201D}\x{2019})\]])*$/;
    return 0 if $s !~ /^(?:["'(\[\x{201C}\x{2018}\x{AB}\x{2014}_-] ?)*[\p{Lu}\d]/;
    # no markup, code, addresses, paths, options, file names, control characters
    return 0 if $s =~ /[{}<>|\\^=\@#\x{FFFD}\p{Cc}]/;
    return 0 if index($s, '/') >= 0 && $s =~ m{://|(?:^|[\s(])~?/\w|\w/\w+/|\w/(?=[\s,.;)]|$)};
    return 0 if index($s, '_') >= 0 && $s =~ /__|\w_\w|_\*/;
    return 0 if $s =~ /\(\)|\);|(?<=\w)\(\d\)|\([,;]|\+\+|\*\*|\[Greek/;
    return 0 if $s =~ /(?:^|[ ("'])--?[a-zA-Z]/;
    return 0 if $s =~ /\.(?:conf|deb|dsc|txt|html?|gz|iso|sh|py|pl|cfg|ly|xml|tar|org|com|net)\b/;
    my $lc = lc $s;
    for my $b (@BOILER) { return 0 if index($lc, $b) >= 0 }
    (my $rest = $s) =~ s/[\p{L}\p{M} ]+//g;
    my $good = length($s) - length $rest;
    return 0 if $good < 0.90 * length $s;
    (my $up = $s) =~ s/\P{Lu}+//g;
    return 0 if length $up > 0.25 * $good;
    # words of a usual length, few initials
    my $short = grep { length == 1 } split ' ', $s;
    return 0 if $w >= 12 && $short > 0.20 * $w;
    if ($w >= 10) {
        my $mine  = () = $s =~ /$COMMON{$lang}/g;
        my $other = () = $s =~ /$COMMON{$lang eq 'fr' ? 'en' : 'fr'}/g;
        return 0 if $mine < 0.08 * $w || $mine <= 2 * $other;
    }
    return 1;
}

sub sentences {
    my ($s) = @_;
    my (@s, $cur);
    $cur = '';
    for my $piece (split /(?<=[.!?\x{2026}"'\x{201D}\x{BB})]) (?=["'(\x{201C}\x{AB}]?\p{Lu})/, $s) {
        $cur = length $cur ? "$cur $piece" : $piece;
        next if $cur !~ /[.!?\x{2026}](?: ?[\x{BB}"'\x{201D}\x{2019})\]])*$/;
        next if $cur =~ /(?:^|[\s("'])(?:\p{Lu}|Mr|Mrs|Ms|Dr|St|Mme|Mlle|MM|vol|pp?|cf|ed|etc|vs|Prof|Messrs|Prop|Exper|Fig|Obs|Prob|Esq|Inc|Co|no|i\.e|e\.g|op|cit)\.$/i;
        push @s, $cur;
        $cur = '';
    }
    if (length $cur) { @s ? ($s[-1] .= " $cur") : push @s, $cur }
    return @s;
}

# ---------------------------------------------------------------- paragraphs
# A reader gives a list of items: a string is a candidate paragraph, a
# reference to 1 a soft break (a document may end here), a reference to 2 a
# hard one (it must).
my ($SOFT, $HARD) = (\1, \2);

sub unwrap {                      # a hard-wrapped paragraph; '' when it is none
    my ($p, $indent) = @_;
    $p =~ s/^[ \t]*\n//;
    my @l = split /\n/, $p;
    return '' if !@l;
    my $lead = defined $indent ? $indent : 2;
    my ($sum, $k) = (0, 0);
    for my $i (0 .. $#l) {
        $l[$i] =~ s/\t/        /g;
        my ($in) = $l[$i] =~ /^( *)/;
        return '' if $i && length $in > $lead;                # verse, tables
        return '' if !$i && length $in > $lead + 4;
        $sum += length $l[$i], $k++ if $i < $#l;
    }
    return '' if $k >= 2 && $sum / $k < 45;                   # verse, lists
    return join ' ', @l;
}

sub read_text {
    my ($s) = @_;
    $s = $1 if $s =~ /\*\*\* ?START OF[^\n]*\n(.*?)\*\*\* ?END OF/s;
    my @out;
    for my $p (split /\n[ \t]*\n/, $s) {
        my $u = unwrap($p);
        $u =~ s/\[(?:Illustration|Footnote|Pg)[^\]]*\]//g;
        $u =~ s/\[[A-Z0-9]{1,3}\]//g;                         # footnote marks
        $u =~ s/(?<!\w)_|_(?!\w)//g;                          # _emphasis_
        push @out, $u =~ /^\s*(?:CHAPTER|ADVENTURE|BOOK|PART|VOLUME|Chapter)\b.{0,60}$/ ? $HARD : $u;
    }
    return @out;
}

sub read_lines {                  # a sentence or a paragraph a line, no blank lines
    my ($s) = @_;
    my (@out, $cur, $n);
    $cur = '';
    $n = 0;
    my $done = sub { push @out, $cur if length $cur; $cur = ''; $n = 0 };
    for my $l (split /\n/, $s) {
        $l = squeeze($l);
        if ($l !~ /[.!?\x{2026}]["'\x{BB})]*$/ || words($l) < 4) { $done->(); push @out, $SOFT; next }
        if (sentences($l) > 1) { $done->(); push @out, $l; next }
        $cur = length $cur ? "$cur $l" : $l;
        $n += words($l);
        $done->() if $n >= 55;
    }
    $done->();
    return @out;
}

sub read_fortune {
    my ($s) = @_;
    my @out;
    for my $e (split /^%\s*$/m, $s) {
        $e =~ s/^\n+//;
        next if $e =~ /^\s*[QA]:/m;
        $e =~ s/\n\s+-- .*\z//s;                              # who said it
        push @out, $HARD;
        push @out, map { unwrap($_, 0) } split /\n[ \t]*\n/, $e if $e !~ /\n[ \t]+\S.*\n[ \t]+\S.*\n[ \t]+\S/;
    }
    return @out;
}

sub read_dictd {
    my ($s, $opt) = @_;
    my @out;
    for my $e (split /\n(?=\S)/, $s) {
        next if $e =~ /^00-?database/;
        if ($opt->{before}) {                                 # dated entries
            my ($y) = $e =~ /\(((?:19|20)\d\d)-\d\d-\d\d\)\s*\z/;
            next if !$y || $y >= $opt->{before};
        }
        push @out, $HARD;
        my ($head, $body) = split /\n/, $e, 2;
        next if !defined $body;
        my $base;
        for my $p (split /\n[ \t]*\n/, "\n$body") {
            $p =~ s/^\n+//;
            my ($in) = $p =~ /^( *)\S/ or next;
            next if length $in < 3;                           # pronunciation, grammar
            $base = length $in if !defined $base;
            next if length $in != $base || $p =~ /\n {0,2}\S/;
            next if $p =~ /\n( *)\S/ && length $1 != $base;
            my $u = unwrap($p, $base);
            $u =~ s/^\s+//;
            $u =~ s/^(?:\d+|[a-z])\. +//;
            1 while $u =~ s/^(?:<[^>]*>|\[[\w ,'-]{2,40}(?::[^\]]*)?\]|\([a-z]\)|[a-z]+\.) +//;
            next if $u =~ /^[\[({]/;                          # references, dates, links
            $u =~ s/\{?\(?(?:https?|ftp|news|mailto):[^)}]*\)?\}?//g;
            $u =~ s/\{\s*([^{}]*?)\s*\}/$1/gs;
            push @out, $u;
        }
    }
    return @out;
}

sub read_crawl {                  # %%%%-separated: a key, a blank line, paragraphs
    my ($s) = @_;
    my @out = ($HARD);
    for my $e (split /^%%%%.*$/m, $s) {
        $e =~ s/^#.*$//mg;
        $e =~ s/\A\s*[^\n]*\n//;
        push @out, $SOFT;
        next if $e =~ /\{\{|^[:<]/m;
        push @out, map { unwrap($_, 0) } split /\n[ \t]*\n/, $e;
    }
    return @out;
}

sub read_colobot {
    my ($s) = @_;
    my @out = ($SOFT);
    for my $l (split /\n/, $s) {
        if ($l =~ /^\\[bt];/) { push @out, $SOFT; next }
        next if $l =~ /^\\(?:image|s;|c;)|\\(?:button|key)\b/;
        $l =~ s/\\l;(.*?)\\u [^;]*;/$1/g;
        $l =~ s/\\[a-z]+;//g;
        $l =~ s/^(?:\d+\)|[-*o]) +//;
        push @out, $l;
    }
    return @out;
}

sub read_html {
    my ($s) = @_;
    $s =~ s/^.*?<body\b[^>]*>//is;
    $s =~ s/<!--.*?-->//gs;
    for my $t (qw(script style pre nav svg math label select button textarea figure)) {
        $s =~ s/<$t\b[^>]*>.*?<\/$t\s*>/\n\n/gis;
    }
    $s =~ s/<(?:div|p|span)\b[^>]*class="(?:toc|navheader|navfooter|footnotes?|copyright|legalnotice|revhistory|highlight[^"]*|programlisting|screen|code|group|codeline|related|sphinxsidebar)"[^>]*>(?:(?!<div|<p\b).)*?<\/(?:div|p|span)>/\n\n/gis;
    $s =~ s/<a\b[^>]*class="headerlink"[^>]*>.*?<\/a>//gis;
    $s =~ s/<sup\b[^>]*>.*?<\/sup>//gis;
    # tables: drop those of data and menus, keep those that only lay a page out
    my $n = 0;
    while ($n++ < 200000 && $s =~ s/<table\b((?:(?!<\/?table\b).)*)<\/table\s*>/\n\n\x01/is) {
        my $in = $1;
        my $p = () = $in =~ /<p\b/gi;
        $in =~ s/^[^>]*>//;
        my $put = $p >= 6 ? $in : '';
        $s =~ s/\x01/$put/;
    }
    $s =~ s/\s+/ /g;
    $s =~ s/<h[1-3]\b[^>]*>.*?<\/h[1-3]\s*>/\n\n\x02\n\n/gi;
    $s =~ s/<h[4-6]\b[^>]*>.*?<\/h[4-6]\s*>/\n\n/gi;
    $s =~ s/<br\b[^>]*>\s*(?:<br\b[^>]*>\s*)+/\n\n/gi;
    $s =~ s/<br\b[^>]*>/\x03/gi;
    $s =~ s/<\/?(?:p|div|ul|ol|dl|li|dt|dd|blockquote|t[rdh]|tbody|thead|table|section|article|aside|header|footer|main|hr|form|center|body|html|dir|address)\b[^>]*>/\n\n/gi;
    $s =~ s/<[^>]*>//g;
    $s =~ s/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([A-Za-z][A-Za-z0-9]*));/
        defined $1 ? chr hex $1 : defined $2 ? chr $2 : exists $ENT{$3} ? $ENT{$3} : ' '/gei;
    mend_c1($s);
    $s =~ s/[\x{AD}\x{200B}-\x{200D}\x{FEFF}]//g;
    my @out;
    for my $p (split /\n\n+/, $s) {
        if ($p =~ /\x02/) { push @out, $SOFT; next }
        my $br = $p =~ tr/\x03//;
        next if $br >= 3;                                     # verse, addresses
        $p =~ s/\x03/ /g;
        $p = squeeze($p);
        $p =~ s/ +([,)\]])/$1/g;
        $p =~ s/(?<![.?!\s]) +\.(?= ?\p{Lu}|$)/./g;
        $p =~ s/([(\[]) +/$1/g;
        $p =~ s/(?<=[.!?"'])\s*\[[^\[\]]{3,150}\]$//;           # where a quotation is from
        push @out, $p;
    }
    return @out;
}

sub read_rdata {                  # R lazy-load database: vectors of lines
    my ($s, $opt, $path) = @_;
    (my $rdx = $path) =~ s/b$/x/;
    my $x = gunzip($rdx);
    my @rec;
    while ($x =~ /\x00\x00\x00\x0d\x00\x00\x00\x02(.{8})/gs) { push @rec, [unpack 'N2', $1] }
    @rec or die "$rdx: no variables found\n";
    my @out;
    for my $r (sort { $a->[0] <=> $b->[0] } @rec) {
        my ($len, $z) = unpack 'N a*', substr $s, $r->[0], $r->[1];
        next if $z !~ /^\x78/;
        my $d = inflate($z, $len, $path);
        # the first vector of strings (type 16)
        next if $d !~ /\x00\x00\x00\x10(.{4})\x00\x04\x00\x09|\x00\x00\x00\x10(.{4})\x00\x00\x00\x09/s;
        my ($pos, $k) = ($-[0] + 8, unpack 'N', defined $1 ? $1 : $2);
        my @l;
        while ($k-- > 0) {
            my ($flag, $n) = unpack 'N2', substr $d, $pos, 8;
            last if ($flag & 0xff) != 9;
            $pos += 8;
            next if $n == 0xffffffff;
            push @l, substr $d, $pos, $n;
            $pos += $n;
        }
        push @out, $HARD, read_text(decode(join "\n", @l));
    }
    return @out;
}

sub read_ztext {                  # a SWORD zText module: one zlib block a book
    my ($s, $opt, $path) = @_;
    (my $bzs = $path) =~ s/z$/s/;
    my $idx = slurp($bzs);
    my @out;
    for my $b (0 .. length($idx) / 12 - 1) {
        my ($off, $len, $full) = unpack 'V3', substr $idx, 12 * $b, 12;
        next if $full < 200;
        my $d = decode(inflate(substr($s, $off, $len), $full, $path));
        $d =~ s/\0+/ /g;
        $d =~ s/<note\b[^>]*>.*?<\/note>//gs;
        $d =~ s/<title\b[^>]*>.*?<\/title>//gs;
        $d =~ s/<chapter\b[^>]*sID[^>]*>/\n\n\x02\n\n/g;
        $d =~ s/<div\b[^>]*type="(?:x-p|paragraph|section|x-milestone)"[^>]*>/\n\n/g;
        $d =~ s/<(?:lg|l)\b[^>]*>/ /g;
        $d =~ s/<[^>]*>//g;
        $d =~ s/&amp;/&/g;
        $d =~ s/\x{B6}/\n\n/g;
        push @out, $HARD;
        for my $p (split /\n\n+/, $d) {
            $p = squeeze($p);
            $p =~ s/ ([,.;:?!)])/$1/g;
            push @out, $p =~ /\x02/ ? $SOFT : $p if length $p;
        }
    }
    return @out;
}

my %READ = (
    text => \&read_text, lines => \&read_lines, fortune => \&read_fortune,
    dictd => \&read_dictd, crawl => \&read_crawl, colobot => \&read_colobot,
    html => \&read_html, rdata => \&read_rdata, ztext => \&read_ztext,
);
my %RAW = (rdata => 1, ztext => 1);              # readers that decode for themselves
my %MINWORDS = (text => 2, rdata => 2, fortune => 8, ztext => 8, dictd => 10);     # of a paragraph

# ---------------------------------------------------------------- documents
sub documents {
    my ($seed, @items) = @_;
    my (@docs, @cur, $n, $target);
    my $next = sub {                             # lengths spread over the range
        $seed = ($seed * 69069 + 12345) % 4294967296;
        $target = $MIN + int($seed / 65536) % 121;
    };
    my $flush = sub { push @docs, [join("\n\n", @cur), $n] if $n >= $MIN; @cur = (); $n = 0; $next->() };
    $n = 0;
    $next->();
    while (@items) {
        my $p = shift @items;
        if (ref $p) { $flush->() if $$p == 2 || $n >= $MIN; next }
        my $w = words($p);
        if ($n + $w > $MAX) {
            if ($n >= $MIN) { $flush->(); unshift @items, $p; next }
            my ($take, $k, @s) = ('', 0, sentences($p));
            while (@s && ($n + $k < $target) && $n + $k + words($s[0]) <= $MAX) {
                my $q = shift @s;
                $k += words($q);
                $take = length $take ? "$take $q" : $q;
            }
            if (!$k) { @cur = (); $n = 0; next }              # one endless sentence
            push @cur, $take;
            $n += $k;
            $n >= $MIN ? $flush->() : do { @cur = (); $n = 0 };
            unshift @items, join ' ', @s if @s;
            next;
        }
        push @cur, $p;
        $n += $w;
        $flush->() if $n >= $target;
    }
    $flush->();
    return @docs;
}

sub json {
    my ($s) = @_;
    $s =~ s/(["\\])/\\$1/g;
    $s =~ s/\n/\\n/g;
    $s =~ s/([\x00-\x1f\x7f])/sprintf '\\u%04x', ord $1/ge;
    utf8::encode($s);
    return "\"$s\"";
}

# ---------------------------------------------------------------- the manifest
my $text = slurp($manifest);
utf8::decode($text) or die "$manifest: not UTF-8\n";
my (%seen_doc, %count, %total);
my ($all_docs, $all_words) = (0, 0);
my $lineno = 0;
binmode STDOUT;
for my $line (split /\n/, $text) {
    $lineno++;
    next if $line =~ /^\s*(?:#|$)/;
    my @f = split /\t/, $line;
    @f == 10 or die "$manifest:$lineno: " . @f . " columns, not 10\n";
    my ($pkg, $pin, $globs, $format, $kind, $lang, $period, $max, $licence) = @f;
    my ($fmt, %opt) = ($format);
    ($fmt, my @o) = split /:/, $format;
    /^(\w+)=(\w+)$/ and $opt{$1} = $2 for @o;
    $READ{$fmt}   or die "$manifest:$lineno: unknown format $format\n";
    $COMMON{$lang} or die "$manifest:$lineno: unknown language $lang\n";
    $max =~ /^[1-9]\d*$/ or die "$manifest:$lineno: max must be a number\n";
    my $version = slurp("$pkgdir/$pkg/.version");
    chomp $version;

    my (%file, %not);
    for my $g (split / +/, $globs) {
        my $neg = $g =~ s/^!//;
        my @m = grep { -f } bsd_glob("$pkgdir/$pkg/$g");
        @m || $neg or die "$pkg $version: no file like $g (manifest line $lineno)\n";
        if ($neg) { @not{@m} = () } else { @file{@m} = () }
    }
    delete @file{keys %not};
    my $min = $opt{min} || $MINWORDS{$fmt} || 12;
    my %seen_par;
    my @items;
    for my $path (sort keys %file) {
        my $s = slurp($path);
        $s = decode($s) if !$RAW{$fmt};
        push @items, $HARD if $fmt ne 'colobot';
        for my $it ($READ{$fmt}->($s, \%opt, $path)) {
            if (!ref $it) {
                $it = squeeze($it);
                next if !length $it || !prose($it, $lang, $min);
                next if words($it) >= 10 && $seen_par{$it}++;
            }
            push @items, $it;
        }
    }
    my @docs = grep { !$seen_doc{$_->[0]} } documents(unpack('%32C*', "$pkg $lang $globs"), @items);
    my $found = @docs;
    @docs or die "$pkg $version: no document found (manifest line $lineno)\n";
    if (@docs > $max) { @docs = map { $docs[int($_ * $found / $max)] } 0 .. $max - 1 }
    my $words = 0;
    my $docs = 0;
    for my $d (@docs) {
        next if $seen_doc{$d->[0]}++;
        my $id = sprintf '%s-%05d', $pkg, ++$count{$pkg};
        print '{', join(',', map { "\"$_->[0]\":" . json($_->[1]) }
            [id => $id], [text => $d->[0]], [source => "debian:$pkg=$version"], [lang => $lang],
            [genre => $kind], [label => 'human'], [period => $period], [license => $licence]), "}\n";
        $docs++;
        $words += $d->[1];
    }
    printf STDERR "%-36s %-2s %5d of %5d documents %7d words  %s\n", $pkg, $lang, $docs, $found, $words, $kind;
    $total{$lang}[0] += $docs;
    $total{$lang}[1] += $words;
    $all_docs += $docs;
    $all_words += $words;
}
printf STDERR "%-36s %-2s %5d documents %16d words\n", 'total', $_, @{ $total{$_} } for sort keys %total;
printf STDERR "%-36s %-2s %5d documents %16d words\n", 'total', '', $all_docs, $all_words;
close STDOUT or die "cannot write: $!\n";
END_OF_PERL
perl "$tmp/extract.pl" "$manifest" "$out/pkg" "$tmp" >"$tmp/human.jsonl" ||
    die "the extraction failed; $out/human.jsonl was left as it was"
rm -f -- "$out/human.stamp"
made=$(sum "$tmp/human.jsonl")
mv -f -- "$tmp/human.jsonl" "$out/human.jsonl"
printf '%s\n' "$key output $made" >"$tmp/stamp"
mv -f -- "$tmp/stamp" "$out/human.stamp"
