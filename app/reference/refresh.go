package reference

import (
	"context"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
)

// Limits of one refresh. The server lists contacts by customer, one call each,
// and each is a query of Salesforce: so they are read for the customers with
// open invoices and for as many others, and for any other when it is looked at.
const (
	maxContactReads  = 100
	contactReadsOnce = 4
)

// Source is where the cache comes from; *bffclient.Client is one.
type Source interface {
	Accounts(ctx context.Context, q bffclient.AccountQuery) ([]bffclient.Account, error)
	Contacts(ctx context.Context, accountID string) ([]bffclient.Contact, error)
	Invoices(ctx context.Context, accountID string) ([]bffclient.Invoice, error)
	Prices(ctx context.Context) ([]bffclient.Price, error)
}

// Refresh replaces the cache by what source has now. It is all or nothing: on
// an error the cache stays as it was.
func (c *Cache) Refresh(ctx context.Context, source Source) error {
	fresh := snapshot{Version: snapshotVersion, AsOf: time.Now().UTC()}
	var err error
	if fresh.Accounts, err = source.Accounts(ctx, bffclient.AccountQuery{}); err != nil {
		return err
	}
	if fresh.Invoices, err = source.Invoices(ctx, ""); err != nil {
		return err
	}
	if fresh.Prices, err = prices(ctx, source); err != nil {
		return err
	}
	read, err := readContacts(ctx, source, contactOrder(fresh))
	if err != nil {
		return err
	}
	return c.replace(ctx, func(old snapshot) snapshot {
		fresh.Contacts = map[string][]bffclient.Contact{}
		for _, a := range fresh.Accounts {
			if known, ok := old.Contacts[a.ID]; ok {
				fresh.Contacts[a.ID] = known
			}
		}
		maps.Copy(fresh.Contacts, read)
		fresh.Cards = maps.Clone(old.Cards)
		maps.DeleteFunc(fresh.Cards, func(id string, _ []bffclient.Card) bool { _, there := fresh.Contacts[id]; return !there })
		return fresh
	})
}

// prices reads the price list; a server that is older than this build has none.
func prices(ctx context.Context, source Source) ([]bffclient.Price, error) {
	list, err := source.Prices(ctx)
	if action.CodeOf(err) == action.UnknownType {
		return nil, nil
	}
	return list, err
}

// RefreshContacts replaces the contacts of one account, for a screen that shows
// it. It does not change AsOf.
func (c *Cache) RefreshContacts(ctx context.Context, source Source, accountID string) error {
	contacts, err := source.Contacts(ctx, accountID)
	if err != nil {
		return err
	}
	return c.replace(ctx, func(s snapshot) snapshot {
		if s.Contacts == nil {
			s.Contacts = map[string][]bffclient.Contact{}
		}
		s.Version, s.Contacts[accountID] = snapshotVersion, contacts
		return s
	})
}

// contactOrder returns the accounts whose contacts are read: first those with
// an open invoice, because that is where a payment may be taken.
func contactOrder(s snapshot) []string {
	var order []string
	wanted := make(map[string]bool, len(s.Accounts))
	for _, a := range s.Accounts {
		wanted[a.ID] = true
	}
	take := func(id string) {
		if wanted[id] && len(order) < maxContactReads {
			wanted[id] = false
			order = append(order, id)
		}
	}
	for _, i := range s.Invoices {
		if i.Balance > 0 {
			take(i.AccountID)
		}
	}
	for _, a := range s.Accounts {
		take(a.ID)
	}
	return order
}

func readContacts(ctx context.Context, source Source, accounts []string) (map[string][]bffclient.Contact, error) {
	var mu sync.Mutex
	read := make(map[string][]bffclient.Contact, len(accounts))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(contactReadsOnce)
	for _, id := range accounts {
		group.Go(func() error {
			contacts, err := source.Contacts(ctx, id)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			read[id] = contacts
			return nil
		})
	}
	return read, group.Wait()
}
