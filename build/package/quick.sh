#!/usr/bin/env bash
# The quick part of the tests of packages, for `make test`: makes the Linux
# packages from the programs that make build left, and reads them. Nothing is
# installed; that is for test.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. build/package/settings.sh

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || {
	say 'Linux packages are made on Linux, amd64'
	exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
said=$(FIELDPAY_PREBUILT=$PWD/build/bin FIELDPAY_PACKAGES=$work/out build/package/package.sh linux 2>&1) ||
	fail 'the packages could not be made:' "$said"
cd "$work/out"

holds() { # holds LIST PATH…: each path is in the list
	local list=$1 path
	shift
	for path in "$@"; do
		grep -qF -- "$path" <<<"$list" || fail "a package has no $path. It has:" "$list"
	done
}
sha256sum --quiet --check --strict SHA256SUMS || fail 'the sums do not hold.'
holds "$(tar -tzf fieldpay-*-linux-amd64.tar.gz)" /fieldpay /fieldpayctl /fieldpay-bff /install.sh /uninstall.sh /fieldpay.desktop /THIRD-PARTY-NOTICES /LICENSE
holds "$(ls)" .x86_64.rpm fieldpay-bff- .cdx.json
grep -q '"journal"' manifest.json || fail 'the manifest does not say for which journals it is.'
if command -v dpkg-deb >/dev/null; then
	for package in fieldpay fieldpay-bff; do
		[ "$(dpkg-deb -f "$package"_*.deb Package)" = "$package" ] || fail "$package has another name inside."
		[ "$(dpkg-deb -f "$package"_*.deb Maintainer)" = 'FieldPay <packages@fieldpay.com>' ] || fail "$package has another maintainer."
		holds "$(dpkg-deb -c "$package"_*.deb)" "./usr/bin/$package" "./usr/share/doc/$package/copyright" "./usr/share/doc/$package/THIRD-PARTY-NOTICES.gz"
	done
	holds "$(dpkg-deb -f fieldpay_*.deb Depends)" libwebkit2gtk-4.1-0 libgtk-3-0
	holds "$(dpkg-deb -c fieldpay_*.deb)" ./usr/bin/fieldpayctl ./usr/share/applications/fieldpay.desktop ./usr/share/man/man1/fieldpayctl.1.gz \
		./usr/share/metainfo/com.fieldpay.fieldpay.metainfo.xml
	holds "$(dpkg-deb -c fieldpay-bff_*.deb)" ./usr/lib/systemd/system/fieldpay-bff.service ./etc/fieldpay-bff/fieldpay-bff.env
fi
