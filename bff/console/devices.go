package console

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"rsc.io/qr"

	"fieldpay/action"
	"fieldpay/bff"
)

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit + " ago"
	}
	return fmt.Sprintf("%d %ss ago", n, unit)
}

// silentAfter is when a device that has unsent work counts as silent.
const silentAfter = 24 * time.Hour

// deviceLine is a device as the list shows it.
type deviceLine struct {
	ID, Name, Person string
	SeenAt           time.Time
	RevokedAt        time.Time
	Beat             bff.Heartbeat
	// Chain is what is known of its journal, in words; Trouble says that a
	// person must look.
	Chain   string
	Trouble bool
	Silent  bool
}

// devices joins what is known of each device.
func (c *Console) devices(v visit) ([]deviceLine, error) {
	enrolled, err := c.o.Registry.List(v.ctx())
	if err != nil {
		return nil, err
	}
	beats, err := c.o.Telemetry.Heartbeats(v.ctx())
	if err != nil {
		return nil, err
	}
	people, err := c.names(v)
	if err != nil {
		return nil, err
	}
	lines := map[string]*deviceLine{}
	at := func(id string) *deviceLine {
		if lines[id] == nil {
			lines[id] = &deviceLine{ID: id}
		}
		return lines[id]
	}
	for _, e := range enrolled {
		line := at(e.DeviceID)
		line.Name, line.RevokedAt, line.Person = e.Name, e.RevokedAt, people[e.UserID]
	}
	for _, h := range beats {
		line := at(h.DeviceID)
		line.Beat = h
		if line.Person == "" {
			line.Person = people[h.UserID]
		}
	}
	all := make([]deviceLine, 0, len(lines))
	for _, line := range lines {
		d, err := c.o.Devices.Device(v.ctx(), line.ID)
		if err != nil {
			return nil, err
		}
		line.judge(d)
		all = append(all, *line)
	}
	slices.SortFunc(all, func(a, b deviceLine) int {
		if d := b.SeenAt.Compare(a.SeenAt); d != 0 {
			return d
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all, nil
}

// judge says how the journal of a device stands.
func (l *deviceLine) judge(d bff.Device) {
	l.SeenAt = d.SeenAt
	if l.Beat.ReceivedAt.After(l.SeenAt) {
		l.SeenAt = l.Beat.ReceivedAt
	}
	switch {
	case !d.FlaggedAt.IsZero():
		l.Chain, l.Trouble = "did not fit on "+d.FlaggedAt.UTC().Format("2006-01-02"), true
	case !l.Beat.ReceivedAt.IsZero() && !l.Beat.Sound:
		l.Chain, l.Trouble = "damaged, says the device", true
	case len(d.Points) > 0 || l.Beat.Sound:
		l.Chain = "whole"
	default:
		l.Chain = "not known"
	}
	l.Silent = l.Beat.Unsent > 0 && time.Since(l.SeenAt) > silentAfter
}

// names are the people by id.
func (c *Console) names(v visit) (map[string]string, error) {
	users, err := c.o.Users.UserList(v.ctx())
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, u := range users {
		names[u.ID] = u.Name
	}
	return names, nil
}

func (c *Console) showDevices(v visit) error {
	list, err := c.devices(v)
	if err != nil {
		return err
	}
	return c.page(v, "devices.html", view{Title: "Devices", Place: "devices", Data: list})
}

// shownEvents is how many events of a device its page has.
const shownEvents = 200

func (c *Console) showDevice(v visit) error {
	id := v.r.PathValue("id")
	list, err := c.devices(v)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(l deviceLine) bool { return l.ID == id })
	if at < 0 {
		return &action.Error{Code: action.NotFound, Message: "There is no such device"}
	}
	// Who reads what a device said of itself is written down.
	if err := c.note(v.ctx(), v.user, "console.telemetry", id, nil); err != nil {
		return err
	}
	events, err := c.o.Telemetry.DeviceEvents(v.ctx(), id, shownEvents)
	if err != nil {
		return err
	}
	return c.page(v, "device.html", view{Title: "Device " + list[at].title(), Place: "devices", Data: struct {
		deviceLine
		Events []bff.DeviceEvent
	}{list[at], events}})
}

func (l deviceLine) title() string {
	if l.Name != "" {
		return l.Name
	}
	return l.ID
}

func (c *Console) revoke(v visit) error {
	id := v.r.PathValue("id")
	if err := c.o.Registry.Revoke(v.ctx(), id, v.user.ID); err != nil {
		return err
	}
	return back(v, "/console/devices/"+url.PathEscape(id), "revoked")
}

func (c *Console) restore(v visit) error {
	if err := c.adminOnly(v); err != nil {
		return err
	}
	id := v.r.PathValue("id")
	if err := c.o.Registry.Restore(v.ctx(), id, v.user.ID); err != nil {
		return err
	}
	return back(v, "/console/devices/"+url.PathEscape(id), "restored")
}

// enrolled is a code that was made, shown this once.
type enrolled struct {
	People []bff.User
	Code   string
	Name   string
	Until  time.Time
	Server string
	QR     template.HTML
}

func (c *Console) showEnrol(v visit) error {
	people, err := c.o.Users.UserList(v.ctx())
	if err != nil {
		return err
	}
	return c.page(v, "enrol.html", view{Title: "Enrol a device", Place: "enrol", Data: enrolled{People: people}})
}

func (c *Console) enrol(v visit) error {
	people, err := c.o.Users.UserList(v.ctx())
	if err != nil {
		return err
	}
	life, err := time.ParseDuration(v.r.PostFormValue("life"))
	if err != nil {
		return &action.Error{Code: action.BadRequest, Message: "The code needs a time in which it is good"}
	}
	userID := v.r.PostFormValue("user")
	if userID != "" && !slices.ContainsFunc(people, func(u bff.User) bool { return u.ID == userID }) {
		return &action.Error{Code: action.BadRequest, Message: "There is no such person"}
	}
	name := strings.TrimSpace(v.r.PostFormValue("name"))
	if len(name) > 64 {
		return &action.Error{Code: action.BadRequest, Message: "The name of a device has at most 64 letters"}
	}
	code, made, err := c.o.Registry.NewCode(v.ctx(), name, userID, life, v.user.ID)
	if err != nil {
		return err
	}
	picture, err := drawQR("fieldpay://enrol?" + url.Values{"code": {code}, "server": {c.o.PublicURL}}.Encode())
	if err != nil {
		return err
	}
	return c.page(v, "enrol.html", view{Title: "Enrol a device", Place: "enrol", Data: enrolled{
		People: people, Code: code, Name: name, Until: made.ExpiresAt, Server: c.o.PublicURL, QR: picture,
	}})
}

// drawQR draws a QR code as SVG, so that it is part of the page.
func drawQR(text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("drawing a code: %w", err)
	}
	const quiet = 4
	var b strings.Builder
	size := code.Size + 2*quiet
	fmt.Fprintf(&b, `<svg class="qr" role="img" aria-label="QR code of the enrolment" viewBox="0 0 %d %d" shape-rendering="crispEdges"><rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="`, size, size, size, size)
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String()), nil // numbers alone went in
}
