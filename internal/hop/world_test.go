package hop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
	"fieldpay/bff/cmd/host"
	"fieldpay/queue"
)

func itoa(n int) string { return strconv.Itoa(n) }

// office is the server as it ships, with its sandbox inside.
type office struct {
	*host.Host
	address string
}

func newOffice(t *testing.T) *office {
	t.Helper()
	h, err := host.Start(t.Context(), host.Config{Listen: "127.0.0.1:0", DataDir: t.TempDir()}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(h.URL())
	if err != nil {
		t.Fatal(err)
	}
	return &office{h, u.Host}
}

// effects counts the records of Salesforce that stem from an action.
func (o *office) effects(t *testing.T, id string) (n int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.Sandbox().SalesforceURL()+"/__control/state", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var state struct {
		Objects map[string][]map[string]any `json:"objects"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&state); err != nil {
		t.Fatal(err)
	}
	for _, object := range []string{"Invoice__c", "Payment__c", "Visit__c"} {
		for _, record := range state.Objects[object] {
			if strings.EqualFold(fmt.Sprint(record["Action_Id__c"]), id) {
				n++
			}
		}
	}
	return n
}

// wallet keeps the tokens of one device.
type wallet struct {
	mu     sync.Mutex
	tokens bffclient.Tokens
}

// Tokens implements bffclient.TokenSource.
func (w *wallet) Tokens(context.Context) (bffclient.Tokens, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tokens, nil
}

// Store implements bffclient.TokenSource.
func (w *wallet) Store(_ context.Context, t bffclient.Tokens) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tokens = t
	return nil
}

// Drop implements bffclient.TokenSource.
func (w *wallet) Drop(ctx context.Context) error { return w.Store(ctx, bffclient.Tokens{}) }

// courier carries between the words of the journal and those of the client, as
// package app does.
type courier struct{ client *bffclient.Client }

// Send implements queue.Sender.
func (c courier) Send(ctx context.Context, b queue.Batch) (queue.Reply, error) {
	reply, err := c.client.Send(ctx, bffclient.SyncBatch{
		DeviceID: b.DeviceID, Fence: b.Fence, Head: bffclient.ChainPoint(b.Head),
		Acknowledged: bffclient.ChainPoint(b.Acknowledged), Actions: b.Actions,
	})
	return queue.Reply{Outcomes: reply.Outcomes, Acknowledged: queue.ChainPoint(reply.Acknowledged)}, err
}

// Outcomes implements queue.Sender.
func (c courier) Outcomes(ctx context.Context, ids []string) (found []action.Outcome, unknown []string, err error) {
	return c.client.Outcomes(ctx, ids)
}

// Probe implements queue.Prober.
func (c courier) Probe(ctx context.Context) (queue.Probe, error) {
	h, err := c.client.Probe(ctx)
	return queue.Probe{ServerTime: h.ServerTime, ClockOffset: h.ClockOffset, StartDelay: h.StartDelay, Down: h.Down}, err
}

// device is a journal with its replay.
type device struct {
	t       *testing.T
	journal *queue.Journal
	replay  *queue.Replay
	ids     []string
}

// person is somebody with a client, who signs in.
type person struct {
	*bffclient.Client
	wallet *wallet
}

// newPerson makes the client. Without h it has the transport that ships.
func newPerson(t *testing.T, base string, h *http.Client) *person {
	t.Helper()
	w := &wallet{}
	c, err := bffclient.New(bffclient.Options{BaseURL: base, Tokens: w, HTTP: h})
	if err != nil {
		t.Fatal(err)
	}
	return &person{c, w}
}

// signIn does what a person does who is asked to.
func (p *person) signIn(t *testing.T) {
	t.Helper()
	if had, _ := p.wallet.Tokens(t.Context()); had.Access != "" { // a wallet never fails
		return
	}
	if _, err := p.SignIn(t.Context(), "demo@fieldpay.com", "demo123"); err != nil {
		t.Fatal(err)
	}
}

// newDevice is a device on which a person wrote an invoice, a payment for it and
// a visit.
func newDevice(t *testing.T, p *person) *device {
	t.Helper()
	folder := t.TempDir()
	j, err := queue.Open(t.Context(), queue.Options{Path: filepath.Join(folder, "journal.db"), Key: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &device{t: t, journal: j}
	d.replay, err = queue.NewReplay(queue.ReplayOptions{
		Journal: j, Sender: courier{p.Client}, Prober: courier{p.Client}, LockPath: filepath.Join(folder, "replay.lock"),
	})
	if err != nil {
		t.Fatal(err)
	}
	invoice := d.write(&action.CreateInvoice{AccountID: "acc-001", Currency: "usd", Lines: []action.Line{
		{Quantity: "1.5", UnitPrice: 333, Description: "Filter, replaced"},
	}})
	d.write(&action.RecordPayment{InvoiceID: invoice, Amount: 100, Currency: "usd", Method: action.Cash, Tendered: 100})
	d.write(&action.LogVisit{AccountID: "acc-001", Note: "All well", Outcome: action.Met})
	return d
}

func (d *device) write(p action.Payload) string {
	d.t.Helper()
	item, err := d.journal.Append(d.t.Context(), queue.Draft{Payload: p, Actor: "user-001"})
	if err != nil {
		d.t.Fatal(err)
	}
	d.ids = append(d.ids, item.ID)
	return item.ID
}

// states are the states of all actions, in the order of writing.
func (d *device) states() (states []queue.State) {
	d.t.Helper()
	for _, id := range d.ids {
		item, err := d.journal.Item(d.t.Context(), id)
		if err != nil {
			d.t.Fatal(err)
		}
		states = append(states, item.State)
	}
	return states
}

// recover runs the replay, as the app does, until everything is applied.
func (d *device) recover() {
	d.t.Helper()
	ctx, stop := context.WithCancel(d.t.Context())
	changed, forget := d.journal.Changes()
	defer forget()
	ended := make(chan error, 1)
	d.replay.SignedIn() // a person does, where that was what stopped it
	go func() { ended <- d.replay.Run(ctx) }()
	for !allAre(d.states(), queue.Applied) {
		select {
		case <-changed:
		case err := <-ended:
			d.t.Fatalf("the replay ended: %v", err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		d.t.Error(err)
	}
}

func allAre(states []queue.State, want queue.State) bool {
	for _, s := range states {
		if s != want {
			return false
		}
	}
	return true
}

// wantOneEffect holds Salesforce against the journal.
func (d *device) wantOneEffect(o *office) {
	d.t.Helper()
	for i, id := range d.ids {
		if n := o.effects(d.t, id); n != 1 {
			d.t.Errorf("action %d has %d effects", i+1, n)
		}
	}
	report, err := d.journal.Verify(d.t.Context())
	if err != nil || !report.OK {
		d.t.Errorf("the journal has problems: %+v, %v", report.Problems, err)
	}
}
