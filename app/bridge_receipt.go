package app

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"fieldpay/action"
	"fieldpay/app/receipt"
	"fieldpay/queue"
)

// How far what a receipt is about has come.
const (
	standsProvisional = "provisional" // kept here; the office has not confirmed it
	standsFinal       = "final"       // it took effect
	standsRequested   = "requested"   // the customer was asked, and has not paid
	standsRefused     = "refused"     // the office refused it: a person must act
	standsVoid        = "void"        // given up or replaced: it counts for nothing
)

// ReceiptLine is a line of an invoice; Quantity and TaxRate are plain decimals.
type ReceiptLine struct {
	Description string `json:"description"`
	Quantity    string `json:"quantity"`
	UnitPrice   int64  `json:"unitPrice"`
	Discount    int64  `json:"discount"`
	TaxRate     string `json:"taxRate"`
	Net         int64  `json:"net"`
}

// ReceiptDTO is what a receipt says, all of it from the journal. Kind is the type
// of the action: a payment, a request for one, or an invoice.
type ReceiptDTO struct {
	ActionID      string        `json:"actionId"`
	Kind          string        `json:"kind"`
	Standing      string        `json:"standing"`
	Sequence      int64         `json:"sequence"`
	Hash          string        `json:"hash"`
	DeviceID      string        `json:"deviceId"`
	Actor         string        `json:"actor"`
	SavedAt       string        `json:"savedAt"`
	ConfirmedAt   string        `json:"confirmedAt"`
	ServerID      string        `json:"serverId"`
	AccountName   string        `json:"accountName"`
	InvoiceNumber string        `json:"invoiceNumber"`
	Description   string        `json:"description"`
	DueDate       string        `json:"dueDate"`
	Currency      string        `json:"currency"`
	Lines         []ReceiptLine `json:"lines"`
	Net           int64         `json:"net"`
	Taxes         []TaxPreview  `json:"taxes"`
	Amount        int64         `json:"amount"`
	Method        string        `json:"method"`
	Tendered      int64         `json:"tendered"`
	Change        int64         `json:"change"`
	CheckNumber   string        `json:"checkNumber"`
	Reference     string        `json:"reference"`
}

// Receipt is the receipt of an action that has one.
func (b *Bridge) Receipt(id string) (ReceiptDTO, error) {
	return bound(b, "Receipt", id, func(ctx context.Context, r *running, id string) (ReceiptDTO, error) {
		item, err := r.device.journal.Item(ctx, id)
		if err != nil {
			return ReceiptDTO{}, fmt.Errorf("reading an action: %w", err)
		}
		v, err := r.device.view(ctx)
		if err != nil {
			return ReceiptDTO{}, err
		}
		return v.receipt(item)
	})
}

func (v *view) receipt(item queue.Item) (ReceiptDTO, error) {
	row := v.actionRow(item)
	out := ReceiptDTO{
		ActionID: item.ID, Kind: row.Type, Standing: standing(item), Sequence: item.Sequence, Hash: item.Hash,
		DeviceID: v.device.journal.DeviceID(), Actor: v.device.nameOf(item.Actor), SavedAt: stamp(item.CreatedAt),
		ServerID: row.ServerID, AccountName: row.AccountName, InvoiceNumber: row.InvoiceNumber,
		Description: row.Description, Currency: row.Currency, Amount: row.Amount, Method: row.Method,
		Lines: []ReceiptLine{}, Taxes: []TaxPreview{},
	}
	if item.State == queue.Applied {
		out.ConfirmedAt = stamp(item.Since)
	}
	payload, err := action.Decode(item.Action)
	if err != nil {
		return ReceiptDTO{}, fmt.Errorf("reading what a receipt is for: %w", err)
	}
	switch p := payload.(type) {
	case *action.CreateInvoice:
		out.DueDate, out.Net = p.DueDate, p.Total()
		out.itemise(p.Lines)
	case *action.RecordPayment:
		out.Tendered, out.Change, out.CheckNumber, out.Reference = p.Tendered, p.Change, p.CheckNumber, p.Reference
	case *action.CollectPayment:
	default:
		return ReceiptDTO{}, &action.Error{Code: action.NotPossible, Message: "There is no receipt for this kind of action",
			Hint: "Payments and invoices have one"}
	}
	return out, nil
}

