package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// noticeName is how files with the terms of a library are called.
var noticeName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|copyright)([-._].*)?$`)

// notice is one text, and whose it is.
type notice struct {
	owners []string
	text   []byte
}

// writeNotices writes the license texts of all that is in the programs: they are
// taken from the very sources that were compiled, each time, so that they cannot
// be those of another version. A library that comes to have none is an error.
func writeNotices(w io.Writer, lock string, programs []string) error {
	texts, missing := map[[32]byte]*notice{}, []error(nil)
	take := func(owner, folder string) {
		found, err := noticesIn(folder)
		if err == nil && len(found) == 0 {
			if text, known := withoutText()[owner]; known {
				found = [][]byte{[]byte(text)}
			} else {
				err = errors.New("there is no license text")
			}
		}
		if err != nil {
			missing = append(missing, fmt.Errorf("%s: %w", owner, err))
		}
		for _, text := range found {
			sum := sha256.Sum256(text)
			if texts[sum] == nil {
				texts[sum] = &notice{text: text}
			}
			texts[sum].owners = append(texts[sum].owners, owner)
		}
	}
	folders, err := moduleFolders(programs)
	if err != nil {
		return fmt.Errorf("finding the modules: %w", err)
	}
	for owner, folder := range folders {
		take(owner, folder)
	}
	names, err := shippedPackages(lock)
	if err != nil {
		return fmt.Errorf("finding the packages of the screens: %w", err)
	}
	for _, name := range names {
		take(name, filepath.Join(filepath.Dir(lock), "node_modules", filepath.FromSlash(name)))
	}
	if err := errors.Join(missing...); err != nil {
		return err
	}
	return printNotices(w, texts)
}

// withoutText has what the makers say of the few packages that bring no text.
func withoutText() map[string]string {
	return map[string]string{
		"react-remove-scroll-bar": "By Anton Korzunov, under the MIT license, as its package.json says; the package has no text of it.",
	}
}

// printNotices writes each text once, under the names of all that come with it.
func printNotices(w io.Writer, texts map[[32]byte]*notice) error {
	all := make([]*notice, 0, len(texts))
	for _, n := range texts {
		slices.Sort(n.owners)
		n.owners = slices.Compact(n.owners)
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *notice) int {
		if c := slices.Compare(a.owners, b.owners); c != 0 {
			return c
		}
		return bytes.Compare(a.text, b.text)
	})
	var out bytes.Buffer
	fmt.Fprintln(&out, "FieldPay contains the work of others, under these terms.")
	for _, n := range all {
		fmt.Fprintf(&out, "\n%s\n%s\n\n%s\n", strings.Repeat("-", 72), strings.Join(n.owners, "\n"), bytes.TrimSpace(n.text))
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("writing the notices: %w", err)
	}
	return nil
}

func noticesIn(folder string) ([][]byte, error) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var found [][]byte
	for _, f := range files {
		if !f.Type().IsRegular() || !noticeName.MatchString(f.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			return nil, err
		}
		found = append(found, bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
	}
	return found, nil
}

// moduleFolders are the sources of every module in the programs, and of Go's own
// library.
func moduleFolders(programs []string) (map[string]string, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("asking for Go's folder: %w", err)
	}
	folders, wanted := map[string]string{"The Go standard library": strings.TrimSpace(string(root))}, map[string]bool{}
	for _, program := range programs {
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", filepath.Base(program), err)
		}
		for _, m := range info.Deps {
			wanted[m.Path] = true
		}
	}
	out, err := exec.Command("go", "list", "-m", "-json", "all").Output()
	if err != nil {
		return nil, fmt.Errorf("listing the modules: %w", err)
	}
	for modules := json.NewDecoder(bytes.NewReader(out)); ; {
		var m struct{ Path, Version, Dir string }
		if err := modules.Decode(&m); errors.Is(err, io.EOF) {
			return folders, nil
		} else if err != nil {
			return nil, err
		}
		if wanted[m.Path] {
			folders[m.Path+" "+m.Version] = m.Dir
		}
	}
}

func shippedPackages(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var lock lockFile
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, err
	}
	var names []string
	for place, p := range lock.Packages {
		if name, below := strings.CutPrefix(place, "node_modules/"); below && !p.Dev && !p.Optional {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}
