package action_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
)

func envelope(t *testing.T, typ action.Type, payload string) action.Action {
	t.Helper()
	return action.Action{ID: action.NewID(), Type: typ, Version: 1, Payload: json.RawMessage(payload)}
}

func TestParse_accepts(t *testing.T) {
	tests := []struct {
		name    string
		typ     action.Type
		payload string
		lane    string
	}{
		{"the reference's bare invoice", "create_invoice", `{"accountId":"acc-001","amount":125000,"currency":"usd","description":"x"}`, ""},
		{"an invoice with lines", "create_invoice", `{"id":"9f0c","accountId":"acc-001","currency":"EUR","amount":1190,"lines":[{"description":"Pump","quantity":"1","unitPrice":1000,"taxRate":"19"}]}`, "invoice:9f0c"},
		{"the reference's update", "update_invoice", `{"invoiceId":"inv-002","status":"pending","stripePaymentIntentId":"pi_1"}`, "invoice:inv-002"},
		{"cash with change", "record_payment", `{"invoiceId":"inv-002","amount":900,"currency":"usd","method":"cash","tendered":1000,"change":100}`, "invoice:inv-002"},
		{"a check", "record_payment", `{"invoiceId":"inv-002","amount":900,"currency":"usd","method":"check","checkNumber":"0042"}`, "invoice:inv-002"},
		{"a card on file", "collect_payment", `{"invoiceId":"inv-002","amount":900,"currency":"usd","method":"card_on_file","cardId":"pm_1"}`, "invoice:inv-002"},
		{"a link for a part", "collect_payment", `{"invoiceId":"inv-002","amount":900,"currency":"USD","method":"payment_link","partial":true}`, "invoice:inv-002"},
		{"an online payment", "sync_payment", `{"invoiceId":"inv-002","paymentIntentId":"pi_1","chargeId":"ch_1"}`, "invoice:inv-002"},
		{"a visit", "log_visit", `{"accountId":"acc-001","note":"Nobody there","outcome":"not_in"}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := envelope(t, tt.typ, tt.payload)
			p, err := action.Parse(a)
			if err != nil {
				t.Fatal(err)
			}
			if p.Type() != tt.typ {
				t.Errorf("type %s", p.Type())
			}
			want := tt.lane
			if want == "" {
				want = p.Record().Kind + ":" + a.ID
			}
			if got := a.LaneOf(p); got != want {
				t.Errorf("lane %q, want %q", got, want)
			}
		})
	}
}

func TestParse_refuses(t *testing.T) {
	tests := []struct {
		name    string
		typ     action.Type
		payload string
		code    action.Code
		field   string
	}{
		{"an empty payload", "create_invoice", `{}`, action.InvalidPayload, "accountId"},
		{"no payload", "create_invoice", ``, action.InvalidPayload, ""},
		{"null", "create_invoice", `null`, action.InvalidPayload, ""},
		{"a list", "create_invoice", `[]`, action.InvalidPayload, ""},
		{"a negative amount", "create_invoice", `{"accountId":"a","amount":-1,"currency":"usd"}`, action.InvalidPayload, "amount"},
		{"an amount of nothing", "create_invoice", `{"accountId":"a","amount":0,"currency":"usd"}`, action.InvalidPayload, "amount"},
		{"a broken amount", "create_invoice", `{"accountId":"a","amount":1.5,"currency":"usd"}`, action.InvalidPayload, "amount"},
		{"an amount as text", "create_invoice", `{"accountId":"a","amount":"1","currency":"usd"}`, action.InvalidPayload, "amount"},
		{"an amount beyond int64", "create_invoice", `{"accountId":"a","amount":99999999999999999999,"currency":"usd"}`, action.InvalidPayload, "amount"},
		{"an unknown currency", "create_invoice", `{"accountId":"a","amount":1,"currency":"xxx"}`, action.InvalidPayload, "currency"},
		{"an unknown field", "create_invoice", `{"accountId":"a","amount":1,"currency":"usd","status":"paid"}`, action.InvalidPayload, "status"},
		{"an id that could break out of a query", "create_invoice", `{"accountId":"a' OR ''='","amount":1,"currency":"usd"}`, action.InvalidPayload, "accountId"},
		{"a total that is not the lines'", "create_invoice", `{"accountId":"a","amount":999,"currency":"usd","lines":[{"description":"x","quantity":"1","unitPrice":1000}]}`, action.TotalMismatch, "amount"},
		{"lines that sum to nothing", "create_invoice", `{"accountId":"a","currency":"usd","lines":[{"description":"x","quantity":"1","unitPrice":0}]}`, action.InvalidPayload, "lines"},
		{"an update to paid", "update_invoice", `{"invoiceId":"i","status":"paid"}`, action.InvalidPayload, "status"},
		{"an update of nothing", "update_invoice", `{"invoiceId":"i"}`, action.InvalidPayload, "description"},
		{"an update of the amount", "update_invoice", `{"invoiceId":"i","amount":1}`, action.InvalidPayload, "amount"},
		{"less cash than the amount", "record_payment", `{"invoiceId":"i","amount":900,"currency":"usd","method":"cash","tendered":800}`, action.InvalidPayload, "tendered"},
		{"wrong change", "record_payment", `{"invoiceId":"i","amount":900,"currency":"usd","method":"cash","tendered":1000,"change":50}`, action.InvalidPayload, "change"},
		{"a check without a number", "record_payment", `{"invoiceId":"i","amount":900,"currency":"usd","method":"check"}`, action.InvalidPayload, "checkNumber"},
		{"a card in hand", "record_payment", `{"invoiceId":"i","amount":900,"currency":"usd","method":"card"}`, action.InvalidPayload, "method"},
		{"a card on file without a card", "collect_payment", `{"invoiceId":"i","amount":900,"currency":"usd","method":"card_on_file"}`, action.InvalidPayload, "cardId"},
		{"a card number", "collect_payment", `{"invoiceId":"i","amount":900,"currency":"usd","method":"card_on_file","cardId":"4242 4242 4242 4242"}`, action.InvalidPayload, "cardId"},
		{"a card number without spaces", "collect_payment", `{"invoiceId":"i","amount":900,"currency":"usd","method":"card_on_file","cardId":"4242424242424242"}`, action.InvalidPayload, "cardId"},
		{"a link with a card", "collect_payment", `{"invoiceId":"i","amount":900,"currency":"usd","method":"payment_link","cardId":"pm_1"}`, action.InvalidPayload, "cardId"},
		{"cash that is to be collected", "collect_payment", `{"invoiceId":"i","amount":900,"currency":"usd","method":"cash"}`, action.InvalidPayload, "method"},
		{"less than Stripe charges", "collect_payment", `{"invoiceId":"i","amount":49,"currency":"usd","method":"payment_link"}`, action.InvalidPayload, "amount"},
		{"more than Stripe charges", "collect_payment", `{"invoiceId":"i","amount":100000000,"currency":"usd","method":"payment_link"}`, action.InvalidPayload, "amount"},
		{"fils that Stripe rounds", "collect_payment", `{"invoiceId":"i","amount":1234,"currency":"kwd","method":"payment_link"}`, action.InvalidPayload, "amount"},
		{"an empty online payment", "sync_payment", `{}`, action.InvalidPayload, "paymentIntentId"},
		{"a visit without a note", "log_visit", `{"accountId":"a","note":"  ","outcome":"met"}`, action.InvalidPayload, "note"},
		{"an unknown type", "fly_to_moon", `{}`, action.UnknownType, ""},
		{"something after the end", "log_visit", `{"accountId":"a","note":"n","outcome":"met"} {}`, action.InvalidPayload, ""},
		{"bytes that are not UTF-8", "log_visit", "{\"accountId\":\"a\",\"note\":\"\xff\",\"outcome\":\"met\"}", action.InvalidPayload, ""},
		{"a NUL in a text", "log_visit", `{"accountId":"a","note":"\u0000x","outcome":"met"}`, action.InvalidPayload, "note"},
		{"a huge text", "log_visit", `{"accountId":"a","note":"` + strings.Repeat("x", action.MaxText+1) + `","outcome":"met"}`, action.InvalidPayload, "note"},
		{"a huge payload", "log_visit", `{"note":"` + strings.Repeat("x", action.MaxPayloadBytes) + `"}`, action.InvalidPayload, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := action.Parse(envelope(t, tt.typ, tt.payload))
			if action.CodeOf(err) != tt.code {
				t.Fatalf("code %q, want %q (%v)", action.CodeOf(err), tt.code, err)
			}
			if tt.field != "" && action.FieldsOf(err)[tt.field] == "" {
				t.Errorf("field %s is not named: %v", tt.field, action.FieldsOf(err))
			}
			if action.MessageOf(err) == "" {
				t.Error("there is no sentence for people")
			}
		})
	}
}

func TestParse_checks_the_envelope(t *testing.T) {
	good := envelope(t, "sync_payment", `{"invoiceId":"inv-002","paymentIntentId":"pi_1"}`)
	tests := []struct {
		name   string
		change func(*action.Action)
		code   action.Code
	}{
		{"an id that is no UUID", func(a *action.Action) { a.ID = "1" }, action.InvalidEnvelope},
		{"a UUID in braces", func(a *action.Action) { a.ID = "{" + a.ID + "}" }, action.InvalidEnvelope},
		{"the lane of another record", func(a *action.Action) { a.Lane = "invoice:other" }, action.InvalidEnvelope},
		{"a negative try", func(a *action.Action) { a.Try = -1 }, action.InvalidEnvelope},
		{"a newer version", func(a *action.Action) { a.Version = 2 }, action.UnknownVersion},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := good
			tt.change(&a)
			if _, err := action.Parse(a); action.CodeOf(err) != tt.code {
				t.Errorf("code %q, want %q", action.CodeOf(err), tt.code)
			}
		})
	}
	t.Run("no version means the first", func(t *testing.T) {
		a := good
		a.Version = 0
		if _, err := action.Parse(a); err != nil {
			t.Error(err)
		}
	})
}

func TestAction_ContentHash(t *testing.T) {
	a := action.Action{ID: "0198c0de-0000-7000-8000-000000000001", Type: "log_visit", Payload: json.RawMessage(`{"a": 1}`)}
	same := a
	same.Payload = json.RawMessage("{\n\"a\":1}")
	same.Try, same.After = 3, "x"
	same.ID = strings.ToUpper(a.ID)
	if a.ContentHash() != same.ContentHash() {
		t.Error("white space, case of the id or a retry changed the hash")
	}
	for name, change := range map[string]func(*action.Action){
		"payload":  func(a *action.Action) { a.Payload = json.RawMessage(`{"a":2}`) },
		"type":     func(a *action.Action) { a.Type = "create_invoice" },
		"replaces": func(a *action.Action) { a.Replaces = "y" },
	} {
		other := a
		change(&other)
		if other.ContentHash() == a.ContentHash() {
			t.Errorf("another %s has the same hash", name)
		}
	}
}

func TestAction_EffectiveAt(t *testing.T) {
	received := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	made := received.Add(-48 * time.Hour)
	tests := []struct {
		name string
		a    action.Action
		want time.Time
	}{
		{"the device's time counts, also days later", action.Action{CreatedAt: made}, made},
		{"a measured offset is taken off", action.Action{CreatedAt: made, ClockOffsetMs: 60_000}, made.Add(-time.Minute)},
		{"no time means the time of receipt", action.Action{}, received},
		{"a clock far ahead means the time of receipt", action.Action{CreatedAt: received.AddDate(3, 0, 0)}, received},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.a.EffectiveAt(received); !got.Equal(tt.want) {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestCode_has_one_treatment(t *testing.T) {
	seen := map[action.Code]bool{}
	for _, c := range action.Codes() {
		if seen[c] {
			t.Errorf("%s stands twice in the table", c)
		}
		seen[c] = true
		if c.Message() == "" || strings.HasSuffix(c.Message(), ".") || c.Class() == "" {
			t.Errorf("%s has no proper sentence or class", c)
		}
	}
	t.Run("a code of a newer build keeps the action", func(t *testing.T) {
		c := action.Code("from_the_future")
		if c.Class() != action.Unknown || c.Class().Settles() || c.Class().Status() != action.StatusWaiting {
			t.Errorf("class %s", c.Class())
		}
	})
}

func TestFailureOutcome(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.FixedZone("x", 3600))
	tests := []struct {
		name string
		err  error
		want action.Outcome
	}{
		{"a refused field fails and can be mended", &action.Error{Code: action.UnknownAccount},
			action.Outcome{Status: action.StatusFailed, Class: action.Gone, Code: action.UnknownAccount, Retryable: true}},
		{"a conflict waits for a person", fmt.Errorf("patching: %w", &action.Error{Code: action.VersionConflict}),
			action.Outcome{Status: action.StatusReview, Class: action.Conflict, Code: action.VersionConflict, Retryable: true}},
		{"a busy upstream goes on by itself", &action.Error{Code: action.SalesforceDown},
			action.Outcome{Status: action.StatusWaiting, Class: action.Transient, Code: action.SalesforceDown}},
		{"a foreign error shows nothing of itself", io.ErrUnexpectedEOF,
			action.Outcome{Status: action.StatusWaiting, Class: action.Unknown, Code: action.Internal}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := action.FailureOutcome("id", tt.err, at)
			if got.Status != tt.want.Status || got.Class != tt.want.Class || got.Code != tt.want.Code || got.Retryable != tt.want.Retryable {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if strings.Contains(got.Error, "EOF") || got.Error == "" || got.OutcomeAt.Location() != time.UTC {
				t.Errorf("sentence %q at %s", got.Error, got.OutcomeAt)
			}
		})
	}
}

func TestError(t *testing.T) {
	err := fmt.Errorf("reading: %w", &action.Error{Code: action.DiskFull, Op: "append", Cause: io.ErrShortWrite})
	if !errors.Is(err, &action.Error{Code: action.DiskFull}) || errors.Is(err, &action.Error{Code: action.Busy}) {
		t.Error("an error is not found by its code")
	}
	if !errors.Is(err, io.ErrShortWrite) {
		t.Error("the cause is lost")
	}
	if action.MessageOf(err) != action.DiskFull.Message() || action.CodeOf(nil) != "" || action.MessageOf(nil) != "" {
		t.Error("the sentence of a code is not used")
	}
}

func FuzzParse(f *testing.F) {
	for _, t := range action.Types() {
		f.Add(string(t), []byte(`{"accountId":"acc-001","amount":1,"currency":"usd","lines":[{"description":"x","quantity":"1.5","unitPrice":3,"taxRate":"19"}]}`))
		f.Add(string(t), []byte(`{"invoiceId":"inv-002","amount":1,"currency":"jpy","method":"cash","tendered":2,"change":1}`))
	}
	f.Fuzz(func(t *testing.T, typ string, payload []byte) {
		a := action.Action{ID: "0198c0de-0000-7000-8000-000000000001", Type: action.Type(typ), Payload: payload}
		p, err := action.Parse(a)
		if err != nil {
			if action.CodeOf(err) == action.Internal {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		bytes, err := action.Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		a.Payload = bytes
		if _, err := action.Parse(a); err != nil {
			t.Fatalf("what was accepted is refused after a round trip: %v", err)
		}
	})
}

func ExampleParse() {
	_, err := action.Parse(action.Action{
		ID:      "0198c0de-0000-7000-8000-000000000001",
		Type:    action.RecordPaymentType,
		Payload: json.RawMessage(`{"invoiceId":"inv-002","amount":-5,"currency":"usd","method":"cash"}`),
	})
	fmt.Println(action.CodeOf(err), action.FieldsOf(err)["amount"])
	// Output: invalid_payload must not be negative
}

func ExampleTotalOf() {
	t, _ := action.TotalOf([]action.Line{{Description: "Filter", Quantity: "2.5", UnitPrice: 1999, TaxRate: "19"}})
	fmt.Println(action.Money{Minor: t.Total, Currency: "eur"})
	// Output: 59.48 EUR
}
