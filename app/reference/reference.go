// Package reference is the device's cache of what forms need while there is no
// network: customers, their contacts, and invoices, as of the last refresh.
//
// The cache is disposable. It is one sealed file, replaced as a whole by
// [Cache.Refresh]; one that is damaged or sealed with another key counts as
// empty, and deleting it loses nothing. Several processes may read and refresh
// it: each notices what another has written.
//
// Reading is from memory and never fails. What it returns may be kept, and must
// not be changed.
package reference

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	bffclient "fieldpay/bff-client"
	"fieldpay/internal/sealed"
)

// readTimeout limits the wait for the file of a caller that gives no context.
const readTimeout = 2 * time.Second

// Options configures a Cache. Both are required.
type Options struct {
	// Path is the sealed file; a lock file lies beside it.
	Path string
	// Key is the 32-byte data key; the file's own key is derived from it.
	Key []byte
}

// Cache holds accounts, contacts and invoices. It is safe for concurrent use.
type Cache struct {
	path string
	file *sealed.File

	mu sync.Mutex
	// seen is the file that shelf was read from; nil for none.
	seen  os.FileInfo
	shelf *shelf
}

// Page is one part of the accounts that a search found.
type Page struct {
	Accounts []bffclient.Account
	// Total counts all that were found.
	Total int
}

// Open returns the cache at o.Path, empty when there is none that can be read.
func Open(ctx context.Context, o Options) (*Cache, error) {
	file, err := sealed.New(sealed.Options{Path: o.Path, Key: o.Key, Purpose: "reference"})
	if err != nil {
		return nil, fmt.Errorf("opening the reference cache: %w", err)
	}
	c := &Cache{path: o.Path, file: file, shelf: newShelf(snapshot{})}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reread(ctx)
	return c, nil
}

// Accounts returns accounts whose name or industry contains search in any case,
// by name: limit of them (0 means all) from offset on.
func (c *Cache) Accounts(search string, limit, offset int) Page {
	return c.current().search(search, limit, offset)
}

// Account returns one account.
func (c *Cache) Account(id string) (bffclient.Account, bool) {
	a, ok := c.current().accounts[id]
	return a, ok
}

// Contacts returns the contacts of an account, as the server sorted them.
func (c *Cache) Contacts(accountID string) []bffclient.Contact {
	return c.current().content.Contacts[accountID]
}

// Invoices returns the invoices of an account, or all with an empty id, newest
// first.
func (c *Cache) Invoices(accountID string) []bffclient.Invoice {
	if accountID == "" {
		return c.current().content.Invoices
	}
	return c.current().byAccount[accountID]
}

// Invoice returns one invoice.
func (c *Cache) Invoice(id string) (bffclient.Invoice, bool) {
	i, ok := c.current().invoices[id]
	return i, ok
}

// Prices returns the price list in a currency, or all of it with an empty one,
// by the products' names. It is as old as AsOf says.
func (c *Cache) Prices(currency string) []bffclient.Price {
	all := c.current().content.Prices
	if currency == "" {
		return all
	}
	prices := []bffclient.Price{}
	for _, p := range all {
		if strings.EqualFold(p.Currency, currency) {
			prices = append(prices, p)
		}
	}
	return prices
}

// AsOf is when the cache was filled, in UTC; zero when it never was.
func (c *Cache) AsOf() time.Time { return c.current().content.AsOf }

// current is the shelf, read anew if another process has replaced the file.
func (c *Cache) current() *shelf {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.path)
	if err == nil && (c.seen == nil || !sameFile(info, c.seen)) || err != nil && c.seen != nil {
		ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
		defer cancel()
		c.reread(ctx)
	}
	return c.shelf
}

func sameFile(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// reread loads the file. The information about it is taken first, so that a
// replacement in between is noticed the next time.
func (c *Cache) reread(ctx context.Context) {
	info, err := os.Stat(c.path)
	if err != nil {
		c.seen, c.shelf = nil, newShelf(snapshot{})
		return
	}
	text, err := c.file.Load(ctx)
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist), errors.Is(err, sealed.ErrUnreadable):
		c.seen, c.shelf = info, newShelf(decode(text))
	default:
		// It cannot be read at this moment: what is in memory is still the best
		// there is, and the next caller tries again.
	}
}

// replace stores what change makes of the content.
func (c *Cache) replace(ctx context.Context, change func(snapshot) snapshot) error {
	err := c.file.Update(ctx, func(old []byte) ([]byte, error) {
		text, err := json.Marshal(change(decode(old)))
		if err != nil {
			return nil, fmt.Errorf("encoding the reference cache: %w", err)
		}
		return text, nil
	})
	if err != nil {
		return fmt.Errorf("storing the reference cache: %w", err)
	}
	return nil
}
