package salesforce

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"time"
)

//go:embed seeds.json
var seedsJSON []byte

type seeds struct {
	Accounts []struct {
		ID, Name, Industry, Phone, Website, Territory string
	}
	Contacts []struct {
		ID, AccountID, FirstName, LastName, Email, Phone, Title string
	}
	Invoices []seedInvoice
}

type seedInvoice struct {
	ID, AccountID, ContactID, Currency, Status, Description string
	StripePaymentIntentID, StripeChargeID                   string
	Amount                                                  int64
	CreatedAt, UpdatedAt                                    time.Time
}

// seed fills an empty store with the demo data.
func (s *store) seed(now time.Time) error {
	var data seeds
	if err := json.Unmarshal(seedsJSON, &data); err != nil {
		return fmt.Errorf("reading the seeds: %w", err)
	}
	save := s.seeder(now)
	ids := map[string]string{}
	add := func(object, key string, values map[string]any) error {
		id, err := save.seed(object, key, values)
		ids[key] = id
		return err
	}
	for _, a := range data.Accounts {
		if err := add("Account", a.ID, map[string]any{"Name": a.Name, "Industry": a.Industry, "Phone": a.Phone,
			"Website": a.Website, "Territory__c": a.Territory, "External_Id__c": a.ID}); err != nil {
			return err
		}
	}
	for _, c := range data.Contacts {
		if err := add("Contact", c.ID, map[string]any{"AccountId": ids[c.AccountID], "FirstName": c.FirstName, "LastName": c.LastName,
			"Email": c.Email, "Phone": c.Phone, "Title": c.Title, "External_Id__c": c.ID}); err != nil {
			return err
		}
	}
	for _, i := range data.Invoices {
		save.now = i.CreatedAt
		if err := add("Invoice__c", i.ID, i.values(ids)); err != nil {
			return err
		}
		save.now = i.UpdatedAt
		if i.Status == "paid" {
			if err := add("Payment__c", i.ID+" payment", i.payment(ids)); err != nil {
				return err
			}
		}
		s.backdate("Invoice__c", ids[i.ID], i.UpdatedAt)
	}
	return s.seedPriceList(now)
}

func (s *store) seedPriceList(now time.Time) error {
	save := s.seeder(now)
	return save.seedPrices()
}

func (s *store) seeder(now time.Time) *saver {
	return &saver{tx: s.begin(), now: now, fault: func(string) *apiError { return nil }}
}

// seed inserts one record; key names it in errors.
func (s *saver) seed(object, key string, values map[string]any) (string, error) {
	o := s.schema.object(object)
	if o == nil {
		return "", nil // left out of this org
	}
	b := body{}
	for name, v := range values {
		if s.schema.partial && o.field(name) == nil {
			continue
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return "", fmt.Errorf("encoding seed %s: %w", key, err)
		}
		b[name] = raw
	}
	id, failed := s.insert(o, b)
	if failed != nil && s.schema.partial {
		return "", nil
	}
	if failed != nil {
		return "", fmt.Errorf("inserting seed %s: %w", key, failed)
	}
	return id, nil
}

func (i seedInvoice) values(ids map[string]string) map[string]any {
	return map[string]any{"Client_Invoice_Id__c": i.ID, "Account__c": ids[i.AccountID], "Contact__c": ids[i.ContactID],
		"Amount__c": i.Amount, "Currency__c": i.Currency, "Status__c": i.Status, "Description__c": i.Description,
		"Effective_At__c": i.CreatedAt, "Stripe_Payment_Intent_Id__c": i.StripePaymentIntentID, "Stripe_Charge_Id__c": i.StripeChargeID}
}

func (i seedInvoice) payment(ids map[string]string) map[string]any {
	return map[string]any{"Invoice__c": ids[i.ID], "Amount__c": i.Amount, "Currency__c": i.Currency, "Method__c": "card",
		"Received_At__c": i.UpdatedAt, fieldAllocated: true,
		"Stripe_Payment_Intent_Id__c": i.StripePaymentIntentID, "Stripe_Charge_Id__c": i.StripeChargeID}
}

// backdate sets the modification time of a seed, which no caller can.
func (s *store) backdate(object, id string, at time.Time) {
	t := s.tables[object]
	if t == nil || t.rows[id] == nil {
		return // left out of this org
	}
	r := t.rows[id]
	r["LastModifiedDate"], r["SystemModstamp"] = datetime(at), datetime(at)
}
