package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/app/bundle"
	"fieldpay/app/crash"
	"fieldpay/app/event"
	"fieldpay/internal/buildinfo"
	"fieldpay/queue"
)

// Limits of a bundle: how many actions and events it lists, and how much of each
// log, in bytes from its end.
const (
	bundledActions = 1000
	bundledEvents  = 5000
	bundledLog     = 512 << 10
)

// Bundle gathers what support asks for. It holds ids, codes, states, counts and
// times; no payload, no note, no name, no token. What cannot be read is told in
// its part and keeps nothing else out.
func (d *Device) Bundle(ctx context.Context) bundle.Bundle {
	b := bundle.Bundle{MadeAt: time.Now().UTC()}
	add := func(name, about string, gather func() (any, error)) {
		value, err := gather()
		if err != nil {
			value = map[string]string{"notRead": string(action.CodeOf(err))}
		}
		text, err := json.MarshalIndent(value, "", "  ")
		if err != nil {
			text = []byte("{}")
		}
		b.Parts = append(b.Parts, bundle.Part{Name: name, About: about, Text: string(text) + "\n"})
	}
	add("about.json", "Versions, the device's id, the moment", func() (any, error) { return d.aboutPart(b.MadeAt), nil })
	add("settings.json", "Every setting and where it comes from", func() (any, error) { return d.settingsPart(), nil })
	add("status.json", "How many actions are in which state, and since when", func() (any, error) { return d.statusPart(ctx) })
	add("journal.json", "The newest actions: ids, types, states, codes, times; nothing that was typed", func() (any, error) { return d.journalPart(ctx) })
	add("integrity.json", "Whether every link of the journal holds", func() (any, error) { return d.journal.Verify(ctx) })
	add("events.json", "Diagnostic events, newest first", func() (any, error) { return d.diary.Last(bundledEvents) })
	add("connections.json", "How the connection stood in the last 72 hours", func() (any, error) {
		return d.diary.Connections(b.MadeAt.Add(-shownStrip), b.MadeAt)
	})
	add("crashes.json", "What earlier programs died of", func() (any, error) { return crash.Reports(d.config.DataDir.Value) })
	for _, name := range []string{"fieldpay.log", "fieldpayctl.log"} {
		if text, err := logTail(filepath.Join(d.config.DataDir.Value, name)); err == nil && text != "" {
			b.Parts = append(b.Parts, bundle.Part{Name: name, About: "The log, without the texts of errors", Text: bundle.CleanLog(text)})
		}
	}
	return b
}

// SupportKey is the key that bundles are sealed to; false when the company gave
// none.
func (d *Device) SupportKey() (bundle.Key, bool, error) {
	if d.config.SupportKey.Value == "" {
		return bundle.Key{}, false, nil
	}
	key, err := bundle.ParseKey(d.config.SupportKey.Value)
	return key, err == nil, err
}

// SaveBundle writes a bundle into a folder, sealed if there is a key, and
// returns the file's path. It replaces no file.
func (d *Device) SaveBundle(b bundle.Bundle, folder string) (path string, sealed bool, err error) {
	key, sealed, err := d.SupportKey()
	if err != nil {
		return "", false, err
	}
	path = filepath.Join(folder, b.FileName(sealed))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", sealed, &action.Error{Code: action.StorageFailed, Message: "The bundle cannot be saved in that folder", Op: "saving a bundle", Cause: err}
	}
	write := b.Write
	if sealed {
		write = func(w io.Writer) error { return b.Seal(w, key) }
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return "", sealed, &action.Error{Code: action.StorageFailed, Op: "saving a bundle", Cause: errors.Join(err, os.Remove(path))}
	}
	if info, err := os.Stat(path); err == nil {
		d.record(event.BundleMade, event.Fields{"sealed": sealed, "bytes": info.Size()})
	}
	return path, sealed, nil
}

func (d *Device) aboutPart(at time.Time) any {
	return map[string]string{
		"version": buildinfo.Version(), "go": runtime.Version(), "system": runtime.GOOS + "/" + runtime.GOARCH,
		"device": d.journal.DeviceID(), "person": d.Author(), "madeAt": stamp(at), "zone": at.Local().Format("-07:00"),
		"environment": d.environment(), "keyProtection": string(d.Protection()),
	}
}

func (d *Device) settingsPart() any {
	type line struct {
		Name   string `json:"name"`
		Value  string `json:"value"`
		Source Source `json:"source"`
	}
	var lines []line
	for _, s := range d.config.list() {
		value := s.Value
		if s.path && value != "" {
			value = filepath.Base(value) // the folders above may name the person
		}
		lines = append(lines, line{s.name, value, s.Source})
	}
	return lines
}

func (d *Device) statusPart(ctx context.Context) (any, error) {
	counts, err := d.journal.Counts(ctx)
	if err != nil {
		return nil, fmt.Errorf("counting actions: %w", err)
	}
	states := map[queue.State]int{}
	for state, n := range counts.ByState {
		if n > 0 {
			states[state] = n
		}
	}
	return map[string]any{
		"states": states, "unsent": counts.Unsent, "oldestUnsent": stamp(counts.OldestUnsent), "oldestDue": stamp(counts.OldestDue),
		"lastApplied": stamp(counts.LastApplied), "signedIn": d.SignedIn(),
	}, nil
}

// actionPart is an action without anything that a person typed.
type actionPart struct {
	ID         string       `json:"id"`
	Sequence   int64        `json:"sequence"`
	Type       action.Type  `json:"type"`
	Version    int          `json:"version"`
	State      queue.State  `json:"state"`
	Since      time.Time    `json:"since"`
	CreatedAt  time.Time    `json:"createdAt"`
	Attempt    int          `json:"attempt,omitempty"`
	Try        int          `json:"try,omitempty"`
	NextAt     time.Time    `json:"nextAt,omitzero"`
	BlockedBy  string       `json:"blockedBy,omitempty"`
	ReplacedBy string       `json:"replacedBy,omitempty"`
	Code       action.Code  `json:"code,omitempty"`
	Class      action.Class `json:"class,omitempty"`
	Bytes      int          `json:"bytes"`
	Hash       string       `json:"hash"`
	Damaged    bool         `json:"damaged,omitempty"`
}

func (d *Device) journalPart(ctx context.Context) (any, error) {
	parts, before := []actionPart{}, int64(0)
	for len(parts) < bundledActions {
		page, err := d.journal.List(ctx, queue.Filter{Before: before, Limit: 500})
		if err != nil {
			return nil, fmt.Errorf("listing actions: %w", err)
		}
		for _, item := range page.Items {
			p := actionPart{
				ID: item.ID, Sequence: item.Sequence, Type: item.Type, Version: item.Version, State: item.State, Since: item.Since.UTC(),
				CreatedAt: item.CreatedAt.UTC(), Attempt: item.Attempt, Try: item.Try, NextAt: item.NextAt, BlockedBy: item.BlockedBy,
				ReplacedBy: item.ReplacedBy, Bytes: len(item.Payload), Hash: item.Hash, Damaged: item.Damaged,
			}
			if item.Outcome != nil {
				p.Code, p.Class = item.Outcome.Code, item.Outcome.Class
			}
			parts = append(parts, p)
		}
		if before = page.Next; before == 0 {
			break
		}
	}
	return parts, nil
}

// logTail reads the end of a log, from the beginning of a line.
func logTail(path string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading a log: %w", err)
	}
	tail := string(text[max(0, len(text)-bundledLog):])
	if len(text) > bundledLog {
		_, tail, _ = strings.Cut(tail, "\n")
	}
	return tail, nil
}
