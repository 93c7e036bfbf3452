package stripepay_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/stripepay"
	"fieldpay/sandbox/control"
)

const secret = "whsec_test"

func eventBody(version, object string) []byte {
	return fmt.Appendf(nil, `{"id":"evt_1","object":"event","api_version":%q,"created":1795000000,"type":"payment_intent.succeeded","data":{"object":%s}}`, version, object)
}

func signed(body []byte, with string, at time.Time) string {
	return webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: with, Timestamp: at}).Header
}

func TestClient_ParseEvent(t *testing.T) {
	now := time.Unix(1795000100, 0)
	c := newClient(t, stripepay.Options{Key: testKey, WebhookSecrets: []string{"whsec_old", secret}})
	good := eventBody("2023-10-16", `{"id":"pi_1","object":"payment_intent"}`)
	for name, tt := range map[string]struct{ object, want string }{
		"an intent":                     {`{"id":"pi_1","object":"payment_intent"}`, "pi_1"},
		"a charge that names its":       {`{"id":"ch_1","object":"charge","payment_intent":"pi_2"}`, "pi_2"},
		"a charge that contains its":    {`{"id":"ch_1","object":"charge","payment_intent":{"id":"pi_3"}}`, "pi_3"},
		"an object that has no payment": {`{"id":"cus_1","object":"customer","payment_intent":null}`, ""},
	} {
		t.Run("reads the intent of "+name, func(t *testing.T) {
			body := eventBody("2023-10-16", tt.object)
			e, err := c.ParseEvent(body, signed(body, secret, now), now)
			want := bff.Event{ID: "evt_1", Type: "payment_intent.succeeded", IntentID: tt.want, CreatedAt: time.Unix(1795000000, 0).UTC()}
			if err != nil || e != want {
				t.Errorf("%+v, %v", e, err)
			}
		})
	}
	takes := map[string]string{
		"signed just within the tolerance":             signed(good, secret, now.Add(-300*time.Second)),
		"signed by a clock that is a little ahead":     signed(good, secret, now.Add(300*time.Second)),
		"signed with the secret that is rolled out":    signed(good, "whsec_old", now),
		"signed with a new secret and with ours":       signed(good, "whsec_new", now) + ",v1=" + hexOf(signed(good, secret, now)),
		"signed with ours and in a scheme of tomorrow": signed(good, secret, now) + ",v2=00",
	}
	for name, signature := range takes {
		t.Run("takes an event "+name, func(t *testing.T) {
			if _, err := c.ParseEvent(good, signature, now); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestClient_ParseEvent_refuses(t *testing.T) {
	now := time.Unix(1795000100, 0)
	c := newClient(t, stripepay.Options{Key: testKey, WebhookSecrets: []string{"whsec_old", secret}})
	good := eventBody("2023-10-16", `{"id":"pi_1","object":"payment_intent"}`)
	old := eventBody("2020-08-27", `{"id":"pi_1","object":"payment_intent"}`)
	odd := eventBody("2023-10-16", `{"id":"pi_1' OR 1=1","object":"payment_intent"}`)
	list := eventBody("2023-10-16", `[]`)
	refuses := map[string]struct {
		body      []byte
		signature string
	}{
		"signed by somebody else":              {good, signed(good, "whsec_other", now)},
		"changed after it was signed":          {append([]byte(" "), good...), signed(good, secret, now)},
		"signed too long ago":                  {good, signed(good, secret, now.Add(-301*time.Second))},
		"signed in the future":                 {good, signed(good, secret, now.Add(301*time.Second))},
		"signed in the future, and told twice": {good, signed(good, secret, now.Add(time.Hour)) + fmt.Sprintf(",t=%d", now.Unix())},
		"not signed":                           {good, ""},
		"with a signature that is none":        {good, "t=x,v1=00"},
		"signed in an older scheme":            {good, strings.Replace(signed(good, secret, now), "v1=", "v0=", 1)},
		"of another API version":               {old, signed(old, secret, now)},
		"with an id that is none":              {odd, signed(odd, secret, now)},
		"without an object":                    {list, signed(list, secret, now)},
		"that is empty":                        {nil, signed(nil, secret, now)},
		"that is a word":                       {[]byte(`"canary"`), signed([]byte(`"canary"`), secret, now)},
	}
	for name, tt := range refuses {
		t.Run("refuses an event "+name, func(t *testing.T) {
			_, err := c.ParseEvent(tt.body, tt.signature, now)
			wantCode(t, err, action.BadRequest)
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("the error has the event in it: %v", err)
			}
		})
	}
	t.Run("refuses everything when no secret is known", func(t *testing.T) {
		_, err := newClient(t, stripepay.Options{Key: testKey}).ParseEvent(good, signed(good, secret, now), now)
		wantCode(t, err, action.BadRequest)
	})
}

func hexOf(signature string) string {
	_, v1, _ := strings.Cut(signature, "v1=")
	return v1
}

func FuzzClient_ParseEvent(f *testing.F) {
	now := time.Unix(1795000100, 0)
	knows := func(secret string) *stripepay.Client {
		c, err := stripepay.New(stripepay.Options{Key: testKey, WebhookSecrets: []string{secret}})
		if err != nil {
			f.Fatal(err)
		}
		return c
	}
	ours, stranger := knows(secret), knows("whsec_stranger")
	good := eventBody("2023-10-16", `{"id":"pi_1","object":"payment_intent"}`)
	f.Add(good, signed(good, secret, now), true)
	f.Add(good, "t=1,v1=00", false)
	f.Add([]byte(`{"data":null}`), "", true)
	f.Add([]byte(`{"api_version":"2023-10-16","data":{"object":{"payment_intent":{}}}}`), ",,=,t=", true)
	f.Fuzz(func(t *testing.T, body []byte, signature string, sign bool) {
		c := stranger
		if sign {
			c, signature = ours, signed(body, secret, now)
		}
		e, err := c.ParseEvent(body, signature, now)
		switch {
		case err != nil && action.CodeOf(err) != action.BadRequest:
			t.Errorf("code %s", action.CodeOf(err))
		case err == nil && (!sign || e.ID == "" || strings.ContainsAny(e.ID+e.IntentID+e.Type, " '/\"\\")):
			t.Errorf("took %+v", e)
		}
	})
}

type delivery struct {
	body      []byte
	signature string
}

func TestClient_EnsureWebhook(t *testing.T) {
	got := make(chan delivery, 100)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got <- delivery{body, r.Header.Get("Stripe-Signature")}
	}))
	a := newAccount(t)
	t.Cleanup(hook.Close)
	secrets := memory{}
	if err := a.Client.EnsureWebhook(t.Context(), hook.URL+"/stripe/webhook", secrets.remember); err != nil {
		t.Fatal(err)
	}
	a.fail(control.Rule{Match: control.Match{Event: "payment_intent.succeeded"}, Effect: control.Effect{DuplicateWebhook: 1}})
	i := a.intent(5000, "usd")
	if _, err := a.Client.Confirm(t.Context(), confirmation(i.ID, "confirm-"+i.ID, "pm_card_visa")); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for range 2 {
		d := <-got
		e, err := a.Client.ParseEvent(d.body, d.signature, time.Now())
		if err != nil || e.Type != "payment_intent.succeeded" || e.IntentID != i.ID {
			t.Errorf("%+v, %v", e, err)
		}
		ids = append(ids, e.ID)
	}
	if ids[0] != ids[1] {
		t.Errorf("a duplicate has another id: %v", ids)
	}
	if logs := a.logs.String(); strings.Contains(logs, secrets.last()) || strings.Contains(logs, testKey) || strings.Contains(logs, i.ClientSecret) {
		t.Error("a secret is in the log")
	}
}

