package queue_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"fieldpay/action"
	"fieldpay/queue"
)

func TestJournal_Append(t *testing.T) {
	t.Run("numbers actions without a gap and keeps them over a restart", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "journal.db")
		j := openAt(t, path)
		var kept []queue.Item
		for range 3 {
			kept = append(kept, keep(t, j, visit("acc-001")))
		}
		device := j.DeviceID()
		closeJournal(t, j)
		j = openAt(t, path)
		defer closeJournal(t, j)
		if j.DeviceID() != device {
			t.Errorf("the device was %s and is %s", device, j.DeviceID())
		}
		for i, item := range kept {
			again := get(t, j, item.ID)
			if again.Sequence != int64(i+1) || !bytes.Equal(again.Payload, item.Payload) || again.Hash != item.Hash ||
				again.Actor != "rep-1" || !again.CreatedAt.Equal(item.CreatedAt) || again.DeviceID != device {
				t.Errorf("kept %+v, found %+v", item, again)
			}
		}
		wantSound(t, j)
	})
	t.Run("computes lane and predecessor from what is there", func(t *testing.T) {
		j := journal(t)
		made := keep(t, j, invoice("", 100))
		paid := keep(t, j, payment(made.ID, 50, "usd"))
		other := keep(t, j, payment("inv-002", 50, "usd"))
		if paid.Lane != "invoice:"+made.ID || paid.After != made.ID {
			t.Errorf("the payment is in %s after %q", paid.Lane, paid.After)
		}
		if other.After != "" {
			t.Errorf("the first of its lane comes after %q", other.After)
		}
	})
	t.Run("answers a repeat with what is there, and refuses other content under the id", func(t *testing.T) {
		j := journal(t)
		d := queue.Draft{ID: strings.ToUpper(action.NewID()), Payload: visit("acc-001")}
		first, err := j.Append(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		again, err := j.Append(t.Context(), d)
		if err != nil || again.Sequence != first.Sequence {
			t.Errorf("the repeat is action %d, %v", again.Sequence, err)
		}
		d.Payload = visit("acc-002")
		_, err = j.Append(t.Context(), d)
		wantCode(t, err, action.ContentChanged)
		if next := keep(t, j, visit("acc-001")); next.Sequence != 2 {
			t.Errorf("the next one is action %d", next.Sequence)
		}
	})
	t.Run("refuses what is not valid and keeps nothing of it", func(t *testing.T) {
		j := journal(t)
		_, err := j.Append(t.Context(), queue.Draft{Payload: payment("inv-002", -1, "usd")})
		wantCode(t, err, action.InvalidPayload)
		_, err = j.Append(t.Context(), queue.Draft{})
		wantCode(t, err, action.InvalidPayload)
		_, err = j.Append(t.Context(), queue.Draft{ID: "not-a-uuid", Payload: visit("acc-001")})
		wantCode(t, err, action.InvalidEnvelope)
		_, err = j.Append(t.Context(), queue.Draft{Payload: visit("acc-001"), Needs: []string{"x"}})
		wantCode(t, err, action.InvalidEnvelope)
		if page, err := j.List(t.Context(), queue.Filter{}); err != nil || len(page.Items) != 0 {
			t.Errorf("kept %+v, %v", page.Items, err)
		}
	})
	t.Run("callers that come together each get their own", func(t *testing.T) {
		j := journal(t)
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				if _, err := j.Append(context.Background(), queue.Draft{Payload: payment("inv-002", 1, "usd")}); err != nil {
					t.Error(err)
				}
				_, err := j.Append(context.Background(), queue.Draft{ID: "x", Payload: visit("acc-001")})
				wantCode(t, err, action.InvalidEnvelope)
			})
		}
		wg.Wait()
		counts, err := j.Counts(t.Context())
		if err != nil || counts.ByState[queue.Pending] != 64 {
			t.Errorf("%+v, %v", counts, err)
		}
		wantSound(t, j)
	})
}

