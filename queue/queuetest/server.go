// Package queuetest has a server that behaves, for tests of what stands on
// package queue: it keeps what it took, answers a repeat as it answered before,
// refuses to overtake within a lane, and fails on request. It is a
// [queue.Sender] and a [queue.Prober] and works in virtual time.
package queuetest

import (
	"context"
	"slices"
	"sync"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// Fault is what happens to one call.
type Fault struct {
	// Before fails the call before the server sees it, After when the server
	// has done its part and the answer is on its way.
	Before, After error
	// Delay is how long the call takes.
	Delay time.Duration
	// Reply, where set, changes what the server answers.
	Reply func(*queue.Reply)
	// Of, where set, is the sequence of the first action of the batch that the
	// fault is for: of batches that fly at once, any may call first.
	Of int64
}

// Server is a server in memory.
type Server struct {
	mu       sync.Mutex
	outcomes map[string]action.Outcome
	tries    map[string]int
	replaced map[string]string
	effects  []action.Action
	batches  []queue.Batch
	asked    [][]string
	probes   int
	decide   func(action.Action) action.Outcome
	faults   []Fault
	always   error
	probe    queue.Probe
	probeErr error
	fence    int64
	head     queue.ChainPoint
	way      way
}

// NewServer returns a server that applies everything.
func NewServer() *Server {
	return &Server{
		outcomes: map[string]action.Outcome{}, tries: map[string]int{}, replaced: map[string]string{},
	}
}

// Decide sets what the server answers for a valid action. Nil applies it.
func (s *Server) Decide(f func(action.Action) action.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.decide = f
}

// Fault queues what happens to the next calls of Send and Outcomes, one each.
func (s *Server) Fault(f ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f...)
}

// Calm forgets the faults that were queued and did not happen.
func (s *Server) Calm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Down makes every call and probe fail with err before the server sees it; nil
// ends it.
func (s *Server) Down(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always, s.probeErr = err, err
}

// SetProbe sets the answer to a probe.
func (s *Server) SetProbe(p queue.Probe, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.probe, s.probeErr = p, err
}

// Settle changes the stored outcome of an action: the office has decided, or an
// upstream is back.
func (s *Server) Settle(o action.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.Status == action.StatusApplied && s.outcomes[o.ID].Status != action.StatusApplied {
		s.effects = append(s.effects, action.Action{ID: o.ID})
	}
	s.outcomes[o.ID] = o
}

// Forget loses what the server knows of an action: it was restored from an old
// backup.
func (s *Server) Forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.outcomes, id)
}

// Effects returns the actions that took effect, in order.
func (s *Server) Effects() []action.Action {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.effects)
}

// Batches returns the requests that reached the server.
func (s *Server) Batches() []queue.Batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.batches)
}

// Asked returns the ids of each request for outcomes.
func (s *Server) Asked() [][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// Probes returns how often the server was probed.
func (s *Server) Probes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.probes
}

// way is a link: it is free again at a time, because what crosses it takes turns.
type way struct {
	roundTrip, perAction time.Duration
	free                 time.Time
}

// SetWay makes the link to the server long and thin: each call takes a round trip,
// and each action some time on the wire, on which batches take turns.
func (s *Server) SetWay(roundTrip, perAction time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.way = way{roundTrip: roundTrip, perAction: perAction, free: time.Now()}
}

// cross waits until n actions are over and an answer could be back.
func (s *Server) cross(ctx context.Context, n int) error {
	s.mu.Lock()
	if now := time.Now(); s.way.free.Before(now) {
		s.way.free = now
	}
	s.way.free = s.way.free.Add(time.Duration(n) * s.way.perAction)
	span := time.Until(s.way.free) + s.way.roundTrip
	s.mu.Unlock()
	return pass(ctx, span)
}

