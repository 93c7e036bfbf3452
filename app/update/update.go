// Package update finds, fetches and installs new versions of FieldPay.
//
//	u, err := update.New(update.Options{…})
//	status, err := u.Check(ctx)   // asks the server, believes the signature
//	err = u.Install(ctx)          // fetches, tries on a copy, installs
//
// The device asks its own server and believes none of it: a version counts when
// a key that is built into this program has signed it, and when it is newer than
// this one and not older than any that was seen before. Nothing is installed
// unless the new build has said, on a copy of the journal, that it can go on
// with every unsent action. The journal itself is copied aside first.
//
// Where somebody else looks after the programs of the computer (a package
// manager, device management), versions are told and not installed.
package update

import (
	"context"
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
	"fieldpay/internal/release"
)

// Source is where versions come from: the device's own server.
type Source interface {
	// Release returns the newest version of a channel.
	Release(ctx context.Context, channel string) (bffclient.SignedRelease, error)
	// ReleasePart returns what follows a byte of a file.
	ReleasePart(ctx context.Context, version, file string, from int64) ([]byte, error)
}

// Options configures an [Updater]. DataDir, Version, Schema, Source and Snapshot
// are required.
type Options struct {
	// DataDir is the data folder; what is fetched and remembered lies in it.
	DataDir string
	// Keys are believed. Default: none, and nothing is asked for.
	Keys []ed25519.PublicKey
	// Version is the running one, and Schema that of its journal.
	Version string
	Schema  int
	// Channel is "stable", "preview" or "none". Default: "stable".
	Channel string
	Source  Source
	// Snapshot copies the journal to a file.
	Snapshot func(ctx context.Context, path string) error
	// Installed is how this program came here. Default: somebody else installed
	// it, who updates it.
	Installed Installation
	// Logger gets versions and codes. Default: nothing is logged.
	Logger zerolog.Logger
}

// State sums up what is known of new versions.
type State string

// The states.
const (
	// Off: this build, or the company, asks for no versions.
	Off State = "off"
	// Current: nothing newer is known.
	Current State = "current"
	// Available: there is a newer version.
	Available State = "available"
	// Refused: the server offers something that is not believed.
	Refused State = "refused"
)

// Status is what is known of new versions.
type Status struct {
	State State
	// Version and Notes are of the newer version.
	Version, Notes string
	// Reason says why it is refused, or why FieldPay does not install it itself.
	Reason string
	// Installable says that FieldPay can install it itself.
	Installable bool
	// CheckedAt is when the server was asked last; zero is never.
	CheckedAt time.Time
}

// Updater looks after the versions of one data folder. It is safe for concurrent
// use, and by several processes.
type Updater struct {
	o  Options
	mu sync.Mutex // of the file of what is remembered
}

// New checks the options.
func New(o Options) (*Updater, error) {
	if o.DataDir == "" || o.Version == "" || o.Schema < 1 || o.Source == nil || o.Snapshot == nil {
		return nil, errors.New("update: a required option is missing")
	}
	if o.Channel == "" {
		o.Channel = string(release.Stable)
	}
	return &Updater{o: o}, nil
}

func (u *Updater) off() bool { return len(u.o.Keys) == 0 || u.o.Channel == "none" }

// path is a file or folder of the updater's own.
func (u *Updater) path(parts ...string) string {
	return filepath.Join(append([]string{u.o.DataDir, "updates"}, parts...)...)
}

// Status says what was found at the last check. It asks nobody.
func (u *Updater) Status() Status {
	if u.off() {
		return Status{State: Off}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.status(u.recall())
}

func (u *Updater) status(m memory) Status {
	s := Status{State: Current, CheckedAt: m.CheckedAt}
	if m.Refused != "" {
		s.State, s.Reason = Refused, m.Refused
		return s
	}
	// The disk is believed no more than the server.
	found, err := u.judge(bffclient.SignedRelease{Manifest: m.Manifest, Signature: m.Signature}, m.Highest)
	if err != nil || release.Compare(found.Version, u.o.Version) <= 0 {
		return s
	}
	s.State, s.Version, s.Notes = Available, found.Version, found.Notes
	_, s.Reason = u.fitting(found)
	s.Installable = s.Reason == ""
	return s
}

// Check asks the server for a newer version and remembers what it said. What
// cannot be believed is an error of code [action.UpdateRefused] and stays in the
// status; a server that has nothing to tell is none.
func (u *Updater) Check(ctx context.Context) (Status, error) {
	if u.off() {
		return Status{State: Off}, nil
	}
	signed, err := u.o.Source.Release(ctx, u.o.Channel)
	code := action.CodeOf(err)
	if err != nil && code != action.NotFound && code != action.UnknownType {
		return u.Status(), err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	m := u.recall()
	m.CheckedAt, m.Refused, m.Manifest, m.Signature = time.Now().UTC(), "", "", ""
	var refusal error
	if err == nil {
		found, err := u.judge(signed, m.Highest)
		if err == nil {
			m.Manifest, m.Signature = signed.Manifest, signed.Signature
			if release.Compare(found.Version, m.Highest) > 0 {
				m.Highest = found.Version
			}
		} else {
			refusal, m.Refused = err, action.MessageOf(err)
			u.o.Logger.Error().Err(err).Msg("a version that the server offers is refused")
		}
	}
	if err := u.remember(m); err != nil {
		return u.status(m), errors.Join(refusal, err)
	}
	return u.status(m), refusal
}

// judge says whether an offer is believed: signed by our key, of our channel, and
// no way back.
func (u *Updater) judge(signed bffclient.SignedRelease, highest string) (release.Manifest, error) {
	m, err := release.Verify(u.o.Keys, []byte(signed.Manifest), signed.Signature)
	switch {
	case errors.Is(err, release.ErrSignature):
		return m, refuse("The new version that the server offers is not signed by FieldPay's makers, or was changed on its way", err)
	case err != nil:
		return m, refuse("What the server says of a new version cannot be read", err)
	case m.Channel == release.Preview && u.o.Channel != string(release.Preview):
		return m, refuse("The server offers version "+m.Version+", a preview that was not asked for", nil)
	case release.Compare(m.Version, highest) < 0:
		return m, refuse("The server offers version "+m.Version+", but this device knows of "+highest+": that would be a way back", nil)
	}
	return m, nil
}

func refuse(message string, cause error) error {
	return &action.Error{
		Code: action.UpdateRefused, Message: message, Op: "checking a new version", Cause: cause,
		Hint: "Nothing was installed. Tell the office",
	}
}

// fitting is the file of a version that fits this installation, or why FieldPay
// does not install it.
func (u *Updater) fitting(m release.Manifest) (release.File, string) {
	if u.o.Installed.Kind == "" {
		return release.File{}, u.o.Installed.because()
	}
	f, ok := m.Find(u.o.Installed.Kind, u.o.Installed.OS, u.o.Installed.Arch)
	if !ok {
		return f, "This version has nothing for this kind of computer"
	}
	if u.o.Schema < m.Journal.Oldest || u.o.Schema > m.Journal.Newest {
		return f, "This version cannot go on with the journal of this one. Install the versions in between first"
	}
	return f, ""
}

// Clear removes what a former installation left, except copies of the journal.
func (u *Updater) Clear() error { return os.RemoveAll(u.path()) }
