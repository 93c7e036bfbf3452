# Part of test.sh: the Windows installer under wine. Debian 12's wine has no
# 32-bit half, where the real stub does nothing and ends with 0; so the same
# script is compiled into a 64-bit stub here, and every step is judged by the
# files it leaves, never by its exit code alone.

export WINEPREFIX=$WORK/wine WINEDEBUG=-all DISPLAY=
wine=$(command -v wine64 || command -v wine)
drive=$WINEPREFIX/drive_c
"$wine" wineboot --init >/dev/null 2>&1
"$wine" winecfg -v win10 >/dev/null 2>&1
x86_64-w64-mingw32-gcc -shared -o "$drive/windows/system32/bcryptprimitives.dll" build/windows/bcryptprimitives.c -ladvapi32 ||
	fail 'the stand-in for bcryptprimitives.dll could not be made.'
roaming=$(echo "$drive"/users/*/AppData/Roaming | tr ' ' '\n' | grep -v /Public/ | head -n 1)
local=$(dirname "$roaming")/Local
home=$local/Programs/FieldPay

# stub VERSION OUTPUT makes a 64-bit installer of the programs that are packaged.
stub() {
	FIELDPAY_VERSION=$1 NSIS_TARGET=amd64-unicode build/windows/installer.sh amd64 "$ONE.programs/windows-amd64" "$2"
}
check 'a former and the present installer compile' eval 'stub 0.0.1 "$WORK/former.exe" && stub 0.0.2 "$WORK/present.exe"'

run_setup() { timeout 120 "$wine" "$@"; }
registered() { "$wine" reg query 'HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\FieldPay' /v DisplayVersion | grep -qF "$1"; }
ctl() { timeout 60 "$wine" "$home/fieldpayctl.exe" "$@"; }

installs() { run_setup "$WORK/former.exe" /S /NOWEBVIEW && [ -f "$home/fieldpay.exe" ] && [ -f "$home/uninstall.exe" ] && registered 0.0.1; }
check 'it installs for one person without a question' installs
check 'the console runs from there' has "fieldpayctl $NOW" ctl --version
check 'the window program runs from there' has "fieldpay $NOW" timeout 60 "$wine" "$home/fieldpay.exe" -version

invoice='{"type":"create_invoice","payload":{"accountId":"acc-001","amount":12300,"currency":"usd","description":"before the upgrade"}}'
append() { printf '%s\n' "$invoice" | ctl journal append; }
check 'a person writes an invoice without a server' append
upgrades() { run_setup "$WORK/present.exe" /S /NOWEBVIEW && registered 0.0.2; }
check 'it upgrades without a question' upgrades
check 'the invoice is still there, unsent' has '"unsent":{"count":1,' ctl status --json

# The uninstaller copies itself elsewhere and ends; _?= keeps it in place, so
# that its exit code is its own.
uninstall() { run_setup "$home/uninstall.exe" "$@" '_?=C:'"$(tr / '\\' <<<"${home#"$drive"}")"; }
stops() {
	local code=0
	uninstall /S || code=$?
	[ $code -eq 3 ] && [ -f "$home/fieldpay.exe" ]
}
check 'its silent removal stops before unsent work, with code 3' stops
removes() { uninstall /S /FORCE && [ ! -e "$home/fieldpay.exe" ] && [ ! -e "$home/fieldpayctl.exe" ] && refused registered 0.0; }
check 'told to, it removes the programs' removes
journal() { [ -n "$(find "$roaming/fieldpay/data" -name '*.db')" ]; }
check 'the journal stays' journal
reinstalled() { run_setup "$WORK/present.exe" /S /NOWEBVIEW && has '"unsent":{"count":1,' ctl status --json; }
check 'installed again, the invoice is there' reinstalled
done_with() {
	local id
	id=$(ctl journal list --json | sed -n 's/.*"id":"\([0-9a-f-]*\)".*/\1/p' | head -n 1)
	ctl journal discard "$id" --reason 'a test'
	uninstall /S && [ ! -e "$home/fieldpay.exe" ] && journal
}
check 'without unsent work it goes without a question, and the journal stays' done_with
everybody() { run_setup "$WORK/present.exe" /S /NOWEBVIEW /ALLUSERS && [ -f "$drive/Program Files/FieldPay/fieldpay.exe" ]; }
check 'it installs for everybody' everybody
extract() {
	mkdir -p "$drive/stage"
	FIELDPAY_SETUP_EXTRACT='C:\stage' run_setup "$WORK/present.exe" /S &&
		has "fieldpayctl $NOW" timeout 60 "$wine" "$drive/stage/fieldpayctl.exe" --version && [ ! -e "$drive/stage/uninstall.exe" ]
}
check 'its programs can be tried before they are installed' extract
waits() { run_setup "$WORK/present.exe" /S /NOWEBVIEW /WAIT && registered 0.0.2 && uninstall /S /FORCE; }
check 'it installs when it is told to wait, and nothing is open' waits
"$wine" wineboot --kill >/dev/null 2>&1

# Signing, with a certificate of the moment.
openssl req -x509 -newkey rsa:3072 -sha256 -days 2 -nodes -keyout "$WORK/sign-key.pem" -out "$WORK/sign-cert.pem" -subj '/CN=FieldPay test' \
	-addext extendedKeyUsage=codeSigning -addext keyUsage=digitalSignature 2>/dev/null
signing() {
	export FIELDPAY_SIGN_CERT=$WORK/sign-cert.pem FIELDPAY_SIGN_KEY=$WORK/sign-key.pem
	cp -r "$ONE.programs/windows-amd64" "$WORK/signing"
	build/windows/installer.sh amd64 "$WORK/signing" "$WORK/signed.exe"
}
check 'programs, installer and uninstaller are signed' signing
verify_exe() { osslsigncode verify -CAfile "$WORK/sign-cert.pem" "$1"; }
check 'the signature of the installer holds' verify_exe "$WORK/signed.exe"
check 'the signature of the window holds' verify_exe "$WORK/signing/fieldpay.exe"
changed() {
	cp "$WORK/signed.exe" "$WORK/changed.exe"
	printf '\0\1\2\3' | dd of="$WORK/changed.exe" bs=1 seek=100000 conv=notrunc status=none
	refused verify_exe "$WORK/changed.exe"
}
check 'an installer with changed bytes is refused' changed
half() { FIELDPAY_SIGN_CERT=$WORK/sign-cert.pem build/windows/installer.sh amd64 "$WORK/signing" "$WORK/half.exe"; }
check 'a certificate without its key stops the packaging' has 'must both name files' half
resource() { strings -el "$ONE.programs/windows-$1/fieldpay.exe" | grep -qxF "$NOW"; }
check 'the amd64 program carries its version' resource amd64
check 'the arm64 program carries its version' resource arm64
