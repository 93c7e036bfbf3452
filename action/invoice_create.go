package action

import "strconv"

// CreateInvoice makes an invoice. With lines, Amount is their total (or left
// out); the reference's bare form has no lines and states the amount.
type CreateInvoice struct {
	// ID is the invoice's id; left out, the action's id is the invoice's.
	ID          string   `json:"id,omitempty"`
	AccountID   string   `json:"accountId"`
	ContactID   string   `json:"contactId,omitempty"`
	Amount      int64    `json:"amount,omitempty"`
	Currency    Currency `json:"currency"`
	Description string   `json:"description,omitempty"`
	Notes       string   `json:"notes,omitempty"`
	// DueDate is a calendar date, year-month-day.
	DueDate string `json:"dueDate,omitempty"`
	Lines   []Line `json:"lines,omitempty"`
}

var _ Payload = (*CreateInvoice)(nil)

// Type is CreateInvoiceType.
func (*CreateInvoice) Type() Type { return CreateInvoiceType }

// Record is the invoice that is made.
func (p *CreateInvoice) Record() Record { return Record{Kind: InvoiceKind, ID: p.ID} }

// Validate checks every field, and the amount against the lines (TotalMismatch).
func (p *CreateInvoice) Validate() error {
	var f fieldErrors
	f.optionalID("id", p.ID)
	f.id("accountId", p.AccountID)
	f.optionalID("contactId", p.ContactID)
	f.currency("currency", p.Currency)
	f.text("description", p.Description, MaxName)
	f.text("notes", p.Notes, MaxText)
	f.date("dueDate", p.DueDate)
	if len(p.Lines) == 0 {
		f.positive("amount", p.Amount)
		return f.err(InvalidPayload)
	}
	f.notNegative("amount", p.Amount)
	return checkLines(f, p.Lines, p.Amount)
}

// Total is the invoice's amount in minor units: that of the lines where there
// are lines. It is valid only for a payload that Validate passed.
func (p *CreateInvoice) Total() int64 {
	if len(p.Lines) == 0 {
		return p.Amount
	}
	t, err := TotalOf(p.Lines)
	if err != nil {
		return p.Amount
	}
	return t.Total
}

// checkLines adds what is wrong with lines to f and compares the amount that
// was sent (0: none) with their total.
func checkLines(f fieldErrors, lines []Line, amount int64) error {
	if len(lines) > MaxLines {
		f.add("lines", "are more than "+strconv.Itoa(MaxLines))
		return f.err(InvalidPayload)
	}
	for i, l := range lines {
		f.requiredText("lines["+strconv.Itoa(i)+"].description", l.Description, MaxName)
	}
	t, err := TotalOf(lines)
	for field, message := range FieldsOf(err) {
		f.add(field, message)
	}
	if err := f.err(InvalidPayload); err != nil {
		return err
	}
	if t.Total == 0 {
		f.add("lines", "sum to nothing")
		return f.err(InvalidPayload)
	}
	if amount != 0 && amount != t.Total {
		f.add("amount", "must be the total of the lines: "+strconv.FormatInt(t.Total, 10))
		return f.err(TotalMismatch)
	}
	return nil
}
