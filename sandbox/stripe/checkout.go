package stripe

import (
	"net/url"
	"slices"
	"strconv"
	"time"
)

const (
	sessionOpen     = "open"
	sessionComplete = "complete"
	sessionExpired  = "expired"

	// How long a checkout may be open.
	// https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at
	minSession = 30 * time.Minute
	maxSession = 24 * time.Hour

	maxLines    = 20
	maxQuantity = 999_999
)

// sale is what a checkout is over, and what its payment intent will carry.
type sale struct {
	Title       string            `json:"title"`
	Amount      int64             `json:"amount"`
	Currency    string            `json:"currency"`
	Metadata    map[string]string `json:"metadata"`
	FutureUsage *string           `json:"future_usage"`
}

// checkoutRow is a stored checkout.
type checkoutRow struct {
	Session CheckoutSession `json:"session"`
	Sale    sale            `json:"sale"`
}

// open reports whether the checkout can be paid.
func (s CheckoutSession) open(now time.Time) bool {
	return s.Status == sessionOpen && now.Unix() < s.ExpiresAt
}

// sale reads the line items and the data of the payment intent.
func (r *request) sale() (sale, *apiError) {
	var sold sale
	items := r.under("line_items")
	for i := range maxLines {
		item := items.under(strconv.Itoa(i))
		if len(item.values) == 0 {
			break
		}
		one, failed := r.priceOf(item)
		if failed != nil {
			return sold, failed
		}
		quantity, failed := item.integer("quantity", 0)
		if failed != nil {
			return sold, failed
		}
		if quantity < 1 || quantity > maxQuantity {
			return sold, invalid("parameter_invalid_integer", "line_items["+strconv.Itoa(i)+"][quantity]", "This value must be between 1 and %d.", maxQuantity)
		}
		if i > 0 && one.Price.Currency != sold.Currency {
			return sold, invalid("", "line_items", "All line items must have the same currency.")
		}
		if i == 0 {
			sold.Title, sold.Currency = one.Title, one.Price.Currency
		}
		sold.Amount += one.Price.UnitAmount * quantity
	}
	if sold.Currency == "" {
		return sold, invalid("parameter_missing", "line_items", "Missing required param: line_items.")
	}
	if failed := checkAmount(sold.Amount, sold.Currency); failed != nil {
		return sold, failed
	}
	data := r.under("payment_intent_data")
	sold.FutureUsage = optional(data.text("setup_future_usage"))
	var failed *apiError
	sold.Metadata, failed = data.metadata(nil)
	return sold, failed
}

func (r *request) priceOf(item params) (priceRow, *apiError) {
	id := item.text("price")
	if id == "" {
		inline := *r
		inline.params = item.under("price_data")
		return inline.newPrice()
	}
	one, ok := r.prices.get(id)
	if !ok {
		return one, missing("price", "line_items[0][price]", id)
	}
	return one, nil
}

func (r *request) newCheckout(sold sale) checkoutRow {
	return checkoutRow{Sale: sold, Session: CheckoutSession{ID: newID("cs_test_"), Object: "checkout.session", AmountSubtotal: sold.Amount,
		AmountTotal: sold.Amount, Created: r.now.Unix(), Currency: sold.Currency, ExpiresAt: r.now.Add(maxSession).Unix(), Mode: "payment",
		PaymentStatus: "unpaid", Status: sessionOpen}}
}

