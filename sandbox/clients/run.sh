#!/usr/bin/env bash
# Lets clients that know nothing of FieldPay work against the sandbox: each
# folder beside this file is one, with its tests.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
go build -o "$work/sandbox" ../cmd/fieldpay-sandbox
"$work/sandbox" serve --salesforce-listen 127.0.0.1:0 --stripe-listen 127.0.0.1:0 2>"$work/log" >&2 &
sandbox=$!
trap 'kill "$sandbox"; wait "$sandbox" || true; rm -rf "$work"' EXIT
for _ in $(seq 100); do
	grep -q '"ready"' "$work/log" && break
	kill -0 "$sandbox"
	sleep 0.1
done
address() { grep '"ready"' "$work/log" | grep -o "\"$1\":\"[^\"]*\"" | cut -d'"' -f4; }
FIELDPAY_SANDBOX_SALESFORCE=$(address salesforce)
FIELDPAY_SANDBOX_STRIPE=$(address stripe)
export FIELDPAY_SANDBOX_SALESFORCE FIELDPAY_SANDBOX_STRIPE
for client in */package.json; do
	(cd "${client%/package.json}" && npm ci --silent --no-fund --no-audit && node --test)
done
