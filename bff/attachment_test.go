package bff_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"fieldpay/action"
)

func hashOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func TestServer_Attachments(t *testing.T) {
	r := newRig(t, nil)
	r.signIn()
	put := func(hash, content string, headers ...string) answer {
		all := append([]string{"Content-Type", "application/octet-stream", "File-Name", "pump%20%C3%BC.jpg", "File-Type", "image/jpeg"}, headers...)
		return r.call("PUT", "/attachments/"+hash, content, all...)
	}
	const content = "the pump, broken"
	t.Run("bytes are kept once, and found by their content", func(t *testing.T) {
		if got := r.call("GET", "/attachments/"+hashOf(content), ""); got.status != 404 {
			t.Errorf("before: %d", got.status)
		}
		for range 2 {
			if got := put(hashOf(content), content); got.status != 204 {
				t.Fatalf("put: %d %s", got.status, got.text)
			}
		}
		if got := r.call("GET", "/attachments/"+hashOf(content), ""); got.status != 204 {
			t.Errorf("after: %d", got.status)
		}
	})
	t.Run("more than a batch may have, up to the limit", func(t *testing.T) {
		big := strings.Repeat("x", action.MaxAttachmentBytes)
		if got := put(hashOf(big), big); got.status != 204 {
			t.Errorf("the largest: %d %s", got.status, got.text)
		}
		if got := put(hashOf(big+"x"), big+"x"); got.status != 413 {
			t.Errorf("one byte more: %d", got.status)
		}
	})
	for name, tt := range map[string]struct {
		hash, content string
		headers       []string
		status        int
	}{
		"bytes that were changed on the way": {hashOf(content), content + "!", nil, 400},
		"no bytes":                           {hashOf(""), "", nil, 400},
		"a hash that is none":                {"abc", content, nil, 400},
		"a name with a folder":               {hashOf(content), content, []string{"File-Name", "..%2Fx"}, 400},
		"a name that is not UTF-8":           {hashOf(content), content, []string{"File-Name", "%ff"}, 400},
		"a type that is none":                {hashOf(content), content, []string{"File-Type", "jpeg"}, 400},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			if got := put(tt.hash, tt.content, tt.headers...); got.status != tt.status || got.body["code"] == nil {
				t.Errorf("answer %d %s", got.status, got.text)
			}
		})
	}
	t.Run("nobody who is not signed in", func(t *testing.T) {
		token := r.token
		r.token = ""
		defer func() { r.token = token }()
		if got := put(hashOf(content), content); got.status != 401 {
			t.Errorf("answer %d", got.status)
		}
	})
}

func TestServer_SyncCheck(t *testing.T) {
	r := newRig(t, nil)
	r.signIn()
	const id = "0197f3a0-0000-7000-8000-000000000001"
	check := func(items ...string) []any {
		t.Helper()
		got := r.call("POST", "/sync/check", `{"actions":[`+strings.Join(items, ",")+`]}`)
		results, _ := got.body["results"].([]any)
		if got.status != 200 || len(results) != len(items) {
			t.Fatalf("answer %d %s", got.status, got.text)
		}
		return results
	}
	pay := func(id, amount string) string {
		return `{"id":"` + id + `","type":"record_payment","payload":{"invoiceId":"inv-002","amount":` + amount + `,"currency":"usd","method":"cash"}}`
	}
	t.Run("stores nothing and makes nothing", func(t *testing.T) {
		check(visit(id, ""))
		if len(r.crm.Order()) != 0 {
			t.Error("something took effect")
		}
		entries, err := r.stores.Ledger.Entries(t.Context(), []string{id})
		if err != nil || len(entries) != 0 {
			t.Errorf("%d entries, %v", len(entries), err)
		}
	})
	t.Run("sees what the batch itself uses up", func(t *testing.T) {
		results := check(pay(id, "175000"), pay("0197f3a0-0000-7000-8000-000000000002", "1"))
		second, _ := results[1].(map[string]any)
		if results[0].(map[string]any)["ok"] != true || second["ok"] != false || second["code"] != "overpaid" {
			t.Errorf("%v", results)
		}
	})
	t.Run("tells what became of an action that was sent, and a changed one", func(t *testing.T) {
		r.call("POST", "/sync/actions", `{"actions":[`+visit(id, "")+`]}`)
		if first, _ := check(visit(id, ""))[0].(map[string]any); first["ok"] != true || first["status"] != "applied" {
			t.Errorf("%v", first)
		}
		if other, _ := check(pay(id, "5"))[0].(map[string]any); other["ok"] != false || other["code"] != "content_changed" {
			t.Errorf("%v", other)
		}
	})
}
