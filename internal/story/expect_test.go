package story_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

func expect(ts *testscript.TestScript, negated bool, args []string) {
	w := here(ts, negated)
	usage(ts, len(args) > 1, "expect state | unsent | journal | salesforce …")
	switch args[0] {
	case "state":
		usage(ts, len(args) == 3, "expect state NAME STATE")
		w.expectState(ts, w.act(ts, args[1]), args[2])
	case "unsent":
		usage(ts, len(args) == 2, "expect unsent NUMBER")
		w.expectUnsent(ts, number(ts, args[1]))
	case "journal":
		usage(ts, len(args) == 2 && args[1] == "whole", "expect journal whole")
		w.ctl(ts, "", 0, "journal", "verify")
	case "salesforce":
		w.expectSalesforce(ts, args[1:])
	default:
		usage(ts, false, "expect state | unsent | journal | salesforce …")
	}
}

func (w *world) expectState(ts *testscript.TestScript, a act, want string) {
	errorf(ts, until(func() error {
		var item struct {
			State   string          `json:"state"`
			Outcome json.RawMessage `json:"outcome"`
		}
		if err := json.Unmarshal([]byte(w.ask(ts, "", 0, "journal", "show", "--json", a.id)), &item); err != nil {
			return fmt.Errorf("reading the journal: %w", err)
		}
		if item.State != want {
			return fmt.Errorf("it is %s, not %s: %s", item.State, want, item.Outcome)
		}
		return nil
	}), "looking into the outbox")
}

func (w *world) expectUnsent(ts *testscript.TestScript, want int) {
	errorf(ts, until(func() error {
		got := strings.Count(w.ask(ts, "", 0, "journal", "list", "--json", "--unsent"), "\n")
		if got != want {
			return fmt.Errorf("%d are unsent, not %d", got, want)
		}
		return nil
	}), "counting the outbox")
}

func (w *world) expectSalesforce(ts *testscript.TestScript, args []string) {
	objects, err := w.office.records()
	errorf(ts, err, "asking Salesforce")
	if len(args) == 3 && args[2] == "more" {
		object, known := map[string]string{"invoices": "Invoice__c", "payments": "Payment__c", "visits": "Visit__c"}[args[1]]
		usage(ts, known, "expect salesforce NUMBER invoices | payments | visits more")
		if got := len(objects[object]) - w.before[object]; got != number(ts, args[0]) {
			ts.Fatalf("Salesforce has %d %s more, not %s", got, args[1], args[0])
		}
		return
	}
	usage(ts, len(args) >= 2 && args[1] == "once" && len(args)%2 == 0, "expect salesforce NAME once [total AMOUNT] [paid AMOUNT]")
	a := w.act(ts, args[0])
	found := slices.DeleteFunc(slices.Clone(objects[a.object]), func(record map[string]any) bool {
		id, _ := record[a.key].(string)
		return !strings.EqualFold(id, a.id)
	})
	if len(found) != 1 {
		ts.Fatalf("Salesforce has %s %d times", args[0], len(found))
	}
	for i := 2; i < len(args); i += 2 {
		field, known := map[string]string{"total": "Amount__c", "paid": "Paid__c"}[args[i]]
		usage(ts, known, "total AMOUNT | paid AMOUNT")
		got, _ := found[0][field].(float64)
		if want := minor(ts, args[i+1], a.currency); int64(got) != want {
			ts.Fatalf("%s of %s is %v, not %d", args[i], args[0], found[0][field], want)
		}
	}
}

func number(ts *testscript.TestScript, text string) int {
	n, err := strconv.Atoi(text)
	errorf(ts, err, "reading a number")
	return n
}
