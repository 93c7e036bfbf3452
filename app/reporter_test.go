package app_test

import (
	"testing"
	"time"

	"fieldpay/app"
	"fieldpay/app/policy"
	"fieldpay/bff"
)

// beats asks the office's store what devices said of themselves, until done.
func beats(t *testing.T, o *office, done func([]bff.Heartbeat) bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		found, err := o.host.Stores().Telemetry.Heartbeats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if done(found) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the office heard %+v", found)
		}
		select {
		case <-t.Context().Done():
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func TestReporter(t *testing.T) {
	t.Run("the office hears how a device is, by counts and events alone", func(t *testing.T) {
		o := newOffice(t)
		r := signedIn(t, o)
		beats(t, o, func(found []bff.Heartbeat) bool {
			return len(found) == 1 && found[0].Sound && found[0].Version != "" && found[0].Unsent == 0 && found[0].UserID != ""
		})
		told, err := r.Diagnostics()
		if err != nil {
			t.Fatal(err)
		}
		events, err := o.host.Stores().Telemetry.DeviceEvents(t.Context(), told.DeviceID, 100)
		if err != nil || len(events) == 0 {
			t.Errorf("%d events, %v", len(events), err)
		}
	})

	t.Run("the company and the person may switch it off", func(t *testing.T) {
		on := app.Config{Telemetry: app.Setting{Value: "on", Source: app.FromDefault}}
		if !on.Reports() || on.Under(policy.Found{Policy: policy.Policy{TelemetryOff: true}}).Reports() {
			t.Error("the policy does not count")
		}
		if off := (app.Config{Telemetry: app.Setting{Value: "off", Source: app.FromEnvironment}}); off.Reports() {
			t.Error("the environment does not count")
		}
	})
}
