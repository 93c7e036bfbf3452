package salesforce

import (
	"slices"
	"strings"
)

// kind is what a field holds, as describe names it.
type kind string

const (
	textField     kind = "string"
	longText      kind = "textarea"
	wholeNumber   kind = "double"
	priceField    kind = "currency"
	flagField     kind = "boolean"
	dateField     kind = "date"
	datetimeField kind = "datetime"
	choiceField   kind = "picklist"
	lookupField   kind = "reference"
	bytesField    kind = "base64"
)

// fieldSchema is one field that the adapter uses.
type fieldSchema struct {
	name string
	kind kind
	// length is the least number of characters it must hold; 0 for no text.
	length int
	// unique says that the field must be a unique External ID: an effect
	// happens once because of it.
	unique bool
	// readOnly fields are made by the org: nobody writes them.
	readOnly bool
	// parent and relation are, for a lookup, the object it points to and the
	// name of the way there.
	parent, relation string
	choices          []string
	// optional fields are used only in some orgs.
	optional bool
}

// objectSchema is one object that the adapter uses, with what it uses of it.
type objectSchema struct {
	name   string
	fields []fieldSchema
	// writes says that records of it are made, not only read.
	writes bool
}

// custom reports whether a name is of the package and not Salesforce's own.
func custom(name string) bool {
	return strings.HasSuffix(name, "__c") || strings.HasSuffix(name, "__r")
}

func text(name string, length int) fieldSchema {
	return fieldSchema{name: name, kind: textField, length: length}
}

func typed(name string, k kind) fieldSchema { return fieldSchema{name: name, kind: k} }

func long(name string) fieldSchema { return fieldSchema{name: name, kind: longText, length: 32000} }

func uniqueKey(name string, length int) fieldSchema {
	return fieldSchema{name: name, kind: textField, length: length, unique: true}
}

func lookup(name, parent, relation string) fieldSchema {
	return fieldSchema{name: name, kind: lookupField, parent: parent, relation: relation}
}

func choice(name string, choices ...string) fieldSchema {
	return fieldSchema{name: name, kind: choiceField, choices: choices}
}

func made(f fieldSchema) fieldSchema { f.readOnly = true; return f }

// schemas is everything of the org that this package names: what the metadata
// of the package makes, what a check of the org looks for and what names can be
// mapped.
func schemas() []objectSchema {
	return []objectSchema{
		{name: accountObject, fields: []fieldSchema{
			text("Name", 80), text("Industry", 0), typed("Phone", "phone"), typed("Website", "url"), uniqueKey(externalID, 64),
			text("Territory__c", 80),
		}},
		{name: contactObject, writes: true, fields: []fieldSchema{
			lookup("AccountId", accountObject, "Account"), text("FirstName", 40), text("LastName", 80), typed("Email", "email"),
			typed("Phone", "phone"), text("Title", 128), uniqueKey(externalID, 64), uniqueKey(actionID, 64),
		}},
		{name: invoiceObject, writes: true, fields: invoiceSchema()},
		{name: lineObject, writes: true, fields: []fieldSchema{
			uniqueKey("Line_Key__c", 128), lookup("Invoice__c", invoiceObject, "Invoice__r"), typed("Position__c", wholeNumber),
			long("Description__c"), text("Quantity__c", 24), typed("Unit_Price__c", wholeNumber), typed("Discount__c", wholeNumber),
			typed("Net__c", wholeNumber), text("Tax_Rate__c", 12),
		}},
		{name: paymentObject, writes: true, fields: paymentSchema()},
		{name: visitObject, writes: true, fields: []fieldSchema{
			uniqueKey(actionID, 64), uniqueKey(visitID, 64), lookup("Account__c", accountObject, "Account__r"),
			lookup("Contact__c", contactObject, "Contact__r"), lookup("Invoice__c", invoiceObject, "Invoice__r"), long("Note__c"),
			choice("Outcome__c", "met", "not_in", "follow_up", "order", "other"), typed("Visited_At__c", datetimeField),
			text("Actor__c", 255), long("Attachments__c"),
		}},
		{name: ledgerObject, writes: true, fields: []fieldSchema{
			uniqueKey(actionID, 64), text("Type__c", 64), text("Record_Id__c", 64), text("Hash__c", 128),
		}},
		{name: fileObject, writes: true, fields: []fieldSchema{
			text("Title", 255), text("PathOnClient", 500), typed("VersionData", bytesField),
			lookup("ContentDocumentId", "ContentDocument", "ContentDocument"), uniqueKey(fileHash, 64), text("Media_Type__c", 255),
		}},
		{name: linkObject, writes: true, fields: []fieldSchema{
			lookup("ContentDocumentId", "ContentDocument", "ContentDocument"), lookup("LinkedEntityId", "", "LinkedEntity"), choice("ShareType", "V"),
		}},
		{name: "Product2", fields: []fieldSchema{
			text("Name", 80), text("ProductCode", 0), text("Family", 0), typed("IsActive", flagField), uniqueKey(externalID, 64), text("Tax_Rate__c", 12),
		}},
		{name: "Pricebook2", fields: []fieldSchema{text("Name", 80), made(typed("IsStandard", flagField))}},
		{name: "PricebookEntry", fields: []fieldSchema{
			lookup("Product2Id", "Product2", "Product2"), lookup("Pricebook2Id", "Pricebook2", "Pricebook2"), typed("UnitPrice", priceField),
			{name: "CurrencyIsoCode", kind: textField, optional: true}, typed("IsActive", flagField),
		}},
	}
}

func invoiceSchema() []fieldSchema {
	return []fieldSchema{
		uniqueKey(invoiceID, 64), lookup("Account__c", accountObject, "Account__r"), lookup("Contact__c", contactObject, "Contact__r"),
		typed("Amount__c", wholeNumber), text("Currency__c", 3), choice("Status__c", "draft", "pending", "paid", "failed", "void"),
		long("Description__c"), long("Notes__c"), typed("Due_Date__c", dateField), typed("Effective_At__c", datetimeField),
		uniqueKey(actionID, 64), text("Actor__c", 255), text(intentID, 255), text("Stripe_Charge_Id__c", 255), text("Void_Reason__c", 255),
		typed("Version__c", wholeNumber), typed("Base_Version__c", wholeNumber), made(typed("Paid__c", wholeNumber)),
	}
}

func paymentSchema() []fieldSchema {
	return []fieldSchema{
		uniqueKey(actionID, 64), lookup("Invoice__c", invoiceObject, "Invoice__r"), typed("Amount__c", wholeNumber), text("Currency__c", 3),
		choice("Method__c", "cash", "check", "bank_transfer", "card", "other"), text("Reference__c", 255),
		typed("Tendered__c", wholeNumber), typed("Change__c", wholeNumber), long("Note__c"), typed("Received_At__c", datetimeField),
		typed("Allocated__c", flagField), text("Actor__c", 255), uniqueKey(intentID, 255), text("Stripe_Charge_Id__c", 255),
	}
}

// objectNamed returns the schema of an object by the name it has in this
// package.
func objectNamed(all []objectSchema, name string) (objectSchema, bool) {
	i := slices.IndexFunc(all, func(o objectSchema) bool { return o.name == name })
	if i < 0 {
		return objectSchema{}, false
	}
	return all[i], true
}
