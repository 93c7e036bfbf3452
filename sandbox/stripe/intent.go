package stripe

import (
	"slices"
	"strings"
)

// The states of a payment intent.
const (
	statusNeedsMethod  = "requires_payment_method"
	statusNeedsConfirm = "requires_confirmation"
	statusNeedsAction  = "requires_action"
	statusNeedsCapture = "requires_capture"
	statusCanceled     = "canceled"
	statusSucceeded    = "succeeded"
)

// confirming names the parameters of a confirmation, alone or as part of a creation.
func confirming() []string {
	return []string{"payment_method", "payment_method_data", "off_session", "error_on_requires_action", "return_url",
		"setup_future_usage", "receipt_email", "mandate_data", "use_stripe_sdk", "payment_method_options", "client_secret"}
}

// describing names the parameters that create and update share.
func describing() []string {
	return []string{"amount", "currency", "customer", "description", "metadata", "payment_method", "payment_method_types",
		"receipt_email", "setup_future_usage", "statement_descriptor", "statement_descriptor_suffix", "shipping", "payment_method_options"}
}

func createIntent(r *request) (any, *apiError) {
	if failed := r.allow(slices.Concat(describing(), confirming(), []string{"confirm", "capture_method", "confirmation_method",
		"automatic_payment_methods"})...); failed != nil {
		return nil, failed
	}
	p, failed := r.newIntent()
	if failed != nil {
		return nil, failed
	}
	confirm, failed := r.flag("confirm")
	if failed != nil {
		return nil, failed
	}
	if !confirm {
		for _, name := range []string{"off_session", "error_on_requires_action"} {
			if r.has(name) {
				return nil, invalid("", name, "%s may only be used with confirm=true", name)
			}
		}
	}
	put(r.tx, r.intents, p.ID, p)
	if failed := r.emit("payment_intent.created", p); failed != nil || !confirm {
		return p, failed
	}
	return r.confirm(p)
}

func (r *request) newIntent() (PaymentIntent, *apiError) {
	p := PaymentIntent{ID: newID("pi_"), Object: "payment_intent", ConfirmationMethod: "automatic", Created: r.now.Unix(),
		Currency: strings.ToLower(r.text("currency")), Status: statusNeedsMethod, PaymentMethodTypes: r.list("payment_method_types")}
	p.ClientSecret = p.ID + "_secret_" + newID("")
	if !r.has("amount") {
		return p, invalid("parameter_missing", "amount", "Missing required param: amount.")
	}
	var failed *apiError
	if p.CaptureMethod, failed = r.oneOf("capture_method", "automatic", "automatic", "automatic_async", "manual"); failed != nil {
		return p, failed
	}
	if p.ConfirmationMethod, failed = r.oneOf("confirmation_method", "automatic", "automatic", "manual"); failed != nil {
		return p, failed
	}
	automatic, failed := r.flag("automatic_payment_methods[enabled]")
	if failed != nil {
		return p, failed
	}
	if automatic {
		if len(p.PaymentMethodTypes) > 0 {
			return p, invalid("", "automatic_payment_methods", "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.")
		}
		redirects := r.text("automatic_payment_methods[allow_redirects]")
		p.AutomaticMethods = &automaticMethods{Enabled: true, AllowRedirects: redirects}
		if redirects == "" {
			p.AutomaticMethods.AllowRedirects = "always"
		}
	}
	if len(p.PaymentMethodTypes) == 0 {
		p.PaymentMethodTypes = []string{"card"}
	}
	return p, r.fillIntent(&p)
}

// fillIntent takes what create and update have in common.
func (r *request) fillIntent(p *PaymentIntent) *apiError {
	var failed *apiError
	if p.Amount, failed = r.integer("amount", p.Amount); failed != nil {
		return failed
	}
	if r.has("currency") {
		p.Currency = strings.ToLower(r.text("currency"))
	}
	if failed := checkCurrency(p.Currency); failed != nil {
		return failed
	}
	if failed := checkAmount(p.Amount, p.Currency); failed != nil {
		return failed
	}
	for name, to := range map[string]**string{"description": &p.Description, "receipt_email": &p.ReceiptEmail, "setup_future_usage": &p.SetupFutureUsage} {
		if r.has(name) {
			*to = optional(r.text(name))
		}
	}
	if p.Metadata, failed = r.metadata(p.Metadata); failed != nil {
		return failed
	}
	if id := r.text("customer"); id != "" {
		if _, ok := r.customers.get(id); !ok {
			return missing(noCustomer, "customer", id)
		}
		p.Customer = &id
	}
	return r.takeMethod(p)
}

// takeMethod puts the payment method of the request on the intent.
func (r *request) takeMethod(p *PaymentIntent) *apiError {
	if r.has("payment_method_data[type]") {
		card, ok := cardNamed(r.text("payment_method_data[card][token]"))
		if !ok {
			return missing("token", "payment_method_data[card][token]", r.text("payment_method_data[card][token]"))
		}
		m, failed := r.newMethod(card)
		if failed != nil {
			return failed
		}
		put(r.tx, r.methods, m.ID, m)
		return p.use(m)
	}
	id := r.text("payment_method")
	if id == "" {
		return nil
	}
	m, failed := r.method(id, "payment_method")
	if failed != nil {
		return failed
	}
	return p.use(m)
}

