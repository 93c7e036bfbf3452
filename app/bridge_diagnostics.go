package app

import (
	"context"
	"fmt"
	"time"

	"fieldpay/internal/buildinfo"
)

// shownEvents is how many diagnostic events a screen gets.
const shownEvents = 400

// shownStrip is how far back the strip of the connection goes.
const shownStrip = 72 * time.Hour

// JournalDTO says whether every link of the journal holds, as of an inspection
// within the last ten minutes.
type JournalDTO struct {
	Entries int64 `json:"entries"`
	OK      bool  `json:"ok"`
}

// EventDTO is one diagnostic event.
type EventDTO struct {
	At     string            `json:"at"`
	Name   string            `json:"name"`
	Fields map[string]string `json:"fields"`
}

// StretchDTO is a time in which the connection stood in one way: State is that
// of a ConnectionDTO, "not-running", or "" where it is not known.
type StretchDTO struct {
	From  string `json:"from"`
	To    string `json:"to"`
	State string `json:"state"`
	Code  string `json:"code"`
}

// DiagnosticsDTO is what support asks for. It holds no customer data.
type DiagnosticsDTO struct {
	Version       string         `json:"version"`
	Environment   string         `json:"environment"`
	BFFURL        string         `json:"bffUrl"`
	DeviceID      string         `json:"deviceId"`
	KeyProtection string         `json:"keyProtection"`
	Connection    ConnectionDTO  `json:"connection"`
	LastSyncAt    string         `json:"lastSyncAt"`
	Counts        map[string]int `json:"counts"`
	Journal       JournalDTO     `json:"journal"`
	Events        []EventDTO     `json:"events"`
	Connections   []StretchDTO   `json:"connections"`
	Now           string         `json:"now"`
}

// Diagnostics gathers what support asks for.
func (b *Bridge) Diagnostics() (DiagnosticsDTO, error) {
	return bound(b, "Diagnostics", none{}, func(ctx context.Context, r *running, _ none) (DiagnosticsDTO, error) {
		d, status := r.device, r.replay.Status()
		counts, err := d.journal.Counts(ctx)
		if err != nil {
			return DiagnosticsDTO{}, fmt.Errorf("counting actions: %w", err)
		}
		report, err := r.inspector.latest(ctx)
		if err != nil {
			return DiagnosticsDTO{}, fmt.Errorf("checking the journal: %w", err)
		}
		events, err := d.diary.Last(shownEvents)
		if err != nil {
			return DiagnosticsDTO{}, err
		}
		now := time.Now()
		strip, err := d.diary.Connections(now.Add(-shownStrip), now)
		if err != nil {
			return DiagnosticsDTO{}, err
		}
		out := DiagnosticsDTO{
			Version: buildinfo.Version(), Environment: d.environment(), BFFURL: d.config.BFF.Value,
			DeviceID: d.journal.DeviceID(), KeyProtection: string(d.Protection()),
			Connection: connectionDTO(status.Connection), LastSyncAt: stamp(status.LastSync),
			Counts: countsDTO(counts.ByState), Journal: JournalDTO{Entries: report.Entries, OK: report.OK && !status.Suspect},
			Events: make([]EventDTO, len(events)), Connections: make([]StretchDTO, len(strip)), Now: stamp(now),
		}
		for i, s := range strip {
			out.Connections[i] = StretchDTO{From: stamp(s.From), To: stamp(s.To), State: s.State, Code: s.Code}
		}
		for i, e := range events {
			out.Events[i] = EventDTO{At: stamp(e.At), Name: string(e.Name), Fields: e.Fields}
			if e.Fields == nil {
				out.Events[i].Fields = map[string]string{}
			}
		}
		return out, nil
	})
}
