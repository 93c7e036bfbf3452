package app_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/app"
	"fieldpay/app/people"
	"fieldpay/bff/cmd/host"
)

// noKeyring is a machine without a keychain.
type noKeyring struct{}

func (noKeyring) Get(string, string) (string, error) { return "", errors.New("no keychain here") }
func (noKeyring) Set(string, string, string) error   { return errors.New("no keychain here") }

// office is the server with its sandbox, which can go away and come back at
// the same address.
type office struct {
	t      *testing.T
	config host.Config
	host   *host.Host
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, config: host.Config{
		Listen: "127.0.0.1:0", DataDir: t.TempDir(),
		SandboxSalesforceListen: "127.0.0.1:0", SandboxStripeListen: "127.0.0.1:0",
	}}
	o.open()
	_, port, err := net.SplitHostPort(o.host.URL()[len("http://"):])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	o.config.Listen = "127.0.0.1:" + port
	t.Cleanup(o.close)
	return o
}

func (o *office) open() {
	o.t.Helper()
	h, err := host.Start(context.WithoutCancel(o.t.Context()), o.config, zerolog.Nop())
	if err != nil {
		o.t.Fatalf("opening the office: %v", err)
	}
	o.host = h
}

func (o *office) close() {
	o.t.Helper()
	if o.host == nil {
		return
	}
	if err := o.host.Close(context.WithoutCancel(o.t.Context())); err != nil {
		o.t.Errorf("closing the office: %v", err)
	}
	o.host = nil
}

// rep is a person with a device.
type rep struct {
	*app.Bridge
	t       *testing.T
	app     *app.App
	changes *app.Subscription
	config  app.Config
	// downloads is the folder for files of a person; empty for a browser.
	downloads string
}

// newRep makes a device that talks to the server at url. It is not started.
func newRep(t *testing.T, url string) *rep {
	t.Helper()
	config := app.Config{
		DataDir: app.Setting{Value: t.TempDir(), Source: app.FromFlag},
		BFF:     app.Setting{Value: url, Source: app.FromFlag},
		KeyDir:  app.Setting{Value: t.TempDir(), Source: app.FromEnvironment},
	}
	r := &rep{t: t, config: config}
	t.Cleanup(r.close)
	return r
}

// signedIn is a rep who signed in while the office was open.
func signedIn(t *testing.T, o *office) *rep {
	t.Helper()
	r := newRep(t, o.host.URL()).start()
	if _, err := r.SignIn(app.Credentials{Username: "demo@fieldpay.com", Password: "demo123"}); err != nil {
		t.Fatalf("signing in: %v", err)
	}
	if err := r.RefreshReference(); err != nil {
		t.Fatalf("refreshing: %v", err)
	}
	return r
}

func (r *rep) options() app.DeviceOptions {
	return app.DeviceOptions{Config: r.config, Keyring: noKeyring{}, PINCost: people.Cost{Passes: 1, MemoryKiB: 8}}
}

func (r *rep) start() *rep {
	r.t.Helper()
	r.app = app.New(app.Options{Host: "test", Downloads: r.downloads, Device: r.options()})
	r.changes = r.app.Subscribe()
	r.Bridge = r.app.Bridge()
	if err := r.app.Start(r.t.Context()); err != nil {
		r.t.Fatalf("starting the app: %v", err)
	}
	return r
}

func (r *rep) close() {
	if r.app == nil {
		return
	}
	r.changes.Close()
	if err := r.app.Stop(); err != nil {
		r.t.Errorf("stopping the app: %v", err)
	}
	r.app = nil
}

// until waits for announcements until done is true.
func (r *rep) until(what string, done func(app.StatusDTO) bool) app.StatusDTO {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 20*time.Second)
	defer cancel()
	for {
		status, err := r.Status()
		if err != nil {
			r.t.Fatalf("asking for the status: %v", err)
		}
		if done(status) {
			return status
		}
		if _, err := r.changes.Next(ctx); err != nil {
			r.t.Fatalf("it never came to be that %s; now %+v", what, status)
		}
	}
}

