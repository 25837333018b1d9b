#!/bin/sh
# Brings the jars of Apache Kafka 4.3.1 from Maven Central, once, into the folder where the interop tests look for them:
# $KAFKA_LIBS, by default ~/.cache/barnabas-apache-kafka-4.3.1/libs. Needs Java 17 and Maven.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
libs=${KAFKA_LIBS:-${XDG_CACHE_HOME:-$HOME/.cache}/barnabas-apache-kafka-4.3.1/libs}

# One jar of each dependency in pom.xml.
if ls "$libs"/kafka_2.13-4.3.1.jar "$libs"/kafka-tools-4.3.1.jar "$libs"/connect-file-4.3.1.jar \
  "$libs"/slf4j-simple-1.7.36.jar > /dev/null 2>&1; then
  exit 0
fi

# Into a folder beside it first, so that a broken download never looks like a whole one.
partial="$libs.partial"
rm -rf "$partial"
mkdir -p "$partial"
partial=$(CDPATH='' cd -- "$partial" && pwd)
mvn --quiet --batch-mode --file "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$partial" >&2
rm -rf "$libs"
mv "$partial" "$libs"
