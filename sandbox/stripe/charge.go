package stripe

func getCharge(r *request) (any, *apiError) {
	c, ok := r.charges.get(r.id)
	if !ok {
		return nil, missing("charge", "id", r.id)
	}
	return c, nil
}

func listCharges(r *request) (any, *apiError) {
	if failed := r.allow(listing("customer", "payment_intent")...); failed != nil {
		return nil, failed
	}
	customer, intent := r.text("customer"), r.text("payment_intent")
	return list(r, "/v1/charges", r.charges, func(c Charge) (string, int64) { return c.ID, c.Created }, func(c Charge) bool {
		return (customer == "" || deref(c.Customer) == customer) && (intent == "" || deref(c.PaymentIntent) == intent)
	})
}

func createRefund(r *request) (any, *apiError) {
	if failed := r.allow("charge", "payment_intent", "amount", "reason", "metadata"); failed != nil {
		return nil, failed
	}
	c, failed := r.chargeToRefund()
	if failed != nil {
		return nil, failed
	}
	left := c.AmountCaptured - c.AmountRefunded
	if left <= 0 {
		return nil, refuse("charge_already_refunded", "", "Charge %s has already been refunded.", c.ID)
	}
	amount, failed := r.integer("amount", left)
	if failed != nil {
		return nil, failed
	}
	if amount < 1 || amount > left {
		return nil, refuse("", "amount", "Refund amount (%s) is greater than unrefunded amount on charge (%s)", show(amount, c.Currency), show(left, c.Currency))
	}
	reason, failed := r.oneOf("reason", "", "duplicate", "fraudulent", "requested_by_customer")
	if failed != nil {
		return nil, failed
	}
	metadata, failed := r.metadata(nil)
	if failed != nil {
		return nil, failed
	}
	f := Refund{ID: newID("re_"), Object: "refund", Amount: amount, Charge: c.ID, Created: r.now.Unix(), Currency: c.Currency,
		Metadata: metadata, PaymentIntent: c.PaymentIntent, Reason: optional(reason), Status: "succeeded"}
	c.AmountRefunded += amount
	c.Refunded = c.AmountRefunded == c.AmountCaptured
	put(r.tx, r.refunds, f.ID, f)
	put(r.tx, r.charges, c.ID, c)
	return f, r.emitAll(told{"charge.refunded", c}, told{"refund.created", f})
}

func (r *request) chargeToRefund() (Charge, *apiError) {
	id := r.text("charge")
	if intent := r.text("payment_intent"); intent != "" {
		p, ok := r.intents.get(intent)
		if !ok {
			return Charge{}, missing("payment_intent", "payment_intent", intent)
		}
		id = deref(p.LatestCharge)
		if p.Status != statusSucceeded {
			return Charge{}, refuse("", "payment_intent", "This PaymentIntent (%s) does not have a successful charge to refund.", p.ID)
		}
	}
	if id == "" {
		return Charge{}, invalid("parameter_missing", "charge", "One of the following params should be provided for this request: payment_intent or charge.")
	}
	c, ok := r.charges.get(id)
	if !ok {
		return c, missing("charge", "charge", id)
	}
	if !c.Paid || !c.Captured {
		return c, refuse("charge_not_refundable", "charge", "Charge %s is not one that money was taken with.", id)
	}
	return c, nil
}

func getRefund(r *request) (any, *apiError) {
	f, ok := r.refunds.get(r.id)
	if !ok {
		return nil, missing("refund", "id", r.id)
	}
	return f, nil
}

func listRefunds(r *request) (any, *apiError) {
	if failed := r.allow(listing("charge", "payment_intent")...); failed != nil {
		return nil, failed
	}
	charge, intent := r.text("charge"), r.text("payment_intent")
	return list(r, "/v1/refunds", r.refunds, func(f Refund) (string, int64) { return f.ID, f.Created }, func(f Refund) bool {
		return (charge == "" || f.Charge == charge) && (intent == "" || deref(f.PaymentIntent) == intent)
	})
}
