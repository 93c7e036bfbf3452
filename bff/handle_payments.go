package bff

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"fieldpay/action"
	"fieldpay/api"
)

// checkoutLife is how long a customer has at a checkout. Stripe takes between
// half an hour and a day; a short one is less likely to be paid twice.
// https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at
const checkoutLife = time.Hour

// Where a checkout leads back to.
const (
	donePath      = "/pay/done"
	cancelledPath = "/pay/cancelled"
)

// ListCards implements api.Handler.
func (s *Server) ListCards(ctx context.Context, params api.ListCardsParams) ([]api.Card, error) {
	if !recordID.MatchString(params.ID) {
		return []api.Card{}, nil
	}
	if err := s.o.Rights.Account(ctx, principal(ctx).User, params.ID); err != nil {
		return nil, err
	}
	cards, err := s.o.Payments.Cards(ctx, params.ID)
	if err != nil {
		return nil, err
	}
	wire := make([]api.Card, len(cards))
	for i, c := range cards {
		wire[i] = api.Card{ID: c.ID, Brand: c.Brand, Last4: c.Last4, ExpMonth: c.ExpMonth, ExpYear: c.ExpYear}
	}
	return wire, nil
}

// CreateCheckout implements api.Handler. What is asked is stored before Stripe
// is, so that a repeat asks for the very same.
func (s *Server) CreateCheckout(ctx context.Context, req *api.CheckoutRequest, params api.CreateCheckoutParams) (*api.Checkout, error) {
	inv, err := s.reachedInvoice(ctx, req.InvoiceId)
	if err != nil {
		return nil, err
	}
	amount, currency := req.Amount, action.Currency(req.Currency)
	now := time.Now()
	asked, err := s.requests().Ask(ctx, PaymentRequest{
		ActionID: params.IdempotencyKey.String(), InvoiceID: inv.ID, Amount: amount, Currency: currency.Normal(), AskedAt: now, TriedAt: now,
	})
	switch {
	case err != nil:
		return nil, storeError(err)
	case asked.InvoiceID != inv.ID || asked.Amount != amount || asked.Currency != currency.Normal():
		return nil, &action.Error{Code: action.ContentChanged}
	case asked.ObjectID == "" && window(asked.AskedAt, now) > 0:
		return nil, &action.Error{Code: action.PaymentIncomplete, Message: "The checkout is over. Begin another"}
	case asked.ObjectID == "":
		if err := collectable(inv, amount, currency, req.Partial.Or(false)); err != nil {
			return nil, err
		}
		if err := s.openCheckout(ctx, inv, &asked, req.SaveCard.Or(false)); err != nil {
			return nil, err
		}
	}
	return s.checkout(ctx, asked)
}

func (s *Server) openCheckout(ctx context.Context, inv Invoice, asked *PaymentRequest, saveCard bool) error {
	page := PageRequest{
		Key: asked.ActionID + ":checkout", ActionID: asked.ActionID, InvoiceID: inv.ID, Title: titleOf(inv),
		Amount: asked.Amount, Currency: asked.Currency,
		DoneURL: s.o.PublicURL + donePath, CancelledURL: s.o.PublicURL + cancelledPath, ExpiresAt: asked.AskedAt.Add(checkoutLife),
	}
	if saveCard {
		customer, err := s.o.Payments.Customer(ctx, inv.AccountID)
		if err != nil {
			return err
		}
		page.CustomerID = customer
	}
	opened, err := s.o.Payments.CreateCheckout(ctx, page)
	if err != nil {
		return err
	}
	asked.ObjectID, asked.URL = opened.ID, opened.URL
	if err := s.requests().Answered(ctx, asked.ActionID, opened.ID, opened.URL); err != nil {
		return storeError(err)
	}
	return nil
}

// GetCheckout implements api.Handler.
func (s *Server) GetCheckout(ctx context.Context, params api.GetCheckoutParams) (*api.Checkout, error) {
	asked, known, err := s.requests().Request(ctx, params.ID)
	if err != nil {
		return nil, storeError(err)
	}
	if !known || asked.ObjectID == "" {
		return nil, &action.Error{Code: action.UnknownPayment}
	}
	if _, err := s.reachedInvoice(ctx, asked.InvoiceID); err != nil {
		return nil, err
	}
	return s.checkout(ctx, asked)
}

// checkout asks Stripe how far a checkout has come. One that is paid is booked
// without waiting for the event: it may be late, or lost.
func (s *Server) checkout(ctx context.Context, asked PaymentRequest) (*api.Checkout, error) {
	wire := &api.Checkout{ID: asked.ActionID, Status: api.CheckoutStatusPaid, Booked: !asked.PaidAt.IsZero()}
	if wire.Booked {
		return wire, nil
	}
	page, err := s.o.Payments.Checkout(ctx, asked.ObjectID)
	if err != nil {
		return nil, err
	}
	wire.Status = api.CheckoutStatus(page.Status)
	if page.Status == PageOpen {
		wire.URL = given(asked.URL)
	}
	if page.Status != PagePaid || page.IntentID == "" {
		return wire, nil
	}
	if err := s.webhooks.paid(ctx, page.IntentID); err != nil {
		return nil, err
	}
	booked, _, err := s.requests().Request(ctx, asked.ActionID)
	if err != nil {
		return nil, storeError(err)
	}
	wire.Booked = !booked.PaidAt.IsZero()
	return wire, nil
}

