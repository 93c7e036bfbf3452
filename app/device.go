package app

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/app/blob"
	"fieldpay/app/draft"
	"fieldpay/app/event"
	"fieldpay/app/people"
	"fieldpay/app/reference"
	"fieldpay/app/session"
	"fieldpay/app/shift"
	"fieldpay/app/update"
	"fieldpay/app/vault"
	bffclient "fieldpay/bff-client"
	"fieldpay/internal/buildinfo"
	"fieldpay/queue"
)

// DeviceOptions configures a [Device]. Config is required.
type DeviceOptions struct {
	Config Config
	// Keyring replaces the operating system's keychain. Default: that one.
	Keyring vault.Keyring
	// HTTP replaces the transport of the client. Default: the client's own.
	HTTP *http.Client
	// PINCost replaces what it takes to look at a PIN. Default: that of package
	// people.
	PINCost people.Cost
	// BadgeAfter and NoticeAfter are how old unsent work gets before the screens
	// mark its number and before they tell it in words. Defaults: 15 minutes and
	// 4 hours.
	BadgeAfter, NoticeAfter time.Duration
	// ReleaseKeys are believed about new versions. Default: those built in.
	ReleaseKeys []ed25519.PublicKey
	// FreeSpace replaces what tells how many bytes are left where a folder lies.
	// Default: the operating system.
	FreeSpace func(dir string) (int64, error)
	// Logger gets operations, codes and durations. Default: nothing is logged.
	Logger zerolog.Logger
}

// Device is an opened data folder. It is safe for concurrent use, and several
// processes may open one folder.
type Device struct {
	config  Config
	log     zerolog.Logger
	vault   *vault.Vault
	journal *queue.Journal
	session *session.Session
	people  *people.Register
	shifts  *shift.Book
	cache   *reference.Cache
	drafts  *draft.Book
	files   *blob.Store
	client  *bffclient.Client
	diary   *event.Diary
	updates *update.Updater
	space   *space
	// patience decides what is told as overdue.
	patience patience
	// health is what the server said of itself last; nil before the first probe.
	health atomic.Pointer[bffclient.Health]
}

// OpenDevice opens the data folder of o and makes what is missing there. It
// contacts nobody except the keychain.
func OpenDevice(ctx context.Context, o DeviceOptions) (*Device, error) {
	dir := o.Config.DataDir.Value
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &action.Error{Code: action.StorageFailed, Message: "The data folder cannot be made", Op: "opening the device", Cause: err}
	}
	d := &Device{config: o.Config, log: o.Logger, diary: event.Open(event.Options{Folder: dir}), patience: o.patience(), space: newSpace(dir, o.FreeSpace)}
	if err := d.open(ctx, dir, o); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *Device) open(ctx context.Context, dir string, o DeviceOptions) (err error) {
	journal, signIn, id := filepath.Join(dir, "journal.db"), filepath.Join(dir, "session.sealed"), filepath.Join(dir, "device.sealed")
	drafts := filepath.Join(dir, "drafts.sealed")
	d.vault, err = vault.Open(ctx, vault.Options{
		DataDir: dir, Keyring: o.Keyring, PassphraseFile: o.Config.PassphraseFile.Value,
		FallbackDir: o.Config.KeyDir.Value, Sealed: []string{journal, signIn, id, drafts},
	})
	if err != nil {
		return fmt.Errorf("opening the vault: %w", err)
	}
	if err := d.openJournal(ctx, journal, id); err != nil {
		return err
	}
	d.session, err = session.Open(ctx, session.Options{Path: signIn, Key: d.vault.DataKey()})
	if err != nil {
		return fmt.Errorf("opening the sign-in: %w", err)
	}
	d.people, err = people.Open(ctx, people.Options{Path: filepath.Join(dir, "people.sealed"), Key: d.vault.DataKey(), Cost: o.PINCost})
	if err != nil {
		return fmt.Errorf("opening the register of people: %w", err)
	}
	d.shifts, err = shift.Open(shift.Options{Path: filepath.Join(dir, "shift.sealed"), Key: d.vault.DataKey()})
	if err != nil {
		return fmt.Errorf("opening the shifts: %w", err)
	}
	d.cache, err = reference.Open(ctx, reference.Options{Path: filepath.Join(dir, "reference.sealed"), Key: d.vault.DataKey()})
	if err != nil {
		return fmt.Errorf("opening the reference cache: %w", err)
	}
	if d.drafts, err = draft.Open(draft.Options{Path: drafts, Key: d.vault.DataKey()}); err != nil {
		return err
	}
	if d.files, err = blob.Open(blob.Options{Dir: filepath.Join(dir, "files"), Key: d.vault.DataKey()}); err != nil {
		return err
	}
	d.client, err = bffclient.New(bffclient.Options{
		BaseURL: d.config.BFF.Value, Tokens: d.session, Pins: d.session, HTTP: o.HTTP,
		DeviceID: d.journal.DeviceID(), DeviceKey: d.vault.DeviceKey(), Version: buildinfo.Version(), Logger: d.log,
	})
	if err != nil {
		return fmt.Errorf("making the client: %w", err)
	}
	return d.makeUpdater(o)
}

