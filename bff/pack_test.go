package bff_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"fieldpay/action"
)

func TestServer_Packing(t *testing.T) {
	r := newRig(t, nil)
	r.signIn()
	batch := func(n int) string {
		var items []string
		for range n {
			items = append(items, fmt.Sprintf(`{"id":%q,"type":"log_visit","payload":{"accountId":"acc-001","note":"n","outcome":"met"}}`, action.NewID()))
		}
		return `{"actions":[` + strings.Join(items, ",") + `]}`
	}
	t.Run("a long answer comes packed, and is the same", func(t *testing.T) {
		a := r.call("POST", "/sync/actions", batch(40), "Accept-Encoding", "gzip")
		if a.status != 200 || a.header.Get("Content-Encoding") != "gzip" || a.header.Get("FieldPay-Protocol") == "" {
			t.Fatalf("%d %v", a.status, a.header)
		}
		plain, err := gzip.NewReader(strings.NewReader(a.text))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(plain)
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Results []struct{ ID string }
		}
		if err := json.Unmarshal(text, &answer); err != nil || len(answer.Results) != 40 {
			t.Errorf("%d results, %v", len(answer.Results), err)
		}
		if len(a.text) > len(text)/2 {
			t.Errorf("%d bytes became %d", len(text), len(a.text))
		}
	})
	t.Run("who cannot read it, and who is answered in a line, gets it as it is", func(t *testing.T) {
		for _, c := range []struct {
			body string
			with []string
		}{{batch(40), nil}, {batch(1), []string{"Accept-Encoding", "gzip"}}} {
			a := r.call("POST", "/sync/actions", c.body, c.with...)
			if a.status != 200 || a.header.Get("Content-Encoding") != "" || a.body["results"] == nil {
				t.Errorf("%d %v %s", a.status, a.header, a.text)
			}
		}
	})
}
