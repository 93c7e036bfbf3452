package app

import (
	"context"
	"fmt"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
)

// CheckoutForm asks for a page of Stripe's where the customer pays now.
type CheckoutForm struct {
	// ID is made, and kept, before the first attempt: asking again under it is
	// the same page.
	ID        string `json:"id"`
	InvoiceID string `json:"invoiceId"`
	Amount    string `json:"amount"`
	Locale    string `json:"locale"`
	// SaveCard is the customer's leave to keep the card for the next time.
	SaveCard bool `json:"saveCard"`
}

// CheckoutDTO is how far a checkout has come. It is paid only when Stripe says
// so, and on the invoice only when Booked is true.
type CheckoutDTO struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	URL    string `json:"url"`
	Booked bool   `json:"booked"`
	// Opened says that the page was opened in the system's browser; else the
	// screen offers its address.
	Opened bool `json:"opened"`
}

// BeginCheckout makes a page to pay at and opens it in the system's browser. It
// needs the server: without a connection the error says what is possible instead.
// At a kiosk it is NotPossible, because a browser leads out of it.
func (b *Bridge) BeginCheckout(f CheckoutForm) (CheckoutDTO, error) {
	return bound(b, "BeginCheckout", f, func(ctx context.Context, r *running, f CheckoutForm) (CheckoutDTO, error) {
		if r.door.kiosk {
			return CheckoutDTO{}, &action.Error{
				Code: action.NotPossible, Message: "A kiosk opens no browser",
				Hint: "Save a payment link, which the customer opens on a device of their own", Op: "beginning a checkout",
			}
		}
		if !reachable(r.replay.Status().Connection.State) {
			return CheckoutDTO{}, &action.Error{
				Code: action.Offline, Message: "A card can be paid online only with a connection",
				Hint: "Save a payment link, which goes out by itself, or take cash or a check", Op: "beginning a checkout",
			}
		}
		asked, err := r.asked(ctx, f)
		if err != nil {
			return CheckoutDTO{}, err
		}
		page, err := r.device.client.BeginCheckout(ctx, asked, f.SaveCard)
		if err != nil {
			return CheckoutDTO{}, fmt.Errorf("beginning a checkout: %w", err)
		}
		out := checkoutDTO(page)
		if page.URL != "" && b.app.options.OpenPage != nil {
			out.Opened = b.app.options.OpenPage(page.URL) == nil
		}
		return out, nil
	})
}

// Checkout asks how far a checkout has come.
func (b *Bridge) Checkout(id string) (CheckoutDTO, error) {
	return bound(b, "Checkout", id, func(ctx context.Context, r *running, id string) (CheckoutDTO, error) {
		page, err := r.device.client.Checkout(ctx, id)
		if err != nil {
			return CheckoutDTO{}, fmt.Errorf("asking for a checkout: %w", err)
		}
		if page.Booked {
			r.refresher.want()
		}
		return checkoutDTO(page), nil
	})
}

func checkoutDTO(c bffclient.Checkout) CheckoutDTO {
	return CheckoutDTO{ID: c.ID, Status: string(c.Status), URL: c.URL, Booked: c.Booked}
}

// asked reads the form: the amount is checked as that of a link is. Money that is
// still to be sent from here is unknown to the server, which would ask for too
// much: it goes first.
func (r *running) asked(ctx context.Context, f CheckoutForm) (bffclient.PaymentAsked, error) {
	c, err := r.collect(ctx, CollectForm{InvoiceID: f.InvoiceID, Amount: f.Amount, Locale: f.Locale, Method: string(action.PaymentLink)})
	if err != nil {
		return bffclient.PaymentAsked{}, err
	}
	if len(c.fields) > 0 {
		return bffclient.PaymentAsked{}, formError(c.fields)
	}
	v, err := r.device.view(ctx)
	if err != nil {
		return bffclient.PaymentAsked{}, err
	}
	if l := v.local[f.InvoiceID]; l != nil {
		for _, e := range l.entries {
			if e.State.Open() {
				return bffclient.PaymentAsked{}, &action.Error{
					Code: action.NotPossible, Message: "Work on this invoice is not settled yet",
					Hint: "Wait until the outbox has sent it, then begin again", Op: "beginning a checkout",
				}
			}
		}
	}
	return bffclient.PaymentAsked{
		ID: f.ID, InvoiceID: f.InvoiceID, Amount: c.payload.Amount, Currency: c.payload.Currency, Partial: c.payload.Partial,
	}, nil
}