// Close closes the journal. Nothing else is kept open.
func (d *Device) Close() error {
	if d.journal == nil {
		return nil
	}
	if err := d.journal.Close(); err != nil {
		return fmt.Errorf("closing the journal: %w", err)
	}
	return nil
}

// Journal is the device's journal.
func (d *Device) Journal() *queue.Journal { return d.journal }

// Config is every setting with its source.
func (d *Device) Config() Config { return d.config }

// Protection says what guards the key of the journal.
func (d *Device) Protection() vault.Protection { return d.vault.Protection() }

// Person is who used the device last, signed in or not; false when nobody did
// or the person signed out.
func (d *Device) Person() (bffclient.Person, bool) { return d.session.Person() }

// SignedIn reports whether the device may talk to the server for its person.
func (d *Device) SignedIn() bool { return d.session.SignedIn() }

// Probe asks the server whether it is there, and remembers what it said.
func (d *Device) Probe(ctx context.Context) (bffclient.Health, error) {
	h, err := d.client.Probe(ctx)
	if err != nil {
		return bffclient.Health{}, fmt.Errorf("probing the server: %w", err)
	}
	d.health.Store(&h)
	return h, nil
}

// SignIn signs a person in and remembers the server for later starts.
func (d *Device) SignIn(ctx context.Context, user, password string) (bffclient.Person, error) {
	s, err := d.client.SignIn(ctx, user, password)
	if code := d.config.Company.EnrolmentCode; action.CodeOf(err) == action.EnrolmentNeeded && code != "" {
		// The company gave a code to this device, so that nobody has to type one.
		if _, err = d.Enrol(ctx, code, ""); err == nil {
			s, err = d.client.SignIn(ctx, user, password)
		}
	}
	if err != nil {
		d.record(event.AuthFailure, event.Fields{"code": action.CodeOf(err)})
		return bffclient.Person{}, fmt.Errorf("signing in: %w", err)
	}
	d.record(event.AuthSuccess, event.Fields{"userId": s.Person.ID})
	if err := d.session.Enter(ctx, s.Person); err != nil {
		return bffclient.Person{}, fmt.Errorf("changing who works here: %w", err)
	}
	if err := d.people.Remember(ctx, s.Person); err != nil {
		return bffclient.Person{}, err
	}
	if err := d.rememberServer(); err != nil {
		return bffclient.Person{}, err
	}
	d.learnRecipient(ctx)
	return s.Person, nil
}

// Enrol makes the device known to the server by a code of the office. Signing in
// comes after it.
func (d *Device) Enrol(ctx context.Context, code, name string) (bffclient.Enrolment, error) {
	e, err := d.client.Enrol(ctx, code, name)
	if err != nil {
		return bffclient.Enrolment{}, fmt.Errorf("enrolling the device: %w", err)
	}
	d.record(event.DeviceEnrolled, nil)
	return e, errors.Join(d.rememberServer(), d.rememberEnrolment(e))
}

// rememberServer makes the server in use the one of later starts without a
// flag: the sign-in belongs to it.
func (d *Device) rememberServer() error {
	dir := d.config.DataDir.Value
	kept, err := readSettings(dir)
	if err != nil {
		return err
	}
	if sameServer(kept.BFF, d.config.BFF.Value) || kept.BFF == "" && sameServer(DefaultBFF, d.config.BFF.Value) {
		return nil
	}
	kept.BFF = d.config.BFF.Value
	return writeSettings(dir, kept)
}

// rememberEnrolment keeps what the server calls this device, for screens.
func (d *Device) rememberEnrolment(e bffclient.Enrolment) error {
	dir := d.config.DataDir.Value
	kept, err := readSettings(dir)
	if err != nil {
		return err
	}
	kept.Enrolled = &enrolled{Name: e.Name, At: e.EnrolledAt, BFF: d.config.BFF.Value}
	return writeSettings(dir, kept)
}

