package bff_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/bfftest"
	"fieldpay/bff/memory"
)

// bench is a processor over a ledger that survives it.
type bench struct {
	t        *testing.T
	ledger   bff.Ledger
	requests bff.PaymentRequests
	crm      *bfftest.CRM
	payments *bfftest.Payments
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return &bench{t: t, ledger: memory.New(), requests: memory.New(), crm: bfftest.NewCRM(), payments: bfftest.NewPayments()}
}

// processor starts a processor and returns it with what ends it.
func (b *bench) processor(o bff.ProcessorOptions) (*bff.Processor, func()) {
	b.t.Helper()
	if o.Ledger == nil {
		o.Ledger = b.ledger
	}
	o.CRM, o.Payments, o.Requests = b.crm, b.payments, b.requests
	p, err := bff.NewProcessor(o)
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	var once sync.Once
	end := func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				b.t.Errorf("running: %v", err)
			}
		})
	}
	b.t.Cleanup(end)
	return p, end
}

func submit(t *testing.T, p *bff.Processor, items ...string) []action.Outcome {
	t.Helper()
	out, err := p.Submit(t.Context(), bff.Batch{Actor: "user-001", Items: rawMessages(items...)})
	if err != nil {
		t.Fatalf("submitting: %v", err)
	}
	return out
}

// visit is a visit in a lane of its own; more is further JSON of the envelope.
func visit(id, more string) string {
	return fmt.Sprintf(`{"id":%q,"type":"log_visit","payload":{"accountId":"acc-001","note":"n","outcome":"met"}%s}`, id, more)
}

func invoiceOf(id, more string) string {
	return fmt.Sprintf(`{"id":%q,"type":"create_invoice","payload":{"accountId":"acc-001","amount":1000,"currency":"usd"}%s}`, id, more)
}

func paymentOn(id, invoice string, amount int64, more string) string {
	return fmt.Sprintf(`{"id":%q,"type":"record_payment","payload":{"invoiceId":%q,"amount":%d,"currency":"usd","method":"cash"}%s}`, id, invoice, amount, more)
}

func after(id string) string { return fmt.Sprintf(`,"after":%q`, id) }

func statuses(outcomes []action.Outcome) string {
	var all []string
	for _, o := range outcomes {
		text := string(o.Status)
		if o.Code != "" {
			text += ":" + string(o.Code)
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

func down() error { return &action.Error{Code: action.SalesforceDown} }

func TestProcessor_Submit(t *testing.T) {
	a, b, c := action.NewID(), action.NewID(), action.NewID()
	tests := []struct {
		name  string
		items []string
		want  string
	}{
		{"each action is applied", []string{visit(a, ""), visit(b, "")}, "applied applied"},
		{"what cannot be read fails alone", []string{`{"id":"` + a + `","type":5}`, `7`, visit(b, "")},
			"failed:invalid_envelope failed:invalid_envelope applied"},
		{"a type of a newer client waits", []string{`{"id":"` + a + `","type":"teleport","payload":{}}`}, "waiting:unknown_type"},
		{"a version of a newer client waits", []string{visit(a, `,"version":9`)}, "waiting:unknown_version"},
		{"fields of the reference's client are ignored",
			[]string{visit(a, `,"status":"pending","attempts":1,"maxAttempts":3,"lastError":null,"createdAt":"2026-11-22T10:00:00.000Z"`)}, "applied"},
		{"an empty payload fails", []string{`{"id":"` + a + `","type":"create_invoice","payload":{}}`}, "failed:invalid_payload"},
		{"an id that is no UUID fails", []string{visit("1", "")}, "failed:invalid_envelope"},
		{"another person's action fails", []string{visit(a, `,"actor":"user-002"`)}, "failed:not_allowed"},
		{"an unknown invoice fails", []string{paymentOn(a, "inv-404", 5, "")}, "failed:unknown_invoice"},
		{"what comes after nothing known is held", []string{visit(a, after(c))}, "held:after_missing"},
		{"what needs nothing known is held", []string{visit(a, `,"needs":["`+c+`"]`)}, "held:need_missing"},
		{"what comes after a failure is held", []string{paymentOn(a, "inv-404", 5, ""), visit(b, after(a)), visit(c, after(b))},
			"failed:unknown_invoice held:after_missing held:after_missing"},
		{"what comes after something unreadable is held", []string{`{"id":"` + a + `"}`, visit(b, after(a))},
			"waiting:unknown_type held:after_missing"},
		{"what comes before its predecessor is held", []string{visit(b, after(a)), visit(a, "")}, "held:after_missing applied"},
		{"a chain over lanes is applied in order", []string{invoiceOf(a, ""), paymentOn(b, a, 10, after(a)), visit(c, `,"needs":["`+b+`"]`)},
			"applied applied applied"},
		{"capitals in ids are the same action", []string{invoiceOf(strings.ToUpper(a), ""), paymentOn(b, a, 10, after(strings.ToUpper(a)))}, "applied applied"},
		{"one id twice with one content has one effect", []string{visit(a, ""), visit(a, "")}, "applied applied"},
		{"one id twice with two contents is an alarm", []string{visit(a, ""), invoiceOf(a, "")}, "applied review:content_changed"},
		{"too much money is booked and shown to a person", []string{paymentOn(a, "inv-001", 5, ""), visit(b, after(a))},
			"review:overpaid held:after_missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, end := newBench(t).processor(bff.ProcessorOptions{})
				defer end()
				if got := statuses(submit(t, p, tt.items...)); got != tt.want {
					t.Errorf("got  %s\nwant %s", got, tt.want)
				}
			})
		})
	}
}

