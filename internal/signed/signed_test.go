package signed_test

import (
	"crypto/ed25519"

	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"fieldpay/internal/signed"
)

func deviceKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(rune(seed)), ed25519.SeedSize)))
}

func request() signed.Request {
	return signed.Request{
		Method: "POST", Target: "/sync/actions?x=1", Body: []byte(`{"actions":[]}`), Token: "token",
		DeviceID: "device-1", At: time.UnixMilli(1_790_000_000_123), Nonce: "0123456789abcdef",
	}
}

func TestRequest_Sign(t *testing.T) {
	key := deviceKey('k')
	public := key.Public().(ed25519.PublicKey)
	mark, err := signed.Parse(request().Sign(key))
	if err != nil {
		t.Fatal(err)
	}
	if mark.DeviceID != "device-1" || !mark.At.Equal(request().At) || mark.Nonce != request().Nonce {
		t.Errorf("read %+v", mark)
	}
	for name, tt := range map[string]struct {
		change func(*signed.Request, *signed.Mark)
		want   bool
	}{
		"as it is":        {func(*signed.Request, *signed.Mark) {}, true},
		"another method":  {func(r *signed.Request, _ *signed.Mark) { r.Method = "GET" }, false},
		"another address": {func(r *signed.Request, _ *signed.Mark) { r.Target = "/sync/actions?x=2" }, false},
		"another body":    {func(r *signed.Request, _ *signed.Mark) { r.Body = []byte(`{"actions":[1]}`) }, false},
		"another token":   {func(r *signed.Request, _ *signed.Mark) { r.Token = "" }, false},
		"another device":  {func(_ *signed.Request, m *signed.Mark) { m.DeviceID = "device-2" }, false},
		"another time":    {func(_ *signed.Request, m *signed.Mark) { m.At = m.At.Add(time.Millisecond) }, false},
		"another nonce":   {func(_ *signed.Request, m *signed.Mark) { m.Nonce = "0123456789abcdeF" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, m := request(), mark
			tt.change(&r, &m)
			if got := m.Fits(public, r); got != tt.want {
				t.Errorf("fits: %v", got)
			}
		})
	}
	t.Run("another key", func(t *testing.T) {
		if mark.Fits(deviceKey('x').Public().(ed25519.PublicKey), request()) || mark.Fits(nil, request()) {
			t.Error("a foreign key fits")
		}
	})
}

func TestParse(t *testing.T) {
	good := request().Sign(deviceKey('k'))
	parts := strings.Split(good, ";")
	with := func(i int, value string) string {
		changed := strings.Split(good, ";")
		changed[i] = value
		return strings.Join(changed, ";")
	}
	for name, header := range map[string]string{
		"nothing": "", "another version": with(0, "v2"), "no device": with(1, ""), "a device with a line": with(1, "a\nb"),
		"no time": with(2, "x"), "a time in another form": with(2, "0"+parts[2]), "a short nonce": with(3, "abc"),
		"a short signature": with(4, parts[4][:20]), "more parts": good + ";x", "far too long": good + strings.Repeat("x", 600),
	} {
		t.Run(name, func(t *testing.T) {
			if m, err := signed.Parse(header); err == nil {
				t.Errorf("read as %+v", m)
			}
		})
	}
}

func TestDecodeKey(t *testing.T) {
	public := deviceKey('k').Public().(ed25519.PublicKey)
	got, err := signed.DecodeKey(signed.EncodeKey(public))
	if err != nil || !got.Equal(public) {
		t.Errorf("key %x %v", got, err)
	}
	for _, text := range []string{"", "x", base64.StdEncoding.EncodeToString(public), signed.EncodeKey(public[:31])} {
		if _, err := signed.DecodeKey(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(request().Sign(deviceKey('k')))
	f.Add("v1;d;1;0123456789abcdef;")
	f.Fuzz(func(t *testing.T, header string) {
		m, err := signed.Parse(header)
		if err != nil {
			return
		}
		again := fmt.Sprintf("v1;%s;%d;%s;%s", m.DeviceID, m.At.UnixMilli(), m.Nonce, base64.RawURLEncoding.EncodeToString(m.Signature))
		if again != header {
			t.Errorf("%q was read as %q", header, again)
		}
	})
}

func ExampleRequest() {
	key := deviceKey('k')
	header := signed.Request{Method: "GET", Target: "/salesforce/accounts", DeviceID: "van-7", At: time.UnixMilli(0), Nonce: "AAAAAAAAAAAAAAAAAAAAAA"}.Sign(key)
	fmt.Println(header[:34])
	// Output: v1;van-7;0;AAAAAAAAAAAAAAAAAAAAAA;
}
