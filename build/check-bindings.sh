#!/usr/bin/env bash
# Compares frontend/wailsjs/go, which the window's own generator writes from the
# bridge of package app, with what is committed.
#
#   build/check-bindings.sh          fails if they differ
#   build/check-bindings.sh --write  replaces what is committed
#
# The generator runs main, without cgo and without a display.
set -euo pipefail
cd "$(dirname "$0")/.."

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
mkdir "$fresh/frontend"
cp wails.json "$fresh/"
CGO_ENABLED=0 go build -buildvcs=false -tags bindings -o "$fresh/generate" .
(cd "$fresh" && tsoutputtype=interfaces ./generate >generate.log) || {
	cat "$fresh/generate.log" >&2
	exit 1
}
# The generator makes every file executable.
find "$fresh/frontend/wailsjs/go" -type f -exec chmod 644 {} +

committed=frontend/wailsjs/go
if [[ ${1:-} == --write ]]; then
	rm -rf "$committed"
	mkdir -p "$(dirname "$committed")"
	cp -r "$fresh/frontend/wailsjs/go" "$committed"
	exit
fi
if ! diff -ru "$committed" "$fresh/frontend/wailsjs/go"; then
	echo "$committed is not what the bridge says: run build/check-bindings.sh --write and commit the result" >&2
	exit 1
fi
