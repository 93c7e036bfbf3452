package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/app/policy"
)

// DefaultBFF is the server's address when nobody gives one: the BFF on its own
// defaults on this machine.
const DefaultBFF = "http://127.0.0.1:3001"

// The environment variables that settings are read from.
const (
	DataDirVar    = "FIELDPAY_DATA_DIR"
	BFFVar        = "FIELDPAY_BFF"
	IdleLockVar   = "FIELDPAY_IDLE_LOCK"
	RetentionVar  = "FIELDPAY_RETENTION_DAYS"
	KeyDirVar     = "FIELDPAY_KEY_DIR"
	PassphraseVar = "FIELDPAY_PASSPHRASE_FILE"
	SupportKeyVar = "FIELDPAY_SUPPORT_KEY"
	TelemetryVar  = "FIELDPAY_TELEMETRY"
)

const settingsFile = "settings.json"

// Source says where a setting comes from.
type Source string

// The sources, from the strongest to the weakest.
const (
	FromPolicy      Source = "policy"
	FromFlag        Source = "flag"
	FromEnvironment Source = "environment"
	FromFile        Source = "settings file"
	FromDefault     Source = "default"
)

// Setting is a value and where it comes from.
type Setting struct {
	Value  string
	Source Source
}

// Config is every setting of a device.
type Config struct {
	// DataDir holds everything the device keeps.
	DataDir Setting
	// BFF is the server's address.
	BFF Setting
	// Language of the screens, a BCP 47 tag; empty leaves it to them.
	Language Setting
	// Kiosk is "true" where the window is all there is on the screen.
	Kiosk Setting
	// PIN is "required" where nobody may work without one, else "optional".
	PIN Setting
	// IdleLock is after how many seconds without a hand on it the screen locks.
	IdleLock Setting
	// KeyDir holds the wrapping key where there is no keychain; empty means
	// the vault's own choice. PassphraseFile holds a passphrase to use instead.
	KeyDir, PassphraseFile Setting
	// RetentionDays is for how many days what ended stays in the journal before it
	// moves to the archive.
	RetentionDays Setting
	// SupportKey is the public key that support bundles are sealed to, as
	// age-keygen prints it; empty: they are saved as they are.
	SupportKey Setting
	// Telemetry is "on" or "off": whether the office hears how this device is.
	Telemetry Setting
	// Company is what the company settled, with what nobody else can settle: caps,
	// retention, telemetry, updates. Empty members are left to the device.
	Company policy.Found
}

// defaultRetention is a month less than the server keeps outcomes: a new action
// then never names one before it that the server has forgotten.
const (
	defaultRetention = "365"
	maxRetention     = 3660
)

// Flags are the settings given on a command line; empty ones were not.
type Flags struct {
	DataDir, BFF string
	// Kiosk asks for a kiosk.
	Kiosk bool
}

// Configure finds the settings: a flag counts before the environment, that
// before settings.json in the data folder, and that before the default; what a
// company has settled counts before all of them ([Config.Under]). It reads files
// and writes nothing.
func Configure(flags Flags, getenv func(string) string) (Config, error) {
	var c Config
	dir, err := defaultDataDir()
	if err != nil && flags.DataDir == "" && getenv(DataDirVar) == "" {
		return Config{}, err
	}
	c.DataDir = strongest(flags.DataDir, getenv(DataDirVar), "", dir)
	if c.DataDir.Value, err = filepath.Abs(c.DataDir.Value); err != nil {
		return Config{}, fmt.Errorf("finding the data folder: %w", err)
	}
	kept, err := readSettings(c.DataDir.Value)
	if err != nil {
		return Config{}, err
	}
	c.BFF = strongest(flags.BFF, getenv(BFFVar), kept.BFF, DefaultBFF)
	c.Language = strongest("", "", "", "")
	c.Kiosk = strongest(kioskFlag(flags.Kiosk), "", "", "false")
	c.PIN = strongest("", "", "", "optional")
	c.IdleLock = strongest("", getenv(IdleLockVar), kept.IdleLock, "")
	if err := checkIdleLock(c.IdleLock.Value); err != nil {
		return Config{}, err
	}
	c.KeyDir = strongest("", getenv(KeyDirVar), "", "")
	c.PassphraseFile = strongest("", getenv(PassphraseVar), "", "")
	c.RetentionDays = strongest("", getenv(RetentionVar), kept.RetentionDays, defaultRetention)
	if err := checkRetention(c.RetentionDays.Value); err != nil {
		return Config{}, err
	}
	c.SupportKey = strongest("", getenv(SupportKeyVar), "", "")
	c.Telemetry = strongest("", getenv(TelemetryVar), "", "on")
	return c, nil
}

// Under puts what a company has settled over what the device would use.
func (c Config) Under(found policy.Found) Config {
	c.Company = found
	if found.BFF != "" {
		c.BFF = Setting{found.BFF, FromPolicy}
	}
	if found.Language != "" {
		c.Language = Setting{found.Language, FromPolicy}
	}
	if found.Retention != 0 {
		c.RetentionDays = Setting{strconv.Itoa(int(found.Retention / (24 * time.Hour))), FromPolicy}
	}
	if found.SupportKey != "" {
		c.SupportKey = Setting{found.SupportKey, FromPolicy}
	}
	if found.TelemetryOff {
		c.Telemetry = Setting{"off", FromPolicy}
	}
	if found.Kiosk {
		c.Kiosk = Setting{"true", FromPolicy}
	}
	if found.PIN != "" {
		c.PIN = Setting{found.PIN, FromPolicy}
	}
	if found.IdleLock != 0 {
		c.IdleLock = Setting{strconv.Itoa(found.IdleLock), FromPolicy}
	}
	return c
}

