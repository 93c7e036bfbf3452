package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"fieldpay/action"
	"fieldpay/app"
	"fieldpay/queue"
)

type journalGroup struct {
	Append      journalAppend      `cmd:"" help:"Append actions: one JSON object {\"type\":…,\"payload\":…} a line on standard input."`
	List        journalList        `cmd:"" help:"List actions, newest first."`
	Show        journalShow        `cmd:"" help:"Show one action with its history."`
	Verify      journalVerify      `cmd:"" help:"Check every link and seal of the journal."`
	Export      journalExport      `cmd:"" help:"Write every action, oldest first."`
	Retry       journalRetry       `cmd:"" help:"Ask again for an action that was refused or needs a person."`
	Discard     journalDiscard     `cmd:"" help:"Give up an action that was never sent, was refused or needs a person."`
	Archive     journalArchive     `cmd:"" help:"Move what ended long ago to the archive."`
	Salvage     journalSalvage     `cmd:"" help:"Move what is intact in a damaged journal to a new one."`
	GoOn        journalGoOn        `cmd:"" name:"go-on" help:"Go on with a journal that the server finds too old."`
	CheckReplay journalCheckReplay `cmd:"" name:"check-replay" help:"Ask whether this build can go on with what is unsent."`
}

// maxLine limits one line of input: the largest payload with its envelope.
const maxLine = action.MaxPayloadBytes + 4<<10

type journalAppend struct {
	JSON bool `name:"json" help:"One JSON object a line; there is no other form."`
}

// Help has the examples.
func (journalAppend) Help() string {
	return `Each line is an action of a person. Its receipt, {"id":…,"sequence":…}, is printed when it would survive a power cut. A bad line is told by {"error":…,"line":n} and stops nothing; the exit code is 1 then. A line with an id may be given twice: the second time it is the same action.

  echo '{"type":"log_visit","payload":{"accountId":"acc-001","note":"Met the buyer","outcome":"met"}}' | fieldpayctl journal append
  fieldpayctl journal append <actions.ndjson >receipts.ndjson`
}

// appended is the receipt of one line.
type appended struct {
	ID       string `json:"id"`
	Sequence int64  `json:"sequence"`
}

// refusedLine says why a line was not kept.
type refusedLine struct {
	Error  string            `json:"error"`
	Line   int               `json:"line"`
	Code   action.Code       `json:"code"`
	Fields map[string]string `json:"fields,omitempty"`
}

// Run appends each line and prints its receipt when it is durable. A bad line is
// told and does not stop the others.
func (journalAppend) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		in := bufio.NewReaderSize(s.in, 64<<10)
		line := s.progress("Appending", true)
		kept, bad := 0, 0
		defer func() { s.sayAppended(kept, bad, line.end()) }()
		for n := 1; ctx.Err() == nil; n++ {
			text, err := readLine(in)
			if errors.Is(err, io.EOF) {
				break
			}
			if err == nil && len(bytes.TrimSpace(text)) == 0 {
				continue
			}
			var receipt any
			if err == nil {
				receipt, err = appendLine(ctx, d, text)
			}
			if err != nil {
				if action.CodeOf(err).Class() == action.Device {
					return err // no line can be kept any more
				}
				bad++
				receipt = refused(n, err)
			} else {
				kept++
				line.show(kept, 0)
			}
			if err := s.print(receipt); err != nil {
				return err
			}
		}
		if bad > 0 {
			return personNeeded{}
		}
		return ctx.Err()
	})
}

// sayAppended sums up for a person; a script has the receipts.
func (s *session) sayAppended(kept, bad int, took time.Duration) {
	if _, shown := terminal(s.err); !shown || kept+bad == 0 {
		return
	}
	fmt.Fprintf(s.err, "Kept %s.\n", rated(kept, took))
	if bad > 0 {
		fmt.Fprintf(s.err, "%s: %s. Each says in the output which line it was and why.\n", s.attention(s.err, "Refused"), grouped(bad))
	}
}

