# Part of test.sh: the Linux packages, in a Debian 12 that has nothing else.

APP=$(ls "$ONE"/fieldpay_*.deb)
SERVER=$(ls "$ONE"/fieldpay-bff_*.deb)

lint() { lintian --allow-root --fail-on error,warning "$APP" "$SERVER"; }
check 'lintian has nothing to say' lint
check 'rpm finds the digests of its packages right' rpm -K "$ONE"/*.rpm
rpm_lists() { # rpm_lists PACKAGE PATH…
	local package=$1 path listed
	shift
	listed=$(rpm -qpl "$package")
	for path in "$@"; do grep -qxF "$path" <<<"$listed" || return 1; done
}
check 'the rpm of the app has its programs, entry, icon and pages' rpm_lists "$ONE"/fieldpay-[0-9]*.rpm \
	/usr/bin/fieldpay /usr/bin/fieldpayctl /usr/share/applications/fieldpay.desktop \
	/usr/share/icons/hicolor/512x512/apps/fieldpay.png /usr/share/man/man1/fieldpay.1.gz
check 'the rpm of the server has its unit' rpm_lists "$ONE"/fieldpay-bff-*.rpm \
	/usr/bin/fieldpay-bff /usr/lib/systemd/system/fieldpay-bff.service
check 'the rpm keeps settings that somebody wrote' has /etc/fieldpay-bff/fieldpay-bff.env rpm -qpc "$ONE"/fieldpay-bff-*.rpm
check 'no rpm names the machine that built it' has localhost rpm -qp --qf '%{BUILDHOST}' "$ONE"/fieldpay-[0-9]*.rpm

unpacked=$WORK/unpacked
dpkg-deb -x "$APP" "$unpacked"
check 'the desktop entry is valid' desktop-file-validate "$unpacked/usr/share/applications/fieldpay.desktop"
check 'the AppStream metadata is valid' appstreamcli validate --no-net --pedantic "$unpacked/usr/share/metainfo/com.fieldpay.fieldpay.metainfo.xml"
pie() { for program in fieldpay fieldpayctl; do readelf -h "$unpacked/usr/bin/$program" | grep -q 'DYN (Position'; done; }
check 'the programs are position-independent' pie
small() { [ "$(dpkg-deb -f "$APP" Installed-Size)" -lt 61440 ]; }
check 'the app takes less than 60 MiB' small
documented() {
	local page
	page=$(zcat "$unpacked/usr/share/man/man1/fieldpayctl.1.gz" | tr -d '\\')
	"$unpacked/usr/bin/fieldpayctl" --help | sed -n 's/^  \([a-z][a-z-]*\( [a-z][a-z-]*\)\?\).*/\1/p' | while read -r command; do
		grep -qF ".B $command" <<<"$page" || { echo "no page tells of: $command"; return 1; }
	done
}
check 'the page of fieldpayctl tells of each command' documented
exposure() {
	sed 's|^ExecStart=.*|ExecStart=/bin/true|; /^Documentation=/d' build/linux/fieldpay-bff.service >"$WORK/fieldpay-bff.service"
	systemd-analyze verify "$WORK/fieldpay-bff.service"
	systemd-analyze security --offline=yes --threshold=20 "$WORK/fieldpay-bff.service"
}
check 'the unit is valid and locked down' exposure

# The clean system: made once, copied for each run.
clean=$TOOLS/debian-12
site=$(apt-get indextargets --format '$(SITE)' 'Codename: bookworm' 2>/dev/null | head -n 1)
if [ ! -f "$clean/.done" ]; then
	say 'making a clean Debian 12 (once)'
	rm -rf "$clean"
	debootstrap --variant=minbase bookworm "$clean" ${site:+"$site"} >"$WORK/debootstrap.log" 2>&1 ||
		fail "debootstrap: $(tail -n 3 "$WORK/debootstrap.log")"
	touch "$clean/.done"
fi
ROOT=$WORK/debian
cp -a "$clean" "$ROOT"
cp /etc/resolv.conf /etc/hosts "$ROOT/etc/"
apt-config dump | grep '^Acquire' >"$ROOT/etc/apt/apt.conf.d/90host"
rm -f "$ROOT/etc/apt/sources.list"
cp -r /etc/apt/sources.list.d/debian.sources "$ROOT/etc/apt/sources.list.d/" 2>/dev/null || cp /etc/apt/sources.list "$ROOT/etc/apt/"
mkdir -p "$ROOT/packages" "$ROOT/tmp/.X11-unix" /tmp/.X11-unix

