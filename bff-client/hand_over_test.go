package bffclient_test

import (
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/internal/handover"
)

func TestClient_CheckReceipt(t *testing.T) {
	s := newServer(t)
	c := newClient(t, s.URL, newWallet())
	write := func(key ed25519.PrivateKey, deviceID string) []byte {
		text, err := json.Marshal(handover.Receipt{DeviceID: deviceID, At: time.Now().UTC(), IDs: []string{"a1"}}.Sign(key))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	t.Run("nothing is believed before the server was reached once", func(t *testing.T) {
		if _, err := c.CheckReceipt(t.Context(), write(s.key, "device-1")); action.CodeOf(err) != action.BadRequest {
			t.Errorf("got %v", err)
		}
	})
	if _, err := c.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Run("that of the server for this device is read", func(t *testing.T) {
		r, err := c.CheckReceipt(t.Context(), write(s.key, "device-1"))
		if err != nil || len(r.IDs) != 1 {
			t.Errorf("%+v, %v", r, err)
		}
	})
	t.Run("that for another device, or of another server, is not", func(t *testing.T) {
		_, stranger, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range [][]byte{write(s.key, "device-2"), write(stranger, "device-1"), []byte("{}")} {
			if _, err := c.CheckReceipt(t.Context(), text); action.CodeOf(err) != action.BadRequest {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestClient_HandOver(t *testing.T) {
	s := newServer(t)
	s.on("/sync/hand-over", func(w http.ResponseWriter, r *http.Request) {
		if kind := r.Header.Get("Content-Type"); kind != "application/octet-stream" {
			t.Errorf("it comes as %s", kind)
		}
		answer(w, http.StatusOK, map[string]any{
			"deviceId": "device-9", "results": []action.Outcome{action.AppliedOutcome("a1", "a0X1", 1, time.Now())},
			"receipt": handover.Receipt{DeviceID: "device-9", At: time.Now().UTC(), IDs: []string{"a1"}},
		})
	})
	c := newClient(t, s.URL, newWallet())
	t.Run("a file of any device is brought, and its receipt comes back", func(t *testing.T) {
		got, err := c.HandOver(t.Context(), []byte("sealed"))
		if err != nil || got.DeviceID != "device-9" || len(got.Outcomes) != 1 || len(got.Receipt.IDs) != 1 {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("nothing, and too much, is not sent", func(t *testing.T) {
		for _, file := range [][]byte{nil, make([]byte, handover.MaxBytes+1)} {
			if _, err := c.HandOver(t.Context(), file); action.CodeOf(err) != action.BadRequest {
				t.Errorf("got %v", err)
			}
		}
	})
}
