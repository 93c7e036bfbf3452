package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/bfftest"
	"fieldpay/bff/memory"
	"fieldpay/bff/sqlite"
)

// BenchmarkApply is how many actions a second a server takes and applies, on
// each store, with a CRM that answers at once: in long batches, as devices send
// after a day offline, and one by one. x-memory is the share of what the same
// server does on memory, in the same run.
func BenchmarkApply(b *testing.B) {
	stores := []struct {
		name string
		open func(b *testing.B) bff.Stores
	}{
		{"memory", func(*testing.B) bff.Stores { return memory.New().Stores() }},
		{"sqlite", func(b *testing.B) bff.Stores {
			store, err := sqlite.Open(b.Context(), sqlite.Options{Path: filepath.Join(b.TempDir(), "bff.db")})
			if err != nil {
				b.Fatal(err)
			}
			return store.Stores()
		}},
		{"postgres", func(b *testing.B) bff.Stores { return open(b, server.Database(b)).Stores() }},
	}
	for _, load := range []struct{ clients, batch int }{{8, 100}, {8, 500}, {32, 1}} {
		base := 0.0
		for _, s := range stores {
			b.Run(fmt.Sprintf("%dx%d/%s", load.clients, load.batch, s.name), func(b *testing.B) {
				rate := applyRate(b, s.open(b), load.clients, load.batch)
				if s.name == "memory" {
					base = rate
				}
				b.ReportMetric(rate, "actions/s")
				b.ReportMetric(rate/base, "x-memory")
			})
		}
	}
}

// applyRate has every client submit one batch an iteration.
func applyRate(b *testing.B, s bff.Stores, clients, size int) float64 {
	b.Helper()
	p, err := bff.NewProcessor(bff.ProcessorOptions{
		Ledger: s.Ledger, CRM: bfftest.NewCRM(), Payments: bfftest.NewPayments(), Requests: s.PaymentRequests, Budget: time.Minute,
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(b.Context()))
	ran := make(chan error, 1)
	go func() { ran <- p.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ran; err != nil {
			b.Error(err)
		}
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	}()
	for b.Loop() {
		var work sync.WaitGroup
		for range clients {
			batch := invoices(size)
			work.Go(func() {
				out, err := p.Submit(ctx, batch)
				if err != nil {
					b.Errorf("submitting: %v", err)
				}
				for _, o := range out {
					if o.Status != action.StatusApplied {
						b.Errorf("%s: %s", o.Status, o.Error)
					}
				}
			})
		}
		work.Wait()
	}
	return float64(b.N*clients*size) / b.Elapsed().Seconds()
}

func invoices(n int) bff.Batch {
	batch := bff.Batch{Actor: "user-001"}
	for range n {
		batch.Items = append(batch.Items, json.RawMessage(fmt.Sprintf(`{"id":%q,"type":"create_invoice","version":1,
			"createdAt":"2026-03-04T05:06:07Z","payload":{"accountId":"acc-001","currency":"usd","description":"Work on site","lines":[
			{"description":"Travel","quantity":"1","unitPrice":3000},
			{"description":"Work","quantity":"2.5","unitPrice":4000,"taxRate":"10"},
			{"description":"Parts","quantity":"3","unitPrice":333,"discount":99}]}}`, action.NewID())))
	}
	return batch
}
