package update

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime"

	"fieldpay/internal/release"
)

// Installation is how the running program came to this computer.
type Installation struct {
	// Kind is what FieldPay installs by itself; empty where somebody else does.
	Kind     release.Kind
	OS, Arch string
	// Prefix is the folder that an archive was installed below.
	Prefix string
	// Reason says why FieldPay installs nothing itself.
	Reason string
}

func (i Installation) because() string {
	return cmp.Or(i.Reason, "Whoever installed FieldPay on this computer updates it")
}

// Installed finds out how the running program came here.
func Installed() Installation {
	program, err := os.Executable()
	if err == nil {
		program, err = filepath.EvalSymlinks(program)
	}
	if err != nil {
		return Installation{}
	}
	return InstalledAt(program)
}

// InstalledAt finds out how a program came here.
func InstalledAt(program string) Installation {
	i := installedAt(program)
	i.OS, i.Arch = runtime.GOOS, runtime.GOARCH
	return i
}
