#!/usr/bin/env bash
# Makes everything that a release consists of, in build/bin/packages:
#
#   build/package/package.sh [linux] [windows]     both, when none is named
#
# and beside them SHA256SUMS, a bill of materials (CycloneDX) and manifest.json,
# signed when FIELDPAY_MANIFEST_KEY names an Ed25519 key (PKCS #8 PEM; one is
# made by `openssl genpkey -algorithm ed25519`). Where the key is kept elsewhere,
# `go run ./build/package sign` signs afterwards. What else it reads from the
# environment stands in settings.sh and in windows/package.sh.
#
# The screens must have been built: `make package` does that first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. build/package/settings.sh

parts=("$@")
[ $# -gt 0 ] || parts=(linux windows)
[ -n "$VERSION" ] || fail 'the version comes from git: package from a clone.'
[ -f frontend/dist/index.html ] || fail 'the screens are not built: run make package.'

# Only what was packaged before goes: the folder may be somebody's own.
rm -rf "$OUT"/{fieldpay?*,SHA256SUMS,manifest.json,manifest.json.sig} "$PROGRAMS"
TRUST=$(trust)
export TRUST
[ -n "$TRUST" ] || say 'the programs will look for no new versions: there is no key that they could believe'
for part in "${parts[@]}"; do
	case $part in
	linux) ;;
	windows) debian nsis osslsigncode ;;
	*) fail "unknown part \"$part\": linux and windows are known." ;;
	esac
	"build/$part/package.sh"
done

say 'describing them'
packager sbom -version "$VERSION" -time "$SOURCE_DATE_EPOCH" -lock frontend/package-lock.json \
	"$PROGRAMS"/*/* >"$OUT/fieldpay-$VERSION.cdx.json"
packager manifest -version "$VERSION" -commit "$COMMIT" -time "$SOURCE_DATE_EPOCH" \
	-journal "$(find queue/schema -name '*.sql' | wc -l)" -key "${FIELDPAY_MANIFEST_KEY:-}" "$OUT" <CHANGELOG.md
[ -n "${FIELDPAY_MANIFEST_KEY:-}" ] || say 'the manifest is not signed: FIELDPAY_MANIFEST_KEY is not set'
say "packaged $VERSION in $OUT"
