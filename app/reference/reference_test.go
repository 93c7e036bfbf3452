package reference_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/app/reference"
	bffclient "fieldpay/bff-client"
)

// office is a Source in memory.
type office struct {
	mu       sync.Mutex
	accounts []bffclient.Account
	contacts map[string][]bffclient.Contact
	invoices []bffclient.Invoice
	asked    []string
	prices   []bffclient.Price
	unpriced error
	broken   error
}

// Accounts returns all accounts.
func (o *office) Accounts(context.Context, bffclient.AccountQuery) ([]bffclient.Account, error) {
	return o.accounts, nil
}

// Contacts returns the contacts of an account.
func (o *office) Contacts(_ context.Context, accountID string) ([]bffclient.Contact, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, accountID)
	return o.contacts[accountID], nil
}

// Invoices returns all invoices.
func (o *office) Invoices(context.Context, string) ([]bffclient.Invoice, error) {
	return o.invoices, o.broken
}

// Prices returns the price list.
func (o *office) Prices(context.Context) ([]bffclient.Price, error) { return o.prices, o.unpriced }

func demo() *office {
	day := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	return &office{
		accounts: []bffclient.Account{
			{ID: "acc-003", Name: "Initech Solutions", Industry: "Consulting"},
			{ID: "acc-001", Name: "Acme Corporation", Industry: "Technology", Phone: "canary-phone"},
			{ID: "acc-002", Name: "ÖKO Energie", Industry: "Energy"},
		},
		contacts: map[string][]bffclient.Contact{"acc-001": {{ID: "con-001", AccountID: "acc-001", LastName: "Byron"}}},
		invoices: []bffclient.Invoice{
			{ID: "inv-001", AccountID: "acc-001", Amount: 100, Balance: 0, CreatedAt: day(1)},
			{ID: "inv-003", AccountID: "acc-001", Amount: 300, Balance: 300, CreatedAt: day(3)},
			{ID: "inv-002", AccountID: "acc-003", Amount: 200, Balance: 200, CreatedAt: day(2)},
		},
	}
}

func at(t *testing.T) reference.Options {
	t.Helper()
	key := sha256.Sum256([]byte("device"))
	return reference.Options{Path: filepath.Join(t.TempDir(), "reference"), Key: key[:]}
}

