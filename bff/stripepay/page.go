package stripepay

import (
	"context"
	"errors"

	"github.com/stripe/stripe-go/v76"

	"fieldpay/action"
	"fieldpay/bff"
)

// CreateLink implements bff.Payments. The link is for one payment: once it is
// paid, its page says so to whoever comes next.
func (c *Client) CreateLink(ctx context.Context, r bff.PageRequest) (bff.Page, error) {
	priceID, err := c.price(ctx, r)
	if err != nil {
		return bff.Page{}, err
	}
	var made *stripe.PaymentLink
	err = c.do(ctx, "making the payment link", func(ctx context.Context) (err error) {
		params := &stripe.PaymentLinkParams{
			LineItems:          []*stripe.PaymentLinkLineItemParams{{Price: stripe.String(priceID), Quantity: stripe.Int64(1)}},
			PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
			PaymentIntentData:  &stripe.PaymentLinkPaymentIntentDataParams{Metadata: metadataOf(r)},
			Restrictions: &stripe.PaymentLinkRestrictionsParams{
				CompletedSessions: &stripe.PaymentLinkRestrictionsCompletedSessionsParams{Limit: stripe.Int64(1)},
			},
		}
		params.Context, params.Metadata = ctx, metadataOf(r)
		params.SetIdempotencyKey(r.Key)
		made, err = c.links.New(params)
		return err
	})
	if err != nil {
		return bff.Page{}, err
	}
	if made.URL == "" {
		return bff.Page{}, noPage("making the payment link")
	}
	return bff.Page{ID: made.ID, URL: made.URL, Status: bff.PageOpen}, nil
}

// price is what a link is over; a link, unlike a checkout, takes no amount.
func (c *Client) price(ctx context.Context, r bff.PageRequest) (string, error) {
	amount, err := action.Money{Minor: r.Amount, Currency: r.Currency}.ToStripe()
	if err != nil {
		return "", err
	}
	var made *stripe.Price
	err = c.do(ctx, "making the price", func(ctx context.Context) (err error) {
		params := &stripe.PriceParams{
			Currency: stripe.String(string(r.Currency.Normal())), UnitAmount: stripe.Int64(amount),
			ProductData: &stripe.PriceProductDataParams{Name: stripe.String(r.Title)},
		}
		params.Context = ctx
		params.SetIdempotencyKey(r.Key + ":price")
		made, err = c.prices.New(params)
		return err
	})
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

// CreateCheckout implements bff.Payments.
func (c *Client) CreateCheckout(ctx context.Context, r bff.PageRequest) (bff.Page, error) {
	amount, err := action.Money{Minor: r.Amount, Currency: r.Currency}.ToStripe()
	if err != nil {
		return bff.Page{}, err
	}
	var made *stripe.CheckoutSession
	err = c.do(ctx, "making the checkout", func(ctx context.Context) (err error) {
		params := &stripe.CheckoutSessionParams{
			Mode: stripe.String(string(stripe.CheckoutSessionModePayment)), ClientReferenceID: stripe.String(r.ActionID),
			SuccessURL: stripe.String(r.DoneURL), CancelURL: stripe.String(r.CancelledURL), ExpiresAt: stripe.Int64(r.ExpiresAt.Unix()),
			PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
			PaymentIntentData:  &stripe.CheckoutSessionPaymentIntentDataParams{Metadata: metadataOf(r)},
			LineItems: []*stripe.CheckoutSessionLineItemParams{{
				Quantity: stripe.Int64(1),
				PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
					Currency: stripe.String(string(r.Currency.Normal())), UnitAmount: stripe.Int64(amount),
					ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String(r.Title)},
				},
			}},
		}
		if r.CustomerID != "" {
			params.Customer = stripe.String(r.CustomerID)
			params.PaymentIntentData.SetupFutureUsage = stripe.String("off_session")
		}
		params.Context, params.Metadata = ctx, metadataOf(r)
		params.SetIdempotencyKey(r.Key)
		made, err = c.checkouts.New(params)
		return err
	})
	return pageOf(made, err)
}

// Checkout implements bff.Payments.
func (c *Client) Checkout(ctx context.Context, id string) (bff.Page, error) {
	var read *stripe.CheckoutSession
	err := c.do(ctx, "reading the checkout", func(ctx context.Context) (err error) {
		params := &stripe.CheckoutSessionParams{}
		params.Context = ctx
		read, err = c.checkouts.Get(id, params)
		return err
	})
	return pageOf(read, err)
}

func pageOf(s *stripe.CheckoutSession, err error) (bff.Page, error) {
	if err != nil {
		return bff.Page{}, err
	}
	page := bff.Page{ID: s.ID, URL: s.URL, Status: bff.PageOpen}
	if s.PaymentIntent != nil {
		page.IntentID = s.PaymentIntent.ID
	}
	switch {
	case s.ID == "":
		return bff.Page{}, noPage("reading the checkout")
	case s.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid:
		page.Status = bff.PagePaid
	case s.Status == stripe.CheckoutSessionStatusExpired:
		page.Status = bff.PageExpired
	}
	return page, nil
}

func metadataOf(r bff.PageRequest) map[string]string {
	return map[string]string{metaInvoice: r.InvoiceID, metaAction: r.ActionID}
}

func noPage(op string) error {
	return &action.Error{Code: action.StripeDown, Op: op, Cause: errors.New("the answer is not a page")}
}
