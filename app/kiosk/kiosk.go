// Package kiosk looks at what stands around a kiosk's window. FieldPay fills the
// screen and refuses to be closed, but it cannot keep a person from what other
// programs offer: that is the session's part, and [Look] says whether it does it.
//
// A finding that is not OK is a way out for somebody, or may be one; one that
// cannot be told on this system says so. None of them stops the program.
package kiosk

import (
	"io/fs"
	"os"
	"runtime"
	"strings"
)

// Name names what is looked at.
type Name string

// What is looked at.
const (
	// Session: no desktop runs beside FieldPay.
	Session Name = "session"
	// Programs: no program of this person runs that opens others, such as a
	// terminal, a file manager or a panel.
	Programs Name = "programs"
	// Consoles: no key leads to a text console.
	Consoles Name = "consoles"
	// Rescue: no key talks to the kernel, to end all programs for one.
	Rescue Name = "rescue"
	// Inspector: no variable asks the web view to open its inspector.
	Inspector Name = "inspector"
	// Unknown: this system is not looked at.
	Unknown Name = "unknown"
)

// Finding is one thing that was looked at.
type Finding struct {
	Name Name
	OK   bool
	// What names what was found, e.g. the program; empty where all is well.
	What string
}

// world is what is looked at; tests have one of their own.
type world struct {
	system string
	// root is the file system.
	root fs.FS
	env  func(string) string
	user int
	// programs lists the programs of other systems than Linux.
	programs func() ([]string, error)
}

// Look looks around. It reads files and lists of programs, and starts nothing.
func Look() []Finding {
	return world{system: runtime.GOOS, root: os.DirFS("/"), env: os.Getenv, user: os.Getuid(), programs: programs}.look()
}

// Gaps counts what is not as it should be.
func Gaps(findings []Finding) int {
	n := 0
	for _, f := range findings {
		if !f.OK {
			n++
		}
	}
	return n
}

func (w world) look() []Finding {
	switch w.system {
	case "linux":
		return []Finding{w.session(), w.linuxPrograms(), w.consoles(), w.rescue(), w.inspector()}
	case "windows":
		return []Finding{w.windowsPrograms(), w.inspector()}
	default:
		return []Finding{{Name: Unknown, What: w.system}}
	}
}

func (w world) inspector() Finding {
	for _, name := range []string{"WEBKIT_INSPECTOR_SERVER", "WEBKIT_INSPECTOR_HTTP_SERVER", "WEBVIEW2_ADDITIONAL_BROWSER_ARGUMENTS"} {
		if w.env(name) != "" {
			return Finding{Name: Inspector, What: name}
		}
	}
	return Finding{Name: Inspector, OK: true}
}

// opens is what has no place beside a kiosk: each lets a person start other
// programs. The kernel cuts names after 15 letters, and so are these.
func opens() []string {
	return []string{
		"gnome-shell", "gnome-session-b", "plasmashell", "kwin_x11", "kwin_wayland", "xfce4-panel", "xfce4-session", "xfdesktop", "mate-panel",
		"cinnamon", "lxpanel", "lxqt-panel", "budgie-panel", "i3", "sway", "waybar", "tint2", "nautilus", "nemo", "thunar", "pcmanfm", "dolphin",
		"xterm", "uxterm", "lxterminal", "gnome-terminal-", "konsole", "xfce4-terminal", "foot", "alacritty", "kitty", "weston-terminal",
		"firefox", "firefox-esr", "chromium", "chrome",
	}
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return word
}
