package bff

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"fieldpay/action"
)

const (
	// eventActor is the author of what an event of Stripe makes.
	eventActor = "stripe"
	// eventRetry is how often events that could not be handled are tried again.
	eventRetry     = 5 * time.Second
	maxEvents      = 100
	eventSucceeded = "payment_intent.succeeded"
)

// webhooks handles events of the card processor: each is kept before it is
// acknowledged, and becomes a sync_payment action whose id follows from the
// intent. The processor then verifies, books and resumes it like any other, and
// an event that comes twice, late or out of order finds it there.
type webhooks struct {
	processor *Processor
	payments  Payments
	events    Events
	key       []byte
	log       zerolog.Logger
	arrived   chan struct{}
}

func newWebhooks(o ServerOptions, log zerolog.Logger) *webhooks {
	return &webhooks{
		processor: o.Processor, payments: o.Payments, events: o.Events, key: o.ProbeKey, log: log, arrived: make(chan struct{}, 1),
	}
}

// receive keeps an event. It is handled by run.
func (w *webhooks) receive(ctx context.Context, e Event) error {
	fresh, err := w.events.Receive(ctx, ReceivedEvent{ID: e.ID, Type: e.Type, IntentID: e.IntentID, ReceivedAt: time.Now()})
	if err != nil {
		return fmt.Errorf("keeping an event: %w", err)
	}
	w.log.Info().Str("event", e.ID).Str("type", e.Type).Bool("fresh", fresh).Msg("event")
	select {
	case w.arrived <- struct{}{}:
	default:
	}
	return nil
}

func (w *webhooks) run(ctx context.Context) {
	tick := time.NewTicker(eventRetry)
	defer tick.Stop()
	for {
		if err := w.handleAll(ctx); err != nil && ctx.Err() == nil {
			w.log.Warn().Err(err).Msg("handling events")
		}
		select {
		case <-ctx.Done():
			return
		case <-w.arrived:
		case <-tick.C:
		}
	}
}

func (w *webhooks) handleAll(ctx context.Context) error {
	left, err := w.events.Unfinished(ctx, maxEvents)
	if err != nil {
		return fmt.Errorf("reading events: %w", err)
	}
	var failed error
	for _, e := range left {
		if err := w.handle(ctx, e); err != nil {
			failed = fmt.Errorf("handling event %s: %w", e.ID, err)
			continue
		}
		if err := w.events.Finish(ctx, e.ID, time.Now()); err != nil {
			return fmt.Errorf("finishing event %s: %w", e.ID, err)
		}
	}
	return failed
}

// handle takes what an event announces into the ledger. Of the event only the
// id of the intent is used: the object is fetched again.
func (w *webhooks) handle(ctx context.Context, e ReceivedEvent) error {
	if e.Type != eventSucceeded || e.IntentID == "" {
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
	return w.submit(ctx, in, e)
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
	mac := hmac.New(sha256.New, w.key)
	mac.Write([]byte("action of the event about " + intentID))
	return uuid.NewSHA1(uuid.NameSpaceURL, mac.Sum(nil)).String()
}

// booked reports whether the payment of an intent was taken into the books, or
// refused by them, for good.
func (w *webhooks) booked(ctx context.Context, intentID string) bool {
	found, _, err := w.processor.Outcomes(ctx, Batch{Actor: eventActor}, []string{w.actionID(intentID)})
	return err == nil && len(found) == 1 && found[0].Class.Settles()
}
