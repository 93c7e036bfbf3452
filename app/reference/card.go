package reference

import (
	"context"

	bffclient "fieldpay/bff-client"
)

// CardSource is where saved cards come from; *bffclient.Client is one.
type CardSource interface {
	Cards(ctx context.Context, accountID string) ([]bffclient.Card, error)
}

// Cards returns the saved cards of an account as of the last look; false when
// nobody has looked yet. A card is a token and what may be shown of it.
func (c *Cache) Cards(accountID string) ([]bffclient.Card, bool) {
	cards, ok := c.current().content.Cards[accountID]
	return cards, ok
}

// RefreshCards replaces the saved cards of one account. It does not change AsOf.
func (c *Cache) RefreshCards(ctx context.Context, source CardSource, accountID string) error {
	cards, err := source.Cards(ctx, accountID)
	if err != nil {
		return err
	}
	return c.replace(ctx, func(s snapshot) snapshot {
		if s.Cards == nil {
			s.Cards = map[string][]bffclient.Card{}
		}
		s.Version, s.Cards[accountID] = snapshotVersion, cards
		return s
	})
}
