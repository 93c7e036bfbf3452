package salesforce_test

import (
	"slices"
	"strings"
	"testing"

	sandboxorg "fieldpay/sandbox/salesforce"
)

func TestClient_Missing(t *testing.T) {
	t.Run("nothing in an org with the package", func(t *testing.T) {
		missing, err := newOrg(t).Client.Missing(t.Context())
		if err != nil || len(missing) != 0 {
			t.Errorf("%v\n%s", err, strings.Join(missing, "\n"))
		}
	})
	for what, want := range map[string]string{
		"Visit__c":                 "the object Visit__c is not there",
		"Invoice__c.Version__c":    "the field Invoice__c.Version__c is not there",
		"Contact.Action_Id__c":     "the field Contact.Action_Id__c is not there",
		"ContentVersion.Sha256__c": "the field ContentVersion.Sha256__c is not there",
	} {
		t.Run("says in plain words that "+what+" is missing", func(t *testing.T) {
			o := newOrgWith(t, sandboxorg.Options{Without: []string{what}})
			missing, err := o.Client.Missing(t.Context())
			if err != nil || len(missing) != 1 || !strings.HasPrefix(missing[0], want) {
				t.Errorf("%v\n%s", err, strings.Join(missing, "\n"))
			}
		})
	}
	t.Run("an org without currencies of its own is fine", func(t *testing.T) {
		o := newOrgWith(t, sandboxorg.Options{Without: []string{"PricebookEntry.CurrencyIsoCode"}})
		missing, err := o.Client.Missing(t.Context())
		if err != nil || slices.ContainsFunc(missing, func(s string) bool { return strings.Contains(s, "Currency") }) {
			t.Errorf("%v %v", missing, err)
		}
	})
}
