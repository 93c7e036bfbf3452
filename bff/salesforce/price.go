package salesforce

import (
	"cmp"
	"context"
	"encoding/json"
	"math/big"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
)

type priceRow struct {
	ProductID string      `json:"Product2Id"`
	UnitPrice json.Number `json:"UnitPrice"`
	Currency  string      `json:"CurrencyIsoCode"`
	Product   struct {
		ExternalID string `json:"External_Id__c"`
		Code       string `json:"ProductCode"`
		Name       string
		Family     string
		TaxRate    string `json:"Tax_Rate__c"`
	} `json:"Product2"`
}

// Prices implements bff.PriceList: the active entries of the price book, one
// per product and currency, by name. An entry whose price is no whole number of
// minor units is left out, because a rounded price is another price.
func (c *Client) Prices(ctx context.Context) ([]bff.Price, error) {
	columns := "Product2Id, UnitPrice, Product2.External_Id__c, Product2.ProductCode, Product2.Name, Product2.Family, Product2.Tax_Rate__c"
	if c.currency == "" {
		columns += ", CurrencyIsoCode" // an org of one currency does not have it
	}
	book := "Pricebook2.IsStandard = true"
	if c.priceBook != "" {
		book = "Pricebook2.Name = " + literal(c.priceBook)
	}
	rows, err := query[priceRow](ctx, c, "SELECT "+columns+" FROM PricebookEntry WHERE IsActive = true AND Product2.IsActive = true AND "+
		book+" ORDER BY Product2.Name, Id")
	if err != nil {
		return nil, failed("reading the price list", err)
	}
	prices := make([]bff.Price, 0, len(rows))
	for _, r := range rows {
		p, whole := r.price(c.currency)
		if !whole {
			c.log.Warn().Str("product", r.ProductID).Msg("a price is no whole number of minor units and is left out")
			continue
		}
		prices = append(prices, p)
	}
	return prices, nil
}

func (r priceRow) price(only action.Currency) (bff.Price, bool) {
	currency := cmp.Or(only, action.Currency(r.Currency)).Normal()
	minor, whole := minorUnits(r.UnitPrice.String(), currency)
	return bff.Price{
		ProductID: cmp.Or(r.Product.ExternalID, r.ProductID), Code: r.Product.Code, Name: r.Product.Name, Family: r.Product.Family,
		TaxRate: r.Product.TaxRate, Currency: currency, UnitPrice: minor,
	}, whole
}

// minorUnits reads a price as Salesforce writes it, a double in the major unit.
func minorUnits(price string, c action.Currency) (int64, bool) {
	// The exponent of a double would make a huge fraction of a few bytes.
	if !c.Known() || len(price) > 24 || strings.Contains(strings.ToUpper(price), "E-") {
		return 0, false
	}
	exact, ok := new(big.Rat).SetString(price)
	if !ok {
		return 0, false
	}
	for range c.Digits() {
		exact.Mul(exact, big.NewRat(10, 1))
	}
	if !exact.IsInt() || !exact.Num().IsInt64() || exact.Sign() < 0 || exact.Num().Int64() > action.MaxAmount {
		return 0, false
	}
	return exact.Num().Int64(), true
}
