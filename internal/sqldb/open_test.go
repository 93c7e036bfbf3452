package sqldb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"fieldpay/internal/crashfs"
	"fieldpay/internal/sqldb"
)

func schema(steps ...string) fstest.MapFS {
	files := fstest.MapFS{}
	for i, text := range steps {
		files[fmt.Sprintf("%04d_step.sql", i+1)] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func open(t *testing.T, o sqldb.Options) *sql.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func text(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	var s string
	if err := db.QueryRowContext(t.Context(), query).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOpen(t *testing.T) {
	t.Run("sets what durability needs, on a path with odd characters", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a b?c#d%20.db")
		db := open(t, sqldb.Options{Path: path})
		for pragma, want := range map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000",
			"journal_size_limit": "16777216",
		} {
			if got := text(t, db, "PRAGMA "+pragma); got != want {
				t.Errorf("%s is %s, want %s", pragma, got, want)
			}
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("the file is not where it was asked for: %v", err)
		}
	})
	t.Run("keeps a private database and its log from everybody else", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "x.db")
		db := open(t, sqldb.Options{Path: path, Private: true, Migrations: schema("CREATE TABLE t (a TEXT);")})
		if _, err := db.ExecContext(t.Context(), "INSERT INTO t VALUES ('x')"); err != nil {
			t.Fatal(err)
		}
		for _, suffix := range []string{"", "-wal", "-shm"} {
			info, err := os.Stat(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode != 0o600 {
				t.Errorf("x.db%s has mode %o", suffix, mode)
			}
		}
	})
	t.Run("applies new migrations to an old file and keeps its rows", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "x.db")
		first := "CREATE TABLE t (a TEXT) STRICT; INSERT INTO t VALUES ('kept');"
		if err := open(t, sqldb.Options{Path: path, Migrations: schema(first)}).Close(); err != nil {
			t.Fatal(err)
		}
		db := open(t, sqldb.Options{Path: path, Migrations: schema(first, "ALTER TABLE t ADD COLUMN b TEXT;")})
		if got := text(t, db, "SELECT a || coalesce(b, '!') FROM t"); got != "kept!" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("leaves nothing of a migration that fails", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "x.db")
		_, err := sqldb.Open(t.Context(), sqldb.Options{Path: path, Migrations: schema("CREATE TABLE t (a) ; CREATE TABL u;")})
		if err == nil {
			t.Fatal("a broken migration was applied")
		}
		db := open(t, sqldb.Options{Path: path, Migrations: schema("CREATE TABLE t (a TEXT);")})
		if got := text(t, db, "PRAGMA user_version"); got != "1" {
			t.Errorf("schema version %s", got)
		}
	})
	t.Run("refuses a file of a newer build", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "x.db")
		two := schema("CREATE TABLE t (a TEXT);", "CREATE TABLE u (a TEXT);")
		if err := open(t, sqldb.Options{Path: path, Migrations: two}).Close(); err != nil {
			t.Fatal(err)
		}
		_, err := sqldb.Open(t.Context(), sqldb.Options{Path: path, Migrations: schema("CREATE TABLE t (a TEXT);")})
		if !errors.Is(err, sqldb.ErrNewerSchema) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("refuses migrations with a gap", func(t *testing.T) {
		files := schema("CREATE TABLE t (a TEXT);")
		files["0003_late.sql"] = &fstest.MapFile{Data: []byte("SELECT 1;")}
		_, err := sqldb.Open(t.Context(), sqldb.Options{Path: filepath.Join(t.TempDir(), "x.db"), Migrations: files})
		if err == nil || !strings.Contains(err.Error(), "0003_late.sql") {
			t.Errorf("got %v", err)
		}
	})
}

