package proof_test

import (
	"fmt"
	"testing"

	"fieldpay/queue"
)

// script is a day in some thirty steps, whose targets are found by their marks.
func script() []step {
	var steps []step
	mark := 0
	add := func(kinds ...string) {
		for _, kind := range kinds {
			s := step{kind: kind}
			if kind == "append" || kind == "replace" {
				mark++
				s.mark = fmt.Sprint(mark)
			}
			steps = append(steps, s)
		}
	}
	add("append", "append", "append", "append", "append", "replace", "discard", "sync", "append", "append")
	add("retry", "append", "restart", "append", "sync", "append", "replace", "nap", "sync", "append", "archive")
	add("discard", "append", "append", "restart", "append", "sync", "append", "nap", "sync", "append", "archive")
	return steps
}

// play does the script until the first failure, and returns what is left of it.
func (d *device) play(steps []step) (left []step, err error) {
	for i, s := range steps {
		switch s.kind {
		case "replace", "discard":
			s.target = d.pick(queue.Pending, queue.Review, queue.Failed)
		case "retry":
			s.target = d.pick(queue.Review, queue.Failed)
		}
		if s.target == "" && (s.kind == "replace" || s.kind == "discard" || s.kind == "retry") {
			return steps[i:], fmt.Errorf("the script has nothing to %s", s.kind)
		}
		if err := d.do(s); err != nil {
			return steps[i:], err
		}
	}
	return nil, nil
}

// countOperations plays the script on a sound disk.
func countOperations(t *testing.T, folder string) int {
	t.Helper()
	operations := 0
	inBubble(t, scriptSeed, folder, func(d *device) error {
		if err := d.open(); err != nil {
			return err
		}
		if _, err := d.play(script()); err != nil {
			return err
		}
		if err := d.close(); err != nil {
			return err
		}
		operations = d.disk.Operations()
		return nil
	})
	return operations
}

// scriptSeed makes a script in which every step finds its target.
const scriptSeed = 1
