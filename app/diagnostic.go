package app

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
	"fieldpay/queue"
)

// EventName names one kind of diagnostic event. Those of the reference keep
// their names.
type EventName string

// The events.
const (
	AuthSuccess       EventName = "auth_success"
	AuthFailure       EventName = "auth_failure"
	AuthLogout        EventName = "auth_logout"
	DeviceEnrolled    EventName = "device_enrolled"
	FetchAccounts     EventName = "sf_fetch_accounts"
	FetchFailed       EventName = "sf_fetch_failed"
	InvoiceCreated    EventName = "invoice_created"
	QueueActionAdded  EventName = "queue_action_added"
	SyncStarted       EventName = queue.SyncStarted
	SyncCompleted     EventName = queue.SyncCompleted
	SyncFailed        EventName = queue.SyncFailed
	AppStarted        EventName = "app_started"
	AppStopped        EventName = "app_stopped"
	ConnectionChanged EventName = queue.ConnectionChanged
	DrainTaken        EventName = queue.DrainTaken
	ReplyIncomplete   EventName = queue.ReplyIncomplete
	JournalSuspect    EventName = queue.JournalSuspect
	ActionRetried     EventName = "action_retried"
	ActionDiscarded   EventName = "action_discarded"
	BridgeFailed      EventName = "bridge_failed"
)

// fields returns what an event may carry. A field that is not listed here is
// dropped, and so is any text that is not a short token: names, notes and
// amounts cannot get in, whoever calls.
func (n EventName) fields() []string {
	switch n {
	case AuthSuccess:
		return []string{"userId"}
	case AuthFailure, FetchFailed:
		return []string{"code"}
	case AuthLogout:
		return []string{"forced", "unsent"}
	case FetchAccounts:
		return []string{"accounts", "invoices", "milliseconds"}
	case InvoiceCreated:
		return []string{"actionId"}
	case QueueActionAdded, ActionRetried, ActionDiscarded:
		return []string{"actionId", "type"}
	case SyncStarted:
		return []string{"count"}
	case SyncCompleted:
		return []string{"succeeded", "failed"}
	case SyncFailed:
		return []string{"error"}
	case DrainTaken:
		return []string{"fence"}
	case ReplyIncomplete:
		return []string{"missing", "foreign"}
	case JournalSuspect:
		return []string{"reason", "count"}
	case AppStarted:
		return []string{"version", "host", "protection"}
	case ConnectionChanged:
		return []string{"state", "code"}
	case BridgeFailed:
		return []string{"method", "code"}
	default:
		return nil
	}
}

// DiagnosticEvent is one line of the device's diary.
type DiagnosticEvent struct {
	At     time.Time         `json:"at"`
	Name   EventName         `json:"name"`
	Fields map[string]string `json:"fields"`
}

// token is what a text in an event may look like: an id, a code, a version.
var token = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}$`)

// diary keeps diagnostic events in two files of limited size, so that support
// sees what happened before a restart. Processes share it: each line is one
// write. Losing a line when two of them turn the page at once is accepted.
type diary struct {
	path  string
	limit int64
	mu    sync.Mutex
}

const diaryLimit = 128 << 10

func newDiary(dataDir string) *diary {
	return &diary{path: filepath.Join(dataDir, "events.ndjson"), limit: diaryLimit}
}

// record appends an event.
func (d *diary) record(name EventName, fields map[string]any) error {
	e := DiagnosticEvent{At: time.Now().UTC(), Name: name, Fields: map[string]string{}}
	for _, field := range name.fields() {
		if text, ok := plain(fields[field]); ok {
			e.Fields[field] = text
		}
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding an event: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.turn(); err != nil {
		return err
	}
	f, err := os.OpenFile(d.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("opening the diary: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the diary: %w", err)
	}
	return nil
}

// plain writes a value of a field, if it is one that may be kept.
func plain(value any) (string, bool) {
	switch v := value.(type) {
	case int:
		return strconv.Itoa(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case bool:
		return strconv.FormatBool(v), true
	case time.Duration:
		return strconv.FormatInt(v.Milliseconds(), 10), true
	case action.Code:
		return plain(string(v))
	case action.Type:
		return plain(string(v))
	case string:
		return v, token.MatchString(v)
	default:
		return "", false
	}
}

// turn moves a full page aside.
func (d *diary) turn() error {
	info, err := os.Stat(d.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() < d.limit {
		return nil
	}
	if err == nil {
		err = os.Rename(d.path, d.path+".1")
	}
	if err != nil {
		return fmt.Errorf("turning the page of the diary: %w", err)
	}
	return nil
}

// last returns the newest events, newest first. A line that cannot be read (a
// crash may have cut it) is left out.
func (d *diary) last(limit int) ([]DiagnosticEvent, error) {
	events := []DiagnosticEvent{}
	for _, path := range []string{d.path + ".1", d.path} {
		text, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("reading the diary: %w", err)
		}
		for line := range bytes.Lines(text) {
			var e DiagnosticEvent
			if json.Unmarshal(line, &e) == nil && e.Name != "" {
				events = append(events, e)
			}
		}
	}
	slices.Reverse(events)
	return events[:min(limit, len(events))], nil
}
