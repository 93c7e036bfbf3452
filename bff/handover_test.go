package bff_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/internal/handover"
)

// box is a rig that takes hand-overs, and the key for which devices seal them.
func box(t *testing.T) (r *rig, recipient string) {
	t.Helper()
	identity, err := handover.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	r = newRig(t, func(o *bff.ServerOptions) { o.HandOverKey = identity })
	r.signIn()
	recipient, _ = r.call("GET", "/sync/hand-over", "").body["recipient"].(string)
	return r, recipient
}

// seal is a file in which a device leaves these actions.
func (d *device) seal(t *testing.T, recipient string, actions ...json.RawMessage) string {
	t.Helper()
	var out bytes.Buffer
	if err := handover.Seal(&out, recipient, d.key, handover.Header{DeviceID: d.id, MadeAt: time.Now()}, actions); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func (r *rig) bring(file string) answer {
	return r.call("POST", "/sync/hand-over", file, "Content-Type", "application/octet-stream")
}

func TestServer_HandOver(t *testing.T) {
	visits := func(d *device, n int) (ids []string, list []json.RawMessage) {
		for i := range n {
			id := action.NewID()
			ids = append(ids, id)
			list = append(list, json.RawMessage(fmt.Sprintf(
				`{"id":%q,"type":"log_visit","deviceId":%q,"sequence":%d,"actor":"user-001","payload":{"accountId":"acc-001","note":"n","outcome":"met"}}`, id, d.id, i+1)))
		}
		return ids, list
	}
	t.Run("takes the work of a device once, however often and by whom it is brought", func(t *testing.T) {
		r, recipient := box(t)
		d := newDevice("d1")
		r.on(d)
		ids, list := visits(d, 3)
		file := d.seal(t, recipient, list...)
		r.signIn() // somebody else, without a device
		for range 2 {
			a := r.bring(file)
			if a.status != 200 || strings.Count(a.text, `"status":"applied"`) != 3 {
				t.Fatalf("%d %s", a.status, a.text)
			}
			text, err := json.Marshal(a.body["receipt"])
			if err != nil {
				t.Fatal(err)
			}
			keyID, _ := r.call("GET", "/health?nonce=0123456789abcdef", "").body["keyId"].(string)
			receipt, err := handover.ReadReceipt(bytes.NewReader(text), keyID)
			if err != nil || fmt.Sprint(receipt.IDs) != fmt.Sprint(ids) || receipt.DeviceID != "d1" {
				t.Errorf("%+v, %v", receipt, err)
			}
		}
		if n := len(r.crm.Order()); n != 3 {
			t.Errorf("%d visits", n)
		}
		rows, err := r.stores.Audit.AuditRows(t.Context(), bff.AuditQuery{})
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(fmt.Sprint(rows), "device.hand-over"); n != 2 {
			t.Errorf("%d rows in the audit log say who brought it", n)
		}
	})
	t.Run("gives no receipt for what it did not take", func(t *testing.T) {
		r, recipient := box(t)
		d := newDevice("d1")
		r.on(d)
		_, list := visits(d, 1)
		broken := json.RawMessage(`{"id":"` + action.NewID() + `","type":"log_visit","deviceId":"d1","actor":"user-001","payload":{"accountId":7}}`)
		r.signIn()
		a := r.bring(d.seal(t, recipient, list[0], broken))
		receipt, _ := a.body["receipt"].(map[string]any)
		if ids, _ := receipt["ids"].([]any); a.status != 200 || len(ids) != 1 {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
	t.Run("takes that of a revoked device from the office only", func(t *testing.T) {
		r, recipient := box(t)
		d := newDevice("d1")
		r.on(d)
		if err := r.registry.Revoke(t.Context(), "d1", "office"); err != nil {
			t.Fatal(err)
		}
		_, list := visits(d, 1)
		file := d.seal(t, recipient, list...)
		r.signIn()
		wantAnswer(t, "by a rep", r.bring(file), 403, action.Revoked)
		u, err := r.stores.Users.UserByLogin(t.Context(), demoLogin)
		if err != nil {
			t.Fatal(err)
		}
		u.Role = bff.RoleOffice
		if _, err := r.stores.Users.PutUser(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		wantAnswer(t, "by the office", r.bring(file), 200, "")
	})
	t.Run("refuses what no known device has signed, and says nothing of why", func(t *testing.T) {
		r, recipient := box(t)
		d := newDevice("d1")
		r.on(d)
		_, list := visits(d, 1)
		r.signIn()
		file := d.seal(t, recipient, list...)
		for what, bad := range map[string]string{
			"another key": newDevice("d1").seal(t, recipient, list...), "an unknown device": newDevice("d9").seal(t, recipient, list...),
			"cut": file[:len(file)-1], "nothing": "x",
		} {
			wantAnswer(t, what, r.bring(bad), 400, action.BadRequest)
		}
		if n := len(r.crm.Order()); n != 0 {
			t.Errorf("%d visits", n)
		}
	})
	t.Run("is not there without a key, and not without a sign-in", func(t *testing.T) {
		r := newRig(t, nil)
		wantAnswer(t, "no sign-in", r.bring("x"), 401, action.SignInNeeded)
		r.signIn()
		wantAnswer(t, "no key", r.bring("x"), 404, action.NotFound)
		wantAnswer(t, "no key to give", r.call("GET", "/sync/hand-over", ""), 404, action.NotFound)
	})
}
