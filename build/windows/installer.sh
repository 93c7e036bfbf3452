#!/usr/bin/env bash
# Makes one installer: installer.sh ARCH FOLDER OUTPUT, where FOLDER has the
# programs. package.sh says what it reads from the environment; NSIS_TARGET
# names another kind of stub, for tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. build/package/settings.sh

arch=$1 files=$2 output=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packager notices -lock frontend/package-lock.json "$files"/*.exe >"$work/THIRD-PARTY-NOTICES"
webview=$(go list -m -f '{{.Dir}}' github.com/wailsapp/wails/v2)/internal/webview2runtime/MicrosoftEdgeWebview2Setup.exe
defines=(-DVERSION="$VERSION" -DFOUR_PART="$(packager four-part "$VERSION")" -DARCH="$arch" -DFILES="$files"
	-DWEBVIEW="$webview" -DLICENSE="$PWD/LICENSE" -DTHIRD="$work/THIRD-PARTY-NOTICES" -DOUTPUT="$output")

signed=
if [ -n "${FIELDPAY_SIGN_CERT:-}${FIELDPAY_SIGN_KEY:-}" ]; then
	[ -r "${FIELDPAY_SIGN_CERT:-}" ] && [ -r "${FIELDPAY_SIGN_KEY:-}" ] ||
		fail 'FIELDPAY_SIGN_CERT and FIELDPAY_SIGN_KEY must both name files that can be read.'
	signed=yes
	defines+=(-DSIGN="$PWD/build/windows/sign.sh")
else
	say "$(basename "$output") is not signed: FIELDPAY_SIGN_CERT and FIELDPAY_SIGN_KEY are not set"
fi

# sign.sh verifies what it signed; nothing else is left to do for the installer
# and the uninstaller, which makensis hands to it.
if [ -n "$signed" ]; then
	build/windows/sign.sh "$files/fieldpay.exe"
	build/windows/sign.sh "$files/fieldpayctl.exe"
fi
# Files in an installer carry their time: that of the commit.
touch -d "@$SOURCE_DATE_EPOCH" "$files"/*.exe "$work/THIRD-PARTY-NOTICES"
makensis -V2 ${NSIS_TARGET:+"-XTarget $NSIS_TARGET"} "${defines[@]}" build/windows/installer.nsi
