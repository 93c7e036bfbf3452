package kiosk_test

import (
	"maps"
	"testing"
	"testing/fstest"

	"fieldpay/app/kiosk"
)

const user = 1000

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// process adds one to a tree of files.
func process(tree fstest.MapFS, pid, comm, uid, cmdline string) {
	tree["proc/"+pid+"/comm"] = file(comm + "\n")
	tree["proc/"+pid+"/status"] = file("Name:\t" + comm + "\nUid:\t" + uid + "\t" + uid + "\t" + uid + "\t" + uid + "\n")
	tree["proc/"+pid+"/cmdline"] = file(cmdline)
}

// locked is a machine that is a kiosk and nothing else.
func locked() fstest.MapFS {
	tree := fstest.MapFS{"proc/sys/kernel/sysrq": file("0\n"), "proc/self/comm": file("fieldpay\n")}
	process(tree, "100", "systemd", "1000", "/lib/systemd/systemd\x00--user\x00")
	process(tree, "200", "cage", "1000", "/usr/bin/cage\x00-d\x00--\x00fieldpay\x00--kiosk\x00")
	process(tree, "300", "xterm", "0", "xterm\x00") // another person's
	return tree
}

func find(t *testing.T, findings []kiosk.Finding, name kiosk.Name) kiosk.Finding {
	t.Helper()
	for _, f := range findings {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("nobody looked at %s: %+v", name, findings)
	return kiosk.Finding{}
}

func TestLook_Linux(t *testing.T) {
	t.Run("a locked machine has no gap", func(t *testing.T) {
		if found := kiosk.LookAt("linux", locked(), nil, user); kiosk.Gaps(found) != 0 {
			t.Errorf("found %+v", found)
		}
	})
	for name, c := range map[string]struct {
		env   map[string]string
		files fstest.MapFS
		gap   kiosk.Name
		what  string
	}{
		"a desktop":                       {env: map[string]string{"XDG_CURRENT_DESKTOP": "GNOME"}, gap: kiosk.Session, what: "GNOME"},
		"a terminal of this person":       {files: fstest.MapFS{"proc/400/comm": file("xterm\n"), "proc/400/status": file("Uid:\t1000\t1000\n")}, gap: kiosk.Programs, what: "xterm"},
		"a name that the kernel cut":      {files: fstest.MapFS{"proc/400/comm": file("gnome-terminal-\n"), "proc/400/status": file("Uid:\t1000\n")}, gap: kiosk.Programs, what: "gnome-terminal-"},
		"cage that lets consoles through": {files: fstest.MapFS{"proc/200/cmdline": file("cage\x00-s\x00--\x00fieldpay\x00")}, gap: kiosk.Consoles, what: "cage -s"},
		"an X server that does":           {files: fstest.MapFS{"proc/200/cmdline": file("openbox\x00")}, gap: kiosk.Consoles, what: "X server without DontVTSwitch"},
		"keys of the kernel":              {files: fstest.MapFS{"proc/sys/kernel/sysrq": file("438\n")}, gap: kiosk.Rescue, what: "kernel.sysrq = 438"},
		"all keys of the kernel":          {files: fstest.MapFS{"proc/sys/kernel/sysrq": file("1\n")}, gap: kiosk.Rescue, what: "kernel.sysrq = 1"},
		"an inspector":                    {env: map[string]string{"WEBKIT_INSPECTOR_SERVER": "127.0.0.1:1"}, gap: kiosk.Inspector, what: "WEBKIT_INSPECTOR_SERVER"},
	} {
		t.Run(name+" is a gap, and the only one", func(t *testing.T) {
			tree := locked()
			maps.Copy(tree, c.files)
			found := kiosk.LookAt("linux", tree, c.env, user)
			if got := find(t, found, c.gap); got.OK || got.What != c.what || kiosk.Gaps(found) != 1 {
				t.Errorf("found %+v", found)
			}
		})
	}
	for conf, want := range map[string]bool{
		"Section \"ServerFlags\"\n\tOption \"DontVTSwitch\" \"true\"\nEndSection\n": true,
		"  option \"dontvtswitch\"\n":          true,
		"Option \"DontVTSwitch\" \"off\"\n":    false,
		"# Option \"DontVTSwitch\" \"true\"\n": false,
	} {
		t.Run("an X server reads "+conf, func(t *testing.T) {
			tree := locked()
			tree["proc/200/cmdline"] = file("openbox\x00")
			tree["etc/X11/xorg.conf.d/10-kiosk.conf"] = file(conf)
			if got := find(t, kiosk.LookAt("linux", tree, nil, user), kiosk.Consoles); got.OK != want {
				t.Errorf("found %+v", got)
			}
		})
	}
	t.Run("processes that end while they are looked at are left out", func(t *testing.T) {
		tree := locked()
		tree["proc/500/comm"] = file("xterm\n") // its status is gone
		tree["proc/600/status"] = file("Uid:\n")
		if found := kiosk.LookAt("linux", tree, nil, user); kiosk.Gaps(found) != 0 {
			t.Errorf("found %+v", found)
		}
	})
}

func TestLook_OtherSystems(t *testing.T) {
	t.Run("Windows without its desktop has no gap", func(t *testing.T) {
		if found := kiosk.LookAt("windows", nil, nil, 0, "fieldpay.exe", "svchost.exe"); kiosk.Gaps(found) != 0 {
			t.Errorf("found %+v", found)
		}
	})
	t.Run("Windows with its desktop has one", func(t *testing.T) {
		found := kiosk.LookAt("windows", nil, nil, 0, "fieldpay.exe", "Explorer.EXE")
		if got := find(t, found, kiosk.Programs); got.OK || got.What != "explorer.exe" {
			t.Errorf("found %+v", found)
		}
	})
	t.Run("what cannot be told is not told as good", func(t *testing.T) {
		if got := find(t, kiosk.LookAt("darwin", nil, nil, 0), kiosk.Unknown); got.OK {
			t.Errorf("found %+v", got)
		}
	})
}
