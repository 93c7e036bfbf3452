package proof_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	"fieldpay/internal/crashfs"
	"fieldpay/queue"
)

// device is a journal on a disk that fails, the person who uses it, and what
// that person was told.
type device struct {
	t       *testing.T
	disk    *crashfs.Disk
	journal *queue.Journal // nil while it is closed
	office  *office
	random  *rand.Rand
	lock    string
	drafts  int
	// known is what the person was told last, by sequence.
	known []queue.Item
	// doubt is the step whose end the person was not told.
	doubt step
	// trace is printed with a failure.
	trace []string
}

// step is one thing that a person does. The zero step is none.
type step struct {
	kind string
	// target is the action that is changed, mark what makes the new content
	// unique.
	target, mark string
}

// adds reports whether the step makes a new action.
func (s step) adds() bool { return s.mark != "" }

func newDevice(t *testing.T, seed uint64, folder string) *device {
	t.Helper()
	disk, err := crashfs.New(seed)
	if err != nil {
		t.Fatal(err)
	}
	return &device{
		t: t, disk: disk, office: newOffice(), random: rand.New(rand.NewPCG(seed, 3)),
		lock: filepath.Join(folder, "drain.lock"),
	}
}

// inBubble proves one seed in virtual time.
func inBubble(t *testing.T, seed uint64, folder string, prove func(*device) error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t, seed, folder)
		defer d.end()
		if err := prove(d); err != nil {
			t.Errorf("%s: %v\n%s", replayOf(t, seed), err, strings.Join(d.trace, "\n"))
		}
	})
}

// end closes what is open and takes the disk away.
func (d *device) end() {
	if d.journal != nil {
		_ = d.journal.Close() // a proof that failed may have left the disk without power
	}
	if err := d.disk.Close(); err != nil {
		d.t.Error(err)
	}
}

func (d *device) note(format string, args ...any) {
	d.trace = append(d.trace, fmt.Sprintf(format, args...))
}

func (d *device) open() error {
	j, err := queue.Open(context.Background(), options(d.disk.Name()))
	d.note("open: %v", err)
	if err == nil {
		d.journal = j
	}
	return err
}

// close closes the journal; without power it must end all the same.
func (d *device) close() error {
	if d.journal == nil {
		return nil
	}
	err := d.journal.Close()
	d.note("close: %v", err)
	d.journal = nil
	return err
}

// do does a step. What the person is told about it goes into known.
func (d *device) do(s step) error {
	d.doubt = s
	err := d.begin(s)
	d.note("%s %s %s: %v", s.kind, s.target, s.mark, err)
	if err == nil {
		d.doubt = step{}
	}
	return err
}

func (d *device) begin(s step) error {
	ctx := context.Background()
	switch s.kind {
	case "append":
		item, err := d.journal.Append(ctx, d.draft(s.mark, nil))
		return d.told(item, err)
	case "replace":
		item, err := d.journal.Replace(ctx, s.target, d.draft(s.mark, d.find(s.target).Payload))
		if err != nil {
			return err
		}
		old := d.find(s.target)
		old.State, old.ReplacedBy = queue.Superseded, item.ID
		return d.told(item, nil)
	case "retry":
		item, err := d.journal.Retry(ctx, s.target, "rep-1")
		return d.told(item, err)
	case "discard":
		item, err := d.journal.Discard(ctx, s.target, "rep-1", "written twice")
		return d.told(item, err)
	case "sync":
		return d.sync(ctx)
	case "nap": // over which what waits becomes due
		d.office.decideAccepted()
		time.Sleep(time.Hour)
		return nil
	case "archive":
		_, err := d.journal.Archive(ctx, time.Now().Add(-30*time.Minute))
		return err
	case "restart":
		return errors.Join(d.close(), d.open())
	}
	return fmt.Errorf("no step is called %q", s.kind)
}

// told takes the answer to a step into known.
func (d *device) told(item queue.Item, err error) error {
	if err != nil {
		return err
	}
	if item.Sequence == int64(len(d.known))+1 {
		d.known = append(d.known, item)
		return nil
	}
	if item.Sequence < 1 || item.Sequence > int64(len(d.known)) {
		d.t.Fatalf("action %d was acknowledged after %d", item.Sequence, len(d.known))
	}
	d.known[item.Sequence-1] = item
	return nil
}

