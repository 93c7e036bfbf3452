package bff

import (
	"context"
	"maps"
	"slices"

	"fieldpay/action"
)

// authored is who an author is, or why they may not be one.
type authored struct {
	user User
	err  error
}

// authors looks each author up once.
func (r *Rights) authors(ctx context.Context, actions []action.Action) map[string]authored {
	known := map[string]authored{}
	for _, a := range actions {
		if _, seen := known[a.Actor]; !seen {
			u, err := r.author(ctx, a.Actor)
			known[a.Actor] = authored{u, err}
		}
	}
	return known
}

// Known reports of each action whether its author may do it, without a call of
// the CRM. False says that Check must tell.
func (r *Rights) Known(ctx context.Context, actions []action.Action) []bool {
	authors := r.authors(ctx, actions)
	known := make([]bool, len(actions))
	for i, a := range actions {
		by := authors[a.Actor]
		t, err := targetOf(a)
		switch {
		case by.err != nil:
		case by.user.Everywhere():
			known[i] = true
		case err == nil:
			_, known[i] = r.remembered(by.user, t)
		}
	}
	return known
}

// remembered reports whether it is known where a target is, and whether the
// person reaches it. account is the one to ask about, if that is known.
func (r *Rights) remembered(u User, t target) (account string, reached bool) {
	if t.free {
		return "", true
	}
	account = t.account
	if t.invoice != "" {
		account, _ = r.recall(r.accounts, t.invoice)
	}
	territory, known := r.recall(r.territories, account)
	return account, known && u.covers(territory)
}

// CheckAll is Check for many actions. What the CRM has to be asked is asked for
// all of them together, if it can answer so.
func (r *Rights) CheckAll(ctx context.Context, actions []action.Action) []error {
	unknown, err := r.locate(ctx, actions)
	errs := make([]error, len(actions))
	for i, a := range actions {
		if err != nil && unknown[i] {
			errs[i] = err
			continue
		}
		errs[i] = r.Check(ctx, a)
	}
	return errs
}

// locate learns where the records of actions are that it does not remember. It
// reports which those were.
func (r *Rights) locate(ctx context.Context, actions []action.Action) (unknown []bool, err error) {
	unknown = make([]bool, len(actions))
	crm, able := r.o.CRM.(Locator)
	if !able || len(actions) == 1 {
		return unknown, nil
	}
	accounts, invoices := map[string]bool{}, map[string]bool{}
	authors := r.authors(ctx, actions)
	for i, a := range actions {
		t, bad := targetOf(a)
		if by := authors[a.Actor]; bad != nil || t.free || by.err != nil || by.user.Everywhere() {
			continue
		}
		account, _ := r.remembered(authors[a.Actor].user, t)
		if account == "" && t.invoice != "" {
			invoices[t.invoice], unknown[i] = true, true
		} else if _, known := r.recall(r.territories, account); !known && account != "" {
			accounts[account], unknown[i] = true, true
		}
	}
	if len(accounts)+len(invoices) == 0 {
		return unknown, nil
	}
	places, err := crm.Locate(ctx, slices.Sorted(maps.Keys(accounts)), slices.Sorted(maps.Keys(invoices)))
	if err != nil {
		return unknown, err
	}
	for id, territory := range places.Territories {
		r.keep(r.territories, id, territory)
	}
	for id, account := range places.Accounts {
		r.keep(r.accounts, id, account)
	}
	return unknown, nil
}

// permitted reports which actions may be begun as far as rights go, without a
// call that would keep others waiting.
func (p *Processor) permitted(ctx context.Context, actions []action.Action) []bool {
	switch {
	case p.o.Rights != nil && !p.o.Apart:
		return p.o.Rights.Known(ctx, actions)
	default:
		all := make([]bool, len(actions))
		for i := range all {
			all[i] = p.o.Rights == nil
		}
		return all
	}
}

// ask finds out whether the authors of entries may do them, before they are begun
// for the first time: what was begun may have happened, and rights that ended
// since do not undo it. The answer may take a call, so nobody waits for it here.
func (p *Processor) ask(entries []Entry) {
	if !p.o.Apart {
		if len(entries) > 0 {
			p.work.Go(func() { p.permit(entries) })
		}
		return
	}
	for _, e := range entries {
		p.work.Go(func() { p.permit([]Entry{e}) })
	}
}

func (p *Processor) permit(entries []Entry) {
	ctx, cancel := context.WithTimeout(p.base, p.o.CallTimeout)
	defer cancel()
	select {
	case p.asking <- struct{}{}:
		defer func() { <-p.asking }()
	case <-ctx.Done():
		p.release(lanesOfEntries(entries))
		return
	}
	var may []Entry
	var mayNot []finished
	for i, err := range p.o.Rights.CheckAll(ctx, actionsOf(entries)) {
		if err != nil {
			mayNot = append(mayNot, finished{entry: entries[i], result: p.failed(entries[i], err), audited: true})
			continue
		}
		may = append(may, entries[i])
	}
	p.results.add(mayNot...)
	p.begins.add(may...)
}

func actionsOf(entries []Entry) []action.Action {
	actions := make([]action.Action, len(entries))
	for i, e := range entries {
		actions[i] = e.Action
	}
	return actions
}

func lanesOfEntries(entries []Entry) []string {
	lanes := make([]string, len(entries))
	for i, e := range entries {
		lanes[i] = e.Lane
	}
	return lanes
}