func TestProcessor_Repeats(t *testing.T) {
	t.Run("a repeat gets the stored answer and makes no call", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			p, end := bench.processor(bff.ProcessorOptions{})
			defer end()
			id := action.NewID()
			first := submit(t, p, invoiceOf(id, ""))[0]
			again := submit(t, p, invoiceOf(strings.ToUpper(id), ""))[0]
			if first.Replayed || !again.Replayed || again.ID != strings.ToUpper(id) || again.ServerID != first.ServerID || bench.crm.Calls(id) != 1 {
				t.Errorf("first %+v, again %+v, %d calls", first, again, bench.crm.Calls(id))
			}
		})
	})
	t.Run("parallel repeats have one effect and one answer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			bench.crm.Delay(300 * time.Millisecond)
			a, b := action.NewID(), action.NewID()
			var work sync.WaitGroup
			answers := make([]string, 6)
			one, endOne := bench.processor(bff.ProcessorOptions{Owner: "one"})
			defer endOne()
			two, endTwo := bench.processor(bff.ProcessorOptions{Owner: "two"})
			defer endTwo()
			for i := range answers {
				p := []*bff.Processor{one, two}[i%2]
				work.Go(func() {
					out := submit(t, p, invoiceOf(a, ""), paymentOn(b, a, 1000, after(a)))
					answers[i] = statuses(out) + " " + out[0].ServerID + out[1].ServerID
				})
			}
			work.Wait()
			if len(slices.Compact(slices.Clone(answers))) != 1 || !strings.HasPrefix(answers[0], "applied applied a") {
				t.Errorf("answers %q", answers)
			}
			if order := bench.crm.Order(); !slices.Equal(order, []string{a, b}) {
				t.Errorf("effects %v", order)
			}
		})
	})
	t.Run("a person's retry of a failure is applied again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			p, end := bench.processor(bff.ProcessorOptions{})
			defer end()
			id := action.NewID()
			bench.crm.Plan(bfftest.Fault{Err: &action.Error{Code: action.UpstreamRefused}})
			got := statuses(submit(t, p, visit(id, ""))) + ", " + statuses(submit(t, p, visit(id, ""))) + ", " + statuses(submit(t, p, visit(id, `,"try":1`)))
			if got != "review:upstream_refused, review:upstream_refused, applied" {
				t.Error(got)
			}
		})
	})
	t.Run("a person's retry of what had an effect is not", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			p, end := bench.processor(bff.ProcessorOptions{})
			defer end()
			id := action.NewID()
			first := submit(t, p, paymentOn(id, "inv-001", 5, ""))[0]
			again := submit(t, p, paymentOn(id, "inv-001", 5, `,"try":1`))[0]
			if first.Code != action.Overpaid || first.Retryable || !again.Replayed || bench.crm.Calls(id) != 1 {
				t.Errorf("first %+v, again %+v", first, again)
			}
		})
	})
	t.Run("an edit takes the place of what failed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			p, end := bench.processor(bff.ProcessorOptions{})
			defer end()
			bad, good, next := action.NewID(), action.NewID(), action.NewID()
			bench.crm.Plan(bfftest.Fault{Err: &action.Error{Code: action.UpstreamInvalid}})
			got := statuses(submit(t, p, paymentOn(bad, "inv-002", 5, ""), paymentOn(next, "inv-002", 6, after(bad)))) + ", " +
				statuses(submit(t, p, paymentOn(good, "inv-002", 5, `,"replaces":"`+bad+`"`), paymentOn(next, "inv-002", 6, after(bad))))
			if got != "failed:upstream_invalid held:after_missing, applied applied" {
				t.Error(got)
			}
		})
	})
	t.Run("an edit of what had an effect makes no second one", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			p, end := bench.processor(bff.ProcessorOptions{})
			defer end()
			done, edit := action.NewID(), action.NewID()
			got := statuses(submit(t, p, paymentOn(done, "inv-002", 5, ""), paymentOn(edit, "inv-002", 6, `,"replaces":"`+done+`"`)))
			if got != "applied review:duplicate_record" || bench.crm.Calls(edit) != 0 {
				t.Error(got)
			}
		})
	})
	t.Run("nor does an edit of an edit of it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			p, end := bench.processor(bff.ProcessorOptions{})
			defer end()
			done, edit, again := action.NewID(), action.NewID(), action.NewID()
			got := statuses(submit(t, p, paymentOn(done, "inv-002", 5, ""))) + " " +
				statuses(submit(t, p, paymentOn(edit, "inv-002", 6, `,"replaces":"`+done+`"`))) + " " +
				statuses(submit(t, p, paymentOn(again, "inv-002", 7, `,"replaces":"`+edit+`"`)))
			if got != "applied review:duplicate_record review:duplicate_record" || bench.crm.Calls(again) != 0 {
				t.Error(got)
			}
		})
	})
	t.Run("what comes after it does not wait for the edit that comes behind", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			p, end := bench.processor(bff.ProcessorOptions{})
			defer end()
			done, next, edit := action.NewID(), action.NewID(), action.NewID()
			submit(t, p, paymentOn(done, "inv-002", 5, ""))
			bench.crm.Plan(bfftest.Fault{Err: down()}, bfftest.Fault{Err: down()})
			submit(t, p, paymentOn(next, "inv-002", 6, after(done)))
			submit(t, p, paymentOn(edit, "inv-002", 7, `,"replaces":"`+done+`"`))
			elapse(time.Minute)
			found, _, err := p.Outcomes(t.Context(), bff.Batch{Actor: "user-001"}, []string{next, edit})
			if err != nil || statuses(found) != "applied review:duplicate_record" {
				t.Errorf("%s, %v", statuses(found), err)
			}
		})
	})
	t.Run("edits that replace each other in a ring are answered", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			p, end := bench.processor(bff.ProcessorOptions{})
			defer end()
			one, other := action.NewID(), action.NewID()
			bench.crm.Plan(bfftest.Fault{Err: &action.Error{Code: action.UpstreamInvalid}})
			got := statuses(submit(t, p, paymentOn(one, "inv-002", 5, `,"replaces":"`+other+`"`))) + " " +
				statuses(submit(t, p, paymentOn(other, "inv-002", 6, `,"replaces":"`+one+`"`)))
			if got != "failed:upstream_invalid applied" {
				t.Error(got)
			}
		})
	})
}

