package bff

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
	"go.opentelemetry.io/otel/trace"

	"fieldpay/action"
)

const (
	// eventActor is the author of what an event of Stripe makes.
	eventActor = "stripe"
	// eventRetry is how often events that could not be handled are tried again.
	eventRetry = 5 * time.Second
	// eventPauseMost is the longest that one is put off.
	eventPauseMost = 5 * time.Minute
	// eventLease is how long events are a server's that took them: longer than
	// handling some of them may take, and within two minutes somebody else goes
	// on where one died.
	eventLease = 100 * time.Second
	maxEvents  = 10
	// catchUp is how far back missed events are asked for at the start: as long
	// as Stripe tries to deliver one.
	// https://docs.stripe.com/webhooks#behaviors
	catchUp = 72 * time.Hour
	// catchUpEvery is how often they are asked for after that, and catchUpOverlap
	// how far back behind the last time. Not every event that was taken was taken by us: whatever
	// stands in between can acknowledge one in our name, and Stripe never tells of
	// it again.
	catchUpEvery   = 10 * time.Minute
	catchUpOverlap = time.Hour

	eventSucceeded = "payment_intent.succeeded"
	eventRefunded  = "charge.refunded"
	disputeEvents  = "charge.dispute."
)

// webhooks handles events of the card processor: each is kept before it is
// acknowledged. One that tells of money becomes a sync_payment action whose id
// follows from the intent: the processor then verifies, books and resumes it
// like any other, and an event that comes twice, late or out of order finds it
// there. One that tells of money that goes back is noted on the payment, for
// the office: whether the invoice is open again is not for a machine to say.
type webhooks struct {
	processor *Processor
	crm       CRM
	payments  Payments
	events    Events
	key       []byte
	tracer    trace.Tracer
	log       zerolog.Logger
	arrived   chan struct{}
}

func newWebhooks(o ServerOptions, log zerolog.Logger) *webhooks {
	return &webhooks{
		processor: o.Processor, crm: o.CRM, payments: o.Payments, events: o.Events, key: o.ProbeKey, tracer: o.Tracer, log: log, arrived: make(chan struct{}, 1),
	}
}

// receive keeps an event. It is handled by run.
func (w *webhooks) receive(ctx context.Context, e Event) error {
	fresh, err := w.events.Receive(ctx, ReceivedEvent{ID: e.ID, Type: e.Type, IntentID: e.IntentID, ReceivedAt: time.Now()})
	if err != nil {
		return fmt.Errorf("keeping an event: %w", err)
	}
	w.log.Debug().Str("event", e.ID).Str("type", e.Type).Bool("fresh", fresh).Msg("event")
	select {
	case w.arrived <- struct{}{}:
	default:
	}
	return nil
}

func (w *webhooks) run(ctx context.Context) {
	tick := time.NewTicker(eventRetry)
	defer tick.Stop()
	next := time.Now()
	since := next.Add(-catchUp)
	for {
		if now := time.Now(); !now.Before(next) && w.catchUp(ctx, since) {
			since, next = now.Add(-catchUpOverlap), now.Add(catchUpEvery)
		}
		full, err := w.handleAll(ctx)
		if err != nil && ctx.Err() == nil {
			w.log.Warn().Err(err).Msg("handling events")
		}
		if full && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-w.arrived:
		case <-tick.C:
		}
	}
}

// catchUp takes in what happened since then and was not delivered here.
func (w *webhooks) catchUp(ctx context.Context, since time.Time) bool {
	missed, err := w.payments.Events(ctx, since)
	for _, e := range missed {
		if err == nil {
			err = w.receive(ctx, e)
		}
	}
	if err != nil && ctx.Err() == nil {
		w.log.Warn().Err(err).Msg("catching up with events")
	}
	return err == nil
}

// handleAll handles the events that are due, and reports whether there may be
// more.
func (w *webhooks) handleAll(ctx context.Context) (full bool, err error) {
	now := time.Now()
	left, err := w.events.Take(ctx, now, now.Add(eventLease), maxEvents)
	if err != nil {
		return false, fmt.Errorf("reading events: %w", err)
	}
	var failed error
	for _, e := range left {
		traced, end := w.traceEvent(ctx)
		err := w.handle(traced, e)
		if end(err); err != nil {
			failed = fmt.Errorf("handling event %s: %w", e.ID, err)
			if err := w.events.PutOff(ctx, e.ID, time.Now().Add(eventPause(e.Attempts, retryAfter(err)))); err != nil {
				return false, fmt.Errorf("putting off event %s: %w", e.ID, err)
			}
			continue
		}
		if err := w.events.Finish(ctx, e.ID, time.Now()); err != nil {
			return false, fmt.Errorf("finishing event %s: %w", e.ID, err)
		}
	}
	return len(left) == maxEvents, failed
}

// eventPause is how long an event is put off after so many attempts, which are
// never too many: one that cannot be handled now must not keep others waiting.
func eventPause(attempts int, asked time.Duration) time.Duration {
	shift := min(max(0, attempts-1), 10)
	return min(max(asked, eventRetry<<shift), eventPauseMost)
}

