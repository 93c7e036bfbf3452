package stripe

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"fieldpay/sandbox/control"
)

// The states of a delivery.
const (
	pending   = "pending"
	delivered = "delivered"
	givenUp   = "failed"
)

// delivery is one event on its way to one endpoint. It is stored, so that a restart goes on with it.
type delivery struct {
	ID       string          `json:"id"`
	Event    string          `json:"event"`
	Type     string          `json:"type"`
	Endpoint string          `json:"endpoint"`
	URL      string          `json:"url"`
	Secret   string          `json:"secret"`
	Body     json.RawMessage `json:"body"`
	State    string          `json:"state"`
	Attempts int             `json:"attempts"`
	LastCode int             `json:"last_code"`
}

const (
	firstRetry = time.Second
	maxRetry   = time.Minute
	giveUp     = 72 * time.Hour
	holdAtMost = 5 * time.Second
)

// courier delivers webhooks: at least once, in no promised order, retrying until an endpoint answers 2xx.
type courier struct {
	client *http.Client
	plane  *control.Plane
	settle func(delivery) bool
	ctx    context.Context // the courier's own life, ended by close
	stop   context.CancelFunc

	mu     sync.Mutex
	wg     sync.WaitGroup
	closed bool
	held   []delivery
	full   chan struct{} // closed when enough deliveries are held
}

func newCourier(opts Options, settle func(delivery) bool) *courier {
	ctx, stop := context.WithCancel(context.Background())
	return &courier{client: opts.Client, plane: opts.Plane, settle: settle, ctx: ctx, stop: stop}
}

// close stops all deliveries and waits for them.
func (c *courier) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.stop()
	c.wg.Wait()
}

// send takes a delivery over. The caller does not wait for it.
func (c *courier) send(d delivery) {
	effect, _ := c.plane.WebhookFault(d.Type, resourceOf(d.Type))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	if effect.ReorderWebhooks > 1 {
		c.hold(d, effect.ReorderWebhooks)
		return
	}
	c.wg.Go(func() {
		if control.Pause(c.ctx, time.Duration(effect.DelayWebhookMs)*time.Millisecond) {
			c.deliver(d, effect.DuplicateWebhook)
		}
	})
}

// hold keeps deliveries back until n are there, or nothing more comes, and sends them newest first.
func (c *courier) hold(d delivery, n int) {
	c.held = append(c.held, d)
	if len(c.held) == 1 {
		full := make(chan struct{})
		c.full = full
		c.wg.Go(func() { c.releaseHeld(full) })
	}
	if len(c.held) == n {
		close(c.full)
		c.full = nil
	}
}

func (c *courier) releaseHeld(full <-chan struct{}) {
	timer := time.NewTimer(holdAtMost)
	defer timer.Stop()
	select {
	case <-full:
	case <-timer.C:
	case <-c.ctx.Done():
		return
	}
	c.mu.Lock()
	batch := c.held
	c.held = nil
	c.mu.Unlock()
	for _, d := range slices.Backward(batch) {
		c.deliver(d, 0)
	}
}

// deliver tries until the endpoint takes the event, then sends the duplicates.
func (c *courier) deliver(d delivery, duplicates int) {
	wait, spent := firstRetry, time.Duration(0)
	for d.State == pending {
		code, err := c.post(d)
		if err != nil && c.ctx.Err() != nil {
			return // stopped; the delivery stays pending for the next start
		}
		d.Attempts, d.LastCode = d.Attempts+1, code
		switch {
		case err == nil && code >= 200 && code < 300:
			d.State = delivered
		case spent >= giveUp:
			d.State = givenUp
		}
		if !c.settle(d) {
			return
		}
		if d.State != pending {
			break
		}
		if !control.Pause(c.ctx, wait) {
			return
		}
		spent += wait
		wait = min(2*wait, maxRetry)
	}
	for range duplicates {
		code, err := c.post(d)
		if err != nil {
			code = 0
		}
		d.Attempts, d.LastCode = d.Attempts+1, code
		if !c.settle(d) {
			return
		}
	}
}

func (c *courier) post(d delivery) (code int, err error) {
	r, err := http.NewRequestWithContext(c.ctx, http.MethodPost, d.URL, bytes.NewReader(d.Body))
	if err != nil {
		return 0, fmt.Errorf("making the webhook call: %w", err)
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
	r.Header.Set("Stripe-Signature", sign(d.Body, d.Secret, time.Now()))
	reply, err := c.client.Do(r)
	if err != nil {
		return 0, fmt.Errorf("calling the webhook: %w", err)
	}
	_, copyErr := io.Copy(io.Discard, io.LimitReader(reply.Body, 1<<20))
	return reply.StatusCode, errors.Join(copyErr, reply.Body.Close())
}

// sign makes the Stripe-Signature header of a body.
func sign(body []byte, secret string, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.", at.Unix())
	mac.Write(body)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))
}

// resourceOf names the resource of an event type as fault rules do: payment_intent.succeeded is of payment_intents.
func resourceOf(kind string) string {
	noun, _, _ := strings.Cut(kind, ".")
	return noun + "s"
}
