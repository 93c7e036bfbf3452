#!/usr/bin/env bash
# Proves the packages: makes them twice, reads them, and lives with them in a
# clean Debian 12 and, for Windows, under wine. Root on Debian 12, with a network
# for apt; the clean system is kept in .tools and used again.
#
#   build/package/test.sh [release] [linux] [windows]     all, when none is named
#
# The last line is the sum, "N passed, N failed".
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. build/package/settings.sh

[ "$(id -u)" -eq 0 ] || fail 'the clean system is made with debootstrap: run this as root.'
debian lintian desktop-file-utils appstream rpm debootstrap xvfb openssl nsis osslsigncode wine wine64 gcc-mingw-w64-x86-64

passed=0
failed=0
WORK=$(mktemp -d)
chmod 755 "$WORK"
background=()
finish() {
	[ ${#background[@]} -eq 0 ] || kill "${background[@]}" 2>/dev/null
	wait
	rm -rf "$WORK"
}
trap finish EXIT

# check SENTENCE COMMAND… runs a command by itself; what it says is shown when it
# fails.
check() {
	local sentence=$1 code
	shift
	(set -e; "$@") >"$WORK/said" 2>&1
	code=$?
	if [ $code -eq 0 ]; then
		passed=$((passed + 1))
		echo "ok      $sentence"
	else
		failed=$((failed + 1))
		echo "FAILED  $sentence"
		tail -n 30 "$WORK/said" | sed 's/^/        /'
	fi
}

refused() { ! "$@"; }

# has TEXT COMMAND…: the command says TEXT, whatever its exit code.
has() {
	local text=$1 said
	shift
	said=$("$@" 2>&1) || true
	grep -qF -- "$text" <<<"$said" || {
		printf 'wanted %q in:\n%s\n' "$text" "$said"
		return 1
	}
}

parts=("$@")
[ $# -gt 0 ] || parts=(release linux windows)
openssl genpkey -algorithm ed25519 -out "$WORK/key.pem" 2>/dev/null
export FIELDPAY_MANIFEST_KEY=$WORK/key.pem
unset FIELDPAY_SIGN_CERT FIELDPAY_SIGN_KEY
NOW=$VERSION
ONE=$WORK/one
FIELDPAY_PACKAGES=$ONE build/package/package.sh || fail 'the packages could not be made.'
for part in "${parts[@]}"; do
	. "build/package/test-$part.sh" || fail "there is no part \"$part\": release, linux and windows are known."
done

printf '\n%d passed, %d failed\n' $passed $failed
[ $failed -eq 0 ]