// handle takes what an event announces into the ledger. Of the event only the
// id of the intent is used: the object is fetched again.
func (w *webhooks) handle(ctx context.Context, e ReceivedEvent) error {
	money := e.Type == eventSucceeded
	back := e.Type == eventRefunded || strings.HasPrefix(e.Type, disputeEvents)
	if !money && !back || e.IntentID == "" {
		return nil
	}
	in, err := w.payments.Intent(ctx, e.IntentID)
	switch {
	case action.CodeOf(err) == action.UnknownPayment:
		w.log.Error().Str("event", e.ID).Msg("an event is about a payment that does not exist")
		return nil
	case err != nil:
		return fmt.Errorf("fetching the payment: %w", err)
	case in.InvoiceID == "":
		w.log.Warn().Str("event", e.ID).Msg("an event is about a payment that is not ours")
		return nil
	}
	if back {
		return w.note(ctx, in, e)
	}
	switch in.Status {
	case IntentSucceeded:
		return w.submit(ctx, in, e)
	case IntentProcessing:
		return &action.Error{Code: action.Busy, Message: "Stripe is still working on the payment"}
	default:
		// Nothing is noted of it: the event that tells the truth must find its
		// place free.
		w.log.Warn().Str("event", e.ID).Str("status", in.Status).Msg("an event is about a payment that was not made")
		return nil
	}
}

// note tells the office that money goes back, on the payment and in the log.
func (w *webhooks) note(ctx context.Context, in Intent, e ReceivedEvent) error {
	text := "Disputed by the customer's bank: see the payment at Stripe"
	switch {
	case e.Type == eventRefunded:
		refunds, err := w.payments.RefundsOf(ctx, in.ID)
		if err != nil {
			return fmt.Errorf("fetching the refunds: %w", err)
		}
		text = refundNote(in, refunds)
	case strings.HasSuffix(e.Type, ".closed"):
		text = "The dispute of the customer's bank was closed: see the payment at Stripe"
	}
	if text == "" {
		return nil
	}
	w.log.Warn().Str("event", e.ID).Str("type", e.Type).Str("intent", in.ID).Msg("money goes back: the office should look")
	err := w.crm.NotePayment(ctx, in.ID, text)
	if action.CodeOf(err) == action.UnknownPayment && in.Status == IntentSucceeded {
		// The event that books it is still on its way; nothing may be lost if it
		// never comes.
		return errors.Join(err, w.submit(ctx, in, e))
	}
	return err
}

// refundNote sums the refunds up. It says the same however often and in
// whatever order the events come.
func refundNote(in Intent, refunds []Refund) string {
	var sum int64
	for _, r := range refunds {
		if r.Status == RefundSucceeded && r.IntentID == in.ID && r.Currency.Normal() == in.Currency.Normal() {
			sum += r.Amount
		}
	}
	if sum == 0 {
		return ""
	}
	back, all := action.Money{Minor: sum, Currency: in.Currency}, action.Money{Minor: in.AmountReceived, Currency: in.Currency}
	return fmt.Sprintf("Given back at Stripe: %s of %s", back, all)
}

// paid books the payment of an intent that a request found to be paid. The event
// about it, late or lost, is then a repeat.
func (w *webhooks) paid(ctx context.Context, intentID string) error {
	in, err := w.payments.Intent(ctx, intentID)
	if err != nil {
		return err
	}
	return w.submit(ctx, in, ReceivedEvent{Type: eventSucceeded, IntentID: intentID, ReceivedAt: time.Now()})
}

func (w *webhooks) submit(ctx context.Context, in Intent, e ReceivedEvent) error {
	payload, err := action.Encode(&action.SyncPayment{InvoiceID: in.InvoiceID, PaymentIntentID: in.ID})
	if err != nil {
		return err
	}
	raw, err := json.Marshal(action.Action{
		ID: w.actionID(in.ID), Type: action.SyncPaymentType, Actor: eventActor, CreatedAt: e.ReceivedAt, Payload: payload,
	})
	if err != nil {
		return fmt.Errorf("encoding the action: %w", err)
	}
	outcomes, err := w.processor.Submit(ctx, Batch{Actor: eventActor, Items: []json.RawMessage{raw}})
	if err != nil {
		return err
	}
	if o := outcomes[0]; o.Status == action.StatusFailed || o.Status == action.StatusReview {
		w.log.Error().Str("event", e.ID).Str("action", o.ID).Str("code", string(o.Code)).Msg("a payment could not be booked")
	}
	return nil
}

// actionID is the id of the action that books an intent. It is keyed, so that
// nobody else can take the id first.
func (w *webhooks) actionID(intentID string) string {
	return w.keyed("action of the event about " + intentID)
}

// requestID is the id of the request that an intent of the server's own making
// asks for, by the idempotency key of that.
func (w *webhooks) requestID(key string) string { return w.keyed("request of " + key) }

func (w *webhooks) keyed(about string) string {
	mac := hmac.New(sha256.New, w.key)
	mac.Write([]byte(about))
	return uuid.NewSHA1(uuid.NameSpaceURL, mac.Sum(nil)).String()
}

// booked reports whether the payment of an intent was taken into the books, or
// refused by them, for good.
func (w *webhooks) booked(ctx context.Context, intentID string) bool {
	found, _, err := w.processor.Outcomes(ctx, Batch{Actor: eventActor}, []string{w.actionID(intentID)})
	return err == nil && len(found) == 1 && found[0].Class.Settles()
}
