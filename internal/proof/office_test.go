package proof_test

import (
	"encoding/json"
	"regexp"
	"strconv"
	"time"

	"fieldpay/action"
	"fieldpay/queue/queuetest"
)

// office is a server that behaves, and decides by the content of an action: it
// applies most, and refuses, contests, postpones or accepts the others at first.
type office struct {
	server   *queuetest.Server
	accepted map[string]bool
	tries    map[string]int
}

func newOffice() *office {
	o := &office{server: queuetest.NewServer(), accepted: map[string]bool{}, tries: map[string]int{}}
	o.server.Decide(o.decide)
	return o
}

var markForm = regexp.MustCompile(`#(\d+)#`)

func markOf(payload json.RawMessage) int {
	m := markForm.FindSubmatch(payload)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return 0
	}
	return n
}

func (o *office) decide(a action.Action) action.Outcome {
	o.tries[a.ID]++
	mark, now := markOf(a.Payload), time.Now()
	if o.tries[a.ID] == 1 {
		switch mark % 12 {
		case 1:
			return action.FailureOutcome(a.ID, &action.Error{Code: action.UpstreamInvalid}, now)
		case 4:
			return action.FailureOutcome(a.ID, &action.Error{Code: action.VersionConflict}, now)
		case 6:
			return action.FailureOutcome(a.ID, &action.Error{Code: action.RecordLocked}, now)
		case 9:
			o.accepted[a.ID] = true
			return action.AcceptedOutcome(a.ID, action.SalesforceDown, time.Second, now)
		}
	}
	return action.AppliedOutcome(a.ID, "sf-"+strconv.Itoa(mark), 1, now)
}

// decideAccepted ends what the office has accepted.
func (o *office) decideAccepted() {
	for id := range o.accepted {
		o.server.Settle(action.AppliedOutcome(id, "sf-late", 1, time.Now()))
	}
	clear(o.accepted)
}

// loseAnswer lets the next answer get lost on its way.
func (o *office) loseAnswer() {
	o.server.Fault(queuetest.Fault{After: &action.Error{Code: action.AnswerLost}})
}
