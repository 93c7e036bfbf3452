package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"runtime"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// busyTimeout is how long a statement waits for the lock of another process.
const busyTimeout = 5 * time.Second

// logLimit is what is left of a log that one large transaction made longer. The
// usual log has 4 MB and is overwritten, which is quicker than to cut it off.
const logLimit = 16 << 20

// Options say which database to open.
type Options struct {
	// Path is the database file; it and its -wal and -shm companions are
	// created where they do not exist. Its folder must exist.
	Path string
	// Migrations holds the schema as files named NNNN_name.sql, numbered from
	// 0001 without a gap. Nil leaves the schema alone.
	Migrations fs.FS
	// MaxConns limits the open connections. Default 4.
	MaxConns int
	// Private keeps the files from everybody but their owner. Default: the
	// process's umask decides.
	Private bool
	// VFS names a registered SQLite file system. Default: the operating
	// system's. Tests cut the power with it.
	VFS string
}

// Open opens the database and brings its schema up to date. Any number of
// processes may open one file at the same moment.
func Open(ctx context.Context, o Options) (*sql.DB, error) {
	if o.Path == "" {
		return nil, fmt.Errorf("opening a database: no path given")
	}
	db, err := sql.Open("sqlite", dsn(o, runtime.GOOS))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", o.Path, err)
	}
	conns := o.MaxConns
	if conns == 0 {
		conns = 4
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	if err := prepare(ctx, db, o.Migrations); err != nil {
		return nil, closeAfter(db, err)
	}
	if o.Private && o.VFS == "" {
		makePrivate(o.Path)
	}
	return db, nil
}

// makePrivate goes by path: opening and closing a file here would drop the locks
// that SQLite holds on it in this process. Companions that come later get the
// mode of the database.
func makePrivate(path string) {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		// A file system without modes must not keep anybody from the data.
		_ = os.Chmod(path+suffix, 0o600)
	}
}

func prepare(ctx context.Context, db *sql.DB, migrations fs.FS) error {
	if err := untilFree(ctx, func() error { return db.PingContext(ctx) }); err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	if migrations == nil {
		return nil
	}
	steps, err := load(migrations)
	if err != nil {
		return err
	}
	return migrate(ctx, db, steps)
}

// untilFree repeats do while the file is locked. The switch to WAL needs the
// file for itself and does not honour the busy timeout, so two processes that
// create a database together would otherwise get in each other's way.
func untilFree(ctx context.Context, do func() error) error {
	const pause = 20 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		err := do()
		if err == nil || FailureOf(err) != Busy || waited >= busyTimeout {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func dsn(o Options, goos string) string {
	q := url.Values{}
	q.Set("_txlock", "immediate")
	for _, pragma := range pragmas(goos) {
		q.Add("_pragma", pragma)
	}
	if o.VFS != "" {
		q.Set("vfs", o.VFS)
	}
	// The opaque form keeps every character of the path apart from the query.
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: o.Path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

func pragmas(goos string) []string {
	list := []string{
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		"foreign_keys(1)",
		"journal_mode(WAL)",
		"synchronous(FULL)",
		fmt.Sprintf("journal_size_limit(%d)", logLimit),
	}
	if goos == "darwin" {
		// An ordinary fsync of macOS leaves the data in the drive's cache.
		list = append(list, "fullfsync(1)", "checkpoint_fullfsync(1)")
	}
	return list
}

func closeAfter(db *sql.DB, err error) error {
	if closeErr := db.Close(); closeErr != nil {
		return fmt.Errorf("%w (and closing: %w)", err, closeErr)
	}
	return err
}
