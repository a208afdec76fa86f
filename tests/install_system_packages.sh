#!/bin/sh
# Debian packages that the tests need: a browser, real telephones, a database server, readers of Excel and PDF files.
# Where they can't be installed, those tests fail and say what is missing.
set -eu
cd "$(dirname "$0")/.."
packages="chromium fonts-noto-cjk sip-tester baresip-core linphone-cli sox tcpdump postgresql libreoffice-calc poppler-utils"
missing=""
for package in $packages; do
  dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
  else
    echo "次のパッケージを入れてください: apt-get install$missing" >&2
  fi
fi
for folder in tests/browser tests/voice/twiml; do
  if [ -f "$folder/package-lock.json" ]; then
    npm ci --prefix "$folder" --no-audit --no-fund --silent
  fi
done
