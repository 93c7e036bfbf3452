#!/bin/sh
# Installs FieldPay from this folder where no package manager fits.
#
#   ./install.sh                    for everybody, below /usr/local (as root)
#   ./install.sh --user             for this person, below ~/.local
#   ./install.sh --prefix DIR       somewhere else
#   ./install.sh --server           the server too, with its systemd unit (as root)
#
# The window needs GTK 3 and WebKitGTK 4.1 from the system; fieldpayctl and the
# server need nothing. Data of a former version is left alone.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
prefix=/usr/local
server=
while [ $# -gt 0 ]; do
	case $1 in
	--user) prefix=${HOME:?}/.local ;;
	--prefix)
		prefix=${2:?--prefix wants a folder}
		shift
		;;
	--server) server=yes ;;
	*)
		echo "install: unknown argument $1; see the head of this script" >&2
		exit 2
		;;
	esac
	shift
done
case $prefix in
/*) ;;
*) prefix=$PWD/$prefix ;;
esac

put() { # put MODE FILE FOLDER [NAME]: replaced in one step, so that a running program keeps its file
	local to=$prefix/$3/${4:-$2}
	mkdir -p "$prefix/$3"
	cp "$here/$2" "$to.new"
	chmod "$1" "$to.new"
	mv -f "$to.new" "$to"
}

# By this mark FieldPay knows that no package manager looks after it.
mkdir -p "$prefix/share/fieldpay"
: >"$prefix/share/fieldpay/archive"
# The window goes last: what was cut off in between shows its former version, and
# is installed again.
put 755 fieldpayctl bin
put 644 fieldpay.desktop share/applications
put 644 fieldpay.png share/icons/hicolor/512x512/apps
put 644 fieldpay.svg share/icons/hicolor/scalable/apps
put 644 com.fieldpay.fieldpay.metainfo.xml share/metainfo
put 644 fieldpay.1.gz share/man/man1
put 644 fieldpayctl.1.gz share/man/man1
put 644 fieldpayctl.bash share/bash-completion/completions fieldpayctl
put 644 fieldpayctl.zsh share/zsh/site-functions _fieldpayctl
put 644 fieldpayctl.fish share/fish/vendor_completions.d fieldpayctl.fish
put 644 THIRD-PARTY-NOTICES share/doc/fieldpay
put 755 fieldpay bin
if [ -n "$server" ]; then
	put 755 fieldpay-bff bin
	put 644 fieldpay-bff.8.gz share/man/man8
	put 644 fieldpay-bff.bash share/bash-completion/completions fieldpay-bff
	put 644 fieldpay-bff.zsh share/zsh/site-functions _fieldpay-bff
	put 644 fieldpay-bff.fish share/fish/vendor_completions.d fieldpay-bff.fish
	put 644 fieldpay-bff.service lib/systemd/system
	sed "s|/usr/bin/|$prefix/bin/|" "$here/fieldpay-bff.service" >"$prefix/lib/systemd/system/fieldpay-bff.service"
	# Settings that somebody wrote are never replaced.
	if [ ! -e /etc/fieldpay-bff/fieldpay-bff.env ]; then
		mkdir -p /etc/fieldpay-bff
		(umask 077 && cp "$here/fieldpay-bff.env" /etc/fieldpay-bff/fieldpay-bff.env)
	fi
	if ! getent passwd fieldpay-bff >/dev/null; then
		useradd --system --user-group --home-dir /var/lib/fieldpay-bff --no-create-home \
			--shell /usr/sbin/nologin --comment "FieldPay server" fieldpay-bff
	fi
fi

echo "FieldPay is in $prefix/bin."
if command -v ldd >/dev/null && ldd "$prefix/bin/fieldpay" 2>/dev/null | grep -q 'not found'; then
	echo 'The window lacks these libraries of the system (install GTK 3 and WebKitGTK 4.1):' >&2
	ldd "$prefix/bin/fieldpay" | grep 'not found' >&2
	echo 'Until then "fieldpayctl serve" shows the same screens in a browser.' >&2
fi
