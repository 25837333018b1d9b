#!/usr/bin/env bash
# Shows the dashboard with figures: a broker under mixed load, Prometheus that watches it, and what they tell in a browser.
#
#   docs/monitoring/demo.sh [MINUTES [PICTURE.png]]     for 10 minutes, or as many; a picture needs chromium
#
# Needs prometheus and kcat (Debian has both). BARNABAS names an executable; otherwise the broker runs from its sources.
# BROKER_PORT, METRICS_PORT and PROMETHEUS_PORT take other ports than 9092, 9404 and 9090.
set -euo pipefail
# Each load is a group of processes of its own, and can be ended as one.
set -m

minutes=${1:-10}
picture=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
barnabas=${BARNABAS:-$here/../../your_program.sh}
broker=127.0.0.1:${BROKER_PORT:-9092}
metrics=127.0.0.1:${METRICS_PORT:-9404}
prometheus=127.0.0.1:${PROMETHEUS_PORT:-9090}
folder=$(mktemp -d)
broker_process=

main() {
  trap clean_up EXIT
  start_broker
  start_prometheus
  echo "load for $minutes minutes; see http://$prometheus/user/dashboard.html?minutes=$minutes"
  records 1600 160 | kcat -E -b "$broker" -P -t orders -z lz4 -X linger.ms=50 2> /dev/null &
  records 500 420 | kcat -E -b "$broker" -P -t clicks -z zstd -X linger.ms=200 2> /dev/null &
  payments &
  follow &
  fall_behind &
  now_and_then &
  ask &
  too_large &
  sleep $((minutes * 60 * 6 / 10))
  # Clients find it again by themselves.
  kill -TERM "$broker_process" && wait "$broker_process"
  sleep 10
  start_broker
  sleep $((minutes * 60 * 4 / 10 - 10))
  [ -z "$picture" ] || take_picture
}

start_broker() {
  "$barnabas" --port "${broker#*:}" --data-dir "$folder/data" --set num.partitions=3 \
    --set "barnabas.metrics.listener=$metrics" & broker_process=$!
  until kcat -b "$broker" -L > /dev/null 2>&1; do sleep 0.2; done
}

start_prometheus() {
  cp "$here/alerts.yml" "$folder/"
  sed "s/127.0.0.1:9404/$metrics/" "$here/prometheus.yml" > "$folder/prometheus.yml"
  prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/prometheus" --log.level=warn \
    --web.listen-address="$prometheus" --web.user-assets="$here" &
}

take_picture() {
  chromium --headless --no-sandbox --hide-scrollbars --window-size=1500,1880 --virtual-time-budget=20000 \
    --screenshot="$picture" "http://$prometheus/user/dashboard.html?minutes=$minutes" 2> /dev/null
  # A fourth of the size, if there is the program for it.
  ! command -v pngquant > /dev/null || pngquant --force --output "$picture" 64 "$picture"
}

# RECORDS BYTES: so many records a second, more and less by turns, each of so many bytes and none compressible to nothing.
records() {
  awk -v records="$1" -v bytes="$2" 'BEGIN {
    srand(1)
    for (turn = 0; ; turn++) {
      count = records / 5 * (1 + 0.45 * sin(turn / 200) + 0.2 * rand())
      for (i = 0; i < count; i++) {
        line = "{\"id\":" turn * 10000 + i ",\"name\":\""
        while (length(line) < bytes) line = line sprintf("%x", rand() * 268435456)
        print line "\"}"
      }
      fflush()
      if (system("sleep 0.2") != 0) exit
    }
  }'
}

# A transaction now and then.
payments() {
  while :; do
    seq 20 | kcat -b "$broker" -P -t payments -X transactional.id=till 2> /dev/null || true
    sleep 4
  done
}

# A group that keeps up, one that does not, and one that comes once a minute.
follow() {
  while :; do
    kcat -E -b "$broker" -G billing -X auto.offset.reset=earliest -q -u orders payments > /dev/null 2>&1 || true
    sleep 1
  done
}

fall_behind() {
  local seen=0
  while :; do
    kcat -E -b "$broker" -G reports -X auto.offset.reset=earliest -X queued.min.messages=1000 -q -u orders 2> /dev/null |
      while read -r -n 1000000 _; do ((++seen % 1350)) || sleep 1; done || true
    sleep 1
  done
}

now_and_then() {
  while :; do
    timeout 20 kcat -b "$broker" -G archive -X auto.offset.reset=earliest -q -u clicks > /dev/null 2>&1 || true
    sleep 40
  done
}

# Questions that tools ask.
ask() {
  while :; do
    kcat -b "$broker" -L > /dev/null 2>&1 || true
    kcat -b "$broker" -Q -t orders:0:-1 -t clicks:0:-2 > /dev/null 2>&1 || true
    sleep 2
  done
}

# Records that the broker refuses.
too_large() {
  while :; do
    sleep 25
    head -c 1500000 /dev/urandom | base64 -w 0 |
      kcat -b "$broker" -P -t clicks -X message.max.bytes=5000000 > /dev/null 2>&1 || true
  done
}

clean_up() {
  for group in $(jobs -p); do kill -- "-$group" 2> /dev/null || true; done
  wait
  rm -rf "$folder"
}

main
