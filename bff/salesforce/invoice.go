package salesforce

import (
	"cmp"
	"context"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

const selectInvoices = "SELECT Id, Name, Client_Invoice_Id__c, Account__c, Account__r.External_Id__c, Contact__c, Contact__r.External_Id__c, " +
	"Amount__c, Paid__c, Currency__c, Status__c, Description__c, Due_Date__c, Stripe_Payment_Intent_Id__c, Stripe_Charge_Id__c, " +
	"Version__c, Effective_At__c, CreatedDate, SystemModstamp FROM Invoice__c"

// statusVoid is the stored status of an invoice that counts no more.
const statusVoid = "void"

type parentRow struct {
	ExternalID string `json:"External_Id__c"`
}

type invoiceRow struct {
	ID          string     `json:"Id"`
	Number      string     `json:"Name"`
	ClientID    string     `json:"Client_Invoice_Id__c"`
	AccountID   string     `json:"Account__c"`
	Account     *parentRow `json:"Account__r"`
	ContactID   string     `json:"Contact__c"`
	Contact     *parentRow `json:"Contact__r"`
	Amount      number     `json:"Amount__c"`
	Paid        number     `json:"Paid__c"`
	Currency    string     `json:"Currency__c"`
	Status      string     `json:"Status__c"`
	Description string     `json:"Description__c"`
	DueDate     string     `json:"Due_Date__c"`
	IntentID    string     `json:"Stripe_Payment_Intent_Id__c"`
	ChargeID    string     `json:"Stripe_Charge_Id__c"`
	Version     number     `json:"Version__c"`
	// EffectiveAt is when the invoice was written, maybe days before it arrived;
	// one that was made in Salesforce itself has none.
	EffectiveAt moment `json:"Effective_At__c"`
	CreatedAt   moment `json:"CreatedDate"`
	// ChangedAt moves with a payment, too, which changes what is open but is no
	// edit of the invoice (LastModifiedDate stays).
	ChangedAt moment `json:"SystemModstamp"`
}

func (r invoiceRow) writtenAt() time.Time {
	if at := time.Time(r.EffectiveAt); !at.IsZero() {
		return at
	}
	return time.Time(r.CreatedAt)
}

func (r invoiceRow) voided() bool { return strings.EqualFold(r.Status, statusVoid) }

func (r invoiceRow) currency() action.Currency { return action.Currency(r.Currency).Normal() }

func (r invoiceRow) invoice() bff.Invoice {
	return bff.Invoice{
		ID: cmp.Or(r.ClientID, r.ID), ServerID: r.ID, Number: r.Number,
		AccountID: r.Account.or(r.AccountID), ContactID: r.Contact.or(r.ContactID),
		Amount: int64(r.Amount), Paid: int64(r.Paid), Currency: r.currency(),
		Status: r.Status, Voided: r.voided(), IntentID: r.IntentID, ChargeID: r.ChargeID,
		Description: r.Description, DueDate: r.DueDate,
		CreatedAt: r.writtenAt(), UpdatedAt: time.Time(r.ChangedAt), Version: int64(r.Version),
	}
}

// or is the parent's id on the wire: its External ID, else Salesforce's own.
func (p *parentRow) or(serverID string) string {
	if p == nil {
		return serverID
	}
	return cmp.Or(p.ExternalID, serverID)
}

// Invoices implements bff.CRM.
func (c *Client) Invoices(ctx context.Context, accountID string) ([]bff.Invoice, error) {
	soql := selectInvoices
	if accountID != "" {
		soql += " WHERE Account__r." + sameRecord(externalID, accountID)
	}
	rows, err := query[invoiceRow](ctx, c, soql+" ORDER BY CreatedDate DESC, Id DESC")
	if err != nil {
		return nil, failed("listing invoices", err)
	}
	invoices := make([]bff.Invoice, len(rows))
	for i, r := range rows {
		invoices[i] = r.invoice()
	}
	return invoices, nil
}

// Invoice implements bff.CRM.
func (c *Client) Invoice(ctx context.Context, id string) (bff.Invoice, error) {
	row, err := c.invoiceRow(ctx, id)
	if err != nil {
		return bff.Invoice{}, failed("reading the invoice", err)
	}
	return row.invoice(), nil
}

func (c *Client) invoiceRow(ctx context.Context, id string) (invoiceRow, error) {
	rows, err := query[invoiceRow](ctx, c, selectInvoices+" WHERE "+sameRecord(invoiceID, id)+" LIMIT 1")
	if err != nil {
		return invoiceRow{}, err
	}
	if len(rows) == 0 {
		return invoiceRow{}, &action.Error{Code: action.UnknownInvoice}
	}
	return rows[0], nil
}