func TestProcessor_Trouble(t *testing.T) {
	t.Run("passing trouble is answered as accepted and goes on by itself", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			p, end := bench.processor(bff.ProcessorOptions{})
			defer end()
			id, next := action.NewID(), action.NewID()
			bench.crm.Plan(bfftest.Fault{Err: down()}, bfftest.Fault{Err: down()})
			began := time.Now()
			got := submit(t, p, paymentOn(id, "inv-002", 5, ""), paymentOn(next, "inv-002", 6, after(id)))
			if statuses(got) != "accepted:salesforce_unavailable accepted" || got[0].RetryAfterMs < 1000 || time.Since(began) > time.Second {
				t.Errorf("%+v after %v", got, time.Since(began))
			}
			elapse(10 * time.Second)
			found, unknown, err := p.Outcomes(t.Context(), bff.Batch{Actor: "user-001"}, []string{id, next, "nobody's"})
			if err != nil || statuses(found) != "applied applied" || !slices.Equal(unknown, []string{"nobody's"}) {
				t.Errorf("%+v, unknown %v, %v", found, unknown, err)
			}
			if order := bench.crm.Order(); !slices.Equal(order, []string{id, next}) {
				t.Errorf("effects %v", order)
			}
		})
	})
	t.Run("no trouble that passes is ever final", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			p, end := bench.processor(bff.ProcessorOptions{})
			defer end()
			for _, code := range []action.Code{action.RecordLocked, action.UpstreamLogin, action.RateLimited, action.Busy, action.Internal} {
				id := action.NewID()
				bench.crm.Plan(bfftest.Fault{Err: &action.Error{Code: code}})
				if got := statuses(submit(t, p, visit(id, ""))); got != "accepted:"+string(code) {
					t.Errorf("%s: %s", code, got)
				}
				elapse(time.Minute)
				if got := statuses(submit(t, p, visit(id, ""))); got != "applied" {
					t.Errorf("%s, later: %s", code, got)
				}
			}
		})
	})
	t.Run("one lane's trouble does not delay another", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			p, end := bench.processor(bff.ProcessorOptions{Concurrency: 1})
			defer end()
			bench.crm.Plan(bfftest.Fault{Err: down()})
			got := strings.Fields(statuses(submit(t, p, visit(action.NewID(), ""), visit(action.NewID(), ""))))
			slices.Sort(got)
			if !slices.Equal(got, []string{"accepted:salesforce_unavailable", "applied"}) {
				t.Error(got)
			}
		})
	})
	t.Run("what waits for a failure leaves the ledger again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			p, end := bench.processor(bff.ProcessorOptions{})
			defer end()
			id, next := action.NewID(), action.NewID()
			bench.crm.Plan(bfftest.Fault{Err: down()}, bfftest.Fault{Err: &action.Error{Code: action.UpstreamInvalid}})
			if got := statuses(submit(t, p, visit(id, ""), visit(next, after(id)))); got != "accepted:salesforce_unavailable accepted" {
				t.Error(got)
			}
			elapse(10 * time.Second)
			found, unknown, err := p.Outcomes(t.Context(), bff.Batch{Actor: "user-001"}, []string{id, next})
			if err != nil || statuses(found) != "failed:upstream_invalid" || !slices.Equal(unknown, []string{next}) {
				t.Errorf("%+v, unknown %v, %v", found, unknown, err)
			}
		})
	})
	t.Run("many that wait for one another do not crowd out what is due", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			first, end := bench.processor(bff.ProcessorOptions{Owner: "one"})
			id := action.NewID()
			bench.crm.Plan(bfftest.Fault{Err: down()}, bfftest.Fault{Err: down()})
			items := []string{visit(id, "")}
			for range 300 {
				items = append(items, visit(action.NewID(), `,"needs":["`+id+`"]`))
			}
			submit(t, first, items...)
			end()
			second, end := bench.processor(bff.ProcessorOptions{Owner: "two"})
			defer end()
			elapse(time.Minute)
			for i, o := range submit(t, second, items...) {
				if o.Status != action.StatusApplied {
					t.Fatalf("item %d: %+v", i, o)
				}
			}
		})
	})
	t.Run("an answer takes no longer than the budget", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			p, end := bench.processor(bff.ProcessorOptions{})
			defer end()
			bench.crm.Delay(3 * time.Second)
			var items []string
			for range 4 {
				items = append(items, paymentOn(action.NewID(), "inv-002", 5, ""))
			}
			began := time.Now()
			got := statuses(submit(t, p, items...))
			if got != "applied applied accepted accepted" || time.Since(began) != 8*time.Second {
				t.Errorf("%s after %v", got, time.Since(began))
			}
			elapse(5 * time.Second)
			if got := statuses(submit(t, p, items...)); got != "applied applied applied applied" {
				t.Errorf("later: %s", got)
			}
		})
	})
	t.Run("a store that takes nothing is an error of the call", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bench := newBench(t)
			p, end := bench.processor(bff.ProcessorOptions{Ledger: &crashing{Ledger: bench.ledger, left: 1}})
			defer end()
			_, err := p.Submit(t.Context(), bff.Batch{Actor: "user-001", Items: rawMessages(visit(action.NewID(), ""))})
			if !errors.Is(err, errCrash) {
				t.Errorf("error %v", err)
			}
		})
	})
}
