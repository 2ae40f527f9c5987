# The private world of one page, and of the learner's lab: sourced by bash inside namespaces of its own.
# It has a work folder in memory, the hosts pacs, ct1, viewer, ris and archive, no way out, and ends with its processes.

set +m
umask 022
export TZ=UTC LC_ALL=C.UTF-8 LANG=C.UTF-8 TERM=dumb HOME=/srv HISTFILE= PYTHONDONTWRITEBYTECODE=1
hostname lab
ip link set lo up
mount -t tmpfs -o size=1g,mode=755 lab /srv
# faketime keeps its state there, by a number that every world may have.
mount -t tmpfs shm /dev/shm
mkdir /srv/.bin
printf '#!/bin/sh\nexec "%s" "$@"\n' "$LAB_PYTHON" > /srv/.bin/python
chmod 755 /srv/.bin/python
# Debian's tools first: pynetdicom brings programs of the same names that take other options.
export PATH=/srv/.bin:/usr/bin:/bin:/usr/sbin:/sbin
printf '127.0.0.1 localhost lab pacs ct1 ct2 viewer ris archive\n' > /srv/.hosts
mount --bind /srv/.hosts /etc/hosts
cd /srv

# data NAME...: copies of the made-up objects, as NAME.dcm; data all: every one of them.
data() {
  local name
  [ "$1" = all ] && set -- $(cd "$LAB_DATA" && ls | sed 's/\.dcm$//')
  for name; do cp "$LAB_DATA/$name.dcm" . || return; done
}

# wait_for COMMAND: until it succeeds, at most 20 seconds.
wait_for() {
  local end=$((SECONDS + 20))
  until eval "$*" > /dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { echo "waited in vain for: $*" >&2; return 1; }
    command sleep 0.05
  done
  return 0
}

# wait_port PORT...: until something listens there.
wait_port() {
  local port
  for port; do wait_for "ss -Hltn 'sport = :$port' | grep -q ."; done
}

# pacs [SETTINGS...]: merges settings (JSON text, or the name of a file that holds it) into orthanc.json and starts the
# PACS anew with it. --verbose, --verbose-dicom and the like go to its command line. The log is orthanc.log.
pacs() {
  local setting options=()
  [ -e orthanc.json ] || cp "$LAB/orthanc.json" .
  for setting; do
    case $setting in
      --*) options+=("$setting"); continue ;;
      *'{'*) printf '%s' "$setting" > .setting ;;
      *) cp "$setting" .setting ;;
    esac
    jq -s '.[0] * .[1]' orthanc.json .setting > .merged && mv .merged orthanc.json || return
  done
  # To stop properly takes three seconds.
  [ -z "$PACS_PID" ] || kill_pacs
  start_pacs orthanc.json orthanc.log "${options[@]}"
}

# start_pacs CONFIGURATION LOG [OPTION...]: starts one more PACS with a configuration of its own.
start_pacs() {
  local configuration=$1 log=$2
  shift 2
  Orthanc "$@" "$configuration" > "$log" 2>&1 &
  [ "$configuration" = orthanc.json ] && PACS_PID=$!
  wait_port $(jq '.DicomPort, .HttpPort' "$configuration")
  wait_for "grep -q 'Orthanc has started' $log"
}

# stop_pacs: asks the PACS to stop, and waits until it has.
stop_pacs() {
  [ -n "$PACS_PID" ] || return 0
  kill "$PACS_PID" 2> /dev/null
  wait "$PACS_PID" 2> /dev/null
  PACS_PID=
}

# kill_pacs: as when the power goes.
kill_pacs() {
  kill -KILL "$PACS_PID"
  wait "$PACS_PID" 2> /dev/null
  PACS_PID=
}
PACS_PID=