// The main job: without a network an invoice and a payment are written, the
// program ends and starts again, the network comes back, and both arrive.
func TestApp_MainJob(t *testing.T) {
	o := newOffice(t)
	r := signedIn(t, o)
	o.close()

	var invoices []app.Saved
	for _, currency := range []string{"usd", "jpy"} {
		saved, err := r.SaveInvoice(app.InvoiceForm{
			AccountID: "acc-001", Currency: currency, Description: "Offline " + currency, Locale: "en-US",
			Lines: []app.LineForm{
				{Description: "Pump", Quantity: "2", UnitPrice: "1,000"},
				{Description: "Hose", Quantity: "1.5", UnitPrice: "10", TaxRate: "19"},
				{Description: "Work", Quantity: "1", UnitPrice: "85", Discount: "5"},
			},
		})
		if err != nil {
			t.Fatalf("saving an invoice: %v", err)
		}
		invoices = append(invoices, saved)
	}
	if _, err := r.SavePayment(app.PaymentForm{
		InvoiceID: invoices[0].RecordID, Amount: "100", Method: "cash", Tendered: "120", Locale: "en-US",
	}); err != nil {
		t.Fatalf("saving a payment: %v", err)
	}
	row := r.invoice(invoices[0].RecordID)
	if row.Amount != 209785 || row.PendingPaid != 10000 || row.Paid != 0 || row.Status != "" || row.Origin != "local" || row.ActionState != "pending" {
		t.Errorf("offline the invoice is %+v", row)
	}

	r.close()
	r.start()
	if got := r.until("the work is still there", func(s app.StatusDTO) bool { return s.Unsent.Count == 3 }); !got.SignedIn || got.Person.ID != "user-001" {
		t.Errorf("after the restart: %+v", got)
	}
	o.open()
	if err := r.SyncNow(); err != nil {
		t.Fatal(err)
	}
	r.until("all three are applied", func(s app.StatusDTO) bool { return s.Counts["applied"] == 3 })
	r.until("the server's word is shown", func(app.StatusDTO) bool {
		return r.invoice(invoices[0].RecordID).Origin == "confirmed" && r.invoice(invoices[1].RecordID).Origin == "confirmed"
	})
	usd, jpy := r.invoice(invoices[0].RecordID), r.invoice(invoices[1].RecordID)
	if usd.Amount != 209785 || usd.Paid != 10000 || usd.Balance != 199785 || usd.PendingPaid != 0 || usd.Status != "pending" || usd.Number == "" {
		t.Errorf("confirmed in dollars: %+v", usd)
	}
	if jpy.Amount != 2098 || jpy.Balance != 2098 || jpy.Status != "draft" {
		t.Errorf("confirmed in yen: %+v", jpy)
	}
	page, err := r.Invoices(app.InvoiceQuery{Search: "offline"})
	if err != nil || page.Total != 2 {
		t.Errorf("each invoice stands once: got %d, %v", page.Total, err)
	}
}

func (r *rep) invoice(id string) app.InvoiceRow {
	r.t.Helper()
	detail, err := r.Invoice(id)
	if err != nil {
		r.t.Fatalf("reading invoice %s: %v", id, err)
	}
	return detail.Row
}

func TestApp_Life(t *testing.T) {
	t.Run("a new app touches nothing, and can be stopped at once", func(t *testing.T) {
		a := app.New(app.Options{})
		if err := a.Stop(); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Bridge().Status(); action.CodeOf(err) == "" {
			t.Error("a stopped app still answers")
		}
	})
	t.Run("an app that could not be opened says why at every call", func(t *testing.T) {
		r := newRep(t, "http://127.0.0.1:1")
		r.config.BFF.Value = "http://example.com" // plain http beyond this machine
		a := app.New(app.Options{Device: r.options()})
		t.Cleanup(func() {
			if err := a.Stop(); err != nil {
				t.Error(err)
			}
		})
		if err := a.Start(t.Context()); action.CodeOf(err) != action.UnsafeNetwork {
			t.Errorf("starting: %v", err)
		}
		if _, err := a.Bridge().Bootstrap(); action.CodeOf(err) != action.UnsafeNetwork {
			t.Errorf("calling: %v", err)
		}
	})
	t.Run("two processes share one data folder", func(t *testing.T) {
		r := newRep(t, "http://127.0.0.1:1").start()
		d, err := app.OpenDevice(t.Context(), r.options())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
		if _, err := d.Append(t.Context(), app.Entry{Type: "log_visit", Payload: []byte(`{"accountId":"acc-001","note":"n","outcome":"met"}`)}); err != nil {
			t.Fatal(err)
		}
		r.until("the other's action is seen", func(s app.StatusDTO) bool { return s.Unsent.Count == 1 })
	})
}
