package salesforce

import "fmt"

// priceObjects are the price list: a product costs, in each price book and currency, what its entry says.
func priceObjects() []*object {
	return []*object{
		{name: "Product2", prefix: "01t", fields: []*field{
			text("ProductCode", 255), longText("Description"), byDefault(&field{name: "IsActive", kind: kindBoolean}, false),
			text("Family", 255), key("External_Id__c", 64), text("Tax_Rate__c", 12),
		}},
		{name: "Pricebook2", prefix: "01s", fields: []*field{
			byDefault(&field{name: "IsActive", kind: kindBoolean}, false), longText("Description"),
			byDefault(&field{name: "IsStandard", kind: kindBoolean, readOnly: true}, false),
		}},
		{name: "PricebookEntry", prefix: "01u", fields: []*field{
			masterDetail("Pricebook2Id", "Pricebook2", "Pricebook2", "PricebookEntries"),
			masterDetail("Product2Id", "Product2", "Product2", "PricebookEntries"),
			required(&field{name: "UnitPrice", kind: kindCurrency}), required(text("CurrencyIsoCode", 3)),
			byDefault(&field{name: "IsActive", kind: kindBoolean}, false),
		}},
	}
}

type seedProduct struct {
	id, code, name, family, tax string
	prices                      map[string]string // currency, price in its major unit
}

func seedProducts() []seedProduct {
	return []seedProduct{
		{"prod-001", "FLT-100", "Air filter", "Parts", "19", map[string]string{"USD": "19.99", "EUR": "18.50", "JPY": "2800"}},
		{"prod-002", "FLT-200", "Water filter", "Parts", "19", map[string]string{"USD": "24.50", "EUR": "22.90", "JPY": "3500"}},
		{"prod-003", "SRV-060", "Technician, one hour", "Service", "19", map[string]string{"USD": "95", "EUR": "89", "JPY": "13500"}},
		{"prod-004", "SRV-TRV", "Travel, one way", "Service", "19", map[string]string{"USD": "45", "EUR": "39", "JPY": "6000"}},
		{"prod-005", "INS-ANN", "Annual inspection", "Service", "7", map[string]string{"USD": "250", "EUR": "235", "JPY": "36000", "KWD": "76.500"}},
		{"prod-006", "OLD-001", "Discontinued pump", "Parts", "19", nil},
	}
}

// seedPrices fills an empty price list.
func (s *saver) seedPrices() error {
	book, err := s.seed("Pricebook2", "standard price book", map[string]any{"Name": "Standard Price Book", "IsActive": true})
	if err != nil {
		return err
	}
	if book == "" {
		return nil // left out of this org
	}
	s.table(s.schema.object("Pricebook2")).rows[book]["IsStandard"] = true // no caller can make it so
	for _, p := range seedProducts() {
		product, err := s.seed("Product2", p.id, map[string]any{"Name": p.name, "ProductCode": p.code, "Family": p.family,
			"IsActive": p.prices != nil, "External_Id__c": p.id, "Tax_Rate__c": p.tax})
		if err != nil {
			return err
		}
		for _, currency := range []string{"USD", "EUR", "JPY", "KWD"} {
			price, sold := p.prices[currency]
			if !sold {
				continue
			}
			if _, err := s.seed("PricebookEntry", fmt.Sprintf("%s in %s", p.id, currency), map[string]any{"Pricebook2Id": book, "Product2Id": product,
				"UnitPrice": price, "CurrencyIsoCode": currency, "IsActive": true}); err != nil {
				return err
			}
		}
	}
	return nil
}

// priced composes the name of an entry, which is its product's, and keeps one entry per book, product and currency.
func (s *saver) priced(o *object, r record) *apiError {
	if o.name != "PricebookEntry" {
		return nil
	}
	if _, product := s.lookup(r.text("Product2Id")); product != nil {
		r["Name"] = product.text("Name")
	}
	for _, other := range s.table(o).live() {
		same := true
		for _, f := range []string{"Pricebook2Id", "Product2Id", "CurrencyIsoCode"} {
			same = same && other.text(f) == r.text(f)
		}
		if same && other.id() != r.id() {
			return fail("DUPLICATE_VALUE", nil, "This price definition already exists in this price book")
		}
	}
	return nil
}
