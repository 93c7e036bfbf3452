package salesforce_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fieldpay/sandbox/salesforce"
)

func FuzzServer_Body(f *testing.F) {
	f.Add("/sobjects/Invoice__c", `{"Account__r":{"External_Id__c":"acc-001"},"Amount__c":"1e3","Currency__c":"usd","Due_Date__c":"2024-01-02"}`)
	f.Add("/composite", `{"allOrNone":true,"compositeRequest":[{"method":"GET","url":"/services/data/v63.0/limits","referenceId":"a"},{"method":"PATCH","url":"/services/data/v63.0/sobjects/Account/External_Id__c/@{a.b}","referenceId":"b","body":{"Name":"@{a[0]}"}}]}`)
	f.Add("/composite/graph", `{"graphs":[{"graphId":"1","compositeRequest":[]}]}`)
	f.Add("/composite/sobjects", `{"records":[{"attributes":{"type":"Account"},"Name":null}]}`)
	s, err := salesforce.New(salesforce.Options{DailyCalls: 1 << 40})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	o := &org{handler: s, server: s}
	f.Fuzz(func(t *testing.T, path, body string) {
		o.t = t
		if o.token == "" {
			o.signIn()
		}
		r, err := http.NewRequest(http.MethodPost, "http://org"+root+path, strings.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Authorization", "Bearer "+o.token)
		w := httptest.NewRecorder()
		o.handler.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("answered %d %s", w.Code, w.Body)
		}
	})
}
