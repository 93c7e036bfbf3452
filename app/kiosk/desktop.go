package kiosk

import (
	"slices"
	"strings"
)

// windowsPrograms looks for the desktop: Assigned Access and a shell of one's own
// do without it.
func (w world) windowsPrograms() Finding {
	names, err := w.programs()
	if err != nil {
		return Finding{Name: Programs, What: "the programs cannot be listed"}
	}
	for _, name := range []string{"explorer.exe", "cmd.exe", "powershell.exe", "taskmgr.exe"} {
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			return Finding{Name: Programs, What: name}
		}
	}
	return Finding{Name: Programs, OK: true}
}
