package update

import (
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"fieldpay/internal/release"
)

const executableEnding = ".exe"

// key is where the setup notes what it installed.
const key = `Software\Microsoft\Windows\CurrentVersion\Uninstall\FieldPay`

// installedAt looks for what the setup noted for this person. What is installed
// for everybody belongs to an administrator or to device management.
func installedAt(program string) Installation {
	k, err := registry.OpenKey(registry.CURRENT_USER, key, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return Installation{Reason: "FieldPay is installed for everybody on this computer: its administrator updates it"}
	}
	defer k.Close()
	folder, _, err := k.GetStringValue("InstallLocation")
	if err != nil || !strings.EqualFold(filepath.Clean(folder), filepath.Dir(program)) {
		return Installation{}
	}
	return Installation{Kind: release.Setup, Prefix: folder}
}

// startSetup starts a setup that outlives this program: it waits until FieldPay
// is closed, and opens it again.
func startSetup(program string, args ...string) error {
	c := exec.Command(program, args...) // #nosec G204 -- a setup whose hash was signed
	c.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.DETACHED_PROCESS}
	if err := c.Start(); err != nil {
		return storageFailed("starting the setup", err)
	}
	return c.Process.Release()
}