// itemise adds the lines of an invoice and what they come to.
func (out *ReceiptDTO) itemise(lines []action.Line) {
	t, err := action.TotalOf(lines)
	if err != nil || len(lines) == 0 {
		return // the bare form: one amount without lines
	}
	out.Net = t.Net
	for _, tax := range t.Taxes {
		out.Taxes = append(out.Taxes, TaxPreview(tax))
	}
	for _, l := range lines {
		one := ReceiptLine{Description: l.Description, Quantity: l.Quantity, UnitPrice: l.UnitPrice, Discount: l.Discount, TaxRate: l.TaxRate}
		if net, err := action.TotalOf([]action.Line{l}); err == nil {
			one.Net = net.Net
		}
		out.Lines = append(out.Lines, one)
	}
}

func standing(item queue.Item) string {
	requested := item.Type == action.CollectPaymentType && (item.Outcome == nil || item.Outcome.Result != action.ResultPaid)
	switch item.State {
	case queue.Applied:
		if requested {
			return standsRequested
		}
		return standsFinal
	case queue.Review, queue.Failed:
		return standsRefused
	case queue.Discarded, queue.Superseded:
		return standsVoid
	default:
		return standsProvisional
	}
}

// nameOf is the name of who did something, as far as this device knows it.
func (d *Device) nameOf(actor string) string {
	if p := d.personDTO(); p.ID == actor && p.Name != "" {
		return p.Name
	}
	return actor
}

// ReceiptRow is a name, what stands small under it, and a value.
type ReceiptRow struct {
	Name   string `json:"name"`
	Detail string `json:"detail"`
	Value  string `json:"value"`
}

// ReceiptPage is a receipt in the words and figures of the person's language.
type ReceiptPage struct {
	ActionID string       `json:"actionId"`
	Title    string       `json:"title"`
	Standing string       `json:"standing"`
	Facts    []ReceiptRow `json:"facts"`
	Lines    []ReceiptRow `json:"lines"`
	Sums     []ReceiptRow `json:"sums"`
}

// SaveReceipt makes a PDF of a receipt. The number, the check code and the device
// at its foot are the journal's, whatever the page says.
func (b *Bridge) SaveReceipt(p ReceiptPage) (FileDTO, error) {
	return bound(b, "SaveReceipt", p, func(ctx context.Context, r *running, p ReceiptPage) (FileDTO, error) {
		item, err := r.device.journal.Item(ctx, p.ActionID)
		if err != nil {
			return FileDTO{}, fmt.Errorf("reading an action: %w", err)
		}
		pdf, err := receipt.PDF(receipt.Page{
			Title: p.Title, Standing: p.Standing, Facts: receiptRows(p.Facts), Lines: receiptRows(p.Lines), Sums: receiptRows(p.Sums),
			At: time.Now(),
			Foot: []string{
				fmt.Sprintf("FieldPay %d · %s · %s", item.Sequence, item.Hash, item.State),
				r.device.journal.DeviceID() + " · " + item.ID, stamp(time.Now()),
			},
		})
		if err != nil {
			return FileDTO{}, err
		}
		return b.app.deliver("receipt-"+strconv.FormatInt(item.Sequence, 10)+".pdf", "application/pdf", pdf)
	})
}

func receiptRows(rows []ReceiptRow) []receipt.Row {
	out := make([]receipt.Row, len(rows))
	for i, r := range rows {
		out[i] = receipt.Row(r)
	}
	return out
}