// CreatePaymentLink implements api.Handler: the direct form of collect_payment.
func (s *Server) CreatePaymentLink(ctx context.Context, req *api.PaymentIntentRequest, params api.CreatePaymentLinkParams) (*api.PaymentLink, error) {
	id := params.IdempotencyKey.String()
	err := s.direct(ctx, id, &action.CollectPayment{
		InvoiceID: req.InvoiceId, Amount: req.Amount, Currency: action.Currency(req.Currency), Partial: req.Partial.Or(false), Method: action.PaymentLink,
	})
	if err != nil {
		return nil, err
	}
	asked, _, err := s.requests().Request(ctx, id)
	if err != nil {
		return nil, storeError(err)
	}
	return &api.PaymentLink{ID: id, URL: asked.URL, Result: api.PaymentLinkResult(asked.result())}, nil
}

// CreateRefund implements api.Handler. What Stripe has given back already is
// asked for each time, so that a repeat of any age gives back nothing more.
func (s *Server) CreateRefund(ctx context.Context, req *api.RefundRequest, params api.CreateRefundParams) (*api.Refund, error) {
	if !principal(ctx).User.inOffice() {
		return nil, &action.Error{Code: action.NotAllowed, Message: "Only the office gives money back"}
	}
	inv, err := s.reachedInvoice(ctx, req.InvoiceId)
	if err != nil {
		return nil, err
	}
	if inv.IntentID == "" {
		return nil, &action.Error{Code: action.UnknownPayment, Message: "The invoice has no card payment"}
	}
	in, err := s.o.Payments.Intent(ctx, inv.IntentID)
	if err != nil {
		return nil, err
	}
	id := params.IdempotencyKey.String()
	known, err := s.o.Payments.RefundsOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	left := in.AmountReceived
	for _, r := range known {
		if r.ActionID == id {
			return sameRefund(r, req)
		}
		left -= r.Amount
	}
	if err := refundable(in, inv, req, left); err != nil {
		return nil, err
	}
	if err := s.auditRefund(ctx, id, in, req.Amount); err != nil {
		return nil, err
	}
	made, err := s.o.Payments.CreateRefund(ctx, RefundRequest{
		Key: id + ":refund", ActionID: id, IntentID: in.ID, Amount: req.Amount, Currency: in.Currency,
	})
	if err != nil {
		return nil, err
	}
	return wireRefund(made), nil
}

// refundable reports why an amount may not be given back.
func refundable(in Intent, inv Invoice, req *api.RefundRequest, left int64) error {
	switch {
	case in.InvoiceID != inv.ID:
		return mismatch("invoiceId", "is not the invoice of the payment")
	case in.Status != IntentSucceeded:
		return &action.Error{Code: action.PaymentIncomplete, Message: "Nothing was received that could be given back"}
	case action.Currency(req.Currency).Normal() != in.Currency.Normal():
		return &action.Error{Code: action.CurrencyMismatch, Fields: map[string]string{"currency": "must be " + string(in.Currency.Normal())}}
	case req.Amount <= 0, req.Amount > left:
		return &action.Error{Code: action.TotalMismatch, Message: "The amount is not what can be given back",
			Fields: map[string]string{"amount": fmt.Sprintf("must be at most %d", max(0, left))}}
	default:
		return nil
	}
}

// sameRefund answers a repeat, unless it asks for something else.
func sameRefund(r Refund, req *api.RefundRequest) (*api.Refund, error) {
	if r.Amount != req.Amount || r.Currency.Normal() != action.Currency(req.Currency).Normal() {
		return nil, &action.Error{Code: action.ContentChanged}
	}
	return wireRefund(r), nil
}

func wireRefund(r Refund) *api.Refund {
	return &api.Refund{ID: r.ID, Amount: r.Amount, Currency: string(r.Currency.Normal()), Status: r.Status}
}

// inOffice reports whether a person decides for the company: gives money back,
// takes what a revoked device left behind.
func (u User) inOffice() bool { return u.Role == RoleOffice || u.Role == RoleAdmin }

// auditRefund says who gives back what, before it is done.
func (s *Server) auditRefund(ctx context.Context, id string, in Intent, amount int64) error {
	log := s.o.Processor.o.Audit
	if log == nil {
		return nil
	}
	err := log.AddAudit(ctx, AuditRow{
		At: time.Now(), Event: "payment.refund", Actor: principal(ctx).User.ID, RequestID: requestIDOf(ctx), Subject: id,
		Detail: map[string]string{"intent": in.ID, "amount": strconv.FormatInt(amount, 10), "currency": string(in.Currency.Normal())},
	})
	if err != nil {
		return storeError(err)
	}
	return nil
}

func (s *Server) requests() PaymentRequests { return s.o.Processor.o.Requests }

// payPages serves where a checkout leads back to. The pages say nothing of the
// payment: whoever has the address may read them.
func (s *Server) payPages(next http.Handler) http.Handler {
	pages := map[string]string{
		donePath:      "<h1>Thank you</h1><p>You can close this page and go back to FieldPay. The payment shows there once it is confirmed.</p>",
		cancelledPath: "<h1>Nothing was paid</h1><p>You can close this page and go back to FieldPay.</p>",
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ours := pages[r.URL.Path]
		if !ours || r.Method != http.MethodGet {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		fmt.Fprint(w, "<!doctype html><html lang=\"en\"><title>FieldPay</title>"+page+"</html>")
	})
}