func pass(ctx context.Context, span time.Duration) error {
	if span <= 0 {
		return nil
	}
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Probe implements [queue.Prober].
func (s *Server) Probe(ctx context.Context) (queue.Probe, error) {
	if err := s.cross(ctx, 0); err != nil {
		return queue.Probe{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.probes++
	return s.probe, s.probeErr
}

// Send implements [queue.Sender].
func (s *Server) Send(ctx context.Context, b queue.Batch) (queue.Reply, error) {
	f, err := s.begin(ctx, b.Actions)
	if err == nil {
		err = s.cross(ctx, len(b.Actions))
	}
	if err != nil {
		return queue.Reply{}, err
	}
	reply, err := s.admit(b)
	if err != nil {
		return queue.Reply{}, err
	}
	if f.Reply != nil {
		f.Reply(&reply)
	}
	return reply, f.After
}

// Outcomes implements [queue.Sender].
func (s *Server) Outcomes(ctx context.Context, ids []string) (found []action.Outcome, unknown []string, err error) {
	f, err := s.begin(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, slices.Clone(ids))
	for _, id := range ids {
		if o, known := s.outcomes[id]; known {
			found = append(found, o)
		} else {
			unknown = append(unknown, id)
		}
	}
	return found, unknown, f.After
}

func (s *Server) begin(ctx context.Context, batch []action.Action) (Fault, error) {
	s.mu.Lock()
	var f Fault
	next := slices.IndexFunc(s.faults, func(f Fault) bool {
		return f.Of == 0 || len(batch) > 0 && batch[0].Sequence == f.Of
	})
	if next >= 0 {
		f = s.faults[next]
		s.faults = slices.Delete(s.faults, next, next+1)
	}
	always := s.always
	s.mu.Unlock()
	if err := pass(ctx, f.Delay); err != nil {
		return f, err
	}
	if always != nil {
		return f, always
	}
	return f, f.Before
}

// admit refuses a journal that is older than the one it knows: by its fence, or
// by a head that is behind in a drain that was not seen before.
func (s *Server) admit(b queue.Batch) (queue.Reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.Fence < s.fence || b.Fence > s.fence && b.Head.Position < s.head.Position {
		return queue.Reply{}, &action.Error{Code: action.JournalRolledBack}
	}
	return s.apply(b), nil
}

// Adopt implements [queue.Adopter].
func (s *Server) Adopt(_ context.Context, _ string, head queue.ChainPoint) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.head = head
	return s.fence, nil
}

func (s *Server) apply(b queue.Batch) queue.Reply {
	s.batches = append(s.batches, b)
	s.fence, s.head = max(s.fence, b.Fence), b.Head
	reply := queue.Reply{Acknowledged: b.Head}
	for _, a := range b.Actions {
		reply.Outcomes = append(reply.Outcomes, s.applyOne(a))
	}
	return reply
}

func (s *Server) applyOne(a action.Action) action.Outcome {
	if a.Replaces != "" {
		s.replaced[a.Replaces] = a.ID
	}
	if o, known := s.outcomes[a.ID]; known && (a.Try <= s.tries[a.ID] || o.Status == action.StatusApplied) {
		o.Replayed = true
		return o
	}
	now := time.Now()
	if missing := s.missing(a); missing != "" {
		return action.FailureOutcome(a.ID, &action.Error{Code: missing}, now)
	}
	o := action.AppliedOutcome(a.ID, "sf-"+a.ID[:8], 1, now)
	if s.decide != nil {
		o = s.decide(a)
	}
	if o.Status == action.StatusApplied {
		s.effects = append(s.effects, a)
	}
	if o.Class.Settles() || o.Class == action.Accepted {
		s.outcomes[a.ID], s.tries[a.ID] = o, a.Try
	}
	return o
}

// missing names why an action must wait: what is before it, or what it needs,
// was not taken.
func (s *Server) missing(a action.Action) action.Code {
	if a.After != "" && !s.taken(a.After) {
		return action.AfterMissing
	}
	for _, id := range a.Needs {
		if !s.taken(id) {
			return action.NeedMissing
		}
	}
	return ""
}

func (s *Server) taken(id string) bool {
	for s.replaced[id] != "" {
		id = s.replaced[id]
	}
	o := s.outcomes[id]
	return o.Status == action.StatusApplied || o.Status == action.StatusAccepted
}
