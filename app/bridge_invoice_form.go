package app

import (
	"context"
	"strconv"
	"strings"

	"fieldpay/action"
	"fieldpay/app/event"
)

// LineForm is a line of the invoice form, as typed.
type LineForm struct {
	Description string `json:"description"`
	Quantity    string `json:"quantity"`
	UnitPrice   string `json:"unitPrice"`
	Discount    string `json:"discount"`
	TaxRate     string `json:"taxRate"`
}

// InvoiceForm is the invoice form, as typed. Locale says how its numbers are
// written.
type InvoiceForm struct {
	// ActionID is made when the form is opened, so that saving again after a lost
	// answer is the same action. Empty: a fresh one.
	ActionID    string     `json:"actionId"`
	AccountID   string     `json:"accountId"`
	ContactID   string     `json:"contactId"`
	Currency    string     `json:"currency"`
	Description string     `json:"description"`
	Notes       string     `json:"notes"`
	DueDate     string     `json:"dueDate"`
	Locale      string     `json:"locale"`
	Lines       []LineForm `json:"lines"`
	// Replaces is the action that is edited into this one, or empty.
	Replaces string `json:"replaces"`
}

// LinePreview is what a line comes to.
type LinePreview struct {
	Net int64 `json:"net"`
}

// TaxPreview is what one rate adds.
type TaxPreview struct {
	Rate   string `json:"rate"`
	Net    int64  `json:"net"`
	Amount int64  `json:"amount"`
}

// InvoicePreview is what the form comes to as it stands: lines that are still
// wrong count nothing, and Fields says what is wrong with them.
type InvoicePreview struct {
	Lines    []LinePreview     `json:"lines"`
	Net      int64             `json:"net"`
	Taxes    []TaxPreview      `json:"taxes"`
	Tax      int64             `json:"tax"`
	Total    int64             `json:"total"`
	Currency string            `json:"currency"`
	Fields   map[string]string `json:"fields"`
}

// PreviewInvoice computes the form without saving it.
func (b *Bridge) PreviewInvoice(f InvoiceForm) (InvoicePreview, error) {
	return bound(b, "PreviewInvoice", f, func(_ context.Context, _ *running, f InvoiceForm) (InvoicePreview, error) {
		p, fields := f.read()
		return previewOf(p, fields), nil
	})
}

// SaveInvoice keeps the invoice in the journal; it is durable on the return.
func (b *Bridge) SaveInvoice(f InvoiceForm) (Saved, error) {
	return bound(b, "SaveInvoice", f, func(ctx context.Context, r *running, f InvoiceForm) (Saved, error) {
		p, fields := f.read()
		if len(fields) > 0 {
			return Saved{}, formError(fields)
		}
		p.ID = recordID(f.ActionID)
		if err := r.keepRecord(ctx, f.Replaces, &p.ID); err != nil {
			return Saved{}, err
		}
		v, err := r.device.view(ctx)
		if err != nil {
			return Saved{}, err
		}
		saved, err := r.save(ctx, saving{id: f.ActionID, payload: p, replaces: f.Replaces, needs: v.needs("", f.ContactID)})
		if err == nil {
			r.device.record(event.InvoiceCreated, event.Fields{"actionId": saved.ActionID})
		}
		return saved, err
	})
}

func formError(fields map[string]string) error {
	return &action.Error{Code: action.InvalidPayload, Message: action.InvalidPayload.Message(), Fields: fields}
}

// read turns what was typed into a payload, and names every field that is
// wrong.
func (f InvoiceForm) read() (*action.CreateInvoice, map[string]string) {
	p := &action.CreateInvoice{
		AccountID: f.AccountID, ContactID: f.ContactID, Currency: typedCurrency(f.Currency),
		Description: strings.TrimSpace(f.Description), Notes: strings.TrimSpace(f.Notes), DueDate: f.DueDate,
	}
	fields := map[string]string{}
	format := action.NumberFormatFor(f.Locale)
	for i, typed := range f.Lines {
		p.Lines = append(p.Lines, typed.read("lines["+strconv.Itoa(i)+"].", p.Currency, format, fields))
	}
	if len(f.Lines) == 0 {
		fields["lines"] = "must not be empty"
		p.Amount = 1 // so that the only complaint is about the lines
	}
	for field, message := range action.FieldsOf(p.Validate()) {
		if _, told := fields[field]; !told {
			fields[field] = message
		}
	}
	p.Amount = 0
	if len(fields) == 0 {
		p.Amount = p.Total()
	}
	return p, fields
}

func (l LineForm) read(at string, c action.Currency, format action.NumberFormat, fields map[string]string) action.Line {
	line := action.Line{Description: strings.TrimSpace(l.Description)}
	r := reader{format: format, currency: c, fields: fields}
	line.Quantity = r.text(at+"quantity", l.Quantity, action.ParseQuantity)
	line.TaxRate = r.text(at+"taxRate", l.TaxRate, action.ParsePercent)
	line.UnitPrice = r.money(at+"unitPrice", l.UnitPrice)
	line.Discount = r.money(at+"discount", l.Discount)
	if strings.TrimSpace(l.UnitPrice) == "" {
		fields[at+"unitPrice"] = "is required"
	}
	return line
}

// reader reads typed numbers and collects what is wrong with them. An empty
// field is read as nothing: whether it may be empty is for the payload to say.
type reader struct {
	format   action.NumberFormat
	currency action.Currency
	fields   map[string]string
}

func (r reader) text(field, typed string, parse func(string, action.NumberFormat) (string, error)) string {
	if strings.TrimSpace(typed) == "" {
		return ""
	}
	plain, err := parse(typed, r.format)
	if err != nil {
		r.fields[field] = action.MessageOf(err)
	}
	return plain
}

func (r reader) money(field, typed string) int64 {
	if strings.TrimSpace(typed) == "" || !r.currency.Known() {
		return 0
	}
	m, err := action.ParseMoney(typed, r.currency, r.format)
	if err != nil {
		r.fields[field] = action.MessageOf(err)
	}
	return m.Minor
}

func typedCurrency(s string) action.Currency {
	return action.Currency(strings.TrimSpace(s)).Normal()
}

func previewOf(p *action.CreateInvoice, fields map[string]string) InvoicePreview {
	out := InvoicePreview{
		Lines: make([]LinePreview, len(p.Lines)), Taxes: []TaxPreview{},
		Currency: string(p.Currency), Fields: fields,
	}
	var good []action.Line
	for i, line := range p.Lines {
		at := "lines[" + strconv.Itoa(i) + "]."
		if wrong(fields, at, "quantity", "unitPrice", "discount", "taxRate") {
			continue
		}
		if t, err := action.TotalOf([]action.Line{line}); err == nil {
			out.Lines[i].Net = t.Net
			good = append(good, line)
		}
	}
	t, err := action.TotalOf(good)
	if err != nil {
		return out // each line is right and the sum too large: Fields says so
	}
	out.Net, out.Tax, out.Total = t.Net, t.Tax, t.Total
	for _, tax := range t.Taxes {
		out.Taxes = append(out.Taxes, TaxPreview(tax))
	}
	return out
}

func wrong(fields map[string]string, at string, names ...string) bool {
	for _, name := range names {
		if _, ok := fields[at+name]; ok {
			return true
		}
	}
	return false
}
