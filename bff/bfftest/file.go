package bfftest

import (
	"context"
	"slices"

	"fieldpay/action"
	"fieldpay/bff"
)

var (
	_ bff.Files     = (*CRM)(nil)
	_ bff.PriceList = (*CRM)(nil)
)

// HasFile implements bff.Files.
func (c *CRM) HasFile(_ context.Context, hash string) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, kept := c.files[hash]
	return kept, nil
}

// KeepFile implements bff.Files.
func (c *CRM) KeepFile(_ context.Context, f bff.FileUpload) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.files[f.SHA256] = f
	return nil
}

// Prices implements bff.PriceList.
func (c *CRM) Prices(context.Context) ([]bff.Price, error) {
	return []bff.Price{
		{ProductID: "prod-001", Code: "FLT-100", Name: "Air filter", Family: "Parts", TaxRate: "19", Currency: "usd", UnitPrice: 1999},
		{ProductID: "prod-001", Code: "FLT-100", Name: "Air filter", Family: "Parts", TaxRate: "19", Currency: "jpy", UnitPrice: 2800},
	}, nil
}

func (c *CRM) void(p *action.VoidInvoice) (bff.Applied, error) {
	inv, there := c.invoices[p.InvoiceID]
	switch {
	case !there:
		return bff.Applied{}, &action.Error{Code: action.UnknownInvoice}
	case inv.Paid > 0:
		return bff.Applied{}, &action.Error{Code: action.MoneyReceived}
	case p.BaseVersion != 0 && p.BaseVersion != inv.Version:
		return bff.Applied{}, &action.Error{Code: action.VersionConflict}
	}
	inv.Voided, inv.Status = true, "void"
	inv.Version++
	return bff.Applied{ServerID: inv.ServerID, Version: inv.Version}, nil
}

func (c *CRM) addContact(e bff.Effect, p *action.CreateContact) (bff.Applied, error) {
	if !slices.ContainsFunc(c.accounts, func(a bff.Account) bool { return a.ID == p.AccountID }) {
		return bff.Applied{}, &action.Error{Code: action.UnknownAccount}
	}
	id := e.Action.RecordID(p)
	c.contacts = append(c.contacts, bff.Contact{
		ID: id, AccountID: p.AccountID, FirstName: p.FirstName, LastName: p.LastName, Email: p.Email, Phone: p.Phone, Title: p.Title,
	})
	return bff.Applied{ServerID: "c-" + id, Version: 1}, nil
}

func (c *CRM) attach(p *action.AddAttachment) (bff.Applied, error) {
	if _, kept := c.files[p.SHA256]; !kept {
		return bff.Applied{}, &action.Error{Code: action.FileMissing}
	}
	return bff.Applied{ServerID: "f-" + p.SHA256[:8], Version: 1}, nil
}
