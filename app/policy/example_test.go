package policy_test

import (
	"fmt"
	"os"
	"path/filepath"

	"fieldpay/app/policy"
)

func ExampleReadFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "policy.json")
	if err := os.WriteFile(path, []byte(`{"bff": "https://pay.example.com"}`), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	found, err := policy.ReadFile(path)
	fmt.Println(found.BFF, err)
	// Output: https://pay.example.com <nil>
}
