package salesforce_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/salesforce"
	sandboxorg "fieldpay/sandbox/salesforce"
)

// A visit is noted once, however often it is sent.
func Example() {
	org, err := sandboxorg.New(sandboxorg.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	web := httptest.NewServer(org)
	defer web.Close()
	client, err := salesforce.New(salesforce.Options{BaseURL: web.URL, ClientID: "fieldpay-sandbox", ClientSecret: "sandbox-secret"})
	if err != nil {
		fmt.Println(err)
		return
	}
	visit := &action.LogVisit{AccountID: "acc-001", Note: "Left a card", Outcome: action.NotIn}
	e := bff.Effect{
		Action:  action.Action{ID: "0198c0de-0000-7000-8000-000000000001", Type: visit.Type(), Version: 1},
		Payload: visit, At: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC),
	}
	first, err := client.Apply(context.Background(), e)
	again, errAgain := client.Apply(context.Background(), e)
	fmt.Println(first == again, err, errAgain)
	// Output: true <nil> <nil>
}
