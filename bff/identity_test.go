package bff_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/memory"
)

// inBubble runs test with an identity, in virtual time.
func inBubble(t *testing.T, name string, test func(t *testing.T, id *bff.Identity)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := memory.New()
			for _, u := range []bff.User{
				{ID: "user-001", Login: demoLogin, PasswordHash: demoHash},
				{ID: "user-002", Login: "gone@example.com", PasswordHash: demoHash, Disabled: true},
			} {
				if _, err := store.AddUser(t.Context(), u); err != nil {
					t.Fatal(err)
				}
			}
			id, err := bff.NewIdentity(bff.IdentityOptions{Users: store, Sessions: store, Secret: bytes.Repeat([]byte("s"), 32)})
			if err != nil {
				t.Fatal(err)
			}
			test(t, id)
		})
	})
}

func signIn(t *testing.T, id *bff.Identity, device string) bff.Tokens {
	t.Helper()
	user, err := id.Check(t.Context(), strings.ToUpper(demoLogin), demoPassword, "192.0.2.1")
	if err != nil {
		t.Fatalf("checking: %v", err)
	}
	tokens, err := id.Begin(t.Context(), user, device)
	if err != nil {
		t.Fatalf("signing in: %v", err)
	}
	return tokens
}

func refresh(t *testing.T, id *bff.Identity, token, device string) (bff.Tokens, action.Code) {
	t.Helper()
	tokens, err := id.Refresh(t.Context(), token, device)
	return tokens, action.CodeOf(err)
}

func good(t *testing.T, id *bff.Identity, tokens bff.Tokens) bool {
	t.Helper()
	p, err := id.Principal(t.Context(), tokens.Access)
	return err == nil && p.User.ID == "user-001"
}

func TestIdentity_Refresh(t *testing.T) {
	inBubble(t, "an access token is good for an hour, and its end does not touch the refresh token", func(t *testing.T, id *bff.Identity) {
		first := signIn(t, id, "d1")
		elapse(59 * time.Minute)
		if !good(t, id, first) {
			t.Error("not good before its end")
		}
		elapse(2 * time.Minute)
		if good(t, id, first) {
			t.Error("good after its end")
		}
		second, code := refresh(t, id, first.Refresh, "d1")
		if code != "" || !good(t, id, second) || second.Refresh == first.Refresh {
			t.Errorf("refresh after the end: %q", code)
		}
	})
	inBubble(t, "a refresh token is good for seven days", func(t *testing.T, id *bff.Identity) {
		first := signIn(t, id, "d1")
		elapse(7*24*time.Hour - time.Minute)
		second, code := refresh(t, id, first.Refresh, "d1")
		if code != "" {
			t.Fatalf("before its end: %q", code)
		}
		elapse(7*24*time.Hour + time.Minute)
		if _, code := refresh(t, id, second.Refresh, "d1"); code != action.SignInNeeded {
			t.Errorf("after its end: %q", code)
		}
	})
	inBubble(t, "a lost reply is given again to the same device within a minute", func(t *testing.T, id *bff.Identity) {
		first := signIn(t, id, "d1")
		lost, _ := refresh(t, id, first.Refresh, "d1")
		elapse(50 * time.Second)
		again, code := refresh(t, id, first.Refresh, "d1")
		if code != "" || again.Refresh != lost.Refresh || !good(t, id, again) {
			t.Errorf("again: %q, the same successor: %v", code, again.Refresh == lost.Refresh)
		}
		if _, code := refresh(t, id, again.Refresh, "d1"); code != "" {
			t.Errorf("the successor: %q", code)
		}
	})
}

