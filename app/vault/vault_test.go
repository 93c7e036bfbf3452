package vault_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	"fieldpay/app/vault"
)

// keychain is a Keyring in memory.
type keychain struct {
	mu      sync.Mutex
	secrets map[string]string
	// broken is answered to every call; amnesia loses what is stored.
	broken  error
	amnesia bool
	// locked, where set, holds every call until it is closed.
	locked chan struct{}
}

func newKeychain() *keychain { return &keychain{secrets: map[string]string{}} }

// Get returns a secret.
func (k *keychain) Get(service, user string) (string, error) {
	if k.locked != nil {
		<-k.locked
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.broken != nil {
		return "", k.broken
	}
	secret, ok := k.secrets[service+"/"+user]
	if !ok {
		return "", vault.ErrNoSecret
	}
	return secret, nil
}

// Set stores a secret.
func (k *keychain) Set(service, user, secret string) error {
	if k.locked != nil {
		<-k.locked
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.broken != nil {
		return k.broken
	}
	if !k.amnesia {
		k.secrets[service+"/"+user] = secret
	}
	return nil
}

var errNoKeychain = errors.New("no secret service on this machine")

// place is a data folder, a fallback folder and a passphrase.
func place(t *testing.T) vault.Options {
	t.Helper()
	root := t.TempDir()
	return vault.Options{
		DataDir: filepath.Join(root, "data"), FallbackDir: filepath.Join(root, "fallback"), Keyring: newKeychain(),
	}
}

func withPassphrase(t *testing.T, o vault.Options, passphrase string) vault.Options {
	t.Helper()
	o.Keyring = &keychain{broken: errNoKeychain}
	o.PassphraseFile = filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(o.PassphraseFile, []byte(passphrase+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return o
}

func open(t *testing.T, o vault.Options) *vault.Vault {
	t.Helper()
	v, err := vault.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func wantMissing(t *testing.T, o vault.Options) {
	t.Helper()
	before, _ := os.ReadFile(filepath.Join(o.DataDir, "key.json"))
	v, err := vault.Open(t.Context(), o)
	if action.CodeOf(err) != action.KeyMissing {
		t.Fatalf("got %v, %v", v, err)
	}
	if after, _ := os.ReadFile(filepath.Join(o.DataDir, "key.json")); !bytes.Equal(before, after) {
		t.Error("key.json was changed")
	}
}

func TestOpen_FindsTheSameKeyAgain(t *testing.T) {
	cases := map[vault.Protection]func(vault.Options) vault.Options{
		vault.Keychain:   func(o vault.Options) vault.Options { return o },
		vault.Passphrase: func(o vault.Options) vault.Options { return withPassphrase(t, o, "correct horse") },
		vault.File: func(o vault.Options) vault.Options {
			o.Keyring = &keychain{broken: errNoKeychain}
			return o
		},
	}
	for protection, with := range cases {
		t.Run(string(protection), func(t *testing.T) {
			o := with(place(t))
			first, second := open(t, o), open(t, o)
			if len(first.DataKey()) != vault.KeySize || !bytes.Equal(first.DataKey(), second.DataKey()) {
				t.Error("the keys differ")
			}
			if first.Protection() != protection || second.Protection() != protection {
				t.Errorf("protection %q, then %q", first.Protection(), second.Protection())
			}
		})
	}
}

func TestOpen_ProtectsTheKey(t *testing.T) {
	t.Run("no file of the data folder gives it away", func(t *testing.T) {
		o := place(t)
		o.Keyring = &keychain{broken: errNoKeychain}
		v := open(t, o)
		wrapping, err := filepath.Glob(filepath.Join(o.FallbackDir, "key-*"))
		if err != nil || len(wrapping) != 1 {
			t.Fatalf("key files %v, %v", wrapping, err)
		}
		secret, err := os.ReadFile(wrapping[0])
		if err != nil {
			t.Fatal(err)
		}
		err = filepath.WalkDir(o.DataDir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if bytes.Contains(content, v.DataKey()) || bytes.Contains(content, bytes.TrimSpace(secret)) {
				t.Errorf("%s has a key in it", d.Name())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	t.Run("files are for their owner alone", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			return // permissions are inherited there
		}
		o := place(t)
		o.Keyring = &keychain{broken: errNoKeychain}
		open(t, o)
		files, _ := filepath.Glob(filepath.Join(o.FallbackDir, "key-*"))
		for _, path := range append(files, filepath.Join(o.DataDir, "key.json")) {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", path, info.Mode(), err)
			}
		}
	})
	t.Run("a key beside what it protects is refused", func(t *testing.T) {
		o := place(t)
		for _, dir := range []string{o.DataDir, filepath.Join(o.DataDir, "keys")} {
			o.FallbackDir = dir
			if _, err := vault.Open(t.Context(), o); err == nil {
				t.Errorf("%s was taken", dir)
			}
		}
	})
	t.Run("a keychain that loses what it is given is not trusted", func(t *testing.T) {
		o := place(t)
		o.Keyring = &keychain{secrets: map[string]string{}, amnesia: true}
		if got := open(t, o).Protection(); got != vault.File {
			t.Errorf("protection %q", got)
		}
	})
	t.Run("two data folders do not share a key", func(t *testing.T) {
		a, b := place(t), place(t)
		b.Keyring = a.Keyring
		if bytes.Equal(open(t, a).DataKey(), open(t, b).DataKey()) {
			t.Error("they do")
		}
	})
}

func TestOpen_NeverReplacesAKey(t *testing.T) {
	t.Run("whose keychain entry is gone", func(t *testing.T) {
		o := place(t)
		open(t, o)
		o.Keyring = newKeychain()
		wantMissing(t, o)
	})
	t.Run("whose keychain is not there today", func(t *testing.T) {
		o := place(t)
		open(t, o)
		o.Keyring = &keychain{broken: errNoKeychain}
		wantMissing(t, o)
	})
	t.Run("whose passphrase is another one", func(t *testing.T) {
		o := withPassphrase(t, place(t), "correct horse")
		open(t, o)
		wantMissing(t, withPassphrase(t, o, "wrong horse"))
		wantMissing(t, withPassphrase(t, o, ""))
	})
	t.Run("whose passphrase file is gone", func(t *testing.T) {
		o := withPassphrase(t, place(t), "correct horse")
		open(t, o)
		o.PassphraseFile = ""
		wantMissing(t, o)
	})
	t.Run("whose key file is gone", func(t *testing.T) {
		o := place(t)
		o.Keyring = &keychain{broken: errNoKeychain}
		open(t, o)
		if err := os.RemoveAll(o.FallbackDir); err != nil {
			t.Fatal(err)
		}
		wantMissing(t, o)
	})
	t.Run("that is damaged", func(t *testing.T) {
		o := place(t)
		open(t, o)
		if err := os.WriteFile(filepath.Join(o.DataDir, "key.json"), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		wantMissing(t, o)
	})
	t.Run("that somebody has turned into a weaker one", func(t *testing.T) {
		o := place(t)
		open(t, o)
		forge(t, o, func(k map[string]any) { k["protection"] = "file" })
		wantMissing(t, o)
	})
	t.Run("of a later version", func(t *testing.T) {
		o := place(t)
		open(t, o)
		forge(t, o, func(k map[string]any) { k["version"] = 2 })
		wantMissing(t, o)
	})
	t.Run("that would take all memory to open", func(t *testing.T) {
		o := withPassphrase(t, place(t), "correct horse")
		open(t, o)
		forge(t, o, func(k map[string]any) { k["kdf"].(map[string]any)["memoryKiB"] = 1 << 30 })
		wantMissing(t, o)
	})
	t.Run("that is gone while what it sealed is there", func(t *testing.T) {
		o := place(t)
		o.Sealed = []string{filepath.Join(o.DataDir, "journal.db")}
		open(t, o)
		if err := os.Rename(filepath.Join(o.DataDir, "key.json"), o.Sealed[0]); err != nil {
			t.Fatal(err)
		}
		wantMissing(t, o)
	})
}

// forge changes fields of key.json.
func forge(t *testing.T, o vault.Options, change func(map[string]any)) {
	t.Helper()
	path := filepath.Join(o.DataDir, "key.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var key map[string]any
	if err := json.Unmarshal(text, &key); err != nil {
		t.Fatal(err)
	}
	change(key)
	if text, err = json.Marshal(key); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOpen_WaitsForAKeychainForALimitedTime(t *testing.T) {
	t.Run("and takes the fallback at the first start", func(t *testing.T) {
		o := place(t)
		synctest.Test(t, func(t *testing.T) {
			hanging := newKeychain()
			hanging.locked = make(chan struct{})
			o.Keyring = hanging
			began := time.Now()
			if got := open(t, o).Protection(); got != vault.File {
				t.Errorf("protection %q", got)
			}
			if took := time.Since(began); took != 3*time.Second {
				t.Errorf("it took %v", took)
			}
			close(hanging.locked)
		})
	})
	t.Run("and says that the key is locked at a later one", func(t *testing.T) {
		o := place(t)
		open(t, o)
		synctest.Test(t, func(t *testing.T) {
			hanging := newKeychain()
			hanging.locked = make(chan struct{})
			o.Keyring = hanging
			wantMissing(t, o)
			close(hanging.locked)
		})
	})
	t.Run("and no longer than the caller wants", func(t *testing.T) {
		o := place(t)
		open(t, o)
		synctest.Test(t, func(t *testing.T) {
			hanging := newKeychain()
			hanging.locked = make(chan struct{})
			o.Keyring = hanging
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := vault.Open(ctx, o); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			close(hanging.locked)
		})
	})
}

// Each opening has its own descriptors and its own lock, as two processes have.
func TestOpen_ManyAtOnceAgreeOnOneKey(t *testing.T) {
	o := place(t)
	var starts sync.WaitGroup
	keys := make(chan string, 8)
	for range 8 {
		starts.Go(func() {
			v, err := vault.Open(t.Context(), o)
			if err != nil {
				t.Error(err)
				return
			}
			keys <- string(v.DataKey())
		})
	}
	starts.Wait()
	close(keys)
	distinct := map[string]bool{}
	for key := range keys {
		distinct[key] = true
	}
	if len(distinct) != 1 {
		t.Errorf("%d keys", len(distinct))
	}
}

func TestVault_Derive(t *testing.T) {
	v := open(t, place(t))
	session, cache := v.Derive("session"), v.Derive("cache")
	if len(session) != 32 || bytes.Equal(session, cache) || bytes.Equal(session, v.DataKey()) {
		t.Error("the keys are not independent")
	}
	if !bytes.Equal(session, v.Derive("session")) {
		t.Error("the same purpose gives another key")
	}
}

func TestVault_DataKey_IsACopy(t *testing.T) {
	v := open(t, place(t))
	key := v.DataKey()
	clear(key)
	if bytes.Equal(key, v.DataKey()) {
		t.Error("the vault's own key was changed")
	}
}

func ExampleOpen() {
	folder, err := os.MkdirTemp("", "vault")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()
	v, err := vault.Open(context.Background(), vault.Options{
		DataDir: filepath.Join(folder, "data"), FallbackDir: filepath.Join(folder, "keys"),
		Keyring: &keychain{broken: errNoKeychain},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(v.Derive("journal")), strings.ToUpper(string(v.Protection())))
	// Output: 32 FILE
}
