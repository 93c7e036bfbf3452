package salesforce_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	"fieldpay/bff/salesforce"
	"fieldpay/sandbox/control"
	sandboxorg "fieldpay/sandbox/salesforce"
)

const tokenPath = "/services/oauth2/token"

func TestClient_signs_in_once(t *testing.T) {
	t.Run("for twenty first calls at once", func(t *testing.T) {
		o := newOrg(t)
		together(20, func(int) {
			if _, err := o.Client.Invoice(t.Context(), "inv-002"); err != nil {
				t.Error(err)
			}
		})
		if n := len(o.wire.requests(tokenPath)); n != 1 {
			t.Errorf("%d sign-ins", n)
		}
	})
	t.Run("for twenty calls whose session ended, each of which is repeated once", func(t *testing.T) {
		o := newOrg(t)
		if _, err := o.Client.Invoice(t.Context(), "inv-002"); err != nil {
			t.Fatal(err)
		}
		o.endSessions()
		before := len(o.wire.requests(tokenPath))
		together(20, func(int) {
			if _, err := o.Client.Apply(t.Context(), effect(t, cash("inv-002", 100))); err != nil {
				t.Error(err)
			}
		})
		if n := len(o.wire.requests(tokenPath)) - before; n != 1 {
			t.Errorf("%d sign-ins", n)
		}
		if paid, _ := o.paid("inv-002"); paid != 2000 || o.count("Payment__c") != 21 {
			t.Errorf("paid %d in %d payments", paid, o.count("Payment__c"))
		}
	})
	t.Run("and gives up when a fresh session is refused as well", func(t *testing.T) {
		o := newOrg(t)
		o.fail(control.Rule{Match: control.Match{Path: "/services/data"}, Effect: control.Effect{Status: 401, ErrorCode: "INVALID_SESSION_ID"}})
		_, err := o.Client.Invoice(t.Context(), "inv-002")
		wantCode(t, err, action.UpstreamLogin)
		if n := len(o.wire.requests(tokenPath)); n != 2 {
			t.Errorf("%d sign-ins", n)
		}
	})
}

// endSessions revokes the token that the last call was made with.
func (o *org) endSessions() {
	o.t.Helper()
	o.wire.mu.Lock()
	token := o.wire.token
	o.wire.mu.Unlock()
	req := httptest.NewRequest(http.MethodPost, "/services/oauth2/revoke", strings.NewReader("token="+token))
	answer := httptest.NewRecorder()
	o.server.ServeHTTP(answer, req)
	if answer.Code != http.StatusOK {
		o.t.Fatalf("revoking: %d", answer.Code)
	}
}

func TestClient_sign_in_refused(t *testing.T) {
	t.Run("wrong credentials are the operator's matter", func(t *testing.T) {
		o := newOrg(t)
		_, err := o.client("wrong-secret").Invoice(t.Context(), "inv-002")
		wantCode(t, err, action.UpstreamLogin)
		if strings.Contains(err.Error(), "wrong-secret") {
			t.Errorf("the secret is in the error: %v", err)
		}
	})
	t.Run("a token endpoint that is down is not", func(t *testing.T) {
		o := newOrg(t)
		for _, e := range []control.Effect{{Status: 503}, {Cut: true}, {Status: 404, Body: "<html>", ContentType: "text/html"}, {Status: 200, Body: "<html>", ContentType: "text/html"}} {
			o.fail(control.Rule{Match: control.Match{Path: tokenPath}, Effect: e})
			_, err := o.Client.Invoice(t.Context(), "inv-002")
			wantCode(t, err, action.SalesforceDown)
		}
		o.fail(control.Rule{Match: control.Match{Path: tokenPath}, Effect: control.Effect{Status: 429, Body: "x"}})
		_, err := o.Client.Invoice(t.Context(), "inv-002")
		wantCode(t, err, action.RateLimited)
	})
}