// refused words an error with the fields it names, because a script's reader
// may see nothing but the sentence.
func refused(line int, err error) refusedLine {
	r := refusedLine{Error: action.MessageOf(err), Line: line, Code: action.CodeOf(err), Fields: action.FieldsOf(err)}
	for i, field := range slices.Sorted(maps.Keys(r.Fields)) {
		r.Error += [...]string{": ", ", "}[min(i, 1)] + field + " " + r.Fields[field]
	}
	return r
}

// readLine returns the next line. One that is too long is skipped and is an
// error that does not end the input.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	tooLong := false
	for {
		part, err := in.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > maxLine; !tooLong {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case tooLong:
			return nil, &action.Error{Code: action.InvalidEnvelope, Message: fmt.Sprintf("The line is longer than %d KiB", maxLine>>10)}
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		case err != nil:
			return nil, fmt.Errorf("reading standard input: %w", err)
		}
		return line, nil
	}
}

func appendLine(ctx context.Context, d *app.Device, line []byte) (appended, error) {
	var in app.Entry
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return appended{}, &action.Error{Code: action.InvalidEnvelope, Message: "The line is not a JSON object of type and payload", Cause: err}
	}
	item, err := d.Append(ctx, in)
	if err != nil {
		return appended{}, err
	}
	return appended{ID: item.ID, Sequence: item.Sequence}, nil
}

type journalList struct {
	JSON   bool     `name:"json" help:"One JSON object a line."`
	State  []string `help:"Only these states: ${states}." enum:"${statesEnum}" placeholder:"STATE"`
	Unsent bool     `help:"Only what the server is not known to have."`
	Lane   string   `help:"Only one record, as invoice:<id>."`
	Limit  int      `help:"At most so many; 0 means all."`
}

// Help has the examples.
func (journalList) Help() string {
	return `Columns: number on this device, since when, state, type, id, and what the server said.

  fieldpayctl journal list --unsent
  fieldpayctl journal list --state=failed,review --json`
}

// Run lists actions.
func (c *journalList) Run(ctx context.Context, s *session) error {
	filter := queue.Filter{Unsent: c.Unsent, Lane: c.Lane, Limit: 200}
	for _, state := range c.State {
		filter.States = append(filter.States, queue.State(state))
	}
	return s.with(ctx, func(d *app.Device) error {
		narrow := &narrowing{out: s.out, width: s.width(s.out)}
		table := tabwriter.NewWriter(narrow, 0, 0, 2, ' ', 0)
		shown := 0
		for {
			page, err := d.Journal().List(ctx, filter)
			if err != nil {
				return fmt.Errorf("listing the journal: %w", err)
			}
			for _, item := range page.Items {
				if c.Limit > 0 && shown == c.Limit {
					return table.Flush()
				}
				shown++
				if err := c.row(s, table, item); err != nil {
					return err
				}
			}
			if page.Next == 0 {
				return table.Flush()
			}
			filter.Before = page.Next
		}
	})
}

func (c *journalList) row(s *session, table io.Writer, item queue.Item) error {
	if c.JSON {
		return s.print(item)
	}
	reason := ""
	if item.Outcome != nil {
		reason = item.Outcome.Error
	}
	_, err := fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\n", item.Sequence, item.Since.Format(time.DateTime), item.State, item.Type, item.ID, plain(reason))
	if err != nil {
		return fmt.Errorf("writing the list: %w", err)
	}
	return nil
}

// narrowing cuts lines to the width of a terminal.
type narrowing struct {
	out   io.Writer
	width int
	rest  []byte
}

