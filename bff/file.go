package bff

import (
	"context"

	"fieldpay/action"
)

// Files is an optional ability of a CRM: it keeps the bytes of attachments,
// each once, named by their content.
type Files interface {
	// HasFile reports whether the bytes of that SHA-256 (64 hex digits) are kept.
	HasFile(ctx context.Context, hash string) (bool, error)
	// KeepFile keeps bytes. Keeping the same bytes again changes nothing.
	KeepFile(ctx context.Context, f FileUpload) error
}

// FileUpload is the bytes of an attachment on their way to the CRM. Its content
// has been compared with its hash.
type FileUpload struct {
	SHA256, Name, MediaType string
	Content                 []byte
}

// PriceList is an optional ability of a CRM: what products cost.
type PriceList interface {
	// Prices lists the active prices by the product's name, one for each
	// currency that a product is sold in.
	Prices(ctx context.Context) ([]Price, error)
}

// Price is what a product costs in one currency.
type Price struct {
	ProductID, Code, Name, Family string
	// TaxRate is in percent as a decimal, or empty.
	TaxRate  string
	Currency action.Currency
	// UnitPrice is in minor units.
	UnitPrice int64
}
