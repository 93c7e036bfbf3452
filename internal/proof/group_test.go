package proof_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"fieldpay/action"
	"fieldpay/internal/crashfs"
	"fieldpay/queue"
)

// Invariant 1 for callers that share a commit: each is told that it is safe only
// when it is, and nobody is when the disk does not take it.
func TestSharedCommit(t *testing.T) {
	const callers, rounds = 32, 5
	for name, fault := range map[string]crashfs.Fault{
		"a disk that does not flush": {Kind: crashfs.IOError, At: 1, On: crashfs.Sync, Lasting: true},
		"a disk that is full":        {Kind: crashfs.DiskFull, At: 1, Lasting: true},
		"a power cut":                {Kind: crashfs.PowerCut, At: 20},
	} {
		t.Run(name+" is told to every caller", func(t *testing.T) {
			d := newDevice(t, 1, t.TempDir())
			defer d.end()
			for round := range rounds {
				if err := d.open(); err != nil {
					t.Fatal(err)
				}
				d.appendTogether(callers, round) // so that all of them are expected again
				d.disk.Plan(fault)
				d.appendTogether(callers, round+rounds)
				if hits := d.disk.Hits(); hits == 0 {
					t.Error("the fault hit nothing")
				}
				d.disk.Cut()
				_ = d.close() // without power
				if err := d.disk.Restore(); err != nil {
					t.Fatal(err)
				}
				if err := d.open(); err != nil {
					t.Fatal(err)
				}
				for _, was := range d.known {
					if is, err := d.journal.Item(t.Context(), was.ID); err != nil || is.Hash != was.Hash {
						t.Errorf("round %d: action %d was acknowledged and is %+v, %v", round, was.Sequence, is, err)
					}
				}
				if err := d.close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// appendTogether appends from many callers at once, and keeps what each was told.
func (d *device) appendTogether(callers, round int) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for n := range callers {
		all.Go(func() {
			item, err := d.journal.Append(context.Background(), queue.Draft{Actor: "rep-1", Payload: &action.LogVisit{
				AccountID: "acc-001", Note: fmt.Sprintf("round %d, caller %d", round, n), Outcome: action.Met,
			}})
			if err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			d.known = append(d.known, item)
		})
	}
	all.Wait()
}
