package queue_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"fieldpay/action"
	"fieldpay/queue"
	"fieldpay/queue/queuetest"
)

func Example() {
	folder, err := os.MkdirTemp("", "queue")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	ctx := context.Background()
	j, err := queue.Open(ctx, queue.Options{Path: filepath.Join(folder, "journal.db"), Key: make([]byte, 32)})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()
	item, err := j.Append(ctx, queue.Draft{Actor: "rep-1", Payload: &action.RecordPayment{
		InvoiceID: "inv-002", Amount: 5000, Currency: "usd", Method: action.Cash,
	}})
	fmt.Println(item.Sequence, item.State, item.Lane, err)

	server := queuetest.NewServer()
	r, err := queue.NewReplay(queue.ReplayOptions{
		Journal: j, Sender: server, Prober: server, LockPath: filepath.Join(folder, "drain.lock"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	sum, err := r.Once(ctx)
	fmt.Println(sum.Sent, sum.Applied, err)
	// Output:
	// 1 pending invoice:inv-002 <nil>
	// 1 1 <nil>
}
