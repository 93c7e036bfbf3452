package salesforce_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/salesforce"
)

// namespaced stands in front of an org and makes its package one with a
// namespace: what is ours must come with the prefix, and goes back with it.
func namespaced(t *testing.T, org string) string {
	t.Helper()
	target, err := url.Parse(org)
	if err != nil {
		t.Fatal(err)
	}
	bare := regexp.MustCompile(`(^|[^A-Za-z0-9_])([A-Z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*__[cr])\b`)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, ModifyResponse: func(r *http.Response) error {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		text := bare.ReplaceAllString(string(body), "${1}fp__${2}")
		text = strings.ReplaceAll(text, org, "http://"+r.Request.Host)
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		r.Header.Set("Content-Length", strconv.Itoa(len(text)))
		return nil
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		query, err := url.QueryUnescape(r.URL.RawQuery)
		if err != nil {
			t.Error(err)
		}
		for _, part := range []string{r.URL.Path, query, string(body)} {
			if m := bare.FindString(part); m != "" {
				t.Errorf("%s %s names %q without the namespace", r.Method, r.URL.Path, m)
			}
		}
		r.URL.Path, r.URL.RawPath = strings.ReplaceAll(r.URL.Path, "fp__", ""), ""
		r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "fp__", "")
		text := strings.ReplaceAll(string(body), "fp__", "")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestClient_Mapping(t *testing.T) {
	o := newOrg(t)
	c, err := salesforce.New(salesforce.Options{
		BaseURL: namespaced(t, o.url), ClientID: "fieldpay-sandbox", ClientSecret: "sandbox-secret", Mapping: salesforce.Mapping{Namespace: "fp"},
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Client = c
	for _, p := range []action.Payload{
		threeLines("usd"), &action.UpdateInvoice{InvoiceID: "inv-002", BaseVersion: 1, Status: ptr("pending"), ContactID: ptr("con-003")},
		cash("inv-002", 900), &action.VoidInvoice{InvoiceID: "inv-003"}, &action.CreateContact{AccountID: "acc-001", LastName: "B"},
		&action.LogVisit{AccountID: "acc-001", InvoiceID: "inv-001", Note: "n", Outcome: action.Met},
	} {
		t.Run("does "+string(p.Type())+" and its repeat in an org with a namespace", func(t *testing.T) {
			e := effect(t, p)
			first := o.apply(e)
			if again := o.apply(e); again.ServerID != first.ServerID {
				t.Errorf("%+v, then %+v", first, again)
			}
		})
	}
	t.Run("makes many at once there", func(t *testing.T) {
		for _, effects := range [][]bff.Effect{visits(t, 2), contacts(t, 2), many(t, 2, func(i int) action.Payload {
			return cash([]string{"inv-002", "inv-001"}[i], 100)
		})} {
			wantAll(t, c.ApplyAll(t.Context(), effects))
			wantAll(t, c.ApplyAll(t.Context(), effects))
		}
	})
	t.Run("reads there", func(t *testing.T) {
		inv, err := c.Invoice(t.Context(), "inv-002")
		if err != nil || inv.Paid != 1000 || inv.AccountID != "acc-002" || inv.ContactID != "con-003" {
			t.Errorf("%+v, %v", inv, err)
		}
		if prices, err := c.Prices(t.Context()); err != nil || len(prices) == 0 || prices[0].TaxRate == "" {
			t.Errorf("%d prices, %v", len(prices), err)
		}
	})
	t.Run("tells errors by our names", func(t *testing.T) {
		_, err := c.Apply(t.Context(), effect(t, &action.LogVisit{AccountID: "acc-999", Note: "n", Outcome: action.Met}))
		wantCode(t, err, action.UnknownAccount)
		_, err = c.Apply(t.Context(), effect(t, &action.UpdateInvoice{InvoiceID: "inv-002", BaseVersion: 99, Notes: ptr("x")}))
		wantCode(t, err, action.VersionConflict)
	})
	t.Run("finds nothing missing", func(t *testing.T) {
		missing, err := c.Missing(t.Context())
		if err != nil || len(missing) != 0 {
			t.Errorf("%v %v", err, missing)
		}
	})
}
