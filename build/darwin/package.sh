#!/usr/bin/env bash
# Makes the universal FieldPay.app, a .pkg and a .dmg, on a Mac with Xcode's
# command line tools. It cannot work elsewhere and says so at once.
#
#   FIELDPAY_MAC_APP_IDENTITY     "Developer ID Application: …", signs the app
#   FIELDPAY_MAC_PKG_IDENTITY     "Developer ID Installer: …", signs the package
#   FIELDPAY_MAC_NOTARY_PROFILE   profile stored by `notarytool store-credentials`
#   FIELDPAY_UPDATE_KEYS          public keys that the app believes about new versions
#
# Without them the app has an ad-hoc signature and runs on this Mac only.
#
# Written after Apple's documents and never run: no Mac was at hand.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if [ "$(uname -s)" != Darwin ]; then
	echo "package: macOS packages are made on macOS: the window links Apple's frameworks, and codesign, pkgbuild and hdiutil exist only there. This is $(uname -s), which needs a Mac for that." >&2
	exit 1
fi
for program in go git xcrun lipo codesign pkgbuild hdiutil iconutil sips; do
	command -v "$program" >/dev/null || {
		echo "package: $program is missing: install Xcode's command line tools, Go and git." >&2
		exit 1
	}
done
[ -f frontend/dist/index.html ] || {
	echo 'package: the screens are not built: cd frontend && npm ci && npm run build' >&2
	exit 1
}

version=$(build/version.sh)
# A bundle takes numbers only.
numbers=${version%%[-+]*}
out=$PWD/build/bin/packages
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
app=$work/FieldPay.app
mkdir -p "$out" "$app/Contents/MacOS" "$app/Contents/Resources"

linker="-s -w -X fieldpay/internal/buildinfo.release=$version"
if [ -n "${FIELDPAY_UPDATE_KEYS:-}" ]; then
	# shellcheck disable=SC2086 # one word for each file
	linker="$linker -X fieldpay/internal/buildinfo.releaseKeys=$(go run -buildvcs=false ./build/package embedded $FIELDPAY_UPDATE_KEYS)"
fi
flags=(-trimpath -buildvcs=false -ldflags "$linker")
for arch in amd64 arm64; do
	CGO_LDFLAGS='-framework UniformTypeIdentifiers' CGO_CFLAGS='-mmacosx-version-min=11.0' CGO_ENABLED=1 GOARCH=$arch \
		go build "${flags[@]}" -tags desktop,production -o "$work/fieldpay-$arch" .
	CGO_ENABLED=0 GOARCH=$arch go build "${flags[@]}" -o "$work/fieldpayctl-$arch" ./app/cmd/fieldpayctl
done
for name in fieldpay fieldpayctl; do
	lipo -create -output "$app/Contents/MacOS/$name" "$work/$name-amd64" "$work/$name-arm64"
done
go run -buildvcs=false ./build/package notices -lock frontend/package-lock.json "$work/fieldpay-arm64" "$work/fieldpayctl-arm64" >"$app/Contents/Resources/THIRD-PARTY-NOTICES"
sed "s/@NUMBERS@/$numbers/g" build/darwin/Info.plist >"$app/Contents/Info.plist"
icons=$work/fieldpay.iconset
mkdir "$icons"
for size in 16 32 128 256 512; do
	sips -z $size $size build/appicon.png --out "$icons/icon_${size}x$size.png" >/dev/null
done
iconutil -c icns -o "$app/Contents/Resources/fieldpay.icns" "$icons"

identity=${FIELDPAY_MAC_APP_IDENTITY:--}
hardened=()
[ "$identity" = - ] || hardened=(--options runtime --timestamp)
codesign --force ${hardened[@]+"${hardened[@]}"} --sign "$identity" "$app/Contents/MacOS/fieldpayctl"
codesign --force ${hardened[@]+"${hardened[@]}"} --sign "$identity" "$app"
codesign --verify --strict "$app"

pkg=$out/fieldpay-$version-macos.pkg
dmg=$out/fieldpay-$version-macos.dmg
signer=()
[ -z "${FIELDPAY_MAC_PKG_IDENTITY:-}" ] || signer=(--sign "$FIELDPAY_MAC_PKG_IDENTITY")
pkgbuild --component "$app" --install-location /Applications --identifier com.fieldpay.fieldpay --version "$numbers" \
	${signer[@]+"${signer[@]}"} "$pkg"
hdiutil create -volname FieldPay -srcfolder "$app" -ov -format UDZO "$dmg"
if [ -n "${FIELDPAY_MAC_NOTARY_PROFILE:-}" ]; then
	for file in "$pkg" "$dmg"; do
		xcrun notarytool submit "$file" --keychain-profile "$FIELDPAY_MAC_NOTARY_PROFILE" --wait
		xcrun stapler staple "$file"
	done
else
	echo 'package: not notarised: FIELDPAY_MAC_NOTARY_PROFILE is not set' >&2
fi
