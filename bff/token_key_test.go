package bff_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/memory"
)

// countedKeys counts how often the keys are read.
type countedKeys struct {
	bff.Keys
	reads int
}

func (c *countedKeys) KeyList(ctx context.Context, prefix string) (map[string][]byte, error) {
	c.reads++
	return c.Keys.KeyList(ctx, prefix)
}

// signer is an instance of the server, as far as tokens go.
type signer struct {
	*bff.Identity
	keys *bff.TokenKeys
}

func newSigner(t *testing.T, store *memory.Store, o bff.TokenKeysOptions) signer {
	t.Helper()
	keys, err := bff.NewTokenKeys(o)
	if err != nil {
		t.Fatal(err)
	}
	id, err := bff.NewIdentity(bff.IdentityOptions{Users: store, Sessions: store, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return signer{id, keys}
}

func (s signer) begin(t *testing.T) bff.Tokens {
	t.Helper()
	tokens, err := s.Begin(t.Context(), bff.User{ID: "u1"}, "")
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func (s signer) takes(t *testing.T, token string) bool {
	t.Helper()
	_, err := s.Principal(t.Context(), token)
	if err != nil && action.CodeOf(err) != action.SignInNeeded {
		t.Fatalf("checking a token: %v", err)
	}
	return err == nil
}

func keyID(t *testing.T, token string) string {
	t.Helper()
	head, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		t.Fatal(err)
	}
	var header struct{ Kid string }
	if err := json.Unmarshal(raw, &header); err != nil {
		t.Fatal(err)
	}
	return header.Kid
}

// onInstances runs a test with a store of one person and two instances over it.
func onInstances(t *testing.T, name string, test func(t *testing.T, store *memory.Store, one, other signer)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := memory.New()
			if _, err := store.AddUser(t.Context(), bff.User{ID: "u1", Login: "pat"}); err != nil {
				t.Fatal(err)
			}
			test(t, store, newSigner(t, store, bff.TokenKeysOptions{Store: store}), newSigner(t, store, bff.TokenKeysOptions{Store: store}))
		})
	})
}

func TestTokenKeys_Rotate(t *testing.T) {
	onInstances(t, "a new key signs once every instance knows it, and the old one is accepted until its last token is over", func(t *testing.T, store *memory.Store, one, other signer) {
		early := one.begin(t)
		stolen := forged(t, store, early.Access)
		made, err := other.keys.Rotate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		elapse(59 * time.Second)
		last := one.begin(t)
		if keyID(t, last.Access) != keyID(t, early.Access) {
			t.Error("the new key signs while an instance may not know it")
		}
		elapse(2 * time.Second)
		fresh := one.begin(t)
		if keyID(t, fresh.Access) != made.ID || !other.takes(t, fresh.Access) || !other.takes(t, last.Access) || !one.takes(t, early.Access) {
			t.Error("after the change a token of before or after it is refused")
		}
		elapse(59 * time.Minute)
		if late := one.begin(t); !other.takes(t, late.Access) || !other.takes(t, stolen) {
			t.Error("an hour later a token of one of the keys is refused")
		}
		elapse(2 * time.Minute)
		if one.takes(t, stolen) || other.takes(t, stolen) {
			t.Error("the old key still counts when its last token is over")
		}
		if _, err := one.keys.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		ring, err := other.keys.List(t.Context())
		if err != nil || len(ring) != 2 || ring[0].ID != made.ID || !ring[1].Until.IsZero() {
			t.Errorf("the keys that are left: %+v %v", ring, err)
		}
	})
	onInstances(t, "a refresh whose reply was lost is answered as before, though the key changed in between", func(t *testing.T, _ *memory.Store, one, other signer) {
		begun := one.begin(t)
		if _, err := one.keys.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		elapse(59 * time.Second)
		lost, err := one.Refresh(t.Context(), begun.Refresh, "")
		if err != nil {
			t.Fatal(err)
		}
		elapse(10 * time.Second)
		again, err := other.Refresh(t.Context(), begun.Refresh, "")
		if err != nil || again.Refresh != lost.Refresh || !one.takes(t, again.Access) || keyID(t, again.Access) == keyID(t, lost.Access) {
			t.Errorf("%v", err)
		}
	})
}

