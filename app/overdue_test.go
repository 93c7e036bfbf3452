package app_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	"fieldpay/app"
)

// noWay is a network on which nothing arrives.
type noWay struct{}

func (noWay) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &action.Error{Code: action.Offline}
}

// offlineFor keeps a visit on a device without a network and tells the status
// and the visit's line after each span.
func offlineFor(t *testing.T, o app.DeviceOptions, spans []time.Duration, tell func(app.StatusDTO, app.ActionRow)) {
	t.Helper()
	o.Keyring, o.HTTP = noKeyring{}, &http.Client{Transport: noWay{}}
	o.Config = newRep(t, "http://127.0.0.1:1").config
	synctest.Test(t, func(t *testing.T) {
		a := app.New(app.Options{Device: o})
		defer func() {
			if err := a.Stop(); err != nil {
				t.Error(err)
			}
		}()
		if err := a.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		d, err := app.OpenDevice(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Append(t.Context(), app.Entry{Type: "log_visit", Actor: "rep-1", Payload: []byte(`{"accountId":"acc-001","note":"n","outcome":"met"}`)}); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		for _, span := range spans {
			<-time.NewTimer(span).C
			status, err := a.Bridge().Status()
			if err != nil {
				t.Fatal(err)
			}
			page, err := a.Bridge().Outbox(app.OutboxQuery{})
			if err != nil {
				t.Fatal(err)
			}
			tell(status, page.Items[0])
		}
	})
}

func TestBridge_Overdue(t *testing.T) {
	type told struct {
		level string
		late  bool
	}
	for _, c := range []struct {
		name    string
		options app.DeviceOptions
		spans   []time.Duration
		want    []told
	}{
		{
			"unsent work is marked after 15 minutes and told in words after 4 hours", app.DeviceOptions{},
			[]time.Duration{14 * time.Minute, time.Minute, 3 * time.Hour, 45 * time.Minute, 8 * time.Hour},
			[]told{{"", false}, {"badge", false}, {"badge", false}, {"notice", true}, {"notice", true}},
		},
		{
			"both can be set", app.DeviceOptions{BadgeAfter: time.Hour, NoticeAfter: 2 * time.Hour},
			[]time.Duration{59 * time.Minute, time.Minute, time.Hour},
			[]told{{"", false}, {"badge", false}, {"notice", true}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []told
			offlineFor(t, c.options, c.spans, func(s app.StatusDTO, row app.ActionRow) {
				got = append(got, told{s.Overdue.Level, row.Late})
				since := ""
				if s.Overdue.Level != "" {
					since = row.CreatedAt
				}
				if s.Overdue.Since != since || row.State != "pending" {
					t.Errorf("%+v of %+v", s.Overdue, row)
				}
			})
			for i, want := range c.want {
				if got[i] != want {
					t.Errorf("%d: got %+v, want %+v", i, got[i], want)
				}
			}
		})
	}
}
