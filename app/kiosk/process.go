package kiosk

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// session finds a desktop by the name that its session gives itself.
func (w world) session() Finding {
	desktop := w.env("XDG_CURRENT_DESKTOP")
	if desktop == "" || strings.EqualFold(desktop, "fieldpay-kiosk") {
		return Finding{Name: Session, OK: true}
	}
	return Finding{Name: Session, What: desktop}
}

// linuxPrograms looks through the programs of this user.
func (w world) linuxPrograms() Finding {
	out := Finding{Name: Programs, OK: true}
	w.eachProcess(func(dir string) bool {
		name := firstWord(w.read(path.Join(dir, "comm")))
		if !slices.Contains(opens(), name) {
			return true
		}
		out = Finding{Name: Programs, What: name}
		return false
	})
	return out
}

// eachProcess calls visit with the folder of each process of this user, until it
// answers false.
func (w world) eachProcess(visit func(dir string) bool) {
	entries, err := fs.ReadDir(w.root, "proc")
	if err != nil {
		return // no such folder: nothing runs that could be seen
	}
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err != nil {
			continue
		}
		dir := path.Join("proc", e.Name())
		if w.ownerOf(dir) == w.user && !visit(dir) {
			return
		}
	}
}

// ownerOf reads the user of a process; -1 for one that ended meanwhile.
func (w world) ownerOf(dir string) int {
	for line := range strings.Lines(w.read(path.Join(dir, "status"))) {
		if rest, ok := strings.CutPrefix(line, "Uid:"); ok {
			fields := strings.Fields(rest)
			if len(fields) == 0 {
				return -1
			}
			id, err := strconv.Atoi(fields[0])
			if err != nil {
				return -1
			}
			return id
		}
	}
	return -1
}

// consoles finds whether Ctrl+Alt+F1 and its kin are off: cage lets them through
// only where it is told to, and the X server unless it is told not to.
func (w world) consoles() Finding {
	out := Finding{Name: Consoles, What: "X server without DontVTSwitch"}
	w.eachProcess(func(dir string) bool {
		args := strings.Split(w.read(path.Join(dir, "cmdline")), "\x00")
		if path.Base(args[0]) != "cage" {
			return true
		}
		out = Finding{Name: Consoles, OK: true}
		if slices.Contains(args, "-s") {
			out = Finding{Name: Consoles, What: "cage -s"}
		}
		return false
	})
	if out.OK || out.What == "cage -s" {
		return out
	}
	for _, dir := range []string{"etc/X11/xorg.conf.d", "usr/share/X11/xorg.conf.d"} {
		files, err := fs.Glob(w.root, dir+"/*.conf")
		if err != nil {
			continue // a malformed pattern alone, and these are not
		}
		for _, file := range files {
			if forbidsConsoles(w.read(file)) {
				return Finding{Name: Consoles, OK: true}
			}
		}
	}
	return out
}

// forbidsConsoles reads an option as the X server does: "Option" and its name in
// quotes, and a value that is true if it is left out.
func forbidsConsoles(conf string) bool {
	for line := range strings.Lines(conf) {
		words := strings.Fields(strings.ReplaceAll(strings.ToLower(line), `"`, " "))
		if len(words) < 2 || words[0] != "option" || words[1] != "dontvtswitch" {
			continue
		}
		if len(words) == 2 || slices.Contains([]string{"true", "on", "yes", "1"}, words[2]) {
			return true
		}
	}
	return false
}

// rescueKeys are the bits of kernel.sysrq that let a person at the keyboard end
// programs, dump memory or take the keyboard: 2, 4, 8, 64 and 128.
const rescueKeys = 2 | 4 | 8 | 64 | 128

func (w world) rescue() Finding {
	text := strings.TrimSpace(w.read("proc/sys/kernel/sysrq"))
	bits, err := strconv.Atoi(text)
	if err != nil || bits != 1 && bits&rescueKeys == 0 {
		return Finding{Name: Rescue, OK: true} // 1 is all of them; without the file there are none
	}
	return Finding{Name: Rescue, What: "kernel.sysrq = " + text}
}

func (w world) read(name string) string {
	text, err := fs.ReadFile(w.root, name)
	if err != nil {
		return "" // a process that ended, or a file that is not there
	}
	return string(text)
}
