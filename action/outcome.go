package action

import "time"

// Class is the treatment of an outcome: what the device and the server do next.
// There is one per row of the failure table.
type Class string

// The classes that an action can meet.
const (
	Applied        Class = "applied"         // done, for good
	Accepted       Class = "accepted"        // kept by the server, which goes on by itself
	Held           Class = "held"            // an earlier action must go first
	Invalid        Class = "invalid"         // refused for its content: edit and retry
	Gone           Class = "gone"            // its record does not exist: notify
	Conflict       Class = "conflict"        // a person compares both sides
	Declined       Class = "declined"        // money that did not move: offer another way
	CustomerAction Class = "customer_action" // the customer must act: offer a link
	Integrity      Class = "integrity"       // alarm on both ends
	Transient      Class = "transient"       // again by itself, after a while
	Operator       Class = "operator"        // again by itself, the office is told
	VersionSkew    Class = "version"         // waits for an update
)

// The classes that a whole call can meet. They stop the run and say nothing
// about a single action.
const (
	NoPath     Class = "offline"
	PortalSeen Class = "portal"
	Unknown    Class = "unknown" // may have taken effect: same id again, or look up
	SignIn     Class = "sign_in"
	Barred     Class = "revoked"
	Oversize   Class = "too_large" // halve the batch
	Device     Class = "device"    // this machine's own fault
)

// Status is where an outcome leaves the action.
type Status string

// The statuses of an outcome on the wire.
const (
	StatusApplied  Status = "applied"
	StatusAccepted Status = "accepted"
	StatusHeld     Status = "held"
	StatusWaiting  Status = "waiting"
	StatusReview   Status = "review"
	StatusFailed   Status = "failed"
)

// Status maps a class onto the status it gives an action.
func (c Class) Status() Status {
	switch c {
	case Applied:
		return StatusApplied
	case Accepted:
		return StatusAccepted
	case Held:
		return StatusHeld
	case Invalid, Gone, Declined:
		return StatusFailed
	case Conflict, CustomerAction, Integrity:
		return StatusReview
	default:
		return StatusWaiting
	}
}

// Settles reports whether the class ends the action on the server: it is
// stored there, and every repeat gets the same answer.
func (c Class) Settles() bool {
	switch c.Status() {
	case StatusApplied, StatusReview, StatusFailed:
		return true
	default:
		return false
	}
}

// Outcome is what the server answers for one action. Only an outcome settles
// an action on a device.
type Outcome struct {
	ID     string            `json:"id"`
	Status Status            `json:"status"`
	Class  Class             `json:"class"`
	Code   Code              `json:"code,omitempty"`
	Error  string            `json:"error,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
	// Retryable says that a person's retry of the same content can help.
	Retryable bool `json:"retryable,omitempty"`
	// RetryAfterMs is how long to wait before the next send, in milliseconds.
	RetryAfterMs int64 `json:"retryAfterMs,omitempty"`
	// ServerID is the record's id in the system of record and Version its
	// version after the effect; both are empty until it is applied.
	ServerID string `json:"serverId,omitempty"`
	Version  int64  `json:"version,omitempty"`
	// Result says how far money that was to be collected has come, and Link is
	// the page where the customer pays it; both are empty for other actions.
	Result Result `json:"result,omitempty"`
	Link   string `json:"link,omitempty"`
	// OutcomeAt is when the outcome was decided, in UTC.
	OutcomeAt time.Time `json:"outcomeAt,omitzero"`
	// Replayed says that this is the stored answer to an earlier send.
	Replayed bool `json:"replayed,omitempty"`
}

// Result is how far money that was to be collected has come.
type Result string

// The results of collect_payment. Requested is not money: the customer was
// asked, and may pay later or never.
const (
	ResultRequested Result = "requested"
	ResultPaid      Result = "paid"
)

// AppliedOutcome is the outcome of an action that took effect.
func AppliedOutcome(id, serverID string, version int64, at time.Time) Outcome {
	return Outcome{ID: id, Status: StatusApplied, Class: Applied, ServerID: serverID, Version: version, OutcomeAt: at.UTC()}
}

// AcceptedOutcome is the outcome of an action that the server keeps and goes
// on with by itself; why names what it waits for, or is empty.
func AcceptedOutcome(id string, why Code, ask time.Duration, at time.Time) Outcome {
	o := Outcome{ID: id, Status: StatusAccepted, Class: Accepted, Code: why, RetryAfterMs: ask.Milliseconds(), OutcomeAt: at.UTC()}
	if why != "" {
		o.Error = why.Message()
	}
	return o
}

// FailureOutcome turns err into the outcome of the action id: its code decides
// the class, and the class the status.
func FailureOutcome(id string, err error, at time.Time) Outcome {
	code := CodeOf(err)
	class := code.Class()
	return Outcome{
		ID: id, Status: class.Status(), Class: class, Code: code,
		Error: MessageOf(err), Fields: FieldsOf(err),
		Retryable: class.Status() == StatusReview || class.Status() == StatusFailed,
		OutcomeAt: at.UTC(),
	}
}
