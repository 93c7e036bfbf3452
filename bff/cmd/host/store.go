package host

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"github.com/rs/zerolog"

	"fieldpay/bff"
	"fieldpay/bff/postgres"
	"fieldpay/bff/sqlite"
)

// inFile is the store in a file of the data folder.
const inFile = "sqlite"

// openedStore is a store with what its users must know.
type openedStore struct {
	stores bff.Stores
	// name may be logged.
	name string
	// owner is the name in leases, or empty for one of this process alone.
	owner string
}

// openStore opens what the configuration names and brings it up to date.
func (c Config) openStore(ctx context.Context) (openedStore, error) {
	if postgres.IsURL(c.Store) {
		store, err := postgres.Open(ctx, postgres.Options{URL: c.Store})
		if err != nil {
			return openedStore{}, err
		}
		return openedStore{stores: store.Stores(), name: store.Name()}, nil
	}
	path := filepath.Join(c.DataDir, "bff.db")
	store, err := sqlite.Open(ctx, sqlite.Options{Path: path})
	if err != nil {
		return openedStore{}, err
	}
	// The folder is ours alone, so what is leased under this name was begun by
	// this server before it was restarted.
	return openedStore{stores: store.Stores(), name: path, owner: "sqlite"}, nil
}

// needsFolder reports whether anything is kept on this machine.
func (c Config) needsFolder() bool { return c.Store == inFile || c.needsSandbox() }

// lockFolder takes the data folder for this process alone.
func (h *Host) lockFolder() error {
	if !h.config.needsFolder() {
		return nil
	}
	if err := os.MkdirAll(h.config.DataDir, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	lock := flock.New(filepath.Join(h.config.DataDir, "bff.lock"))
	mine, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("locking the data folder: %w", err)
	}
	if !mine {
		return fmt.Errorf("another server uses the data folder %s", h.config.DataDir)
	}
	h.lock = lock
	return nil
}

// makeFolder makes the folder that a store in a file lies in.
func (c Config) makeFolder() error {
	if c.Store != inFile {
		return nil
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	return nil
}

// Migrate brings the store up to date and ends.
func Migrate(ctx context.Context, c Config, log zerolog.Logger) error {
	c, err := c.withDefaults()
	if err != nil {
		return err
	}
	if err := c.checkStore(); err != nil {
		return err
	}
	if err := c.makeFolder(); err != nil {
		return err
	}
	opened, err := c.openStore(ctx)
	if err != nil {
		return err
	}
	log.Info().Str("store", opened.name).Msg("the store is up to date")
	return opened.stores.Close()
}