// forged is what a thief of the first key could make of a token: one that says
// of itself that it is good for a year.
func forged(t *testing.T, store *memory.Store, token string) string {
	t.Helper()
	key, err := store.Key(t.Context(), "tokens", nil)
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		t.Fatal(err)
	}
	claims["exp"] = time.Now().AddDate(1, 0, 0).Unix()
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTokenKeys_Replace(t *testing.T) {
	onInstances(t, "no token of an old key is taken after half a minute, and a refresh token still is", func(t *testing.T, _ *memory.Store, one, other signer) {
		begun := one.begin(t)
		if !other.takes(t, begun.Access) {
			t.Fatal("a fresh token is refused")
		}
		if _, err := one.keys.Replace(t.Context()); err != nil {
			t.Fatal(err)
		}
		if one.takes(t, begun.Access) {
			t.Error("the instance itself takes a token of the old key")
		}
		elapse(time.Second)
		if fresh := one.begin(t); !other.takes(t, fresh.Access) {
			t.Error("an instance refuses the new key, because it has not read it")
		}
		elapse(29 * time.Second)
		if other.takes(t, begun.Access) {
			t.Error("another instance takes a token of the old key")
		}
		refreshed, err := other.Refresh(t.Context(), begun.Refresh, "")
		if err != nil || !one.takes(t, refreshed.Access) {
			t.Errorf("a refresh after the change: %v", err)
		}
	})
}

func TestTokenKeys_names(t *testing.T) {
	onInstances(t, "names that somebody makes up do not load the store", func(t *testing.T, store *memory.Store, one, _ signer) {
		counted := &countedKeys{Keys: store}
		s := newSigner(t, store, bff.TokenKeysOptions{Store: counted})
		token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": "fieldpay-bff", "aud": "fieldpay", "exp": time.Now().Add(time.Hour).Unix()})
		token.Header["kid"] = "made-up"
		made, err := token.SignedString(bytes.Repeat([]byte("x"), 32))
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			if s.takes(t, made) {
				t.Fatal("a forged token is taken")
			}
		}
		if counted.reads > 2 {
			t.Errorf("the store was asked %d times", counted.reads)
		}
		if !s.takes(t, one.begin(t).Access) {
			t.Error("an honest token is refused")
		}
	})
	onInstances(t, "a token that an older server signed, without a name, counts", func(t *testing.T, store *memory.Store, one, _ signer) {
		if !one.takes(t, forged(t, store, one.begin(t).Access)) {
			t.Error("it is refused")
		}
	})
}

func TestTokenKeys_given(t *testing.T) {
	onInstances(t, "a given secret is changed instance by instance", func(t *testing.T, store *memory.Store, _, _ signer) {
		before, after := bytes.Repeat([]byte("b"), 32), bytes.Repeat([]byte("a"), 32)
		with := func(secret []byte, also ...[]byte) signer {
			return newSigner(t, store, bff.TokenKeysOptions{Secret: secret, Also: also})
		}
		old, ready, changed, done := with(before), with(before, after), with(after, before), with(after)
		for _, from := range []signer{old, ready} {
			if tokens := from.begin(t); !old.takes(t, tokens.Access) || !ready.takes(t, tokens.Access) || !changed.takes(t, tokens.Access) || done.takes(t, tokens.Access) {
				t.Error("a token of the old secret")
			}
		}
		if tokens := changed.begin(t); !ready.takes(t, tokens.Access) || !done.takes(t, tokens.Access) || old.takes(t, tokens.Access) {
			t.Error("a token of the new secret")
		}
		if _, err := done.keys.Rotate(t.Context()); action.CodeOf(err) != action.NotPossible {
			t.Errorf("rotating a given secret: %v", err)
		}
	})
}
