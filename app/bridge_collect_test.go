package app_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/app"
	"fieldpay/app/policy"
)

func (r *rep) offline(on bool) {
	r.t.Helper()
	if err := r.ForceOffline(app.OfflineOptions{On: on}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rep) online() {
	r.t.Helper()
	r.offline(false)
	r.until("there is a connection", func(s app.StatusDTO) bool { return s.Connection.State == "online" })
}

// applied waits until an action is settled well and returns its row.
func (r *rep) applied(id string) app.ActionRow {
	r.t.Helper()
	var row app.ActionRow
	r.until("the action is applied", func(app.StatusDTO) bool {
		detail, err := r.ActionDetail(id)
		row = detail.Row
		return err == nil && row.State == "applied"
	})
	return row
}

func TestBridge_Collect(t *testing.T) {
	o := newOffice(t)
	r := signedIn(t, o)
	form := app.CollectForm{InvoiceID: "inv-002", Amount: "1,750.00", Method: "payment_link", Locale: "en-US"}
	t.Run("what is asked for is checked against what is open", func(t *testing.T) {
		for amount, wrong := range map[string]bool{"1,750.00": false, "100": false, "1,750.01": true, "": true, "0.10": true} {
			form := form
			form.Amount = amount
			p, err := r.PreviewCollect(form)
			if err != nil || (p.Fields["amount"] != "") != wrong {
				t.Errorf("%q: %+v, %v", amount, p, err)
			}
		}
		card := form
		card.Method = "card_on_file"
		if _, err := r.SaveCollect(card); action.FieldsOf(err)["cardId"] != "is required" {
			t.Errorf("without a card: %v", err)
		}
	})
	t.Run("a link is requested and never paid before it is", func(t *testing.T) {
		form := form
		form.ActionID, form.Amount = action.NewID(), "100"
		saved, err := r.SaveCollect(form)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := r.SaveCollect(form); err != nil || again.ActionID != saved.ActionID || again.Sequence != saved.Sequence {
			t.Errorf("the same again: %+v, %v", again, err)
		}
		row := r.applied(saved.ActionID)
		if row.Result != "requested" || !strings.HasPrefix(row.Link, "http") {
			t.Errorf("got %+v", row)
		}
		paper, err := r.Receipt(saved.ActionID)
		if err != nil || paper.Standing != "requested" || paper.Amount != 10000 || paper.Method != "payment_link" {
			t.Errorf("its receipt: %+v, %v", paper, err)
		}
	})
	t.Run("saved cards are known offline once they were looked at", func(t *testing.T) {
		r.online()
		list, err := r.Cards("acc-002")
		if err != nil || !list.Fresh || !list.Known || len(list.Cards) == 0 || len(list.Cards[0].Last4) != 4 {
			t.Fatalf("got %+v, %v", list, err)
		}
		r.offline(true)
		kept, err := r.Cards("acc-002")
		if err != nil || kept.Fresh || !kept.Known || len(kept.Cards) != len(list.Cards) {
			t.Errorf("offline: %+v, %v", kept, err)
		}
		if none, err := r.Cards("acc-001"); err != nil || none.Known {
			t.Errorf("nobody has looked there: %+v, %v", none, err)
		}
		card := app.CollectForm{InvoiceID: "inv-002", Amount: "50", Method: "card_on_file", CardID: kept.Cards[0].ID, Locale: "en-US"}
		saved, err := r.SaveCollect(card)
		if err != nil {
			t.Fatal(err)
		}
		if paper, err := r.Receipt(saved.ActionID); err != nil || paper.Standing != "provisional" {
			t.Errorf("before it is sent: %+v, %v", paper, err)
		}
		r.online()
		if row := r.applied(saved.ActionID); row.Result != "paid" {
			t.Errorf("the card was charged: %+v", row)
		}
	})
}

func TestBridge_Checkout(t *testing.T) {
	o := newOffice(t)
	r := signedIn(t, o)
	form := app.CheckoutForm{ID: action.NewID(), InvoiceID: "inv-002", Amount: "1,750.00", Locale: "en-US"}
	t.Run("without a connection it says what is possible", func(t *testing.T) {
		r.offline(true)
		_, err := r.BeginCheckout(form)
		if action.CodeOf(err) != action.Offline || !strings.Contains(app.FormatError(err), "payment link") {
			t.Errorf("got %v", err)
		}
		r.online()
	})
	t.Run("it is open until the customer has paid, and the same page when asked again", func(t *testing.T) {
		page, err := r.BeginCheckout(form)
		if err != nil || page.Status != "open" || page.Booked || page.Opened || !strings.HasPrefix(page.URL, "http") {
			t.Fatalf("got %+v, %v", page, err)
		}
		if again, err := r.BeginCheckout(form); err != nil || again.URL != page.URL {
			t.Errorf("again: %+v, %v", again, err)
		}
		if now, err := r.Checkout(form.ID); err != nil || now.Status != "open" {
			t.Errorf("asked: %+v, %v", now, err)
		}
	})
	t.Run("unsettled work on the invoice goes first", func(t *testing.T) {
		r.offline(true)
		if _, err := r.SavePayment(app.PaymentForm{InvoiceID: "inv-003", Amount: "1", Method: "cash", Locale: "en-US"}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.BeginCheckout(app.CheckoutForm{ID: action.NewID(), InvoiceID: "inv-003", Amount: "5", Locale: "en-US"}); err == nil {
			t.Error("a page was made over an amount that is not open any more")
		}
	})
}

func TestBridge_Caps(t *testing.T) {
	o := newOffice(t)
	r := newRep(t, o.host.URL())
	usd := func(minor int64) []action.Money { return []action.Money{{Minor: minor, Currency: "usd"}} }
	r.config.Company = policy.Found{Policy: policy.Policy{Caps: policy.Caps{Payment: usd(20000), Total: usd(30000), Age: time.Hour}}}
	r.start()
	if _, err := r.SignIn(app.Credentials{Username: "demo@fieldpay.com", Password: "demo123"}); err != nil {
		t.Fatal(err)
	}
	if err := r.RefreshReference(); err != nil {
		t.Fatal(err)
	}
	r.offline(true)
	pay := func(amount string) map[string]string {
		t.Helper()
		_, err := r.SavePayment(app.PaymentForm{InvoiceID: "inv-002", Amount: amount, Method: "cash", Locale: "en-US"})
		return action.FieldsOf(err)
	}
	t.Run("one payment stays under its cap, and the field says why", func(t *testing.T) {
		if got := pay("200.01")["amount"]; !strings.Contains(got, "at once") {
			t.Errorf("got %q", got)
		}
		p, err := r.PreviewPayment(app.PaymentForm{InvoiceID: "inv-002", Amount: "200.01", Method: "cash", Locale: "en-US"})
		if err != nil || p.Fields["amount"] == "" {
			t.Errorf("the preview: %+v, %v", p, err)
		}
		if got := pay("200"); len(got) != 0 {
			t.Errorf("up to the cap: %v", got)
		}
	})
	t.Run("all unsent money stays under its own", func(t *testing.T) {
		if got := pay("100.01")["amount"]; !strings.Contains(got, "in all") {
			t.Errorf("got %q", got)
		}
		_, err := r.SaveCollect(app.CollectForm{InvoiceID: "inv-002", Amount: "150", Method: "payment_link", Locale: "en-US"})
		if got := action.FieldsOf(err)["amount"]; !strings.Contains(got, "in all") {
			t.Errorf("a request: %v", err)
		}
	})
	t.Run("with a connection there is none", func(t *testing.T) {
		r.online()
		if got := pay("500"); len(got) != 0 {
			t.Errorf("got %v", got)
		}
	})
}

func TestBridge_ContactAndVoid(t *testing.T) {
	o := newOffice(t)
	r := signedIn(t, o)
	r.offline(true)
	form := app.ContactForm{ActionID: action.NewID(), AccountID: "acc-003", FirstName: "Ivy", LastName: "Novak", Email: "ivy@example.com"}
	t.Run("a contact needs a name", func(t *testing.T) {
		if _, err := r.SaveContact(app.ContactForm{AccountID: "acc-003"}); action.FieldsOf(err)["lastName"] == "" {
			t.Errorf("got %v", err)
		}
	})
	contact, err := r.SaveContact(form)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("one made offline is used by the next form, which goes after it", func(t *testing.T) {
		detail, err := r.Account("acc-003")
		if err != nil {
			t.Fatal(err)
		}
		last := detail.Contacts[len(detail.Contacts)-1]
		if last.ID != contact.RecordID || last.LastName != "Novak" || last.ActionState != "pending" {
			t.Errorf("got %+v", detail.Contacts)
		}
		visit, err := r.SaveVisit(app.VisitForm{AccountID: "acc-003", ContactID: contact.RecordID, Note: "Met", Outcome: "met"})
		if err != nil {
			t.Fatal(err)
		}
		r.online()
		r.applied(contact.ActionID)
		r.applied(visit.ActionID)
	})
	t.Run("an invoice is voided for a reason", func(t *testing.T) {
		if _, err := r.VoidInvoice(app.InvoiceVoid{InvoiceID: "inv-003"}); action.FieldsOf(err)["reason"] == "" {
			t.Errorf("without one: %v", err)
		}
		saved, err := r.VoidInvoice(app.InvoiceVoid{InvoiceID: "inv-003", Reason: "Written twice"})
		if err != nil {
			t.Fatal(err)
		}
		r.applied(saved.ActionID)
		if _, err := r.Receipt(saved.ActionID); action.CodeOf(err) != action.NotPossible {
			t.Errorf("a receipt of that: %v", err)
		}
	})
}

func TestBridge_Receipt(t *testing.T) {
	o := newOffice(t)
	r := signedIn(t, o)
	r.offline(true)
	invoice, err := r.SaveInvoice(app.InvoiceForm{
		AccountID: "acc-001", Currency: "usd", Locale: "en-US",
		Lines: []app.LineForm{{Description: "Pump", Quantity: "2", UnitPrice: "10", TaxRate: "10"}, {Description: "Hose", Quantity: "1", UnitPrice: "5"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	paper, err := r.Receipt(invoice.ActionID)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("it says what the journal says, provisional at first", func(t *testing.T) {
		if paper.Standing != "provisional" || paper.Sequence != invoice.Sequence || paper.Hash != invoice.Hash || paper.Amount != 2700 ||
			paper.Net != 2500 || len(paper.Taxes) != 1 || len(paper.Lines) != 2 || paper.Lines[0].Net != 2000 || paper.Actor != "Jordan Rivera" {
			t.Errorf("got %+v", paper)
		}
	})
	page := app.ReceiptPage{ActionID: invoice.ActionID, Title: "Receipt", Sums: []app.ReceiptRow{{Name: "Total", Value: "27.00"}}}
	t.Run("a browser keeps the PDF by itself", func(t *testing.T) {
		file, err := r.SaveReceipt(page)
		if err != nil || file.Name != "receipt-1.pdf" || file.Path != "" {
			t.Fatalf("got %+v, %v", file, err)
		}
		if pdf, err := base64.StdEncoding.DecodeString(file.Content); err != nil || !strings.HasPrefix(string(pdf), "%PDF") {
			t.Errorf("%d bytes, %v", len(pdf), err)
		}
	})
	t.Run("a window puts it into a folder and overwrites nothing", func(t *testing.T) {
		r.close()
		r.downloads = t.TempDir()
		r.start()
		for _, want := range []string{"receipt-1.pdf", "receipt-1 (2).pdf"} {
			file, err := r.SaveReceipt(page)
			if err != nil || file.Path != filepath.Join(r.downloads, want) || file.Content != "" {
				t.Errorf("got %+v, %v", file, err)
			}
			if _, err := os.Stat(file.Path); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("it is final when it took effect", func(t *testing.T) {
		r.online()
		r.applied(invoice.ActionID)
		if got, err := r.Receipt(invoice.ActionID); err != nil || got.Standing != "final" || got.ServerID == "" || got.ConfirmedAt == "" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestBridge_Conflict(t *testing.T) {
	o := newOffice(t)
	r, other := signedIn(t, o), signedIn(t, o)
	r.offline(true)
	mine, err := r.UpdateInvoice(app.InvoiceChange{InvoiceID: "inv-002", Description: "Mine", DueDate: "2027-01-31", Changed: []string{"description", "dueDate"}})
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := other.UpdateInvoice(app.InvoiceChange{InvoiceID: "inv-002", Description: "Theirs", Changed: []string{"description"}})
	if err != nil {
		t.Fatal(err)
	}
	other.applied(theirs.ActionID)
	r.online()
	r.until("it needs a person", func(s app.StatusDTO) bool { return s.NeedsYou == 1 })
	t.Run("both stand side by side", func(t *testing.T) {
		c, err := r.Conflict(mine.ActionID)
		if err != nil || !c.CanKeep || len(c.Fields) != 2 || c.Fields[0] != (app.ConflictField{Name: "description", Mine: "Mine", Theirs: "Theirs", Known: true}) {
			t.Errorf("got %+v, %v", c, err)
		}
	})
	t.Run("a person who has seen both keeps mine", func(t *testing.T) {
		again, err := r.KeepMine(mine.ActionID)
		if err != nil {
			t.Fatal(err)
		}
		r.applied(again.ActionID)
		r.until("the office has it", func(app.StatusDTO) bool { return r.invoice("inv-002").Description == "Mine" })
	})
}

func TestBridge_Prices(t *testing.T) {
	o := newOffice(t)
	r := signedIn(t, o)
	r.offline(true)
	list, err := r.Prices("USD")
	if err != nil || len(list.Items) == 0 || list.AsOf == "" || list.Items[0].Name == "" || list.Items[0].UnitPrice <= 0 {
		t.Fatalf("got %+v, %v", list, err)
	}
	if none, err := r.Prices("xxx"); err != nil || len(none.Items) != 0 {
		t.Errorf("an unknown currency: %+v, %v", none, err)
	}
}
