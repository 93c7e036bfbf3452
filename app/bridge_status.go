package app

import (
	"context"
	"fmt"
	"time"

	"fieldpay/action"
	"fieldpay/queue"
)

// ConnectionDTO is how the way to the server stands, since when, and why.
type ConnectionDTO struct {
	State  string   `json:"state"`
	Since  string   `json:"since"`
	Code   string   `json:"code"`
	Reason string   `json:"reason"`
	Down   []string `json:"down"`
}

// MoneyDTO is an amount in minor units.
type MoneyDTO struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// UnsentDTO is what the server is not known to have.
type UnsentDTO struct {
	Count    int        `json:"count"`
	OldestAt string     `json:"oldestAt"`
	Payments []MoneyDTO `json:"payments"`
	Invoices []MoneyDTO `json:"invoices"`
}

// StatusDTO is what the status line shows.
type StatusDTO struct {
	Connection ConnectionDTO  `json:"connection"`
	Unsent     UnsentDTO      `json:"unsent"`
	Overdue    OverdueDTO     `json:"overdue"`
	Counts     map[string]int `json:"counts"`
	Draining   bool           `json:"draining"`
	Done       int            `json:"done"`
	Total      int            `json:"total"`
	LastSyncAt string         `json:"lastSyncAt"`
	NeedsYou   int            `json:"needsYou"`
	Person     PersonDTO      `json:"person"`
	SignedIn   bool           `json:"signedIn"`
	// Version is what is known of new versions of FieldPay.
	Version VersionDTO `json:"version"`
	// JournalDamaged offers a salvage.
	JournalDamaged bool    `json:"journalDamaged"`
	Disk           DiskDTO `json:"disk"`
}

// OfflineOptions turns being offline by choice on or off.
type OfflineOptions struct {
	On bool `json:"on"`
}

// Status is the status line. While the screen is locked it says how much is
// unsent and how the connection stands, and nothing of people or money.
func (b *Bridge) Status() (StatusDTO, error) {
	return atDoor(b, "Status", none{}, func(ctx context.Context, r *running, _ none) (StatusDTO, error) {
		out, err := r.device.Status(ctx, r.replay.Status())
		out.JournalDamaged = r.damaged()
		if err == nil && r.door.pass() != nil {
			out.Unsent.Payments, out.Unsent.Invoices = []MoneyDTO{}, []MoneyDTO{}
		}
		if r.door.isLocked() {
			out.Person = PersonDTO{}
		}
		out.Version = r.renewal.dto()
		return out, err
	})
}

// ForceOffline keeps the device offline, or lets it online again. It lasts until
// the program ends.
func (b *Bridge) ForceOffline(o OfflineOptions) error {
	_, err := bound(b, "ForceOffline", o, func(_ context.Context, r *running, o OfflineOptions) (none, error) {
		r.replay.ForceOffline(o.On)
		b.app.hub.publish(StatusTopic)
		return none{}, nil
	})
	return err
}

// SyncNow looks for the server at once and sends what is due. It does not wait
// for it: the status tells how it goes.
func (b *Bridge) SyncNow() error {
	_, err := bound(b, "SyncNow", none{}, func(_ context.Context, r *running, _ none) (none, error) {
		r.replay.Wake()
		return none{}, nil
	})
	return err
}

// GoOn is the person's decision to go on with a journal that the server refuses
// as an older copy, by code [action.JournalRolledBack]: see
// [queue.Replay.GoOn]. It needs the server and somebody who is signed in.
func (b *Bridge) GoOn() error {
	_, err := bound(b, "GoOn", none{}, func(ctx context.Context, r *running, _ none) (none, error) {
		if err := r.replay.GoOn(ctx, r.device.Author()); err != nil {
			return none{}, fmt.Errorf("going on with an older journal: %w", err)
		}
		b.app.hub.publish(OutboxTopic, StatusTopic)
		return none{}, nil
	})
	return err
}

// RefreshReference fetches accounts, contacts and invoices now.
func (b *Bridge) RefreshReference() error {
	_, err := bound(b, "RefreshReference", none{}, func(ctx context.Context, r *running, _ none) (none, error) {
		return none{}, r.refresher.refresh(ctx)
	})
	return err
}

// Status sums up the device, with what a replay knows of the connection.
func (d *Device) Status(ctx context.Context, s queue.Status) (StatusDTO, error) {
	counts, err := d.journal.Counts(ctx)
	if err != nil {
		return StatusDTO{}, fmt.Errorf("counting actions: %w", err)
	}
	if s.LastSync.IsZero() {
		s.LastSync = counts.LastApplied // of an earlier run of the program
	}
	return StatusDTO{
		Connection: connectionDTO(s.Connection),
		Unsent: UnsentDTO{
			Count: counts.Unsent, OldestAt: stamp(counts.OldestUnsent),
			Payments: moneyDTOs(counts.UnsentSums), Invoices: moneyDTOs(counts.InvoiceSums),
		},
		Overdue:  d.patience.overdueDTO(counts.OldestDue, time.Now()),
		Counts:   countsDTO(counts.ByState),
		Draining: s.Draining || s.DrainingElsewhere, Done: s.Done, Total: s.Total,
		LastSyncAt: stamp(s.LastSync), NeedsYou: counts.ByState[queue.Review] + counts.ByState[queue.Failed],
		Person: d.personDTO(), SignedIn: d.SignedIn(), Version: d.versionDTO(),
		JournalDamaged: s.Suspect || d.journal.Suspect(), Disk: d.space.dto(),
	}, nil
}

func connectionDTO(c queue.Connection) ConnectionDTO {
	out := ConnectionDTO{State: string(c.State), Since: stamp(c.Since), Code: string(c.Code), Down: append([]string{}, c.Down...)}
	if c.Code != "" {
		out.Reason = c.Code.Message()
	}
	if out.State == "" {
		out.State = string(queue.Offline)
	}
	return out
}

// countsDTO has every state, so that a screen needs no defaults.
func countsDTO(byState map[queue.State]int) map[string]int {
	counts := map[string]int{}
	for _, s := range queue.States() {
		counts[string(s)] = byState[s]
	}
	return counts
}

func moneyDTOs(sums []action.Money) []MoneyDTO {
	out := make([]MoneyDTO, len(sums))
	for i, m := range sums {
		out[i] = MoneyDTO{Amount: m.Minor, Currency: string(m.Currency)}
	}
	return out
}
