// Package postgres keeps everything the server keeps in a PostgreSQL database,
// which any number of servers may share: behind a plain balancer, without sticky
// sessions. What a call has stored when it returns survives a power cut of the
// database.
//
//	store, err := postgres.Open(ctx, postgres.Options{URL: "postgres://…"})
//	defer store.Close()
//	server := … store.Stores() …
//
// Servers meet only in the database. Every change is one statement, or a few
// that travel together and commit together, and is right at PostgreSQL's default
// level, read committed: a change names the state that it expects in its own
// condition, rows are locked in the order of their ids, and what spans rows is
// done under an advisory lock. Leases end by the clocks of the servers, so these
// must agree to within what a lease is longer than a call.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldpay/bff"
)

const (
	defaultConns   = 16
	connectTimeout = 10 * time.Second
)

// Options say which database to open.
type Options struct {
	// URL is the database as postgres://user:password@host:5432/name, with the
	// parameters that libpq knows (sslmode=verify-full above all), those of the
	// pool (pool_max_conns, pool_max_conn_lifetime …) and settings of the
	// server (search_path). What it leaves out is read from PGHOST, PGPASSWORD
	// and the like.
	URL string
	// MaxConns limits the open connections, unless the URL has pool_max_conns.
	// Default 16: twice what the processor works on at a time.
	MaxConns int32
}

// Store is an open store.
type Store struct {
	pool *pgxpool.Pool
	name string
	// schema is the number of the last migration.
	schema int
}

// IsURL reports whether text looks like the address of a PostgreSQL database.
func IsURL(text string) bool {
	return strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://")
}

// Open connects and brings the schema up to date. Any number of servers may open
// one database at the same moment. No error holds the password.
func Open(ctx context.Context, o Options) (*Store, error) {
	config, err := o.config()
	if err != nil {
		return nil, err
	}
	steps, err := migrations()
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	if err := migrate(ctx, pool, steps); err != nil {
		pool.Close()
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	c := config.ConnConfig
	return &Store{pool: pool, schema: len(steps), name: fmt.Sprintf("%s:%d/%s", c.Host, c.Port, c.Database)}, nil
}

// config reads the URL. What the driver says about one that it cannot read is
// dropped, because it repeats the text, and what is a password in broken text is
// anybody's guess.
func (o Options) config() (*pgxpool.Config, error) {
	const want = "the address of the store must be like postgres://user:password@host:5432/name"
	parsed, err := url.Parse(o.URL)
	if !IsURL(o.URL) || err != nil {
		return nil, errors.New(want)
	}
	config, err := pgxpool.ParseConfig(o.URL)
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("reading what the address of the store names: %w", file)
	}
	if err != nil {
		return nil, errors.New(want + ", and one of its parameters is not known or not right")
	}
	if !parsed.Query().Has("pool_max_conns") {
		config.MaxConns = defaultConns
		if o.MaxConns > 0 {
			config.MaxConns = o.MaxConns
		}
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	for name, value := range map[string]string{
		"application_name": "fieldpay-bff",
		// The promises of this package; a database may have other defaults.
		"default_transaction_isolation": "read committed",
		"synchronous_commit":            "on",
		// Every statement is a look-up by key. It is planned once, maybe when
		// the tables are still empty, and must not read all of them later.
		"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off",
		// A server that lost its network must not keep others from its rows.
		"idle_in_transaction_session_timeout": "30s",
	} {
		if _, given := config.ConnConfig.RuntimeParams[name]; !given {
			config.ConnConfig.RuntimeParams[name] = value
		}
	}
	return config, nil
}

// Name says where the store is, without who may use it.
func (s *Store) Name() string { return s.name }

// Close closes all connections.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// Stores returns the store by its ports.
func (s *Store) Stores() bff.Stores {
	return bff.Stores{
		Ledger: s, Desk: s, Telemetry: s, Users: s, Sessions: s, Keys: s, Devices: s, Events: s,
		Enrolments: s, Audit: s, PaymentRequests: s, Retention: s,
		Ping: s.Ping, Close: s.Close,
	}
}

// Ping reports whether the store takes work: a standby that answers does not,
// nor does a database that a newer build has changed since.
func (s *Store) Ping(ctx context.Context) error {
	var readOnly string
	var found int
	err := s.pool.QueryRow(ctx, "SELECT current_setting('transaction_read_only'), coalesce(max(number), 0) FROM fieldpay_migrations").Scan(&readOnly, &found)
	if err != nil {
		return fmt.Errorf("asking the store: %w", err)
	}
	if found != s.schema {
		return fmt.Errorf("the store has schema %d, and this build knows %d", found, s.schema)
	}
	if readOnly != "off" {
		return errors.New("the database takes no writes: it is a standby, or set to read only")
	}
	return nil
}

func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
