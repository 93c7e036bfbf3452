package policy_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fieldpay/action"
	"fieldpay/app/policy"
)

func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.json")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadFile(t *testing.T) {
	t.Run("takes what it knows and names what it does not", func(t *testing.T) {
		path := written(t, `{"language": "de-AT", "bff": "https://pay.example.com", "zeal": 3, "bfff": "x"}`)
		got, err := policy.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if want := (policy.Policy{BFF: "https://pay.example.com", Language: "de-AT"}); got.Policy != want || got.From != path {
			t.Errorf("got %+v", got)
		}
		if want := []string{"bfff", "zeal"}; !slices.Equal(got.Unknown, want) {
			t.Errorf("unknown: %q, want %q", got.Unknown, want)
		}
	})
	t.Run("a file that is not there is no policy", func(t *testing.T) {
		got, err := policy.ReadFile(filepath.Join(t.TempDir(), "none.json"))
		if err != nil || got.From != "" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("an empty member is left to the device", func(t *testing.T) {
		got, err := policy.ReadFile(written(t, `{"bff": ""}`))
		if err != nil || got.BFF != "" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("takes what a kiosk needs", func(t *testing.T) {
		got, err := policy.ReadFile(written(t, `{"kiosk": true, "pin": "required", "idleLock": 120}`))
		if want := (policy.Policy{Kiosk: true, PIN: policy.PINRequired, IdleLock: 120}); err != nil || got.Policy != want {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("takes 1 and 0 for true and false, as the registry writes them", func(t *testing.T) {
		for text, want := range map[string]bool{`{"kiosk": 1}`: true, `{"kiosk": 0}`: false} {
			if got, err := policy.ReadFile(written(t, text)); err != nil || got.Kiosk != want {
				t.Errorf("%s: got %+v, %v", text, got, err)
			}
		}
	})
	for name, c := range map[string]struct {
		text   string
		fields []string
	}{
		"what is no JSON":                       {`{`, nil},
		"a list":                                {`[]`, nil},
		"an address without a host":             {`{"bff": "pay.example.com"}`, []string{"bff"}},
		"an address with a password":            {`{"bff": "https://me:secret@pay.example.com"}`, []string{"bff"}},
		"an address without TLS, beyond here":   {`{"bff": "http://pay.example.com"}`, []string{"bff"}},
		"a language that is none":               {`{"language": "German!"}`, []string{"language"}},
		"a number in place of a text":           {`{"bff": 3001, "language": true}`, []string{"bff", "language"}},
		"a kiosk that is perhaps":               {`{"kiosk": "yes", "pin": "sometimes"}`, []string{"kiosk", "pin"}},
		"a lock that is too quick to type in":   {`{"idleLock": 5}`, []string{"idleLock"}},
		"a lock after a part of a second":       {`{"idleLock": 60.5}`, []string{"idleLock"}},
		"one good member beside one that isn't": {`{"bff": "http://localhost:3001", "language": 1}`, []string{"language"}},
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			_, err := policy.ReadFile(written(t, c.text))
			e, ok := errors.AsType[*action.Error](err)
			if !ok || e.Code != action.PolicyInvalid {
				t.Fatalf("got %v", err)
			}
			if got := slices.Sorted(maps.Keys(e.Fields)); !slices.Equal(got, c.fields) {
				t.Errorf("fields %q, want %q", got, c.fields)
			}
		})
	}
	t.Run("refuses a file that others may write", func(t *testing.T) {
		path := written(t, `{"bff": "https://pay.example.com"}`)
		if err := os.Chmod(path, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := policy.ReadFile(path); action.CodeOf(err) != action.PolicyInvalid {
			t.Errorf("got %v", err)
		}
	})
}

func FuzzReadFile(f *testing.F) {
	f.Add(`{"bff": "https://pay.example.com", "language": "de"}`)
	f.Add(`{"bff": {"a": [1]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := policy.ReadFile(written(t, text))
		if err != nil && (got.From != "" || action.CodeOf(err) != action.PolicyInvalid) {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}