func TestIdentity_Reuse(t *testing.T) {
	inBubble(t, "a spent token after the grace revokes the family", func(t *testing.T, id *bff.Identity) {
		first := signIn(t, id, "d1")
		second, _ := refresh(t, id, first.Refresh, "d1")
		elapse(61 * time.Second)
		if _, code := refresh(t, id, first.Refresh, "d1"); code != action.SignInNeeded {
			t.Errorf("reuse: %q", code)
		}
		if _, code := refresh(t, id, second.Refresh, "d1"); code != action.SignInNeeded || good(t, id, second) {
			t.Errorf("the family lives on: %q", code)
		}
	})
	inBubble(t, "a spent token whose successor was used revokes the family at once", func(t *testing.T, id *bff.Identity) {
		first := signIn(t, id, "d1")
		second, _ := refresh(t, id, first.Refresh, "d1")
		third, _ := refresh(t, id, second.Refresh, "d1")
		if _, code := refresh(t, id, first.Refresh, "d1"); code != action.SignInNeeded || good(t, id, third) {
			t.Errorf("reuse: %q", code)
		}
	})
	inBubble(t, "another device gets nothing for the token", func(t *testing.T, id *bff.Identity) {
		first := signIn(t, id, "d1")
		if _, code := refresh(t, id, first.Refresh, "d2"); code != action.SignInNeeded {
			t.Errorf("another device: %q", code)
		}
		if _, code := refresh(t, id, first.Refresh, "d1"); code != "" {
			t.Errorf("its own device afterwards: %q", code)
		}
	})
	inBubble(t, "two processes of a device that refresh together get the same pair", func(t *testing.T, id *bff.Identity) {
		first := signIn(t, id, "d1")
		answers := make(chan string, 2)
		for range cap(answers) {
			go func() {
				tokens, err := id.Refresh(context.WithoutCancel(t.Context()), first.Refresh, "d1")
				answers <- tokens.Refresh + string(action.CodeOf(err))
			}()
		}
		if a, b := <-answers, <-answers; a != b || a == "" {
			t.Errorf("answers %q and %q", a, b)
		}
	})
	inBubble(t, "what is no token of ours ends nothing", func(t *testing.T, id *bff.Identity) {
		for _, token := range []string{"", "fp_rt_", "fp_rt_x", "fp_rt_x.", "fp_rt_.y", "fp_rt_x.y", "nonsense"} {
			if _, code := refresh(t, id, token, "d1"); code != action.SignInNeeded {
				t.Errorf("%q: %q", token, code)
			}
		}
	})
}

func TestIdentity_SignIn(t *testing.T) {
	try := func(t *testing.T, id *bff.Identity, login, password, from string) action.Code {
		_, err := id.Check(t.Context(), login, password, from)
		return action.CodeOf(err)
	}
	inBubble(t, "nobody, a wrong password and a person who left are told the same", func(t *testing.T, id *bff.Identity) {
		for _, login := range []string{"nobody@example.com", demoLogin, "gone@example.com"} {
			password := "wrong"
			if login == "gone@example.com" {
				password = demoPassword
			}
			if code := try(t, id, login, password, "a"); code != action.BadCredentials {
				t.Errorf("%s: %q", login, code)
			}
		}
	})
	inBubble(t, "guessing is slowed down, for the guesser's address alone", func(t *testing.T, id *bff.Identity) {
		for range 5 {
			try(t, id, demoLogin, "wrong", "a")
		}
		if code := try(t, id, demoLogin, demoPassword, "a"); code != action.RateLimited {
			t.Errorf("the sixth guess: %q", code)
		}
		if code := try(t, id, demoLogin, demoPassword, "b"); code != "" {
			t.Errorf("from elsewhere: %q", code)
		}
		elapse(2 * time.Second)
		if code := try(t, id, demoLogin, demoPassword, "a"); code != "" {
			t.Errorf("after the wait: %q", code)
		}
	})
}

func TestIdentity_SignOut(t *testing.T) {
	inBubble(t, "signing out ends both tokens, also after the access token's end", func(t *testing.T, id *bff.Identity) {
		tokens := signIn(t, id, "d1")
		elapse(2 * time.Hour)
		if err := id.SignOut(t.Context(), tokens.Access); err != nil {
			t.Fatal(err)
		}
		if _, code := refresh(t, id, tokens.Refresh, "d1"); code != action.SignInNeeded || good(t, id, tokens) {
			t.Errorf("refresh: %q", code)
		}
	})
	inBubble(t, "a forged token signs nobody out", func(t *testing.T, id *bff.Identity) {
		tokens := signIn(t, id, "d1")
		if err := id.SignOut(t.Context(), tokens.Access+"x"); err != nil {
			t.Fatal(err)
		}
		if !good(t, id, tokens) {
			t.Error("the session is gone")
		}
	})
}

