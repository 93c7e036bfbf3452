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
	form := "expect salesforce NAME once [total AMOUNT] [paid AMOUNT]"
	var holds func(objects map[string][]map[string]any) error
	if len(args) == 3 && args[2] == "more" {
		object, known := map[string]string{"invoices": "Invoice__c", "payments": "Payment__c", "visits": "Visit__c"}[args[1]]
		usage(ts, known, "expect salesforce NUMBER invoices | payments | visits more")
		want := number(ts, args[0])
		holds = func(objects map[string][]map[string]any) error {
			if got := len(objects[object]) - w.before[object]; got != want {
				return fmt.Errorf("it has %d %s more, not %d", got, args[1], want)
			}
			return nil
		}
	} else {
		usage(ts, len(args) >= 2 && args[1] == "once" && len(args)%2 == 0, form)
		wanted := wantedOf(ts, w.act(ts, args[0]), args[2:], form)
		holds = func(objects map[string][]map[string]any) error { return wanted.in(objects) }
	}
	errorf(ts, until(func() error {
		objects, err := w.office.records()
		if err != nil {
			return err
		}
		return holds(objects)
	}), "looking into Salesforce")
}

// wanted is one record with what stands in it.
type wanted struct {
	act    act
	fields map[string]int64
}

func wantedOf(ts *testscript.TestScript, a act, words []string, form string) wanted {
	w := wanted{act: a, fields: map[string]int64{}}
	for i := 0; i < len(words); i += 2 {
		field, known := map[string]string{"total": "Amount__c", "paid": "Paid__c"}[words[i]]
		usage(ts, known, form)
		w.fields[field] = minor(ts, words[i+1], a.currency)
	}
	return w
}

func (w wanted) in(objects map[string][]map[string]any) error {
	found := slices.DeleteFunc(slices.Clone(objects[w.act.object]), func(record map[string]any) bool {
		id, _ := record[w.act.key].(string)
		return !strings.EqualFold(id, w.act.id)
	})
	if len(found) != 1 {
		return fmt.Errorf("it has this %d times", len(found))
	}
	for field, want := range w.fields {
		if got, _ := found[0][field].(float64); int64(got) != want {
			return fmt.Errorf("%s is %v, not %d", field, found[0][field], want)
		}
	}
	return nil
}

func number(ts *testscript.TestScript, text string) int {
	n, err := strconv.Atoi(text)
	errorf(ts, err, "reading a number")
	return n
}
