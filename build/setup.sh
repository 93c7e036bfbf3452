#!/usr/bin/env bash
# Installs what a machine lacks: setup.sh [build] [test]. It says nothing where
# nothing is missing.
#
# Debian 12 and its kin are served through apt-get, as root or by sudo. On any
# other system the missing programs and libraries are named, and that is all.
set -euo pipefail

build_packages=(gcc libc6-dev pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev)
# Xvfb is a display without a screen, dbus a session bus of its own, the driver
# and Chromium are what the end-to-end tests steer.
test_packages=(xvfb dbus webkit2gtk-driver chromium openbox xdotool x11-utils)

fail() {
	printf 'setup: %s\n' "$@" >&2
	exit 1
}

need() { # need PROGRAM WHAT-FOR
	command -v "$1" >/dev/null || fail "$1 is missing: $2"
}

need git 'install git.'
need go 'install Go 1.26 or newer (https://go.dev/dl/).'
need node 'install Node.js 20 or newer, with npm.'
need npm 'install npm, which comes with Node.js 20.'
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 20 ] || fail "Node.js $major is too old: install version 20 or newer."

wanted=()
for part in "$@"; do
	case $part in
	build) wanted+=("${build_packages[@]}") ;;
	test) wanted+=("${test_packages[@]}") ;;
	*) fail "unknown part \"$part\": build and test are known." ;;
	esac
done

if [[ " $* " == *" test "* ]]; then
	# What checks the words that go to Stripe; its tests look for it here, too.
	mock=github.com/stripe/stripe-mock@$(<"$(dirname "$0")/../bff/stripepay/stripemock/version")
	tools=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/fieldpay/tools/$mock
	[ -x "$tools/stripe-mock" ] || {
		printf '==> building %s\n' "$mock"
		CGO_ENABLED=0 GOFLAGS='' GOBIN="$tools" go install "$mock" || fail "$mock could not be built: the lines above are what go said."
	}
fi

if ! command -v apt-get >/dev/null; then
	# Not Debian: look for the things themselves.
	need gcc 'install a C compiler.'
	need pkg-config 'install pkg-config.'
	pkg-config --exists gtk+-3.0 webkit2gtk-4.1 ||
		fail 'the development files of GTK 3 and WebKitGTK 4.1 are missing.' \
			'Install them with the packages of this system, then try again.'
	if [[ " $* " == *" test "* ]]; then
		for program in Xvfb dbus-run-session WebKitWebDriver chromium; do
			need "$program" 'make test needs it; install it with the packages of this system.'
		done
		[ -n "${FIELDPAY_TEST_POSTGRES:-}" ] || need initdb 'make test needs PostgreSQL; install its server, or set FIELDPAY_TEST_POSTGRES to the URL of a database for tests.'
	fi
	exit 0
fi

missing=()
for package in "${wanted[@]}"; do
	state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || state=
	[ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || fail "these Debian packages are missing: ${missing[*]}" \
		'They can only be installed by root, and there is no sudo. As root:' \
		"    apt-get install --no-install-recommends ${missing[*]}"
	as_root=(sudo)
fi

log=$(mktemp)
no_cluster=
trap 'rm -f "$log"; [ -z "$no_cluster" ] || "${as_root[@]}" rm -f "$no_cluster"' EXIT
# The tests start servers of their own. Debian's package would make one that runs
# from now on; while this file is there, it does not.
if [[ " ${missing[*]} " == *" postgresql "* ]]; then
	no_cluster=/etc/postgresql-common/createcluster.d/fieldpay-setup.conf
	"${as_root[@]}" mkdir -p "${no_cluster%/*}"
	echo 'create_main_cluster = false' | "${as_root[@]}" tee "$no_cluster" >/dev/null
fi
# Another apt-get may be at work: wait for it rather than fail.
apt() {
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=600 "$@" </dev/null >"$log" 2>&1
}

printf '==> installing Debian packages, the first time a minute or two: %s\n' "${missing[*]}"
apt install --no-install-recommends "${missing[@]}" || {
	# A fresh machine knows no packages yet, an old one only former versions.
	apt update || true
	apt install --no-install-recommends "${missing[@]}"
} || {
	tail -n 15 "$log" >&2
	fail "these Debian packages could not be installed: ${missing[*]}" \
		'The lines above are what apt-get said. Is there a network, and is this Debian 12 or later?'
}
