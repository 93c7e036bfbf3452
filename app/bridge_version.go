package app

import (
	"context"

	"fieldpay/action"
	"fieldpay/app/update"
)

// VersionDTO is what is known of new versions.
type VersionDTO struct {
	// State is "off", "current", "available", "refused", "installing" or
	// "installed": that takes the next start.
	State string `json:"state"`
	// Version and Notes are of the new one; Notes has a line for each change.
	Version string `json:"version"`
	Notes   string `json:"notes"`
	// Reason says why it is refused, or who installs it.
	Reason      string `json:"reason"`
	Installable bool   `json:"installable"`
	CheckedAt   string `json:"checkedAt"`
	// Percent is how much of it is here, Failure why the last try ended.
	Percent int    `json:"percent"`
	Failure string `json:"failure"`
}

// EditingOptions says that a form was opened, or that one was left.
type EditingOptions struct {
	Open bool `json:"open"`
}

// CheckVersion asks the server for a new version now.
func (b *Bridge) CheckVersion() (VersionDTO, error) {
	return bound(b, "CheckVersion", none{}, func(ctx context.Context, r *running, _ none) (VersionDTO, error) {
		if _, err := r.device.updates.Check(ctx); err != nil && action.CodeOf(err) != action.UpdateRefused {
			return VersionDTO{}, err
		}
		b.app.hub.publish(StatusTopic)
		return r.renewal.dto(), nil
	})
}

// InstallVersion begins to install the new version. It does not wait for it: the
// status tells how it goes.
func (b *Bridge) InstallVersion() error {
	_, err := bound(b, "InstallVersion", none{}, func(_ context.Context, r *running, _ none) (none, error) {
		if s := r.device.updates.Status(); s.State != update.Available || !s.Installable {
			return none{}, &action.Error{Code: action.NotPossible, Message: "There is no new version that can be installed here"}
		}
		b.app.tasks.Go(func() { r.renewal.install(b.app.calls) })
		return none{}, nil
	})
	return err
}

// SetEditing says that a form was opened, or that one was left: no program is
// replaced under a form.
func (b *Bridge) SetEditing(o EditingOptions) error {
	_, err := atDoor(b, "SetEditing", o, func(_ context.Context, r *running, o EditingOptions) (none, error) {
		r.renewal.edit(o.Open)
		return none{}, nil
	})
	return err
}

func (d *Device) versionDTO() VersionDTO {
	s := d.updates.Status()
	return VersionDTO{
		State: string(s.State), Version: s.Version, Notes: s.Notes, Reason: s.Reason,
		Installable: s.Installable, CheckedAt: stamp(s.CheckedAt),
	}
}
