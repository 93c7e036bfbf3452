package bff

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-faster/jx"

	"fieldpay/action"
	"fieldpay/api"
)

// CreatePaymentIntent implements api.Handler. The server computes the amount;
// what the client sends is compared with it.
func (s *Server) CreatePaymentIntent(ctx context.Context, req *api.PaymentIntentRequest) (*api.PaymentIntent, error) {
	if req.Amount == 0 || req.Currency == "" {
		return nil, &action.Error{Code: action.BadRequest, Message: required(api.CreatePaymentIntentOperation)}
	}
	inv, err := s.reachedInvoice(ctx, req.InvoiceId)
	if err != nil {
		return nil, err
	}
	if err := collectable(inv, req.Amount, action.Currency(req.Currency), req.Partial.Or(false)); err != nil {
		return nil, err
	}
	in, err := s.intentFor(ctx, inv, req.Amount)
	if err != nil {
		return nil, err
	}
	return &api.PaymentIntent{
		ClientSecret: in.ClientSecret, PaymentIntentId: in.ID, Amount: in.Amount, Currency: string(in.Currency.Normal()),
	}, nil
}

// intentFor returns the open intent of the invoice over the amount, or makes
// one and stores its id on the invoice. Making it is repeatable: its key names
// the invoice, the amount and the intent it follows.
func (s *Server) intentFor(ctx context.Context, inv Invoice, amount int64) (Intent, error) {
	if inv.IntentID != "" {
		in, err := s.o.Payments.Intent(ctx, inv.IntentID)
		switch {
		case err == nil && in.InvoiceID == inv.ID && in.Open() && in.Amount == amount:
			return in, nil
		case err == nil && in.InvoiceID == inv.ID && in.Status == IntentProcessing:
			return Intent{}, &action.Error{Code: action.Busy, Message: "A payment of this invoice is under way", RetryAfter: 5 * time.Second}
		case err == nil && in.InvoiceID == inv.ID && in.Status == IntentSucceeded:
			// The event that books it is on its way; a second charge is not.
			if !s.webhooks.booked(ctx, in.ID) {
				return Intent{}, &action.Error{Code: action.InvoicePaid, Message: "The payment went through and is being booked"}
			}
		case err != nil && action.CodeOf(err) != action.UnknownPayment:
			return Intent{}, err
		}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s\x00%s", inv.ID, amount, inv.Currency.Normal(), inv.IntentID))
	return s.askFor(ctx, inv, amount, "intent-"+hex.EncodeToString(sum[:16]))
}

// askFor makes an intent. What it asks for is stored first: whatever an event
// says later, no other amount is booked for it.
func (s *Server) askFor(ctx context.Context, inv Invoice, amount int64, key string) (Intent, error) {
	now := time.Now()
	asked, err := s.requests().Ask(ctx, PaymentRequest{
		ActionID: s.webhooks.requestID(key), InvoiceID: inv.ID, Amount: amount, Currency: inv.Currency.Normal(), AskedAt: now, TriedAt: now,
	})
	if err != nil {
		return Intent{}, storeError(err)
	}
	in, err := s.o.Payments.CreateIntent(ctx, IntentRequest{
		Key: key, ActionID: asked.ActionID, InvoiceID: inv.ID, Amount: amount, Currency: inv.Currency.Normal(),
	})
	if err != nil {
		return Intent{}, err
	}
	err = s.direct(ctx, action.NewID(), &action.UpdateInvoice{InvoiceID: inv.ID, StripePaymentIntentID: &in.ID})
	return in, err
}

// StripeWebhook implements api.Handler.
func (s *Server) StripeWebhook(ctx context.Context, req jx.Raw, params api.StripeWebhookParams) (*api.WebhookAck, error) {
	signature, signed := params.StripeSignature.Get()
	if !signed {
		return s.confirmInSandbox(ctx, req)
	}
	var raw []byte
	if c := callOf(ctx); c != nil {
		raw = c.rawBody
	}
	event, err := s.o.Payments.ParseEvent(raw, signature, time.Now())
	if err != nil {
		s.log.Warn().Err(err).Msg("a webhook was refused")
		return nil, &action.Error{Code: action.BadRequest, Message: "The signature of the event is not valid", Cause: err}
	}
	if err := s.webhooks.receive(ctx, event); err != nil {
		return nil, storeError(err)
	}
	return &api.WebhookAck{Received: true}, nil
}

// sandboxCard is the method of the sandbox that always pays.
const sandboxCard = "pm_card_visa"

// bookingWait is how long the reference's unsigned call waits for the signed
// event that follows it, so that a client that looks at once sees the effect.
const bookingWait = 3 * time.Second

// confirmInSandbox is the reference's unsigned call. It only makes the sandbox
// confirm an intent, as a customer would: state changes by the signed event.
func (s *Server) confirmInSandbox(ctx context.Context, body jx.Raw) (*api.WebhookAck, error) {
	if s.o.StripeMode != Sandbox {
		return nil, &action.Error{Code: action.BadRequest, Message: "The signature of the event is missing"}
	}
	var req struct {
		PaymentIntentID string `json:"paymentIntentId"`
		InvoiceID       string `json:"invoiceId"`
	}
	err := json.Unmarshal(body, &req)
	if err != nil || req.PaymentIntentID == "" || req.InvoiceID == "" {
		return nil, &action.Error{Code: action.BadRequest, Message: required(api.StripeWebhookOperation), Cause: err}
	}
	if !recordID.MatchString(req.PaymentIntentID) {
		return nil, &action.Error{Code: action.UnknownPayment}
	}
	in, err := s.o.Payments.Intent(ctx, req.PaymentIntentID)
	if err != nil {
		return nil, err
	}
	if in.InvoiceID != req.InvoiceID {
		return nil, &action.Error{Code: action.PaymentMismatch, Fields: map[string]string{"invoiceId": "is not the invoice of the payment"}}
	}
	if in.Open() {
		if in, err = s.o.Payments.Confirm(ctx, ConfirmRequest{IntentID: in.ID, Key: "confirm-" + in.ID, CardID: sandboxCard}); err != nil {
			return nil, err
		}
	}
	for deadline := time.Now().Add(bookingWait); in.Status == IntentSucceeded && time.Now().Before(deadline); {
		if s.webhooks.booked(ctx, in.ID) || !pause(ctx, elsewherePoll) {
			break
		}
	}
	return &api.WebhookAck{Received: true, Status: api.NewOptString(in.Status)}, nil
}
