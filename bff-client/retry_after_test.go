package bffclient_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
)

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		want time.Duration
		ok   bool
	}{
		"120":                           {2 * time.Minute, true},
		" 0 ":                           {0, true},
		"86400":                         {time.Hour, true},
		"Sun, 22 Nov 2026 10:00:30 GMT": {30 * time.Second, true},
		"Sun, 22 Nov 2026 09:00:00 GMT": {0, true},
		"Mon, 22 Nov 2027 10:00:00 GMT": {time.Hour, true},
		"":                              {0, false},
		"-5":                            {0, false},
		"soon":                          {0, false},
		"99999999999999999999":          {0, false},
		"1.5":                           {0, false},
	}
	for value, want := range cases {
		t.Run(value, func(t *testing.T) {
			got, ok := bffclient.ParseRetryAfter(value, now)
			if got != want.want || ok != want.ok {
				t.Errorf("got %v, %v", got, ok)
			}
		})
	}
}

func TestClient_ReadsARetryDateByTheServersClock(t *testing.T) {
	s := newServer(t)
	s.on("/sync/actions", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", "Sun, 22 Nov 2020 10:00:00 GMT")
		w.Header().Set("Retry-After", "Sun, 22 Nov 2020 10:00:40 GMT")
		refuse(w, http.StatusServiceUnavailable, action.Busy, nil)
	})
	_, err := newClient(t, s.URL, newWallet()).Send(t.Context(), batch(1, 10))
	if e := wantCode(t, err, action.Busy); e.RetryAfter != 40*time.Second {
		t.Errorf("wait %v", e.RetryAfter)
	}
}

func FuzzParseRetryAfter(f *testing.F) {
	for _, seed := range []string{"120", "Sun, 22 Nov 2026 10:00:30 GMT", "Sunday, 22-Nov-26 10:00:30 GMT", "-1", "", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got, ok := bffclient.ParseRetryAfter(value, time.Now())
		if got < 0 || got > time.Hour || !ok && got != 0 {
			t.Errorf("%q makes the device wait %v", value, got)
		}
	})
}

func FuzzDecodeProblem(f *testing.F) {
	for _, seed := range []string{
		`{"code":"busy","error":"x","retryAfterMs":5}`, `{"code":"offline"}`, `{"code":1}`, `[]`, `{`, `{"code":"x","fields":{"a":"b"}}`,
	} {
		f.Add([]byte(seed), http.StatusBadRequest)
	}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		err, ok := bffclient.DecodeProblem(body, status)
		if err == nil || action.MessageOf(err) == "" {
			t.Fatalf("status %d has no error", status)
		}
		if ok && !json.Valid(body) {
			t.Error("a body that is not JSON was taken for a problem")
		}
		switch code := action.CodeOf(err); code.Class() {
		case action.Device, action.NoPath:
			t.Errorf("the server made the device believe %q", code)
		}
	})
}
