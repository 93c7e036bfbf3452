package salesforce

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net/url"
	"strconv"
	"time"
)

// The objects, in the org's spelling.
const (
	accountObject = "Account"
	contactObject = "Contact"
	invoiceObject = "Invoice__c"
	lineObject    = "Invoice_Line__c"
	paymentObject = "Payment__c"
	visitObject   = "Visit__c"
	ledgerObject  = "Sync_Action__c"
	fileObject    = "ContentVersion"
	linkObject    = "ContentDocumentLink"
)

// The External IDs: what a record is found by.
const (
	externalID = "External_Id__c"              // of an account or a contact
	invoiceID  = "Client_Invoice_Id__c"        // of an invoice: its id on the wire
	visitID    = "Client_Visit_Id__c"          // of a visit: its id on the wire
	fileHash   = "Sha256__c"                   // of a file: its content
	actionID   = "Action_Id__c"                // of everything an action makes
	intentID   = "Stripe_Payment_Intent_Id__c" // of a card payment
)

// record is the fields of a record that is saved. Its JSON has the names in
// order, so that equal records are equal bytes.
type record map[string]any

// text sets a field unless there is nothing to say: a missing field keeps the
// org's default.
func (r record) text(name, value string) {
	if value != "" {
		r[name] = value
	}
}

func (r record) time(name string, t time.Time) {
	if !t.IsZero() {
		r[name] = t.UTC().Format("2006-01-02T15:04:05.000Z")
	}
}

// parent points a lookup at a record named by its id on the wire, so that no
// call is needed to find it first. An empty id sets nothing.
func (r record) parent(lookup, relation, key, id string) {
	switch {
	case id == "":
	case isServerID(id):
		r[lookup] = id
	default:
		r[relation] = map[string]string{key: id}
	}
}

// object is the path of one record by its id on the wire.
func object(name, key, id string) string {
	if isServerID(id) {
		return "/sobjects/" + name + "/" + url.PathEscape(id)
	}
	return "/sobjects/" + name + "/" + key + "/" + url.PathEscape(id)
}

// isServerID reports whether id is one of Salesforce's own, which is how
// records that the office made without an External ID are named on the wire.
// The last three characters are a checksum over the case of the others, so an
// id of ours is not taken for one.
func isServerID(id string) bool {
	if len(id) != 18 {
		return false
	}
	for block := range 3 {
		var bits int
		for i := range 5 {
			switch c := id[block*5+i]; {
			case c >= 'A' && c <= 'Z':
				bits |= 1 << i
			case (c < 'a' || c > 'z') && (c < '0' || c > '9'):
				return false
			}
		}
		if "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits] != id[15+block] {
			return false
		}
	}
	return true
}

// number is a Number(18,0). Salesforce writes every number as a double: 250000
// comes as 250000.0 and ten million as 1.0E7.
type number int64

// UnmarshalJSON implements json.Unmarshaler. Null is 0.
func (n *number) UnmarshalJSON(raw []byte) error {
	if bytes.Equal(raw, []byte("null")) {
		*n = 0
		return nil
	}
	approx, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || approx >= 1<<63 || approx < -1<<63 {
		return errors.New("not a whole number")
	}
	if approx == 0 {
		*n = 0
		return nil
	}
	// A tiny number has an exponent that would make the exact fraction huge.
	if math.Abs(approx) < 1 {
		return errors.New("not a whole number")
	}
	exact, ok := new(big.Rat).SetString(string(raw))
	if !ok || !exact.IsInt() || !exact.Num().IsInt64() {
		return errors.New("not a whole number")
	}
	*n = number(exact.Num().Int64())
	return nil
}

// moment is a date and time as Salesforce writes it. Null is the zero time.
type moment time.Time

// UnmarshalJSON implements json.Unmarshaler.
func (m *moment) UnmarshalJSON(raw []byte) error {
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	if text == nil {
		*m = moment{}
		return nil
	}
	for _, form := range []string{"2006-01-02T15:04:05.000-0700", time.RFC3339Nano} {
		if t, err := time.Parse(form, *text); err == nil {
			*m = moment(t.UTC())
			return nil
		}
	}
	return errors.New("not a time")
}

// wireName is what a form calls a field of Salesforce.
func wireName(field string) (string, bool) {
	for _, f := range [...][2]string{
		{"Account__c", "accountId"}, {"Contact__c", "contactId"}, {"Invoice__c", "invoiceId"},
		{"Amount__c", "amount"}, {"Currency__c", "currency"}, {"Status__c", "status"},
		{"Description__c", "description"}, {"Notes__c", "notes"}, {"Due_Date__c", "dueDate"},
		{"Quantity__c", "lines"}, {"Unit_Price__c", "lines"}, {"Discount__c", "lines"}, {"Tax_Rate__c", "lines"},
		{"Method__c", "method"}, {"Reference__c", "reference"}, {"Tendered__c", "tendered"}, {"Change__c", "change"},
		{"Note__c", "note"}, {"Received_At__c", "receivedAt"}, {"Outcome__c", "outcome"}, {"Visited_At__c", "visitedAt"},
		{"Base_Version__c", "baseVersion"}, {"Void_Reason__c", "reason"},
		{"AccountId", "accountId"}, {"FirstName", "firstName"}, {"LastName", "lastName"}, {"Email", "email"},
		{"Phone", "phone"}, {"Title", "title"}, {intentID, "stripePaymentIntentId"},
	} {
		if f[0] == field {
			return f[1], true
		}
	}
	return "", false
}
