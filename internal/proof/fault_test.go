package proof_test

import (
	"fmt"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/internal/crashfs"
)

// Invariants 1 and 7 on a disk that fails or is full at any operation: what was
// acknowledged is there, what was refused is not, the person is told why, and
// the same process goes on as soon as the disk does.
func TestDiskFault(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault crashfs.Fault
		every int
	}{
		{"an I/O error", crashfs.Fault{Kind: crashfs.IOError}, everyFault},
		{"a full disk", crashfs.Fault{Kind: crashfs.DiskFull, Lasting: true}, everyFault},
		{"I/O errors without end", crashfs.Fault{Kind: crashfs.IOError, Lasting: true}, 4 * everyFault},
		{"a disk that is full once", crashfs.Fault{Kind: crashfs.DiskFull}, 4 * everyFault},
	} {
		t.Run(c.name+" at any operation loses nothing and is told", func(t *testing.T) {
			t.Parallel()
			folder, start, faults, hits := t.TempDir(), time.Now(), 0, 0
			operations := countOperations(t, folder)
			for at := 1; at <= operations && !t.Failed(); at += c.every {
				inBubble(t, scriptSeed, folder, func(d *device) error {
					fault := c.fault
					fault.At = at
					struck, err := d.endure(fault)
					if err != nil {
						return fmt.Errorf("%s at operation %d: %w", c.name, at, err)
					}
					faults++
					hits += min(1, struck)
					return nil
				})
			}
			t.Logf("%s: %s, %d noticed", c.name, rate(faults, start), hits)
			if hits == 0 {
				t.Error("no fault was ever noticed")
			}
		})
	}
}

// endure plays the script with a fault in it. Where a step fails, the disk is
// mended and the step done again, as a person would.
func (d *device) endure(fault crashfs.Fault) (failures int, err error) {
	d.disk.Plan(fault)
	left := script()
	for {
		if d.journal == nil {
			err = d.open()
		}
		if err == nil {
			left, err = d.play(left)
		}
		if err == nil {
			break
		}
		if failures++; failures > 1 {
			return 0, fmt.Errorf("it does not go on after the fault: %w", err)
		}
		if err := d.tellsWhy(err, fault); err != nil {
			return 0, err
		}
		d.disk.Heal()
		if d.journal == nil {
			if err = d.open(); err != nil {
				return 0, fmt.Errorf("opening after the fault: %w", err)
			}
		}
		if err = d.check(false); err != nil {
			return 0, fmt.Errorf("after the fault: %w", err)
		}
	}
	d.disk.Heal()
	if err := d.check(false); err != nil {
		return 0, fmt.Errorf("after the day: %w", err)
	}
	// What the fault left in the log must not come to light with a crash.
	return failures, d.reboot()
}

// tellsWhy judges what a person reads about a failure.
func (d *device) tellsWhy(err error, fault crashfs.Fault) error {
	switch code := action.CodeOf(err); {
	case d.disk.Hits() == 0:
		return fmt.Errorf("failed with a sound disk: %w", err)
	case code == action.DiskFull:
		return nil
	case code != action.StorageFailed:
		return fmt.Errorf("told as %s: %w", code, err)
	case fault.Kind == crashfs.DiskFull && d.journal != nil && d.disk.Struck().Op == crashfs.Write:
		return fmt.Errorf("a full disk is told as %s: %w", code, err)
	}
	return nil
}
