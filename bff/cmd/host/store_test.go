package host_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/bff/cmd/host"
)

func TestHost_PostgreSQL(t *testing.T) {
	c := host.Config{Store: database.Database(t), DataDir: t.TempDir()}
	t.Run("migrate says where the store is, not who may use it", func(t *testing.T) {
		secret := c
		secret.Store = strings.Replace(c.Store, "postgres@", "postgres:sesame@", 1)
		var log bytes.Buffer
		if err := host.Migrate(t.Context(), secret, zerolog.New(&log)); err != nil {
			t.Fatal(err)
		}
		if said := log.String(); !strings.Contains(said, "up to date") || strings.Contains(said, "sesame") {
			t.Errorf("it said %s", said)
		}
	})
	yen, dollars, cash := action.NewID(), action.NewID(), action.NewID()
	var before, after synced
	t.Run("the main job is done", func(t *testing.T) {
		h := start(t, c)
		defer closeHost(t, h)
		signedIn(t, h.URL()).call("POST", "/sync/actions", mainJob(yen, dollars, cash), http.StatusOK, &before)
		if len(before.Succeeded) != 3 {
			t.Errorf("answer %+v", before)
		}
	})
	t.Run("a server that comes later knows what was done", func(t *testing.T) {
		h := start(t, c)
		defer closeHost(t, h)
		signedIn(t, h.URL()).call("POST", "/sync/actions", mainJob(yen, dollars, cash), http.StatusOK, &after)
		for i, o := range after.Results {
			if !o.Replayed || o.ServerID == "" || o.ServerID != before.Results[i].ServerID {
				t.Errorf("before %+v, after %+v", before.Results[i], o)
			}
		}
	})
	t.Run("a database that is not there is told without its password", func(t *testing.T) {
		bad := host.Config{Store: "postgres://pat:sesame@127.0.0.1:1/none?sslmode=disable", DataDir: t.TempDir()}
		var log bytes.Buffer
		_, err := host.Start(t.Context(), bad, zerolog.New(&log))
		if said := fmt.Sprint(err) + log.String(); err == nil || strings.Contains(said, "sesame") {
			t.Errorf("it said %s", said)
		}
	})
}
