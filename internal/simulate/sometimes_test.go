package simulate_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"fieldpay/action"
)

// The rare events that a run must have met.
const (
	answerLostAfterEffect sometimes = "the server's answer to an applied batch is lost"
	providerAnswerLost    sometimes = "a provider's answer is lost after it has done the work"
	refreshLost           sometimes = "a refresh token is rotated and the answer is lost"
	crashBeforeClaim      sometimes = "a server crashes before it has claimed a batch"
	crashAfterClaim       sometimes = "a server crashes after it has claimed a batch"
	crashBeforeCall       sometimes = "a server crashes between the intent and the provider call"
	crashBeforeRecord     sometimes = "a server crashes between the provider's answer and the ledger"
	crashAfterRecord      sometimes = "a server crashes after the ledger and before its answer"
	crashWhileSending     sometimes = "a device loses power while it sends"
	powerCut              sometimes = "a device loses power at a disk operation"
	notSaved              sometimes = "a person is told that something was not saved"
	arrivedLate           sometimes = "a call arrives after its sender has given up"
	arrivedTwice          sometimes = "a call arrives twice"
	workerFenced          sometimes = "two workers want one entry"
	leaseTakenOver        sometimes = "a lease runs out and another worker takes over"
	leaseResumed          sometimes = "a worker resumes its own lease after a crash"
	staleResult           sometimes = "a worker that lost its lease cannot record"
	portalSeen            sometimes = "a portal answers while there is work"
	signedInAgain         sometimes = "a person signs in again"
	batchHalved           sometimes = "a batch is halved"
	outcomeUnknown        sometimes = "the server does not know an action that was sent"
	outcomeAccepted       sometimes = "the server accepts an action and goes on by itself"
	outcomeHeld           sometimes = "the server holds an action"
	outcomeReplayed       sometimes = "the server repeats an outcome"
	outcomeOverpaid       sometimes = "money beyond the balance is booked for review"
	outcomeConflict       sometimes = "an older version meets a newer one"
	outcomeLocked         sometimes = "a record is locked by somebody else"
	outcomeLimit          sometimes = "the calls of the day are used up"
	personRetries         sometimes = "a person retries"
	personEdits           sometimes = "a person edits"
	personDiscards        sometimes = "a person discards"
	eventTwice            sometimes = "an event of Stripe comes twice"
	dayCrossed            sometimes = "unsent work crosses a night or a weekend"
	bookedByEvent         sometimes = "an event books a payment before its action does"
	claimedTogether       sometimes = "two devices are claimed in one transaction"
	begunByClaim          sometimes = "a claim begins what it claims"
	recordedTogether      sometimes = "several results are recorded in one transaction"
	callShared            sometimes = "several invoices share a call of Salesforce"
	callSplit             sometimes = "of the invoices that share a call, some are refused"
	lockedOut             sometimes = "a device learns that the office has locked it out"
	rolledBackSeen        sometimes = "a server or a device finds that an older journal was put back"
	rolledBackTold        sometimes = "a person is told that the journal is an older one"
	wentOn                sometimes = "a person goes on with an older journal"
	lookedUp              sometimes = "what became of a charge is looked up, because Stripe may have forgotten its key"
	setAhead              sometimes = "a clock is set ahead"
	setBack               sometimes = "a clock is set back"
	twinKeeps             sometimes = "a second process of a device keeps an action"
	twinDrains            sometimes = "a second process of a device takes the drain over"
	drainedElsewhere      sometimes = "a process finds that another one of its device drains"
)

// struck is a fault of a wire, and answeredWith a refusal that came in place of
// work.
func struck(h hop, f fault) sometimes { return sometimes(h.String() + ": " + f.String()) }

func answeredWith(h hop, status int) sometimes {
	return sometimes(fmt.Sprintf("%s: answered %d", h, status))
}

// sawFault counts what a wire did to a call.
func (w *world) sawFault(h hop, f fault, a *answer) {
	switch {
	case f == answered && a != nil:
		w.trace.saw(answeredWith(h, a.status))
	case f != fine && f != answered:
		w.trace.saw(struck(h, f))
	}
}

// everyRareEvent is what the short form must have met.
func everyRareEvent() []sometimes {
	all := rareSteps()
	for h := range hopCount {
		for f := fine + 1; f < answered; f++ {
			all = append(all, struck(h, f))
		}
		for _, p := range refusals(h) {
			all = append(all, answeredWith(h, p.status))
		}
	}
	return all
}

func rareSteps() []sometimes {
	return []sometimes{
		answerLostAfterEffect, providerAnswerLost, refreshLost, crashBeforeClaim, crashAfterClaim, crashBeforeCall,
		crashBeforeRecord, crashAfterRecord, crashWhileSending, powerCut, notSaved, arrivedLate, arrivedTwice,
		workerFenced, leaseTakenOver, leaseResumed, staleResult, portalSeen, signedInAgain, batchHalved, outcomeUnknown,
		outcomeAccepted, outcomeHeld, outcomeReplayed, outcomeOverpaid, outcomeConflict, outcomeLocked, outcomeLimit,
		personRetries, personEdits, personDiscards, eventTwice, dayCrossed, bookedByEvent,
		claimedTogether, begunByClaim, recordedTogether, callShared, callSplit,
		lockedOut, rolledBackSeen, rolledBackTold, wentOn, lookedUp, setAhead, setBack, twinKeeps, twinDrains, drainedElsewhere,
	}
}

// sawLost counts the answers that matter and got lost.
func (w *world) sawLost(h hop, r *http.Request, a *answer) {
	switch {
	case h == toOffice && r.URL.Path == "/auth/refresh" && a.status == http.StatusOK:
		w.trace.saw(refreshLost)
	case h == toOffice && strings.Contains(a.body.String(), `"status":"applied"`):
		w.trace.saw(answerLostAfterEffect)
	case h == toSalesforce && r.Method != http.MethodGet && a.status < 300:
		w.trace.saw(providerAnswerLost)
	}
}

func (w *world) sawOutcome(d *device, o action.Outcome) {
	w.trace.add("%s hears that %s is %s", d.name, o.ID, strings.TrimSpace(fmt.Sprintf("%s %s", o.Status, o.Code)))
	for what, is := range map[sometimes]bool{
		outcomeAccepted: o.Status == action.StatusAccepted, outcomeHeld: o.Status == action.StatusHeld, outcomeReplayed: o.Replayed,
		outcomeOverpaid: codeIs(o, action.Overpaid), outcomeConflict: codeIs(o, action.VersionConflict),
		outcomeLocked: codeIs(o, action.RecordLocked), outcomeLimit: codeIs(o, action.RateLimited),
	} {
		if is {
			w.trace.saw(what)
		}
	}
}

// Bounds of restlessness.
const (
	// maxSends is how often one action may go out, its faults included.
	maxSends = 60
	// maxCalls is how many calls a device may make in a window.
	maxCalls = 40
	window   = 10 * time.Second
)

// pulse is the calls of one device in the current window.
type pulse struct {
	began time.Time
	calls int
}

// rush notes a call of a process and fails when there are too many: a loop that
// does not wait would show here.
func (w *world) rush(who string, now time.Time) {
	w.mu.Lock()
	p := w.pulse[who]
	if p == nil || now.Sub(p.began) > window {
		p = &pulse{began: now}
		w.pulse[who] = p
	}
	p.calls++
	calls := p.calls
	w.mu.Unlock()
	if calls == maxCalls {
		w.fail("%s makes %d calls in %v", who, calls, window)
	}
}
