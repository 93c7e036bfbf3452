package stripe

import (
	"net/http"
	"strings"
)

const noCustomer = "customer"

func createCustomer(r *request) (any, *apiError) {
	if failed := r.allow("email", "name", "phone", "description", "metadata", "payment_method", "invoice_settings"); failed != nil {
		return nil, failed
	}
	c := Customer{ID: newID("cus_"), Object: "customer", Created: r.now.Unix()}
	if failed := r.fillCustomer(&c); failed != nil {
		return nil, failed
	}
	if id := r.text("payment_method"); id != "" {
		if _, failed := r.attach(id, c.ID, "payment_method"); failed != nil {
			return nil, failed
		}
	}
	put(r.tx, r.customers, c.ID, c)
	return c, r.emit("customer.created", c)
}

func updateCustomer(r *request) (any, *apiError) {
	if failed := r.allow("email", "name", "phone", "description", "metadata", "invoice_settings"); failed != nil {
		return nil, failed
	}
	c, ok := r.customers.get(r.id)
	if !ok {
		return nil, missing(noCustomer, "id", r.id)
	}
	if failed := r.fillCustomer(&c); failed != nil {
		return nil, failed
	}
	put(r.tx, r.customers, c.ID, c)
	return c, r.emit("customer.updated", c)
}

func (r *request) fillCustomer(c *Customer) *apiError {
	for name, to := range map[string]**string{"email": &c.Email, "name": &c.Name, "phone": &c.Phone, "description": &c.Description,
		"invoice_settings[default_payment_method]": &c.InvoiceSettings.DefaultPaymentMethod} {
		if r.has(name) {
			*to = optional(r.text(name))
		}
	}
	var failed *apiError
	c.Metadata, failed = r.metadata(c.Metadata)
	return failed
}

func getCustomer(r *request) (any, *apiError) {
	c, ok := r.customers.get(r.id)
	if !ok {
		return nil, missing(noCustomer, "id", r.id)
	}
	return c, nil
}

func deleteCustomer(r *request) (any, *apiError) {
	c, ok := r.customers.get(r.id)
	if !ok {
		return nil, missing(noCustomer, "id", r.id)
	}
	for _, m := range r.methods.newest(func(m PaymentMethod) bool { return deref(m.Customer) == c.ID }) {
		m.Customer = nil
		put(r.tx, r.methods, m.ID, m)
	}
	drop(r.tx, r.customers, c.ID)
	return map[string]any{"id": c.ID, "object": "customer", "deleted": true}, r.emit("customer.deleted", c)
}

func listCustomers(r *request) (any, *apiError) {
	if failed := r.allow(listing("email")...); failed != nil {
		return nil, failed
	}
	email := r.text("email")
	return list(r, "/v1/customers", r.customers, func(c Customer) (string, int64) { return c.ID, c.Created },
		func(c Customer) bool { return email == "" || deref(c.Email) == email })
}

// searchResult is Stripe's answer to a search.
type searchResult struct {
	Object   string     `json:"object"`
	URL      string     `json:"url"`
	HasMore  bool       `json:"has_more"`
	NextPage *string    `json:"next_page"`
	Data     []Customer `json:"data"`
}

// searchCustomers knows one form of query: metadata['name']:'value'. What was just made is found at once.
func searchCustomers(r *request) (any, *apiError) {
	if failed := r.allow("query", "limit", "page"); failed != nil {
		return nil, failed
	}
	limit, failed := r.integer("limit", defaultPage)
	if failed != nil {
		return nil, failed
	}
	if limit < 1 || limit > maxPage {
		return nil, invalid("parameter_invalid_integer", "limit", "This value must be between 1 and %d.", maxPage)
	}
	name, value, ok := strings.Cut(strings.TrimSpace(r.text("query")), "']:'")
	name, named := strings.CutPrefix(name, "metadata['")
	value, closed := strings.CutSuffix(value, "'")
	if !ok || !named || !closed || strings.ContainsAny(name+value, "'\\") {
		return nil, invalid("", "query", "We were unable to parse your search query. The sandbox only knows metadata['name']:'value'.")
	}
	found := r.customers.newest(func(c Customer) bool { v, ok := c.Metadata[name]; return ok && v == value })
	return searchResult{Object: "search_result", URL: "/v1/customers/search", HasMore: len(found) > int(limit), Data: found[:min(len(found), int(limit))]}, nil
}

