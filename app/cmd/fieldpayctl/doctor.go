package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/app"
	"fieldpay/app/policy"
	"fieldpay/internal/buildinfo"
)

type doctor struct {
	JSON bool `name:"json" help:"One JSON object."`
}

// check is one thing that was looked at. Hint says what to do where it is not
// well.
type check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
	err  error
}

// Run looks at everything, whatever it finds, and exits by the first thing that
// is not well.
func (c *doctor) Run(ctx context.Context, s *session) error {
	checks := []check{
		{Name: "version", OK: true, Text: fmt.Sprintf("%s on %s/%s", buildinfo.Version(), runtime.GOOS, runtime.GOARCH)},
		setting("data folder", s.config.DataDir),
		setting("server", s.config.BFF),
		setting("language", s.config.Language),
		setting("history", app.Setting{Value: s.config.RetentionDays.Value + " days", Source: s.config.RetentionDays.Source}),
	}
	checks = append(append(checks, settled(s.config)...), company(s.company))
	d, err := s.open(ctx)
	if err != nil {
		checks = append(checks, failed("device", err))
	} else {
		checks = append(checks, protection(d), space(d), journal(ctx, d), server(ctx, d), person(d), versions(d))
		if err := d.Close(); err != nil {
			checks = append(checks, failed("device", err))
		}
	}
	return c.report(s, checks)
}

func (c *doctor) report(s *session, checks []check) error {
	var first error
	for _, found := range checks {
		if !found.OK && first == nil {
			first = found.err
		}
		if c.JSON {
			continue
		}
		mark := "ok "
		if !found.OK {
			mark = s.attention(s.out, "BAD")
		}
		if err := s.say("%s  %-12s %s", mark, found.Name, strings.TrimSuffix(found.Text+". "+found.Hint, ". ")); err != nil {
			return err
		}
	}
	if c.JSON {
		if err := s.print(map[string]any{"ok": first == nil, "checks": checks}); err != nil {
			return err
		}
	}
	return first
}

func setting(name string, s app.Setting) check {
	return check{Name: name, OK: true, Text: fmt.Sprintf("%s (%s)", cmp.Or(s.Value, "the system's"), s.Source)}
}

// settled tells the settings that a company gives, or leaves to the device. The
// code that enrols is not shown: it may be good still.
func settled(c app.Config) []check {
	p, found := c.Company.Policy, c.Company
	source := func(names ...string) app.Source {
		for _, name := range names {
			if slices.Contains(found.Settled, name) {
				return app.FromPolicy
			}
		}
		return app.FromDefault
	}
	code, hour := "none", "when a person says so"
	if p.EnrolmentCode != "" {
		code = "given"
	}
	if c.Kiosk.Value == "true" {
		hour = "in a quiet hour"
	}
	if p.UpdateHour != nil {
		hour = fmt.Sprintf("by itself from %02d:00 on", *p.UpdateHour)
	}
	telemetry := "on"
	if p.TelemetryOff {
		telemetry = "off"
	}
	return []check{
		setting("kiosk", c.Kiosk), setting("pin", c.PIN),
		setting("idle lock", app.Setting{Value: cmp.Or(c.IdleLock.Value, "the usual"), Source: c.IdleLock.Source}),
		setting("enrolment", app.Setting{Value: "code: " + code, Source: source("enrolmentCode")}),
		setting("cap", app.Setting{Value: "one payment: " + caps(p.Caps.Payment), Source: source("capPayment")}),
		setting("cap", app.Setting{Value: "unsent payments: " + caps(p.Caps.Total), Source: source("capTotal")}),
		setting("cap", app.Setting{Value: "age of unsent work: " + age(p.Caps.Age), Source: source("capAgeHours")}),
		setting("telemetry", app.Setting{Value: telemetry, Source: source("telemetry")}),
		setting("channel", app.Setting{Value: cmp.Or(string(p.UpdateChannel), string(policy.Stable)), Source: source("updateChannel")}),
		setting("installs", app.Setting{Value: hour, Source: source("updateHour")}),
	}
}

func caps(amounts []action.Money) string {
	words := make([]string, len(amounts))
	for i, m := range amounts {
		words[i] = m.String()
	}
	return cmp.Or(strings.Join(words, ", "), "no limit")
}

func age(limit time.Duration) string {
	if limit == 0 {
		return "no limit"
	}
	return fmt.Sprintf("%d hours", limit/time.Hour)
}

func company(found policy.Found) check {
	c := check{Name: "policy", OK: true, Text: cmp.Or(found.From, "none")}
	if len(found.Unknown) > 0 {
		c.Hint = "This version does not know " + strings.Join(found.Unknown, ", ")
	}
	return c
}

func failed(name string, err error) check {
	f := check{Name: name, Text: action.MessageOf(err), err: err}
	if e, ok := errors.AsType[*action.Error](err); ok {
		f.Hint = e.Hint
	}
	return f
}

func protection(d *app.Device) check {
	c := check{Name: "key", OK: true, Text: "protected by " + string(d.Protection())}
	if d.Protection() == "file" {
		c.Text = "not protected: it lies in a file that only its owner can read"
		c.Hint = "Unlock a keychain, or set " + app.PassphraseVar
	}
	return c
}

// space looks at the disk of the data folder. One that is nearly full is no
// failure yet: everything can still be saved.
func space(d *app.Device) check {
	left := d.Disk()
	c := check{Name: "disk", OK: true, Text: fmt.Sprintf("%d MB left", left.Free>>20)}
	switch {
	case left.Free < 0:
		c.Text = "how much is left is not known"
	case left.Low:
		c.Text, c.Hint = "nearly full: "+c.Text, "Free some space"
	}
	return c
}

func journal(ctx context.Context, d *app.Device) check {
	report, err := d.Journal().Verify(ctx)
	if err == nil && !report.OK {
		err = &action.Error{Code: action.JournalDamaged, Hint: "Call support and do not delete anything"}
	}
	if err != nil {
		return failed("journal", err)
	}
	return check{Name: "journal", OK: true, Text: fmt.Sprintf("%d entries, every link holds", report.Entries)}
}

func person(d *app.Device) check {
	p, known := d.Person()
	if !known || !d.SignedIn() {
		return check{Name: "sign-in", Text: "nobody is signed in", Hint: "Sign in to send", err: &action.Error{Code: action.SignInNeeded}}
	}
	return check{Name: "sign-in", OK: true, Text: p.ID}
}

func server(ctx context.Context, d *app.Device) check {
	h, err := d.Probe(ctx)
	if err != nil {
		return failed("reachability", err)
	}
	c := check{Name: "reachability", OK: true, Text: fmt.Sprintf("version %s answers in %s", h.Version, h.RoundTrip.Round(1e6))}
	if len(h.Down) > 0 {
		c.Text += ", but it cannot reach " + strings.Join(h.Down, " and ")
	}
	return c
}
