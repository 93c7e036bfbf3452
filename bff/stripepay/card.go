package stripepay

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"fieldpay/action"
	"fieldpay/bff"
)

// metaAccount ties a customer at Stripe to an account of the CRM.
const metaAccount = "account_id"

// maxCustomers limits how many customers of one account are looked at: an
// office that made some by hand may have left several.
const maxCustomers = 10

// Cards implements bff.Payments. Of a card only what may be shown is read.
func (c *Client) Cards(ctx context.Context, accountID string) ([]bff.Card, error) {
	owners, err := c.customersOf(ctx, accountID)
	if err != nil {
		return nil, err
	}
	cards := []bff.Card{}
	for _, owner := range owners {
		err := c.do(ctx, "listing cards", func(ctx context.Context) error {
			params := &stripe.PaymentMethodListParams{Customer: stripe.String(owner), Type: stripe.String("card")}
			params.Context, params.Limit, params.Single = ctx, stripe.Int64(100), true
			all := c.methods.List(params)
			for all.Next() {
				card := cardOf(all.PaymentMethod())
				card.CustomerID, card.AccountID = owner, accountID
				cards = append(cards, card)
			}
			return all.Err()
		})
		if err != nil {
			return nil, err
		}
	}
	return cards, nil
}

// Card implements bff.Payments.
func (c *Client) Card(ctx context.Context, id string) (bff.Card, error) {
	var read *stripe.PaymentMethod
	err := c.do(ctx, "reading the card", func(ctx context.Context) (err error) {
		params := &stripe.PaymentMethodParams{}
		params.Context = ctx
		params.AddExpand("customer")
		read, err = c.methods.Get(id, params)
		return err
	})
	switch action.CodeOf(err) {
	case "":
		return cardOf(read), nil
	case action.UnknownPayment, action.InvalidPayload:
		return bff.Card{}, &action.Error{Code: action.InvalidPayload, Op: "reading the card", Cause: err,
			Fields: map[string]string{"cardId": "is not a saved card"}}
	default:
		return bff.Card{}, err
	}
}

func cardOf(m *stripe.PaymentMethod) bff.Card {
	card := bff.Card{ID: m.ID}
	if m.Card != nil {
		card.Brand, card.Last4, card.ExpMonth, card.ExpYear = string(m.Card.Brand), m.Card.Last4, int(m.Card.ExpMonth), int(m.Card.ExpYear)
	}
	if m.Customer != nil {
		card.CustomerID, card.AccountID = m.Customer.ID, m.Customer.Metadata[metaAccount]
	}
	return card
}

// Customer implements bff.Payments. Two servers that make one at the same time
// make the same one, by its key; a day later the search knows it.
func (c *Client) Customer(ctx context.Context, accountID string) (string, error) {
	known, err := c.customersOf(ctx, accountID)
	if err != nil {
		return "", err
	}
	if len(known) > 0 {
		return known[0], nil
	}
	var made *stripe.Customer
	err = c.do(ctx, "making the customer", func(ctx context.Context) (err error) {
		params := &stripe.CustomerParams{}
		params.Context = ctx
		params.SetIdempotencyKey("customer:" + accountID)
		params.AddMetadata(metaAccount, accountID)
		made, err = c.customers.New(params)
		return err
	})
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

// customersOf finds the customers of an account. The search is up to a minute
// behind; nothing that must happen once depends on it.
func (c *Client) customersOf(ctx context.Context, accountID string) ([]string, error) {
	var ids []string
	err := c.do(ctx, "looking for the customer", func(ctx context.Context) error {
		params := &stripe.CustomerSearchParams{}
		params.Context, params.Limit, params.Single = ctx, stripe.Int64(maxCustomers), true
		params.Query = "metadata['" + metaAccount + "']:'" + accountID + "'"
		all := c.customers.Search(params)
		for all.Next() {
			ids = append(ids, all.Customer().ID)
		}
		return all.Err()
	})
	return ids, err
}
