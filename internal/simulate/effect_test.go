package simulate_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// effects is the order in which Salesforce committed things, read off the calls
// themselves: nothing of the server's own account of it is used.
type effects struct {
	w   *world
	mu  sync.Mutex
	log []effect
}

// effect is one committed creation or change: the action that it carries, and
// the payment intent if it books one.
type effect struct{ action, intent string }

// observe sees every call that Salesforce has worked on.
func (e *effects) observe(r *http.Request, body []byte, a *answer) {
	if r.Method != http.MethodPost || a.cut {
		return
	}
	var done []effect
	switch below := r.URL.Path; {
	case strings.HasSuffix(below, "/composite/graph"):
		var sent int
		done, sent = graphsDone(body, a.body.Bytes())
		if sent > 1 {
			e.w.trace.saw(callShared)
		}
		if len(done) > 0 && len(done) < sent {
			e.w.trace.saw(callSplit)
		}
	case strings.HasSuffix(below, "/composite/sobjects"):
		done = recordsDone(body, a.body.Bytes())
	case strings.HasSuffix(below, "/composite"):
		if strings.Contains(string(body), `"method":"POST"`) && stepsDone(a.body.Bytes()) {
			done = []effect{effectOf(body)}
		}
	case strings.Contains(below, "/sobjects/") && a.status == http.StatusCreated:
		done = []effect{effectOf(body)}
	}
	for _, one := range done {
		if one == (effect{}) {
			continue
		}
		e.w.trace.add("effect of %s", cmp.Or(one.intent, one.action))
		e.mu.Lock()
		e.log = append(e.log, one)
		e.mu.Unlock()
	}
}

func effectOf(body []byte) effect {
	return effect{action: fieldIn(body, "Action_Id__c"), intent: fieldIn(body, "Stripe_Payment_Intent_Id__c")}
}

func fieldIn(body []byte, name string) string {
	_, rest, found := strings.Cut(string(body), `"`+name+`":"`)
	if !found {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// graphsDone is the effects of a call of graphs, each a transaction of its own,
// and how many graphs there were.
func graphsDone(body, reply []byte) (done []effect, count int) {
	var sent struct{ Graphs []json.RawMessage }
	var all struct {
		Graphs []struct {
			Good bool `json:"isSuccessful"`
		}
	}
	if json.Unmarshal(body, &sent) != nil || json.Unmarshal(reply, &all) != nil || len(sent.Graphs) != len(all.Graphs) {
		return nil, 0
	}
	for i, g := range all.Graphs {
		if g.Good {
			done = append(done, effectOf(sent.Graphs[i]))
		}
	}
	return done, len(sent.Graphs)
}

// recordsDone is the effects of a call that inserts a collection.
func recordsDone(body, reply []byte) (done []effect) {
	var sent struct{ Records []json.RawMessage }
	var all []struct{ Success bool }
	if json.Unmarshal(body, &sent) != nil || json.Unmarshal(reply, &all) != nil || len(sent.Records) != len(all) {
		return nil
	}
	for i, one := range all {
		if one.Success {
			done = append(done, effectOf(sent.Records[i]))
		}
	}
	return done
}

func stepsDone(reply []byte) bool {
	var all struct {
		Steps []struct {
			Status int `json:"httpStatusCode"`
		} `json:"compositeResponse"`
	}
	if json.Unmarshal(reply, &all) != nil || len(all.Steps) == 0 {
		return false
	}
	for _, s := range all.Steps {
		if s.Status > 299 {
			return false
		}
	}
	return true
}

// booked reports whether a card payment was booked.
func (e *effects) booked(intent string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.ContainsFunc(e.log, func(one effect) bool { return one.intent == intent })
}
