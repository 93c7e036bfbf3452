package memory_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/memory"
	"fieldpay/bff/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) bff.Stores { return memory.New().Stores() })
}

func Example() {
	ledger := memory.New().Stores().Ledger
	claim := bff.Claim{Action: action.Action{ID: "0197f3a0-0000-7000-8000-000000000001"}, Hash: "h", Lane: "visit:1", At: time.Now()}
	first, err := ledger.Claim(context.Background(), []bff.Claim{claim})
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := ledger.Claim(context.Background(), []bff.Claim{claim})
	fmt.Println(first[0].Fresh, second[0].Fresh, err)
	// Output: true false <nil>
}
