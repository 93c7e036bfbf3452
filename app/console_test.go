package app_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"fieldpay/app"
	"fieldpay/bff"
)

// desk is a person of the office at the console, in a browser without scripts.
type desk struct {
	t    *testing.T
	http *http.Client
	url  string
	form string
}

func newDesk(t *testing.T, o *office, role bff.Role) *desk {
	t.Helper()
	u := bff.User{ID: "user-office", Login: "office@fieldpay.example.com", Name: "Robin Office", Role: role, PasswordHash: bff.HashPassword("a long password")}
	if _, err := o.host.Stores().Users.AddUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, http: &http.Client{Jar: jar}, url: o.host.URL()}
	d.post("/console/sign-in", url.Values{"login": {u.Login}, "password": {"a long password"}})
	return d
}

func (d *desk) read(res *http.Response, err error) string {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	var text strings.Builder
	if _, err := copyText(&text, res); err != nil {
		d.t.Fatal(err)
	}
	page := text.String()
	if m := regexp.MustCompile(`name="form" value="([0-9a-f]+)"`).FindStringSubmatch(page); m != nil {
		d.form = m[1]
	}
	return html.UnescapeString(page)
}

func (d *desk) get(path string) string {
	d.t.Helper()
	return d.read(d.http.Get(d.url + path))
}

func (d *desk) post(path string, values url.Values) string {
	d.t.Helper()
	values.Set("form", d.form)
	return d.read(d.http.PostForm(d.url+path, values))
}

// From the console alone a person of the office finds why a rep's third invoice
// is stuck and repairs it, and the rep's device shows it.
func TestConsole_RepairsTheThirdInvoice(t *testing.T) {
	o := newOffice(t)
	r := signedIn(t, o)
	writer := openDevice(t, r)
	defer func() {
		if err := writer.Close(); err != nil {
			t.Error(err)
		}
	}()
	var third string
	for _, account := range []string{"acc-001", "acc-002", "acc-404"} {
		kept, err := writer.Append(t.Context(), app.Entry{Type: "create_invoice", Payload: []byte(`{"accountId":"` + account + `","amount":10000,"currency":"usd","description":"Service"}`)})
		if err != nil {
			t.Fatal(err)
		}
		third = kept.ID
	}
	r.wait(third, "failed")

	d := newDesk(t, o, bff.RoleOffice)
	list := d.get("/console/actions?show=needs")
	if !strings.Contains(list, "create invoice 3") || !strings.Contains(list, "The customer no longer exists in Salesforce") || strings.Contains(list, "create invoice 2") {
		t.Fatalf("the list does not say what is stuck and why:\n%s", list)
	}
	if page := d.get("/console/actions/" + third); !strings.Contains(page, "choose another one in the action") || strings.Contains(page, "<pre") || strings.Contains(page, "<textarea") {
		t.Errorf("the page lacks the fix, or shows contents unasked:\n%s", page)
	}
	page := d.post("/console/actions/"+third+"/payload", url.Values{})
	m := regexp.MustCompile(`(?s)<textarea[^>]*>(.*?)</textarea>`).FindStringSubmatch(page)
	if m == nil || !strings.Contains(m[1], "acc-404") {
		t.Fatalf("the contents are not shown:\n%s", page)
	}
	if done := d.post("/console/actions/"+third+"/repair", url.Values{"payload": {strings.Replace(m[1], "acc-404", "acc-003", 1)}}); !strings.Contains(done, "How it stands: applied") {
		t.Fatalf("not repaired:\n%s", done)
	}

	if err := r.SyncNow(); err != nil {
		t.Fatal(err)
	}
	r.wait(third, "applied")
	detail, err := r.ActionDetail(third)
	if err != nil || detail.Row.ServerID == "" {
		t.Errorf("the device shows %+v, %v", detail.Row, err)
	}
	if again := d.post("/console/actions/"+third+"/retry", url.Values{}); !strings.Contains(again, "Look again") {
		t.Errorf("a second repair was taken:\n%s", again)
	}
	rows, err := o.host.Stores().Audit.AuditRows(t.Context(), bff.AuditQuery{Subject: third, Actor: "user-office"})
	if err != nil || len(rows) != 2 || rows[0].Event != "console.payload" || rows[1].Event != "office.repair" {
		t.Errorf("the audit log has %+v, %v", rows, err)
	}
}

// wait waits until the device shows an action in a state.
func (r *rep) wait(id, state string) {
	r.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		detail, err := r.ActionDetail(id)
		if err == nil && detail.Row.State == state {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("%s is %s, not %s (%v)", id, detail.Row.State, state, err)
		}
		select {
		case <-r.t.Context().Done():
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func copyText(into *strings.Builder, res *http.Response) (int64, error) {
	return io.Copy(into, res.Body)
}
