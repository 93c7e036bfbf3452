#!/usr/bin/env bash
# Starts fieldpay-bff on its defaults, then the app: in a window where there is a
# display, else in the browser by `fieldpayctl serve`. Ctrl-C stops both.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bin=build/bin
log=$bin/fieldpay-bff.log
server=

stop() {
	trap - EXIT INT TERM
	if [ -n "$server" ] && kill -TERM "$server" 2>/dev/null; then
		wait "$server" || true
	fi
}
trap stop EXIT
trap 'stop; exit 130' INT
trap 'stop; exit 143' TERM

echo '==> starting the server, with a sandbox of Salesforce and Stripe inside'
: >"$log"
"$bin/fieldpay-bff" serve 2>"$log" &
server=$!

# Its first act when it can serve is a line that says "ready".
until grep -q '"ready"' "$log"; do
	if ! kill -0 "$server" 2>/dev/null; then
		tail -n 5 "$log" >&2
		echo 'run: the server did not start; its last lines are above.' >&2
		echo 'run: is another one running? FIELDPAY_BFF_LISTEN=127.0.0.1:3002 gives this one another address.' >&2
		exit 1
	fi
	sleep 0.1
done
echo "    log: $log"
# The app talks to this very server, wherever it listens.
url=$(sed -n 's/.*"url":"\([^"]*\)".*"ready".*/\1/p' "$log" | head -n 1)
export FIELDPAY_BFF=${FIELDPAY_BFF:-$url}

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
	echo '==> opening the window (sign in as demo@fieldpay.com with demo123; close it or press Ctrl-C to stop)'
	"$bin/fieldpay" || {
		echo "run: the window ended with an error. Without a desktop, this shows the same in a browser: $bin/fieldpayctl serve" >&2
		exit 1
	}
else
	echo '==> there is no display: open this address in a browser (sign in as demo@fieldpay.com with demo123; Ctrl-C stops)'
	"$bin/fieldpayctl" serve --listen 127.0.0.1:0
fi