func TestJournal_manyProcesses(t *testing.T) {
	t.Run("appends of several journals on one file interleave without a gap", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "journal.db")
		const processes, each = 4, 50
		var wg sync.WaitGroup
		for range processes {
			j := openAt(t, path)
			wg.Go(func() {
				defer closeJournal(t, j)
				for range each {
					if _, err := j.Append(context.Background(), queue.Draft{Payload: payment("inv-002", 1, "usd")}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		j := openAt(t, path)
		defer closeJournal(t, j)
		wantSound(t, j)
		before := ""
		var sequence int64
		exported(t, j, func(item queue.Item) {
			sequence++
			if item.Sequence != sequence || item.After != before {
				t.Errorf("action %d comes after %q, want %d after %q", item.Sequence, item.After, sequence, before)
			}
			before = item.ID
		})
		if sequence != processes*each {
			t.Errorf("%d actions", sequence)
		}
	})
	t.Run("a write of another process is told within seconds", func(t *testing.T) {
		inBubble(t, func(d *device) {
			changed, stop := d.journal.Changes()
			defer stop()
			other := openAt(t, d.path)
			defer closeJournal(t, other)
			keep(t, other, visit("acc-001"))
			<-changed
		})
	})
}

func exported(t *testing.T, j *queue.Journal, each func(queue.Item)) {
	t.Helper()
	var out bytes.Buffer
	if err := j.Export(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(&out)
	for dec.More() {
		var item queue.Item
		if err := dec.Decode(&item); err != nil {
			t.Fatal(err)
		}
		each(item)
	}
}

func TestJournal_Replace(t *testing.T) {
	t.Run("takes the place of what was edited, and the record keeps its id", func(t *testing.T) {
		j := journal(t)
		made := keep(t, j, invoice("", 100))
		paid := keep(t, j, payment(made.ID, 50, "usd"))
		edited, err := j.Replace(t.Context(), made.ID, queue.Draft{Payload: invoice("", 200), Actor: "rep-1"})
		if err != nil {
			t.Fatal(err)
		}
		if edited.Lane != made.Lane || edited.Replaces != made.ID || edited.After != "" {
			t.Errorf("got %+v", edited.Action)
		}
		if p, err := action.Decode(edited.Action); err != nil || p.Record().ID != made.ID {
			t.Errorf("the record is %+v, %v", p, err)
		}
		if old := wantState(t, j, made.ID, queue.Superseded); old.ReplacedBy != edited.ID {
			t.Errorf("replaced by %q", old.ReplacedBy)
		}
		if later := keep(t, j, payment(made.ID, 5, "usd")); later.After != paid.ID {
			t.Errorf("the next comes after %q, want the payment", later.After)
		}
		wantSound(t, j)
	})
	t.Run("an edit of an edit still stands in the first one's place", func(t *testing.T) {
		j := journal(t)
		first := keep(t, j, payment("inv-002", 1, "usd"))
		second := keep(t, j, payment("inv-002", 2, "usd"))
		keep(t, j, payment("inv-002", 3, "usd"))
		id := second.ID
		for amount := int64(20); amount < 23; amount++ {
			edited, err := j.Replace(t.Context(), id, queue.Draft{Payload: payment("inv-002", amount, "usd")})
			if err != nil {
				t.Fatal(err)
			}
			if edited.After != first.ID {
				t.Errorf("comes after %q", edited.After)
			}
			id = edited.ID
		}
		wantSound(t, j)
	})
	t.Run("a repeat of the same edit answers the same action", func(t *testing.T) {
		j := journal(t)
		first := keep(t, j, payment("inv-002", 1, "usd"))
		d := queue.Draft{ID: action.NewID(), Payload: payment("inv-002", 2, "usd")}
		one, err := j.Replace(t.Context(), first.ID, d)
		if err != nil {
			t.Fatal(err)
		}
		two, err := j.Replace(t.Context(), first.ID, d)
		if err != nil || two.Sequence != one.Sequence {
			t.Errorf("got %d, %v", two.Sequence, err)
		}
	})
	t.Run("what is superseded cannot be edited again", func(t *testing.T) {
		j := journal(t)
		first := keep(t, j, visit("acc-001"))
		if _, err := j.Replace(t.Context(), first.ID, queue.Draft{Payload: visit("acc-002")}); err != nil {
			t.Fatal(err)
		}
		_, err := j.Replace(t.Context(), first.ID, queue.Draft{Payload: visit("acc-003")})
		wantCode(t, err, action.NotPossible)
		_, err = j.Replace(t.Context(), action.NewID(), queue.Draft{Payload: visit("acc-003")})
		wantCode(t, err, action.NotFound)
		if counts, err := j.Counts(t.Context()); err != nil || counts.Unsent != 1 {
			t.Errorf("%+v, %v", counts, err)
		}
	})
}

func TestJournal_Discard(t *testing.T) {
	t.Run("needs a reason, which stays in the history", func(t *testing.T) {
		j := journal(t)
		item := keep(t, j, visit("acc-001"))
		_, err := j.Discard(t.Context(), item.ID, "rep-1", "")
		wantCode(t, err, action.InvalidPayload)
		if _, err := j.Discard(t.Context(), item.ID, "rep-1", "written twice"); err != nil {
			t.Fatal(err)
		}
		wantState(t, j, item.ID, queue.Discarded)
		steps, err := j.History(t.Context(), item.ID)
		if err != nil || len(steps) != 2 || steps[1].Message != "written twice" || steps[1].By != "rep-1" || steps[0].By != "rep-1" {
			t.Errorf("%+v, %v", steps, err)
		}
		_, err = j.Retry(t.Context(), item.ID, "rep-1")
		wantCode(t, err, action.NotPossible)
	})
	t.Run("the next of the lane comes after what was before", func(t *testing.T) {
		j := journal(t)
		first := keep(t, j, payment("inv-002", 1, "usd"))
		second := keep(t, j, payment("inv-002", 2, "usd"))
		if _, err := j.Discard(t.Context(), second.ID, "rep-1", "wrong invoice"); err != nil {
			t.Fatal(err)
		}
		if third := keep(t, j, payment("inv-002", 3, "usd")); third.After != first.ID {
			t.Errorf("comes after %q", third.After)
		}
	})
}

func TestJournal_List(t *testing.T) {
	t.Run("pages through everything, newest first", func(t *testing.T) {
		j := journal(t)
		for range 7 {
			keep(t, j, visit("acc-001"))
		}
		var seen []int64
		for before := int64(0); ; {
			page, err := j.List(t.Context(), queue.Filter{Limit: 3, Before: before})
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range page.Items {
				seen = append(seen, item.Sequence)
			}
			if before = page.Next; before == 0 {
				break
			}
		}
		if len(seen) != 7 || seen[0] != 7 || seen[6] != 1 {
			t.Errorf("saw %v", seen)
		}
	})
	t.Run("shows what a need holds back as held", func(t *testing.T) {
		j := journal(t)
		first := keep(t, j, visit("acc-001"))
		second := keep(t, j, payment("inv-002", 1, "usd"), first.ID)
		third := keep(t, j, payment("inv-002", 2, "usd"))
		held, err := j.List(t.Context(), queue.Filter{States: []queue.State{queue.Held}})
		if err != nil || len(held.Items) != 2 || held.Items[0].BlockedBy != second.ID || held.Items[1].BlockedBy != first.ID {
			t.Errorf("%+v, %v", held.Items, err)
		}
		pending, err := j.List(t.Context(), queue.Filter{States: []queue.State{queue.Pending}})
		if err != nil || len(pending.Items) != 1 || pending.Items[0].ID != first.ID {
			t.Errorf("%+v, %v", pending.Items, err)
		}
		counts, err := j.Counts(t.Context())
		if err != nil || counts.ByState[queue.Held] != 2 || counts.ByState[queue.Pending] != 1 || counts.Unsent != 3 {
			t.Errorf("%+v, %v", counts, err)
		}
		lane, err := j.List(t.Context(), queue.Filter{Lane: third.Lane})
		if err != nil || len(lane.Items) != 2 || lane.Items[0].ID != third.ID {
			t.Errorf("%+v, %v", lane.Items, err)
		}
	})
}

func TestJournal_Counts(t *testing.T) {
	t.Run("sums money by currency, and only what is unsent", func(t *testing.T) {
		j := journal(t)
		keep(t, j, payment("inv-002", 150, "USD"))
		keep(t, j, payment("inv-002", 50, "usd"))
		keep(t, j, payment("inv-003", 1200, "jpy"))
		gone := keep(t, j, payment("inv-003", 9, "eur"))
		keep(t, j, invoice("", 700))
		for range 2 { // the second time from memory
			counts, err := j.Counts(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(counts.UnsentSums) == 3 {
				if counts.UnsentSums[0] != (action.Money{Minor: 9, Currency: "eur"}) {
					t.Errorf("sums %v", counts.UnsentSums)
				}
				if _, err := j.Discard(t.Context(), gone.ID, "rep-1", "wrong"); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if len(counts.UnsentSums) != 2 || counts.UnsentSums[0] != (action.Money{Minor: 1200, Currency: "jpy"}) ||
				counts.UnsentSums[1] != (action.Money{Minor: 200, Currency: "usd"}) ||
				len(counts.InvoiceSums) != 1 || counts.InvoiceSums[0].Minor != 700 || counts.ByState[queue.Discarded] != 1 {
				t.Errorf("%+v", counts)
			}
		}
	})
}

func TestOpen(t *testing.T) {
	t.Run("a wrong key is told, and changes nothing", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "journal.db")
		j := openAt(t, path)
		item := keep(t, j, visit("acc-001"))
		closeJournal(t, j)
		_, err := queue.Open(t.Context(), queue.Options{Path: path, Key: make([]byte, 32)})
		wantCode(t, err, action.KeyMissing)
		_, err = queue.Open(t.Context(), queue.Options{Path: path, Key: []byte("short")})
		wantCode(t, err, action.KeyMissing)
		j = openAt(t, path)
		defer closeJournal(t, j)
		wantState(t, j, item.ID, queue.Pending)
	})
	t.Run("a file that is no journal is told, and not overwritten", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "journal.db")
		foreign := bytes.Repeat([]byte("something else entirely "), 400)
		if err := os.WriteFile(path, foreign, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := queue.Open(t.Context(), queue.Options{Path: path, Key: key()})
		wantCode(t, err, action.JournalDamaged)
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, foreign) {
			t.Errorf("the file was changed, %v", err)
		}
	})
	t.Run("a device id given at the first open stays", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "journal.db")
		j, err := queue.Open(t.Context(), queue.Options{Path: path, Key: key(), DeviceID: "device-7"})
		if err != nil {
			t.Fatal(err)
		}
		closeJournal(t, j)
		if j = openAt(t, path); j.DeviceID() != "device-7" {
			t.Errorf("got %s", j.DeviceID())
		}
		closeJournal(t, j)
	})
}