func TestClient_calls_the_host_that_the_sign_in_named(t *testing.T) {
	tests := []struct{ name, instance, want string }{
		{"another host with TLS", "https://pod7.example", "https://pod7.example"},
		{"no host", "", "https://org.example"},
		{"a host without TLS is not trusted", "http://pod7.example", "https://org.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var called string
			c := clientOver(t, roundTrip(func(req *http.Request) (*http.Response, error) {
				answer := httptest.NewRecorder()
				answer.Header().Set("Content-Type", "application/json")
				if req.URL.Path == tokenPath {
					fmt.Fprintf(answer, `{"access_token":"t","token_type":"Bearer","instance_url":%q}`, tt.instance)
				} else {
					called = req.URL.Scheme + "://" + req.URL.Host
					fmt.Fprint(answer, `{}`)
				}
				return answer.Result(), nil
			}))
			if err := c.Ping(t.Context()); err != nil || called != tt.want {
				t.Errorf("called %s, %v", called, err)
			}
		})
	}
}

func TestClient_limit(t *testing.T) {
	t.Run("is watched", func(t *testing.T) {
		o := newOrgWith(t, sandboxorg.Options{DailyCalls: 10})
		for range 9 {
			if _, err := o.Client.Invoice(t.Context(), "inv-002"); err != nil {
				t.Fatal(err)
			}
		}
		if used, most := o.Client.Usage(); used != 9 || most != 10 {
			t.Errorf("%d of %d", used, most)
		}
		if n := strings.Count(o.logs.String(), "run out"); n != 1 {
			t.Errorf("told operators %d times", n)
		}
	})
	t.Run("leaves the org alone for a minute when it is used up", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			full := true
			c := clientOver(t, roundTrip(func(req *http.Request) (*http.Response, error) {
				if full {
					return scripted{status: 403, body: faultBody("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")}.RoundTrip(req)
				}
				return scripted{status: 200, body: `{"records":[],"done":true}`}.RoundTrip(req)
			}))
			for range 3 {
				_, err := c.Invoices(t.Context(), "")
				wantCode(t, err, action.RateLimited)
			}
			if c.Calls() != 1 {
				t.Errorf("%d calls", c.Calls())
			}
			full = false
			<-time.After(time.Minute)
			if _, err := c.Invoices(t.Context(), ""); err != nil {
				t.Error(err)
			}
		})
	})
}

func TestClient_limit_header(t *testing.T) {
	t.Run("on calls at a time is over in a moment and stops nobody", func(t *testing.T) {
		c := clientOver(t, scripted{status: 403, body: faultBody("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.")})
		for range 2 {
			_, err := c.Invoices(t.Context(), "")
			wantCode(t, err, action.RateLimited)
		}
		if c.Calls() != 2 {
			t.Errorf("%d calls", c.Calls())
		}
	})
	t.Run("reads only what it understands", func(t *testing.T) {
		for header, want := range map[string]int64{"api-usage=18/5000": 5000, "api-usage=1/15000,per-app-api-usage=1/250(appName=x)": 15000,
			"": 0, "api-usage=": 0, "api-usage=a/b": 0, "api-usage=-1/5": 0, "api-usage=1/0": 0, "per-app-api-usage=17/250": 0, "api-usage=99999999999999999999/1": 0} {
			c := clientOver(t, scripted{status: 200, body: `{}`, header: http.Header{"Sforce-Limit-Info": {header}}})
			if err := c.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, most := c.Usage(); most != want {
				t.Errorf("%q: %d", header, most)
			}
		}
	})
}

func TestClient_Ping_does_not_eat_the_daily_calls(t *testing.T) {
	o := newOrg(t)
	for range 5 {
		if err := o.Client.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if o.Client.Calls() != 1 {
		t.Errorf("%d calls", o.Client.Calls())
	}
}

func TestNew_refuses(t *testing.T) {
	good := salesforce.Options{BaseURL: "https://org.example", ClientID: "id", ClientSecret: "secret"}
	for name, change := range map[string]func(*salesforce.Options){
		"no address":               func(o *salesforce.Options) { o.BaseURL = "" },
		"an address of no host":    func(o *salesforce.Options) { o.BaseURL = "https://" },
		"another kind of address":  func(o *salesforce.Options) { o.BaseURL = "ftp://org.example" },
		"no client id":             func(o *salesforce.Options) { o.ClientID = "" },
		"no client secret":         func(o *salesforce.Options) { o.ClientSecret = "" },
		"a version that is a path": func(o *salesforce.Options) { o.APIVersion = "v63.0/../.." },
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			change(&o)
			if _, err := salesforce.New(o); err == nil {
				t.Error("it was taken")
			}
		})
	}
}