func open(t *testing.T, o reference.Options) *reference.Cache {
	t.Helper()
	c, err := reference.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func refresh(t *testing.T, c *reference.Cache, from reference.Source) {
	t.Helper()
	if err := c.Refresh(t.Context(), from); err != nil {
		t.Fatal(err)
	}
}

func names(p reference.Page) []string {
	var all []string
	for _, a := range p.Accounts {
		all = append(all, a.Name)
	}
	return all
}

func TestCache_StartsEmpty(t *testing.T) {
	c := open(t, at(t))
	if p := c.Accounts("", 0, 0); p.Total != 0 || p.Accounts == nil || !c.AsOf().IsZero() {
		t.Errorf("page %+v, as of %v", p, c.AsOf())
	}
}

func TestCache_Refresh(t *testing.T) {
	t.Run("keeps everything over a restart, with its time", func(t *testing.T) {
		o := at(t)
		refresh(t, open(t, o), demo())
		c := open(t, o)
		if a, ok := c.Account("acc-001"); !ok || a.Name != "Acme Corporation" {
			t.Errorf("account %+v, %v", a, ok)
		}
		if i, ok := c.Invoice("inv-002"); !ok || i.Amount != 200 {
			t.Errorf("invoice %+v, %v", i, ok)
		}
		if p := c.Contacts("acc-001"); len(p) != 1 || p[0].LastName != "Byron" {
			t.Errorf("contacts %+v", p)
		}
		if age := time.Since(c.AsOf()); age < 0 || age > time.Minute || c.AsOf().Location() != time.UTC {
			t.Errorf("as of %v", c.AsOf())
		}
	})
	t.Run("replaces what is gone at the office", func(t *testing.T) {
		c, from := open(t, at(t)), demo()
		refresh(t, c, from)
		from.accounts = from.accounts[:1]
		refresh(t, c, from)
		if _, ok := c.Account("acc-001"); ok || c.Accounts("", 0, 0).Total != 1 || len(c.Contacts("acc-001")) != 0 {
			t.Error("it is still there")
		}
	})
	t.Run("keeps the price list, of one currency or of all", func(t *testing.T) {
		c, from := open(t, at(t)), demo()
		from.prices = []bffclient.Price{{ProductID: "p", Name: "Filter", Currency: "usd", UnitPrice: 1999}, {ProductID: "p", Name: "Filter", Currency: "jpy", UnitPrice: 2800}}
		refresh(t, c, from)
		if yen := c.Prices("JPY"); len(yen) != 1 || yen[0].UnitPrice != 2800 || len(c.Prices("")) != 2 || len(c.Prices("eur")) != 0 {
			t.Errorf("prices %+v", yen)
		}
	})
	t.Run("does without prices where the server does not know them", func(t *testing.T) {
		c, from := open(t, at(t)), demo()
		from.unpriced = &action.Error{Code: action.UnknownType}
		refresh(t, c, from)
		if len(c.Prices("")) != 0 || c.Accounts("", 0, 0).Total != 3 {
			t.Error("the rest was not read")
		}
	})
	t.Run("changes nothing when it fails", func(t *testing.T) {
		c, from := open(t, at(t)), demo()
		refresh(t, c, from)
		before := c.AsOf()
		from.accounts, from.broken = nil, errors.New("the line is dead")
		if err := c.Refresh(t.Context(), from); !errors.Is(err, from.broken) {
			t.Errorf("got %v", err)
		}
		if c.Accounts("", 0, 0).Total != 3 || !c.AsOf().Equal(before) {
			t.Error("the cache was changed")
		}
	})
	t.Run("is seen by another process", func(t *testing.T) {
		o := at(t)
		window, console := open(t, o), open(t, o)
		refresh(t, console, demo())
		if window.Accounts("", 0, 0).Total != 3 {
			t.Error("it is not")
		}
		if err := os.Remove(o.Path); err != nil {
			t.Fatal(err)
		}
		if window.Accounts("", 0, 0).Total != 0 {
			t.Error("a deleted cache is still shown")
		}
	})
	t.Run("reads the contacts of a limited number of customers, those with open invoices first", func(t *testing.T) {
		from := many(500)
		from.invoices = []bffclient.Invoice{{ID: "i", AccountID: "acc-499", Balance: 1}}
		refresh(t, open(t, at(t)), from)
		open := false
		for _, id := range from.asked {
			open = open || id == "acc-499"
		}
		if len(from.asked) != 100 || !open {
			t.Errorf("%d were asked for, the open one: %v", len(from.asked), open)
		}
	})
}

func TestCache_RefreshContacts(t *testing.T) {
	c, from := open(t, at(t)), demo()
	refresh(t, c, from)
	before := c.AsOf()
	from.contacts["acc-002"] = []bffclient.Contact{{ID: "con-009", AccountID: "acc-002", LastName: "Grün"}}
	if err := c.RefreshContacts(t.Context(), from, "acc-002"); err != nil {
		t.Fatal(err)
	}
	if p := c.Contacts("acc-002"); len(p) != 1 || p[0].LastName != "Grün" || len(c.Contacts("acc-001")) != 1 || !c.AsOf().Equal(before) {
		t.Errorf("contacts %+v, as of %v", p, c.AsOf())
	}
}

func TestCache_Accounts(t *testing.T) {
	c := open(t, at(t))
	refresh(t, c, demo())
	cases := []struct {
		name, search  string
		limit, offset int
		want          []string
		total         int
	}{
		{"all, by name", "", 0, 0, []string{"Acme Corporation", "Initech Solutions", "ÖKO Energie"}, 3},
		{"part of a name in any case", "CORP", 0, 0, []string{"Acme Corporation"}, 1},
		{"part of an industry", "consult", 0, 0, []string{"Initech Solutions"}, 1},
		{"letters beyond ASCII", "öko", 0, 0, []string{"ÖKO Energie"}, 1},
		{"spaces around", "  acme ", 0, 0, []string{"Acme Corporation"}, 1},
		{"nothing", "zzz", 0, 0, nil, 0},
		{"not across name and industry", "corporation technology", 0, 0, nil, 0},
		{"a page", "", 1, 1, []string{"Initech Solutions"}, 3},
		{"beyond the end", "", 5, 9, nil, 3},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			got := c.Accounts(tc.search, tc.limit, tc.offset)
			if fmt.Sprint(names(got)) != fmt.Sprint(tc.want) || got.Total != tc.total {
				t.Errorf("got %v of %d", names(got), got.Total)
			}
		})
	}
}

