package sqldb

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// An ordinary fsync of macOS leaves the data in the drive's cache. SQLite knows
// the pragmas on every system, so that they are read back here.
func TestDSN_flushes(t *testing.T) {
	for goos, full := range map[string]int{"darwin": 1, "linux": 0, "windows": 0} {
		t.Run(goos, func(t *testing.T) {
			db, err := sql.Open("sqlite", dsn(Options{Path: filepath.Join(t.TempDir(), "a.db")}, goos))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			for pragma, want := range map[string]int{"synchronous": 2, "fullfsync": full, "checkpoint_fullfsync": full} {
				var got int
				if err := db.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
					t.Errorf("%s is %d, want %d, %v", pragma, got, want, err)
				}
			}
		})
	}
}
