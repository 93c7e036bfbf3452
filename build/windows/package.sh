#!/usr/bin/env bash
# Makes the Windows installers for amd64 and arm64, on Linux: nothing of it
# needs cgo or a Windows machine.
#
#   FIELDPAY_SIGN_CERT       certificate (chain) that signs programs, as PEM
#   FIELDPAY_SIGN_KEY        its key, as PEM
#   FIELDPAY_SIGN_CA         what its chain is verified against; default: the certificate
#   FIELDPAY_SIGN_TIMESTAMP  address of a timestamp server; without one, and so
#                            without a network, signatures end with the certificate
#
# Without a certificate nothing is signed, and that is said. A signature holds
# the time it was made at, so only unsigned installers are the same twice.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. build/package/settings.sh

winres=$(tool go-winres github.com/tc-hib/go-winres v0.3.3)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$OUT"

# Resources are linked from .syso files in the folder of a program. They are made
# in a copy of the tree, so that none is left behind in the tree itself.
tree=$work/tree
mkdir "$tree"
git ls-files -z | tar --null --files-from=- --ignore-failed-read -cf - | tar -C "$tree" -xf -
cp -r frontend/dist "$tree/frontend/"
four=$(packager four-part "$VERSION")

resources() { # resources FOLDER KIND FILE DESCRIPTION
	(cd "$1" && "$winres" simply --arch amd64,arm64 --manifest "$2" --icon "$tree/build/appicon.png" \
		--product-version "$VERSION" --file-version "$four" --product-name FieldPay \
		--original-filename "$3" --file-description "$4" --copyright 'Licensed under Apache-2.0')
}
resources "$tree" gui fieldpay.exe FieldPay
resources "$tree/app/cmd/fieldpayctl" cli fieldpayctl.exe 'FieldPay console'

for arch in amd64 arm64; do
	say "building the programs for Windows $arch: $VERSION"
	files=$work/$arch
	mkdir "$files"
	export GOOS=windows GOARCH=$arch CGO_ENABLED=0
	(cd "$tree" && MORE_LDFLAGS='-H windowsgui' gobuild "$files/fieldpay.exe" . -tags desktop,production)
	(cd "$tree" && gobuild "$files/fieldpayctl.exe" ./app/cmd/fieldpayctl)
	unset GOOS GOARCH CGO_ENABLED
	build/windows/installer.sh "$arch" "$files" "$OUT/fieldpay-$VERSION-windows-$arch-setup.exe"
	mkdir -p "$PROGRAMS/windows-$arch"
	mv "$files"/*.exe "$PROGRAMS/windows-$arch/"
done
