package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
	"fieldpay/queue"
)

// Where a row is known from.
const (
	originConfirmed = "confirmed" // the server, as of the last refresh
	originLocal     = "local"     // this device's journal alone
	originBoth      = "both"      // the server, with something to come from here
)

// InvoiceRow is an invoice as a list shows it. Status, paid and balance are the
// server's; action and pendingPaid are this device's.
type InvoiceRow struct {
	ID          string `json:"id"`
	Number      string `json:"number"`
	AccountID   string `json:"accountId"`
	AccountName string `json:"accountName"`
	ContactID   string `json:"contactId"`
	Description string `json:"description"`
	Amount      int64  `json:"amount"`
	Paid        int64  `json:"paid"`
	Balance     int64  `json:"balance"`
	Currency    string `json:"currency"`
	// Status is the server's word, empty while it does not know the invoice.
	Status string `json:"status"`
	Origin string `json:"origin"`
	// ActionID is the action of this device that matters most for the invoice:
	// one that needs a person, else the newest.
	ActionID    string `json:"actionId"`
	ActionState string `json:"actionState"`
	CreatedAt   string `json:"createdAt"`
	UpdatedAt   string `json:"updatedAt"`
	DueDate     string `json:"dueDate"`
	Version     int64  `json:"version"`
	// PendingPaid sums payments that the server has not confirmed yet.
	PendingPaid int64 `json:"pendingPaid"`
}

// InvoiceQuery selects invoices; an empty account means all.
type InvoiceQuery struct {
	AccountID string `json:"accountId"`
	Search    string `json:"search"`
	Limit     int    `json:"limit"`
	Offset    int    `json:"offset"`
}

// InvoicePage is one part of the invoices that a query found.
type InvoicePage struct {
	AsOf  string       `json:"asOf"`
	Total int          `json:"total"`
	Items []InvoiceRow `json:"items"`
}

// InvoiceDetail is an invoice with everything this device did about it.
type InvoiceDetail struct {
	Row     InvoiceRow  `json:"row"`
	Actions []ActionRow `json:"actions"`
}

// Invoices lists invoices of the cache and of the journal, newest first.
func (b *Bridge) Invoices(q InvoiceQuery) (InvoicePage, error) {
	return bound(b, "Invoices", q, func(ctx context.Context, r *running, q InvoiceQuery) (InvoicePage, error) {
		v, err := r.device.view(ctx)
		if err != nil {
			return InvoicePage{}, err
		}
		rows := v.invoices(q.AccountID)
		if words := strings.ToLower(strings.TrimSpace(q.Search)); words != "" {
			rows = slices.DeleteFunc(rows, func(row InvoiceRow) bool { return !row.matches(words) })
		}
		from, to := window(q.Limit, q.Offset, len(rows), 50, 2000)
		return InvoicePage{AsOf: stamp(r.device.cache.AsOf()), Total: len(rows), Items: rows[from:to]}, nil
	})
}

func (row InvoiceRow) matches(words string) bool {
	for _, text := range []string{row.Number, row.Description, row.AccountName, row.ID} {
		if strings.Contains(strings.ToLower(text), words) {
			return true
		}
	}
	return false
}

// Invoice is one invoice with its actions, newest first.
func (b *Bridge) Invoice(id string) (InvoiceDetail, error) {
	return bound(b, "Invoice", id, func(ctx context.Context, r *running, id string) (InvoiceDetail, error) {
		v, err := r.device.view(ctx)
		if err != nil {
			return InvoiceDetail{}, err
		}
		row, ok := v.invoice(id)
		if !ok {
			return InvoiceDetail{}, unknownInvoice()
		}
		items, err := r.device.list(ctx, queue.Filter{Lane: action.InvoiceKind + ":" + id, Limit: pageSize})
		if err != nil {
			return InvoiceDetail{}, err
		}
		return InvoiceDetail{Row: row, Actions: v.actionRows(items)}, nil
	})
}

func unknownInvoice() error {
	return &action.Error{Code: action.UnknownInvoice, Message: "This invoice is not known on this device",
		Hint: "Refresh the customers and invoices while there is a connection"}
}

func confirmedRow(i bffclient.Invoice) InvoiceRow {
	return InvoiceRow{
		ID: i.ID, Number: i.Number, AccountID: i.AccountID, ContactID: i.ContactID, Description: i.Description,
		Amount: i.Amount, Paid: i.Paid, Balance: i.Balance, Currency: i.Currency, Status: i.Status,
		Origin: originConfirmed, CreatedAt: stamp(i.CreatedAt), UpdatedAt: stamp(i.UpdatedAt),
		DueDate: i.DueDate, Version: i.Version,
	}
}

func localRow(id string, e entry) InvoiceRow {
	row := InvoiceRow{ID: id, Origin: originLocal, CreatedAt: stamp(e.CreatedAt), UpdatedAt: stamp(e.CreatedAt)}
	if p, ok := e.payload.(*action.CreateInvoice); ok {
		row.AccountID, row.ContactID, row.Description, row.DueDate = p.AccountID, p.ContactID, p.Description, p.DueDate
		row.Amount, row.Balance, row.Currency = p.Total(), p.Total(), string(p.Currency.Normal())
	}
	return row
}

// InvoiceChange changes fields of an invoice: those that Changed names.
type InvoiceChange struct {
	// ActionID is made when the form is opened, so that saving again after a lost
	// answer is the same action. Empty: a fresh one.
	ActionID    string   `json:"actionId"`
	InvoiceID   string   `json:"invoiceId"`
	Description string   `json:"description"`
	Notes       string   `json:"notes"`
	DueDate     string   `json:"dueDate"`
	ContactID   string   `json:"contactId"`
	Changed     []string `json:"changed"`
	// Replaces is the action that is edited into this one, or empty.
	Replaces string `json:"replaces"`
}

// UpdateInvoice saves a change of an invoice.
func (b *Bridge) UpdateInvoice(c InvoiceChange) (Saved, error) {
	return bound(b, "UpdateInvoice", c, func(ctx context.Context, r *running, c InvoiceChange) (Saved, error) {
		v, err := r.device.view(ctx)
		if err != nil {
			return Saved{}, err
		}
		row, ok := v.invoice(c.InvoiceID)
		if !ok {
			return Saved{}, unknownInvoice()
		}
		p := &action.UpdateInvoice{InvoiceID: c.InvoiceID, BaseVersion: v.baseVersion(row, c.Replaces)}
		if before, ok := r.kept(ctx, c.ActionID).(*action.UpdateInvoice); ok {
			p.BaseVersion = before.BaseVersion
		}
		for _, name := range c.Changed {
			switch name {
			case "description":
				p.Description = &c.Description
			case "notes":
				p.Notes = &c.Notes
			case "dueDate":
				p.DueDate = &c.DueDate
			case "contactId":
				p.ContactID = &c.ContactID
			default:
				return Saved{}, &action.Error{Code: action.BadRequest, Op: "changing an invoice",
					Cause: fmt.Errorf("%d fields changed, one of them unknown", len(c.Changed))}
			}
		}
		needs := []string(nil)
		if p.ContactID != nil {
			needs = v.needs("", *p.ContactID)
		}
		return r.save(ctx, saving{id: c.ActionID, payload: p, replaces: c.Replaces, needs: needs})
	})
}
