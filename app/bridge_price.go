package app

import "context"

// PriceDTO is a product of the price list, in one currency.
type PriceDTO struct {
	ProductID string `json:"productId"`
	Code      string `json:"code"`
	Name      string `json:"name"`
	Family    string `json:"family"`
	// TaxRate is in percent as a plain decimal, or empty.
	TaxRate string `json:"taxRate"`
	// UnitPrice is in minor units of the currency that was asked for.
	UnitPrice int64 `json:"unitPrice"`
}

// PriceList is the price list in one currency, as old as AsOf says.
type PriceList struct {
	AsOf  string     `json:"asOf"`
	Items []PriceDTO `json:"items"`
}

// maxPrices is how many products a screen gets at once.
const maxPrices = 2000

// Prices is the price list of the reference cache in a currency.
func (b *Bridge) Prices(currency string) (PriceList, error) {
	return bound(b, "Prices", currency, func(_ context.Context, r *running, currency string) (PriceList, error) {
		out := PriceList{AsOf: stamp(r.device.cache.AsOf()), Items: []PriceDTO{}}
		for _, p := range r.device.cache.Prices(string(typedCurrency(currency))) {
			if len(out.Items) == maxPrices {
				break
			}
			out.Items = append(out.Items, PriceDTO{
				ProductID: p.ProductID, Code: p.Code, Name: p.Name, Family: p.Family, TaxRate: p.TaxRate, UnitPrice: p.UnitPrice,
			})
		}
		return out, nil
	})
}