func TestCache_Invoices(t *testing.T) {
	c := open(t, at(t))
	refresh(t, c, demo())
	if all := c.Invoices(""); len(all) != 3 || all[0].ID != "inv-003" || all[2].ID != "inv-001" {
		t.Errorf("all: %+v", all)
	}
	if some := c.Invoices("acc-001"); len(some) != 2 || some[0].ID != "inv-003" {
		t.Errorf("of one account: %+v", some)
	}
	if none := c.Invoices("acc-009"); len(none) != 0 {
		t.Errorf("of none: %+v", none)
	}
}

func TestCache_IsDisposable(t *testing.T) {
	damage := map[string]func(o *reference.Options) error{
		"damaged":        func(o *reference.Options) error { return os.WriteFile(o.Path, []byte("garbage"), 0o600) },
		"cut":            func(o *reference.Options) error { return os.Truncate(o.Path, 60) },
		"of another key": func(o *reference.Options) error { o.Key = bytes.Repeat([]byte{7}, 32); return nil },
		"gone":           func(o *reference.Options) error { return os.Remove(o.Path) },
	}
	for name, do := range damage {
		t.Run(name, func(t *testing.T) {
			o := at(t)
			refresh(t, open(t, o), demo())
			if err := do(&o); err != nil {
				t.Fatal(err)
			}
			c := open(t, o)
			if c.Accounts("", 0, 0).Total != 0 {
				t.Error("something was read")
			}
			refresh(t, c, demo())
			if c.Accounts("", 0, 0).Total != 3 {
				t.Error("it cannot be filled again")
			}
		})
	}
}

// Invariant 8: no customer stands in any file of the cache.
func TestCache_WritesNothingReadable(t *testing.T) {
	o := at(t)
	refresh(t, open(t, o), demo())
	files, err := filepath.Glob(filepath.Join(filepath.Dir(o.Path), "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, canary := range []string{"canary", "Acme", "Byron", "inv-001"} {
			if bytes.Contains(content, []byte(canary)) {
				t.Errorf("%s contains %q", filepath.Base(path), canary)
			}
		}
	}
}

func many(n int) *office {
	o := &office{}
	for i := range n {
		o.accounts = append(o.accounts, bffclient.Account{
			ID: fmt.Sprintf("acc-%d", i), Name: fmt.Sprintf("Customer number %d of the long list", i), Industry: "Trade",
			Phone: "+1 555 0100", Website: "https://customer.example.com",
		})
	}
	return o
}

// Invariant 13: a keystroke in the customer picker costs the same as ever.
func BenchmarkCache_Accounts_Of10000(b *testing.B) {
	key := sha256.Sum256([]byte("device"))
	c, err := reference.Open(b.Context(), reference.Options{Path: filepath.Join(b.TempDir(), "reference"), Key: key[:]})
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Refresh(b.Context(), many(10_000)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if c.Accounts("number 99", 50, 0).Total != 111 {
			b.Fatal("not found")
		}
	}
}

func ExampleCache_Accounts() {
	folder, err := os.MkdirTemp("", "reference")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()
	ctx, key := context.Background(), sha256.Sum256([]byte("device"))
	c, err := reference.Open(ctx, reference.Options{Path: filepath.Join(folder, "reference"), Key: key[:]})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := c.Refresh(ctx, demo()); err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range c.Accounts("energy", 10, 0).Accounts {
		fmt.Println(a.Name)
	}
	// Output: ÖKO Energie
}
