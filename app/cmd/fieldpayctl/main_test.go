package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/app/policy"
	"fieldpay/bff/cmd/host"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"fieldpayctl": main})
}

// Each script in testdata has a data folder of its own and an office, the real
// server with its sandbox, at $FIELDPAY_BFF; $NOBODY is where none answers.
func TestScripts(t *testing.T) {
	office := startOffice(t)
	t.Run("scripts", func(t *testing.T) {
		testscript.Run(t, testscript.Params{
			Dir: "testdata", RequireExplicitExec: true, RequireUniqueNames: true,
			Setup: func(env *testscript.Env) error {
				env.Vars = append(env.Vars, machine(env.WorkDir, office)...)
				return nil
			},
			Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": code},
		})
	})
}

// startOffice starts the real server with its sandbox and returns its address.
func startOffice(t *testing.T) string {
	t.Helper()
	h, err := host.Start(t.Context(), host.Config{
		Listen: "127.0.0.1:0", DataDir: t.TempDir(), SandboxSalesforceListen: "127.0.0.1:0", SandboxStripeListen: "127.0.0.1:0",
	}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return h.URL()
}

// machine is a machine without a keychain.
func machine(dir, bff string) []string {
	return []string{
		"HOME=" + dir, "FIELDPAY_DATA_DIR=" + filepath.Join(dir, "data"), "FIELDPAY_KEY_DIR=" + filepath.Join(dir, "key"),
		"FIELDPAY_BFF=" + bff, "NOBODY=http://127.0.0.1:1", "DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(dir, "no-bus"),
	}
}

// code runs a program and compares its exit code: code 3 fieldpayctl sync …
func code(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: code number program [args…]")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("running %s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

func TestExitOf(t *testing.T) {
	for code, want := range map[action.Code]int{
		action.Offline: exitOffline, action.Portal: exitOffline, action.Busy: exitOffline, action.AnswerLost: exitOffline,
		action.SignInNeeded: exitSignIn, action.BadCredentials: exitSignIn, action.Revoked: exitSignIn,
		action.JournalDamaged: exitDamaged, action.KeyMissing: exitDamaged,
		action.BadRequest: exitUsage, action.InvalidPayload: exitPerson, action.Internal: exitPerson, action.DiskFull: exitPerson,
	} {
		if got := exitOf(fmt.Errorf("doing x: %w", &action.Error{Code: code})); got != want {
			t.Errorf("%s: %d, want %d", code, got, want)
		}
	}
}

// What the company has settled counts, whatever the command line says.
func TestDoctor_policy(t *testing.T) {
	vars := map[string]string{}
	for _, pair := range machine(t.TempDir(), "http://127.0.0.1:1") {
		name, value, _ := strings.Cut(pair, "=")
		vars[name] = value
	}
	doctor := func(find func() (policy.Found, error)) (code int, out, err string) {
		var told, failed strings.Builder
		code = run(t.Context(), []string{"--bff", "http://127.0.0.1:2", "doctor"}, console{
			in: strings.NewReader(""), out: &told, err: &failed, getenv: func(name string) string { return vars[name] }, policy: find,
		})
		return code, told.String(), failed.String()
	}
	t.Run("outranks a flag, and the doctor says so", func(t *testing.T) {
		_, out, _ := doctor(func() (policy.Found, error) {
			return policy.Found{
				Policy: policy.Policy{BFF: "http://127.0.0.1:3", Language: "de"}, From: "/etc/fieldpay/policy.json", Unknown: []string{"zeal"},
			}, nil
		})
		for _, want := range []string{"http://127.0.0.1:3 (policy)", "de (policy)", "/etc/fieldpay/policy.json. This version does not know zeal"} {
			if !strings.Contains(out, want) {
				t.Errorf("%q does not say %q", out, want)
			}
		}
	})
	t.Run("says of each setting where it comes from, and shows no code", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "policy.json")
		text := `{"enrolmentCode": "K7QM-2XFD", "capPayment": "500.00 EUR", "capAgeHours": 72, "telemetry": false, "updateHour": 3, "retentionDays": 90}`
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, out, _ := doctor(func() (policy.Found, error) { return policy.ReadFile(path) })
		for _, want := range []string{
			"code: given (policy)", "one payment: 500.00 EUR (policy)", "unsent payments: no limit (default)", "72 hours (policy)",
			"off (policy)", "stable (default)", "from 03:00 on (policy)", "90 days (policy)", "http://127.0.0.1:2 (flag)",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("%q does not say %q", out, want)
			}
		}
		if strings.Contains(out, "K7QM") {
			t.Errorf("%q shows the code", out)
		}
	})
	t.Run("one that cannot be read stops every command and names its member", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "policy.json")
		if err := os.WriteFile(path, []byte(`{"bff": "ftp://x"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, said := doctor(func() (policy.Found, error) { return policy.ReadFile(path) })
		if code != exitPerson || !strings.Contains(said, "  bff must begin with https://") {
			t.Errorf("exit code %d: %s", code, said)
		}
	})
}

// The screens are served until the process is told to end, with one address
// that works once.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	vars := map[string]string{}
	for _, pair := range machine(dir, "http://127.0.0.1:1") {
		name, value, _ := strings.Cut(pair, "=")
		vars[name] = value
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, in := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"serve"}, console{
			in: strings.NewReader(""), out: in, err: io.Discard, getenv: func(name string) string { return vars[name] },
			policy: func() (policy.Found, error) { return policy.Found{}, nil },
		})
	}()
	var address string
	if _, err := fmt.Fscanf(out, "FieldPay is at %s\n", &address); err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	for _, c := range []struct {
		who  *http.Client
		want int
	}{{browser, http.StatusOK}, {&http.Client{}, http.StatusUnauthorized}} {
		resp, err := c.who.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Body.Close(); resp.StatusCode != c.want {
			t.Errorf("got %d, want %d", resp.StatusCode, c.want)
		}
	}
	base, _, _ := strings.Cut(address, "/?")
	req, err := http.NewRequestWithContext(t.Context(), "POST", base+"/host/call", strings.NewReader(`{"method":"Status","args":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", base)
	resp, err := browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(body), `"unsent":{"count":0`) {
		t.Errorf("the bridge answered %s, %v", body, err)
	}
	stop()
	if got := <-ended; got != exitDone {
		t.Errorf("ended with %d", got)
	}
}
