package bffclient_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
)

// oracle answers every call with the same bytes.
type oracle struct {
	status int
	kind   string
	body   string
}

// RoundTrip answers.
func (o oracle) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: o.status, Request: r, ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {o.kind}, "Fieldpay-Protocol": {"1"}},
		Body:   io.NopCloser(strings.NewReader(o.body)),
	}, nil
}

func asking(t *testing.T, o oracle) *bffclient.Client {
	return newClient(t, "http://127.0.0.1:1", newWallet(), func(c *bffclient.Options) { c.HTTP = &http.Client{Transport: o} })
}

var answerKinds = []string{"application/json", "application/problem+json", "text/html", ""}

// Whatever answers in the server's place and with its headers: the client does
// not break, every error has a code and a sentence, and what it takes for an
// answer is about exactly what was asked.
func FuzzClient_Send(f *testing.F) {
	const id = "0193b1c2-0000-7000-8000-000000000001"
	for _, body := range []string{
		`{"results":[{"id":"` + id + `","status":"applied","class":"applied"}],"acknowledged":{"position":3,"mac":"ab"}}`,
		`{"results":[{"id":"` + strings.ToUpper(id) + `","status":"later","retryAfterMs":-1}],"unknown":["` + id + `"]}`,
		`{"results":null}`, `{"code":"rate_limited","retryAfterMs":99999999999999}`, `{"unknown":["` + id + `"]}`, "", "<html>",
	} {
		for kind := range answerKinds {
			f.Add(uint16(200), uint8(kind), body)
			f.Add(uint16(429), uint8(kind), body)
		}
	}
	f.Fuzz(func(t *testing.T, status uint16, kind uint8, body string) {
		c := asking(t, oracle{int(status%500) + 100, answerKinds[int(kind)%len(answerKinds)], body})
		reply, err := c.Send(t.Context(), bffclient.SyncBatch{Actions: []action.Action{{ID: id, Type: action.LogVisitType, Payload: []byte(`{}`)}}})
		judge(t, err)
		if err == nil && (len(reply.Outcomes) != 1 || reply.Outcomes[0].ID != id) {
			t.Errorf("it takes %+v for an answer", reply)
		}
		found, unknown, err := c.Outcomes(t.Context(), []string{id})
		judge(t, err)
		if err == nil && len(found)+len(unknown) != 1 {
			t.Errorf("it takes %v and %v for an answer", found, unknown)
		}
	})
}

// Reference data, the sign-in and the sign of life, from anybody.
func FuzzClient_Read(f *testing.F) {
	for _, body := range []string{
		`{"accounts":[{"id":"a","name":"b"}],"total":1}`, `{"invoices":[{"id":"a","amount":1e99,"createdAt":"x"}]}`, `[]`, `null`,
		`{"status":"ok","nonce":"0","signature":"AA","keyId":"AA","timestamp":"2026-11-22T10:00:00Z","startDelayMs":-5}`,
		`{"user":{"id":"u"},"tokens":{"accessToken":"a","refreshToken":"b","expiresAt":"9999-99-99"}}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		c := asking(t, oracle{http.StatusOK, "application/json", body})
		if _, err := c.Probe(t.Context()); err == nil {
			t.Error("it believes a sign of life that nobody signed")
		}
		for _, call := range []func(context.Context) error{
			func(ctx context.Context) error { _, err := c.Accounts(ctx, bffclient.AccountQuery{}); return err },
			func(ctx context.Context) error { _, err := c.Contacts(ctx, "acc-001"); return err },
			func(ctx context.Context) error { _, err := c.Invoices(ctx, ""); return err },
			func(ctx context.Context) error { _, err := c.SignIn(ctx, "rep", "secret"); return err },
		} {
			judge(t, call(t.Context()))
		}
	})
}

// judge wants an error to be one of ours, and nothing to be endless.
func judge(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	code := action.CodeOf(err)
	if !slices.Contains(action.Codes(), code) || action.MessageOf(err) == "" {
		t.Errorf("an error without a word of ours: %v", err)
	}
	if e, ok := err.(*action.Error); ok && (e.RetryAfter < 0 || e.RetryAfter > time.Hour) {
		t.Errorf("it waits for %v", e.RetryAfter)
	}
}
