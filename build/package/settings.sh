# What the scripts of packaging share: source it from the root of the module.
# It says what is packaged and where to, and has a few words for the scripts.
#
#   FIELDPAY_VERSION      instead of the version of this tree (tests use it)
#   FIELDPAY_PACKAGES     folder for the packages, instead of build/bin/packages
#   FIELDPAY_UPDATE_KEYS  public keys (PEM files, with blanks between them) that the
#                         programs believe about new versions; default: the public
#                         half of FIELDPAY_MANIFEST_KEY. Without either they do
#                         not look for new versions

VERSION=${FIELDPAY_VERSION:-$(build/version.sh)}
COMMIT=$(git rev-parse HEAD)
# Every file in a package carries the time of the commit, not of the build.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
OUT=$(realpath -m "${FIELDPAY_PACKAGES:-build/bin/packages}")
# The programs that went into them, for the bill of materials.
PROGRAMS=$OUT.programs
TOOLS=$PWD/.tools
export VERSION COMMIT SOURCE_DATE_EPOCH OUT PROGRAMS TOOLS
export TZ=UTC LC_ALL=C.UTF-8
umask 022

# The same flags as in the Makefile: one version in all programs.
LDFLAGS="-s -w -X fieldpay/internal/buildinfo.release=$VERSION -X main.version=$VERSION"

say() { printf '==> %s\n' "$*"; }

fail() {
	printf 'package: %s\n' "$@" >&2
	exit 1
}

# debian PACKAGE… installs Debian packages that are missing, where it may.
debian() {
	local package missing=()
	for package in "$@"; do
		[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" -eq 0 ] || fail "these Debian packages are missing: ${missing[*]}" \
		"Install them: sudo apt-get install --no-install-recommends ${missing[*]}"
	say "installing Debian packages: ${missing[*]}"
	apt-get -q -o DPkg::Lock::Timeout=600 update >/dev/null
	DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=600 install \
		--no-install-recommends "${missing[@]}" </dev/null >/dev/null
}

# tool NAME MODULE VERSION installs a Go program of exactly that version into the
# cache, and prints where it is.
tool() {
	local place=$TOOLS/$1@$3
	if [ ! -x "$place/$1" ]; then
		GOBIN=$place GOFLAGS= go install "$2@$3" >&2 || fail "$1 $3 could not be installed"
	fi
	printf '%s\n' "$place/$1"
}

# gobuild OUTPUT PACKAGE [FLAG…] builds one program; the rest comes from the
# environment. The version is given, so Go need not ask git.
gobuild() {
	local output=$1 package=$2
	shift 2
	go build -trimpath -buildvcs=false -ldflags "$LDFLAGS${TRUST:+ $TRUST}${MORE_LDFLAGS:+ $MORE_LDFLAGS}" "$@" -o "$output" "$package"
}

# trust prints the linker flag that makes programs believe in the keys.
trust() {
	local keys half
	if [ -n "${FIELDPAY_UPDATE_KEYS:-}" ]; then
		# shellcheck disable=SC2086 # one word for each file
		keys=$(packager embedded $FIELDPAY_UPDATE_KEYS)
	elif [ -n "${FIELDPAY_MANIFEST_KEY:-}" ]; then
		half=$(mktemp)
		packager public "$FIELDPAY_MANIFEST_KEY" >"$half"
		keys=$(packager embedded "$half")
		rm -f "$half"
	else
		return 0
	fi
	printf -- '-X fieldpay/internal/buildinfo.releaseKeys=%s' "$keys"
}

# packager runs the program beside this file.
packager() { go run -buildvcs=false ./build/package "$@"; }

# fill FILE puts version and date into a text.
fill() {
	local type=stable
	[[ $VERSION == *[-+]* ]] && type=development
	sed -e "s/@VERSION@/$VERSION/g" -e "s/@DATE@/$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)/g" \
		-e "s/@RELEASE_TYPE@/$type/g" "$1"
}
