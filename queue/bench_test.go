package queue_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
	"fieldpay/queue/queuetest"
)

// threeLines is an action of the usual size: about 600 bytes of JSON.
func threeLines() *action.CreateInvoice {
	line := action.Line{Description: "Platform licence, seats for the field team", Quantity: "12.5", UnitPrice: 12900, TaxRate: "19"}
	return &action.CreateInvoice{
		AccountID: "acc-001", ContactID: "con-001", Currency: "usd", DueDate: "2027-01-31",
		Description: "Quarterly order taken at the customer's site", Lines: []action.Line{line, line, line},
	}
}

func benchJournal(b *testing.B) *queue.Journal {
	b.Helper()
	j, err := queue.Open(context.Background(), queue.Options{Path: filepath.Join(b.TempDir(), "journal.db"), Key: key()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := j.Close(); err != nil {
			b.Error(err)
		}
	})
	return j
}

func p50(spans []time.Duration) time.Duration {
	slices.Sort(spans)
	return spans[len(spans)/2]
}

// BenchmarkAppend compares an append, with all that belongs to it, to the
// floor: 700 bytes written to a file and flushed. The two alternate, so that
// they meet the same disk.
func BenchmarkAppend(b *testing.B) {
	j := benchJournal(b)
	floor, err := os.Create(filepath.Join(b.TempDir(), "floor"))
	if err != nil {
		b.Fatal(err)
	}
	defer floor.Close()
	raw := bytes.Repeat([]byte{'x'}, 700)
	var appends, floors []time.Duration
	for b.Loop() {
		began := time.Now()
		if _, err := floor.Write(raw); err != nil {
			b.Fatal(err)
		}
		if err := flush(floor); err != nil {
			b.Fatal(err)
		}
		floors = append(floors, time.Since(began))
		began = time.Now()
		if _, err := j.Append(b.Context(), queue.Draft{Payload: threeLines(), Actor: "rep-1"}); err != nil {
			b.Fatal(err)
		}
		appends = append(appends, time.Since(began))
	}
	b.ReportMetric(float64(p50(appends).Microseconds()), "append-p50-µs")
	b.ReportMetric(float64(p50(floors).Microseconds()), "floor-p50-µs")
	b.ReportMetric(float64(p50(appends))/float64(p50(floors)), "append/floor")
}

// BenchmarkAppend_callers shows what sharing a commit brings.
func BenchmarkAppend_callers(b *testing.B) {
	for _, callers := range []int{1, 8, 32, 128} {
		b.Run(fmt.Sprintf("%d callers", callers), func(b *testing.B) {
			j := benchJournal(b)
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ResetTimer()
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := j.Append(b.Context(), queue.Draft{Payload: threeLines(), Actor: "rep-1"}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
		})
	}
}

// fill appends n actions from many callers.
func fill(b *testing.B, j *queue.Journal, n int) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(n))
	var wg sync.WaitGroup
	for range 128 {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if _, err := j.Append(context.Background(), queue.Draft{Payload: threeLines(), Actor: "rep-1"}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func benchDrain(b *testing.B, j *queue.Journal) queue.Summary {
	b.Helper()
	server := queuetest.NewServer()
	r, err := queue.NewReplay(queue.ReplayOptions{Journal: j, Sender: server, Prober: server, LockPath: filepath.Join(b.TempDir(), "lock")})
	if err != nil {
		b.Fatal(err)
	}
	sum, err := r.Once(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	return sum
}

// BenchmarkDrain is the client's own ceiling: a server that answers at once.
func BenchmarkDrain(b *testing.B) {
	j := benchJournal(b)
	fill(b, j, b.N)
	b.ResetTimer()
	if sum := benchDrain(b, j); sum.Applied != b.N {
		b.Fatalf("%+v", sum)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "actions/s")
}

// BenchmarkHistory shows what a long history costs: nothing, if the figures of
// the sizes agree.
func BenchmarkHistory(b *testing.B) {
	for _, settled := range []int{0, 100_000, 1_000_000} {
		j := benchJournal(b)
		if err := queue.Grow(j, settled, threeLines()); err != nil {
			b.Fatal(err)
		}
		for _, one := range historySteps(b, j) {
			b.Run(fmt.Sprintf("%s/%d settled", one.name, settled), func(b *testing.B) {
				var spans []time.Duration
				for b.Loop() {
					b.StopTimer()
					if err := one.before(); err != nil {
						b.Fatal(err)
					}
					began := time.Now()
					b.StartTimer()
					if err := one.do(); err != nil {
						b.Fatal(err)
					}
					spans = append(spans, time.Since(began))
				}
				b.ReportMetric(float64(p50(spans).Microseconds()), "p50-µs")
			})
		}
	}
}

type historyStep struct {
	name       string
	before, do func() error
}

// historySteps are the calls whose cost must not depend on history.
func historySteps(b *testing.B, j *queue.Journal) []historyStep {
	nothing := func() error { return nil }
	fifty := func() error { return queue.Keep(j, 50, threeLines()) }
	if err := fifty(); err != nil {
		b.Fatal(err)
	}
	return []historyStep{
		{"append", nothing, func() error {
			_, err := j.Append(context.Background(), queue.Draft{Payload: threeLines()})
			return err
		}},
		{"outbox", nothing, func() error {
			_, err := j.List(context.Background(), queue.Filter{Unsent: true})
			return err
		}},
		{"page", nothing, func() error {
			_, err := j.List(context.Background(), queue.Filter{})
			return err
		}},
		{"counts", nothing, func() error {
			_, err := j.Counts(context.Background())
			return err
		}},
		{"drain", fifty, func() error { benchDrain(b, j); return nil }},
	}
}