// enrolment is what the server in use calls this device, and since when, as far
// as this device enrolled by a code.
func (d *Device) enrolment() enrolled {
	kept, err := readSettings(d.config.DataDir.Value)
	if err != nil || kept.Enrolled == nil || !sameServer(kept.Enrolled.BFF, d.config.BFF.Value) {
		return enrolled{}
	}
	return *kept.Enrolled
}

// SignOut forgets who works on the device, with their PIN and badge. Without
// force it refuses while there is unsent work. The journal stays, and so do the
// others who signed in here.
func (d *Device) SignOut(ctx context.Context, force bool) error {
	counts, err := d.journal.Counts(ctx)
	if err != nil {
		return fmt.Errorf("counting unsent work: %w", err)
	}
	if counts.Unsent > 0 && !force {
		return &action.Error{
			Code: action.NotPossible, Message: fmt.Sprintf("%d entries are not sent yet", counts.Unsent),
			Hint: "Send them first, or sign out anyway: they stay on this device and are sent after the next sign-in",
		}
	}
	if err := d.client.SignOut(ctx); err != nil {
		// The tokens are gone from the device; that the server was not told
		// only means that they end there by themselves.
		d.log.Info().Str("code", string(action.CodeOf(err))).Msg("the server was not told of the sign-out")
	}
	here := d.Author()
	if err := d.session.Forget(ctx); err != nil {
		return fmt.Errorf("forgetting the sign-in: %w", err)
	}
	if err := d.people.Forget(ctx, here); err != nil {
		return err
	}
	d.record(event.AuthLogout, event.Fields{"forced": force, "unsent": counts.Unsent})
	return nil
}

// Refresh replaces the reference cache by what the server has now.
func (d *Device) Refresh(ctx context.Context) error {
	began := time.Now()
	if err := d.cache.Refresh(ctx, d.client); err != nil {
		d.record(event.FetchFailed, event.Fields{"code": action.CodeOf(err)})
		return fmt.Errorf("refreshing the reference data: %w", err)
	}
	d.learnRecipient(ctx)
	d.record(event.FetchAccounts, event.Fields{
		"accounts": d.cache.Accounts("", 1, 0).Total, "invoices": len(d.cache.Invoices("")), "milliseconds": time.Since(began),
	})
	return nil
}

// SyncOnce probes the server and sends everything that is due.
func (d *Device) SyncOnce(ctx context.Context) (queue.Summary, queue.Status, error) {
	return d.SyncWatched(ctx, func(queue.Status) {})
}

// SyncWatched is SyncOnce for a person who waits: watch hears how far it is,
// from another goroutine that has ended when this returns.
func (d *Device) SyncWatched(ctx context.Context, watch func(queue.Status)) (queue.Summary, queue.Status, error) {
	r, err := d.replay()
	if err != nil {
		return queue.Summary{}, queue.Status{}, err
	}
	defer watching(r, watch)()
	summary, err := r.Once(ctx)
	if err != nil {
		return summary, r.Status(), fmt.Errorf("sending: %w", err)
	}
	return summary, r.Status(), nil
}

// record writes a diagnostic event. An act of a person never fails because the
// diary cannot be written.
func (d *Device) record(name event.Name, fields event.Fields) {
	if err := d.diary.Record(name, fields); err != nil {
		d.log.Warn().Err(err).Str("event", string(name)).Msg("diagnostic event lost")
	}
}

// Author is the id of the person who works on the device, or empty.
func (d *Device) Author() string { return d.personDTO().ID }

// Look asks the server once whether it is there and says how the connection
// stands.
func (d *Device) Look(ctx context.Context) queue.Status {
	c := queue.Connection{State: queue.Online, Since: time.Now().UTC()}
	h, err := d.Probe(ctx)
	switch code := action.CodeOf(err); {
	case err == nil && !d.SignedIn():
		c.State, c.Code = queue.SignedOut, action.SignInNeeded
	case err == nil && len(h.Down) > 0:
		c.State, c.Code, c.Down = queue.Degraded, action.SalesforceDown, h.Down
	case err == nil:
	case code.Class() == action.PortalSeen:
		c.State, c.Code = queue.Portal, code
	default:
		c.State, c.Code = queue.Offline, code
	}
	return queue.Status{Connection: c, ClockOffset: h.ClockOffset}
}

// watching tells watch of each change until it is ended by the function
// returned.
func watching(r *queue.Replay, watch func(queue.Status)) func() {
	changes, stop := r.Changes()
	ended := make(chan struct{})
	var owner sync.WaitGroup
	owner.Go(func() {
		for {
			select {
			case <-changes:
				watch(r.Status())
			case <-ended:
				return
			}
		}
	})
	return func() { close(ended); owner.Wait(); stop() }
}
