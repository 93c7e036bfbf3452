package console

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"
	"time"

	"fieldpay/action"
)

// view is what every page gets.
type view struct {
	Title, Place string
	// Alert is what went wrong, Done what was done.
	Alert, Done string
	User        string
	Admin       bool
	// Form is the token of the session's forms.
	Form string
	Data any
}

func (c *Console) page(v visit, name string, page view) error {
	page.User, page.Admin, page.Form = v.user.Name, v.user.Role == "admin", v.form
	if page.Done == "" {
		page.Done = saidDone(v.r.URL.Query().Get("done"))
	}
	c.render(v.w, http.StatusOK, name, page)
	return nil
}

// saidDone is the sentence of an act that led back to a page: one of ours, never
// text of the address.
func saidDone(key string) string {
	return map[string]string{
		"retried": "Asked for again. What comes of it shows here.", "repaired": "The repair is on its way. The device shows what comes of it within a minute.",
		"resolved": "Settled as done by hand. The device shows it within a minute.", "revoked": "The device is refused from its next request on.",
		"restored": "The device may go on.", "disabled": "The person is refused from their next request on.", "enabled": "The person may work again.",
	}[key]
}

// back leads to a page after an act, so that loading it again does nothing.
func back(v visit, path, done string) error {
	http.Redirect(v.w, v.r, path+"?done="+done, http.StatusSeeOther)
	return nil
}

func (c *Console) fail(v visit, err error) {
	status := http.StatusBadRequest
	switch code := action.CodeOf(err); {
	case code == action.NotFound:
		status = http.StatusNotFound
	case code == action.NotAllowed:
		status = http.StatusForbidden
	case code == action.NotPossible:
		status = http.StatusConflict
	case code == action.Internal:
		status = http.StatusInternalServerError
		c.o.Logger.Error().Err(err).Msg("a page of the console failed")
	}
	alert := action.MessageOf(err)
	for field, wrong := range action.FieldsOf(err) {
		alert += ". " + field + " " + wrong
	}
	c.render(v.w, status, "error.html", view{Title: "That did not work", Alert: alert, User: v.user.Name, Admin: v.user.Role == "admin", Form: v.form, Data: v.r.Referer()})
}

func (c *Console) render(w http.ResponseWriter, status int, name string, page view) {
	var out bytes.Buffer
	if err := c.pages.ExecuteTemplate(&out, name, page); err != nil {
		c.o.Logger.Error().Err(err).Str("page", name).Msg("a page could not be made")
		http.Error(w, "This page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // a browser that went away has no use for it
}

func functions() template.FuncMap {
	return template.FuncMap{
		"time": func(t time.Time) string {
			if t.IsZero() {
				return "never"
			}
			return t.UTC().Format("2006-01-02 15:04:05 UTC")
		},
		"stamp": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"age":   age,
		"money": func(m action.Money) string { return m.String() },
		"words": func(text any) string {
			s, _ := text.(string)
			if t, ok := text.(action.Type); ok {
				s = string(t)
			}
			return strings.ReplaceAll(s, "_", " ")
		},
	}
}

// age is how long ago a moment was, in the largest whole unit.
func age(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	switch d := time.Since(t); {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return plural(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return plural(int(d/time.Hour), "hour")
	default:
		return plural(int(d/(24*time.Hour)), "day")
	}
}
