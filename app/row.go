package app

import (
	"strconv"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// ActionRow is one action of the journal as a line. Title and subtitle are
// plain English; a screen in another language makes its own from the type and
// the names.
type ActionRow struct {
	ID         string `json:"id"`
	Sequence   int64  `json:"sequence"`
	Type       string `json:"type"`
	State      string `json:"state"`
	Lane       string `json:"lane"`
	Title      string `json:"title"`
	Subtitle   string `json:"subtitle"`
	Amount     int64  `json:"amount"`
	Currency   string `json:"currency"`
	CreatedAt  string `json:"createdAt"`
	Since      string `json:"since"`
	NextAt     string `json:"nextAt"`
	Attempt    int    `json:"attempt"`
	BlockedBy  string `json:"blockedBy"`
	ReplacedBy string `json:"replacedBy"`
	Code       string `json:"code"`
	Reason     string `json:"reason"`
	Actor      string `json:"actor"`
	ServerID   string `json:"serverId"`
	// Late says that it goes by itself and is unsent for so long that its line
	// tells it.
	Late bool `json:"late"`
	// What title and subtitle are made of.
	AccountID     string `json:"accountId"`
	AccountName   string `json:"accountName"`
	InvoiceID     string `json:"invoiceId"`
	InvoiceNumber string `json:"invoiceNumber"`
	Description   string `json:"description"`
	Method        string `json:"method"`
	Outcome       string `json:"outcome"`
	// Result is how far money that was to be collected has come, and Link where
	// the customer pays it.
	Result string `json:"result"`
	Link   string `json:"link"`
}

func (v *view) actionRows(items []queue.Item) []ActionRow {
	rows := make([]ActionRow, len(items))
	for i, item := range items {
		rows[i] = v.actionRow(item)
	}
	return rows
}

func (v *view) actionRow(item queue.Item) ActionRow {
	row := ActionRow{
		ID: item.ID, Sequence: item.Sequence, Type: string(item.Type), State: string(item.State), Lane: item.Lane,
		CreatedAt: stamp(item.CreatedAt), Since: stamp(item.Since), NextAt: stamp(item.NextAt), Attempt: item.Attempt,
		BlockedBy: item.BlockedBy, ReplacedBy: item.ReplacedBy, Actor: item.Actor,
		Late: v.device.patience.late(item, time.Now()),
	}
	if o := item.Outcome; o != nil {
		row.Code, row.Reason, row.ServerID = string(o.Code), o.Error, o.ServerID
		row.Result, row.Link = string(o.Result), o.Link
		if row.Reason == "" && o.Code != "" {
			row.Reason = o.Code.Message()
		}
	}
	payload, err := action.Decode(item.Action)
	if err != nil {
		// A newer build wrote it: it is shown by its type and waits.
		row.Title = strings.ReplaceAll(string(item.Type), "_", " ")
		return row
	}
	v.describe(&row, payload)
	return row
}

// describe fills in what the payload says.
func (v *view) describe(row *ActionRow, payload action.Payload) {
	switch p := payload.(type) {
	case *action.CreateInvoice:
		_, row.InvoiceID, _ = strings.Cut(row.Lane, ":")
		row.AccountID, row.Description = p.AccountID, p.Description
		row.Amount, row.Currency = p.Total(), string(p.Currency.Normal())
		v.name(row)
		row.Title, row.Subtitle = "Invoice for "+v.account(row), p.Description
		if row.Subtitle == "" && len(p.Lines) > 0 {
			row.Subtitle = lines(len(p.Lines))
		}
	case *action.UpdateInvoice:
		row.InvoiceID = p.InvoiceID
		v.name(row)
		row.Title, row.Subtitle = "Change of "+invoiceWord(row), "Invoice for "+v.account(row)
	case *action.VoidInvoice:
		row.InvoiceID = p.InvoiceID
		v.name(row)
		row.Title, row.Subtitle = "Void of "+invoiceWord(row), p.Reason
	case *action.RecordPayment:
		row.InvoiceID, row.Method = p.InvoiceID, string(p.Method)
		row.Amount, row.Currency = p.Amount, string(p.Currency.Normal())
		v.name(row)
		row.Title, row.Subtitle = methodWord(p.Method)+" from "+v.account(row), "For "+invoiceWord(row)
	case *action.CollectPayment:
		row.InvoiceID, row.Method = p.InvoiceID, string(p.Method)
		row.Amount, row.Currency = p.Amount, string(p.Currency.Normal())
		v.name(row)
		row.Title, row.Subtitle = collectWord(p.Method)+" for "+v.account(row), "For "+invoiceWord(row)
	case *action.SyncPayment:
		row.InvoiceID, row.Method = p.InvoiceID, "card"
		v.name(row)
		row.Title, row.Subtitle = "Card payment from "+v.account(row), "For "+invoiceWord(row)
	case *action.LogVisit:
		row.AccountID, row.InvoiceID, row.Outcome = p.AccountID, p.InvoiceID, string(p.Outcome)
		v.name(row)
		row.Title, row.Subtitle = "Visit to "+v.account(row), visitWord(p.Outcome)
	case *action.CreateContact:
		row.AccountID, row.Description = p.AccountID, strings.TrimSpace(p.FirstName+" "+p.LastName)
		v.name(row)
		row.Title, row.Subtitle = "Contact "+row.Description, "At "+v.account(row)
	case *action.AddAttachment:
		row.Description = p.Name
		row.Title, row.Subtitle = "Attachment "+p.Name, string(p.Role)
	}
}

// name looks up what the row's ids are called, as far as this device knows.
func (v *view) name(row *ActionRow) {
	if invoice, ok := v.invoice(row.InvoiceID); ok {
		row.InvoiceNumber = invoice.Number
		if row.AccountID == "" {
			row.AccountID = invoice.AccountID
		}
		if row.Description == "" {
			row.Description = invoice.Description
		}
	}
	row.AccountName = v.accountName(row.AccountID)
}

func (v *view) account(row *ActionRow) string {
	if row.AccountName == "" {
		return "a customer"
	}
	return row.AccountName
}

func invoiceWord(row *ActionRow) string {
	switch {
	case row.InvoiceNumber != "":
		return row.InvoiceNumber
	case row.Description != "":
		return "invoice “" + row.Description + "”"
	default:
		return "an invoice"
	}
}

func lines(n int) string {
	if n == 1 {
		return "1 line"
	}
	return strconv.Itoa(n) + " lines"
}

func methodWord(m action.Method) string {
	switch m {
	case action.Cash:
		return "Cash"
	case action.Check:
		return "Check"
	case action.BankTransfer:
		return "Bank transfer"
	default:
		return "Payment"
	}
}

func collectWord(m action.CollectMethod) string {
	if m == action.PaymentLink {
		return "Payment link"
	}
	return "Card on file"
}

func visitWord(o action.VisitOutcome) string {
	switch o {
	case action.Met:
		return "Met"
	case action.NotIn:
		return "Not in"
	case action.FollowUp:
		return "Follow up"
	case action.OrderTaken:
		return "Order taken"
	default:
		return "Other"
	}
}
