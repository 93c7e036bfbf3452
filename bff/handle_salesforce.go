package bff

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"

	"fieldpay/action"
	"fieldpay/api"
)

// recordID is what an id in a path may look like; nothing else can be there.
var recordID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// ListAccounts implements api.Handler.
func (s *Server) ListAccounts(ctx context.Context, params api.ListAccountsParams) ([]api.Account, error) {
	q := AccountQuery{Search: params.Search.Or(""), Limit: params.Limit.Or(0), Offset: params.Offset.Or(0)}
	if u := principal(ctx).User; !u.Everywhere() {
		if q.Territories = u.Territories; len(q.Territories) == 0 {
			return []api.Account{}, nil
		}
	}
	accounts, err := s.o.CRM.Accounts(ctx, q)
	if err != nil {
		return nil, err
	}
	wire := make([]api.Account, len(accounts))
	for i, a := range accounts {
		wire[i] = wireAccount(a)
	}
	return wire, nil
}

func wireAccount(a Account) api.Account {
	return api.Account{ID: a.ID, Name: a.Name, Industry: a.Industry, Phone: a.Phone, Website: a.Website}
}

// GetAccount implements api.Handler. What a person does not reach is not there.
func (s *Server) GetAccount(ctx context.Context, params api.GetAccountParams) (*api.Account, error) {
	missing := &action.Error{Code: action.UnknownAccount, Message: "Account not found"}
	if !recordID.MatchString(params.ID) {
		return nil, missing
	}
	a, err := s.o.CRM.Account(ctx, params.ID)
	if err == nil {
		err = s.o.Rights.Account(ctx, principal(ctx).User, params.ID)
	}
	if notThere(err) {
		return nil, missing
	}
	if err != nil {
		return nil, err
	}
	wire := wireAccount(a)
	return &wire, nil
}

// notThere reports whether a record is unknown, or not for who asks: they are
// not told which.
func notThere(err error) bool {
	switch action.CodeOf(err) {
	case action.UnknownAccount, action.UnknownInvoice, action.NotAllowed:
		return true
	default:
		return false
	}
}

// ListContacts implements api.Handler.
func (s *Server) ListContacts(ctx context.Context, params api.ListContactsParams) ([]api.Contact, error) {
	if !recordID.MatchString(params.ID) {
		return []api.Contact{}, nil
	}
	if err := s.o.Rights.Account(ctx, principal(ctx).User, params.ID); err != nil {
		if notThere(err) {
			return []api.Contact{}, nil
		}
		return nil, err
	}
	contacts, err := s.o.CRM.Contacts(ctx, params.ID)
	if err != nil {
		return nil, err
	}
	wire := make([]api.Contact, len(contacts))
	for i, c := range contacts {
		wire[i] = api.Contact{
			ID: c.ID, AccountId: c.AccountID, FirstName: c.FirstName, LastName: c.LastName,
			Email: c.Email, Phone: c.Phone, Title: c.Title,
		}
	}
	return wire, nil
}

// ListInvoices implements api.Handler.
func (s *Server) ListInvoices(ctx context.Context, params api.ListInvoicesParams) ([]api.Invoice, error) {
	accountID := params.AccountId.Or("")
	if accountID != "" && !recordID.MatchString(accountID) {
		return []api.Invoice{}, nil
	}
	invoices, err := s.invoicesOf(ctx, principal(ctx).User, accountID)
	if err != nil {
		return nil, err
	}
	invoices = invoices[min(params.Offset.Or(0), len(invoices)):]
	if limit, given := params.Limit.Get(); given {
		invoices = invoices[:min(limit, len(invoices))]
	}
	wire := make([]api.Invoice, len(invoices))
	for i, inv := range invoices {
		wire[i] = wireInvoice(inv)
	}
	return wire, nil
}

// invoicesOf are the invoices that a person reaches: of one account, or all.
func (s *Server) invoicesOf(ctx context.Context, u User, accountID string) ([]Invoice, error) {
	if accountID != "" {
		if err := s.o.Rights.Account(ctx, u, accountID); err != nil {
			if notThere(err) {
				return nil, nil
			}
			return nil, err
		}
		return s.o.CRM.Invoices(ctx, accountID)
	}
	reached, err := s.o.Rights.Accounts(ctx, u)
	if err != nil || reached != nil && len(reached) == 0 {
		return nil, err
	}
	invoices, err := s.o.CRM.Invoices(ctx, "")
	if err != nil || reached == nil {
		return invoices, err
	}
	return slices.DeleteFunc(invoices, func(inv Invoice) bool { return !reached[inv.AccountID] }), nil
}

// GetInvoice implements api.Handler.
func (s *Server) GetInvoice(ctx context.Context, params api.GetInvoiceParams) (*api.Invoice, error) {
	inv, err := s.reachedInvoice(ctx, params.ID)
	if err != nil {
		return nil, err
	}
	wire := wireInvoice(inv)
	return &wire, nil
}

// reachedInvoice is an invoice that is for who asks.
func (s *Server) reachedInvoice(ctx context.Context, id string) (Invoice, error) {
	missing := &action.Error{Code: action.UnknownInvoice, Message: "Invoice not found"}
	if !recordID.MatchString(id) {
		return Invoice{}, missing
	}
	inv, err := s.o.CRM.Invoice(ctx, id)
	if err == nil {
		err = s.o.Rights.Account(ctx, principal(ctx).User, inv.AccountID)
	}
	if notThere(err) {
		return Invoice{}, missing
	}
	return inv, err
}

