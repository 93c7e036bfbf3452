package queue

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/internal/sqldb"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// The texts that device.key_check holds under the seal: of a journal whose bond
// must hold, and of one that a build before bonds made.
const (
	boundCheck = "fieldpay journal, bound"
	keyCheck   = "fieldpay journal"
)

// conns are the anchor, the writer, and those that read.
const (
	readers = 3
	conns   = 2 + readers
)

// Options say which journal to open. Path and Key are required.
type Options struct {
	// Path is the journal's file; its folder must exist.
	Path string
	// Key is the device's data key of 32 bytes. The keys that seal and chain
	// are derived from it.
	Key []byte
	// DeviceID is stored at the first open. Default: a fresh UUID.
	DeviceID string
	// Expect is the id of the device whose journal must be there: instead of
	// making one anew, Open fails with JournalDamaged. Default: a journal is made
	// where there is none.
	Expect string
	// Logger gets what an operator may want to know; never content. Default:
	// nothing is logged.
	Logger zerolog.Logger
	// Now is the time of day as this machine knows it, which a person can set: what
	// happened when, and until when an action waits. Default: time.Now.
	Now func() time.Time
	// VFS names a registered SQLite file system. Default: the operating
	// system's. Tests cut the power with it.
	VFS string
}

// Journal is the device's durable list of actions. Any number of processes may
// open the same file and append to it. Its methods may be called from any
// goroutine.
type Journal struct {
	db *sql.DB
	// anchor has read once and does nothing more. While a connection that knows
	// the log is open, SQLite does not read the log anew. What a commit that
	// failed has left there stays uncommitted, also when the writer begins with
	// a fresh connection.
	anchor *sql.Conn
	// lines are the free ones for reading, lineSlots limits how many there are.
	lines     chan *line
	lineSlots chan struct{}
	keys      *keys
	device    string
	now       func() time.Time
	// distrust is the position of the chain up to which entries may have been
	// written by a clock that was set back since: until when an action waits says
	// nothing there. 0 for none.
	distrust atomic.Int64
	// lookedAt is what the clock showed at the last write, in milliseconds.
	lookedAt atomic.Int64
	log      zerolog.Logger
	writer   *writer
	watcher  *watcher
	changes  *broadcast
	amounts  amounts
	archive  *archive
	// suspect says that rows were put back, unbound that no bond is there yet.
	suspect atomic.Bool
	unbound bool
}

