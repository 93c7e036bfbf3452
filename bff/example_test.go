package bff_test

import (
	"context"
	"encoding/json"
	"fmt"

	"fieldpay/bff"
	"fieldpay/bff/bfftest"
	"fieldpay/bff/memory"
)

// A processor takes a batch and answers one outcome per action, the same one
// however often it is asked.
func ExampleProcessor_Submit() {
	store := memory.New()
	processor, err := bff.NewProcessor(bff.ProcessorOptions{
		Ledger: store, CRM: bfftest.NewCRM(), Payments: bfftest.NewPayments(), Requests: store,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- processor.Run(ctx) }()

	batch := bff.Batch{Actor: "user-001", Items: []json.RawMessage{json.RawMessage(`{
		"id": "0197f3a0-0000-7000-8000-000000000001", "type": "create_invoice",
		"payload": {"accountId": "acc-001", "amount": 125000, "currency": "usd"}}`)}}
	for range 2 {
		outcomes, err := processor.Submit(ctx, batch)
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(outcomes[0].Status, outcomes[0].ServerID, outcomes[0].Replayed)
	}
	cancel()
	fmt.Println(<-done)
	// Output:
	// applied a03 false
	// applied a03 true
	// <nil>
}

func ExampleInvoice_WireStatus() {
	fmt.Println(bff.Invoice{Amount: 1000, Status: "draft"}.WireStatus())
	fmt.Println(bff.Invoice{Amount: 1000, Paid: 400, Status: "draft"}.WireStatus())
	fmt.Println(bff.Invoice{Amount: 1000, Paid: 1000, Status: "draft"}.WireStatus())
	// Output:
	// draft
	// pending
	// paid
}