// How long a screen may lie untouched before it locks, unless somebody said
// otherwise: a kiosk stands where strangers pass.
const (
	idleLockOfKiosk  = 2 * time.Minute
	idleLockOfLaptop = 15 * time.Minute
)

// idleLock is the time after which an untouched screen locks.
func (c Config) idleLock() time.Duration {
	seconds, err := strconv.Atoi(c.IdleLock.Value)
	switch {
	case err == nil:
		return time.Duration(seconds) * time.Second
	case c.kiosk():
		return idleLockOfKiosk
	default:
		return idleLockOfLaptop
	}
}

func (c Config) kiosk() bool { return c.Kiosk.Value == "true" }

func (c Config) pinRequired() bool { return c.PIN.Value == policy.PINRequired || c.kiosk() }

// kioskFlag is the flag as a setting; one that was not given is none.
func kioskFlag(on bool) string {
	if on {
		return "true"
	}
	return ""
}

// checkRetention refuses what would archive everything, or nothing ever.
func checkRetention(days string) error {
	if n, err := strconv.Atoi(days); err == nil && n >= 1 && n <= maxRetention {
		return nil
	}
	return &action.Error{
		Code: action.BadRequest, Message: fmt.Sprintf("History stays in the journal for 1 to %d days", maxRetention),
		Hint: "Mend " + RetentionVar + " or retentionDays in " + settingsFile, Op: "reading the settings",
	}
}

// checkIdleLock refuses what is no time: a lock that is overlooked would be
// worse than none.
func checkIdleLock(seconds string) error {
	n, err := strconv.Atoi(seconds)
	if seconds == "" || err == nil && n >= minIdleLock && n <= maxIdleLock {
		return nil
	}
	return &action.Error{
		Code: action.BadRequest, Message: fmt.Sprintf("The time until the screen locks must be %d to %d seconds", minIdleLock, maxIdleLock),
		Hint: "Mend " + IdleLockVar + " or idleLock in " + settingsFile, Op: "reading the settings",
	}
}

// Bounds of the time until the screen locks, in seconds, as in package policy.
const (
	minIdleLock = 15
	maxIdleLock = 86_400
)

// Reports reports whether the office may hear how the device is.
func (c Config) Reports() bool { return c.Telemetry.Value != "off" }

// namedSetting is a setting for a list; path says that it is the path of a file.
type namedSetting struct {
	Setting
	name string
	path bool
}

// list returns every setting by its name.
func (c Config) list() []namedSetting {
	return []namedSetting{
		{c.DataDir, "data folder", true}, {c.BFF, "server", false}, {c.Language, "language", false}, {c.KeyDir, "key folder", true},
		{c.PassphraseFile, "passphrase file", true}, {c.SupportKey, "support key", false}, {c.Telemetry, "telemetry", false},
	}
}

func strongest(flag, environment, file, fallback string) Setting {
	switch {
	case flag != "":
		return Setting{flag, FromFlag}
	case environment != "":
		return Setting{environment, FromEnvironment}
	case file != "":
		return Setting{file, FromFile}
	default:
		return Setting{fallback, FromDefault}
	}
}

// defaultDataDir is a folder in the user's configuration. It lies below the
// one that holds the fallback key, so that a copy of the data has no key in it.
func defaultDataDir() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", &action.Error{
			Code: action.StorageFailed, Message: "There is no folder for FieldPay's data",
			Hint: "Give one with --data-dir or " + DataDirVar, Op: "finding the data folder", Cause: err,
		}
	}
	return filepath.Join(dir, "fieldpay", "data"), nil
}

// settings is what is kept in the data folder for the next start.
type settings struct {
	// BFF is the server that somebody last signed in to from here.
	BFF string `json:"bff,omitempty"`
	// Enrolled is by what name a server knows this device.
	Enrolled *enrolled `json:"enrolled,omitempty"`
	// IdleLock is after how many seconds the screen locks, as somebody chose here.
	IdleLock string `json:"idleLock,omitempty"`
	// RetentionDays is as in [Config].
	RetentionDays string `json:"retentionDays,omitempty"`
}

// enrolled is an enrolment by a code.
type enrolled struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
	BFF  string    `json:"bff"`
}

func readSettings(dataDir string) (settings, error) {
	text, err := os.ReadFile(filepath.Join(dataDir, settingsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return settings{}, nil
	}
	var s settings
	if err == nil {
		err = json.Unmarshal(bytes.TrimSpace(text), &s)
	}
	if err != nil {
		return settings{}, &action.Error{
			Code: action.StorageFailed, Message: "The settings cannot be read",
			Hint: "Mend or delete " + settingsFile + " in the data folder", Op: "reading the settings", Cause: err,
		}
	}
	return s, nil
}

// writeSettings replaces the settings in one step, so that a crash leaves
// either the old or the new ones.
func writeSettings(dataDir string, s settings) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the settings: %w", err)
	}
	f, err := os.CreateTemp(dataDir, settingsFile+".*")
	if err != nil {
		return fmt.Errorf("writing the settings: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already where all went well
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing the settings: %w", err)
	}
	if err := os.Rename(f.Name(), filepath.Join(dataDir, settingsFile)); err != nil {
		return fmt.Errorf("replacing the settings: %w", err)
	}
	return nil
}

// sameServer reports whether two addresses name one server.
func sameServer(a, b string) bool {
	return strings.EqualFold(strings.TrimRight(a, "/"), strings.TrimRight(b, "/"))
}
