package app

import (
	"context"
	"runtime"
	"strings"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
	"fieldpay/internal/buildinfo"
)

// BootstrapDTO is what never changes while the program runs, and who is there.
type BootstrapDTO struct {
	Version     string `json:"version"`
	Environment string `json:"environment"`
	BFFURL      string `json:"bffUrl"`
	Platform    string `json:"platform"`
	// Locale is a BCP 47 tag; empty leaves it to the browser.
	Locale        string        `json:"locale"`
	DeviceID      string        `json:"deviceId"`
	KeyProtection string        `json:"keyProtection"`
	Host          string        `json:"host"`
	Currencies    []CurrencyDTO `json:"currencies"`
	Methods       []string      `json:"methods"`
	VisitOutcomes []string      `json:"visitOutcomes"`
	Person        PersonDTO     `json:"person"`
	SignedIn      bool          `json:"signedIn"`
	// Enrolment is how the server knows the device.
	Enrolment EnrolmentDTO `json:"enrolment"`
}

// CurrencyDTO is a currency with its number of minor digits.
type CurrencyDTO struct {
	Code   string `json:"code"`
	Digits int    `json:"digits"`
}

// PersonDTO is who uses the device; an empty id is nobody.
type PersonDTO struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Credentials are what a person types to sign in.
type Credentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// SignOutOptions says how to sign out. Force does it although work is unsent.
type SignOutOptions struct {
	Force bool `json:"force"`
}

// Bootstrap is the first call of a screen. While the screen is locked it names
// nobody.
func (b *Bridge) Bootstrap() (BootstrapDTO, error) {
	return atDoor(b, "Bootstrap", none{}, func(_ context.Context, r *running, _ none) (BootstrapDTO, error) {
		d := r.device
		out := BootstrapDTO{
			Version: buildinfo.Version(), Environment: d.environment(), BFFURL: d.config.BFF.Value,
			Platform: runtime.GOOS, Locale: d.config.Language.Value, DeviceID: d.journal.DeviceID(), KeyProtection: string(d.Protection()),
			Host: b.app.options.Host, SignedIn: d.SignedIn(), Enrolment: d.enrolmentDTO(),
		}
		if !r.door.isLocked() {
			out.Person = d.personDTO()
		}
		for _, c := range action.Currencies() {
			out.Currencies = append(out.Currencies, CurrencyDTO{Code: string(c), Digits: c.Digits()})
		}
		for _, m := range action.Methods() {
			out.Methods = append(out.Methods, string(m))
		}
		for _, o := range action.VisitOutcomes() {
			out.VisitOutcomes = append(out.VisitOutcomes, string(o))
		}
		return out, nil
	})
}

// SignIn signs a person in at the server.
func (b *Bridge) SignIn(c Credentials) (PersonDTO, error) {
	return atDoor(b, "SignIn", c, func(ctx context.Context, r *running, c Credentials) (PersonDTO, error) {
		if err := c.check(); err != nil {
			return PersonDTO{}, err
		}
		p, err := r.device.SignIn(ctx, strings.TrimSpace(c.Username), c.Password)
		if err != nil {
			return PersonDTO{}, err
		}
		if err := r.door.prove(ctx, p); err != nil {
			return PersonDTO{}, err
		}
		r.replay.SignedIn()
		r.refresher.want()
		b.app.hub.publish(SessionTopic, StatusTopic)
		return personDTO(p), nil
	})
}

func (c Credentials) check() error {
	fields := map[string]string{}
	if strings.TrimSpace(c.Username) == "" {
		fields["username"] = "is required"
	}
	if c.Password == "" {
		fields["password"] = "is required"
	}
	if len(fields) == 0 {
		return nil
	}
	return &action.Error{Code: action.InvalidPayload, Message: "Enter your name and your password", Fields: fields}
}

// EnrolOptions are what a person types to make the device known to the server.
type EnrolOptions struct {
	Code string `json:"code"`
}

// EnrolmentDTO is by what name the server knows this device, and since when;
// both are empty where no code was used.
type EnrolmentDTO struct {
	Name string `json:"name"`
	At   string `json:"at"`
}

// Enrol makes the device known to the server by a code of the office. Signing in
// comes after it.
func (b *Bridge) Enrol(o EnrolOptions) (EnrolmentDTO, error) {
	return atDoor(b, "Enrol", o, func(ctx context.Context, r *running, o EnrolOptions) (EnrolmentDTO, error) {
		code := strings.TrimSpace(o.Code)
		if code == "" {
			return EnrolmentDTO{}, &action.Error{
				Code: action.InvalidPayload, Message: "Enter the code that the office gave you", Fields: map[string]string{"code": "is required"},
			}
		}
		if _, err := r.device.Enrol(ctx, code, ""); err != nil {
			return EnrolmentDTO{}, err
		}
		b.app.hub.publish(SessionTopic)
		return r.device.enrolmentDTO(), nil
	})
}

func (d *Device) enrolmentDTO() EnrolmentDTO {
	e := d.enrolment()
	return EnrolmentDTO{Name: e.Name, At: stamp(e.At)}
}

// SignOut forgets who is signed in. Unsent work stands against it, unless it is
// forced; the work stays on the device in any case.
func (b *Bridge) SignOut(o SignOutOptions) error {
	_, err := atDoor(b, "SignOut", o, func(ctx context.Context, r *running, o SignOutOptions) (none, error) {
		if r.door.isLocked() {
			return none{}, r.door.pass()
		}
		if err := r.device.SignOut(ctx, o.Force); err != nil {
			return none{}, err
		}
		if err := r.door.left(ctx); err != nil {
			return none{}, err
		}
		b.app.hub.publish(SessionTopic, StatusTopic)
		return none{}, nil
	})
	return err
}

func personDTO(p bffclient.Person) PersonDTO {
	return PersonDTO{ID: p.ID, Name: p.Name, Email: p.Email}
}

func (d *Device) personDTO() PersonDTO {
	p, _ := d.session.Person()
	return personDTO(p)
}

// environment is the server's name for itself; empty before the first contact.
func (d *Device) environment() string {
	if h := d.health.Load(); h != nil {
		return h.Environment
	}
	return ""
}
