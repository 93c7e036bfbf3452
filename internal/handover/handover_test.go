package handover_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fieldpay/internal/handover"
)

func key(seed string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte(strings.Repeat(seed, ed25519.SeedSize)))
}

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

func server(t testing.TB) (identity, recipient string) {
	t.Helper()
	identity, err := handover.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	recipient, err = handover.RecipientOf(identity)
	if err != nil {
		t.Fatal(err)
	}
	return identity, recipient
}

func actions(n int) []json.RawMessage {
	list := make([]json.RawMessage, n)
	for i := range list {
		list[i] = json.RawMessage(fmt.Sprintf(`{"id":"a%d","type":"log_visit","payload":{"note":"<Café> & \"more\" %d"}}`, i, i))
	}
	return list
}

func sealed(t testing.TB, recipient string, n int) []byte {
	t.Helper()
	var out bytes.Buffer
	h := handover.Header{DeviceID: "d1", By: "rep-1", MadeAt: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	if err := handover.Seal(&out, recipient, key("d"), h, actions(n)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func deviceOne(deviceID string) (ed25519.PublicKey, error) {
	if deviceID != "d1" {
		return nil, errors.New("another device")
	}
	return public(key("d")), nil
}

func TestOpen(t *testing.T) {
	identity, recipient := server(t)
	t.Run("gives back what was sealed, byte for byte and in order", func(t *testing.T) {
		for _, n := range []int{0, 1, 300} {
			f, err := handover.Open(bytes.NewReader(sealed(t, recipient, n)), identity, deviceOne)
			if err != nil || f.DeviceID != "d1" || f.By != "rep-1" || len(f.Actions) != n {
				t.Fatalf("%d: %+v, %v", n, f.Header, err)
			}
			for i, a := range actions(n) {
				if !bytes.Equal(a, f.Actions[i]) {
					t.Errorf("action %d became %s", i, f.Actions[i])
				}
			}
		}
	})
	t.Run("shows nothing to who has another key, and nothing in the open", func(t *testing.T) {
		file := sealed(t, recipient, 3)
		other, _ := server(t)
		if _, err := handover.Open(bytes.NewReader(file), other, deviceOne); !errors.Is(err, handover.ErrUnreadable) {
			t.Errorf("got %v", err)
		}
		if bytes.Contains(file, []byte("Caf")) || bytes.Contains(file, []byte("rep-1")) {
			t.Error("the file shows what is in it")
		}
	})
	t.Run("finds a file that was cut or changed at any place", func(t *testing.T) {
		file := sealed(t, recipient, 3)
		for i := range file {
			changed := bytes.Clone(file)
			changed[i] ^= 1
			for what, bad := range map[string][]byte{"changed": changed, "cut": file[:i]} {
				if _, err := handover.Open(bytes.NewReader(bad), identity, deviceOne); !errors.Is(err, handover.ErrUnreadable) {
					t.Fatalf("%s at %d of %d: %v", what, i, len(file), err)
				}
			}
		}
	})
	t.Run("believes only the key of the device that the file names", func(t *testing.T) {
		_, err := handover.Open(bytes.NewReader(sealed(t, recipient, 1)), identity, func(string) (ed25519.PublicKey, error) {
			return public(key("e")), nil
		})
		if !errors.Is(err, handover.ErrForged) {
			t.Errorf("got %v", err)
		}
		refused := errors.New("revoked")
		_, err = handover.Open(bytes.NewReader(sealed(t, recipient, 1)), identity, func(string) (ed25519.PublicKey, error) { return nil, refused })
		if !errors.Is(err, refused) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("takes no more than fits into a request", func(t *testing.T) {
		if err := handover.Seal(&bytes.Buffer{}, recipient, key("d"), handover.Header{DeviceID: "d1"}, actions(handover.MaxActions+1)); err == nil {
			t.Error("it was sealed")
		}
	})
}

func TestReadReceipt(t *testing.T) {
	pin := base64.RawURLEncoding.EncodeToString(public(key("s")))
	receipt := handover.Receipt{DeviceID: "d1", At: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), IDs: []string{"a2", "a1"}}.Sign(key("s"))
	text, err := json.Marshal(receipt)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("reads what the known server signed", func(t *testing.T) {
		r, err := handover.ReadReceipt(bytes.NewReader(text), pin)
		if err != nil || fmt.Sprint(r.IDs) != "[a2 a1]" || r.DeviceID != "d1" {
			t.Errorf("%+v, %v", r, err)
		}
	})
	t.Run("refuses another server's, and one whose ids were changed", func(t *testing.T) {
		forged := handover.Receipt{DeviceID: "d1", At: receipt.At, IDs: []string{"a1"}}.Sign(key("f"))
		forgedText, err := json.Marshal(forged)
		if err != nil {
			t.Fatal(err)
		}
		for what, bad := range map[string][]byte{
			"another server": forgedText, "changed": bytes.Replace(text, []byte(`"a1"`), []byte(`"a3"`), 1), "nonsense": []byte("{"),
		} {
			if _, err := handover.ReadReceipt(bytes.NewReader(bad), pin); err == nil {
				t.Errorf("%s: it was believed", what)
			}
		}
		if _, err := handover.ReadReceipt(bytes.NewReader(text), ""); err == nil {
			t.Error("it was believed without a known server")
		}
	})
}

func FuzzOpen(f *testing.F) {
	identity, recipient := server(f)
	f.Add(sealed(f, recipient, 2))
	f.Add([]byte("age-encryption.org/v1\n-> X25519 x\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, err := handover.Open(bytes.NewReader(file), identity, deviceOne); err != nil && !errors.Is(err, handover.ErrUnreadable) && !errors.Is(err, handover.ErrForged) {
			t.Errorf("got %v", err)
		}
	})
}

func FuzzReadReceipt(f *testing.F) {
	pin := base64.RawURLEncoding.EncodeToString(public(key("s")))
	f.Add([]byte(`{"deviceId":"d1","at":"2026-03-01T10:00:00Z","ids":["a"],"keyId":"` + pin + `","signature":"AAAA"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if r, err := handover.ReadReceipt(bytes.NewReader(text), pin); err == nil {
			t.Errorf("a receipt that nobody signed was believed: %+v", r)
		}
	})
}
