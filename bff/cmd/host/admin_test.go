package host_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/cmd/host"
)

// office is the command line on a store.
type office struct {
	*host.Admin
	out bytes.Buffer
}

func openOffice(t *testing.T, folder string) *office {
	t.Helper()
	o := &office{}
	var err error
	if o.Admin, err = host.OpenAdmin(t.Context(), host.Config{DataDir: folder}, &o.out); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// lines are what was written since the last call.
func (o *office) lines(t *testing.T) []map[string]any {
	t.Helper()
	var all []map[string]any
	for dec := json.NewDecoder(&o.out); dec.More(); {
		var line map[string]any
		if err := dec.Decode(&line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	return all
}

func TestAdmin(t *testing.T) {
	o := openOffice(t, t.TempDir())
	const password = "correct horse battery"
	steps := []error{
		o.AddUser(t.Context(), host.NewUser{Login: "pat@example.com", Role: bff.RoleRep, Territories: []string{"north"}}, strings.NewReader(password+"\n")),
		o.SetRole(t.Context(), "PAT@example.com", bff.RoleKiosk), o.SetTerritories(t.Context(), "pat@example.com", []string{"south"}),
		o.SetPassword(t.Context(), "pat@example.com", strings.NewReader("another "+password)), o.SetDisabled(t.Context(), "pat@example.com", true),
		o.EnrolCode(t.Context(), "Van", "pat@example.com", time.Minute), o.RevokeDevice(t.Context(), "d1"), o.RestoreDevice(t.Context(), "d1"),
		o.ListUsers(t.Context()), o.ListDevices(t.Context()),
	}
	for i, err := range steps {
		if err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	shown := o.lines(t)
	pat := shown[8]
	if pat["role"] != "kiosk" || pat["disabled"] != true || pat["name"] != "pat@example.com" {
		t.Errorf("after all: %v", pat)
	}
	if code, ok := shown[5]["code"].(string); !ok || len(code) != 14 {
		t.Errorf("the code: %v", shown[5])
	}
	if err := o.ShowAudit(t.Context(), bff.AuditQuery{}); err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, row := range o.lines(t) {
		events = append(events, row["event"].(string))
		if text := mustJSON(t, row); strings.Contains(text, "horse") || strings.Contains(text, "argon2") {
			t.Errorf("a password in the audit log: %s", text)
		}
	}
	want := "user.add user.role user.territory user.password user.disable device.code device.revoke device.restore"
	if got := strings.Join(events, " "); got != want {
		t.Errorf("audit %s\nwant  %s", got, want)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAdmin_refuses(t *testing.T) {
	o := openOffice(t, t.TempDir())
	good := "correct horse battery"
	if err := o.AddUser(t.Context(), host.NewUser{Login: "pat", Role: bff.RoleRep}, strings.NewReader(good)); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		err  error
		want action.Code
	}{
		"a login that is taken": {o.AddUser(t.Context(), host.NewUser{Login: "PAT", Role: bff.RoleRep}, strings.NewReader(good)), action.NotPossible},
		"an empty login":        {o.AddUser(t.Context(), host.NewUser{Role: bff.RoleRep}, strings.NewReader(good)), action.BadRequest},
		"a short password":      {o.AddUser(t.Context(), host.NewUser{Login: "x", Role: bff.RoleRep}, strings.NewReader("short\n")), action.BadRequest},
		"no password":           {o.SetPassword(t.Context(), "pat", strings.NewReader("")), action.BadRequest},
		"an unknown role":       {o.SetRole(t.Context(), "pat", "king"), action.BadRequest},
		"nobody":                {o.SetDisabled(t.Context(), "kim", true), action.NotFound},
		"a code of years":       {o.EnrolCode(t.Context(), "", "", 9999*time.Hour), action.BadRequest},
		"a code for nobody":     {o.EnrolCode(t.Context(), "", "kim", time.Hour), action.NotFound},
	} {
		if action.CodeOf(tt.err) != tt.want {
			t.Errorf("%s: %v", name, tt.err)
		}
	}
}

func TestStart_live(t *testing.T) {
	t.Run("a store with the demo sign-in is refused, and says how to mend it", func(t *testing.T) {
		folder := t.TempDir()
		sandbox, err := host.Start(t.Context(), host.Config{Listen: "127.0.0.1:0", DataDir: folder}, zerolog.Nop())
		if err != nil {
			t.Fatal(err)
		}
		if err := sandbox.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		live := host.Config{
			Listen: "127.0.0.1:0", DataDir: folder, StripeMode: "live", StripeSecretKey: "sk_live_x", StripeWebhookSecret: "whsec_x",
			SalesforceMode: "live", SalesforceLoginURL: "http://127.0.0.1:9", SalesforceClientID: "i", SalesforceClientSecret: "s", StripeAPIBase: "http://127.0.0.1:9",
		}
		if _, err := host.Start(t.Context(), live, zerolog.Nop()); err == nil || !strings.Contains(err.Error(), "user disable demo@fieldpay.com") {
			t.Fatalf("started: %v", err)
		}
		o := openOffice(t, folder)
		if err := o.SetDisabled(t.Context(), "demo@fieldpay.com", true); err != nil {
			t.Fatal(err)
		}
		h, err := host.Start(t.Context(), live, zerolog.Nop())
		if err != nil {
			t.Fatalf("after mending: %v", err)
		}
		if err := h.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("a password enrols no device", func(t *testing.T) {
		err := host.Config{Store: "sqlite", TakeOver: time.Minute, SalesforceMode: "live", StripeMode: "sandbox", Enrolment: "sign-in"}.Check()
		if err == nil || !strings.Contains(err.Error(), "FIELDPAY_BFF_ENROLMENT") {
			t.Errorf("checked: %v", err)
		}
	})
}

func TestAdmin_keys(t *testing.T) {
	folder := t.TempDir()
	h := start(t, host.Config{DataDir: folder})
	defer closeHost(t, h)
	c := signedIn(t, h.URL())
	o := openOffice(t, folder)
	if err := errors.Join(o.RotateKey(t.Context()), o.ListKeys(t.Context())); err != nil {
		t.Fatal(err)
	}
	shown := o.lines(t)
	if len(shown) != 3 || shown[0]["kid"] != shown[2]["kid"] || shown[1]["acceptedUntil"] == nil || shown[2]["acceptedUntil"] != nil {
		t.Errorf("keys %v", shown)
	}
	if strings.Contains(fmt.Sprint(shown), "secret") {
		t.Errorf("a secret is shown: %v", shown)
	}
	c.call("GET", "/salesforce/invoices", "", http.StatusOK, nil)
	if err := errors.Join(o.ReplaceKeys(t.Context()), o.ShowAudit(t.Context(), bff.AuditQuery{Event: "key."})); err != nil {
		t.Fatal(err)
	}
	if rows := o.lines(t); len(rows) != 3 || rows[1]["event"] != "key.rotate" || rows[2]["event"] != "key.replace" || rows[2]["subject"] != rows[0]["kid"] {
		t.Errorf("the audit log %v", rows)
	}
}
