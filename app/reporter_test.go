package app_test

import (
	"testing"

	"fieldpay/app"
	"fieldpay/app/policy"
)

func TestReporter(t *testing.T) {
	t.Run("the office hears how a device is, by counts and events alone", func(t *testing.T) {
		o := newOffice(t)
		r := signedIn(t, o)
		r.until("online", func(s app.StatusDTO) bool { return s.Connection.State == "online" })
		if err := r.app.ReportNow(t.Context()); err != nil {
			t.Fatal(err)
		}
		found, err := o.host.Stores().Telemetry.Heartbeats(t.Context())
		if err != nil || len(found) != 1 || !found[0].Sound || found[0].Version == "" || found[0].Unsent != 0 || found[0].UserID == "" {
			t.Errorf("the office heard %+v, %v", found, err)
		}
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
