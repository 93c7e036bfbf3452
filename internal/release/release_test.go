package release_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"fieldpay/internal/release"
)

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(k ed25519.PrivateKey) ed25519.PublicKey {
	p, _ := k.Public().(ed25519.PublicKey)
	return p
}

func good() release.Manifest {
	return release.Manifest{
		Product: "fieldpay", Version: "1.2.3", Channel: release.Stable, Journal: release.Schemas{Oldest: 1, Newest: 2},
		Files: []release.File{{
			Name: "fieldpay-1.2.3-linux-amd64.tar.gz", Size: 3, SHA256: strings.Repeat("ab", 32),
			Kind: release.Archive, OS: "linux", Arch: "amd64",
		}},
	}
}

func written(t *testing.T, m release.Manifest) []byte {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestVerify(t *testing.T) {
	text := written(t, good())
	signature := release.Sign(key(1), text)
	t.Run("takes what one of its keys has signed", func(t *testing.T) {
		m, err := release.Verify([]ed25519.PublicKey{public(key(2)), public(key(1))}, text, signature+"\n")
		if err != nil || m.Version != "1.2.3" {
			t.Errorf("got %+v, %v", m, err)
		}
		if f, ok := m.Find(release.Archive, "linux", "amd64"); !ok || f.Size != 3 {
			t.Errorf("got %+v, %v", f, ok)
		}
		if f, ok := m.Find(release.Setup, "linux", "amd64"); ok {
			t.Errorf("found %+v", f)
		}
	})
	for name, c := range map[string]struct {
		keys      []ed25519.PublicKey
		text      []byte
		signature string
	}{
		"without a key":               {nil, text, signature},
		"of another key":              {[]ed25519.PublicKey{public(key(2))}, text, signature},
		"with a key that is none":     {[]ed25519.PublicKey{{1, 2, 3}}, text, signature},
		"with a changed byte":         {[]ed25519.PublicKey{public(key(1))}, bytes.Replace(text, []byte("1.2.3"), []byte("1.2.4"), 1), signature},
		"with a signature of nothing": {[]ed25519.PublicKey{public(key(1))}, text, ""},
		"signed as something else":    {[]ed25519.PublicKey{public(key(1))}, text, base64.StdEncoding.EncodeToString(ed25519.Sign(key(1), text))},
	} {
		t.Run("refuses a manifest "+name, func(t *testing.T) {
			if m, err := release.Verify(c.keys, c.text, c.signature); !errors.Is(err, release.ErrSignature) {
				t.Errorf("got %+v, %v", m, err)
			}
		})
	}
}

func TestParse(t *testing.T) {
	for name, spoil := range map[string]func(*release.Manifest){
		"of another product":           func(m *release.Manifest) { m.Product = "other" },
		"without a version":            func(m *release.Manifest) { m.Version = "new" },
		"without a channel":            func(m *release.Manifest) { m.Channel = "" },
		"without a journal":            func(m *release.Manifest) { m.Journal = release.Schemas{} },
		"without files":                func(m *release.Manifest) { m.Files = nil },
		"with a file elsewhere":        func(m *release.Manifest) { m.Files[0].Name = "../x" },
		"with a hidden file":           func(m *release.Manifest) { m.Files[0].Name = ".profile" },
		"with a sum that is too short": func(m *release.Manifest) { m.Files[0].SHA256 = "abcd" },
		"with a file below nothing":    func(m *release.Manifest) { m.Files[0].Size = -1 },
	} {
		t.Run("refuses a manifest "+name, func(t *testing.T) {
			m := good()
			spoil(&m)
			if _, err := release.Parse(written(t, m)); err == nil {
				t.Error("it was taken")
			}
		})
	}
}

func TestCompare(t *testing.T) {
	ordered := []string{
		"new", "0.0.0-dev", "0.0.1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
		"1.0.0", "1.2.0", "1.10.0", "2.0.0",
	}
	for i, a := range ordered {
		for j, b := range ordered {
			want := 0
			if i < j {
				want = -1
			}
			if i > j {
				want = 1
			}
			if got := release.Compare(a, b); got != want {
				t.Errorf("%s against %s: %d, want %d", a, b, got, want)
			}
		}
	}
	if release.Compare("1.0.0+a", "1.0.0+b") != 0 {
		t.Error("two builds of one version differ")
	}
}

func TestParseKeys(t *testing.T) {
	one, two := base64.StdEncoding.EncodeToString(public(key(1))), base64.StdEncoding.EncodeToString(public(key(2)))
	if keys, err := release.ParseKeys(one + "," + two); err != nil || len(keys) != 2 {
		t.Errorf("got %v, %v", keys, err)
	}
	if keys, err := release.ParseKeys(""); err != nil || len(keys) != 0 {
		t.Errorf("got %v, %v", keys, err)
	}
	if keys, err := release.ParseKeys("abc"); err == nil {
		t.Errorf("got %v", keys)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"product":"fieldpay","version":"1.2.3","channel":"stable","journal":{"oldest":1,"newest":1},"files":[{"name":"a","size":1,"sha256":""}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := release.Parse(text)
		if err == nil && (!release.Valid(m.Version) || len(m.Files) == 0) {
			t.Errorf("took %+v", m)
		}
	})
}

func ExampleVerify() {
	private := key(1)
	text := []byte(`{"product":"fieldpay","version":"1.2.3","channel":"stable","journal":{"oldest":1,"newest":1},
		"files":[{"name":"a","size":1,"sha256":"` + strings.Repeat("0", 64) + `"}]}`)
	m, err := release.Verify([]ed25519.PublicKey{public(private)}, text, release.Sign(private, text))
	fmt.Println(m.Version, err)
	// Output: 1.2.3 <nil>
}