func (p *PaymentIntent) use(m PaymentMethod) *apiError {
	if m.Customer != nil && deref(p.Customer) != *m.Customer {
		return refuse("", "payment_method", "The payment method you provided (%s) is attached to a customer; pass that customer with this PaymentIntent.", m.ID)
	}
	p.PaymentMethod = &m.ID
	if p.Status == statusNeedsMethod {
		p.Status = statusNeedsConfirm
	}
	return nil
}

func (r *request) intent() (PaymentIntent, *apiError) {
	p, ok := r.intents.get(r.id)
	if !ok {
		return p, missing("payment_intent", "intent", r.id)
	}
	return p, nil
}

func getIntent(r *request) (any, *apiError) {
	if failed := r.allow("client_secret"); failed != nil {
		return nil, failed
	}
	p, failed := r.intent()
	if failed != nil {
		return nil, failed
	}
	return p, nil
}

func listIntents(r *request) (any, *apiError) {
	if failed := r.allow(listing("customer")...); failed != nil {
		return nil, failed
	}
	customer := r.text("customer")
	return list(r, "/v1/payment_intents", r.intents, func(p PaymentIntent) (string, int64) { return p.ID, p.Created },
		func(p PaymentIntent) bool { return customer == "" || deref(p.Customer) == customer })
}

func updateIntent(r *request) (any, *apiError) {
	if failed := r.allow(describing()...); failed != nil {
		return nil, failed
	}
	p, failed := r.intent()
	if failed != nil {
		return nil, failed
	}
	open := []string{statusNeedsMethod, statusNeedsConfirm, statusNeedsAction}
	if !slices.Contains(open, p.Status) && (r.has("amount") || r.has("currency") || r.has("payment_method") || r.has("customer")) {
		return nil, unexpectedState(p, "update", open)
	}
	if failed := r.fillIntent(&p); failed != nil {
		return nil, failed
	}
	put(r.tx, r.intents, p.ID, p)
	return p, nil
}

// unexpectedState says that an intent is past the point where an act makes sense.
func unexpectedState(p PaymentIntent, act string, allowed []string) *apiError {
	e := refuse("payment_intent_unexpected_state", "", "You cannot %s this PaymentIntent because it has a status of %s. Only a PaymentIntent with one of the following statuses may be used: %s.",
		act, p.Status, strings.Join(allowed, ", "))
	e.intent = &p
	return e
}

func cancelIntent(r *request) (any, *apiError) {
	if failed := r.allow("cancellation_reason"); failed != nil {
		return nil, failed
	}
	reason, failed := r.oneOf("cancellation_reason", "", "duplicate", "fraudulent", "requested_by_customer", "abandoned")
	if failed != nil {
		return nil, failed
	}
	p, failed := r.intent()
	if failed != nil {
		return nil, failed
	}
	allowed := []string{statusNeedsMethod, statusNeedsCapture, statusNeedsConfirm, statusNeedsAction}
	if !slices.Contains(allowed, p.Status) {
		return nil, unexpectedState(p, "cancel", allowed)
	}
	if p.Status == statusNeedsCapture {
		r.releaseCharge(p)
	}
	now := r.now.Unix()
	p.Status, p.CanceledAt, p.CancellationReason, p.AmountCapturable, p.NextAction = statusCanceled, &now, optional(reason), 0, nil
	put(r.tx, r.intents, p.ID, p)
	return p, r.emit("payment_intent.canceled", p)
}

func (r *request) releaseCharge(p PaymentIntent) {
	c, ok := r.charges.get(deref(p.LatestCharge))
	if !ok {
		return
	}
	c.Refunded, c.AmountRefunded = true, c.Amount
	put(r.tx, r.charges, c.ID, c)
}

func captureIntent(r *request) (any, *apiError) {
	if failed := r.allow("amount_to_capture", "metadata"); failed != nil {
		return nil, failed
	}
	p, failed := r.intent()
	if failed != nil {
		return nil, failed
	}
	if p.Status != statusNeedsCapture {
		return nil, unexpectedState(p, "capture", []string{statusNeedsCapture})
	}
	amount, failed := r.integer("amount_to_capture", p.AmountCapturable)
	if failed != nil {
		return nil, failed
	}
	if amount < 1 || amount > p.AmountCapturable {
		return nil, refuse("amount_too_large", "amount_to_capture", "The amount to capture must be between 1 and %d.", p.AmountCapturable)
	}
	c, _ := r.charges.get(deref(p.LatestCharge))
	c.Captured, c.AmountCaptured, c.AmountRefunded = true, amount, c.Amount-amount
	put(r.tx, r.charges, c.ID, c)
	p.Status, p.AmountReceived, p.AmountCapturable = statusSucceeded, amount, 0
	put(r.tx, r.intents, p.ID, p)
	return p, r.emitAll(told{"charge.captured", c}, told{"payment_intent.succeeded", p})
}
