package stripe

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

func confirmIntent(r *request) (any, *apiError) {
	if failed := r.allow(append(confirming(), "metadata", "capture_method", "payment_method_types")...); failed != nil {
		return nil, failed
	}
	p, failed := r.intent()
	if failed != nil {
		return nil, failed
	}
	allowed := []string{statusNeedsMethod, statusNeedsConfirm, statusNeedsAction}
	if !slices.Contains(allowed, p.Status) {
		return nil, unexpectedState(p, "confirm", allowed)
	}
	if failed := r.takeMethod(&p); failed != nil {
		return nil, failed
	}
	return r.confirm(p)
}

// confirm tries to charge the intent's card.
func (r *request) confirm(p PaymentIntent) (any, *apiError) {
	offSession := r.text("off_session") != "" && r.text("off_session") != "false"
	strict, failed := r.flag("error_on_requires_action")
	if failed != nil {
		return nil, failed
	}
	if r.has("setup_future_usage") {
		p.SetupFutureUsage = optional(r.text("setup_future_usage"))
	}
	if p.PaymentMethod == nil {
		return nil, refuse("payment_intent_unexpected_state", "", "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method.")
	}
	m, ok := r.methods.get(*p.PaymentMethod)
	if !ok {
		return nil, missing("PaymentMethod", "payment_method", *p.PaymentMethod)
	}
	card := cardOf(m)
	switch {
	case card.authenticate && (offSession || strict):
		return r.decline(p, m, testCard{code: "authentication_required", decline: "authentication_required",
			message: "Your card was declined. This transaction requires authentication."})
	case card.authenticate:
		return r.askAuthentication(p)
	case card.code != "":
		return r.decline(p, m, card)
	}
	return r.pay(p, m)
}

func (r *request) askAuthentication(p PaymentIntent) (any, *apiError) {
	p.Status, p.LastPaymentError = statusNeedsAction, nil
	p.NextAction = &nextAction{Type: "redirect_to_url", RedirectToURL: redirectURL{
		URL: fmt.Sprintf("%s/authenticate/%s?client_secret=%s", r.origin, p.ID, p.ClientSecret), ReturnURL: r.text("return_url")}}
	put(r.tx, r.intents, p.ID, p)
	return p, r.emit("payment_intent.requires_action", p)
}

// pay moves the money, or sets it aside when it is to be captured later.
func (r *request) pay(p PaymentIntent, m PaymentMethod) (any, *apiError) {
	c := r.newCharge(p, m)
	c.Outcome, c.Paid, c.Status = approved(), true, "succeeded"
	p.LatestCharge, p.LastPaymentError, p.NextAction = &c.ID, nil, nil
	if p.SetupFutureUsage != nil && p.Customer != nil && m.Customer == nil {
		m.Customer = p.Customer
		put(r.tx, r.methods, m.ID, m)
	}
	if p.CaptureMethod == "manual" {
		p.Status, p.AmountCapturable = statusNeedsCapture, p.Amount
		put(r.tx, r.charges, c.ID, c)
		put(r.tx, r.intents, p.ID, p)
		return p, r.emitAll(told{"charge.succeeded", c}, told{"payment_intent.amount_capturable_updated", p})
	}
	c.Captured, c.AmountCaptured = true, c.Amount
	p.Status, p.AmountReceived = statusSucceeded, p.Amount
	put(r.tx, r.charges, c.ID, c)
	put(r.tx, r.intents, p.ID, p)
	if failed := r.emitAll(told{"charge.succeeded", c}, told{"payment_intent.succeeded", p}); failed != nil {
		return p, failed
	}
	return p, r.complete(p)
}

// decline files the failed attempt and answers 402; the intent waits for another card.
func (r *request) decline(p PaymentIntent, m PaymentMethod, why testCard) (any, *apiError) {
	c := r.newCharge(p, m)
	c.Status, c.FailureCode, c.FailureMessage = "failed", &why.code, &why.message
	c.Outcome = outcome{NetworkStatus: "declined_by_network", Reason: optional(why.decline), Type: "issuer_declined",
		SellerMessage: "The bank did not return any further details with this decline."}
	p.LastPaymentError = &paymentError{Type: "card_error", Code: why.code, DeclineCode: why.decline, Message: why.message, Charge: c.ID, PaymentMethod: &m}
	p.Status, p.LatestCharge, p.PaymentMethod, p.NextAction = statusNeedsMethod, &c.ID, nil, nil
	put(r.tx, r.charges, c.ID, c)
	put(r.tx, r.intents, p.ID, p)
	if failed := r.emitAll(told{"charge.failed", c}, told{"payment_intent.payment_failed", p}); failed != nil {
		return nil, failed
	}
	return nil, &apiError{status: http.StatusPaymentRequired, kind: "card_error", code: why.code, declineCode: why.decline,
		message: why.message, charge: c.ID, intent: &p, method: &m, executed: true, kept: true}
}

func (r *request) newCharge(p PaymentIntent, m PaymentMethod) Charge {
	return Charge{ID: newID("ch_"), Object: "charge", Amount: p.Amount, Created: r.now.Unix(), Currency: p.Currency, Customer: p.Customer,
		Description: p.Description, Metadata: p.Metadata, PaymentIntent: &p.ID, PaymentMethod: &m.ID, Details: methodDetails{Type: "card", Card: m.Card}}
}

func approved() outcome {
	return outcome{NetworkStatus: "approved_by_network", SellerMessage: "Payment complete.", Type: "authorized"}
}

// authenticate stands for the bank's page: visiting it is the customer's consent.
func (s *Server) authenticate(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.store.begin()
	p, ok := x.intents.get(r.PathValue("id"))
	if !ok || p.Status != statusNeedsAction || r.URL.Query().Get("client_secret") != p.ClientSecret {
		http.Error(w, "There is nothing to authenticate here.", http.StatusNotFound)
		return
	}
	m, _ := x.methods.get(deref(p.PaymentMethod))
	req := &request{tx: x, now: time.Now(), reqID: newID("req_")}
	var failed *apiError
	if card := cardOf(m); card.code != "" {
		_, failed = req.decline(p, m, card)
	} else {
		_, failed = req.pay(p, m)
	}
	message := "Thank you. The payment is authenticated."
	if failed != nil {
		message = failed.message
	}
	if failed := s.commit(x); failed != nil {
		http.Error(w, failed.message, failed.status)
		return
	}
	back := r.URL.Query().Get("return_url")
	if p.NextAction != nil && back == "" {
		back = p.NextAction.RedirectToURL.ReturnURL
	}
	if back != "" {
		http.Redirect(w, r, back, http.StatusSeeOther)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(message + "\n")) // the payment is committed; the page is a courtesy
}
