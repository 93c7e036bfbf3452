package vault

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
)

// errNoSessionBus says that this login has no session bus, and so no keychain.
var errNoSessionBus = errors.New("there is no session bus to reach a keychain by")

// bus is what tells whether a session bus runs.
type bus struct {
	system string
	getenv func(string) string
	exists func(path string) bool
	user   int
}

func thisBus() bus {
	return bus{system: runtime.GOOS, getenv: os.Getenv, user: os.Getuid(), exists: func(path string) bool {
		_, err := os.Stat(path)
		return err == nil
	}}
}

// check returns errNoSessionBus where the keychain is reached over a session
// bus and none runs. The D-Bus library would start one then, with a keychain of
// its own behind it: both would outlive the program, one pair for each start,
// and the next start would not find what was stored in the last one's.
func (b bus) check() error {
	if b.system == "windows" || b.system == "darwin" {
		return nil
	}
	if address := b.getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && address != "autolaunch:" {
		return nil
	}
	folder := filepath.Join("/run/user", strconv.Itoa(b.user)) // where the library looks, too
	if b.exists(filepath.Join(folder, "bus")) || b.exists(filepath.Join(folder, "dbus-session")) {
		return nil
	}
	return errNoSessionBus
}
