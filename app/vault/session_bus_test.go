package vault_test

import (
	"testing"

	"fieldpay/app/vault"
)

func TestSystemKeyring_StartsNoSessionBus(t *testing.T) {
	cases := []struct {
		name, system, address, socket string
		usable                        bool
	}{
		{"a desktop names its bus", "linux", "unix:path=/run/user/1000/bus", "", true},
		{"a login has the usual socket", "linux", "", "/run/user/1000/bus", true},
		{"an older login has its file", "linux", "", "/run/user/1000/dbus-session", true},
		{"somebody else's socket is not ours", "linux", "", "/run/user/1001/bus", false},
		{"a server has none", "linux", "", "", false},
		{"a bus on demand is none", "linux", "autolaunch:", "", false},
		{"Windows needs none", "windows", "", "", true},
		{"macOS needs none", "darwin", "", "", true},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			getenv := func(name string) string {
				if name == "DBUS_SESSION_BUS_ADDRESS" {
					return tc.address
				}
				return ""
			}
			exists := func(path string) bool { return path == tc.socket }
			if err := vault.CheckBus(tc.system, getenv, exists, 1000); (err == nil) != tc.usable {
				t.Errorf("got %v", err)
			}
		})
	}
}
