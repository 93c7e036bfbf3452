package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/bff/cmd/host"
	"fieldpay/queue"
)

// How slow the upstreams are while their calls are counted.
const (
	salesforceDelayMs = 200
	stripeDelayMs     = 100
)

// probeCalls drains invoices of one device into the whole server with its
// sandbox, whose answers take as long as those of the real ones.
func probeCalls(ctx context.Context, b *bench) (map[string]found, error) {
	dir, err := b.folder("host")
	if err != nil {
		return nil, err
	}
	h, err := host.Start(ctx, host.Config{Listen: "127.0.0.1:0", DataDir: dir}, zerolog.Nop())
	if err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	b.onClose(func() error { return h.Close(context.WithoutCancel(ctx)) })
	for url, delay := range map[string]int{h.Sandbox().SalesforceURL(): salesforceDelayMs, h.Sandbox().StripeURL(): stripeDelayMs} {
		rule := fmt.Sprintf(`[{"name":"distance","match":{},"effect":{"delayMs":%d}}]`, delay)
		if err := control(ctx, http.MethodPost, url+"/__control/faults", []byte(rule), nil); err != nil {
			return nil, err
		}
	}
	var calls, spans found
	for range b.size(min(b.Rounds, 2), 1) {
		invoices := b.size(1000, 12)
		before, err := callsOf(ctx, h)
		if err != nil {
			return nil, err
		}
		took, err := b.drainInvoices(ctx, h, invoices)
		if err != nil {
			return nil, err
		}
		after, err := callsOf(ctx, h)
		if err != nil {
			return nil, err
		}
		calls.rounds = append(calls.rounds, float64(after-before)/float64(invoices))
		calls.detail = fmt.Sprintf("%d calls for %d invoices", after-before, invoices)
		spans.rounds = append(spans.rounds, took.Seconds()*1000/float64(invoices))
		spans.detail = fmt.Sprintf("%d invoices in %.1f s", invoices, took.Seconds())
	}
	return map[string]found{"calls": calls, "calls-time": spans}, nil
}

// drainInvoices returns how long it takes until the device knows of all that
// they are applied.
func (b *bench) drainInvoices(ctx context.Context, h *host.Host, invoices int) (time.Duration, error) {
	d, err := b.freshDevice(ctx, h.URL())
	if err != nil {
		return 0, err
	}
	if _, err := d.SignIn(ctx, "demo@fieldpay.com", "demo123"); err != nil {
		return 0, fmt.Errorf("signing in: %w", err)
	}
	if err := fill(ctx, d.Journal(), invoices); err != nil {
		return 0, err
	}
	began := time.Now()
	for {
		if _, _, err := d.SyncOnce(ctx); err != nil {
			return 0, err
		}
		counts, err := d.Journal().Counts(ctx)
		switch {
		case err != nil:
			return 0, fmt.Errorf("counting: %w", err)
		case counts.ByState[queue.Applied] == invoices:
			return time.Since(began), nil
		case counts.ByState[queue.Failed]+counts.ByState[queue.Review] > 0:
			return 0, fmt.Errorf("not all invoices were applied: %v", counts.ByState)
		case time.Since(began) > 5*time.Minute:
			return 0, errors.New("the invoices were not applied within five minutes")
		}
		if !waitUntil(ctx, time.Now().Add(50*time.Millisecond)) {
			return 0, ctx.Err()
		}
	}
}

// callsOf counts every request that Salesforce got, sign-ins included.
func callsOf(ctx context.Context, h *host.Host) (int, error) {
	var state struct {
		RequestsTotal int `json:"requestsTotal"`
	}
	err := control(ctx, http.MethodGet, h.Sandbox().SalesforceURL()+"/__control/state", nil, &state)
	return state.RequestsTotal, err
}

// control talks to the sandbox's back door.
func control(ctx context.Context, method, url string, body []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("calling the sandbox: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("calling the sandbox: %s %.200s: %w", resp.Status, answer, err)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}
