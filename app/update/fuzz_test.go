package update_test

import (
	"os"
	"path/filepath"
	"testing"

	"fieldpay/app/update"
)

func FuzzUpdater_Status(f *testing.F) {
	f.Add([]byte(`{"highest":"1.3.0","manifest":"{}","signature":"AA=="}`))
	f.Add([]byte(`{"refused":"why"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		o := options(t, &server{}, "")
		if err := os.WriteFile(filepath.Join(o.DataDir, "update.json"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := newUpdater(t, o).Status(); got.State == update.Available {
			t.Errorf("nobody signed %+v", got)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	f.Fuzz(func(t *testing.T, content []byte) {
		outer := t.TempDir()
		archive, folder := filepath.Join(outer, "archive"), filepath.Join(outer, "folder")
		if err := os.WriteFile(archive, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		_ = update.Unpack(archive, folder) // most of it is no archive
		if found, err := os.ReadDir(outer); err != nil || len(found) != 2 {
			t.Errorf("it left its folder: %v, %v", found, err)
		}
	})
}
