package queue

import (
	"slices"
	"time"

	"fieldpay/action"
)

// ConnState says in one word what the way to the server is like.
type ConnState string

// The states of the connection.
const (
	Online        ConnState = "online"
	Degraded      ConnState = "degraded"       // the server is there, but not all goes: the code says why
	Portal        ConnState = "portal"         // this network answers in the server's place
	SignedOut     ConnState = "signed-out"     // the server wants a sign-in, or has barred the device
	Offline       ConnState = "offline"        // no way to the server
	ForcedOffline ConnState = "forced-offline" // a person said so
)

// Connection is the way to the server, since when, and why.
type Connection struct {
	State ConnState
	Since time.Time
	// Code is the reason of a state other than online.
	Code action.Code
	// Down names the upstreams that the server cannot reach.
	Down []string
}

// badAnswers is how many bad answers in a row make the device offline; one good
// one makes it online.
const badAnswers = 2

// link folds answers and failures into the connection. It is a pure state
// machine: who asks, and when, is the replay's business.
type link struct {
	now Connection
	// reached is what the last answers said; untold before the first.
	reached, untold bool
	// why is the code of the newest failure, bad how many came in a row.
	why action.Code
	bad int
	// parked is why the server wants no calls: sign-in, or barred.
	parked action.Code
	// rolledBack says that the server knows a newer journal of this device: a
	// person must decide.
	rolledBack bool
	// skew says that the server finds this version too old.
	skew   action.Code
	down   []string
	forced bool
}

func newLink(at time.Time) *link {
	return &link{untold: true, why: action.Offline, now: Connection{State: Offline, Since: at.UTC(), Code: action.Offline}}
}

// shaky reports whether the last answer was bad, but not yet believed.
func (l *link) shaky() bool { return l.reached && l.bad > 0 }

// usable reports whether a run may start.
func (l *link) usable() bool { return l.reached && !l.forced && l.parked == "" && !l.rolledBack }

// answered notes an answer of our server to a call.
func (l *link) answered(at time.Time) {
	l.reached, l.untold, l.bad, l.skew = true, false, 0, ""
	l.update(at)
}

// probed notes a good probe.
func (l *link) probed(at time.Time, p Probe) {
	l.down = slices.Clone(p.Down)
	l.answered(at)
}

// failed notes a call that got no answer, or one that says why nothing goes.
func (l *link) failed(at time.Time, code action.Code) {
	switch code.Class() {
	case action.SignIn, action.Barred:
		l.parked, l.reached, l.untold, l.bad = code, true, false, 0
	case action.VersionSkew:
		l.skew, l.reached, l.untold, l.bad = code, true, false, 0
	case action.Integrity:
		l.rolledBack = l.rolledBack || code == action.JournalRolledBack
		l.reached, l.untold, l.bad = true, false, 0
	case action.NoPath, action.PortalSeen, action.Unknown:
		l.bad++
		if l.why = code; l.bad >= badAnswers || l.untold {
			l.reached, l.untold = false, false
		}
	case action.Device:
		// This machine's own trouble says nothing about the way.
	default:
		// The server answered, though not as hoped: the way is there.
		l.reached, l.untold, l.bad = true, false, 0
	}
	l.update(at)
}

func (l *link) signedIn(at time.Time) {
	l.parked = ""
	l.update(at)
}

// wentOn notes that a person decided to go on with an older journal.
func (l *link) wentOn(at time.Time) {
	l.rolledBack = false
	l.update(at)
}

func (l *link) force(at time.Time, on bool) {
	l.forced = on
	l.update(at)
}

func (l *link) update(at time.Time) {
	c := Connection{State: Online, Since: l.now.Since, Down: l.down}
	switch {
	case l.forced:
		c.State = ForcedOffline
	case !l.reached && l.why.Class() == action.PortalSeen:
		c.State, c.Code = Portal, l.why
	case !l.reached:
		c.State, c.Code = Offline, l.why
	case l.parked != "":
		c.State, c.Code = SignedOut, l.parked
	case l.rolledBack:
		c.State, c.Code = Degraded, action.JournalRolledBack
	case l.skew != "":
		c.State, c.Code = Degraded, l.skew
	case len(l.down) > 0:
		c.State, c.Code = Degraded, upstreamCode(l.down)
	}
	if c.State != l.now.State || c.Code != l.now.Code {
		c.Since = at.UTC()
	}
	l.now = c
}

// upstreamCode names the reason of a degraded connection.
func upstreamCode(down []string) action.Code {
	if slices.Contains(down, "stripe") && !slices.Contains(down, "salesforce") {
		return action.StripeDown
	}
	return action.SalesforceDown
}
