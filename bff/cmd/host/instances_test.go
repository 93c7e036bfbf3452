package host_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff/cmd/host"
	"fieldpay/sandbox"
)

const (
	devices       = 5
	lanesOfDevice = 12
	// window is how many actions a request has; two requests of a device, which
	// overlap by half, are under way at a time.
	window = 8
)

// Servers die and come back while devices send and send again: nothing is lost,
// nothing is done twice, and the order of each lane is kept.
func TestInstances(t *testing.T) {
	box, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	// Calls take a while, so that a server dies in the middle of some.
	control(t, "POST", box.SalesforceURL()+"/__control/faults", `[{"match":{"path":"/services/data"},"effect":{"delayReplyMs":40}}]`, nil)
	k := startCluster(t, host.Config{
		Listen: "127.0.0.1:0", Store: database.Database(t), TakeOver: 3 * time.Second,
		SalesforceLoginURL: box.SalesforceURL(), StripeAPIBase: box.StripeURL(),
	}, 3)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	token := signedIn(t, k.url()).token
	var work sync.WaitGroup
	var settled atomic.Int64
	progress, all := make(chan struct{}, 1), make([]*device, devices)
	for i := range all {
		all[i] = newDevice(i, k.url(), token)
		work.Go(func() {
			err := all[i].drain(ctx, func(n int) {
				settled.Add(int64(n))
				select {
				case progress <- struct{}{}:
				default:
				}
			})
			if err != nil {
				t.Errorf("device %d: %v", i, err)
			}
		})
	}
	total := int64(devices * lanesOfDevice * len(newLane().actions))
	signals := []os.Signal{os.Kill, os.Kill, syscall.SIGTERM, os.Kill, os.Kill, os.Kill, syscall.SIGTERM, os.Kill}
	for n, s := range signals {
		for settled.Load() < total*int64(n)/int64(len(signals)) && ctx.Err() == nil {
			select {
			case <-progress:
			case <-ctx.Done():
			}
		}
		if err := k.replace(s); err != nil {
			t.Error(err)
		}
	}
	work.Wait()
	verify(t, box.SalesforceURL(), all)
}

