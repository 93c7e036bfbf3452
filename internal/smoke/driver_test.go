//go:build window

package smoke_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience is how long the driver looks for an element before it gives up. A
// cold window on a busy machine takes a few seconds to paint.
const patience = 20 * time.Second

// A window is a WebDriver session with the program's only view. Every method
// fails the test with what it was looking for.
type window struct {
	t    *testing.T
	base string
}

// open has the driver start program and attach to its window.
func open(t *testing.T, driver, program string) *window {
	t.Helper()
	w := &window{t: t, base: driver}
	var session struct {
		SessionID string `json:"sessionId"`
	}
	w.call(http.MethodPost, "/session", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"webkitgtk:browserOptions": map[string]any{"binary": program, "args": []string{}},
	}}}, &session)
	w.base = driver + "/session/" + session.SessionID
	t.Cleanup(func() { _ = w.try(context.WithoutCancel(t.Context()), http.MethodDelete, "", nil, nil) })
	w.call(http.MethodPost, "/timeouts", map[string]any{"implicit": patience.Milliseconds()}, nil)
	return w
}

// call makes one WebDriver call and fails the test when it fails.
func (w *window) call(method, path string, body, answer any) {
	w.t.Helper()
	if err := w.try(w.t.Context(), method, path, body, answer); err != nil {
		w.t.Fatal(err)
	}
}

func (w *window) try(ctx context.Context, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, 3*patience)
	defer cancel()
	var sent io.Reader
	if method == http.MethodPost {
		b, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encoding a call of the driver: %w", err)
		}
		sent = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, w.base+path, sent)
	if err != nil {
		return fmt.Errorf("making a call of the driver: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("calling the driver: %w", err)
	}
	defer resp.Body.Close()
	var envelope struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&envelope); err != nil {
		return fmt.Errorf("reading the driver's answer to %s: %w", path, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("driver: %s %s: %s", method, path, envelope.Value)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(envelope.Value, answer)
}

// An element is one that the driver found.
type element struct {
	w  *window
	id string
}

// find waits for the element of an XPath expression. In it, %s stands for text
// as an XPath literal.
func (w *window) find(xpath string, text ...any) element {
	w.t.Helper()
	literals := make([]any, len(text))
	for i, s := range text {
		literals[i] = literal(fmt.Sprint(s))
	}
	var found map[string]string
	query := fmt.Sprintf(xpath, literals...)
	err := w.try(w.t.Context(), http.MethodPost, "/element", map[string]string{"using": "xpath", "value": query}, &found)
	if err != nil {
		w.picture("not-found")
		w.t.Fatalf("looking for %s: %v\nthe window shows:\n%s", query, err, w.text())
	}
	for _, id := range found {
		return element{w, id}
	}
	w.t.Fatalf("looking for %s: the driver answered with no element", query)
	return element{}
}

// literal writes text as an XPath string, which has no escapes.
func literal(text string) string {
	if !strings.Contains(text, `"`) {
		return `"` + text + `"`
	}
	return "'" + text + "'"
}

// text is all that the window shows, for a failure's message.
func (w *window) text() string {
	var found map[string]string
	if w.try(w.t.Context(), http.MethodPost, "/element", map[string]string{"using": "xpath", "value": "//body"}, &found) != nil {
		return "(no page)"
	}
	var text string
	for _, id := range found {
		if w.try(w.t.Context(), http.MethodGet, "/element/"+id+"/text", nil, &text) != nil {
			return "(no text)"
		}
	}
	return text
}

// press clicks the button or link of this name.
func (w *window) press(name string) {
	w.t.Helper()
	e := w.find(`//*[self::button or self::a or @role="button" or @role="option"][normalize-space(.)=%[1]s or @aria-label=%[1]s]`, name)
	e.named(name)
	e.click()
}

// fill types text into the field of this label, in place of what it held.
func (w *window) fill(label, text string) {
	w.t.Helper()
	e := w.field(label)
	var held string
	w.call(http.MethodGet, "/element/"+e.id+"/property/value", nil, &held)
	const end, backspace = "\uE010", "\uE003" // WebDriver's names of keys
	if held != "" {
		text = end + strings.Repeat(backspace, len(held)) + text
	}
	e.write(text)
}

// choose types the beginning of a name into the box of this label and takes the
// option that comes up.
func (w *window) choose(label, beginning string) {
	w.t.Helper()
	w.fill(label, beginning)
	w.find(`//*[@role="option"][starts-with(normalize-space(.), %s)]`, beginning).click()
}

// field is the input of this label.
func (w *window) field(label string) element {
	w.t.Helper()
	e := w.find(`//*[(self::input or self::textarea or self::select) and (@aria-label=%[1]s or @id=//label[starts-with(normalize-space(.), %[1]s)]/@for)]`, label)
	e.named(label)
	return e
}

// named checks what the accessibility tree calls the element: a name that only
// eyes can see is a defect.
func (e element) named(name string) {
	e.w.t.Helper()
	var label string
	e.w.call(http.MethodGet, "/element/"+e.id+"/computedlabel", nil, &label)
	if !strings.HasPrefix(strings.TrimSpace(label), name) {
		e.w.t.Errorf("the element called %q is %q to a screen reader", name, label)
	}
}

func (e element) click() {
	e.w.t.Helper()
	e.w.call(http.MethodPost, "/element/"+e.id+"/click", map[string]any{}, nil)
}

func (e element) write(text string) {
	e.w.t.Helper()
	e.w.call(http.MethodPost, "/element/"+e.id+"/value", map[string]string{"text": text}, nil)
}

// picture keeps a screenshot among the test's artifacts and answers its size in
// bytes.
func (w *window) picture(name string) int {
	w.t.Helper()
	var encoded string
	w.call(http.MethodGet, "/screenshot", nil, &encoded)
	b, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		w.t.Fatalf("decoding the screenshot: %v", err)
	}
	path := pictures(w.t) + "/" + name + ".png"
	if err := os.WriteFile(path, b, 0o644); err != nil {
		w.t.Fatalf("keeping the screenshot: %v", err)
	}
	w.t.Logf("screenshot %s: %s (%s bytes)", name, path, strconv.Itoa(len(b)))
	return len(b)
}
