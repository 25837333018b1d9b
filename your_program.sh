#!/bin/sh
# Runs Barnabas from its sources, on any machine: finds Deno, or fetches the pinned version from npm.
#
#   ./your_program.sh [argument …]              a broker, or any other verb of main.ts
#   ./your_program.sh test [file or folder …]   all tests but those against other programs (tests/interop), or those named
#   ./your_program.sh compile                   makes dist/barnabas
#   ./your_program.sh deno [argument …]         that Deno itself, with the import map that works here
set -eu

DENO_VERSION=2.9.6
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cache="$here/.cache"
# Registries may be behind a proxy with a certificate that only the system knows.
export DENO_TLS_CA_STORE="${DENO_TLS_CA_STORE:-system,mozilla}"
export DENO_NO_UPDATE_CHECK=1

fetch_deno() {
  mkdir -p "$cache/deno"
  echo "barnabas: no Deno found, fetching version $DENO_VERSION from npm into .cache (once)" >&2
  [ -e "$cache/deno/package.json" ] || echo '{"private":true}' > "$cache/deno/package.json"
  # As above: npm knows the certificates of its own Node alone.
  system_certificates=/etc/ssl/certs/ca-certificates.crt
  [ ! -r "$system_certificates" ] || export NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-$system_certificates}"
  if ! npm install --prefix "$cache/deno" --no-audit --no-fund --ignore-scripts --loglevel=error \
    "deno@$DENO_VERSION" >&2; then
    echo "barnabas: Deno cannot be fetched. Install Deno 2.4 or newer, or name it: DENO=/path/to/deno $0" >&2
    exit 1
  fi
}

# The package deno brings one binary for each kind of machine: take the one that runs here.
fetched_deno() {
  for candidate in "$cache"/deno/node_modules/@deno/*/deno "$cache"/deno/node_modules/@deno/*/deno.exe; do
    [ -f "$candidate" ] && "$candidate" --version > /dev/null 2>&1 && { echo "$candidate"; return; }
  done
  return 1
}

if [ -n "${DENO:-}" ]; then
  deno=$DENO
elif command -v deno > /dev/null 2>&1; then
  deno=$(command -v deno)
elif [ -x "$HOME/.deno/bin/deno" ]; then
  deno="$HOME/.deno/bin/deno"
elif deno=$(fetched_deno); then
  :
else
  fetch_deno
  deno=$(fetched_deno) || { echo "barnabas: the fetched Deno does not run on this machine" >&2; exit 1; }
fi

# Without JSR, stand-ins with the same signatures take the place of @std. Which it is, is asked once.
imports=$here/deno.json
if [ ! -e "$cache/imports" ]; then
  mkdir -p "$cache"
  if timeout 20 "$deno" cache --quiet jsr:@std/assert@^1.0.0 jsr:@std/bytes@^1.0.0 > /dev/null 2>&1; then
    echo "$here/deno.json" > "$cache/imports"
  else
    echo "$here/offline/import_map.json" > "$cache/imports"
  fi
fi
imports=$(cat "$cache/imports")
map=""
[ "$imports" = "$here/deno.json" ] || map="--import-map=$imports"

# What the broker is allowed; docs/SECURITY.md says why. Nothing is asked of a person, no other program is run, no library
# loaded, no text made into code.
permissions="--no-prompt --allow-net --allow-read --allow-write --allow-env --allow-sys=statfs --deny-run --deny-ffi"
permissions="$permissions --v8-flags=--disallow-code-generation-from-strings"

case "${1:-}" in
  test)
    shift
    cd "$here"
    [ $# -gt 0 ] || set -- --ignore=tests/interop tests lib
    # shellcheck disable=SC2086
    exec "$deno" test -A --doc --parallel $map "$@"
    ;;
  compile)
    cd "$here"
    mkdir -p dist
    # With the usual stack, an older Deno does not come to the end of some packages.
    export RUST_MIN_STACK="${RUST_MIN_STACK:-67108864}"
    # A few files in the place of hundreds: they start sooner, and what packages bring along that nobody runs stays out of
    # the executable and the memory. The packages that make certificates are too much for the bundler of Deno 2.4.
    rm -rf dist/bundle
    # shellcheck disable=SC2086
    "$deno" bundle --quiet --check $map --code-splitting --external @peculiar/x509 --external reflect-metadata \
      --outdir dist/bundle main.ts
    # shellcheck disable=SC2086
    exec "$deno" compile --no-check $map $permissions --output dist/barnabas dist/bundle/main.js
    ;;
  deno)
    shift
    verb=${1:?which Deno command?}
    shift
    case "$verb" in run | test | check | cache | compile | bench | doc) ;; *) map="" ;; esac
    # shellcheck disable=SC2086
    exec "$deno" "$verb" $map "$@"
    ;;
  *)
    # shellcheck disable=SC2086
    exec "$deno" run --quiet $permissions $map "$here/main.ts" "$@"
    ;;
esac