// Write implements io.Writer.
func (n *narrowing) Write(p []byte) (int, error) {
	n.rest = append(n.rest, p...)
	for {
		line, rest, whole := bytes.Cut(n.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		if _, err := io.WriteString(n.out, cut(string(line), n.width)+"\n"); err != nil {
			return 0, fmt.Errorf("writing the list: %w", err)
		}
		n.rest = slices.Clone(rest)
	}
}

type journalShow struct {
	ID   string `arg:"" help:"Id of the action."`
	JSON bool   `name:"json" help:"One JSON object."`
}

// shown is an action with its history.
type shown struct {
	queue.Item
	History []queue.Step `json:"history"`
}

// Run shows one action.
func (c *journalShow) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		item, err := d.Journal().Item(ctx, c.ID)
		if err != nil {
			return fmt.Errorf("reading the action: %w", err)
		}
		steps, err := d.Journal().History(ctx, c.ID)
		if err != nil {
			return fmt.Errorf("reading its history: %w", err)
		}
		if c.JSON {
			return s.print(shown{item, steps})
		}
		if err := s.say("%s %s, number %d of this device: %s since %s\n%s", item.Type, item.ID, item.Sequence, item.State,
			item.Since.Format(time.DateTime), plain(string(item.Payload))); err != nil {
			return err
		}
		for _, step := range steps {
			if err := s.say("%s  %s  %s %s", step.At.Format(time.DateTime), step.To, step.Code, plain(step.Message)); err != nil {
				return err
			}
		}
		return nil
	})
}

type journalVerify struct {
	JSON bool `name:"json" help:"One JSON object."`
}

// Help has the examples.
func (journalVerify) Help() string {
	return `Every row is compared with its seal and with the row before it, and what is derived from them with what they say. Damage is exit code 5. Nothing is changed.

  fieldpayctl journal verify
  fieldpayctl journal verify --json`
}

// Run checks the journal. Damage is exit code 5.
func (c *journalVerify) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		line := s.progress("Checking", false)
		report, err := d.Journal().VerifyWatched(ctx, func(checked, total int64) { line.show(int(checked), int(total)) })
		line.end()
		if err != nil {
			return fmt.Errorf("checking the journal: %w", err)
		}
		if c.JSON {
			if report.Problems == nil {
				report.Problems = []queue.Problem{}
			}
			err = s.print(report)
		} else {
			err = sayReport(s, report)
		}
		if err == nil && !report.OK {
			err = &action.Error{Code: action.JournalDamaged}
		}
		return err
	})
}

func sayReport(s *session, report queue.Report) error {
	for _, p := range report.Problems {
		if err := s.say("entry %d %s", p.Position, p.What); err != nil {
			return err
		}
	}
	if report.OK {
		return s.say("%d entries of %d actions, every link holds.", report.Entries, report.Actions)
	}
	return s.say("%d entries, %d problems.", report.Entries, len(report.Problems))
}

type journalRetry struct {
	ID   string `arg:"" help:"Id of the action."`
	JSON bool   `name:"json" help:"One JSON object: the action."`
}

// Run asks for an action again.
func (c *journalRetry) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		item, err := d.Journal().Retry(ctx, c.ID, d.Author())
		if err != nil {
			return fmt.Errorf("retrying the action: %w", err)
		}
		if c.JSON {
			return s.print(item)
		}
		return s.say("%s is %s.", item.ID, item.State)
	})
}

type journalDiscard struct {
	ID     string `arg:"" help:"Id of the action."`
	Reason string `help:"Why; it stays in the history." required:"" placeholder:"TEXT"`
	JSON   bool   `name:"json" help:"One JSON object: the action."`
}

// Help has the examples.
func (journalDiscard) Help() string {
	return `Nothing is deleted: the action stays in the journal with who gave it up and why.

  fieldpayctl journal discard --reason="written twice" 0198c1d2-…`
}

// Run gives an action up.
func (c *journalDiscard) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		item, err := d.Journal().Discard(ctx, c.ID, d.Author(), c.Reason)
		if err != nil {
			return fmt.Errorf("discarding the action: %w", err)
		}
		if c.JSON {
			return s.print(item)
		}
		return s.say("%s is %s.", item.ID, item.State)
	})
}