# inside COMMAND… runs in the clean system; its mounts end with it.
inside() {
	unshare --mount --fork sh -c 'mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/dev/shm" &&
		mount --bind /tmp/.X11-unix "$0/tmp/.X11-unix" && exec chroot "$0" "$@"' "$ROOT" \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}
# as_rep COMMAND… runs there as a person.
as_rep() { inside setpriv --reuid=rep --regid=rep --init-groups env HOME=/home/rep "$@"; }

FIELDPAY_VERSION=0.0.0-alpha FIELDPAY_PACKAGES=$WORK/former build/package/package.sh linux >"$WORK/former.log" 2>&1 ||
	fail "the former packages could not be made: $(tail -n 5 "$WORK/former.log")"
cp "$ONE"/*.deb "$WORK/former"/*.deb "$ROOT/packages/"
inside apt-get -q update >"$WORK/update.log" 2>&1 || fail "apt-get update in the clean system: $(tail -n 3 "$WORK/update.log")"
inside useradd --create-home rep
install_deb() { inside apt-get -y -q install --no-install-recommends "$@"; }

echo 'demo123' >"$ROOT/tmp/password"
echo '{"type":"create_invoice","payload":{"accountId":"acc-001","amount":12300,"currency":"usd","description":"before the upgrade"}}' >"$ROOT/tmp/invoice"
chmod 644 "$ROOT/tmp/password" "$ROOT/tmp/invoice"

check 'a former version installs with nothing else there' install_deb /packages/fieldpay_0.0.0~alpha-1_amd64.deb
check 'the window and the console have that version' has 'fieldpay 0.0.0-alpha' inside fieldpay -version
check 'a person writes an invoice without a server' as_rep sh -c 'fieldpayctl journal append </tmp/invoice'
check 'the app upgrades' install_deb "/packages/$(basename "$APP")"
check 'the window has the new version' has "fieldpay $NOW" inside fieldpay -version
check 'the console has the new version' has "fieldpayctl $NOW" inside fieldpayctl --version
check 'the invoice is still there, unsent' has '"unsent":{"count":1,' as_rep fieldpayctl status --json
check 'doctor finds the journal whole' has 'every link holds' as_rep fieldpayctl doctor
offline() { as_rep fieldpayctl doctor >/dev/null 2>&1; [ $? -eq 3 ]; }
check 'doctor says by its exit code that there is no server' offline
libraries() { refused has 'not found' inside ldd /usr/bin/fieldpay; }
check 'no library is missing' libraries
depends() { # what the program names belongs to a package that ours names
	local name owner wanted
	wanted=$(inside dpkg-query -W -f='${Depends}' fieldpay)
	for name in $(readelf -d "$unpacked/usr/bin/fieldpay" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
		owner=$(inside dpkg-query -S "*/$name" | head -n 1 | cut -d: -f1)
		grep -qwF -- "$owner" <<<"$wanted" || { echo "$name is of $owner, which is not in Depends"; return 1; }
	done
}
check 'each library it names is of a package it depends on' depends

check 'the server installs' install_deb "/packages/$(basename "$SERVER")"
user() { inside getent passwd fieldpay-bff | grep -q nologin; }
check 'the server has a user of its own' user
disabled() { [ -z "$(find "$ROOT/etc/systemd" -name 'fieldpay-bff*')" ]; }
check 'the server is not enabled by being installed' disabled
check 'as delivered it refuses to serve, and says what it lacks' has 'live Salesforce needs SALESFORCE_LOGIN_URL' \
	inside sh -c 'set -a; . /etc/fieldpay-bff/fieldpay-bff.env; fieldpay-bff check-config'