func TestOpen_together(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	files := schema("CREATE TABLE t (a TEXT);", "INSERT INTO t VALUES ('once');")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			db, err := sqldb.Open(context.Background(), sqldb.Options{Path: path, Migrations: files})
			if err != nil {
				t.Error(err)
				return
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	db := open(t, sqldb.Options{Path: path})
	if got := text(t, db, "SELECT count(*) FROM t"); got != "1" {
		t.Errorf("the migration ran %s times", got)
	}
}

func TestOpen_readOnlyTransactions(t *testing.T) {
	t.Run("a snapshot does not stop a writer", func(t *testing.T) {
		db := open(t, sqldb.Options{Path: filepath.Join(t.TempDir(), "x.db"), Migrations: schema("CREATE TABLE t (a TEXT);")})
		snapshot, err := db.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := snapshot.Rollback(); err != nil {
				t.Error(err)
			}
		}()
		var n int
		if err := snapshot.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), "INSERT INTO t VALUES ('x')"); err != nil {
			t.Fatal(err)
		}
		if err := snapshot.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil || n != 0 {
			t.Errorf("the snapshot saw %d rows, %v", n, err)
		}
	})
}

func TestFailureOf(t *testing.T) {
	t.Run("a full database is Full, and works again when there is space", func(t *testing.T) {
		db := open(t, sqldb.Options{Path: filepath.Join(t.TempDir(), "x.db"), MaxConns: 1, Migrations: schema("CREATE TABLE t (a BLOB);")})
		fill := func() error {
			_, err := db.ExecContext(t.Context(), "INSERT INTO t VALUES (zeroblob(100000))")
			return err
		}
		text(t, db, "PRAGMA max_page_count = 10")
		if got := sqldb.FailureOf(fill()); got != sqldb.Full {
			t.Fatalf("got %v", got)
		}
		text(t, db, "PRAGMA max_page_count = 100000")
		if err := fill(); err != nil {
			t.Error(err)
		}
	})
	t.Run("a write that the system refuses for its size is Full as well", func(t *testing.T) {
		d, err := crashfs.New(1)
		if err != nil {
			t.Fatal(err)
		}
		db, err := sqldb.Open(t.Context(), sqldb.Options{Path: "x.db", VFS: d.Name(), MaxConns: 1, Migrations: schema("CREATE TABLE t (a);")})
		if err != nil {
			t.Fatal(err)
		}
		d.Plan(crashfs.Fault{Kind: crashfs.IOError, At: 1, On: crashfs.Write})
		_, err = db.ExecContext(t.Context(), "INSERT INTO t VALUES (1)")
		if got := sqldb.FailureOf(err); got != sqldb.Full {
			t.Errorf("got %v of %v", got, err)
		}
		if err := errors.Join(db.Close(), d.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Run("a foreign file is Damaged", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "x.db")
		if err := os.WriteFile(path, []byte(strings.Repeat("not a database", 500)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := sqldb.Open(t.Context(), sqldb.Options{Path: path, Migrations: schema("CREATE TABLE t (a);")})
		if got := sqldb.FailureOf(err); got != sqldb.Damaged {
			t.Errorf("got %v of %v", got, err)
		}
	})
	t.Run("a missing folder is Broken, a foreign error is no failure of the database", func(t *testing.T) {
		_, err := sqldb.Open(t.Context(), sqldb.Options{Path: filepath.Join(t.TempDir(), "no", "x.db")})
		if got := sqldb.FailureOf(err); got != sqldb.Broken {
			t.Errorf("got %v of %v", got, err)
		}
		if got := sqldb.FailureOf(errors.New("other")); got != sqldb.NoFailure {
			t.Errorf("got %v", got)
		}
	})
}

func ExampleOpen() {
	folder, err := os.MkdirTemp("", "sqldb")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	migrations := fstest.MapFS{"0001_note.sql": {Data: []byte("CREATE TABLE note (text TEXT NOT NULL) STRICT;")}}
	db, err := sqldb.Open(context.Background(), sqldb.Options{Path: filepath.Join(folder, "x.db"), Migrations: migrations})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	var mode string
	fmt.Println(db.QueryRow("PRAGMA journal_mode").Scan(&mode), mode)
	// Output: <nil> wal
}
