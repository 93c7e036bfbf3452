//go:build unix

package update

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"fieldpay/action"
	"fieldpay/internal/release"
)

const executableEnding = ""

// installedAt looks for the mark that install.sh leaves. Without it a package
// manager brought the program, or somebody copied it.
func installedAt(program string) Installation {
	prefix := filepath.Dir(filepath.Dir(program))
	if _, err := os.Stat(filepath.Join(prefix, "share", "fieldpay", "archive")); err != nil {
		return Installation{Reason: "The package manager of this computer, or whoever looks after it, updates FieldPay"}
	}
	if unix.Access(filepath.Dir(program), unix.W_OK) != nil {
		return Installation{Reason: "FieldPay is installed for everybody on this computer: its administrator updates it"}
	}
	return Installation{Kind: release.Archive, Prefix: prefix}
}

func startSetup(string, ...string) error {
	return &action.Error{Code: action.NotPossible, Message: "A setup program runs on Windows only"}
}