func TestJournal_seal(t *testing.T) {
	t.Run("nothing that a person typed is in the files", func(t *testing.T) {
		folder := t.TempDir()
		j := openAt(t, filepath.Join(folder, "journal.db"))
		defer closeJournal(t, j)
		made := keep(t, j, &action.CreateInvoice{
			AccountID: "CANARYACCOUNT", ContactID: "CANARYCONTACT", Currency: "usd", Description: "CANARYDESCRIPTION", Notes: "CANARYNOTES",
			Lines: []action.Line{{Description: "CANARYLINE", Quantity: "1", UnitPrice: 77777777}},
		})
		keep(t, j, &action.RecordPayment{InvoiceID: made.ID, Amount: 77777777, Currency: "usd", Method: action.Check, CheckNumber: "CANARYCHECK", Note: "CANARYNOTE"})
		item := keep(t, j, visit("acc-001"))
		if _, err := j.Discard(t.Context(), item.ID, "CANARYPERSON", "CANARYREASON"); err != nil {
			t.Fatal(err)
		}
		for _, canary := range []string{"CANARY", "77777777", "spoke with", "rep-1"} {
			for name, content := range files(t, folder) {
				if bytes.Contains(content, []byte(canary)) {
					t.Errorf("%s contains %q", name, canary)
				}
			}
		}
	})
}

func files(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]byte{}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[e.Name()] = content
	}
	if len(found["journal.db"])+len(found["journal.db-wal"]) == 0 {
		t.Fatal("there is nothing to search")
	}
	return found
}
