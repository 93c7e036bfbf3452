package console

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

// actionLine is an action as the list shows it.
type actionLine struct {
	bff.Entry
	State, Person string
	// Code and Sentence say why it stands where it stands.
	Code     action.Code
	Sentence string
	Owner    action.Owner
	Amount   string
	Needs    bool
}

// statuses are those of a list, by what the address says.
func statuses(show string) []action.Status {
	switch show {
	case "needs":
		return []action.Status{action.StatusReview, action.StatusFailed}
	case "open":
		return []action.Status{bff.EntryOpen}
	case "applied":
		return []action.Status{action.StatusApplied}
	default:
		return nil
	}
}

func lineOf(e bff.Entry, people map[string]string) (actionLine, error) {
	l := actionLine{Entry: e, State: "waiting", Person: people[e.Action.Actor], Code: e.Waiting}
	if l.Person == "" {
		l.Person = e.Action.Actor
	}
	if e.Settled() {
		l.State, l.Code = string(e.Outcome.Status), e.Outcome.Code
		l.Needs = !e.Done() && l.Code != action.OfficeRepairs
	}
	if l.Code != "" {
		r, err := l.Code.Explain()
		if err != nil {
			return l, err
		}
		l.Sentence, l.Owner = r.English.Sentence, r.Owner
	}
	var about struct {
		Amount   int64           `json:"amount"`
		Currency action.Currency `json:"currency"`
	}
	if json.Unmarshal(e.Action.Payload, &about) == nil && about.Currency != "" {
		l.Amount = action.Money{Minor: about.Amount, Currency: about.Currency}.String()
	}
	return l, nil
}

// list reads the entries that the address asks for.
func (c *Console) list(v visit, limit int) (show string, lines []actionLine, err error) {
	q := v.r.URL.Query()
	show = q.Get("show")
	before, _ := strconv.ParseInt(q.Get("before"), 10, 64) // what is no number begins at the newest
	found, err := c.o.Desk.EntryList(v.ctx(), bff.EntryQuery{Statuses: statuses(show), DeviceID: q.Get("device"), Actor: q.Get("person"), Before: before, Limit: limit})
	if err != nil {
		return show, nil, err
	}
	people, err := c.names(v)
	if err != nil {
		return show, nil, err
	}
	for _, e := range found {
		line, err := lineOf(e, people)
		if err != nil {
			return show, nil, err
		}
		lines = append(lines, line)
	}
	return show, lines, nil
}

func (c *Console) showActions(v visit) error {
	show, lines, err := c.list(v, bff.EntryLimit)
	if err != nil {
		return err
	}
	data := struct {
		Show, Device, Older string
		Lines               []actionLine
	}{Show: show, Device: v.r.URL.Query().Get("device"), Lines: lines}
	if len(lines) == bff.EntryLimit {
		data.Older = "?" + url.Values{"show": {show}, "device": {data.Device}, "before": {strconv.FormatInt(lines[len(lines)-1].Position, 10)}}.Encode()
	}
	title := map[string]string{"needs": "Needs a person", "open": "On its way", "applied": "Done"}[show]
	if title == "" {
		title = "All actions"
	}
	return c.page(v, "actions.html", view{Title: title, Place: "actions", Data: data})
}

// exported is how many actions an export has at most.
const exported = 5000