// control calls the control plane of the sandbox.
func control(t *testing.T, method, url, body string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %s %v", method, url, res.StatusCode, text, err)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// lane is the life of one invoice, as the actions of a device.
type lane struct {
	invoice  string
	actions  []sent
	payments []string
}

type sent struct{ id, text string }

func newLane() lane {
	l := lane{invoice: action.NewID()}
	add := func(id, kind, payload string) {
		after := ""
		if n := len(l.actions); n > 0 {
			after = l.actions[n-1].id
		}
		l.actions = append(l.actions, sent{id, fmt.Sprintf(`{"id":%q,"type":%q,"after":%q,"payload":%s}`, id, kind, after, payload)})
	}
	pay := func(amount int) {
		id := action.NewID()
		l.payments = append(l.payments, id)
		add(id, "record_payment", fmt.Sprintf(`{"invoiceId":%q,"amount":%d,"currency":"usd","method":"cash"}`, l.invoice, amount))
	}
	change := func(text string) {
		add(action.NewID(), "update_invoice", fmt.Sprintf(`{"invoiceId":%q,"description":%q}`, l.invoice, text))
	}
	add(l.invoice, "create_invoice", `{"accountId":"acc-001","amount":1000,"currency":"usd","description":"new"}`)
	pay(100)
	change("first")
	pay(200)
	change("last")
	pay(700)
	return l
}

// device has actions of several lanes and sends them until all are applied.
type device struct {
	id, url, token string
	lanes          []lane
	left           []sent
	http           *http.Client
}

func newDevice(n int, url, token string) *device {
	d := &device{id: fmt.Sprint("device-", n), url: url, token: token, http: &http.Client{
		// Each request goes to another server.
		Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second,
	}}
	for range lanesOfDevice {
		d.lanes = append(d.lanes, newLane())
	}
	for i := range d.lanes[0].actions {
		for _, l := range d.lanes {
			d.left = append(d.left, l.actions[i])
		}
	}
	return d
}

// drain sends, in two requests at a time that overlap, what is not known to be
// applied; a request whose answer is lost is simply sent again.
func (d *device) drain(ctx context.Context, applied func(n int)) error {
	for len(d.left) > 0 && ctx.Err() == nil {
		var work sync.WaitGroup
		answers := make([][]action.Outcome, 2)
		for i := range answers {
			from := min(i*window/2, len(d.left))
			part := d.left[from:min(from+window, len(d.left))]
			if len(part) > 0 {
				work.Go(func() { answers[i] = d.send(ctx, part) })
			}
		}
		work.Wait()
		done := map[string]bool{}
		for _, o := range slices.Concat(answers...) {
			switch o.Status {
			case action.StatusApplied:
				done[o.ID] = true
			case action.StatusReview, action.StatusFailed:
				return fmt.Errorf("%s became %s: %s %s", o.ID, o.Status, o.Code, o.Error)
			}
		}
		d.left = slices.DeleteFunc(d.left, func(s sent) bool { return done[s.id] })
		applied(len(done))
		if len(done) == 0 {
			select {
			case <-time.After(time.Duration(20+rand.IntN(80)) * time.Millisecond):
			case <-ctx.Done():
			}
		}
	}
	if len(d.left) > 0 {
		return fmt.Errorf("%d actions are not applied: %w", len(d.left), ctx.Err())
	}
	return nil
}

// send answers nothing when the call fails in any way: the device knows no more
// than before.
func (d *device) send(ctx context.Context, part []sent) []action.Outcome {
	texts := make([]string, len(part))
	for i, s := range part {
		texts[i] = s.text
	}
	body := fmt.Sprintf(`{"deviceId":%q,"fence":1,"actions":[%s]}`, d.id, strings.Join(texts, ","))
	req, err := http.NewRequestWithContext(ctx, "POST", d.url+"/sync/actions", strings.NewReader(body))
	if err != nil {
		return nil
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+d.token)
	res, err := d.http.Do(req)
	if err != nil {
		return nil
	}
	defer res.Body.Close()
	var answer synced
	if res.StatusCode != http.StatusOK || json.NewDecoder(res.Body).Decode(&answer) != nil {
		return nil
	}
	return answer.Results
}

// verify compares what the org has with what the devices did.
func verify(t *testing.T, org string, all []*device) {
	t.Helper()
	var state struct {
		Objects struct {
			Invoices []struct {
				ID          string `json:"Client_Invoice_Id__c"`
				Description string `json:"Description__c"`
				Paid        int64  `json:"Paid__c"`
			} `json:"Invoice__c"`
			Payments []struct {
				ID   string `json:"Action_Id__c"`
				Name string `json:"Name"` // a number that rises
			} `json:"Payment__c"`
		} `json:"objects"`
		Effects struct {
			Created map[string]int `json:"created"`
		} `json:"effects"`
	}
	control(t, "GET", org+"/__control/state", "", &state)
	numbers := map[string]string{}
	for _, p := range state.Objects.Payments {
		if _, twice := numbers[p.ID]; twice {
			t.Errorf("payment %s was booked twice", p.ID)
		}
		numbers[p.ID] = p.Name
	}
	invoices := map[string]int{}
	for i, inv := range state.Objects.Invoices {
		invoices[inv.ID] = i
	}
	payments := 0
	for _, d := range all {
		for _, l := range d.lanes {
			i, there := invoices[l.invoice]
			if !there {
				t.Errorf("invoice %s is lost", l.invoice)
				continue
			}
			if inv := state.Objects.Invoices[i]; inv.Description != "last" || inv.Paid != 1000 {
				t.Errorf("invoice %+v", inv)
			}
			order := make([]string, len(l.payments))
			for i, id := range l.payments {
				order[i] = numbers[id]
			}
			if slices.Contains(order, "") || !slices.IsSorted(order) {
				t.Errorf("payments of %s in the order %q", l.invoice, order)
			}
			payments += len(l.payments)
		}
	}
	if made := state.Effects.Created; made["Invoice__c"] != devices*lanesOfDevice || made["Payment__c"] != payments {
		t.Errorf("created %v, want %d invoices and %d payments", made, devices*lanesOfDevice, payments)
	}
}
