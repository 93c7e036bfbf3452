// Package policy reads the settings that a company gives to its devices. They
// outrank whatever a person, a command line or the environment says.
//
//	found, err := policy.Load()
//	config = config.Under(found)
//
// Where a policy lies depends on the system:
//
//	Linux    /etc/fieldpay/policy.json
//	Windows  the values of HKLM\Software\Policies\FieldPay, else
//	         FieldPay\policy.json in the ProgramData folder
//	macOS    the managed preferences of com.fieldpay.fieldpay
//
// All of them have the members of [Policy]. A policy that cannot be read, or
// that anybody but the administrator may change, is an error and not overlooked:
// a device without the rules of its company would be worse than one that says
// what is wrong.
package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"fieldpay/action"
)

// Policy is what a company settles. A member that it leaves out, or leaves
// empty, is left to the device. Members are flat, so that they fit the values of
// a registry key and the entries of a profile as they fit JSON; their names
// stand in [Policy.members].
type Policy struct {
	// BFF is the server's address: https, or http on loopback.
	BFF string
	// EnrolmentCode is what a device that the server does not know yet enrols
	// with by itself.
	EnrolmentCode string
	// Language of the screens is a BCP 47 tag.
	Language string
	// Kiosk makes the window the only thing on the screen, for people who change.
	Kiosk bool
	// PIN is "required" where nobody may work without one, and "optional" else.
	PIN string
	// IdleLock is after how many seconds without a hand on it the screen locks:
	// 15 to 86,400.
	IdleLock int
	// Caps limit the money that the device takes while it cannot ask.
	Caps Caps
	// Retention is how long settled work stays in the journal before it is
	// archived; 0 leaves it to the device.
	Retention time.Duration
	// SupportKey is the public key that support bundles are sealed to, as
	// age-keygen prints it.
	SupportKey string
	// TelemetryOff is set by "telemetry": false. Nothing but what sending needs
	// is told to the server then.
	TelemetryOff bool
	// UpdateChannel is the kind of versions that the device hears of.
	UpdateChannel Channel
	// UpdateHour is the local hour, 0 to 23, in which the device installs an
	// update by itself; nil leaves it to a person, and on a kiosk to the device.
	UpdateHour *int
}

// members are the known ones by name, each with what reads its value into p.
func (p *Policy) members() map[string]func(any) error {
	return map[string]func(any) error{
		"bff":           text(&p.BFF, checkServer),
		"enrolmentCode": text(&p.EnrolmentCode, checkCode),
		"language":      text(&p.Language, checkLanguage),
		"kiosk":         flag(&p.Kiosk),
		"pin":           text(&p.PIN, oneOf("optional", PINRequired)),
		"idleLock":      number(&p.IdleLock, 15, 86_400),
		"capPayment":    amounts(&p.Caps.Payment),
		"capTotal":      amounts(&p.Caps.Total),
		"capAgeHours":   span(&p.Caps.Age, time.Hour, 24*366),
		"retentionDays": span(&p.Retention, 24*time.Hour, 3660),
		"supportKey":    text(&p.SupportKey, checkSupportKey),
		"telemetry":     func(v any) error { on := true; err := flag(&on)(v); p.TelemetryOff = !on; return err },
		"updateChannel": text((*string)(&p.UpdateChannel), oneOf(string(Stable), string(Preview), string(NoChannel))),
		"updateHour":    func(v any) error { p.UpdateHour = new(int); return number(p.UpdateHour, 0, 23)(v) },
	}
}

// Channel is a kind of versions.
type Channel string

// The channels. A device on preview hears of stable versions too; one on none
// does not even ask.
const (
	Stable    Channel = "stable"
	Preview   Channel = "preview"
	NoChannel Channel = "none"
)

// PINRequired is the value of [Policy.PIN] that makes everybody set a PIN.
const PINRequired = "required"

// Found is a policy and where it came from; From is empty where there is none.
type Found struct {
	Policy
	From string
	// Settled are the members that the policy fills, and Unknown those that this
	// build does not know, of a newer one or a slip of the pen; both sorted.
	Settled, Unknown []string
}

// Load finds the policy of this computer. Without one it answers the zero
// [Found]. It fails with [action.PolicyInvalid] when there is one that cannot be
// read or trusted, and names the member that is wrong.
func Load() (Found, error) { return load() }

// ReadFile reads a policy written as JSON. A file that is not there is no
// policy. On systems with permission bits it must not be writable by everybody
// or by a group.
func ReadFile(path string) (Found, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Found{}, nil
	}
	if err != nil {
		return Found{}, broken(path, nil, err)
	}
	defer f.Close()
	if err := trusted(f); err != nil {
		return Found{}, broken(path, nil, err)
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(f); err != nil {
		return Found{}, broken(path, nil, err)
	}
	var members map[string]any
	if err := json.Unmarshal(text.Bytes(), &members); err != nil {
		return Found{}, broken(path, nil, err)
	}
	return read(path, members)
}

// read takes a policy from its members, whatever they were written in.
func read(from string, given map[string]any) (Found, error) {
	found, fields := Found{From: from}, map[string]string{}
	known := found.members()
	for name, value := range given {
		set, ok := known[name]
		if !ok {
			found.Unknown = append(found.Unknown, name)
			continue
		}
		if value == "" {
			continue // left to the device
		}
		if err := set(value); err != nil {
			fields[name] = err.Error()
			continue
		}
		found.Settled = append(found.Settled, name)
	}
	if len(fields) > 0 {
		return Found{}, broken(from, fields, nil)
	}
	slices.Sort(found.Settled)
	slices.Sort(found.Unknown)
	return found, nil
}

func checkServer(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		return errors.New("must be an address such as https://pay.example.com")
	case u.Scheme == "https", u.Scheme == "http" && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"):
		return nil
	default:
		return errors.New("must begin with https://; http is for this computer alone")
	}
}

// maxCode is far more than a code of the office has.
const maxCode = 200

func checkCode(code string) error {
	if len(code) > maxCode || strings.TrimSpace(code) != code {
		return errors.New("must be a code as the office gave it")
	}
	return nil
}

// checkSupportKey looks at the form alone: what uses the key reads it.
func checkSupportKey(key string) error {
	if !strings.HasPrefix(key, "age1") || len(key) != 62 {
		return errors.New("must be a public key of age, which begins with age1")
	}
	return nil
}

func checkLanguage(tag string) error {
	if _, err := language.Parse(tag); err != nil {
		return errors.New("must be a language such as en or de-AT")
	}
	return nil
}

func broken(from string, fields map[string]string, cause error) error {
	return &action.Error{
		Code: action.PolicyInvalid, Message: fmt.Sprintf("The settings that your company gives to this computer cannot be used (%s)", from),
		Hint: "Ask whoever looks after your computers", Fields: fields, Op: "reading the policy", Cause: cause,
	}
}
