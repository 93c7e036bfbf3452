package bff_test

import (
	"fmt"
	"testing"

	"fieldpay/bff"
)

// send sends an empty batch of device d1 with what its journal says.
func send(r *rig, fence int, head, acknowledged string) answer {
	return r.call("POST", "/sync/actions", fmt.Sprintf(
		`{"deviceId":"d1","fence":%d,"head":%s,"acknowledged":%s,"actions":[]}`, fence, head, acknowledged))
}

func point(position int, mac string) string {
	return fmt.Sprintf(`{"position":%d,"mac":%q}`, position, mac)
}

func deviceOf(t *testing.T, r *rig) bff.Device {
	t.Helper()
	d, err := r.stores.Devices.Device(t.Context(), "d1")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func flagged(t *testing.T, r *rig) bool { return !deviceOf(t, r).FlaggedAt.IsZero() }

// refusedWhole checks that a batch was refused because of its journal.
func refusedWhole(t *testing.T, a answer) {
	t.Helper()
	if a.status != 409 || a.body["code"] != "journal_rolled_back" {
		t.Errorf("answered %d %s", a.status, a.text)
	}
}

func TestServer_Journal(t *testing.T) {
	for _, tt := range []struct {
		name               string
		fence              int
		head, acknowledged string
		// newest is the link that the answer acknowledges; empty: it is refused.
		newest string
	}{
		{"a journal that grew fits", 1, point(9, "cc"), point(5, "bb"), "cc"},
		{"a journal whose last answers were lost fits", 1, point(9, "cc"), point(2, "aa"), "cc"},
		{"a journal of the next drain fits", 2, point(6, "cc"), point(5, "bb"), "cc"},
		{"a journal that sends the newest again fits", 1, point(5, "bb"), point(2, "aa"), "bb"},
		{"the late copy of an older call changes nothing", 1, point(2, "aa"), point(0, ""), "bb"},
		{"the late copy of a call that was never answered changes nothing", 1, point(4, "ab"), point(2, "aa"), "bb"},
		{"a journal ahead of a restored server fits", 1, point(99, "cc"), point(90, "yy"), "cc"},
		{"a journal with another hash is refused", 1, point(9, "cc"), point(5, "xx"), ""},
		{"a journal with another head is refused", 1, point(5, "xx"), point(2, "aa"), ""},
		{"a journal with another head is refused in its next drain", 2, point(5, "xx"), point(2, "aa"), ""},
		{"a journal from a backup is refused at its first drain", 2, point(3, "ab"), point(2, "aa"), ""},
		{"a journal from a backup that has grown since is refused", 2, point(9, "cc"), point(1, "zz"), ""},
		{"a journal that began anew is refused when it has grown", 1, point(6, "xx"), point(0, ""), ""},
	} {
		onRig(t, tt.name, func(t *testing.T, r *rig) {
			send(r, 1, point(2, "aa"), point(0, ""))
			send(r, 1, point(5, "bb"), point(2, "aa"))
			if flagged(t, r) {
				t.Fatal("flagged too early")
			}
			a := send(r, tt.fence, tt.head, tt.acknowledged)
			if tt.newest == "" {
				if refusedWhole(t, a); !flagged(t, r) {
					t.Error("nobody is told")
				}
				return
			}
			acknowledged, _ := a.body["acknowledged"].(map[string]any)
			if a.status != 200 || acknowledged["mac"] != tt.newest || flagged(t, r) {
				t.Errorf("%d %s, flagged %v", a.status, a.text, flagged(t, r))
			}
		})
	}
}

func TestServer_Journal_repeats(t *testing.T) {
	onRig(t, "a journal that never got an answer fits", func(t *testing.T, r *rig) {
		for head := 1; head < 40; head++ {
			send(r, 1, point(head, "aa"), point(0, ""))
		}
		if flagged(t, r) {
			t.Error("flagged")
		}
	})
	onRig(t, "a journal that sends the same again fits", func(t *testing.T, r *rig) {
		for range 3 {
			send(r, 1, point(4, "aa"), point(4, "aa"))
		}
		send(r, 1, point(7, "bb"), point(4, "aa"))
		if flagged(t, r) {
			t.Error("flagged")
		}
	})
	onRig(t, "an older fence is refused without an alarm, a newer one taken", func(t *testing.T, r *rig) {
		for _, fence := range []int{3, 2, 3, 4, 3} {
			a := send(r, fence, point(fence, "aa"), point(0, ""))
			if seen := int(deviceOf(t, r).Fence); fence < seen {
				refusedWhole(t, a)
			} else if a.status != 200 {
				t.Errorf("fence %d: %d %s", fence, a.status, a.text)
			}
		}
		if flagged(t, r) {
			t.Error("flagged: it may have been the late copy of a call")
		}
	})
}

func TestServer_Journal_adopt(t *testing.T) {
	// The journal was brought back from a backup at 3, when the server had seen
	// it up to 5 and in its seventh drain.
	restored := func(r *rig) {
		send(r, 7, point(2, "aa"), point(0, ""))
		send(r, 7, point(5, "bb"), point(2, "aa"))
	}
	adopt := func(r *rig, head string) answer {
		return r.call("POST", "/sync/journal", `{"deviceId":"d1","head":`+head+`}`)
	}
	onRig(t, "goes on above the fence that is answered", func(t *testing.T, r *rig) {
		restored(r)
		for range 3 {
			refusedWhole(t, send(r, 4, point(3, "ab"), point(2, "aa")))
		}
		for range 2 { // the first answer was lost
			if a := adopt(r, point(3, "ab")); a.status != 200 || a.body["fence"] != float64(7) {
				t.Fatalf("%d %s", a.status, a.text)
			}
		}
		if !flagged(t, r) {
			t.Error("the office is not told")
		}
		if a := send(r, 8, point(4, "ac"), point(2, "aa")); a.status != 200 {
			t.Errorf("%d %s", a.status, a.text)
		}
		if a := send(r, 8, point(6, "ad"), point(4, "ac")); a.status != 200 {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
	onRig(t, "the late copy of the decision stops nothing", func(t *testing.T, r *rig) {
		restored(r)
		adopt(r, point(3, "ab"))
		send(r, 8, point(4, "ac"), point(2, "aa"))
		adopt(r, point(3, "ab"))
		if a := send(r, 8, point(6, "ad"), point(4, "ac")); a.status != 200 {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
	onRig(t, "after it the lost journal is refused", func(t *testing.T, r *rig) {
		restored(r)
		adopt(r, point(3, "ab"))
		send(r, 8, point(6, "ac"), point(2, "aa"))
		refusedWhole(t, send(r, 7, point(7, "bc"), point(5, "bb")))
	})
	onRig(t, "nobody decides who is not signed in", func(t *testing.T, r *rig) {
		restored(r)
		r.token = "none"
		if a := adopt(r, point(3, "ab")); a.status != 401 {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
	onRig(t, "a call without a device is not taken", func(t *testing.T, r *rig) {
		if a := r.call("POST", "/sync/journal", `{"deviceId":"","head":`+point(3, "ab")+`}`); a.status != 400 {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
}
