package people

import (
	"context"
	"fmt"
	"sync"
	"time"

	"fieldpay/action"
)

// badges is the name under which waits keeps scans that nobody's badge has. It
// is no person's id: those of the server are never empty.
const badges = ""

// Unlock finds whether the PIN is the person's. A wrong one is
// [action.PINWrong]; one that came before the wait of earlier ones is over is
// not looked at, and [action.PINWait]. Somebody who is not known here, or who has
// no PIN, gets [action.SignInNeeded].
func (r *Register) Unlock(ctx context.Context, id, pin string) (Member, error) {
	var kept secret
	err := r.change(ctx, func(c *content) error {
		e := c.find(id)
		if e == nil || e.PIN == nil {
			return unknown()
		}
		if left := r.waits.left(id, e.Failures); left > 0 {
			return tooSoon(left)
		}
		// Counted first: whoever ends the program while it looks gains nothing.
		kept = *e.PIN
		e.Failures++
		return nil
	})
	if err != nil {
		return Member{}, err
	}
	if !kept.fits(pin) {
		return Member{}, r.wrong(ctx, id)
	}
	var member Member
	err = r.change(ctx, func(c *content) error {
		e := c.find(id)
		if e == nil {
			return unknown()
		}
		e.Failures = 0
		member = r.member(e)
		return nil
	})
	return member, err
}

// wrong is the answer to a wrong PIN; the wait after it begins now.
func (r *Register) wrong(ctx context.Context, id string) error {
	m, _, err := r.Member(ctx, id)
	if err != nil {
		return err
	}
	return &action.Error{Code: action.PINWrong, Message: action.PINWrong.Message(), Hint: hintOf(m.Wait)}
}

// ByBadge returns whose badge has the code. A code that nobody has is
// [action.PINWrong], and after several of them [action.PINWait], as for PINs.
func (r *Register) ByBadge(ctx context.Context, code string) (Member, error) {
	var found Member
	known := false
	err := r.change(ctx, func(c *content) error {
		if left := r.waits.left(badges, c.BadgeFailures); left > 0 {
			return tooSoon(left)
		}
		e := c.holder(c.mark(code))
		if code == "" || e == nil {
			c.BadgeFailures++
			r.waits.left(badges, c.BadgeFailures)
			return nil
		}
		c.BadgeFailures = 0
		found, known = r.member(e), true
		return nil
	})
	if err == nil && !known {
		err = &action.Error{Code: action.PINWrong, Message: "Nobody here has this badge"}
	}
	return found, err
}

// How long wrong PINs have to be waited for: not at all for the first ones,
// which are slips of a finger, then 5 s, and twice as long each time. That is a
// hundred guesses a day, of a million PINs or more.
const (
	freeFailures = 2
	firstWait    = 5 * time.Second
	longestWait  = 15 * time.Minute
)

// waitAfter is the wait after so many wrong PINs in a row.
func waitAfter(failures int) time.Duration {
	if failures <= freeFailures {
		return 0
	}
	wait := firstWait
	for range failures - freeFailures - 1 {
		if wait *= 2; wait >= longestWait {
			return longestWait
		}
	}
	return wait
}

// waits measures waits by this process's own clock, from the moment at which it
// learns of a failure: of its own at once, of another process's or of a run
// before it when it reads the file. So no other clock counts, and a wait is never
// shorter than it should be.
type waits struct {
	mu   sync.Mutex
	seen map[string]seen
}

type seen struct {
	failures int
	at       time.Time
}

// left is how long somebody with so many failures has to wait from now on.
func (w *waits) left(id string, failures int) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, known := w.seen[id]
	if !known || s.failures != failures {
		s = seen{failures: failures, at: time.Now()}
		w.seen[id] = s
	}
	// Since reads the monotonic clock: it stands still while the computer sleeps,
	// which only makes the wait longer.
	return max(0, waitAfter(failures)-time.Since(s.at))
}

func tooSoon(left time.Duration) error {
	return &action.Error{Code: action.PINWait, Message: action.PINWait.Message(), Hint: hintOf(left)}
}

func hintOf(left time.Duration) string {
	if left <= 0 {
		return ""
	}
	return fmt.Sprintf("The next try is in %d seconds", int((left+time.Second-1)/time.Second))
}