// memory keeps the secrets of endpoints, the first one for each.
type memory map[string]string

func (m memory) remember(id, fresh string) (string, error) {
	if _, there := m[id]; !there {
		m[id] = fresh
	}
	return m[id], nil
}

// last is the one secret that is known.
func (m memory) last() string {
	for _, secret := range m {
		if secret != "" {
			return secret
		}
	}
	return ""
}

func TestClient_EnsureWebhook_again(t *testing.T) {
	a := newAccount(t)
	const url = "https://bff.example/stripe/webhook"
	ensure := func(secrets memory) {
		t.Helper()
		a.Client = a.client(testKey) // a restart
		if err := a.Client.EnsureWebhook(t.Context(), url, secrets.remember); err != nil {
			t.Fatal(err)
		}
		if n := a.count("webhook_endpoints"); n != 1 {
			t.Errorf("%d endpoints", n)
		}
	}
	secrets := memory{}
	ensure(secrets)
	first := maps.Clone(secrets)
	t.Run("a restart takes up the endpoint whose secret it remembers", func(t *testing.T) {
		ensure(secrets)
		if !maps.Equal(first, secrets) {
			t.Error("it was replaced")
		}
	})
	t.Run("an endpoint whose secret nobody knows is replaced", func(t *testing.T) {
		forgetful := memory{}
		ensure(forgetful)
		if forgetful.last() == "" || forgetful.last() == first.last() {
			t.Error("it was not replaced")
		}
	})
}
