package reference

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	bffclient "fieldpay/bff-client"
)

// snapshotVersion is raised when older content can no longer be read; such a
// cache is then simply filled again.
const snapshotVersion = 1

// snapshot is the content of the file.
type snapshot struct {
	Version  int                            `json:"version"`
	AsOf     time.Time                      `json:"asOf"`
	Accounts []bffclient.Account            `json:"accounts"`
	Contacts map[string][]bffclient.Contact `json:"contacts"`
	Invoices []bffclient.Invoice            `json:"invoices"`
	Prices   []bffclient.Price              `json:"prices,omitempty"`
	Cards    map[string][]bffclient.Card    `json:"cards,omitempty"`
}

// decode reads content; what this build cannot read counts as empty.
func decode(text []byte) snapshot {
	var s snapshot
	if len(text) == 0 || json.Unmarshal(text, &s) != nil || s.Version != snapshotVersion {
		return snapshot{}
	}
	return s
}

// shelf is a snapshot with the indexes that screens need. It never changes.
type shelf struct {
	content   snapshot
	accounts  map[string]bffclient.Account
	invoices  map[string]bffclient.Invoice
	byAccount map[string][]bffclient.Invoice
	// words has what a search looks at, for each account of content in order.
	words []string
}

func newShelf(s snapshot) *shelf {
	slices.SortStableFunc(s.Accounts, func(a, b bffclient.Account) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	slices.SortStableFunc(s.Invoices, func(a, b bffclient.Invoice) int { return b.CreatedAt.Compare(a.CreatedAt) })
	sh := &shelf{
		content:   s,
		accounts:  make(map[string]bffclient.Account, len(s.Accounts)),
		invoices:  make(map[string]bffclient.Invoice, len(s.Invoices)),
		byAccount: map[string][]bffclient.Invoice{},
		words:     make([]string, len(s.Accounts)),
	}
	for i, a := range s.Accounts {
		sh.accounts[a.ID] = a
		// The line end keeps a search from matching across both.
		sh.words[i] = strings.ToLower(a.Name + "\n" + a.Industry)
	}
	for _, i := range s.Invoices {
		sh.invoices[i.ID] = i
		sh.byAccount[i.AccountID] = append(sh.byAccount[i.AccountID], i)
	}
	return sh
}

func (s *shelf) search(text string, limit, offset int) Page {
	text = strings.ToLower(strings.TrimSpace(text))
	page := Page{Accounts: []bffclient.Account{}}
	for i, words := range s.words {
		if !strings.Contains(words, text) {
			continue
		}
		if page.Total >= offset && (limit <= 0 || len(page.Accounts) < limit) {
			page.Accounts = append(page.Accounts, s.content.Accounts[i])
		}
		page.Total++
	}
	return page
}
