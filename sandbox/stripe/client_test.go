package stripe_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"testing"

	"fieldpay/sandbox/control"
	"fieldpay/sandbox/stripe"

	stripego "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
)

// newClient is Stripe's own library talking to the sandbox: a reader of our answers that we did not write.
func newClient(t *testing.T) *client.API {
	t.Helper()
	plane := control.New()
	s, err := stripe.New(stripe.Options{Plane: plane})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(plane.Wrap(s))
	t.Cleanup(func() { server.Close(); _ = s.Close() })
	backend := stripego.GetBackendWithConfig(stripego.APIBackend, &stripego.BackendConfig{URL: stripego.String(server.URL),
		MaxNetworkRetries: stripego.Int64(0), LeveledLogger: &stripego.LeveledLogger{Level: stripego.LevelNull}})
	return client.New("sk_test_sandbox", &stripego.Backends{API: backend, Connect: backend, Uploads: backend})
}

func TestServer_StripeGo(t *testing.T) {
	api := newClient(t)
	create := &stripego.PaymentIntentParams{Amount: stripego.Int64(4200), Currency: stripego.String("eur"),
		AutomaticPaymentMethods: &stripego.PaymentIntentAutomaticPaymentMethodsParams{Enabled: stripego.Bool(true), AllowRedirects: stripego.String("never")}}
	create.AddMetadata("action_id", "a-1")
	create.SetIdempotencyKey("a-1:pi")
	t.Run("it creates, replays and confirms", func(t *testing.T) {
		p, err := api.PaymentIntents.New(create)
		if err != nil {
			t.Fatal(err)
		}
		again, err := api.PaymentIntents.New(create)
		if err != nil || again.ID != p.ID || again.LastResponse.Header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("replayed %v, %v", again, err)
		}
		confirm := &stripego.PaymentIntentConfirmParams{PaymentMethod: stripego.String("pm_card_visa")}
		confirm.AddExpand("latest_charge")
		p, err = api.PaymentIntents.Confirm(p.ID, confirm)
		if err != nil || p.Status != stripego.PaymentIntentStatusSucceeded || !p.LatestCharge.Paid || p.LatestCharge.PaymentMethodDetails.Card.Last4 != "4242" {
			t.Fatalf("confirmed %+v, %v", p, err)
		}
		refund, err := api.Refunds.New(&stripego.RefundParams{PaymentIntent: &p.ID})
		if err != nil || refund.Amount != 4200 {
			t.Errorf("refunded %+v, %v", refund, err)
		}
	})
	t.Run("it reads a decline with its intent", func(t *testing.T) {
		_, err := api.PaymentIntents.New(&stripego.PaymentIntentParams{Amount: stripego.Int64(4200), Currency: stripego.String("eur"),
			PaymentMethod: stripego.String("pm_card_chargeDeclinedInsufficientFunds"), Confirm: stripego.Bool(true)})
		var failed *stripego.Error
		if !errors.As(err, &failed) || failed.HTTPStatusCode != 402 || failed.DeclineCode != stripego.DeclineCodeInsufficientFunds ||
			failed.PaymentIntent.Status != stripego.PaymentIntentStatusRequiresPaymentMethod || failed.RequestID == "" {
			t.Errorf("got %+v", failed)
		}
	})
	t.Run("it reads a key used for something else", func(t *testing.T) {
		other := &stripego.PaymentIntentParams{Amount: stripego.Int64(1), Currency: stripego.String("eur")}
		other.SetIdempotencyKey("a-1:pi")
		_, err := api.PaymentIntents.New(other)
		var failed *stripego.Error
		if !errors.As(err, &failed) || failed.Type != stripego.ErrorTypeIdempotency {
			t.Errorf("got %+v", err)
		}
	})
}

func TestServer_StripeGoObjects(t *testing.T) {
	api := newClient(t)
	t.Run("it saves a card, pages through lists and registers a webhook", func(t *testing.T) {
		c, err := api.Customers.New(&stripego.CustomerParams{Name: stripego.String("Alice")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := api.PaymentMethods.Attach("pm_card_visa", &stripego.PaymentMethodAttachParams{Customer: &c.ID}); err != nil {
			t.Fatal(err)
		}
		cards := api.PaymentMethods.List(&stripego.PaymentMethodListParams{Customer: &c.ID, Type: stripego.String("card")})
		if !cards.Next() || cards.PaymentMethod().Customer.ID != c.ID {
			t.Errorf("listed %+v, %v", cards.PaymentMethod(), cards.Err())
		}
		for range 2 {
			if _, err := api.PaymentIntents.New(&stripego.PaymentIntentParams{Amount: stripego.Int64(500), Currency: stripego.String("usd")}); err != nil {
				t.Fatal(err)
			}
		}
		n := 0
		params := &stripego.PaymentIntentListParams{}
		params.Limit = stripego.Int64(1)
		for intents := api.PaymentIntents.List(params); intents.Next(); {
			n++
		}
		if n != 3 {
			t.Errorf("paged through %d intents", n)
		}
		hook, err := api.WebhookEndpoints.New(&stripego.WebhookEndpointParams{URL: stripego.String("http://127.0.0.1:1/hook"),
			EnabledEvents: []*string{stripego.String("payment_intent.succeeded")}, APIVersion: stripego.String(stripego.APIVersion)})
		if err != nil || hook.Secret == "" {
			t.Errorf("registered %+v, %v", hook, err)
		}
	})
}

func ExampleNew() {
	s, err := stripe.New(stripe.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(s)
	defer server.Close()
	backend := stripego.GetBackendWithConfig(stripego.APIBackend, &stripego.BackendConfig{URL: &server.URL})
	api := client.New("sk_test_sandbox", &stripego.Backends{API: backend})
	p, err := api.PaymentIntents.New(&stripego.PaymentIntentParams{Amount: stripego.Int64(1200), Currency: stripego.String("usd"),
		PaymentMethod: stripego.String("pm_card_visa"), Confirm: stripego.Bool(true)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Status, p.AmountReceived, s.Close())
	// Output: succeeded 1200 <nil>
}

func FuzzServer_Form(f *testing.F) {
	f.Add("amount=1200&currency=usd&metadata[a]=b&confirm=true&payment_method=pm_card_visa&expand[]=latest_charge")
	f.Add("mode=payment&success_url=https://a.example&line_items[0][quantity]=1&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=100&line_items[0][price_data][product_data][name]=a")
	f.Add("amount=-1&currency=%00&payment_method_types[0]=card&expand[0]=a.b.c&created[gte]=x")
	s, err := stripe.New(stripe.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	a := &account{handler: s, server: s}
	f.Fuzz(func(t *testing.T, form string) {
		a.t = t
		for _, path := range []string{"/v1/payment_intents", "/v1/customers", "/v1/refunds", "/v1/prices", "/v1/payment_links", "/v1/checkout/sessions"} {
			if r := a.send("POST", path, "", form); r.status >= 500 {
				t.Errorf("%s answered %d %v", path, r.status, r.body)
			}
		}
		if r := a.get("/v1/customers/search?query=" + url.QueryEscape(form)); r.status >= 500 {
			t.Errorf("the search answered %d %v", r.status, r.body)
		}
	})
}
