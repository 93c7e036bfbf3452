package stripe

import (
	"cmp"
	"net/http"
	"strings"
	"time"
)

// settle files what came of a delivery attempt and reports whether the delivery still matters: a reset forgets it,
// and the end of its endpoint ends its retries.
func (s *Server) settle(d delivery) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.store.deliveries.get(d.ID); !ok {
		return false
	}
	_, wanted := s.store.endpoints.get(d.Endpoint)
	if !wanted && d.State == pending {
		d.State = givenUp
	}
	x := s.store.begin()
	put(x, x.deliveries, d.ID, d)
	if e, ok := x.events.get(d.Event); ok && d.State != pending {
		e.PendingWebhooks = 0
		for endpoint := range x.endpoints.rows {
			if o, ok := x.deliveries.get(e.ID + ":" + endpoint); ok && o.State == pending {
				e.PendingWebhooks++
			}
		}
		put(x, x.events, e.ID, e)
	}
	if failed := s.commit(x); failed != nil {
		s.opts.Logger.Error().Str("event", d.Event).Msg("stripe sandbox: a delivery could not be filed")
	}
	return wanted
}

// State implements control.Provider. Secrets are left out.
func (s *Server) State() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.store
	objects := map[string]any{
		"customers": all(st.customers), "payment_methods": all(st.methods), "charges": all(st.charges),
		"refunds": all(st.refunds), "events": all(st.events),
	}
	intents := all(st.intents)
	for i := range intents {
		intents[i].ClientSecret = ""
	}
	endpoints := all(st.endpoints)
	for i := range endpoints {
		endpoints[i].Secret = ""
	}
	objects["payment_intents"], objects["webhook_endpoints"] = intents, endpoints
	objects["payment_links"], objects["checkout_sessions"] = all(st.links), all(st.checkouts)
	counts := map[string]int{
		"customers": len(st.customers.rows), "payment_methods": len(st.methods.rows), "payment_intents": len(intents),
		"charges": len(st.charges.rows), "refunds": len(st.refunds.rows), "events": len(st.events.rows),
		"webhook_endpoints": len(endpoints), "idempotency_keys": len(st.replies.rows),
		"prices": len(st.prices.rows), "payment_links": len(st.links.rows), "checkout_sessions": len(st.checkouts.rows),
	}
	return map[string]any{"service": "stripe", "counts": counts, "objects": objects, "effects": effects(st), "webhooks": webhooks(st)}
}

func all[T any](s *shelf[T]) []T { return s.newest(func(T) bool { return true }) }

// effects sums up what was done with money.
func effects(st *store) map[string]any {
	received, refunded, byStatus := map[string]int64{}, map[string]int64{}, map[string]int{}
	succeeded, failed := 0, 0
	for _, r := range st.charges.rows {
		c := r.Value
		if c.Status != "succeeded" {
			failed++
			continue
		}
		succeeded++
		received[c.Currency] += c.AmountCaptured
	}
	for _, r := range st.refunds.rows {
		refunded[r.Value.Currency] += r.Value.Amount
	}
	for _, r := range st.intents.rows {
		byStatus[r.Value.Status]++
	}
	return map[string]any{"chargesSucceeded": succeeded, "chargesFailed": failed, "received": received, "refunded": refunded, "paymentIntents": byStatus}
}

// webhooks lists the deliveries, youngest first.
func webhooks(st *store) map[string]any {
	attempts, byState := 0, map[string]int{}
	log := []any{}
	for _, d := range all(st.deliveries) {
		attempts += d.Attempts
		byState[d.State]++
		log = append(log, map[string]any{"event": d.Event, "type": d.Type, "endpoint": d.Endpoint, "url": d.URL,
			"state": d.State, "attempts": d.Attempts, "lastStatus": d.LastCode})
	}
	return map[string]any{"attempts": attempts, "states": byState, "deliveries": log}
}

// Reset implements control.Provider: back to the seeds. The endpoint of the options stays registered.
func (s *Server) Reset() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := newStore()
	x := fresh.begin()
	seed(x, time.Now())
	s.configureWebhook(x)
	values, err := x.changes()
	if err != nil {
		return err
	}
	if err := s.log.Rewrite(values); err != nil {
		return err
	}
	s.store = fresh
	return nil
}

// ErrorReply implements control.Provider.
func (s *Server) ErrorReply(status int, code, message string) []byte {
	_, raw := encodeError(injected(status, code, message))
	return raw
}

func injected(status int, code, message string) *apiError {
	e := &apiError{status: status, kind: "api_error", code: code, message: cmp.Or(message, "Injected by the sandbox.")}
	switch {
	case status == http.StatusPaymentRequired:
		e.kind = "card_error"
	case code == "idempotency_key_in_use":
		e.kind = "idempotency_error"
	case status < 500:
		e.kind = "invalid_request_error"
	}
	if status == http.StatusTooManyRequests && code == "" {
		e.code = "rate_limit"
	}
	return e
}

// Route implements control.Provider.
func (s *Server) Route(r *http.Request) string {
	if _, pattern := s.mux.Handler(r); pattern != "" && pattern != "/" {
		return pattern
	}
	return r.Method + " (unknown)"
}

// Objects implements control.Provider: the resource that the URL names.
func (s *Server) Objects(r *http.Request, _ []byte) []string {
	rest, ok := strings.CutPrefix(r.URL.Path, "/v1/")
	if !ok {
		return nil
	}
	resource, _, _ := strings.Cut(rest, "/")
	return []string{resource}
}
