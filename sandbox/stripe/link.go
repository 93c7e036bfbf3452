package stripe

import "strings"

// priceRow is a stored price and the name of what it is for.
type priceRow struct {
	Price Price  `json:"price"`
	Title string `json:"title"`
}

// linkRow is a stored payment link and what its checkouts are over.
type linkRow struct {
	Link PaymentLink `json:"link"`
	Sale sale        `json:"sale"`
}

func createPrice(r *request) (any, *apiError) {
	if failed := r.allow("currency", "unit_amount", "product_data", "nickname", "metadata"); failed != nil {
		return nil, failed
	}
	one, failed := r.newPrice()
	if failed != nil {
		return nil, failed
	}
	if one.Price.Metadata, failed = r.metadata(nil); failed != nil {
		return nil, failed
	}
	put(r.tx, r.prices, one.Price.ID, one)
	return one.Price, r.emit("price.created", one.Price)
}

// newPrice reads a price, be it one to keep or one of a single checkout.
func (r *request) newPrice() (priceRow, *apiError) {
	one := priceRow{Title: r.text("product_data[name]"), Price: Price{ID: newID("price_"), Object: "price", Active: true,
		BillingScheme: "per_unit", Created: r.now.Unix(), Currency: strings.ToLower(r.text("currency")), Metadata: map[string]string{},
		Product: newID("prod_"), Type: "one_time"}}
	if one.Title == "" {
		return one, invalid("parameter_missing", "product_data[name]", "Missing required param: product_data[name].")
	}
	if failed := checkCurrency(one.Price.Currency); failed != nil {
		return one, failed
	}
	if !r.has("unit_amount") {
		return one, invalid("parameter_missing", "unit_amount", "Missing required param: unit_amount.")
	}
	var failed *apiError
	one.Price.UnitAmount, failed = r.integer("unit_amount", 0)
	if failed == nil && (one.Price.UnitAmount < 0 || one.Price.UnitAmount > maxAmount) {
		failed = invalid("parameter_invalid_integer", "unit_amount", "This value must be between 0 and %d.", maxAmount)
	}
	return one, failed
}

func getPrice(r *request) (any, *apiError) {
	one, ok := r.prices.get(r.id)
	if !ok {
		return nil, missing("price", "id", r.id)
	}
	return one.Price, nil
}

func createLink(r *request) (any, *apiError) {
	if failed := r.allow("line_items", "payment_method_types", "payment_intent_data", "restrictions", "metadata"); failed != nil {
		return nil, failed
	}
	sold, failed := r.sale()
	if failed != nil {
		return nil, failed
	}
	l := PaymentLink{ID: newID("plink_"), Object: "payment_link", Active: true, Currency: sold.Currency, PaymentMethodTypes: r.list("payment_method_types")}
	if l.Metadata, failed = r.metadata(nil); failed != nil {
		return nil, failed
	}
	if r.has("restrictions[completed_sessions][limit]") {
		limit, failed := r.integer("restrictions[completed_sessions][limit]", 0)
		if failed != nil {
			return nil, failed
		}
		if limit < 1 {
			return nil, invalid("parameter_invalid_integer", "restrictions[completed_sessions][limit]", "This value must be greater than or equal to 1.")
		}
		l.Restrictions = &restrictions{CompletedSessions: completedSessions{Limit: limit}}
	}
	l.URL = r.origin + pagePath + l.ID
	put(r.tx, r.links, l.ID, linkRow{Link: l, Sale: sold})
	return l, r.emit("payment_link.created", l)
}

func getLink(r *request) (any, *apiError) {
	l, ok := r.links.get(r.id)
	if !ok {
		return nil, missing("payment_link", "id", r.id)
	}
	return l.Link, nil
}

// visit returns the open checkout of a link, which begins one for whoever comes; none once the link is used up.
func (r *request) visit(l linkRow) (checkoutRow, bool) {
	if !l.Link.Active {
		return checkoutRow{}, false
	}
	for _, c := range r.checkouts.newest(func(c checkoutRow) bool { return deref(c.Session.PaymentLink) == l.Link.ID }) {
		if c.Session.open(r.now) {
			return c, true
		}
	}
	c := r.newCheckout(l.Sale)
	c.Session.PaymentLink, c.Session.Metadata, c.Session.PaymentMethodTypes = &l.Link.ID, l.Link.Metadata, l.Link.PaymentMethodTypes
	c.Session.URL = optional(l.Link.URL)
	put(r.tx, r.checkouts, c.Session.ID, c)
	return c, true
}

// countCompleted closes a link that was paid as often as it may be.
func (r *request) countCompleted(id string) *apiError {
	l, ok := r.links.get(id)
	if !ok || l.Link.Restrictions == nil {
		return nil
	}
	limits := *l.Link.Restrictions // what is stored is replaced, never changed in place
	limits.CompletedSessions.Count++
	l.Link.Restrictions = &limits
	l.Link.Active = limits.CompletedSessions.Count < limits.CompletedSessions.Limit
	put(r.tx, r.links, id, l)
	return r.emit("payment_link.updated", l.Link)
}