// Open opens the journal, or makes it. A wrong key is KeyMissing, a file that
// is not a journal JournalDamaged; neither changes the file.
//
// A journal that was lost as a whole looks like none: only Expect tells the two
// apart.
func Open(ctx context.Context, o Options) (*Journal, error) {
	if o.Path == "" {
		return nil, &action.Error{Code: action.NotPossible, Op: "opening the journal", Message: "No path is given for the journal"}
	}
	keys, err := deriveKeys(o.Key)
	if err != nil {
		return nil, err
	}
	migrations, err := fs.Sub(schemaFiles, "schema")
	if err != nil {
		return nil, fmt.Errorf("reading the journal's schema: %w", err)
	}
	if err := o.expectFile(); err != nil {
		return nil, err
	}
	db, err := sqldb.Open(ctx, sqldb.Options{Path: o.Path, Migrations: migrations, MaxConns: conns, Private: true, VFS: o.VFS})
	if err != nil {
		return nil, storageError("opening the journal", err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	j := &Journal{
		now: o.Now,
		db:  db, keys: keys, log: o.Logger, changes: &broadcast{},
		lines: make(chan *line, readers), lineSlots: make(chan struct{}, readers),
		archive: &archive{path: archivePath(o.Path), vfs: o.VFS},
	}
	err = j.hold(ctx)
	if err == nil {
		err = j.identify(ctx, o)
	}
	if err != nil {
		return nil, errors.Join(storageError("opening the journal", err), j.closeFile())
	}
	j.start()
	if j.unbound {
		if err := j.bindOld(ctx); err != nil {
			return nil, errors.Join(err, j.Close())
		}
	}
	return j, nil
}

// hold opens the anchor.
func (j *Journal) hold(ctx context.Context) (err error) {
	if j.anchor, err = j.db.Conn(ctx); err != nil {
		return fmt.Errorf("holding the file: %w", err)
	}
	var tables int
	if err := j.anchor.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
		return fmt.Errorf("holding the file: %w", err)
	}
	return nil
}

func (j *Journal) closeFile() error {
	var err error
	for len(j.lines) > 0 {
		j.closeLine(<-j.lines)
	}
	if j.anchor != nil {
		err = j.anchor.Close()
	}
	return errors.Join(err, j.db.Close(), j.archive.close())
}

// start hands the journal to its goroutines; Close waits for them.
func (j *Journal) start() {
	j.writer = newWriter(j)
	j.watcher = &watcher{peek: j.writer.peek, quit: make(chan struct{})}
	j.changes.onFirst, j.changes.onLast = j.watcher.start, j.watcher.finish
}

// Close waits for writes that were begun and closes the file.
func (j *Journal) Close() error {
	close(j.watcher.quit)
	j.watcher.owner.Wait()
	j.writer.stop()
	if err := j.closeFile(); err != nil {
		return storageError("closing the journal", err)
	}
	return nil
}

// DeviceID is the id that the server knows this journal by.
func (j *Journal) DeviceID() string { return j.device }

// Changes signals after each commit to the journal, by this process at once and
// by another within about a second. Signals coalesce. The caller ends it with
// the function returned.
func (j *Journal) Changes() (<-chan struct{}, func()) { return j.changes.subscribe() }

// identify reads who the journal belongs to, or stores it at the first open,
// and checks the key and the newest link before anything relies on them.
func (j *Journal) identify(ctx context.Context, o Options) error {
	stored, err := j.storedDevice(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		if o.Expect != "" {
			return errLost
		}
		wanted := o.DeviceID
		if wanted == "" {
			wanted = uuid.Must(uuid.NewV7()).String()
		}
		check := j.keys.seal(binding{device: wanted}, []byte(boundCheck))
		if _, err := j.db.ExecContext(ctx, `INSERT INTO device (only_row, id, key_check, open_digest, bond) VALUES (1, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			wanted, check, make([]byte, len(digest{})), j.firstBond(wanted)); err != nil {
			return fmt.Errorf("naming the device: %w", err)
		}
		stored, err = j.storedDevice(ctx)
	}
	if err != nil {
		return err
	}
	j.device = stored.id
	plain, err := j.keys.open(binding{device: stored.id}, stored.check)
	if text := string(plain); err != nil || text != keyCheck && text != boundCheck {
		return &action.Error{Code: action.KeyMissing, Op: "opening the journal", Message: "The journal on this device was sealed with another key. Nothing was changed"}
	}
	if o.Expect != "" && o.Expect != stored.id {
		return errLost
	}
	j.unbound = string(plain) == keyCheck
	err = j.read(ctx, "checking the journal", func(s snapshot) error {
		if err := j.checkHead(s); err != nil {
			return err
		}
		j.unbound, err = j.checkBond(s)
		return err
	})
	if err != nil {
		return err
	}
	return j.compareClock(ctx)
}

// errLost says that another journal was here, or more of this one.
var errLost = &action.Error{
	Code: action.JournalDamaged, Op: "opening the journal",
	Message: "The journal of this device is gone: its file is missing, empty, or that of another device",
	Hint:    "Bring the file back from a backup, or call support, and do not delete anything",
}

// expectFile looks at the file before SQLite does, which takes an empty one for
// new and deletes the log beside it: all that may be left.
func (o Options) expectFile() error {
	if o.Expect == "" || o.VFS != "" {
		return nil
	}
	info, err := os.Stat(o.Path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return errLost
	}
	return nil
}

type deviceRow struct {
	id    string
	check []byte
}

func (j *Journal) storedDevice(ctx context.Context) (deviceRow, error) {
	var d deviceRow
	err := j.db.QueryRowContext(ctx, `SELECT id, key_check FROM device`).Scan(&d.id, &d.check)
	return d, err
}

// checkHead recomputes the newest link, which everything to come builds on.
func (j *Journal) checkHead(q reader) error {
	var position int64
	if err := q.row(`SELECT coalesce(max(position), 0) FROM entry`).scan(&position); err != nil {
		return fmt.Errorf("reading the chain's end: %w", err)
	}
	if position == 0 {
		return nil
	}
	newest, err := entryAt(q, position)
	if err != nil {
		return err
	}
	before, err := j.linkBefore(q, position)
	if err != nil {
		return err
	}
	if !bytes.Equal(newest.link(j.keys.newMAC(), before), newest.mac) {
		// Not refused: what is intact must stay readable. Verify names the row.
		j.suspect.Store(true)
		j.log.Error().Int64("position", position).Msg("the newest journal entry was changed outside FieldPay")
	}
	return nil
}

// compareClock finds what is open and was written by a clock that has been set
// back since.
func (j *Journal) compareClock(ctx context.Context) error {
	var ahead int64
	err := j.db.QueryRowContext(ctx, `SELECT coalesce(max(e.position), 0) FROM action a JOIN entry e ON e.position = a.last WHERE a.open AND e.at > ?`,
		j.now().Add(sleptFor).UnixMilli()).Scan(&ahead)
	if err != nil {
		return fmt.Errorf("comparing the clock with the journal: %w", err)
	}
	j.distrust.Store(ahead)
	return nil
}

func hexText(b []byte) string { return hex.EncodeToString(b) }
