#!/usr/bin/env bash
# Signs one Windows program in place and verifies it: sign.sh FILE. What it reads
# from the environment stands in package.sh.
set -euo pipefail

timestamp=()
[ -z "${FIELDPAY_SIGN_TIMESTAMP:-}" ] || timestamp=(-ts "$FIELDPAY_SIGN_TIMESTAMP")
osslsigncode sign -certs "$FIELDPAY_SIGN_CERT" -key "$FIELDPAY_SIGN_KEY" -h sha256 -n FieldPay \
	"${timestamp[@]}" -in "$1" -out "$1.signed" >/dev/null
osslsigncode verify -CAfile "${FIELDPAY_SIGN_CA:-$FIELDPAY_SIGN_CERT}" "$1.signed" >/dev/null || {
	rm -f "$1.signed"
	echo "sign: the signature of $(basename "$1") does not hold" >&2
	exit 1
}
mv "$1.signed" "$1"
