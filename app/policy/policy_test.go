package policy_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

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
		if want := (policy.Policy{BFF: "https://pay.example.com", Language: "de-AT"}); !reflect.DeepEqual(got.Policy, want) || got.From != path {
			t.Errorf("got %+v", got)
		}
		if want := []string{"bfff", "zeal"}; !slices.Equal(got.Unknown, want) {
			t.Errorf("unknown: %q, want %q", got.Unknown, want)
		}
	})
	t.Run("takes every member there is", func(t *testing.T) {
		path := written(t, `{"bff": "https://pay.example.com", "enrolmentCode": "K7QM-2XFD", "language": "de",
			"capPayment": "500.00 EUR, 450 USD,60000 jpy", "capTotal": "2000 EUR", "capAgeHours": 72,
			"kiosk": true, "pin": "required", "idleLock": 90, "retentionDays": 365, "telemetry": false,
			"updateChannel": "preview", "updateHour": 0}`)
		got, err := policy.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		midnight := 0
		want := policy.Policy{
			BFF: "https://pay.example.com", EnrolmentCode: "K7QM-2XFD", Language: "de",
			Caps: policy.Caps{
				Payment: []action.Money{{Minor: 500_00, Currency: "eur"}, {Minor: 450_00, Currency: "usd"}, {Minor: 60_000, Currency: "jpy"}},
				Total:   []action.Money{{Minor: 2000_00, Currency: "eur"}}, Age: 72 * time.Hour,
			},
			Kiosk: true, PIN: policy.PINRequired, IdleLock: 90,
			Retention: 365 * 24 * time.Hour, TelemetryOff: true,
			UpdateChannel: policy.Preview, UpdateHour: &midnight,
		}
		if !reflect.DeepEqual(got.Policy, want) {
			t.Errorf("got %+v", got.Policy)
		}
		if len(got.Settled) != 13 || len(got.Unknown) != 0 || !slices.IsSorted(got.Settled) {
			t.Errorf("settled %q, unknown %q", got.Settled, got.Unknown)
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
		if want := (policy.Policy{Kiosk: true, PIN: policy.PINRequired, IdleLock: 120}); err != nil || !reflect.DeepEqual(got.Policy, want) {
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
		"caps without a currency":               {`{"capPayment": "500", "capTotal": 500}`, []string{"capPayment", "capTotal"}},
		"two caps of one currency":              {`{"capPayment": "500 EUR, 400 eur"}`, []string{"capPayment"}},
		"money with too many decimals":          {`{"capTotal": "500.123 EUR"}`, []string{"capTotal"}},
		"an amount below nothing":               {`{"capTotal": "-1 EUR"}`, []string{"capTotal"}},
		"part of an hour, and none":             {`{"capAgeHours": 1.5, "retentionDays": 0}`, []string{"capAgeHours", "retentionDays"}},
		"numbers beyond their limits":           {`{"idleLock": 1e18, "updateHour": 24, "kiosk": 2}`, []string{"idleLock", "kiosk", "updateHour"}},
		"a switch that is a word":               {`{"telemetry": "off", "kiosk": null}`, []string{"kiosk", "telemetry"}},
		"a channel that is none":                {`{"updateChannel": "nightly"}`, []string{"updateChannel"}},
		"a code with a blank around it":         {`{"enrolmentCode": " K7QM"}`, []string{"enrolmentCode"}},
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

func TestCaps(t *testing.T) {
	caps := policy.Caps{Payment: []action.Money{{Minor: 500_00, Currency: "eur"}}}
	if m, ok := caps.PaymentIn("EUR"); !ok || m.Minor != 500_00 {
		t.Errorf("got %v, %v", m, ok)
	}
	if m, ok := caps.PaymentIn("usd"); ok {
		t.Errorf("dollars have a cap of %v", m)
	}
	if m, ok := caps.TotalIn("eur"); ok {
		t.Errorf("the sum has a cap of %v", m)
	}
}

func FuzzReadFile(f *testing.F) {
	f.Add(`{"bff": "https://pay.example.com", "language": "de"}`)
	f.Add(`{"capPayment": "1 EUR,2 USD", "capAgeHours": 3, "kiosk": true, "updateHour": 4, "updateChannel": "none"}`)
	f.Add(`{"bff": {"a": [1]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := policy.ReadFile(written(t, text))
		if err != nil && (got.From != "" || action.CodeOf(err) != action.PolicyInvalid) {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}
