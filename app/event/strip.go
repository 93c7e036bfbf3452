package event

import "time"

// NotRunning is the state of a span in which no program of the device ran.
const NotRunning = "not-running"

// Stretch is a time in which the connection stood in one way.
type Stretch struct {
	From, To time.Time
	// State is one of package queue's, [NotRunning], or empty: not known.
	State string
	// Code is why, or empty.
	Code string
}

// Connections returns how the connection stood since a moment, oldest first and
// without gaps. When a program ended without saying so, what it had said counts
// until the last event that it left.
func (d *Diary) Connections(since, until time.Time) ([]Stretch, error) {
	changes, err := d.connections.read()
	if err != nil {
		return nil, err
	}
	all, err := d.all.read()
	if err != nil {
		return nil, err
	}
	var strip []Stretch
	open := Stretch{From: since}
	end := func(at time.Time) {
		if open.To = at; open.To.After(open.From) {
			strip = append(strip, open)
		}
	}
	for _, e := range changes {
		if !e.At.Before(until) {
			break
		}
		next := Stretch{From: e.At, State: e.Fields["state"], Code: e.Fields["code"]}
		switch e.Name {
		case AppStarted:
			if last := lastBefore(all, e.At); open.State != "" && open.State != NotRunning && last.Before(e.At) {
				end(later(last, open.From))
				open = Stretch{From: later(last, open.From), State: NotRunning}
			}
			next.State = ""
		case AppStopped:
			next.State = NotRunning
		}
		next.From = later(next.From, since)
		end(next.From)
		open = next
	}
	end(until)
	return strip, nil
}

// lastBefore is when the last event before a moment happened.
func lastBefore(events []Event, at time.Time) time.Time {
	last := time.Time{}
	for _, e := range events {
		if e.At.Before(at) && e.At.After(last) {
			last = e.At
		}
	}
	return last
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
