package salesforce

import (
	"context"
	"net/http"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
)

// payment is money to book on an invoice, from a person's hand or from Stripe.
type payment struct {
	invoiceID string
	amount    int64
	currency  action.Currency
	// found is the condition that finds the payment once it is booked.
	found string
	// clash is the code for a payment found there that is not this one.
	clash action.Code
	// fields is the record but for its invoice and its allocation; onInvoice is
	// what is changed on the invoice along with it.
	fields, onInvoice record
}

// book inserts a payment and allocates it to its invoice when it fits: same
// currency, not void, not more than is open.
//
// The open balance is read first. What another payment does in between shows in
// the same transaction: the invoice is read again after the insert, which locks
// it (master and detail), and a payment that went over is taken off the invoice
// again. A crash before that is mended by the repeat, which finds the payment
// and judges it the same way. So money is never refused, and once every booking
// has ended no invoice has more allocated than it asks for.
func (c *Client) book(ctx context.Context, p payment) (bff.Applied, error) {
	const op = "booking the payment"
	invoice, err := c.invoiceRow(ctx, p.invoiceID)
	if err != nil {
		return bff.Applied{}, failed(op, err)
	}
	steps, fits := c.bookingSteps(p, invoice)
	done, err := c.transaction(ctx, steps...)
	return c.paymentMade(ctx, p, invoice, fits, graphResult{done, err})
}

// bookingSteps is the transaction that books a payment, and whether it counts on
// the invoice as that stands now.
func (c *Client) bookingSteps(p payment, invoice invoiceRow) (steps []subrequest, fits bool) {
	fits = invoice.note(p.currency) == "" && p.amount <= invoice.open()
	p.fields["Invoice__c"], p.fields["Allocated__c"] = invoice.ID, fits
	steps = []subrequest{c.insert("payment", paymentObject, p.fields)}
	path := object(invoiceObject, invoiceID, invoice.ID)
	if p.onInvoice != nil {
		steps = append(steps, c.patch("change", path, p.onInvoice))
	}
	return append(steps, c.read("invoice", path+"?fields=Id,Amount__c,Paid__c,Currency__c,Status__c")), fits
}

// paymentMade reads what came of the transaction.
func (c *Client) paymentMade(ctx context.Context, p payment, invoice invoiceRow, fits bool, g graphResult) (bff.Applied, error) {
	const op = "booking the payment"
	if isRefusal(g.err, duplicateValue) {
		return c.bookedBefore(ctx, p)
	}
	if g.err != nil {
		return bff.Applied{}, failedFor(op, action.UnknownInvoice, g.err)
	}
	var made created
	if err := g.steps.read("payment", &made); err != nil {
		return bff.Applied{}, failed(op, err)
	}
	if err := g.steps.read("invoice", &invoice); err != nil {
		return bff.Applied{}, failed(op, err)
	}
	return c.settle(ctx, paymentRow{ID: made.ID, Allocated: fits, Currency: string(p.currency), Invoice: invoice})
}

// note is why money of a currency is not counted on the invoice, if so.
func (r invoiceRow) note(c action.Currency) action.Code {
	switch {
	case r.voided():
		return action.InvoiceVoided
	case r.currency() != c:
		return action.CurrencyMismatch
	default:
		return ""
	}
}

func (r invoiceRow) open() int64 { return max(0, int64(r.Amount-r.Paid)) }

type paymentRow struct {
	ID        string     `json:"Id"`
	ActionID  string     `json:"Action_Id__c"`
	Allocated bool       `json:"Allocated__c"`
	Amount    number     `json:"Amount__c"`
	Currency  string     `json:"Currency__c"`
	Invoice   invoiceRow `json:"Invoice__r"`
}

// settle judges a booked payment by the invoice as it stands with it.
func (c *Client) settle(ctx context.Context, p paymentRow) (bff.Applied, error) {
	note := p.Invoice.note(action.Currency(p.Currency).Normal())
	if note == "" && (!p.Allocated || p.Invoice.Paid > p.Invoice.Amount) {
		note = action.Overpaid
	}
	if p.Allocated && note != "" {
		err := c.call(ctx, http.MethodPatch, "/sobjects/"+paymentObject+"/"+p.ID, record{"Allocated__c": false}, nil)
		if err != nil {
			return bff.Applied{}, failed("taking the payment off the invoice", err)
		}
	}
	return bff.Applied{ServerID: p.ID, Note: note}, nil
}

const selectBooked = "SELECT Id, Action_Id__c, Allocated__c, Amount__c, Currency__c, Invoice__r.Id, Invoice__r.Client_Invoice_Id__c, " +
	"Invoice__r.Amount__c, Invoice__r.Paid__c, Invoice__r.Currency__c, Invoice__r.Status__c FROM Payment__c WHERE "

// bookedBefore finds the payment that an earlier send booked.
func (c *Client) bookedBefore(ctx context.Context, p payment) (bff.Applied, error) {
	const op = "reading the payment back"
	rows, err := query[paymentRow](ctx, c, selectBooked+p.found)
	if err != nil {
		return bff.Applied{}, failed(op, err)
	}
	if len(rows) == 0 {
		if p.clash == action.PaymentMismatch && p.fields[actionID] != nil {
			return c.bookedByAction(ctx, p)
		}
		return bff.Applied{}, inFlight(op)
	}
	return c.judge(ctx, p, rows[0])
}

// judge answers for a payment that was found booked.
func (c *Client) judge(ctx context.Context, p payment, found paymentRow) (bff.Applied, error) {
	same := strings.EqualFold(found.Invoice.ClientID, p.invoiceID) || found.Invoice.ID == p.invoiceID
	if !same || int64(found.Amount) != p.amount || action.Currency(found.Currency).Normal() != p.currency {
		return bff.Applied{}, &action.Error{Code: p.clash, Op: "reading the payment back"}
	}
	if found.Allocated && found.Invoice.voided() {
		// It was counted while the invoice was good; the void came later and is
		// the office's to sort out.
		return bff.Applied{ServerID: found.ID}, nil
	}
	return c.settle(ctx, found)
}
