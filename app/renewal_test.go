package app

import (
	"errors"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/app/policy"
	"fieldpay/queue"
)

// keyless is a machine without a keychain.
type keyless struct{}

func (keyless) Get(string, string) (string, error) { return "", errors.New("no keychain here") }
func (keyless) Set(string, string, string) error   { return errors.New("no keychain here") }

// renewing is what looks after versions on a device of a company.
func renewing(t *testing.T, company policy.Policy) *renewal {
	t.Helper()
	config := Config{DataDir: Setting{Value: t.TempDir()}, BFF: Setting{Value: DefaultBFF}, KeyDir: Setting{Value: t.TempDir()}}
	config = config.Under(policy.Found{Policy: company})
	d, err := OpenDevice(t.Context(), DeviceOptions{Config: config, Keyring: keyless{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	replay, err := d.replay()
	if err != nil {
		t.Fatal(err)
	}
	return newRenewal(d, replay, newHub())
}

func TestRenewal_ready(t *testing.T) {
	n := renewing(t, policy.Policy{})
	if err := n.ready(); err != nil {
		t.Errorf("nothing stands against it: %v", err)
	}
	n.edit(true)
	n.edit(true)
	n.edit(false)
	if err := n.ready(); action.MessageOf(err) != "A form is open" {
		t.Errorf("got %v", err)
	}
	n.edit(false)
	second := newRenewal(n.device, n.replay, n.hub)
	if err := n.open.Unlock(); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*renewal{n, second} {
		if shared, err := r.open.TryRLock(); err != nil || !shared {
			t.Fatalf("got %v, %v", shared, err)
		}
	}
	if err := n.ready(); action.MessageOf(err) != "FieldPay is open a second time on this computer" {
		t.Errorf("got %v", err)
	}
	if err := second.open.Close(); err != nil {
		t.Fatal(err)
	}
	if err := n.ready(); err != nil {
		t.Errorf("the other is gone: %v", err)
	}
	if err := n.open.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestRenewal_due(t *testing.T) {
	four := 4
	at := func(hour int) time.Time { return time.Date(2026, 11, 22, hour, 30, 0, 0, time.Local) }
	if hour, settled := (Config{}).updateHour(); settled {
		t.Errorf("a laptop installs at %d", hour)
	}
	kiosk := Config{Kiosk: Setting{Value: "true"}}
	if hour, settled := kiosk.updateHour(); !settled || hour != kioskHour {
		t.Errorf("a kiosk installs at %d, %v", hour, settled)
	}
	kiosk = kiosk.Under(policy.Found{Policy: policy.Policy{UpdateHour: &four}})
	if hour, settled := kiosk.updateHour(); !settled || hour != 4 {
		t.Errorf("the company's hour is %d, %v", hour, settled)
	}
	n := renewing(t, policy.Policy{UpdateHour: &four})
	if n.due(at(4)) {
		t.Error("there is nothing to install, and it is due")
	}
}

func TestDevice_CheckReplay(t *testing.T) {
	n := renewing(t, policy.Policy{})
	item, err := n.device.Append(t.Context(), Entry{Type: action.LogVisitType, Payload: []byte(`{"accountId":"acc-001","note":"Met","outcome":"met"}`)})
	if err != nil {
		t.Fatal(err)
	}
	found, err := n.device.CheckReplay(t.Context())
	if err != nil || found.Unsent != 1 || len(found.Foreign) != 0 || found.Schema != queue.Schema() {
		t.Errorf("got %+v, %v", found, err)
	}
	if _, err := n.device.journal.Discard(t.Context(), item.ID, "rep-1", "a test"); err != nil {
		t.Fatal(err)
	}
	if found, err := n.device.CheckReplay(t.Context()); err != nil || found.Unsent != 0 {
		t.Errorf("got %+v, %v", found, err)
	}
}
