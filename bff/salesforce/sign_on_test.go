package salesforce

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"
)

func token(claims string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".x"
}

func TestIdentity_check(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	claims := func(aud, sub, nonce string, expires int64) string {
		return token(fmt.Sprintf(`{"iss":"i","aud":%s,"sub":%q,"nonce":%q,"exp":%d}`, aud, sub, nonce, expires))
	}
	tests := []struct {
		name, token string
		good        bool
	}{
		{"one for this app and this sign-in", claims(`"app"`, "s", "n", now.Unix()+60), true},
		{"one for several apps", claims(`["x","app"]`, "s", "n", now.Unix()+60), true},
		{"one for another app", claims(`"x"`, "s", "n", now.Unix()+60), false},
		{"one of another sign-in", claims(`"app"`, "s", "m", now.Unix()+60), false},
		{"an old one", claims(`"app"`, "s", "n", now.Unix()-3600), false},
		{"one of nobody", claims(`"app"`, "", "n", now.Unix()+60), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i, err := parseIdentity(tt.token)
			if err != nil {
				t.Fatal(err)
			}
			if err := i.check("app", "n", now); (err == nil) != tt.good {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzIdentity(f *testing.F) {
	f.Add(token(`{"aud":"app","sub":"s","nonce":"n","exp":1}`))
	f.Add("..")
	f.Fuzz(func(t *testing.T, raw string) {
		i, err := parseIdentity(raw)
		if err == nil && i.check("app", "", time.Unix(0, 0)) == nil {
			t.Error("a token without a nonce is good")
		}
	})
}
