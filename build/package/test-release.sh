# Part of test.sh: what stands beside the packages, and that it can be trusted.

packager public "$WORK/key.pem" >"$WORK/public.pem"

again() { FIELDPAY_PACKAGES=$WORK/two build/package/package.sh && diff -r "$ONE" "$WORK/two"; }
check 'packaging twice gives the same bytes' again
rm -rf "$WORK/two" "$WORK/two.programs"

sums() { (cd "$ONE" && sha256sum --check --strict SHA256SUMS); }
check 'the sums hold' sums
check 'the manifest and its signature hold' packager verify -public "$WORK/public.pem" "$ONE"

spoiled() { # spoiled FILE: one byte in its middle is another
	rm -rf "$WORK/spoiled"
	cp -r "$ONE" "$WORK/spoiled"
	local file middle
	file=$(ls -d "$WORK/spoiled/"$1)
	middle=$(($(stat -c %s "$file") / 2))
	if [ "$(dd if="$file" bs=1 skip=$middle count=1 status=none)" = x ]; then
		printf y
	else
		printf x
	fi | dd of="$file" bs=1 seek=$middle conv=notrunc status=none
	packager verify -public "$WORK/public.pem" "$WORK/spoiled"
}
check 'a package with a changed byte is refused by its name' has 'deb is not the file that was signed' spoiled 'fieldpay_*.deb'
check 'a manifest with a changed byte is refused' has 'the signature of the manifest' spoiled manifest.json

stranger() {
	openssl genpkey -algorithm ed25519 -out "$WORK/stranger.pem"
	packager public "$WORK/stranger.pem" >"$WORK/stranger-public.pem"
	packager verify -public "$WORK/stranger-public.pem" "$ONE"
}
check 'a manifest signed by somebody else is refused' has 'the signature of the manifest' stranger
check 'the bill of materials names a module, a package and Go' grep -q 'pkg:golang/modernc.org/sqlite@' "$ONE"/*.cdx.json
check 'the bill of materials names what the screens ship' grep -q 'pkg:npm/react@' "$ONE"/*.cdx.json
if [ "$(uname -s)" != Darwin ]; then
	check 'the macOS script says at once that it needs a Mac' has 'needs a Mac' build/darwin/package.sh
fi
