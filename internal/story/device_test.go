package story_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"fieldpay/action"
)

// ctl runs fieldpayctl and notes what it printed with the story.
func (w *world) ctl(ts *testscript.TestScript, input string, want int, args ...string) string {
	out := w.ask(ts, input, want, args...)
	ts.Logf("%s", out)
	return out
}

// ask runs fieldpayctl, wants it to end with one exit code and returns what it
// printed.
func (w *world) ask(ts *testscript.TestScript, input string, want int, args ...string) string {
	return w.on(ts, "device", input, want, args...)
}

// on does it on another device.
func (w *world) on(ts *testscript.TestScript, device, input string, want int, args ...string) string {
	args = append([]string{"--data-dir", filepath.Join(w.folder, device), "--bff", "http://" + w.network.address}, args...)
	cmd := exec.Command(w.program("fieldpayctl"), args...)
	var out, complaint bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = environment(w.folder), strings.NewReader(input), &out, &complaint
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Fatalf("running fieldpayctl: %v", err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("fieldpayctl %s ended with %d instead of %d\n%s%s", strings.Join(args[4:], " "), got, want, &out, &complaint)
	}
	return out.String()
}

func signIn(ts *testscript.TestScript, negated bool, args []string) {
	w := here(ts, negated)
	usage(ts, len(args) == 2, "sign-in USER PASSWORD")
	ts.Logf("%s", w.signIn(ts, "device", args[0], args[1]))
}

// signIn signs a person in on a device, which a live office lets in before.
func (w *world) signIn(ts *testscript.TestScript, device, user, password string) string {
	if w.office.manner.live && !w.enrolled[device] {
		code, err := w.office.enrolCode()
		errorf(ts, err, "asking for a code")
		w.on(ts, device, "", 0, "enrol", "--code", code)
		w.enrolled[device] = true
	}
	return w.on(ts, device, password+"\n", 0, "sign-in", "--user", user, "--password-stdin")
}

// app is the app itself, without a window: the same program serves the screens
// and sends what is due.
func app(ts *testscript.TestScript, negated bool, args []string) {
	w := here(ts, negated)
	switch strings.Join(args, " ") {
	case "start":
		p, err := start(environment(w.folder), w.program("fieldpayctl"), "--data-dir", filepath.Join(w.folder, "device"),
			"--bff", "http://"+w.network.address, "serve", "--listen", "127.0.0.1:0")
		errorf(ts, err, "starting the app")
		w.app = p
		errorf(ts, until(func() error {
			if !strings.Contains(p.said.String(), "http://") {
				return errors.New("it prints no address: " + p.said.String())
			}
			return nil
		}), "waiting for the app")
	case "stop":
		errorf(ts, w.app.stop(), "closing the app")
	case "kill":
		w.app.kill()
	default:
		usage(ts, false, "app start | stop | kill")
	}
}

// write appends one action to the journal under the story's name for it.
func (w *world) write(ts *testscript.TestScript, name string, a act, kind action.Type, payload any) {
	line, err := json.Marshal(map[string]any{"type": kind, "payload": payload})
	errorf(ts, err, "writing the action down")
	var receipt struct{ ID string }
	out := w.ctl(ts, string(line)+"\n", 0, "journal", "append")
	errorf(ts, json.Unmarshal([]byte(out), &receipt), "reading the receipt")
	a.id = receipt.ID
	w.acts[name] = a
}

var lineForm = regexp.MustCompile(`^(\S+) x (\S+) (.+)$`)

func invoice(ts *testscript.TestScript, negated bool, args []string) {
	w := here(ts, negated)
	usage(ts, len(args) > 5 && args[1] == "for" && args[3] == "in", "invoice NAME for ACCOUNT in CURRENCY 'QUANTITY x PRICE TEXT' …")
	currency := action.Currency(args[4])
	p := action.CreateInvoice{AccountID: args[2], Currency: currency}
	for _, text := range args[5:] {
		m := lineForm.FindStringSubmatch(text)
		usage(ts, m != nil, "'QUANTITY x PRICE TEXT'")
		p.Lines = append(p.Lines, action.Line{Quantity: m[1], UnitPrice: minor(ts, m[2], currency), Description: m[3]})
	}
	w.write(ts, args[0], act{object: "Invoice__c", key: "Client_Invoice_Id__c", currency: currency}, p.Type(), p)
}

func cash(ts *testscript.TestScript, negated bool, args []string) {
	w := here(ts, negated)
	usage(ts, len(args) == 5 && args[1] == "for" && args[3] == "as", "cash AMOUNT for NAME as NAME")
	paid := w.act(ts, args[2])
	amount := minor(ts, args[0], paid.currency)
	p := action.RecordPayment{InvoiceID: paid.id, Amount: amount, Currency: paid.currency, Method: action.Cash, Tendered: amount}
	w.write(ts, args[4], act{object: "Payment__c", key: "Action_Id__c", currency: paid.currency}, p.Type(), p)
}

// link is a payment link that is made at sync, for a customer who is not there.
func link(ts *testscript.TestScript, negated bool, args []string) {
	w := here(ts, negated)
	usage(ts, len(args) == 5 && args[1] == "for" && args[3] == "as", "link AMOUNT for NAME as NAME")
	paid := w.act(ts, args[2])
	p := action.CollectPayment{InvoiceID: paid.id, Amount: minor(ts, args[0], paid.currency), Currency: paid.currency, Method: action.PaymentLink}
	w.write(ts, args[4], act{object: "Payment__c", key: "Action_Id__c", currency: paid.currency}, p.Type(), p)
}

func visit(ts *testscript.TestScript, negated bool, args []string) {
	w := here(ts, negated)
	usage(ts, len(args) == 4 && args[1] == "as", "visit ACCOUNT as NAME 'NOTE'")
	p := action.LogVisit{AccountID: args[0], Note: args[3], Outcome: action.Met}
	w.write(ts, args[2], act{object: "Visit__c", key: "Action_Id__c"}, p.Type(), p)
}

// minor reads an amount as a person writes it.
func minor(ts *testscript.TestScript, text string, currency action.Currency) int64 {
	m, err := action.ParseMoney(text, currency, action.PlainNumbers())
	errorf(ts, err, "reading the amount "+text)
	return m.Minor
}

func syncOnce(ts *testscript.TestScript, negated bool, args []string) {
	w := here(ts, negated)
	want, known := map[string]int{"": 0, "needs-a-person": 1, "offline": 3, "sign-in": 4}[strings.Join(args, " ")]
	usage(ts, known, "sync [needs-a-person | offline | sign-in]")
	w.ctl(ts, "", want, "sync", "--once", "--json")
}
