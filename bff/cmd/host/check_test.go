package host_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"fieldpay/bff/cmd/host"
	"fieldpay/sandbox"
)

// liveConfig is that of live mode, with a sandbox of its own for the providers.
func liveConfig(t *testing.T) host.Config {
	t.Helper()
	box, err := sandbox.Start(t.Context(), sandbox.Options{ClientID: "own-app", ClientSecret: "canary-org-secret", StripeKey: "sk_live_canary"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return host.Config{
		Listen: "127.0.0.1:0", DataDir: t.TempDir(), SalesforceMode: "live", StripeMode: "live", PublicURL: "https://pay.example.com",
		SalesforceLoginURL: box.SalesforceURL(), SalesforceClientID: "own-app", SalesforceClientSecret: "canary-org-secret",
		StripeAPIBase: box.StripeURL(), StripeSecretKey: "sk_live_canary", StripeWebhookSecret: "whsec_canary",
	}
}

// checked is what check-config says, and what it finds wrong.
func checked(t *testing.T, c host.Config) (said, wrong string) {
	t.Helper()
	var w bytes.Buffer
	err := host.CheckConfig(t.Context(), c, &w)
	text := w.String() + fmt.Sprint(err)
	for _, secret := range []string{c.SalesforceClientSecret, c.StripeSecretKey, c.StripeWebhookSecret} {
		if secret != "" && strings.Contains(text, secret) {
			t.Errorf("a secret is told: %s", text)
		}
	}
	if err == nil {
		return w.String(), ""
	}
	return w.String(), err.Error()
}

func lacks(text string, wanted ...string) (left []string) {
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			left = append(left, want)
		}
	}
	return left
}

func TestCheckConfig(t *testing.T) {
	c := liveConfig(t)
	webhook := func(url string, events ...string) {
		form := "url=" + url + "&api_version=2023-10-16"
		for _, e := range events {
			form += "&enabled_events[]=" + e
		}
		req, err := http.NewRequestWithContext(t.Context(), "POST", c.StripeAPIBase+"/v1/webhook_endpoints", strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+c.StripeSecretKey)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil || res.StatusCode != 200 {
			t.Fatalf("%d %v", res.StatusCode, err)
		}
	}
	t.Run("before the first start the store is empty, and no webhook is there", func(t *testing.T) {
		said, wrong := checked(t, c)
		if left := lacks(said, "the store is empty", "Salesforce has every object", "Salesforce has customers", "prices", "Stripe answers"); left != nil || lacks(wrong, "no webhook is registered for https://pay.example.com/stripe/webhook") != nil {
			t.Errorf("it does not say %q in %s\n%s", left, said, wrong)
		}
	})
	t.Run("a webhook that is not told of everything is told", func(t *testing.T) {
		webhook("https://pay.example.com/stripe/webhook", "payment_intent.succeeded")
		_, wrong := checked(t, c)
		if lacks(wrong, "the webhook is not told of charge.refunded") != nil || strings.Contains(wrong, "told of payment_intent.succeeded") {
			t.Error(wrong)
		}
	})
	t.Run("with people and a full webhook all is well, but for what people would miss", func(t *testing.T) {
		webhook("https://pay.example.com/stripe/webhook", "*")
		c := c
		c.PublicURL = "https://other.example.com/"
		webhook("https://other.example.com/stripe/webhook", "*")
		o := openOffice(t, c.DataDir)
		for login, territories := range map[string][]string{"pat@example.com": {"nowhere"}, "sam@example.com": nil} {
			if err := o.AddUser(t.Context(), host.NewUser{Login: login, Role: "rep", Territories: territories}, strings.NewReader("correct horse battery")); err != nil {
				t.Fatal(err)
			}
		}
		said, wrong := checked(t, c)
		if left := lacks(said, "is up to date", "2 people may sign in, 0 of them of the office", `no customer is of the territory "nowhere"`, "sam@example.com has no territory", "Stripe has the webhook"); left != nil || wrong != "" {
			t.Errorf("it does not say %q in %s\n%s", left, said, wrong)
		}
	})
	t.Run("refused credentials are told, all of them", func(t *testing.T) {
		c := c
		c.SalesforceClientSecret, c.StripeSecretKey = "canary-wrong", "sk_live_wrong"
		_, wrong := checked(t, c)
		if left := lacks(wrong, "Salesforce: ", "Stripe: ", "sign-in was refused"); left != nil {
			t.Errorf("it does not say %q in %s", left, wrong)
		}
	})
	t.Run("a store that was used by a sandbox is told", func(t *testing.T) {
		c := c
		c.DataDir = t.TempDir()
		closeHost(t, start(t, host.Config{DataDir: c.DataDir}))
		if _, wrong := checked(t, c); lacks(wrong, "the demo sign-in") != nil {
			t.Error(wrong)
		}
	})
	t.Run("a store that is not there is told", func(t *testing.T) {
		c := c
		c.Store = "postgres://pat:sesame@127.0.0.1:1/none?sslmode=disable"
		if _, wrong := checked(t, c); lacks(wrong, "the store: ") != nil || strings.Contains(wrong, "sesame") {
			t.Error(wrong)
		}
	})
	t.Run("an empty database is looked at and left as it is", func(t *testing.T) {
		c := host.Config{Store: database.Database(t), DataDir: t.TempDir()}
		for range 2 {
			if said, wrong := checked(t, c); lacks(said, "the store is empty") != nil || wrong != "" {
				t.Errorf("%s %s", said, wrong)
			}
		}
	})
}
