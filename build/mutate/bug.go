package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// bug is one mistake that the tests must notice.
type bug struct {
	name, sentence string
	// file is where it is, seen from the root of the module.
	file string
	// tests are the arguments of go test that should notice.
	tests []string
	// from are whole lines of the file, to what they become.
	from, to string
}

// load reads every bug of a folder, by name.
func load(folder fs.FS) ([]bug, error) {
	names, err := fs.Glob(folder, "*.txt")
	if err != nil {
		return nil, fmt.Errorf("listing bugs: %w", err)
	}
	var bugs []bug
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("reading a bug: %w", err)
		}
		b, err := parse(strings.TrimSuffix(path.Base(name), ".txt"), text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		bugs = append(bugs, b)
	}
	return bugs, nil
}

// parse reads one bug: its sentence, an empty line, "file:" and "test:", and the
// two pieces of code.
func parse(name string, text []byte) (bug, error) {
	archive := txtar.Parse(text)
	b := bug{name: name}
	for line := range strings.Lines(string(archive.Comment)) {
		line = strings.TrimSpace(line)
		switch key, value, _ := strings.Cut(line, ": "); key {
		case "file":
			b.file = value
		case "test":
			b.tests = strings.Fields(value)
		default:
			b.sentence = strings.TrimSpace(b.sentence + " " + line)
		}
	}
	for _, f := range archive.Files {
		switch f.Name {
		case "from":
			b.from = string(f.Data)
		case "to":
			b.to = string(f.Data)
		}
	}
	switch {
	case b.sentence == "", b.file == "", len(b.tests) == 0:
		return bug{}, errors.New("it lacks its sentence, its file or its tests")
	case b.from == "" || b.from == b.to:
		return bug{}, errors.New("it changes nothing")
	}
	return b, nil
}