// CreateInvoice implements api.Handler: the direct form of create_invoice.
func (s *Server) CreateInvoice(ctx context.Context, req *api.InvoiceCreate, params api.CreateInvoiceParams) (*api.Invoice, error) {
	p := &action.CreateInvoice{
		ID: req.ID.Or(""), AccountID: req.AccountId, ContactID: req.ContactId.Or(""), Amount: req.Amount.Or(0),
		Currency: action.Currency(req.Currency), Description: req.Description.Or(""), Notes: req.Notes.Or(""), DueDate: req.DueDate.Or(""),
	}
	for _, l := range req.Lines {
		p.Lines = append(p.Lines, action.Line{
			Description: l.Description, Quantity: l.Quantity, UnitPrice: l.UnitPrice, Discount: l.Discount.Or(0), TaxRate: l.TaxRate.Or(""),
		})
	}
	id := action.NewID()
	if key, given := params.IdempotencyKey.Get(); given {
		id = key.String()
	}
	record := id
	if p.ID != "" {
		record = p.ID
	}
	err := s.direct(ctx, id, p)
	if err != nil {
		return nil, lacking(err, api.CreateInvoiceOperation, "accountId", "amount", "currency")
	}
	return s.invoice(ctx, record)
}

// UpdateInvoice implements api.Handler: the direct form of update_invoice.
func (s *Server) UpdateInvoice(ctx context.Context, req *api.InvoicePatch, params api.UpdateInvoiceParams) (*api.Invoice, error) {
	missing := &action.Error{Code: action.UnknownInvoice, Message: "Invoice not found"}
	if !recordID.MatchString(params.ID) {
		return nil, missing
	}
	p := &action.UpdateInvoice{
		InvoiceID: params.ID, BaseVersion: req.BaseVersion.Or(0),
		Status: optional(req.Status), StripePaymentIntentID: optional(req.StripePaymentIntentId), ContactID: optional(req.ContactId),
		Description: optional(req.Description), Notes: optional(req.Notes), DueDate: optional(req.DueDate),
	}
	err := s.direct(ctx, action.NewID(), p)
	if action.CodeOf(err) == action.UnknownInvoice {
		return nil, missing
	}
	if err != nil {
		return nil, err
	}
	return s.invoice(ctx, params.ID)
}

// direct runs one action for a caller who waits for its effect. An effect that
// takes too long goes on by itself; the caller is told under which key to ask.
func (s *Server) direct(ctx context.Context, id string, p action.Payload) error {
	payload, err := action.Encode(p)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(action.Action{ID: id, Type: p.Type(), CreatedAt: time.Now().UTC(), Payload: payload})
	if err != nil {
		return fmt.Errorf("encoding an action: %w", err)
	}
	outcomes, err := s.o.Processor.Submit(ctx, Batch{Actor: principal(ctx).User.ID, RequestID: requestIDOf(ctx), Items: []json.RawMessage{raw}})
	if err != nil {
		return storeError(err)
	}
	o := outcomes[0]
	switch {
	case o.Status == action.StatusApplied:
		return nil
	case o.Status != action.StatusAccepted:
		return outcomeError(o)
	}
	code := o.Code
	if code == "" {
		code = action.Busy
	}
	return &action.Error{
		Code: code, RetryAfter: time.Duration(o.RetryAfterMs) * time.Millisecond,
		Hint: "It is kept and goes on by itself. Ask for its outcome, or repeat with the Idempotency-Key " + id,
	}
}

func (s *Server) invoice(ctx context.Context, id string) (*api.Invoice, error) {
	inv, err := s.o.CRM.Invoice(ctx, id)
	if err != nil {
		return nil, err
	}
	wire := wireInvoice(inv)
	return &wire, nil
}

func wireInvoice(inv Invoice) api.Invoice {
	wire := api.Invoice{
		ID: inv.ID, AccountId: inv.AccountID, ContactId: given(inv.ContactID), Amount: inv.Amount,
		Currency: string(inv.Currency.Normal()), Status: api.InvoiceStatus(inv.WireStatus()),
		StripePaymentIntentId: given(inv.IntentID), StripeChargeId: given(inv.ChargeID), Description: given(inv.Description),
		CreatedAt: inv.CreatedAt.UTC(), UpdatedAt: inv.UpdatedAt.UTC(),
		Number: inv.Number, Paid: inv.Paid, Balance: inv.Balance(), Version: inv.Version,
	}
	if due, err := time.Parse(time.DateOnly, inv.DueDate); err == nil {
		wire.DueDate.SetTo(due)
	}
	return wire
}

// lacking gives an error the reference's sentence when one of the fields is
// missing.
func lacking(err error, operation string, fields ...string) error {
	for _, field := range fields {
		if action.FieldsOf(err)[field] == "is required" {
			return &action.Error{Code: action.CodeOf(err), Message: required(operation), Fields: action.FieldsOf(err)}
		}
	}
	return err
}

// storeError is what a caller is told when the store does not take work: to
// come again, never that something is wrong with what was sent.
func storeError(err error) error {
	return &action.Error{Code: action.Busy, RetryAfter: 2 * time.Second, Op: "store", Cause: err}
}

func optional(o api.OptString) *string {
	if v, set := o.Get(); set {
		return &v
	}
	return nil
}

func given(s string) api.OptString {
	if s == "" {
		return api.OptString{}
	}
	return api.NewOptString(s)
}
