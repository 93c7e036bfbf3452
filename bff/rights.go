package bff

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"fieldpay/action"
)

// reachLife is how long it is remembered which territory an account is in: a
// change in the CRM counts after it. maxReach bounds what is remembered.
const (
	reachLife = time.Minute
	maxReach  = 50_000
)

// RightsOptions says what [Rights] work with. Both are required.
type RightsOptions struct {
	Users Users
	CRM   CRM
}

// Rights knows which records a person reaches: those of the accounts in their
// territories.
type Rights struct {
	o   RightsOptions
	now func() time.Time

	mu          sync.Mutex
	territories map[string]placed // by account
	accounts    map[string]placed // of an invoice: its account
}

type placed struct {
	in    string
	until time.Time
}

// NewRights checks the options.
func NewRights(o RightsOptions) (*Rights, error) {
	if o.Users == nil || o.CRM == nil {
		return nil, errors.New("rights need users and a CRM")
	}
	return &Rights{o: o, now: time.Now, territories: map[string]placed{}, accounts: map[string]placed{}}, nil
}

// notReached refuses what a person's role or territories do not allow.
func notReached() error {
	return &action.Error{Code: action.NotAllowed, Message: "This customer is not in the territories of this person"}
}

// Author reports whether a person may be the author of actions: they exist and
// were not disabled. What is not a person, like the card processor, may.
func (r *Rights) Author(ctx context.Context, actor string) error {
	_, err := r.author(ctx, actor)
	return err
}

func (r *Rights) author(ctx context.Context, actor string) (User, error) {
	if actor == eventActor {
		return User{ID: actor, Role: RoleOffice}, nil
	}
	u, err := r.o.Users.UserByID(ctx, actor)
	switch {
	case action.CodeOf(err) == action.NotFound, err == nil && u.Disabled:
		return User{}, &action.Error{Code: action.NotAllowed, Message: "The person who did that may not work here (any more). The office decides"}
	case err != nil:
		return User{}, storeError(err)
	}
	return u, nil
}

// Check reports whether the author of an action may do it to its record. It
// asks the CRM where the record is, unless it is remembered.
func (r *Rights) Check(ctx context.Context, a action.Action) error {
	u, err := r.author(ctx, a.Actor)
	if err != nil || u.Everywhere() {
		return err
	}
	t, err := targetOf(a)
	switch {
	case err != nil, t.free:
		return err
	case t.invoice != "":
		return r.Invoice(ctx, u, t.invoice)
	case t.account != "":
		return r.Account(ctx, u, t.account)
	default:
		return notReached()
	}
}

// target is the record that an action is about, as far as rights go.
type target struct {
	account, invoice string
	// free says that there is nothing to ask.
	free bool
}

func targetOf(a action.Action) (target, error) {
	// The wire names are the same in every payload.
	var about struct {
		AccountID  string `json:"accountId"`
		InvoiceID  string `json:"invoiceId"`
		ParentKind string `json:"parentKind"`
		ParentID   string `json:"parentId"`
	}
	if err := json.Unmarshal(a.Payload, &about); err != nil {
		return target{}, &action.Error{Code: action.InvalidPayload, Cause: err}
	}
	switch about.ParentKind {
	case action.InvoiceKind:
		about.InvoiceID = about.ParentID
	case action.VisitKind:
		return target{free: true}, nil // its UUID is known only to the device that logged it
	}
	if about.InvoiceID != "" {
		return target{invoice: about.InvoiceID}, nil
	}
	return target{account: about.AccountID}, nil
}

// Account reports whether a person reaches an account.
func (r *Rights) Account(ctx context.Context, u User, id string) error {
	if u.Everywhere() {
		return nil
	}
	territory, known := r.recall(r.territories, id)
	if !known {
		a, err := r.o.CRM.Account(ctx, id)
		if err != nil {
			return err
		}
		territory = a.Territory
		r.keep(r.territories, id, territory)
	}
	if !u.covers(territory) {
		return notReached()
	}
	return nil
}

// covers reports whether a territory is one of the person's.
func (u User) covers(territory string) bool {
	return territory != "" && slices.ContainsFunc(u.Territories, func(name string) bool { return strings.EqualFold(name, territory) })
}

// Invoice reports whether a person reaches an invoice.
func (r *Rights) Invoice(ctx context.Context, u User, id string) error {
	if u.Everywhere() {
		return nil
	}
	account, known := r.recall(r.accounts, id)
	if !known {
		inv, err := r.o.CRM.Invoice(ctx, id)
		if err != nil {
			return err
		}
		account = inv.AccountID
		r.keep(r.accounts, id, account)
	}
	return r.Account(ctx, u, account)
}

// Accounts are the ids of the accounts that a person reaches; nil stands for
// every account.
func (r *Rights) Accounts(ctx context.Context, u User) (map[string]bool, error) {
	if u.Everywhere() {
		return nil, nil
	}
	reached := map[string]bool{}
	if len(u.Territories) == 0 {
		return reached, nil
	}
	list, err := r.o.CRM.Accounts(ctx, AccountQuery{Territories: u.Territories})
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		reached[a.ID] = true
		r.keep(r.territories, a.ID, a.Territory)
	}
	return reached, nil
}

func (r *Rights) recall(from map[string]placed, id string) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, known := from[id]
	return p.in, known && r.now().Before(p.until)
}

func (r *Rights) keep(in map[string]placed, id, value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(in) >= maxReach {
		clear(in) // what is asked for again is soon back
	}
	in[id] = placed{value, r.now().Add(reachLife)}
}
