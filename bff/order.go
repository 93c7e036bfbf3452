package bff

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"fieldpay/action"
)

// verdict says whether the order allows an entry to be applied. The zero
// verdict does.
type verdict struct {
	// waitFor is the id of an entry that must settle first.
	waitFor string
	// refusal is why the entry cannot be applied as things stand.
	refusal error
}

// order checks what must come before each of the entries: the one before it in
// its lane, those it needs, and the one it replaces. The lane of one that has to
// wait is woken when it need not any more.
func (p *Processor) order(ctx context.Context, entries []Entry) ([]verdict, error) {
	verdicts := make([]verdict, len(entries))
	var deps, replaced []string
	for _, e := range entries {
		deps = append(deps, dependencies(e.Action)...)
		if old := e.Action.Replaces; old != "" {
			replaced = append(replaced, old)
		}
		// Before anything is read, so that no end is missed in between.
		p.waitFor(e.Lane, comesAfter(e.Action))
	}
	ends, olds, err := p.before(ctx, deps, replaced)
	for i, e := range entries {
		if err == nil {
			verdicts[i] = p.judge(e, ends, olds, time.Now())
		}
		forget := comesAfter(e.Action)
		if id := verdicts[i].waitFor; id != "" {
			// The end of a chain has another id than what the entry names.
			p.waitFor(e.Lane, []string{id})
		}
		p.forget(e.Lane, forget)
	}
	return verdicts, err
}

// before reads what entries come after, and what they replace: also what that
// replaced, as far back as the ledger has it.
func (p *Processor) before(ctx context.Context, deps, replaced []string) (ends, olds map[string]Entry, err error) {
	if len(deps) > 0 {
		if ends, err = p.ends(ctx, deps); err != nil {
			return nil, nil, err
		}
	}
	olds, err = p.olds(ctx, replaced)
	return ends, olds, err
}

// ends are the entries that ids stand for: the newest edit of each. An edit of
// what is applied is refused, so it does not stand for that; else what comes
// after would wait for the edit, and the edit, behind it in the lane, for that.
func (p *Processor) ends(ctx context.Context, ids []string) (map[string]Entry, error) {
	ends, err := p.o.Ledger.Ends(ctx, ids)
	if err != nil {
		return nil, wrap(err, "looking up what actions come after")
	}
	var replaced []string
	for id, e := range ends {
		if e.Action.ID != id && !e.Done() {
			replaced = append(replaced, e.Action.Replaces)
		}
	}
	olds, err := p.olds(ctx, replaced)
	if err != nil {
		return nil, err
	}
	for id, e := range ends {
		for range len(olds) { // no chain is longer
			if e.Action.ID == id {
				break
			}
			old, taken := olds[e.Action.Replaces]
			if !taken {
				break
			}
			if e = old; e.Done() {
				ends[id] = e
			}
		}
	}
	return ends, nil
}

// olds are the entries of ids, and those that they replaced, as far back as the
// ledger has them.
func (p *Processor) olds(ctx context.Context, replaced []string) (map[string]Entry, error) {
	olds := map[string]Entry{}
	for len(replaced) > 0 {
		found, err := p.o.Ledger.Entries(ctx, replaced)
		if err != nil {
			return nil, wrap(err, "looking up what actions replace")
		}
		maps.Copy(olds, found)
		replaced = nil
		for _, e := range found {
			if _, known := olds[e.Action.Replaces]; !known && e.Action.Replaces != "" {
				replaced = append(replaced, e.Action.Replaces)
			}
		}
	}
	return olds, nil
}

// firstYear is the one in which the first action of all was made.
const firstYear = 2026

// forgotten reports whether an action that is not in the ledger is older than the
// ledger's memory, so that it ended, whatever came of it: it must not hold what
// names it for ever. An id of version 7 says when it was made, by a clock whose
// error the action that names it brings along; any other id says nothing, nor
// does one of before there were any, which is a clock that lost its time.
func (p *Processor) forgotten(id string, by action.Action, now time.Time) bool {
	made, err := uuid.Parse(id)
	if err != nil || made.Version() != 7 {
		return false
	}
	seconds, nanos := made.Time().UnixTime()
	at := time.Unix(seconds, nanos).Add(-time.Duration(by.ClockOffsetMs) * time.Millisecond)
	return at.Before(now.Add(-p.o.Memory)) && at.After(time.Date(firstYear, time.January, 1, 0, 0, 0, 0, time.UTC))
}

// remembered leaves out the ids that are forgotten.
func (p *Processor) remembered(ids []string, ends map[string]Entry, by action.Action, now time.Time) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		_, stored := ends[id]
		return !stored && p.forgotten(id, by, now)
	})
}

func (p *Processor) judge(e Entry, ends, olds map[string]Entry, now time.Time) verdict {
	if v := after(ends, e, p.remembered([]string{e.Action.After}, ends, e.Action, now), action.AfterMissing); v != (verdict{}) {
		return v
	}
	if v := after(ends, e, p.remembered(e.Action.Needs, ends, e.Action, now), action.NeedMissing); v != (verdict{}) {
		return v
	}
	return replaces(olds, e.Action)
}

// after checks that the entries of ids are applied. One that is missing or
// settled otherwise holds self. So does one that came after self into the same
// lane, because it was held itself at first: the lane would never get to it
// while self waits in front of it.
func after(ends map[string]Entry, self Entry, ids []string, code action.Code) verdict {
	for _, id := range ids {
		if id == "" {
			continue
		}
		e, taken := ends[id]
		switch {
		case taken && e.Action.ID == self.Action.ID, taken && e.Done():
		case taken && !e.Settled() && !(e.Lane == self.Lane && e.Position > self.Position):
			return verdict{waitFor: e.Action.ID}
		default:
			return verdict{refusal: &action.Error{Code: code}}
		}
	}
	return verdict{}
}

// replaces checks the action that a replaces, and what that one replaced: while
// one is open, a waits; when one had an effect, a would make a second one.
func replaces(olds map[string]Entry, a action.Action) verdict {
	id := a.Replaces
	for range len(olds) { // no chain is longer, and a ring ends there
		old, taken := olds[id]
		switch {
		case !taken || id == a.ID:
			return verdict{}
		case !old.Settled():
			return verdict{waitFor: id}
		case old.Done() || old.Effect:
			return verdict{refusal: &action.Error{
				Code: action.DuplicateRecord, Message: "What this was to replace has already taken effect. Compare both",
			}}
		}
		id = old.Action.Replaces
	}
	return verdict{}
}

// dependencies are the ids that an action comes after.
func dependencies(a action.Action) []string {
	if a.After == "" {
		return a.Needs
	}
	return append([]string{a.After}, a.Needs...)
}

// comesAfter is dependencies and what the action replaces.
func comesAfter(a action.Action) []string {
	if a.Replaces == "" {
		return dependencies(a)
	}
	return append([]string{a.Replaces}, dependencies(a)...)
}