sync_invoice() {
	as_rep sh -c 'fieldpay-bff serve --listen 127.0.0.1:13001 --data-dir /home/rep/server 2>/home/rep/log & server=$!
		for i in $(seq 100); do grep -q ready /home/rep/log && break; sleep 0.1; done
		fieldpayctl --bff http://127.0.0.1:13001 sign-in --user demo@fieldpay.com --password-stdin </tmp/password &&
		fieldpayctl --bff http://127.0.0.1:13001 sync --once --json; code=$?
		kill $server; wait $server; exit $code' | tee "$WORK/synced"
	grep -q '"sent":1,"applied":1' "$WORK/synced"
}
check 'after the upgrade the invoice reaches the server' sync_invoice

Xvfb :97 -screen 0 1280x900x24 -ac -nolisten tcp -fbdir "$WORK" >/dev/null 2>&1 &
background+=($!)
# The frame buffer is a file that ends with the pixels; what is painted is counted
# in it. (What stands before them has hundreds of values on an empty screen.)
colours() { tail -c $((1280 * 900 * 4)) "$WORK/Xvfb_screen0" | od -An -v -tx4 -w4 | sort -u | wc -l; }
# until_colours COMPARISON N waits, up to half a minute.
until_colours() {
	local n=none
	for _ in $(seq 60); do
		if [ -s "$WORK/Xvfb_screen0" ]; then
			n=$(colours)
			[ "$n" "$1" "$2" ] && return 0
		fi
		sleep 0.5
	done
	echo "$n colours on the screen"
	return 1
}
window() {
	local pid painted=0
	until_colours -le 4
	# Only the program itself hears a signal, so it leaves its id.
	as_rep sh -c 'DISPLAY=:97 fieldpay & echo $! >/home/rep/id; wait $!' >"$WORK/window.log" 2>&1 &
	pid=$!
	until_colours -ge 500 || painted=$?
	cat "$WORK/window.log"
	kill -TERM "$(cat "$ROOT/home/rep/id")"
	timeout 20 tail --pid="$pid" -f /dev/null || kill -KILL "$(cat "$ROOT/home/rep/id")"
	return $painted
}
check 'the window opens and paints its screens' window

echo '# written by an administrator' >>"$ROOT/etc/fieldpay-bff/fieldpay-bff.env"
remove() { inside apt-get -y -q remove fieldpay fieldpay-bff; }
check 'both are removed' remove
gone() { [ ! -e "$ROOT/usr/bin/fieldpay" ] && [ ! -e "$ROOT/usr/bin/fieldpayctl" ] && [ ! -e "$ROOT/usr/bin/fieldpay-bff" ]; }
check 'no program stays' gone
kept() { [ -n "$(find "$ROOT/home/rep/.config/fieldpay/data" -name '*.db')" ] && grep -q administrator "$ROOT/etc/fieldpay-bff/fieldpay-bff.env"; }
check 'the journal and the settings stay' kept

archive() {
	tar -C "$ROOT/home/rep" --no-same-owner -xzf "$ONE"/fieldpay-*-linux-amd64.tar.gz
	as_rep sh -c 'cd /home/rep/fieldpay-*-linux-amd64 && ./install.sh --user && /home/rep/.local/bin/fieldpayctl --version'
}
check 'the archive installs for one person' archive
unsent() {
	as_rep sh -c '/home/rep/.local/bin/fieldpayctl journal append </tmp/invoice'
	has 'there is unsent work' as_rep sh -c '/home/rep/fieldpay-*-linux-amd64/uninstall.sh --user'
	[ -x "$ROOT/home/rep/.local/bin/fieldpayctl" ]
}
check 'its removal stops before unsent work' unsent
forced() {
	as_rep sh -c '/home/rep/fieldpay-*-linux-amd64/uninstall.sh --user --force'
	[ ! -e "$ROOT/home/rep/.local/bin/fieldpayctl" ] && kept
}
check 'told to, it removes the programs and keeps the journal' forced