func createCheckout(r *request) (any, *apiError) {
	if failed := r.allow("mode", "line_items", "payment_method_types", "payment_intent_data", "success_url", "cancel_url", "expires_at",
		"client_reference_id", "customer", "metadata"); failed != nil {
		return nil, failed
	}
	if r.text("mode") != "payment" {
		return nil, invalid("", "mode", "Invalid mode: the sandbox only knows payment")
	}
	sold, failed := r.sale()
	if failed != nil {
		return nil, failed
	}
	c := r.newCheckout(sold)
	s := &c.Session
	if s.ExpiresAt, failed = r.integer("expires_at", s.ExpiresAt); failed != nil {
		return nil, failed
	}
	if life := time.Unix(s.ExpiresAt, 0).Sub(r.now); life < minSession-time.Second || life > maxSession {
		return nil, invalid("", "expires_at", "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.")
	}
	for name, to := range map[string]**string{"success_url": &s.SuccessURL, "cancel_url": &s.CancelURL} {
		if *to = optional(r.text(name)); *to != nil && !isWeb(**to) {
			return nil, invalid("url_invalid", name, "Not a valid URL")
		}
	}
	if s.SuccessURL == nil {
		return nil, invalid("parameter_missing", "success_url", "Missing required param: success_url.")
	}
	if s.Customer = optional(r.text("customer")); s.Customer != nil {
		if _, ok := r.customers.get(*s.Customer); !ok {
			return nil, missing(noCustomer, "customer", *s.Customer)
		}
	}
	if s.Metadata, failed = r.metadata(nil); failed != nil {
		return nil, failed
	}
	s.ClientReferenceID, s.PaymentMethodTypes = optional(r.text("client_reference_id")), r.list("payment_method_types")
	s.URL = optional(r.origin + pagePath + s.ID)
	put(r.tx, r.checkouts, s.ID, c)
	return *s, nil
}

func isWeb(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && slices.Contains([]string{"http", "https"}, u.Scheme)
}

func getCheckout(r *request) (any, *apiError) {
	c, failed := r.checkout(r.id)
	if failed != nil {
		return nil, failed
	}
	return c.Session, nil
}

// checkout finds a checkout; one whose time is over expires when somebody looks.
func (r *request) checkout(id string) (checkoutRow, *apiError) {
	c, ok := r.checkouts.get(id)
	if !ok {
		return c, missing("checkout.session", "id", id)
	}
	if c.Session.Status != sessionOpen || c.Session.open(r.now) {
		return c, nil
	}
	c.Session.Status, c.Session.URL = sessionExpired, nil
	put(r.tx, r.checkouts, id, c)
	return c, r.emit("checkout.session.expired", c.Session)
}

// payCheckout tries a test card. The intent is made by the first attempt and stays through declines.
func (r *request) payCheckout(c checkoutRow) *apiError {
	p, ok := r.intents.get(deref(c.Session.PaymentIntent))
	if !ok {
		p = PaymentIntent{ID: newID("pi_"), Object: "payment_intent", Amount: c.Sale.Amount, CaptureMethod: "automatic", ConfirmationMethod: "automatic",
			Created: r.now.Unix(), Currency: c.Sale.Currency, Customer: c.Session.Customer, Metadata: c.Sale.Metadata, SetupFutureUsage: c.Sale.FutureUsage,
			PaymentMethodTypes: []string{"card"}, Status: statusNeedsMethod}
		p.ClientSecret = p.ID + "_secret_" + newID("")
		c.Session.PaymentIntent = &p.ID
		put(r.tx, r.intents, p.ID, p)
		put(r.tx, r.checkouts, c.Session.ID, c)
		if failed := r.emit("payment_intent.created", p); failed != nil {
			return failed
		}
	}
	if failed := r.takeMethod(&p); failed != nil {
		return failed
	}
	_, failed := r.confirm(p)
	return failed
}

// complete closes the checkout whose payment has gone through, if the intent is of one.
func (r *request) complete(p PaymentIntent) *apiError {
	for _, c := range r.checkouts.newest(func(c checkoutRow) bool { return deref(c.Session.PaymentIntent) == p.ID }) {
		c.Session.Status, c.Session.PaymentStatus, c.Session.URL = sessionComplete, "paid", nil
		put(r.tx, r.checkouts, c.Session.ID, c)
		if failed := r.emit("checkout.session.completed", c.Session); failed != nil {
			return failed
		}
		if c.Session.PaymentLink != nil {
			return r.countCompleted(*c.Session.PaymentLink)
		}
	}
	return nil
}
