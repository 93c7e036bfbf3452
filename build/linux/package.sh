#!/usr/bin/env bash
# Makes the Linux packages for amd64: a .deb and an .rpm of the app and of the
# server each, and a .tar.gz with an install script for systems with neither.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. build/package/settings.sh

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail 'the window for Linux links the system'\''s GTK: it is built on Linux, amd64.'
nfpm=$(tool nfpm github.com/goreleaser/nfpm/v2/cmd/nfpm v2.45.2)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=$work/stage
mkdir -p "$stage" "$OUT"

build_programs() {
	say "building the programs for Linux: $VERSION"
	CGO_ENABLED=0 gobuild "$stage/" ./app/cmd/fieldpayctl -buildmode=pie
	CGO_ENABLED=0 gobuild "$stage/" ./bff/cmd/fieldpay-bff -buildmode=pie
	# The system's libraries are bound at start and read-only from then on.
	MORE_LDFLAGS='-extldflags=-Wl,-z,relro,-z,now' CGO_ENABLED=1 \
		gobuild "$stage/fieldpay" . -buildmode=pie -tags desktop,production,webkit2_41
}
if [ -n "${FIELDPAY_PREBUILT:-}" ]; then
	# A test of the packaging takes programs that are there.
	cp "$FIELDPAY_PREBUILT"/fieldpay{,ctl,-bff} "$stage/"
else
	build_programs
fi
say 'making the Linux packages'
packager notices -lock frontend/package-lock.json "$stage"/fieldpay{,ctl,-bff} >"$stage/THIRD-PARTY-NOTICES"
gzip -9nk "$stage/THIRD-PARTY-NOTICES"
packager changelog -version "$VERSION" -time "$SOURCE_DATE_EPOCH" <CHANGELOG.md >"$stage/changelog.yaml"
packager debian -version "$VERSION" -time "$SOURCE_DATE_EPOCH" <CHANGELOG.md | gzip -9n >"$stage/changelog.Debian.gz"
# The programs write their pages and completions themselves, from the command
# line that they read.
cp build/linux/fieldpay.1 "$work/"
"$stage/fieldpayctl" man >"$work/fieldpayctl.1"
"$stage/fieldpay-bff" man >"$work/fieldpay-bff.8"
for page in fieldpay.1 fieldpayctl.1 fieldpay-bff.8; do
	fill "$work/$page" | gzip -9n >"$stage/$page.gz"
done
for program in fieldpayctl fieldpay-bff; do
	for shell in bash zsh fish; do
		"$stage/$program" completion $shell >"$stage/$program.$shell"
	done
done
fill build/linux/com.fieldpay.fieldpay.metainfo.xml >"$stage/com.fieldpay.fieldpay.metainfo.xml"
cp build/linux/{fieldpay.desktop,fieldpay.lintian-overrides,copyright} build/linux/fieldpay-bff.{service,env,postinst,prerm,postrm,lintian-overrides} LICENSE "$stage/"
cp build/appicon.png "$stage/fieldpay.png"
cp build/appicon.svg "$stage/fieldpay.svg"
for name in fieldpay fieldpay-bff; do
	# For Debian the changelog is a file like any other.
	sed '/^changelog:/d' "build/linux/nfpm-$name.yaml" >"$work/deb.yaml"
	cp "build/linux/nfpm-$name.yaml" "$work/rpm.yaml"
	for form in deb rpm; do
		(cd "$work" && "$nfpm" package -f $form.yaml -p $form -t "$OUT" >/dev/null)
	done
done

folder=fieldpay-$VERSION-linux-amd64
mkdir "$work/$folder"
cp "$stage"/fieldpay{,ctl,-bff,.desktop,.png,.svg,.1.gz,ctl.1.gz,ctl.bash,ctl.zsh,ctl.fish,-bff.bash,-bff.zsh,-bff.fish,-bff.8.gz,-bff.service,-bff.env} "$stage/com.fieldpay.fieldpay.metainfo.xml" \
	LICENSE "$stage/THIRD-PARTY-NOTICES" build/linux/install.sh build/linux/uninstall.sh "$work/$folder/"
chmod 755 "$work/$folder"/*.sh
tar -C "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=gnu -cf - "$folder" |
	gzip -9n >"$OUT/$folder.tar.gz"

mkdir -p "$PROGRAMS/linux-amd64"
mv "$stage"/fieldpay{,ctl,-bff} "$PROGRAMS/linux-amd64/"
