package app

import (
	"context"
	"strings"

	"fieldpay/action"
)

// ScanDTO is what a scanned code stands for: a customer or an invoice, or
// nothing that this device knows, with an empty kind.
type ScanDTO struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// The kinds of records that have a code.
const (
	scannedCustomer = "customer"
	scannedInvoice  = "invoice"
)

// maxCode is more than any code of a record has.
const maxCode = 128

// Scan finds the record of a code, without a network: an invoice by its number
// or its id, a customer by the id.
func (b *Bridge) Scan(code string) (ScanDTO, error) {
	return bound(b, "Scan", code, func(ctx context.Context, r *running, code string) (ScanDTO, error) {
		code = strings.TrimSpace(code)
		if code == "" || len(code) > maxCode {
			return ScanDTO{}, &action.Error{Code: action.BadRequest, Message: "This is no code of a record"}
		}
		cache := r.device.cache
		for _, a := range cache.Accounts("", cache.Accounts("", 1, 0).Total, 0).Accounts {
			if strings.EqualFold(a.ID, code) {
				return ScanDTO{scannedCustomer, a.ID}, nil
			}
		}
		v, err := r.device.view(ctx)
		if err != nil {
			return ScanDTO{}, err
		}
		for _, row := range v.invoices("") {
			if strings.EqualFold(row.ID, code) || row.Number != "" && strings.EqualFold(row.Number, code) {
				return ScanDTO{scannedInvoice, row.ID}, nil
			}
		}
		return ScanDTO{}, nil
	})
}
