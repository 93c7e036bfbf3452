package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/postgres"
	"fieldpay/bff/postgres/pgtest"
	"fieldpay/bff/storetest"
)

// server is started by the first test that wants a database.
var server = pgtest.New()

func TestMain(m *testing.M) { os.Exit(server.Main(m)) }

func open(t testing.TB, url string) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), postgres.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) bff.Stores { return open(t, server.Database(t)).Stores() })
}

func visit(id, lane string) bff.Claim {
	return bff.Claim{
		Action: action.Action{ID: id, Type: action.LogVisitType, Actor: "user-001", Payload: []byte(`{}`)},
		Hash:   "hash of " + id, Lane: lane, At: time.Now(),
	}
}

func TestOpen(t *testing.T) {
	t.Run("servers that start together migrate once", func(t *testing.T) {
		url := server.Database(t)
		var work sync.WaitGroup
		stores := make([]*postgres.Store, 4)
		for i := range stores {
			work.Go(func() {
				store, err := postgres.Open(t.Context(), postgres.Options{URL: url})
				if err != nil {
					t.Errorf("opening: %v", err)
					return
				}
				stores[i] = store
			})
		}
		work.Wait()
		if t.Failed() {
			return
		}
		if _, err := stores[0].Claim(t.Context(), []bff.Claim{visit("one", "lane")}); err != nil {
			t.Fatal(err)
		}
		for _, s := range stores {
			if heads, err := s.Heads(t.Context(), []string{"lane"}); err != nil || heads["lane"].Action.ID != "one" {
				t.Errorf("heads %+v %v", heads, err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("a database of a newer version is left alone", func(t *testing.T) {
		url := server.Database(t)
		if err := open(t, url).Close(); err != nil {
			t.Fatal(err)
		}
		sql(t, url, "INSERT INTO fieldpay_migrations (number, name) VALUES (999, 'of the future')")
		if _, err := postgres.Open(t.Context(), postgres.Options{URL: url}); !errors.Is(err, postgres.ErrNewerSchema) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("no error holds the password", func(t *testing.T) {
		for _, url := range []string{
			"postgres://user:sesame@127.0.0.1:1/name?sslmode=disable", "postgres://user:sesame@host:sesame/name", "postgres://user:se%same@host/name",
			"postgres://user:sesame@host/name?sslmode=sesame", "postgres://user:sesame@host/name?sslrootcert=/nowhere", "mysql://user:sesame@host/name",
			"host=h password=sesame", "postgres://user:ses@me/sesame@host/name?pool_max_conns=none", "",
		} {
			_, err := postgres.Open(t.Context(), postgres.Options{URL: url})
			if err == nil || strings.Contains(err.Error(), "same") && !strings.Contains(err.Error(), "/nowhere") {
				t.Errorf("%s: error %v", url, err)
			}
		}
	})
	t.Run("its name says where it is, not who may use it", func(t *testing.T) {
		store := open(t, server.Database(t))
		defer store.Close()
		if name := store.Name(); name == "" || strings.Contains(name, "@") {
			t.Errorf("name %q", name)
		}
	})
}

func TestStore_Ping(t *testing.T) {
	url := server.Database(t)
	if err := open(t, url).Close(); err != nil {
		t.Fatal(err)
	}
	store := open(t, url+"&default_transaction_read_only=on")
	defer store.Close()
	if err := store.Ping(t.Context()); err == nil {
		t.Error("a database that takes no writes takes work")
	}
	t.Run("a database that a newer build has changed takes no work of an older one", func(t *testing.T) {
		store := open(t, url)
		defer store.Close()
		if err := store.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		sql(t, url, "INSERT INTO fieldpay_migrations (number, name) SELECT max(number) + 1, 'newer' FROM fieldpay_migrations")
		if err := store.Ping(t.Context()); err == nil {
			t.Error("it takes work")
		}
		found, known, err := postgres.Schema(t.Context(), postgres.Options{URL: url})
		if err != nil || found != known+1 {
			t.Errorf("schema %d of %d: %v", found, known, err)
		}
	})
}

// sql runs a statement past the store.
func sql(t *testing.T, url, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func Example() {
	_, err := postgres.Open(context.Background(), postgres.Options{URL: "bff.db"})
	fmt.Println(err)
	// Output: the address of the store must be like postgres://user:password@host:5432/name
}
