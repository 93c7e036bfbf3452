package kiosk_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fieldpay/app/kiosk"
)

func delivered(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{"..", "..", "build"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.ReplaceAll(text, []byte("\r"), nil))
}

// The session that we deliver is one in which nothing is found.
func TestLook_DeliveredSession(t *testing.T) {
	unit := delivered(t, "linux", "kiosk", "fieldpay-kiosk.service")
	command := ""
	for line := range strings.Lines(unit) {
		if rest, ok := strings.CutPrefix(line, "ExecStart="); ok {
			command = strings.TrimSpace(rest)
		}
	}
	_, sysrq, _ := strings.Cut(delivered(t, "linux", "kiosk", "50-fieldpay-kiosk-sysctl.conf"), "kernel.sysrq = ")
	if command == "" || sysrq == "" {
		t.Fatalf("no command or no setting in what is delivered: %q, %q", command, sysrq)
	}
	t.Run("with cage", func(t *testing.T) {
		tree := locked()
		tree["proc/200/cmdline"] = file(strings.ReplaceAll(command, " ", "\x00"))
		tree["proc/sys/kernel/sysrq"] = file(sysrq)
		if found := kiosk.LookAt("linux", tree, map[string]string{"XDG_CURRENT_DESKTOP": "fieldpay-kiosk"}, user); kiosk.Gaps(found) != 0 {
			t.Errorf("found %+v", found)
		}
	})
	t.Run("with openbox on an X server", func(t *testing.T) {
		tree := locked()
		process(tree, "200", "openbox", "1000", "openbox\x00--sm-disable\x00")
		tree["etc/X11/xorg.conf.d/10-fieldpay-kiosk.conf"] = file(delivered(t, "linux", "kiosk", "10-fieldpay-kiosk.conf"))
		if found := kiosk.LookAt("linux", tree, nil, user); kiosk.Gaps(found) != 0 {
			t.Errorf("found %+v", found)
		}
	})
}

func TestDeliveredXML_IsWellFormed(t *testing.T) {
	for _, path := range [][]string{{"windows", "kiosk", "assigned-access.xml"}, {"linux", "kiosk", "openbox.xml"}} {
		decoder := xml.NewDecoder(strings.NewReader(delivered(t, path...)))
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
	}
}
