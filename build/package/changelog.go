package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

const maintainer = "FieldPay <packages@fieldpay.com>"

// entry is one version in the form that nfpm takes. JSON is YAML too.
type entry struct {
	Version  string    `json:"semver"`
	Date     time.Time `json:"date"`
	Packager string    `json:"packager"`
	Changes  []change  `json:"changes"`
}

type change struct {
	Note string `json:"note"`
}

var heading = regexp.MustCompile(`^## \[([^\]]+)\](?: - (\d{4}-\d{2}-\d{2}))?$`)

// writeDebian writes the changelog in Debian's own form. nfpm could do that too,
// but makes one line of each change, and Debian wants them short.
func writeDebian(w io.Writer, markdown io.Reader, r edition) error {
	entries, err := readChangelog(markdown, r)
	if err != nil {
		return fmt.Errorf("reading the changelog: %w", err)
	}
	var text strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&text, "fieldpay (%s-1) stable; urgency=medium\n\n", strings.Replace(e.Version, "-", "~", 1))
		for _, c := range e.Changes {
			fmt.Fprintf(&text, "  * %s\n", wrap(c.Note))
		}
		fmt.Fprintf(&text, "\n -- %s  %s\n\n", e.Packager, e.Date.Format(time.RFC1123Z))
	}
	if _, err := io.WriteString(w, strings.TrimSuffix(text.String(), "\n")); err != nil {
		return fmt.Errorf("writing the changelog: %w", err)
	}
	return nil
}

// writeChangelog turns a CHANGELOG.md in the form of Keep a Changelog into
// nfpm's entries. What is unreleased belongs to the version being packaged.
func writeChangelog(w io.Writer, markdown io.Reader, r edition) error {
	entries, err := readChangelog(markdown, r)
	if err != nil {
		return fmt.Errorf("reading the changelog: %w", err)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(entries); err != nil {
		return fmt.Errorf("writing the changelog: %w", err)
	}
	return nil
}

// maxNotes is how much of the changes people are shown, in bytes.
const maxNotes = 8 << 10

// readNotes returns the changes of the version that is packaged, a line each.
func readNotes(markdown io.Reader, r edition) (string, error) {
	entries, err := readChangelog(markdown, r)
	if err != nil {
		return "", fmt.Errorf("reading the changelog: %w", err)
	}
	var notes strings.Builder
	for _, c := range entries[0].Changes {
		if notes.Len()+len(c.Note) > maxNotes {
			break
		}
		fmt.Fprintln(&notes, c.Note)
	}
	return notes.String(), nil
}

func readChangelog(markdown io.Reader, r edition) ([]entry, error) {
	var entries []entry
	lines := bufio.NewScanner(markdown)
	for lines.Scan() {
		line := lines.Text()
		if m := heading.FindStringSubmatch(line); m != nil {
			e, err := newEntry(m[1], m[2], r)
			if err != nil {
				return nil, err
			}
			entries = append(entries, e)
			continue
		}
		note, isItem := strings.CutPrefix(line, "- ")
		if !isItem || len(entries) == 0 {
			continue
		}
		last := &entries[len(entries)-1]
		last.Changes = append(last.Changes, change{strings.ReplaceAll(note, "`", "")})
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	kept := entries[:0]
	for _, e := range entries {
		if len(e.Changes) > 0 {
			kept = append(kept, e)
		}
	}
	if len(kept) == 0 {
		return nil, errors.New("there is no version with changes in it")
	}
	return kept, nil
}

// wrap breaks a note where a line of a Debian changelog would be too long: they
// have 80 letters, four of them before the text.
func wrap(note string) string {
	const width = 74
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(note) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return strings.Join(append(lines, line), "\n    ")
}

func newEntry(version, date string, r edition) (entry, error) {
	e := entry{Version: version, Packager: maintainer}
	if version == "Unreleased" {
		e.Version, e.Date = r.version, r.at
		return e, nil
	}
	var err error
	if e.Date, err = time.Parse(time.DateOnly, date); err != nil {
		return entry{}, fmt.Errorf("the date of version %s: %w", version, err)
	}
	return e, nil
}
