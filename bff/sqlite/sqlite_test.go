package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/sqlite"
	"fieldpay/bff/storetest"
)

func open(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) bff.Stores {
		return open(t, filepath.Join(t.TempDir(), "bff.db")).Stores()
	})
}

func TestStore_Reopened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bff.db")
	first := open(t, path)
	_, err := first.Claim(t.Context(), []bff.Claim{{Action: action.Action{ID: "one", Payload: []byte(`{}`)}, Hash: "h", Lane: "l", At: time.Now()}})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, path)
	defer func() {
		if err := second.Close(); err != nil {
			t.Error(err)
		}
	}()
	heads, err := second.Heads(t.Context(), []string{"l"})
	if err != nil || heads["l"].Hash != "h" {
		t.Errorf("after opening again: %+v %v", heads, err)
	}
}

func Example() {
	folder, err := os.MkdirTemp("", "bff")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	store, err := sqlite.Open(context.Background(), sqlite.Options{Path: filepath.Join(folder, "bff.db")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	lanes, err := store.Stores().Ledger.Due(context.Background(), "this server", time.Now(), 10)
	fmt.Println(len(lanes), err)
	// Output: 0 <nil>
}