func (c *Console) exportActions(v visit) error {
	show, lines, err := c.list(v, exported)
	if err != nil {
		return err
	}
	if err := c.note(v.ctx(), v.user, "console.export", show, map[string]string{"rows": strconv.Itoa(len(lines))}); err != nil {
		return err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{{"id", "type", "device", "person", "created", "received", "state", "code", "reason", "amount"}}
	for _, l := range lines {
		rows = append(rows, []string{
			l.Action.ID, string(l.Action.Type), l.Action.DeviceID, l.Person, l.Action.CreatedAt.UTC().Format(time.RFC3339),
			l.ReceivedAt.UTC().Format(time.RFC3339), l.State, string(l.Code), l.Sentence, l.Amount,
		})
	}
	for _, row := range rows {
		for i := range row {
			row[i] = harmless(row[i])
		}
		if err := w.Write(row); err != nil {
			return fmt.Errorf("writing the export: %w", err)
		}
	}
	if w.Flush(); w.Error() != nil {
		return fmt.Errorf("writing the export: %w", w.Error())
	}
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="fieldpay-actions.csv"`)
	_, _ = out.WriteTo(v.w) // a browser that went away has no use for it
	return nil
}

// harmless keeps a spreadsheet from taking a cell for a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r|", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// entry reads the action that the address names.
func (c *Console) entry(v visit) (bff.Entry, error) {
	id := strings.ToLower(v.r.PathValue("id"))
	found, err := c.o.Ledger.Entries(v.ctx(), []string{id})
	if err != nil {
		return bff.Entry{}, err
	}
	e, there := found[id]
	if !there {
		return bff.Entry{}, &action.Error{Code: action.NotFound, Message: "There is no such action"}
	}
	return e, nil
}

// actionData is an action as its page shows it.
type actionData struct {
	actionLine
	Fix     string
	Fields  map[string]string
	Payload string
	Audit   []bff.AuditRow
	People  map[string]string
	// MayRetry says that nothing of it has happened, so that it may be done.
	MayRetry bool
}

func (c *Console) actionView(v visit, e bff.Entry) (actionData, error) {
	people, err := c.names(v)
	if err != nil {
		return actionData{}, err
	}
	line, err := lineOf(e, people)
	if err != nil {
		return actionData{}, err
	}
	rows, err := c.o.Audit.AuditRows(v.ctx(), bff.AuditQuery{Subject: e.Action.ID})
	if err != nil {
		return actionData{}, err
	}
	d := actionData{actionLine: line, Audit: rows, People: people, MayRetry: line.Needs && !e.Effect}
	if e.Settled() {
		d.Fields = e.Outcome.Fields
	}
	if line.Code != "" {
		r, err := line.Code.Explain()
		if err != nil {
			return d, err
		}
		d.Fix = r.English.Fix
	}
	return d, nil
}

func (c *Console) showAction(v visit) error {
	e, err := c.entry(v)
	if err != nil {
		return err
	}
	d, err := c.actionView(v, e)
	if err != nil {
		return err
	}
	return c.page(v, "action.html", view{Title: titleOf(e), Place: "actions", Data: d})
}

func titleOf(e bff.Entry) string {
	return "Action " + strconv.FormatInt(e.Action.Sequence, 10) + ", " + strings.ReplaceAll(string(e.Action.Type), "_", " ")
}

// showPayload shows what a person typed. It is asked for by a form, not by an
// address, and who asks is written down.
func (c *Console) showPayload(v visit) error {
	e, err := c.entry(v)
	if err != nil {
		return err
	}
	if err := c.note(v.ctx(), v.user, "console.payload", e.Action.ID, nil); err != nil {
		return err
	}
	d, err := c.actionView(v, e)
	if err != nil {
		return err
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, e.Action.Payload, "", "  "); err != nil {
		return &action.Error{Code: action.InvalidPayload, Cause: err}
	}
	d.Payload = pretty.String()
	return c.page(v, "action.html", view{Title: titleOf(e), Place: "actions", Data: d})
}

func actionPath(v visit) string { return "/console/actions/" + url.PathEscape(v.r.PathValue("id")) }

func (c *Console) retry(v visit) error {
	if _, err := c.o.Office.Retry(v.ctx(), strings.ToLower(v.r.PathValue("id")), v.user.ID); err != nil {
		return err
	}
	return back(v, actionPath(v), "retried")
}

func (c *Console) repair(v visit) error {
	var payload json.RawMessage
	if err := json.Unmarshal([]byte(v.r.PostFormValue("payload")), &payload); err != nil {
		return &action.Error{Code: action.InvalidPayload, Message: "The contents cannot be read: a comma or a quotation mark may be missing", Cause: err}
	}
	if _, err := c.o.Office.Repair(v.ctx(), strings.ToLower(v.r.PathValue("id")), payload, v.user.ID); err != nil {
		return err
	}
	return back(v, actionPath(v), "repaired")
}

func (c *Console) resolve(v visit) error {
	if err := c.o.Office.Resolve(v.ctx(), strings.ToLower(v.r.PathValue("id")), strings.TrimSpace(v.r.PostFormValue("record")), v.user.ID); err != nil {
		return err
	}
	return back(v, actionPath(v), "resolved")
}
