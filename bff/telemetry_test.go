package bff_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

func TestServer_ReportTelemetry(t *testing.T) {
	const body = `{"deviceId":"device-1","version":"1.0","platform":"for Ada <Lovelace>","sentAt":"2000-01-01T00:00:00Z","unsent":2,"needsPerson":0,
		"sums":[{"currency":"USD","amount":5},{"currency":"zzz","amount":5}],"sound":true,"events":[
		{"at":"2000-01-01T00:00:00Z","name":"sync_failed","fields":{"error":"offline","note":"for Ada Lovelace"}},
		{"at":"2000-01-01T00:00:00Z","name":"Ada Lovelace","fields":{}}]}`

	t.Run("what a device says is kept, and text that is no token is not", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, nil)
			r.signIn()
			if res := r.call(http.MethodPost, "/telemetry", body); res.status != http.StatusNoContent {
				t.Fatalf("%d %s", res.status, res.text)
			}
			beats, err := r.stores.Telemetry.Heartbeats(t.Context())
			if err != nil || len(beats) != 1 || beats[0].Unsent != 2 || beats[0].Platform != "" || len(beats[0].Sums) != 1 || beats[0].UserID == "" {
				t.Errorf("kept %+v, %v", beats, err)
			}
			events, err := r.stores.Telemetry.DeviceEvents(t.Context(), "device-1", 10)
			if err != nil || len(events) != 1 || len(events[0].Fields) != 1 || events[0].Fields["error"] != "offline" {
				t.Errorf("kept %+v, %v", events, err)
			}
		})
	})

	t.Run("nobody reports without signing in, or what is malformed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, nil)
			if res := r.call(http.MethodPost, "/telemetry", body); res.status != http.StatusUnauthorized {
				t.Errorf("%d", res.status)
			}
			r.signIn()
			if res := r.call(http.MethodPost, "/telemetry", strings.Replace(body, `"unsent":2`, `"unsent":-2`, 1)); res.status != http.StatusBadRequest {
				t.Errorf("%d", res.status)
			}
		})
	})
}
