package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldpay/app"
	"fieldpay/queue"
)

type journalExport struct {
	JSON   bool   `name:"json" help:"One JSON object a line: the same as --format=ndjson."`
	Format string `help:"ndjson (one JSON object a line), csv (for a spreadsheet) or text (to read)." enum:"ndjson,csv,text" default:"ndjson"`
	Output string `help:"Write to this new file, which only its owner can read, instead of standard output." placeholder:"FILE"`
}

// Help has the examples.
func (journalExport) Help() string {
	return `Every action is written, in whatever state it is, with what people typed: keep the result as safe as the device. Nothing is changed.

  fieldpayctl journal export >everything.ndjson
  fieldpayctl journal export --format=csv --output=journal.csv

In a spreadsheet a cell that begins like a formula would run; such a cell is written with an apostrophe before it.`
}

// Validate refuses two forms at once.
func (c *journalExport) Validate() error {
	if c.JSON && c.Format != "ndjson" {
		return fmt.Errorf("--json and --format=%s can't be used together", c.Format)
	}
	return nil
}

// Run writes the whole journal.
func (c *journalExport) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		counts, err := d.Journal().Counts(ctx)
		if err != nil {
			return fmt.Errorf("counting the journal: %w", err)
		}
		total := 0
		for _, n := range counts.ByState {
			total += n
		}
		out, finish, err := c.open(s)
		if err != nil {
			return err
		}
		line := s.progress("Exporting", c.Output == "")
		form := &exporter{to: newForm(c.Format, out), each: func(n int) { line.show(n, total) }}
		err = errors.Join(d.Journal().Export(ctx, form), form.to.end(), finish())
		took := line.end()
		if err != nil {
			return fmt.Errorf("exporting the journal: %w", err)
		}
		if _, shown := terminal(s.err); shown {
			fmt.Fprintf(s.err, "Exported %s.\n", rated(form.n, took))
		}
		return nil
	})
}

// open returns where to write, and what ends that. A file is never replaced:
// it may be an export that is needed.
func (c *journalExport) open(s *session) (io.Writer, func() error, error) {
	if c.Output == "" {
		buffered := bufio.NewWriter(s.out)
		return buffered, buffered.Flush, nil
	}
	file, err := os.OpenFile(c.Output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("making the file: %w", err)
	}
	buffered := bufio.NewWriter(file)
	return buffered, func() error { return errors.Join(buffered.Flush(), file.Sync(), file.Close()) }, nil
}

// form writes actions in one of the forms.
type form interface {
	write(line []byte, item queue.Item) error
	end() error
}

func newForm(name string, w io.Writer) form {
	switch name {
	case "csv":
		return &csvForm{w: csv.NewWriter(w)}
	case "text":
		return textForm{w}
	default:
		return lineForm{w}
	}
}

// exporter reads what the journal exports, one JSON object a line, and hands it
// to a form.
type exporter struct {
	to   form
	each func(n int)
	n    int
	rest []byte
}

// Write implements io.Writer.
func (e *exporter) Write(p []byte) (int, error) {
	e.rest = append(e.rest, p...)
	for {
		line, rest, whole := bytes.Cut(e.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		var item queue.Item
		if err := json.Unmarshal(line, &item); err != nil {
			return 0, fmt.Errorf("reading an action: %w", err)
		}
		if err := e.to.write(line, item); err != nil {
			return 0, fmt.Errorf("writing an action: %w", err)
		}
		e.rest = slices.Clone(rest)
		e.n++
		e.each(e.n)
	}
}

// lineForm is the journal's own: one JSON object a line.
type lineForm struct{ w io.Writer }

func (f lineForm) write(line []byte, _ queue.Item) error {
	_, err := f.w.Write(append(slices.Clone(line), '\n'))
	return err
}

func (lineForm) end() error { return nil }

// columns are the head of a spreadsheet. What is in them never moves: new ones
// come at the end.
func columns() []string {
	return []string{"sequence", "id", "type", "version", "state", "since", "created", "actor", "lane", "after", "replaces",
		"try", "attempt", "next", "blocked by", "replaced by", "outcome", "code", "message", "server id", "damaged", "hash", "payload"}
}

// csvForm is for a spreadsheet (RFC 4180).
type csvForm struct {
	w      *csv.Writer
	headed bool
}

func (f *csvForm) head() error {
	if f.headed {
		return nil
	}
	f.headed = true
	return f.w.Write(columns())
}

func (f *csvForm) write(_ []byte, item queue.Item) error {
	if err := f.head(); err != nil {
		return err
	}
	cells := row(item)
	for i, cell := range cells {
		cells[i] = harmless(cell)
	}
	return f.w.Write(cells)
}

func (f *csvForm) end() error {
	err := f.head() // an empty journal has a head too
	f.w.Flush()
	return errors.Join(err, f.w.Error())
}

// row is an action in the order of columns.
func row(item queue.Item) []string {
	status, code, message, server := "", "", "", ""
	if o := item.Outcome; o != nil {
		status, code, message, server = string(o.Status), string(o.Code), o.Error, o.ServerID
	}
	return []string{
		strconv.FormatInt(item.Sequence, 10), item.ID, string(item.Type), strconv.Itoa(item.Version), string(item.State),
		moment(item.Since), moment(item.CreatedAt), item.Actor, item.Lane, item.After, item.Replaces,
		strconv.Itoa(item.Try), strconv.Itoa(item.Attempt), moment(item.NextAt), item.BlockedBy, item.ReplacedBy,
		status, code, message, server, strconv.FormatBool(item.Damaged), item.Hash, string(item.Payload),
	}
}

// harmless keeps a spreadsheet from running a cell. It tells a formula by its
// first character, also behind blanks; a plain number is no formula.
func harmless(cell string) string {
	text := strings.TrimLeft(cell, " \u00a0")
	if text == "" || !strings.ContainsAny(text[:1], "=+-@\t\r\n|%") && !strings.HasPrefix(text, "＝") &&
		!strings.HasPrefix(text, "＋") && !strings.HasPrefix(text, "－") && !strings.HasPrefix(text, "＠") {
		return cell
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return cell
	}
	return "'" + cell
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// textForm is to read: an action is a paragraph.
type textForm struct{ w io.Writer }

func (f textForm) write(_ []byte, item queue.Item) error {
	lines := []string{fmt.Sprintf("%d  %s  %s", item.Sequence, item.Type, item.ID)}
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, fmt.Sprintf("    %-12s %s", name, plain(value)))
		}
	}
	add("state", string(item.State)+" since "+moment(item.Since))
	add("done", moment(item.CreatedAt)+" by "+item.Actor)
	add("record", item.Lane)
	add("waits for", item.BlockedBy)
	add("next", moment(item.NextAt))
	add("replaces", item.Replaces)
	add("replaced by", item.ReplacedBy)
	if o := item.Outcome; o != nil {
		add("answer", strings.TrimSpace(string(o.Status)+" "+string(o.Code)+" "+o.Error))
		add("in the CRM", o.ServerID)
	}
	if item.Damaged {
		add("damaged", "a row of it was changed outside FieldPay, or cannot be read")
	}
	add("content", string(item.Payload))
	_, err := io.WriteString(f.w, strings.Join(lines, "\n")+"\n\n")
	return err
}

func (textForm) end() error { return nil }
