package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"fieldpay/app"
)

// The link that is measured: a phone at the edge of its cell.
const (
	linkRoundTrip = 300 * time.Millisecond
	linkBits      = 1_000_000
)

// probeLink drains a backlog over a long, thin line and sees how much of the
// line it used, and what its requests weighed.
func probeLink(ctx context.Context, b *bench) (map[string]found, error) {
	s, err := b.startServer(ctx, "memory") // the line is to be what holds it up
	if err != nil {
		return nil, err
	}
	line, err := startLink(ctx, strings.TrimPrefix(s.url, "http://"), linkRoundTrip, linkBits)
	if err != nil {
		return nil, err
	}
	b.onClose(line.close)
	result := map[string]found{}
	var used, packed found
	for range b.size(min(b.Rounds, 2), 1) {
		w := &weighing{next: http.DefaultTransport}
		backlog := b.size(20_000, 120)
		took, sent, err := b.drainOver(ctx, line, w, backlog)
		if err != nil {
			return nil, err
		}
		share := float64(sent) / (took.Seconds() * linkBits / 8)
		used.rounds = append(used.rounds, share)
		used.detail = fmt.Sprintf("%.0f actions/s, %d B up for %d actions in %.1f s", float64(backlog)/took.Seconds(), sent, backlog, took.Seconds())
		packed.rounds = append(packed.rounds, float64(w.packed)/float64(w.plain))
		packed.detail = fmt.Sprintf("%.0f B / %.0f B per action", float64(w.packed)/float64(w.actions), float64(w.plain)/float64(w.actions))
	}
	result["link"], result["gzip"] = used, packed
	return result, nil
}

// drainOver drains a fresh device over the line and returns how long that took
// and how many bytes went up.
func (b *bench) drainOver(ctx context.Context, line *link, w *weighing, backlog int) (time.Duration, int64, error) {
	dir, err := b.folder("far")
	if err != nil {
		return 0, 0, err
	}
	vars := environment(dir)
	config, err := app.Configure(app.Flags{BFF: line.url()}, func(name string) string { return vars[name] })
	if err != nil {
		return 0, 0, fmt.Errorf("configuring a device: %w", err)
	}
	d, err := app.OpenDevice(ctx, app.DeviceOptions{Config: config, Keyring: noKeychain{}, HTTP: &http.Client{Transport: w}})
	if err != nil {
		return 0, 0, fmt.Errorf("opening a device: %w", err)
	}
	b.onClose(d.Close)
	if _, err := d.SignIn(ctx, userLogin, userPassword); err != nil {
		return 0, 0, err
	}
	if err := fill(ctx, d.Journal(), backlog); err != nil {
		return 0, 0, err
	}
	before := line.up.sent.Load()
	began := time.Now()
	sum, _, err := d.SyncOnce(ctx)
	took := time.Since(began)
	if err == nil && sum.Applied != backlog {
		err = fmt.Errorf("%d of %d were applied", sum.Applied, backlog)
	}
	return took, line.up.sent.Load() - before, err
}

// weighing counts what requests weigh as they are sent, and would weigh plain.
type weighing struct {
	next                   http.RoundTripper
	mu                     sync.Mutex
	packed, plain, actions int64
}

// heavy is how many actions a request must have to be counted.
const heavy = 100

// RoundTrip implements http.RoundTripper.
func (w *weighing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != "/sync/actions" || r.Body == nil {
		return w.next.RoundTrip(r)
	}
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("reading a request: %w", err)
	}
	if err := r.Body.Close(); err != nil {
		return nil, fmt.Errorf("reading a request: %w", err)
	}
	plain := sent
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(bytes.NewReader(sent))
		if err != nil {
			return nil, fmt.Errorf("unpacking a request: %w", err)
		}
		if plain, err = io.ReadAll(unpacked); err != nil {
			return nil, fmt.Errorf("unpacking a request: %w", err)
		}
	}
	if err := w.add(len(sent), plain); err != nil {
		return nil, err
	}
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(sent))
	return w.next.RoundTrip(again)
}

func (w *weighing) add(packed int, plain []byte) error {
	var body struct {
		Actions []json.RawMessage `json:"actions"`
	}
	if err := json.Unmarshal(plain, &body); err != nil {
		return fmt.Errorf("reading a request: %w", err)
	}
	if len(body.Actions) < heavy {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.packed, w.plain, w.actions = w.packed+int64(packed), w.plain+int64(len(plain)), w.actions+int64(len(body.Actions))
	return nil
}
