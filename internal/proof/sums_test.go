package proof_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"strings"

	"fieldpay/action"
	"fieldpay/bff/sqlite"
)

// sums are amounts in minor units by what and currency, and counts under "".
type sums map[string]int64

// add counts one action, by its payload.
func (s sums) add(kind action.Type, payload json.RawMessage) error {
	p, err := action.Decode(action.Action{Type: kind, Payload: payload})
	if err != nil {
		return err
	}
	switch p := p.(type) {
	case *action.CreateInvoice:
		s["invoiced "+string(p.Currency)] += p.Total()
	case *action.RecordPayment:
		s["paid "+string(p.Currency)] += p.Amount
	}
	s[string(kind)]++
	return nil
}

// kept is one action as the device shows it.
type kept struct {
	ID       string          `json:"id"`
	Type     action.Type     `json:"type"`
	Sequence int64           `json:"sequence"`
	State    string          `json:"state"`
	Payload  json.RawMessage `json:"payload"`
}

// journal is what fieldpayctl exports, oldest first.
func (j *job) journal() ([]kept, error) {
	p, err := j.startDevice("", "journal", "export")
	if err != nil {
		return nil, err
	}
	if code, err := p.wait(); err != nil || code != 0 {
		return nil, errors.Join(fmt.Errorf("exporting ended with %d: %s", code, p.said), err)
	}
	var all []kept
	for text := range strings.Lines(p.out.String()) {
		var k kept
		if err := json.Unmarshal([]byte(text), &k); err != nil {
			return nil, fmt.Errorf("reading the export: %w", err)
		}
		all = append(all, k)
	}
	return all, nil
}

func (j *job) allApplied() error {
	all, err := j.journal()
	if err != nil {
		return err
	}
	for _, k := range all {
		if k.State != "applied" {
			return fmt.Errorf("action %d, %s, is %s", k.Sequence, k.Type, k.State)
		}
	}
	return nil
}

// compare holds device, ledger and Salesforce against what was written.
func (j *job) compare() error {
	if code, err := j.device("", "journal", "verify"); err != nil || code != 0 {
		return errors.Join(fmt.Errorf("verifying the journal ended with %d", code), err)
	}
	j.server.kill()
	want := sums{}
	for _, l := range j.lines {
		if err := want.add(l.Type, l.Payload); err != nil {
			return err
		}
	}
	for who, ask := range map[string]func() (sums, error){"the device": j.deviceSums, "the ledger": j.ledgerSums, "Salesforce": j.salesforceSums} {
		got, err := ask()
		if err != nil {
			return fmt.Errorf("asking %s: %w", who, err)
		}
		if !maps.Equal(got, want) {
			return fmt.Errorf("%s has %v, and written was %v", who, got, want)
		}
	}
	return nil
}

func (j *job) deviceSums() (sums, error) {
	all, err := j.journal()
	if err != nil {
		return nil, err
	}
	got := sums{}
	for i, k := range all {
		if k.Sequence != int64(i)+1 || k.ID != j.lines[i].ID {
			return nil, fmt.Errorf("action %d stands in place %d", k.Sequence, i+1)
		}
		if err := got.add(k.Type, k.Payload); err != nil {
			return nil, err
		}
	}
	return got, nil
}

func (j *job) ledgerSums() (sums, error) {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, sqlite.Options{Path: filepath.Join(j.folder, "office", "bff.db")})
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }() // it was only read
	var ids []string
	for _, l := range j.lines {
		ids = append(ids, l.ID)
	}
	entries, err := store.Entries(ctx, ids)
	if err != nil {
		return nil, err
	}
	got := sums{}
	for _, e := range entries {
		if !e.Done() || !e.Effect {
			return nil, fmt.Errorf("%s is %+v there", e.Action.ID, e.Outcome)
		}
		if err := got.add(e.Action.Type, e.Action.Payload); err != nil {
			return nil, err
		}
	}
	return got, nil
}

// salesforceSums counts what Salesforce has more than at first, and checks that
// each record stems from another action.
func (j *job) salesforceSums() (sums, error) {
	objects, err := j.records()
	if err != nil {
		return nil, err
	}
	written := map[string]bool{}
	for _, l := range j.lines {
		written[l.ID] = true
	}
	got := sums{}
	for object, kind := range map[string]action.Type{
		"Invoice__c": action.CreateInvoiceType, "Payment__c": action.RecordPaymentType, "Visit__c": action.LogVisitType,
	} {
		got[string(kind)] = int64(len(objects[object]) - j.before[object])
		for _, r := range objects[object] {
			id := strings.ToLower(fmt.Sprint(r["Action_Id__c"]))
			if !written[id] {
				continue
			}
			delete(written, id)
			amount, _ := r["Amount__c"].(float64)
			currency := strings.ToLower(fmt.Sprint(r["Currency__c"]))
			switch kind {
			case action.CreateInvoiceType:
				got["invoiced "+currency] += int64(amount)
			case action.RecordPaymentType:
				got["paid "+currency] += int64(amount)
			}
		}
	}
	if len(written) > 0 {
		return nil, fmt.Errorf("%d actions have no record", len(written))
	}
	return got, nil
}

// records returns what Salesforce has, by object.
func (j *job) records() (map[string][]map[string]any, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+j.salesforce+"/__control/state", http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	var state struct {
		Objects map[string][]map[string]any `json:"objects"`
	}
	return state.Objects, json.NewDecoder(resp.Body).Decode(&state)
}
