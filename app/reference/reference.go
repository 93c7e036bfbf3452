// Package reference is the disposable cache of what forms need offline.
package reference

import (
	"context"
	"time"

	bffclient "fieldpay/bff-client"
)

// Source is where the cache comes from: *bffclient.Client.
type Source interface {
	Accounts(ctx context.Context, q bffclient.AccountQuery) ([]bffclient.Account, error)
	Contacts(ctx context.Context, accountID string) ([]bffclient.Contact, error)
	Invoices(ctx context.Context, accountID string) ([]bffclient.Invoice, error)
}

// Options configures a Cache. Both are required.
type Options struct {
	// Path is the sealed file.
	Path string
	// Key is the 32-byte data key.
	Key []byte
}

// Cache holds accounts, contacts and invoices as of the last refresh.
type Cache struct{}

// Page is one part of the accounts that a search found.
type Page struct {
	Accounts []bffclient.Account
	// Total counts all that were found.
	Total int
}

// Open returns the cache at o.Path, empty when there is none that can be read.
func Open(ctx context.Context, o Options) (*Cache, error) { return &Cache{}, nil }

// Refresh replaces the cache by what source has now.
func (c *Cache) Refresh(ctx context.Context, source Source) error { return nil }

// RefreshContacts replaces the contacts of one account.
func (c *Cache) RefreshContacts(ctx context.Context, source Source, accountID string) error {
	return nil
}

// Accounts returns accounts whose name or industry contains search, by name. A
// limit of 0 means all.
func (c *Cache) Accounts(search string, limit, offset int) Page { return Page{} }

// Account returns one account.
func (c *Cache) Account(id string) (bffclient.Account, bool) { return bffclient.Account{}, false }

// Contacts returns the contacts of an account.
func (c *Cache) Contacts(accountID string) []bffclient.Contact { return nil }

// Invoices returns the invoices of an account, or all with an empty id, newest
// first.
func (c *Cache) Invoices(accountID string) []bffclient.Invoice { return nil }

// Invoice returns one invoice.
func (c *Cache) Invoice(id string) (bffclient.Invoice, bool) { return bffclient.Invoice{}, false }

// AsOf is when the cache was filled, in UTC; zero when it never was.
func (c *Cache) AsOf() time.Time { return time.Time{} }
