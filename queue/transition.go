package queue

// Cause is what moves an action from one state to another.
type Cause string

// The causes.
const (
	WasAppended    Cause = "appended"    // a person did it, and it was kept
	WasSent        Cause = "sent"        // replay took it into a batch
	WasReturned    Cause = "returned"    // the batch never left the device
	WasLost        Cause = "lost"        // sent, and no usable answer came
	WasInterrupted Cause = "interrupted" // the process that was sending it died
	WasRestored    Cause = "restored"    // the journal is an older copy: it may have been sent since
	WasRescued     Cause = "rescued"     // a salvage of a damaged journal knows this of it
	WasForgotten   Cause = "forgotten"   // the server does not know it (any more)
	WasApplied     Cause = "applied"     // the server says: done
	WasAccepted    Cause = "accepted"    // the server says: kept, goes on by itself
	WasHeld        Cause = "held"        // the server says: an earlier one is missing
	WasReleased    Cause = "released"    // what held it is done
	WasPostponed   Cause = "postponed"   // the server says: not now
	WasContested   Cause = "contested"   // the server says: a person must look
	WasRefused     Cause = "refused"     // the server says: no
	WasRetried     Cause = "retried"     // a person asks for it again
	WasEdited      Cause = "edited"      // a person replaced it by another
	WasDiscarded   Cause = "discarded"   // a person gave it up
	WasHandedOver  Cause = "handed-over" // its export was taken by the server
)

// Transition is one allowed move.
type Transition struct {
	From  State
	Cause Cause
	To    State
}

// transitions is the one table of moves. Nothing else in the package decides
// whether a move is allowed.
var transitions = [...]Transition{
	{"", WasAppended, Pending},

	{Pending, WasSent, Sending},
	{Held, WasSent, Sending},
	{Waiting, WasSent, Sending},
	{Unconfirmed, WasSent, Sending},

	{Sending, WasReturned, Pending},
	{Sending, WasReturned, Held},
	{Sending, WasReturned, Waiting},
	{Sending, WasReturned, Unconfirmed},
	{Sending, WasLost, Unconfirmed},
	{Sending, WasInterrupted, Unconfirmed},
	{Pending, WasRescued, Unconfirmed},
	{Pending, WasRescued, Review},
	{Pending, WasRescued, Failed},
	{Pending, WasRescued, Applied},
	{Pending, WasRescued, Superseded},
	{Pending, WasRescued, Discarded},
	{Pending, WasRescued, HandedOver},

	{Pending, WasRestored, Unconfirmed},
	{Held, WasRestored, Unconfirmed},
	{Waiting, WasRestored, Unconfirmed},
	{Accepted, WasForgotten, Unconfirmed},

	{Sending, WasApplied, Applied},
	{Accepted, WasApplied, Applied},
	{Unconfirmed, WasApplied, Applied},
	{Review, WasApplied, Applied},
	{Failed, WasApplied, Applied},

	{Sending, WasAccepted, Accepted},
	{Unconfirmed, WasAccepted, Accepted},
	{Review, WasAccepted, Accepted},
	{Failed, WasAccepted, Accepted},

	{Sending, WasHeld, Held},
	{Accepted, WasHeld, Held},
	{Unconfirmed, WasHeld, Held},
	{Held, WasReleased, Pending},

	{Sending, WasPostponed, Waiting},
	{Accepted, WasPostponed, Waiting},
	{Unconfirmed, WasPostponed, Waiting},

	{Sending, WasContested, Review},
	{Accepted, WasContested, Review},
	{Unconfirmed, WasContested, Review},
	{Failed, WasContested, Review},

	{Sending, WasRefused, Failed},
	{Accepted, WasRefused, Failed},
	{Unconfirmed, WasRefused, Failed},
	{Review, WasRefused, Failed},

	{Review, WasRetried, Pending},
	{Failed, WasRetried, Pending},

	{Pending, WasEdited, Superseded},
	{Held, WasEdited, Superseded},
	{Review, WasEdited, Superseded},
	{Failed, WasEdited, Superseded},

	{Pending, WasDiscarded, Discarded},
	{Held, WasDiscarded, Discarded},
	{Review, WasDiscarded, Discarded},
	{Failed, WasDiscarded, Discarded},

	{Pending, WasHandedOver, HandedOver},
	{Held, WasHandedOver, HandedOver},
	{Waiting, WasHandedOver, HandedOver},
	{Unconfirmed, WasHandedOver, HandedOver},
	{Accepted, WasHandedOver, HandedOver},
	{Review, WasHandedOver, HandedOver},
	{Failed, WasHandedOver, HandedOver},
}

// Transitions returns the table of allowed moves.
func Transitions() []Transition { return append([]Transition(nil), transitions[:]...) }

// Allowed reports whether the move is in the table.
func Allowed(from State, cause Cause, to State) bool {
	for _, t := range transitions {
		if t == (Transition{from, cause, to}) {
			return true
		}
	}
	return false
}

// next returns where cause leads from a state, for causes that lead to one
// state only.
func next(from State, cause Cause) (State, bool) {
	for _, t := range transitions {
		if t.From == from && t.Cause == cause {
			return t.To, true
		}
	}
	return "", false
}
