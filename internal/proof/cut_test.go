package proof_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/internal/crashfs"
	"fieldpay/queue"
)

// cutsPerSeed is how often the power goes in the life of one disk.
const cutsPerSeed = 10

// struck counts what the cuts hit: a form that never saw one of them has proved
// less than it says.
type struck map[crashfs.Strike]int

func (s struck) wantAll(t *testing.T, wanted ...crashfs.Strike) {
	t.Helper()
	for _, w := range wanted {
		if s[w] == 0 {
			t.Errorf("no fault struck operation %d of %q", w.Op, w.File)
		}
	}
}

// Invariants 1, 5 and 7: what was acknowledged survives the power, whole and
// alone, and the sync goes on to one effect for each action.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	folder, start, cuts, hits := t.TempDir(), time.Now(), 0, struck{}
	eachSeed(t, cutSeeds, func(seed uint64) {
		inBubble(t, seed, folder, func(d *device) error {
			if seed%20 == 0 {
				if err := d.fillLog(); err != nil {
					return err
				}
			}
			for range cutsPerSeed {
				d.disk.Plan(crashfs.Fault{Kind: crashfs.PowerCut, At: 1 + d.random.IntN(120)})
				if err := d.live(6); err != nil {
					return err
				}
				hits[d.disk.Struck()]++
				if err := d.reboot(); err != nil {
					return err
				}
				cuts++
			}
			return d.settle()
		})
	})
	t.Logf("power cuts: %s", rate(cuts, start))
	if cutSeeds > 100 && number(t, "FIELDPAY_PROOF_SEED") == 0 {
		hits.wantAll(t, crashfs.Strike{Op: crashfs.Write, File: journalFile}, crashfs.Strike{Op: crashfs.Sync, File: journalFile},
			crashfs.Strike{Op: crashfs.Write, File: journalFile + "-wal"}, crashfs.Strike{Op: crashfs.Sync, File: journalFile + "-wal"},
			crashfs.Strike{Op: crashfs.Delete, File: journalFile + "-wal"}, crashfs.Strike{Op: crashfs.Write, File: journalFile + "-journal"})
	}
}

// live does steps until the power goes. A failure with power is an error.
func (d *device) live(steps int) error {
	if d.journal == nil {
		if err := d.open(); err != nil {
			return d.excuse(err)
		}
	}
	for range steps {
		if d.random.IntN(10) == 0 {
			d.office.loseAnswer()
		}
		if err := d.do(d.next()); err != nil {
			return d.excuse(err)
		}
	}
	return nil
}

// excuse accepts a failure that the fault explains.
func (d *device) excuse(err error) error {
	if d.disk.Hits() == 0 {
		return fmt.Errorf("failed with a sound disk: %w", err)
	}
	return nil
}

// reboot ends the process and the power, starts both again, and checks.
func (d *device) reboot() error {
	d.disk.Cut()
	_ = d.close() // what it says about a disk without power is of no interest
	d.note("-- power cut at %+v", d.disk.Struck())
	if err := d.disk.Restore(); err != nil {
		return err
	}
	if err := d.open(); err != nil {
		return fmt.Errorf("opening after the power cut: %w", err)
	}
	return d.check(true)
}

// settle lets everything come to its end on a sound disk.
func (d *device) settle() error {
	var open error
	for range 100 { // hours
		if err := errors.Join(d.do(step{kind: "nap"}), d.do(step{kind: "sync"})); err != nil {
			return err
		}
		if open = d.unsettled(); open == nil {
			return d.check(false)
		}
	}
	return open
}

// unsettled names an action that could still move by itself, or that device and
// server see differently.
func (d *device) unsettled() error {
	stopped := map[string]bool{} // lanes that wait for a person
	for _, item := range d.known {
		stopped[item.Lane] = stopped[item.Lane] || item.State.NeedsPerson()
	}
	for _, item := range d.known {
		if item.State.Unsent() && !stopped[item.Lane] || item.State == queue.Accepted {
			return fmt.Errorf("action %d is still %s", item.Sequence, item.State)
		}
		if (item.State == queue.Applied) != d.office.applied(item.ID) {
			return fmt.Errorf("action %d is %s, which the server knows otherwise", item.Sequence, item.State)
		}
	}
	return nil
}

// fillLog writes so much that the next few appends make SQLite move the log
// into the database and begin it anew.
func (d *device) fillLog() error {
	if err := d.open(); err != nil {
		return err
	}
	const pages, pageSize = 1000, 4096 // SQLite's defaults
	for len(d.disk.Files()[journalFile+"-wal"]) < (pages-20)*pageSize {
		item, err := d.journal.Append(context.Background(), queue.Draft{Actor: "rep-1", Payload: &action.LogVisit{
			AccountID: "acc-001", Note: "#" + d.mark() + "#" + strings.Repeat(" long", 5000), Outcome: action.Met,
		}})
		if err := d.told(item, err); err != nil {
			return err
		}
	}
	return nil
}

// Invariant 1 again, at every operation of one day.
func TestPowerCutEverywhere(t *testing.T) {
	t.Parallel()
	folder, start, cuts := t.TempDir(), time.Now(), 0
	operations := countOperations(t, folder)
	for at := 1; at <= operations && !t.Failed(); at += everyCut {
		inBubble(t, scriptSeed, folder, func(d *device) error {
			d.disk.Plan(crashfs.Fault{Kind: crashfs.PowerCut, At: at})
			err := d.open()
			if err == nil {
				_, err = d.play(script())
			}
			if err != nil && d.excuse(err) != nil {
				return err
			}
			if err := d.reboot(); err != nil {
				return fmt.Errorf("cut at operation %d: %w", at, err)
			}
			cuts++
			return nil
		})
	}
	t.Logf("power cuts at every operation: %s", rate(cuts, start))
}