func TestIdentity_Principal(t *testing.T) {
	inBubble(t, "a token of another algorithm, audience, issuer, secret or without an end is refused", func(t *testing.T, id *bff.Identity) {
		tokens := signIn(t, id, "d1")
		claims := jwt.MapClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(tokens.Access, claims); err != nil {
			t.Fatal(err)
		}
		secret := bytes.Repeat([]byte("s"), 32)
		with := func(name string, value any) jwt.MapClaims {
			changed := jwt.MapClaims{}
			for k, v := range claims {
				changed[k] = v
			}
			if changed[name] = value; value == nil {
				delete(changed, name)
			}
			return changed
		}
		for name, tt := range map[string]struct {
			method jwt.SigningMethod
			claims jwt.MapClaims
			key    any
			want   action.Code
		}{
			"as it is":          {jwt.SigningMethodHS256, claims, secret, ""},
			"no algorithm":      {jwt.SigningMethodNone, claims, jwt.UnsafeAllowNoneSignatureType, action.SignInNeeded},
			"another algorithm": {jwt.SigningMethodHS512, claims, secret, action.SignInNeeded},
			"another secret":    {jwt.SigningMethodHS256, claims, []byte("other"), action.SignInNeeded},
			"another audience":  {jwt.SigningMethodHS256, with("aud", "other"), secret, action.SignInNeeded},
			"another issuer":    {jwt.SigningMethodHS256, with("iss", "other"), secret, action.SignInNeeded},
			"no end":            {jwt.SigningMethodHS256, with("exp", nil), secret, action.SignInNeeded},
			"another person":    {jwt.SigningMethodHS256, with("sub", "user-002"), secret, action.SignInNeeded},
			"no session":        {jwt.SigningMethodHS256, with("sid", "x"), secret, action.SignInNeeded},
		} {
			token, err := jwt.NewWithClaims(tt.method, tt.claims).SignedString(tt.key)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := id.Principal(t.Context(), token); action.CodeOf(err) != tt.want {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestHashPassword(t *testing.T) {
	inBubble(t, "a fresh hash lets its password in and no other", func(t *testing.T, _ *bff.Identity) {
		store := memory.New()
		if _, err := store.AddUser(t.Context(), bff.User{ID: "u", Login: "pat", PasswordHash: bff.HashPassword("correct horse")}); err != nil {
			t.Fatal(err)
		}
		for _, broken := range []string{"", "plain", "$argon2id$v=19$m=99999999,t=1,p=1$c2FsdA$aGFzaA", "$argon2id$v=19$m=8,t=1,p=1$!$!"} {
			if _, err := store.AddUser(t.Context(), bff.User{ID: broken, Login: "b" + broken, PasswordHash: broken}); err != nil {
				t.Fatal(err)
			}
		}
		id, err := bff.NewIdentity(bff.IdentityOptions{Users: store, Sessions: store, Secret: bytes.Repeat([]byte("s"), 32)})
		if err != nil {
			t.Fatal(err)
		}
		for login, want := range map[string]action.Code{
			"pat": "", "b": action.BadCredentials, "bplain": action.BadCredentials,
			"b$argon2id$v=19$m=99999999,t=1,p=1$c2FsdA$aGFzaA": action.BadCredentials, "b$argon2id$v=19$m=8,t=1,p=1$!$!": action.BadCredentials,
		} {
			if _, err := id.Check(t.Context(), login, "correct horse", ""); action.CodeOf(err) != want {
				t.Errorf("%s: %v", login, err)
			}
		}
	})
}
