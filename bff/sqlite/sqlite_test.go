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
	"fieldpay/internal/sqldb"
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

func TestStore_Ping(t *testing.T) {
	o := sqlite.Options{Path: filepath.Join(t.TempDir(), "bff.db")}
	if found, known, err := sqlite.Schema(t.Context(), o); err != nil || found != 0 || known == 0 {
		t.Errorf("before there is a file: schema %d of %d: %v", found, known, err)
	}
	store := open(t, o.Path)
	defer store.Close()
	if err := store.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	newer, err := sqldb.Open(t.Context(), sqldb.Options{Path: o.Path})
	if err != nil {
		t.Fatal(err)
	}
	defer newer.Close()
	if _, err := newer.ExecContext(t.Context(), "PRAGMA user_version = 1000"); err != nil {
		t.Fatal(err)
	}
	if err := store.Ping(t.Context()); err == nil {
		t.Error("a file that a newer build has changed takes work of an older one")
	}
	if found, known, err := sqlite.Schema(t.Context(), o); err != nil || found != 1000 || known >= found {
		t.Errorf("schema %d of %d: %v", found, known, err)
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
