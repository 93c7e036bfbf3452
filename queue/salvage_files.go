package queue

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

// salvageFiles are the files of a salvage, all in the journal's folder so that
// renaming them is one step.
type salvageFiles struct {
	path   string // the journal's place
	source string // a copy to read: reading a damaged file may change it
	fresh  string // the new journal
	aside  string // the damaged file, afterwards
}

// beside is the archive's name beside one of the journal.
func beside(name string) string { return name + archiveMark }

const archiveMark = ".archive"

func newSalvageFiles(path string, now time.Time) salvageFiles {
	return salvageFiles{
		path: path, source: path + ".salvage", fresh: path + ".rescued",
		aside: path + ".damaged-" + now.UTC().Format("20060102T150405Z"),
	}
}

// companions are the endings of the files of one database, which comes last: where
// it is, the others are.
func companions() []string { return []string{"-wal", "-shm", ""} }

// scratch makes the copy to read. A salvage that ended between putting the
// damaged file aside and putting the new one in place is undone first: the file
// comes back, and is salvaged again.
func (f salvageFiles) scratch() error {
	if err := f.clear(); err != nil {
		return err
	}
	if _, err := os.Stat(f.path); errors.Is(err, fs.ErrNotExist) {
		if err := f.bringBack(); err != nil {
			return err
		}
	}
	for _, suffix := range []string{"", "-wal"} {
		if err := copyFile(f.source+suffix, f.path+suffix); err != nil && !(suffix != "" && errors.Is(err, fs.ErrNotExist)) {
			return err
		}
		if err := copyFile(beside(f.source)+suffix, archivePath(f.path)+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// bringBack renames what the last salvage put aside.
func (f salvageFiles) bringBack() error {
	aside, err := lastAside(f.path)
	if err != nil {
		return err
	}
	for _, suffix := range companions() {
		if err := os.Rename(beside(aside)+suffix, archivePath(f.path)+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, suffix := range companions() {
		if err := os.Rename(aside+suffix, f.path+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// clear removes what is not needed: the copy, and a new journal that was not
// finished.
func (f salvageFiles) clear() error {
	var errs []error
	for _, name := range []string{f.source, beside(f.source), f.fresh} {
		for _, suffix := range companions() {
			if err := os.Remove(name + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// swap puts the damaged files aside, with the archive, whose content is in the new
// journal, and that one in their place. The log
// goes with its database, or the new one would be read through it. The database
// goes first: where it is missing, the next salvage knows what happened.
func (f salvageFiles) swap() error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(f.path+suffix, f.aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(archivePath(f.path)+suffix, beside(f.aside)+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(f.fresh, f.path); err != nil {
		return err
	}
	return errors.Join(syncFolder(f.path), f.clear())
}

func copyFile(to, from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}

// lastAside is the newest damaged file: their names sort by time.
func lastAside(path string) (string, error) {
	found, err := filepath.Glob(path + ".damaged-*Z")
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", fs.ErrNotExist
	}
	slices.Sort(found)
	return found[len(found)-1], nil
}

// syncFolder makes the renames durable, where folders can be flushed.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // its file systems keep names by themselves
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