func (d *device) find(id string) *queue.Item {
	for i := range d.known {
		if d.known[i].ID == id {
			return &d.known[i]
		}
	}
	d.t.Fatalf("the person knows no action %s", id)
	return nil
}

// sync sends what is due, and looks at the list after. What the server does not
// take is not the journal's failure.
func (d *device) sync(ctx context.Context) error {
	r, err := queue.NewReplay(queue.ReplayOptions{
		Journal: d.journal, Sender: d.office.server, Prober: d.office.server, LockPath: d.lock,
		Rand: func() float64 { return 0.5 },
	})
	if err != nil {
		return err
	}
	_, err = r.Once(ctx)
	if r.Status().Suspect {
		d.t.Fatal("the server knows another chain than the journal")
	}
	if err != nil && action.CodeOf(err).Class() != action.NoPath && action.CodeOf(err) != action.AnswerLost {
		return err
	}
	found, err := d.all(ctx)
	if err != nil {
		return err
	}
	if err := d.compare(found, false); err != nil {
		d.t.Fatal(err)
	}
	d.known = found
	return nil
}

// draft is content that no other draft has. With the payload of another action
// it is a change of that one.
func (d *device) draft(mark string, of []byte) queue.Draft {
	text := "#" + mark + "#"
	draft := queue.Draft{Actor: "rep-1"}
	if d.random.IntN(2) == 0 {
		draft.ID = d.newID()
	}
	kind := d.random.IntN(3)
	if of != nil {
		kind = kindOf(string(of))
	}
	switch kind {
	case 0:
		if d.random.IntN(4) == 0 { // pages of text, so that checkpoints come
			text += strings.Repeat(" and then we talked about the price", 200)
		}
		draft.Payload = &action.LogVisit{AccountID: "acc-001", Note: text, Outcome: action.Met}
	case 1:
		draft.Payload = &action.RecordPayment{
			InvoiceID: fmt.Sprintf("inv-%03d", d.random.IntN(4)), Amount: 100, Currency: "usd", Method: action.Cash, Note: text,
		}
	default:
		draft.Payload = &action.CreateInvoice{AccountID: "acc-001", Amount: 100, Currency: "usd", Description: text}
	}
	return draft
}

func kindOf(payload string) int {
	switch {
	case strings.Contains(payload, `"outcome"`):
		return 0
	case strings.Contains(payload, `"method"`):
		return 1
	default:
		return 2
	}
}

// newID is a UUID that the seed decides.
func (d *device) newID() string {
	a, b := d.random.Uint64(), d.random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff)
}

// next chooses what the person does, from what the person knows.
func (d *device) next() step {
	switch n := d.random.IntN(100); {
	case n < 8:
		if target := d.pick(queue.Pending, queue.Review, queue.Failed); target != "" {
			return step{kind: "replace", target: target, mark: d.mark()}
		}
	case n < 16:
		if target := d.pick(queue.Pending, queue.Review, queue.Failed); target != "" {
			return step{kind: "discard", target: target}
		}
	case n < 26:
		if target := d.pick(queue.Review, queue.Failed); target != "" {
			return step{kind: "retry", target: target}
		}
	case n < 40:
		return step{kind: "sync"}
	case n < 44:
		return step{kind: "nap"}
	case n < 47:
		return step{kind: "restart"}
	case n < 50:
		return step{kind: "archive"}
	}
	return step{kind: "append", mark: d.mark()}
}

func (d *device) mark() string {
	d.drafts++
	return fmt.Sprint(d.drafts)
}

// pick returns a random action that is in one of the states.
func (d *device) pick(states ...queue.State) string {
	var ids []string
	for _, item := range d.known {
		for _, s := range states {
			if item.State == s {
				ids = append(ids, item.ID)
			}
		}
	}
	if len(ids) == 0 {
		return ""
	}
	return ids[d.random.IntN(len(ids))]
}
