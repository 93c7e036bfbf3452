package bff_test

import (
	"testing"

	"fieldpay/bff"
)

// Whatever arrives as an action is answered by one outcome that says what came
// of it, and breaks nothing.
func FuzzProcessor_Submit(f *testing.F) {
	for _, seed := range []string{
		visit("0197f3a0-0000-7000-8000-000000000001", ""), invoiceOf("x", ""), `null`, `[]`, `{"id":{}}`, `{"id":"\ud800","type":"log_visit"}`,
		visit("0197f3a0-0000-7000-8000-000000000002", `,"needs":["",""],"replaces":"0197f3a0-0000-7000-8000-000000000002"`),
		visit("0197f3a0-0000-7000-8000-000000000003", `,"after":"0197f3a0-0000-7000-8000-000000000003","createdAt":"9999-12-31T23:59:59Z"`),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, item string) {
		p, end := newBench(t).processor(bff.ProcessorOptions{})
		defer end()
		out := submit(t, p, item)
		if len(out) != 1 || out[0].Status == "" || out[0].Class == "" {
			t.Errorf("outcomes %+v", out)
		}
	})
}
