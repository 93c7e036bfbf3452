#!/bin/sh
# Removes what install.sh put there; takes the same --user or --prefix DIR.
#
# Data is never removed: neither a person's journal in ~/.config/fieldpay nor
# the server's settings and store. While work of the person who runs this is
# unsent it stops, unless --force is given.
set -eu

prefix=/usr/local
force=
while [ $# -gt 0 ]; do
	case $1 in
	--user) prefix=${HOME:?}/.local ;;
	--prefix)
		prefix=${2:?--prefix wants a folder}
		shift
		;;
	--force) force=yes ;;
	*)
		echo "uninstall: unknown argument $1; see the head of this script" >&2
		exit 2
		;;
	esac
	shift
done
case $prefix in
/*) ;;
*) prefix=$PWD/$prefix ;;
esac

data=${FIELDPAY_DATA_DIR:-${XDG_CONFIG_HOME:-${HOME:-}/.config}/fieldpay/data}
if [ -z "$force" ] && [ -d "$data" ] && [ -x "$prefix/bin/fieldpayctl" ]; then
	status=$("$prefix/bin/fieldpayctl" status --json) || status=
	case $status in
	*'"unsent":{"count":0,'*) ;;
	'')
		echo 'uninstall: the journal of this person cannot be read, so it may hold unsent work. Nothing was removed (--force removes the programs all the same).' >&2
		exit 1
		;;
	*)
		echo 'uninstall: there is unsent work. Send it first ("fieldpayctl sync --once"), or give --force: the work stays on this device, but nothing sends it.' >&2
		exit 1
		;;
	esac
fi

rm -f "$prefix/bin/fieldpay" "$prefix/bin/fieldpayctl" "$prefix/bin/fieldpay-bff" \
	"$prefix/share/applications/fieldpay.desktop" \
	"$prefix/share/icons/hicolor/512x512/apps/fieldpay.png" \
	"$prefix/share/icons/hicolor/scalable/apps/fieldpay.svg" \
	"$prefix/share/fieldpay/archive" "$prefix/share/doc/fieldpay/THIRD-PARTY-NOTICES" \
	"$prefix/share/metainfo/com.fieldpay.fieldpay.metainfo.xml" \
	"$prefix/share/man/man1/fieldpay.1.gz" "$prefix/share/man/man1/fieldpayctl.1.gz" \
	"$prefix/share/bash-completion/completions/fieldpayctl" \
	"$prefix/share/zsh/site-functions/_fieldpayctl" \
	"$prefix/share/fish/vendor_completions.d/fieldpayctl.fish" \
	"$prefix/share/bash-completion/completions/fieldpay-bff" \
	"$prefix/share/zsh/site-functions/_fieldpay-bff" \
	"$prefix/share/fish/vendor_completions.d/fieldpay-bff.fish" \
	"$prefix/share/man/man8/fieldpay-bff.8.gz" \
	"$prefix/lib/systemd/system/fieldpay-bff.service"
echo "FieldPay is removed from $prefix. Data was left where it is: $data"
