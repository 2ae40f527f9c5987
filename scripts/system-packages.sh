#!/bin/sh
# Installs the named Debian packages that are missing; says how where that cannot be done from here.
# A package is there when its program is: "chromium", or "dcmtk=storescu" where the names differ.
set -eu

missing=""
for item in "$@"; do
  probe="${item#*=}"
  command -v "$probe" >/dev/null 2>&1 || [ -e "$probe" ] || missing="$missing ${item%%=*}"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing:$missing"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # shellcheck disable=SC2086 # the list is meant to be split
  apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
  echo "The tests need:$missing" >&2
  echo "Install with: sudo apt-get install$missing" >&2
  exit 1
fi