func createMethod(r *request) (any, *apiError) {
	if failed := r.allow("type", "card", "billing_details", "metadata"); failed != nil {
		return nil, failed
	}
	if r.text("type") != "card" {
		return nil, invalid("", "type", "Invalid type: must be card")
	}
	if r.has("card[number]") {
		e := invalid("", "", "Sending credit card numbers directly to the Stripe API is generally unsafe. To continue processing use Stripe.js, the Stripe mobile bindings, or Stripe Elements.")
		e.status = http.StatusPaymentRequired
		return nil, e
	}
	card, ok := cardNamed(r.text("card[token]"))
	if !ok {
		return nil, missing("token", "card[token]", r.text("card[token]"))
	}
	m, failed := r.newMethod(card)
	if failed != nil {
		return nil, failed
	}
	put(r.tx, r.methods, m.ID, m)
	return m, nil
}

func (r *request) newMethod(card testCard) (PaymentMethod, *apiError) {
	metadata, failed := r.metadata(nil)
	if failed != nil {
		return PaymentMethod{}, failed
	}
	return PaymentMethod{ID: newID("pm_"), Object: "payment_method", Created: r.now.Unix(), Type: "card", Card: card.card(r.now.Year() + 4),
		BillingDetails: map[string]any{"email": nil, "name": nil, "phone": nil, "address": nil}, Metadata: metadata}, nil
}

// method finds a payment method; the name of a test card makes a new one of it, as in Stripe's test mode.
func (r *request) method(id, param string) (PaymentMethod, *apiError) {
	if m, ok := r.methods.get(id); ok {
		return m, nil
	}
	card, ok := cardNamed(id)
	if !ok {
		return PaymentMethod{}, missing("PaymentMethod", param, id)
	}
	m := PaymentMethod{ID: newID("pm_"), Object: "payment_method", Created: r.now.Unix(), Type: "card", Card: card.card(r.now.Year() + 4),
		BillingDetails: map[string]any{"email": nil, "name": nil, "phone": nil, "address": nil}, Metadata: map[string]string{}}
	put(r.tx, r.methods, m.ID, m)
	return m, nil
}

func getMethod(r *request) (any, *apiError) {
	m, failed := r.method(r.id, "id")
	if failed != nil {
		return nil, failed
	}
	return m, nil
}

func attachMethod(r *request) (any, *apiError) {
	if failed := r.allow("customer"); failed != nil {
		return nil, failed
	}
	customer := r.text("customer")
	if customer == "" {
		return nil, invalid("parameter_missing", "customer", "Missing required param: customer.")
	}
	if _, ok := r.customers.get(customer); !ok {
		return nil, missing(noCustomer, "customer", customer)
	}
	m, failed := r.attach(r.id, customer, "id")
	if failed != nil {
		return nil, failed
	}
	return m, r.emit("payment_method.attached", m)
}

// attach saves a card to a customer, which the bank of some cards refuses.
func (r *request) attach(id, customer, param string) (PaymentMethod, *apiError) {
	m, failed := r.method(id, param)
	if failed != nil {
		return m, failed
	}
	if m.Customer != nil && *m.Customer != customer {
		return m, refuse("payment_method_unexpected_state", param, "The payment method you provided has already been attached to a customer.")
	}
	if card := cardOf(m); card.refusesAttach {
		return m, &apiError{status: http.StatusPaymentRequired, kind: "card_error", code: card.code, declineCode: card.decline,
			message: card.message, executed: true}
	}
	m.Customer = &customer
	put(r.tx, r.methods, m.ID, m)
	return m, nil
}

func detachMethod(r *request) (any, *apiError) {
	m, ok := r.methods.get(r.id)
	if !ok {
		return nil, missing("PaymentMethod", "id", r.id)
	}
	if m.Customer == nil {
		return nil, refuse("payment_method_unexpected_state", "", "The payment method you provided is not attached to a customer so detachment is impossible.")
	}
	m.Customer = nil
	put(r.tx, r.methods, m.ID, m)
	return m, r.emit("payment_method.detached", m)
}

func listMethods(r *request) (any, *apiError) {
	if failed := r.allow(listing("customer", "type")...); failed != nil {
		return nil, failed
	}
	return r.methodsOf(r.text("customer"), "/v1/payment_methods")
}

func listCustomerMethods(r *request) (any, *apiError) {
	if failed := r.allow(listing("type")...); failed != nil {
		return nil, failed
	}
	if _, ok := r.customers.get(r.id); !ok {
		return nil, missing(noCustomer, "id", r.id)
	}
	return r.methodsOf(r.id, "/v1/customers/"+r.id+"/payment_methods")
}

func (r *request) methodsOf(customer, url string) (any, *apiError) {
	kind := r.text("type")
	return list(r, url, r.methods, func(m PaymentMethod) (string, int64) { return m.ID, m.Created },
		func(m PaymentMethod) bool {
			return m.Customer != nil && (customer == "" || *m.Customer == customer) && (kind == "" || m.Type == kind)
		})
}
