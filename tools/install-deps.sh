#!/bin/sh
# Installs the Debian packages that winnow needs, by name; says so first; does
# nothing when all are there.  --check only reports (exit 1 when some are missing).
set -eu

# build: compiler and libraries; test: cmocka, the JSON oracle, the man page linter
BUILD_PACKAGES="gcc libc6-dev make libarchive-dev libcjson-dev libisal-dev liblapacke-dev libopenblas-dev
  libpcre2-dev libutf8proc-dev libxxhash-dev libyaml-dev libzstd-dev"
TEST_PACKAGES="libcmocka-dev libjson-c-dev mandoc zstd gzip zip"

missing=
for p in $BUILD_PACKAGES $TEST_PACKAGES; do
    if [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2>/dev/null | cut -c1-2)" != ii ]; then
        missing="$missing $p"
    fi
done
[ -n "$missing" ] || exit 0

if [ "${1:-}" = --check ]; then
    echo "missing Debian packages:$missing" >&2
    exit 1
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "this is not a Debian system: install what these packages hold, then run make again:$missing" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "not root and no sudo: run 'apt-get install$missing' as root, then run make again" >&2
        exit 1
    fi
    as_root=sudo
fi
echo "winnow needs these Debian packages and installs them now:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >/dev/null
# shellcheck disable=SC2086  # a list of words
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null
