package queue

import "slices"

// State is where an action stands on the device.
type State string

// The states. docs/states.md draws how they follow each other.
const (
	Pending     State = "pending"     // kept, never sent (or asked for again by a person)
	Sending     State = "sending"     // on its way
	Applied     State = "applied"     // done, for good
	Accepted    State = "accepted"    // the server keeps it and goes on by itself
	Held        State = "held"        // an earlier action must go first
	Waiting     State = "waiting"     // sent again by itself at a known time
	Unconfirmed State = "unconfirmed" // sent, answer lost: asked for, or sent again under the same id
	Review      State = "review"      // a person compares both sides
	Failed      State = "failed"      // refused: edit and retry, or discard
	Superseded  State = "superseded"  // edited: another action took its place
	HandedOver  State = "handed-over" // its sealed export was taken by the server
	Discarded   State = "discarded"   // given up by a person, with a reason
)

// States returns every state, in the order of a life.
func States() []State {
	return []State{
		Pending, Sending, Applied, Accepted, Held, Waiting, Unconfirmed,
		Review, Failed, Superseded, HandedOver, Discarded,
	}
}

// Open reports whether something can still happen to the action: by the device,
// the server, the office or a person.
func (s State) Open() bool {
	return !slices.Contains([]State{Applied, Superseded, HandedOver, Discarded}, s)
}

// Unsent reports whether the server is not known to have the action yet.
func (s State) Unsent() bool {
	return slices.Contains([]State{Pending, Sending, Held, Waiting, Unconfirmed}, s)
}

// Blocks reports whether later actions of the same lane stay back.
func (s State) Blocks() bool {
	return slices.Contains([]State{Held, Waiting, Unconfirmed, Review, Failed}, s)
}

// NeedsPerson reports whether the action goes on only after a decision.
func (s State) NeedsPerson() bool { return s == Review || s == Failed }
