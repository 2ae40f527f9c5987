#!/bin/sh
# Installs the named Debian packages that are missing; says how where that cannot be done from here.
set -eu

missing=""
for package in "$@"; do
  command -v "$package" >/dev/null 2>&1 || missing="$missing $package"
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