# Updates: the former archive, a server that has the present one, and the journal
# with the invoice that is still unsent from above.
UNPACKED=/home/rep/$(basename "$(ls -d "$ROOT"/home/rep/fieldpay-*-linux-amd64)")
mkdir -p "$ROOT/etc/fieldpay" "$ROOT/tmp/release" "$ROOT/tmp/former" "$ROOT/tmp/archive"
# The versions of a working tree are previews.
echo '{"updateChannel": "preview", "bff": "http://127.0.0.1:13002"}' >"$ROOT/etc/fieldpay/policy.json"
packager public "$WORK/key.pem" >"$ROOT/tmp/public.pem"
cp "$ONE"/* "$ROOT/tmp/release/"
cp "$WORK/former"/* "$ROOT/tmp/former/"
tar -C "$ROOT/tmp/archive" --no-same-owner -xzf "$WORK/former"/fieldpay-*-linux-amd64.tar.gz
chmod -R a+rX "$ROOT/tmp/release" "$ROOT/tmp/former" "$ROOT/tmp/archive" "$ROOT/tmp/public.pem" "$ROOT/etc/fieldpay"
ctl=/home/rep/.local/bin/fieldpayctl
as_rep "$UNPACKED/fieldpay-bff" serve --listen 127.0.0.1:13002 --data-dir /home/rep/second 2>"$WORK/second.log" &
background+=($!)
for _ in $(seq 100); do grep -q '"ready"' "$WORK/second.log" && break; sleep 0.1; done

check 'a former archive installs for one person' has 'fieldpayctl 0.0.0-alpha' \
	as_rep sh -c "/tmp/archive/*/install.sh --user && $ctl --version"
check 'without a published version nothing newer is known' has 'nothing newer is known' as_rep $ctl update check
publish() { as_rep "$UNPACKED/fieldpay-bff" release publish --data-dir /home/rep/second --public /tmp/public.pem "$1"; }
check 'the office publishes the present version' has "Version $NOW is published" publish /tmp/release
released=$ROOT/home/rep/second/releases/$NOW
tampered() {
	cp -p "$released/manifest.json" "$WORK/manifest.kept"
	sed -i 's/"size": /"size": 1/' "$released/manifest.json"
	local code=0
	has "not signed by FieldPay's makers, or was changed on its way" as_rep $ctl update check || code=1
	has 'no newer version to install' as_rep $ctl update install || code=1
	cp -p "$WORK/manifest.kept" "$released/manifest.json"
	return $code
}
check 'a tampered manifest is refused with a clear reason' tampered
check 'the version is offered' has "version $NOW can be installed" as_rep $ctl update check
swapped() {
	cp -p "$released"/*-linux-amd64.tar.gz "$WORK/archive.kept"
	printf x | dd of="$(ls "$released"/*-linux-amd64.tar.gz)" bs=1 seek=5000 conv=notrunc status=none
	local code=0
	has 'not the one that was signed' as_rep $ctl update install || code=1
	cp -p "$WORK/archive.kept" "$(ls "$released"/*-linux-amd64.tar.gz)"
	has 'fieldpayctl 0.0.0-alpha' as_rep $ctl --version && return $code
}
check 'a file with a changed byte is refused, and the former version stays' swapped
check 'it is installed, after a look at a copy of the journal' has "Version $NOW is installed" as_rep $ctl update install
check 'the console is the new one' has "fieldpayctl $NOW" as_rep $ctl --version
check 'the window is the new one' has "fieldpay $NOW" as_rep /home/rep/.local/bin/fieldpay -version
check 'the unsent invoice is still there' has '"unsent":{"count":1,' as_rep $ctl status --json
aside() { [ -n "$(find "$ROOT/home/rep/.config/fieldpay/data/snapshots" -name 'journal-*-before-update.db')" ]; }
check 'the journal was copied aside' aside
later() {
	as_rep sh -c "$ctl sign-in --user demo@fieldpay.com --password-stdin </tmp/password && $ctl sync --once --json" | tee "$WORK/later"
	grep -q '"sent":1,"applied":1' "$WORK/later"
}
check 'and reaches the server' later
back() {
	mv "$released" "$WORK/released"
	publish /tmp/former
	has 'that would be a way back' as_rep $ctl update check
}
check 'a way back is refused with a clear reason' back
owned() {
	inside apt-get -y -q install --no-install-recommends /packages/fieldpay_0.0.0~alpha-1_amd64.deb
	rm -rf "$ROOT/home/rep/second/releases"/*
	mv "$WORK/released" "$released"
	as_rep sh -c 'mkdir -p /home/rep/other && FIELDPAY_DATA_DIR=/home/rep/other /usr/bin/fieldpayctl update check' | tee "$WORK/owned"
	grep -q 'The package manager of this computer' "$WORK/owned"
}
check 'where a package manager looks after FieldPay, it only tells' owned
