package hop_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// row is one row of the table of failures.
type row struct {
	name string
	// say is the answer in the server's place, nil a cut.
	say   func(request, reply []byte) []byte
	reset bool
	// stages where it can come.
	stages []stage
	// code is what a person is told, state what becomes of the actions.
	code  action.Code
	state queue.State
	// cut is code and state where the answer is cut in its middle, if others.
	cutCode  action.Code
	cutState queue.State
	// wait is what the server asks for.
	wait time.Duration
}

func (r row) wants(s stage) (action.Code, queue.State) {
	if s == midReply && r.cutCode != "" {
		return r.cutCode, r.cutState
	}
	return r.code, r.state
}

var everywhere = []stage{before, midBody, after, midReply}

// page is an answer that is not the server's.
func page(status int, kind, body string, header ...string) func(_, _ []byte) []byte {
	// The connection ends behind a fault: a call that came after it on the same one
	// would be lost too, which is another row.
	h := http.Header{"Content-Type": {kind}, "Connection": {"close"}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return func(_, _ []byte) []byte { return render(status, h, []byte(body)) }
}

// problem is an answer of the server about the call.
func problem(status int, code action.Code, header ...string) func(_, _ []byte) []byte {
	body := `{"type":"urn:fieldpay:` + string(code) + `","title":"no","status":` + itoa(status) + `,"code":"` + string(code) + `","error":"no"}`
	return page(status, "application/problem+json", body, append(header, "FieldPay-Protocol", "1")...)
}

// changed is the server's own reply with its results changed.
func changed(change func(results []map[string]any) []map[string]any) func(_, reply []byte) []byte {
	return func(_, reply []byte) []byte {
		var answer map[string]json.RawMessage
		var results []map[string]any
		err := errors.Join(json.Unmarshal(reply[len(reply)-bodyOf(reply):], &answer), json.Unmarshal(answer["results"], &results))
		changed, encodeErr := json.Marshal(change(results))
		answer["results"] = changed
		body, bodyErr := json.Marshal(answer)
		if errors.Join(err, encodeErr, bodyErr) != nil {
			return nil // the row then fails as a cut connection
		}
		return render(http.StatusOK, http.Header{"Content-Type": {"application/json"}, "Fieldpay-Protocol": {"1"}}, body)
	}
}

const otherID = "0193b1c2-dead-7000-8000-00000000beef"

// In the table: what becomes of an answer, and of actions.
const (
	lost   = action.AnswerLost
	unsure = queue.Unconfirmed
	kept   = queue.Pending
)

// table is DESIGN's table of failures, as far as it is about a call.
func table() []row { return append(append(cuts(), strangers()...), refusals()...) }

// cuts are answers that are lost, or do not belong to the request.
func cuts() []row {
	replied := []stage{after}
	return []row{
		{name: "the connection is closed", stages: everywhere, code: lost, state: unsure},
		{name: "the connection is reset", reset: true, stages: everywhere, code: lost, state: unsure},
		{name: "the reply is another kind of JSON", say: page(200, "application/json", `{"results":7}`, "FieldPay-Protocol", "1"),
			stages: everywhere, code: lost, state: unsure},
		{name: "the reply is cut, and its length agrees", stages: replied, code: lost, state: unsure, say: func(_, reply []byte) []byte {
			body := reply[len(reply)-bodyOf(reply):]
			return render(200, http.Header{"Content-Type": {"application/json"}, "Fieldpay-Protocol": {"1"}}, body[:len(body)-7])
		}},
		{name: "the reply is about other ids", stages: replied, code: lost, state: unsure, say: changed(func(r []map[string]any) []map[string]any {
			r[0]["id"] = otherID
			return r
		})},
		{name: "the reply leaves one out", stages: replied, code: lost, state: unsure, say: changed(func(r []map[string]any) []map[string]any { return r[1:] })},
		{name: "the reply names one more", stages: replied, code: lost, state: unsure, say: changed(func(r []map[string]any) []map[string]any {
			return append(r, map[string]any{"id": otherID, "status": "applied", "class": "applied"})
		})},
		{name: "the reply names one twice", stages: replied, code: lost, state: unsure, say: changed(func(r []map[string]any) []map[string]any { return append(r, r[0]) })},
	}
}

// strangers answer in the server's place.
func strangers() []row {
	foreign := func(name string, status int, kind, body string, header ...string) row {
		return row{name: name, say: page(status, kind, body, header...), stages: everywhere, code: action.Portal, state: unsure}
	}
	return []row{
		foreign("a portal shows its page", 200, "text/html", "<html>Welcome to the hotel"),
		foreign("a portal says it is JSON", 200, "application/json", `{"succeeded":[],"failed":[],"results":[]}`),
		foreign("a portal leads elsewhere", 302, "text/html", "moved", "Location", "http://127.0.0.1:9/login"),
		foreign("a portal wants a sign-in", 511, "text/html", "<html>sign in"),
		foreign("a proxy wants a sign-in", 407, "text/html", "<html>who are you", "Proxy-Authenticate", "Basic realm=x"),
		foreign("a gateway's 401", 401, "application/json", `{"error":"no"}`),
		foreign("a gateway's 403", 403, "text/html", "blocked by policy"),
		foreign("a gateway's 404", 404, "text/html", "nothing here"),
		foreign("a gateway's 413", 413, "text/html", "too large"),
		foreign("a gateway's 502", 502, "text/html", "bad gateway"),
		foreign("a gateway's 503", 503, "text/html", "unavailable"),
		foreign("a gateway's 504", 504, "text/html", "timeout"),
	}
}

// refusals are the server's own answers about the call.
func refusals() []row {
	// What only the server can have said is not believed when it is cut.
	ours := func(name string, status int, code, told action.Code, state queue.State, header ...string) row {
		r := row{name: name, say: problem(status, code, header...), stages: everywhere, code: told, state: state, cutCode: lost, cutState: unsure}
		if len(header) > 0 {
			r.wait = 7 * time.Second // as the headers below say it
		}
		return r
	}
	return []row{
		ours("401: nobody is signed in", 401, action.SignInNeeded, action.SignInNeeded, kept),
		ours("403: the device is blocked", 403, action.Revoked, action.Revoked, kept),
		ours("404: the server has no such call", 404, action.NotFound, action.UnknownType, kept),
		ours("408: it took too long to arrive", 408, action.Busy, lost, unsure),
		ours("409: another process of the device sends", 409, action.Busy, action.Busy, unsure),
		ours("412: a condition does not hold", 412, action.VersionConflict, action.VersionConflict, unsure),
		ours("425: too early", 425, action.Busy, action.Busy, unsure),
		ours("426: an update is needed", 426, action.UpdateNeeded, action.UpdateNeeded, kept),
		ours("429: too often", 429, action.RateLimited, action.RateLimited, kept, "Retry-After", "7"),
		ours("500: a fault", 500, action.Internal, action.Internal, unsure),
		ours("502: an upstream", 502, action.SalesforceDown, action.SalesforceDown, unsure),
		ours("503: busy", 503, action.Busy, action.Busy, unsure, "Retry-After", "Fri, 01 Jan 2027 00:00:07 GMT", "Date", "Fri, 01 Jan 2027 00:00:00 GMT"),
		ours("504: an upstream is slow", 504, action.StripeDown, action.StripeDown, unsure),
		{name: "a server of another protocol", say: page(200, "application/json", `{}`, "FieldPay-Protocol", "2"), stages: everywhere, code: action.UpdateNeeded, state: kept},
	}
}

// Invariants 2, 5, 7 and 10: every row at every stage.
func TestTable(t *testing.T) {
	o := newOffice(t)
	p := newProxy(t, o.address, nil)
	rep := newPerson(t, "http://"+p.address, nil)
	rep.signIn(t)
	for i, r := range table() {
		if !everyStage { // another one for each row
			r.stages = r.stages[i%len(r.stages):][:1]
		}
		for _, s := range r.stages {
			t.Run(r.name+", "+string(s), func(t *testing.T) {
				d := newDevice(t, rep)
				code, state := r.wants(s)
				p.set(&fault{stage: s, say: r.say, reset: r.reset})
				_, err := d.replay.Once(t.Context())
				if struck := p.set(nil); struck == 0 {
					t.Error("the fault hit nothing")
				}
				if got := action.CodeOf(err); got != code {
					t.Errorf("a person is told %s, want %s: %v", got, code, err)
				}
				if e, ok := errors.AsType[*action.Error](err); ok && s != midReply && e.RetryAfter != r.wait {
					t.Errorf("waits for %v, want %v", e.RetryAfter, r.wait)
				}
				if got := d.states(); !allAre(got, state) {
					t.Errorf("the actions are %v, want %s", got, state)
				}
				rep.signIn(t) // what a person does, where a refusal had signed out
				d.recover()
				d.wantOneEffect(o)
			})
		}
	}
}

// A refusal of a whole call that is about its size, or that nobody understands,
// is split until it hits the action that is meant; the others go.
func TestSplit(t *testing.T) {
	o := newOffice(t)
	p := newProxy(t, o.address, nil)
	rep := newPerson(t, "http://"+p.address, nil)
	rep.signIn(t)
	for name, answer := range map[string]func(_, _ []byte) []byte{
		"413: too much at once":            problem(413, action.TooLarge),
		"400: something in it is not read": problem(400, action.BadRequest),
	} {
		t.Run(name+" is halved until it passes", func(t *testing.T) {
			d := newDevice(t, rep)
			p.set(&fault{stage: before, say: answer, moreThan: 1})
			if _, err := d.replay.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
			if struck := p.set(nil); struck == 0 {
				t.Error("the fault hit nothing")
			}
			if got := d.states(); !allAre(got, queue.Applied) {
				t.Errorf("the actions are %v", got)
			}
			d.wantOneEffect(o)
		})
		t.Run(name+", for each alone, waits and goes later", func(t *testing.T) {
			d := newDevice(t, rep)
			p.set(&fault{stage: before, say: answer})
			if _, err := d.replay.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
			p.set(nil)
			if got := d.states(); got[0] != queue.Waiting || got[1] != queue.Held || got[2] != queue.Waiting {
				t.Errorf("the actions are %v", got)
			}
			d.recover()
			d.wantOneEffect(o)
		})
	}
}

// When nothing at all gets through, the probe says so, nothing is sent, and what
// is told fits what is in the way.
func TestNothingPasses(t *testing.T) {
	o := newOffice(t)
	p := newProxy(t, o.address, nil)
	rep := newPerson(t, "http://"+p.address, nil)
	rep.signIn(t)
	for name, c := range map[string]struct {
		fault fault
		code  action.Code
		state queue.ConnState
	}{
		"a portal":               {fault{stage: before, say: page(200, "text/html", "<html>hotel")}, action.Portal, queue.Portal},
		"a portal that forwards": {fault{stage: before, say: page(302, "text/html", "", "Location", "http://127.0.0.1:9/")}, action.Portal, queue.Portal},
		"an old copy of a reply": {fault{stage: after, say: replayed()}, action.Portal, queue.Portal},
		"cut connections":        {fault{stage: before}, action.Offline, queue.Offline},
		"half an answer":         {fault{stage: midReply}, action.Offline, queue.Offline},
		"429 for everything":     {fault{stage: before, say: problem(429, action.RateLimited)}, action.RateLimited, queue.Online},
		"426 for everything":     {fault{stage: before, say: problem(426, action.UpdateNeeded)}, action.UpdateNeeded, queue.Degraded},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDevice(t, rep)
			c.fault.everything = true
			p.set(&c.fault)
			_, err := d.replay.Once(t.Context())
			p.set(nil)
			if got := action.CodeOf(err); got != c.code {
				t.Errorf("a person is told %s, want %s: %v", got, c.code, err)
			}
			if got := d.replay.Status().Connection; got.State != c.state {
				t.Errorf("the connection is shown as %+v, want %s", got, c.state)
			}
			if got := d.states(); !allAre(got, queue.Pending) {
				t.Errorf("the actions are %v", got)
			}
			d.recover()
			d.wantOneEffect(o)
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		d := newDevice(t, rep)
		p.down()
		_, err := d.replay.Once(t.Context())
		p.up()
		if got := action.CodeOf(err); got != action.Offline {
			t.Errorf("a person is told %s: %v", got, err)
		}
		if got := d.states(); !allAre(got, queue.Pending) {
			t.Errorf("the actions are %v", got)
		}
		d.recover()
		d.wantOneEffect(o)
	})
}

// replayed is a cache: whatever is asked, it gives an old answer.
func replayed() func(_, reply []byte) []byte {
	return func(_, reply []byte) []byte {
		const mark = `"nonce":"`
		if at := bytes.Index(reply, []byte(mark)) + len(mark); reply[at] != '0' {
			reply[at] = '0'
		} else {
			reply[at] = '1'
		}
		return reply
	}
}
