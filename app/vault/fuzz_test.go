package vault_test

import (
	"os"
	"path/filepath"
	"testing"

	"fieldpay/action"
	"fieldpay/app/vault"
)

// A key.json from anywhere never opens, is never replaced, and is told as a key
// that is missing.
func FuzzOpen(f *testing.F) {
	for _, s := range []string{
		"", "null", "{}", `{"version":1,"id":"0123456789abcdef0123456789abcdef","protection":"file","box":"AAAA"}`,
		`{"version":1,"id":"0123456789abcdef0123456789abcdef","protection":"passphrase","kdf":{"name":"argon2id","salt":"AAAAAAAAAAAA","passes":0,"lanes":0}}`,
		`{"version":1,"id":"0123456789abcdef0123456789abcdef","protection":"keychain"}`, `{"version":2,"id":"../../etc/passwd"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		o := place(t)
		o.Keyring = &keychain{broken: errNoKeychain}
		path := filepath.Join(o.DataDir, "key.json")
		for _, folder := range []string{o.DataDir, o.FallbackDir} {
			if err := os.MkdirAll(folder, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.Open(t.Context(), o); action.CodeOf(err) != action.KeyMissing {
			t.Errorf("it is told as %v", err)
		}
		if now, err := os.ReadFile(path); err != nil || string(now) != string(text) {
			t.Errorf("the file was changed: %q, %v", now, err)
		}
	})
}
