#!/usr/bin/env bash
# Brings the clients that these tests run, each only if it is missing: libraries from the registry of their language,
# and our programs on them, built. All of it goes to .cache/interop of the checkout, but Apache Kafka's jars (see
# install_apache_kafka.sh). What cannot be had is named on a line, its tests are ignored, and the rest goes on.
# After a change in clients/ run it again.
set -uo pipefail

# @platformatic/kafka wants a newer Node than many systems have.
NODE_VERSION=24.21.0

here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../.." && pwd)/.cache/interop
libs=${KAFKA_LIBS:-${XDG_CACHE_HOME:-$HOME/.cache}/barnabas-apache-kafka-4.3.1/libs}
mkdir -p "$cache"

main() {
  # Side by side: each waits for its own registry.
  piece "Apache Kafka" apache_kafka &
  piece "the Java client" java_client &
  piece "Kafka Streams" kafka_streams &
  piece "franz-go, sarama and kafka-go" go_clients &
  piece "confluent-kafka, kafka-python and aiokafka" python_clients &
  piece "kafkajs and @platformatic/kafka" node_clients &
  wait
  command -v kcat > /dev/null || echo "interop: kcat is missing; install Debian's package kcat" >&2
  command -v promtool > /dev/null || echo "interop: Prometheus is missing; install Debian's package prometheus" >&2
}

# Runs an installation and says so if it fails.
piece() {
  local started=$SECONDS output
  if output=$("$2" 2>&1); then
    [ -z "$output" ] || echo "interop: $1 installed in $((SECONDS - started)) s" >&2
  else
    echo "interop: $1 cannot be had here, its tests will be ignored: $(tail -n 1 <<< "$output")" >&2
  fi
}

# Each prints something if, and only if, it changed something.

apache_kafka() {
  sh "$here/install_apache_kafka.sh" || return
  local marker=$cache/java/Client.class
  [ -e "$marker" ] && [ -z "$(find "$here/clients/java" -newer "$marker" -type f)" ] && return
  javac -cp "$libs/*" -d "$cache/java" "$here"/clients/java/*.java && touch "$marker" && echo compiled
}

# Our program on it is compiled above.
java_client() {
  jars java
}

kafka_streams() {
  local folder=$cache/streams program=$here/clients/streams/WordCount.java
  jars streams || return
  [ "$folder/WordCount.class" -nt "$program" ] && return
  javac -cp "$folder/libs/*" -d "$folder" "$program" && echo compiled
}

# The jars of the pom.xml in a folder of clients, in the folder `libs` of the same one in the cache.
jars() {
  local folder=$cache/$1 wanted=$here/clients/$1/pom.xml
  cmp --silent "$wanted" "$folder/installed.xml" && return
  rm -rf "$folder/libs"
  mkdir -p "$folder"
  mvn --quiet --batch-mode --file "$wanted" dependency:copy-dependencies -DoutputDirectory="$folder/libs" || return
  # Last, so that it tells that all is there.
  cp "$wanted" "$folder/installed.xml"
}

# One after the other, since each build takes all processors.
go_clients() {
  command -v go > /dev/null || { echo "there is no go"; return 1; }
  local name program failure=0
  for name in franz_go franz_go_secure sarama kafka_go; do
    program=$cache/$name
    [ -e "$program" ] && [ -z "$(find "$here/clients/$name" -newer "$program" -type f)" ] && continue
    if (cd "$here/clients/$name" && go build -o "$program" .); then echo "built $name"; else failure=1; fi
  done
  return $failure
}

python_clients() {
  local folder=$cache/python wanted=$here/clients/requirements.txt
  cmp --silent "$wanted" "$folder/installed.txt" && return
  rm -f "$folder/installed.txt"
  python3 -m venv "$folder" &&
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$wanted" || return
  # Last, so that it tells that all is there.
  cp "$wanted" "$folder/installed.txt" && echo installed
}

node_clients() {
  local folder=$cache/node wanted=$here/clients/node/package.json node_package
  cmp --silent "$wanted" "$folder/installed.json" && return
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$wanted" "$folder/package.json"
  node_package=$(node -p '`node-${process.platform}-${process.arch}`') || return
  npm install --prefix "$folder" --no-audit --no-fund --no-save --ignore-scripts --loglevel=error \
    "$node_package@$NODE_VERSION" || return
  ln -s "node_modules/$node_package/bin/node" "$folder/node"
  # Last, so that it tells that all is there.
  cp "$wanted" "$folder/installed.json" && echo installed
}

main
