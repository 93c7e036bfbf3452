package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"fieldpay/action"
)

// Event is one line of the diary.
type Event struct {
	At     time.Time         `json:"at"`
	Name   Name              `json:"name"`
	Fields map[string]string `json:"fields"`
}

// Fields are the values that a caller has for an event.
type Fields map[string]any

// Options says where a diary lies.
type Options struct {
	// Folder is required and must exist when something is recorded.
	Folder string
	// Limit is how large a page may grow, in bytes; there are two of each
	// kind. Default 128 KiB.
	Limit int64
}

const defaultLimit = 128 << 10

// Diary keeps events in files of limited size: two pages of everything, and two
// more of how the connection stood, which must not be crowded out by what comes
// often. Processes share it: each line is one write. Losing a line when two of
// them turn a page at once is accepted.
type Diary struct {
	all, connections page
	now              func() time.Time
}

// Open names the files; nothing is made before the first event.
func Open(o Options) *Diary {
	if o.Limit <= 0 {
		o.Limit = defaultLimit
	}
	return &Diary{
		all:         page{path: filepath.Join(o.Folder, "events.ndjson"), limit: o.Limit},
		connections: page{path: filepath.Join(o.Folder, "connections.ndjson"), limit: o.Limit},
		now:         time.Now,
	}
}

// Record appends an event. A field that the catalogue does not give to the
// event, or whose value is not of its kind, is dropped; an event that is not in
// the catalogue is an error.
func (d *Diary) Record(name Name, fields Fields) error {
	if !name.Known() {
		return fmt.Errorf("recording an event: %w", &action.Error{Code: action.NotFound, Op: "event"})
	}
	e := Event{At: d.now().UTC(), Name: name, Fields: map[string]string{}}
	for _, field := range name.Fields() {
		if text, ok := field.Kind.text(fields[field.Name]); ok {
			e.Fields[field.Name] = text
		}
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding an event: %w", err)
	}
	if name == Connection || name == AppStarted || name == AppStopped {
		err = d.connections.append(line)
	}
	return errors.Join(err, d.all.append(line))
}

// A word or an id is a short token: whatever a person typed is none.
var (
	word = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`)
	id   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}$`)
)

// text writes a value, if it is of the kind.
func (k Kind) text(value any) (string, bool) {
	switch v := value.(type) {
	case int:
		return strconv.Itoa(v), k == Count
	case int64:
		return strconv.FormatInt(v, 10), k == Count
	case bool:
		return strconv.FormatBool(v), k == Flag
	case time.Duration:
		return strconv.FormatInt(v.Milliseconds(), 10), k == Span
	case action.Code:
		return k.text(string(v))
	case action.Type:
		return k.text(string(v))
	case string:
		return v, k == Word && word.MatchString(v) || k == ID && id.MatchString(v)
	default:
		return "", false
	}
}

// Last returns the newest events, newest first, at most limit of them.
func (d *Diary) Last(limit int) ([]Event, error) {
	events, err := d.all.read()
	if err != nil {
		return nil, err
	}
	slices.Reverse(events)
	return events[:min(limit, len(events))], nil
}

// page is a file that is put aside when it is full; one older page is kept.
type page struct {
	path  string
	limit int64
	mu    sync.Mutex
}

func (p *page) append(line []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.turn(); err != nil {
		return err
	}
	f, err := os.OpenFile(p.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("opening the diary: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the diary: %w", err)
	}
	return nil
}

// turn moves a full page aside.
func (p *page) turn() error {
	info, err := os.Stat(p.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() < p.limit {
		return nil
	}
	if err == nil {
		err = os.Rename(p.path, p.path+".1")
	}
	if err != nil {
		return fmt.Errorf("turning the page of the diary: %w", err)
	}
	return nil
}

// read returns the events of both pages, oldest first. A line that cannot be
// read (a crash may have cut it) is left out, and so is what the catalogue does
// not allow: the file lies open to whoever has the folder.
func (p *page) read() ([]Event, error) {
	events := []Event{}
	for _, path := range []string{p.path + ".1", p.path} {
		text, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("reading the diary: %w", err)
		}
		for line := range bytes.Lines(text) {
			if e, ok := readLine(line); ok {
				events = append(events, e)
			}
		}
	}
	return events, nil
}

func readLine(line []byte) (Event, bool) {
	var e Event
	if json.Unmarshal(line, &e) != nil || !e.Name.Known() {
		return Event{}, false
	}
	kept := map[string]string{}
	for _, field := range e.Name.Fields() {
		if text, there := e.Fields[field.Name]; there && id.MatchString(text) {
			kept[field.Name] = text
		}
	}
	e.Fields = kept
	return e, true
}
