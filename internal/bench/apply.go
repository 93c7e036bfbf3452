package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"fieldpay/action"
)

// load is how many clients send batches of what size at once.
type load struct{ clients, batch int }

// probeApply has clients send to the same server on each store, in turns.
func probeApply(ctx context.Context, b *bench) (map[string]found, error) {
	result := map[string]found{}
	var errs []error
	for _, c := range []struct {
		key, store string
		load       load
	}{
		{"apply-sqlite", "sqlite", load{8, b.size(100, 5)}},
		{"apply-postgres", "postgres", load{8, b.size(100, 5)}},
		{"apply-single", "sqlite", load{b.size(32, 4), 1}},
	} {
		if !b.wants(c.key) {
			continue
		}
		f, err := b.compareStores(ctx, c.store, c.load)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", c.key, err))
			continue
		}
		result[c.key] = f
	}
	return result, errors.Join(errs...)
}

// compareStores measures a store against memory.
func (b *bench) compareStores(ctx context.Context, store string, l load) (found, error) {
	base, err := b.serverOn(ctx, "memory")
	if err != nil {
		return found{}, err
	}
	tried, err := b.serverOn(ctx, store)
	if err != nil {
		return found{}, err
	}
	var f found
	for round := range b.Rounds + 1 {
		var rates [2]float64
		for i, s := range []*server{base, tried} {
			if rates[i], err = s.applyRate(ctx, l, b.span(1500*time.Millisecond)); err != nil {
				return found{}, err
			}
		}
		if round == 0 {
			continue // connections were made, caches were cold
		}
		f.rounds = append(f.rounds, rates[1]/rates[0])
		f.detail = fmt.Sprintf("%.0f/s / %.0f/s", rates[1], rates[0])
		f.rates = []rate{{fmt.Sprintf("server: %d x %d on memory", l.clients, l.batch), rates[0]}, {fmt.Sprintf("server: %d x %d on %s", l.clients, l.batch, store), rates[1]}}
	}
	return f, nil
}

// applyRate is the actions a second that come back applied.
func (s *server) applyRate(ctx context.Context, l load, span time.Duration) (float64, error) {
	var applied atomic.Int64
	errs := make([]error, l.clients)
	bodies := make([][]byte, l.clients)
	for i := range bodies {
		bodies[i] = requestBody(l.batch)
	}
	began := time.Now()
	var work sync.WaitGroup
	for i := range l.clients {
		work.Go(func() {
			body := bodies[i]
			for first := true; errs[i] == nil && (first || time.Since(began) < span); first = false {
				if !first {
					body = requestBody(l.batch)
				}
				errs[i] = s.apply(ctx, body, l.batch)
				applied.Add(int64(l.batch))
			}
		})
	}
	work.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	return float64(applied.Load()) / time.Since(began).Seconds(), nil
}

func (s *server) apply(ctx context.Context, body []byte, want int) error {
	answer, err := s.post(ctx, "/sync/actions", body)
	if err != nil {
		return err
	}
	if got := bytes.Count(answer, []byte(`"status":"applied"`)); got != want {
		return fmt.Errorf("%d of %d actions were applied: %.300s", got, want, answer)
	}
	return nil
}

// requestBody is a request with fresh actions. Every one is a lane of its own,
// as new invoices are. The content is the same; only what must differ does, so
// that making it takes little of the time that is measured.
func requestBody(batch int) []byte {
	payload, err := json.Marshal(invoice(1))
	if err != nil {
		return nil // an invoice can be encoded: the server would refuse the empty body
	}
	var body bytes.Buffer
	body.WriteString(`{"actions":[`)
	for i := range batch {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"id":%q,"type":"create_invoice","version":1,"createdAt":"2026-03-04T05:06:07Z","payload":%s}`, action.NewID(), payload)
	}
	body.WriteString(`]}`)
	return body.Bytes()
}
