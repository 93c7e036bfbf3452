package stripepay_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/stripepay"
	"fieldpay/bff/stripepay/stripemock"
)

// mock knows Stripe's published API.
var mock = stripemock.New()

func TestMain(m *testing.M) { os.Exit(mock.Main(m)) }

// asking makes a call of the adapter.
type asking func(*account, context.Context) error

// asks makes an asking of a call whose answer does not matter.
func asks[T any](call func(*account, context.Context) (T, error)) asking {
	return func(a *account, ctx context.Context) error {
		_, err := call(a, ctx)
		return err
	}
}

// askings are the calls of the adapter by the name of its method.
func askings() map[string]asking {
	all := askingsAboutPages()
	for name, ask := range map[string]asking{
		"CreateIntent": asks(func(a *account, ctx context.Context) (bff.Intent, error) {
			return a.Client.CreateIntent(ctx, bff.IntentRequest{
				Key: "key-1", ActionID: action.NewID(), InvoiceID: "inv-002", CustomerID: "cus_mock_002", Amount: 5000, Currency: "usd",
			})
		}),
		"Intent": asks(func(a *account, ctx context.Context) (bff.Intent, error) { return a.Client.Intent(ctx, "pi_mock_001") }),
		"FindIntent": asks(func(a *account, ctx context.Context) (bff.Intent, error) {
			return a.Client.FindIntent(ctx, action.NewID(), time.Now().Add(-time.Hour))
		}),
		"Confirm": asks(func(a *account, ctx context.Context) (bff.Intent, error) {
			return a.Client.Confirm(ctx, bff.ConfirmRequest{IntentID: a.intent(5000, "usd").ID, Key: "key-2", CardID: "pm_card_visa", OffSession: true})
		}),
		"Cards":    asks(func(a *account, ctx context.Context) ([]bff.Card, error) { return a.Client.Cards(ctx, "acc-002") }),
		"Card":     asks(func(a *account, ctx context.Context) (bff.Card, error) { return a.Client.Card(ctx, "pm_mock_002") }),
		"Customer": asks(func(a *account, ctx context.Context) (string, error) { return a.Client.Customer(ctx, "acc-001") }),
		"CreateRefund": asks(func(a *account, ctx context.Context) (bff.Refund, error) {
			return a.Client.CreateRefund(ctx, bff.RefundRequest{Key: "key-3", ActionID: action.NewID(), IntentID: "pi_mock_001", Amount: 100, Currency: "usd"})
		}),
		"RefundsOf": asks(func(a *account, ctx context.Context) ([]bff.Refund, error) {
			return a.Client.RefundsOf(ctx, "pi_mock_001")
		}),
		"Events": asks(func(a *account, ctx context.Context) ([]bff.Event, error) {
			return a.Client.Events(ctx, time.Now().Add(-time.Hour))
		}),
		"Ping": func(a *account, ctx context.Context) error { return a.Client.Ping(ctx) },
	} {
		all[name] = ask
	}
	return all
}

// askingsAboutPages are those that name addresses.
func askingsAboutPages() map[string]asking {
	const webhook = "https://fieldpay.example.com/stripe/webhook"
	page := bff.PageRequest{
		Key: "key-page", ActionID: action.NewID(), InvoiceID: "inv-002", Title: "Invoice INV-00002", Amount: 175000, Currency: "usd",
		DoneURL: "https://fieldpay.example.com/pay/done", CancelledURL: "https://fieldpay.example.com/pay/cancelled",
		CustomerID: "cus_mock_002", ExpiresAt: time.Now().Add(time.Hour),
	}
	return map[string]asking{
		"CreateLink":     asks(func(a *account, ctx context.Context) (bff.Page, error) { return a.Client.CreateLink(ctx, page) }),
		"CreateCheckout": asks(func(a *account, ctx context.Context) (bff.Page, error) { return a.Client.CreateCheckout(ctx, page) }),
		"Checkout": asks(func(a *account, ctx context.Context) (bff.Page, error) {
			p, err := a.Client.CreateCheckout(ctx, page)
			if err != nil {
				return p, err
			}
			return a.Client.Checkout(ctx, p.ID)
		}),
		"EnsureWebhook": func(a *account, ctx context.Context) error {
			forgetful := func(string, string) (string, error) { return "", nil }
			first := a.Client.EnsureWebhook(ctx, webhook, forgetful)
			// The second time it replaces what it has forgotten the secret of.
			return errors.Join(first, a.Client.EnsureWebhook(ctx, webhook, forgetful))
		},
		"WebhookFaults": asks(func(a *account, ctx context.Context) ([]string, error) { return a.Client.WebhookFaults(ctx, webhook) }),
	}
}

func TestClient_Wording(t *testing.T) {
	all := askings()
	for name, ask := range all {
		t.Run("Stripe takes the words of "+name, func(t *testing.T) {
			a := newAccount(t)
			if err := ask(a, t.Context()); err != nil {
				t.Fatal(err)
			}
			if len(a.wire.all()) == 0 {
				t.Error("nothing was asked")
			}
		})
	}
	t.Run("no call is left out", func(t *testing.T) {
		methods := reflect.TypeFor[*stripepay.Client]()
		for i := range methods.NumMethod() {
			name := methods.Method(i).Name
			if _, listed := all[name]; !listed && name != "ParseEvent" { // which asks nothing
				t.Errorf("%s is not asked", name)
			}
		}
	})
	t.Run("words that Stripe does not know are refused", func(t *testing.T) {
		for what, r := range map[string]stripemock.Request{
			"an unknown parameter":  {Method: http.MethodPost, Path: "/v1/payment_intents", Form: "amount=100&currency=usd&colour=blue"},
			"a missing parameter":   {Method: http.MethodPost, Path: "/v1/payment_intents", Form: "amount=100"},
			"an unknown question":   {Method: http.MethodGet, Path: "/v1/payment_intents?colour=blue"},
			"an unknown route":      {Method: http.MethodPost, Path: "/v1/bribes", Form: "amount=100"},
			"another version of it": {Method: http.MethodGet, Path: "/v1/payment_intents", APIVersion: "2099-01-01"},
		} {
			if r.APIVersion == "" {
				r.APIVersion = stripe.APIVersion
			}
			if err := mock.Check(t.Context(), r); err == nil || errors.Is(err, stripemock.ErrNoMock) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// checked asks Stripe's own mock about a request that a test sends.
func checked(r wireRequest) error {
	return mock.Check(context.Background(), stripemock.Request{Method: r.Method, Path: r.Path, Form: r.Form, APIVersion: r.Header.Get("Stripe-Version")})
}
