package crashfs_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"testing"

	_ "modernc.org/sqlite" // the driver under test

	"fieldpay/internal/crashfs"
)

// setting is how a database is told to keep its promises.
type setting struct{ journal, synchronous string }

func (s setting) open(t *testing.T, d *crashfs.Disk) *sql.DB {
	t.Helper()
	q := url.Values{"vfs": {d.Name()}, "_pragma": {
		"journal_mode(" + s.journal + ")", "synchronous(" + s.synchronous + ")",
		"wal_autocheckpoint(20)", "busy_timeout(0)",
	}}
	db, err := sql.Open("sqlite", "file:rows.db?"+q.Encode())
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

func disk(t *testing.T, seed uint64) *crashfs.Disk {
	t.Helper()
	d, err := crashfs.New(seed)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func scrap(t *testing.T, d *crashfs.Disk) {
	t.Helper()
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// fill adds numbered rows until a write fails, and returns the last row that
// was acknowledged.
func fill(ctx context.Context, db *sql.DB, rows int64) (acknowledged int64, err error) {
	if _, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS row (n INTEGER PRIMARY KEY, content BLOB NOT NULL)`); err != nil {
		return 0, err
	}
	if err := db.QueryRowContext(ctx, `SELECT coalesce(max(n), 0) FROM row`).Scan(&acknowledged); err != nil {
		return 0, err
	}
	for range rows {
		if _, err := db.ExecContext(ctx, `INSERT INTO row VALUES (?, zeroblob(900))`, acknowledged+1); err != nil {
			return acknowledged, err
		}
		acknowledged++
	}
	return acknowledged, nil
}

var errCorrupt = errors.New("the database is corrupt")

// count returns the rows there are; a hole or a damaged page is errCorrupt.
func count(ctx context.Context, db *sql.DB) (int64, error) {
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		return 0, fmt.Errorf("%w: %s %w", errCorrupt, verdict, err)
	}
	var tables, rows, last int64
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil || tables == 0 {
		return 0, err
	}
	if err := db.QueryRowContext(ctx, `SELECT count(*), coalesce(max(n), 0) FROM row`).Scan(&rows, &last); err != nil {
		return 0, fmt.Errorf("%w: %w", errCorrupt, err)
	}
	if rows != last {
		return 0, fmt.Errorf("%w: %d rows up to %d", errCorrupt, rows, last)
	}
	return rows, nil
}

// losses counts what power cuts did to a setting.
type losses struct{ cuts, lost, corrupt int }

// cutPower counts over many seeds.
func (s setting) cutPower(t *testing.T, seeds int) losses {
	t.Helper()
	var sum losses
	for seed := range uint64(seeds) {
		s.cutOne(t, seed, &sum)
	}
	t.Logf("%s, %s: %+v", s.journal, s.synchronous, sum)
	return sum
}

// cutOne fills a disk, cuts the power at a random operation, and compares what
// is left with what was acknowledged; several times.
func (s setting) cutOne(t *testing.T, seed uint64, sum *losses) {
	t.Helper()
	d, random := disk(t, seed), rand.New(rand.NewPCG(seed, 1))
	defer scrap(t, d)
	for range 3 {
		d.Plan(crashfs.Fault{Kind: crashfs.PowerCut, At: 1 + random.IntN(400)})
		db := s.open(t, d)
		acknowledged, _ := fill(t.Context(), db, 60) // ends with the power
		d.Cut()
		_ = db.Close() // says that the power is off
		if err := d.Restore(); err != nil {
			t.Fatal(err)
		}
		sum.cuts++
		db = s.open(t, d)
		left, err := count(t.Context(), db)
		closeErr := db.Close()
		switch {
		case errors.Is(err, errCorrupt):
			sum.corrupt++
			return
		case err != nil || closeErr != nil:
			t.Fatal(err, closeErr)
		case left < acknowledged:
			sum.lost++
		}
	}
}

func TestDisk_PowerCut(t *testing.T) {
	for _, s := range []setting{{"wal", "full"}, {"delete", "extra"}} {
		t.Run(s.journal+" and "+s.synchronous+" lose nothing", func(t *testing.T) {
			if sum := s.cutPower(t, 40*scale); sum.lost > 0 || sum.corrupt > 0 {
				t.Errorf("%+v", sum)
			}
		})
	}
	// What is known to be weak must look weak, or the disk is too kind.
	for _, s := range []setting{{"wal", "normal"}, {"delete", "full"}} {
		t.Run(s.journal+" and "+s.synchronous+" lose the last rows and stay sound", func(t *testing.T) {
			if sum := s.cutPower(t, 20*scale); sum.lost == 0 || sum.corrupt > 0 {
				t.Errorf("%+v", sum)
			}
		})
	}
	t.Run("wal and off corrupt the database", func(t *testing.T) {
		if sum := (setting{"wal", "off"}).cutPower(t, 10*scale); sum.corrupt == 0 {
			t.Errorf("%+v", sum)
		}
	})
}

func TestDisk_Fault(t *testing.T) {
	for name, f := range map[string]crashfs.Fault{
		"an I/O error":             {Kind: crashfs.IOError},
		"I/O errors without end":   {Kind: crashfs.IOError, Lasting: true},
		"a read error":             {Kind: crashfs.IOError, On: crashfs.Read},
		"a failed sync":            {Kind: crashfs.IOError, On: crashfs.Sync},
		"a disk that is full":      {Kind: crashfs.DiskFull, Lasting: true},
		"a disk that is full once": {Kind: crashfs.DiskFull},
	} {
		t.Run(name+" loses nothing that was acknowledged, also when the power fails next", func(t *testing.T) {
			hits := 0
			for seed := range uint64(10 * scale) {
				hits += survives(t, seed, f)
			}
			t.Logf("%d hits", hits)
			if hits == 0 {
				t.Error("the fault never struck")
			}
		})
	}
}

// survives lets a fault strike, heals it, goes on, and then cuts the power.
func survives(t *testing.T, seed uint64, f crashfs.Fault) (hits int) {
	t.Helper()
	d, random := disk(t, seed), rand.New(rand.NewPCG(seed, 2))
	defer scrap(t, d)
	s := setting{"wal", "full"}
	db := s.open(t, d)
	before, err := fill(t.Context(), db, 5)
	if err != nil {
		t.Fatal(err)
	}
	f.At = 1 + random.IntN(100)
	if f.On != 0 {
		f.At = 1 + random.IntN(20) // there are fewer of one kind
	}
	d.Plan(f)
	acknowledged, err := fill(t.Context(), db, 30)
	hits = d.Hits()
	if err != nil && hits == 0 {
		t.Errorf("seed %d: failed without a fault: %v", seed, err)
	}
	d.Heal()
	if random.IntN(2) == 0 {
		if acknowledged, err = fill(t.Context(), db, 5); err != nil {
			t.Errorf("seed %d: it does not go on after the fault: %v", seed, err)
		}
	}
	d.Cut()
	_ = db.Close() // says that the power is off
	if err := d.Restore(); err != nil {
		t.Fatal(err)
	}
	db = s.open(t, d)
	left, err := count(t.Context(), db)
	if err != nil || left < max(acknowledged, before) {
		t.Errorf("seed %d: %d rows of %d, %v", seed, left, max(acknowledged, before), err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	return hits
}

func TestDisk_Seed(t *testing.T) {
	t.Run("decides alone what is lost", func(t *testing.T) {
		run := func() map[string][]byte {
			d := disk(t, 7)
			defer scrap(t, d)
			d.Plan(crashfs.Fault{Kind: crashfs.PowerCut, At: 150})
			// The WAL has random salts; a rollback journal is left behind instead.
			db := setting{"delete", "off"}.open(t, d)
			_, err := fill(t.Context(), db, 60)
			if err == nil {
				t.Error("the power never went")
			}
			_ = db.Close() // says that the power is off
			if err := d.Restore(); err != nil {
				t.Fatal(err)
			}
			files := d.Files()
			delete(files, "rows.db-journal") // has a random number
			return files
		}
		if !maps.EqualFunc(run(), run(), func(a, b []byte) bool { return string(a) == string(b) }) {
			t.Error("two runs left different files")
		}
	})
}

func TestDisk_Close(t *testing.T) {
	t.Run("is refused while a database is open, as is power", func(t *testing.T) {
		d := disk(t, 1)
		defer scrap(t, d)
		db := setting{"wal", "full"}.open(t, d)
		if _, err := fill(t.Context(), db, 1); err != nil {
			t.Fatal(err)
		}
		if d.Close() == nil || d.Restore() == nil {
			t.Error("files of an open database were taken away")
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A database that was made elsewhere can be put on a disk.
func ExampleDisk_Put() {
	d, err := crashfs.New(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	d.Put("notes.txt", []byte("kept"))
	d.Cut()
	if err := d.Restore(); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%s\n", d.Files()["notes.txt"])
	if err := d.Close(); err != nil {
		fmt.Println(err)
	}
	// Output: kept
}
