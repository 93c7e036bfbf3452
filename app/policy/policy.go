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

	"golang.org/x/text/language"

	"fieldpay/action"
)

// Policy is what a company settles. An empty member is left to the device.
type Policy struct {
	// BFF is the server's address: https, or http on loopback.
	BFF string `json:"bff"`
	// Language of the screens is a BCP 47 tag.
	Language string `json:"language"`
	// Kiosk makes the window the only thing on the screen, for people who change.
	Kiosk bool `json:"kiosk"`
	// PIN is "required" where nobody may work without one, and "optional" else.
	PIN string `json:"pin"`
	// IdleLock is after how many seconds without a hand on it the screen locks:
	// 15 to 86,400.
	IdleLock int `json:"idleLock"`
}

// PINRequired is the value of [Policy.PIN] that makes everybody set a PIN.
const PINRequired = "required"

// Found is a policy and where it came from; From is empty where there is none.
type Found struct {
	Policy
	From string
	// Unknown are members that this build does not know, sorted: those of a newer
	// one, or a slip of the pen.
	Unknown []string
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
func read(from string, members map[string]any) (Found, error) {
	found, fields := Found{From: from}, map[string]string{}
	known := map[string]func(any) error{
		"bff":      text(&found.BFF, checkServer),
		"language": text(&found.Language, checkLanguage),
		"kiosk":    flag(&found.Kiosk),
		"pin":      text(&found.PIN, oneOf("optional", PINRequired)),
		"idleLock": number(&found.IdleLock, 15, 86_400),
	}
	for name, value := range members {
		set, ok := known[name]
		if !ok {
			found.Unknown = append(found.Unknown, name)
			continue
		}
		if err := set(value); err != nil {
			fields[name] = err.Error()
		}
	}
	if len(fields) > 0 {
		return Found{}, broken(from, fields, nil)
	}
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
