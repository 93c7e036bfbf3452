package proof_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
)

// Invariants 1, 2, 3, 5 and 6 for the programs as they are shipped: whichever of
// device and server is killed at whatever moment of the main job, however often,
// each action that a person saved has one effect in the end, and the sums on
// device, ledger and Salesforce are equal.
func TestKillMainJob(t *testing.T) {
	t.Parallel()
	programs := build(t, "fieldpay/app/cmd/fieldpayctl", "fieldpay/bff/cmd/fieldpay-bff", "fieldpay/sandbox/cmd/fieldpay-sandbox")
	began, all := time.Now(), jobTally{}
	eachSeed(t, jobSeeds, func(seed uint64) {
		j := newJob(t, programs, seed)
		defer j.end()
		if err := j.live(); err != nil {
			t.Errorf("%s: %v\n%s", replayOf(t, seed), err, strings.Join(j.trace, "\n"))
		}
		all.add(j.tally, len(j.lines))
	})
	t.Logf("kills in the main job: %s; %+v", rate(all.kills(), began), all)
	for what, n := range map[string]int{
		"a device that appends": all.appending, "a device that sends": all.sending,
		"a server that answers": all.serving, "a server that starts": all.starting, "a run that noticed it": all.noticed,
	} {
		if n == 0 && jobSeeds > 1 && number(t, "FIELDPAY_PROOF_SEED") == 0 {
			t.Errorf("no kill ever hit %s", what)
		}
	}
}

// jobTally counts what the kills hit.
type jobTally struct{ appending, sending, serving, starting, noticed, actions int }

func (a jobTally) kills() int { return a.appending + a.sending + a.serving + a.starting }

func (a *jobTally) add(b jobTally, actions int) {
	a.appending += b.appending
	a.sending += b.sending
	a.serving += b.serving
	a.starting += b.starting
	a.noticed += b.noticed
	a.actions += actions
}

// job is one office with its Salesforce, one device, and the person who writes.
type job struct {
	t                          *testing.T
	programs, folder           string
	listen, salesforce, stripe string
	sandbox, server            *process
	random                     *rand.Rand
	// lines is what the person wrote; before counts what Salesforce had.
	lines  []line
	before map[string]int
	// span is how long a sync takes when nobody kills it.
	span  time.Duration
	tally jobTally
	trace []string
}

// line is one action as the person writes it. The form makes its id, so that
// saving it again is harmless.
type line struct {
	ID      string          `json:"id"`
	Type    action.Type     `json:"type"`
	Payload json.RawMessage `json:"payload"`
	receipt int64           // its sequence, once it was acknowledged
}

func newJob(t *testing.T, programs string, seed uint64) *job {
	t.Helper()
	j := &job{
		t: t, programs: programs, folder: t.TempDir(), random: rand.New(rand.NewPCG(seed, 7)), span: 100 * time.Millisecond,
		listen: freeAddress(t), salesforce: freeAddress(t), stripe: freeAddress(t),
	}
	return j
}

func (j *job) end() {
	for _, p := range []*process{j.server, j.sandbox} {
		if p != nil {
			p.kill()
		}
	}
}

func (j *job) note(format string, args ...any) {
	j.trace = append(j.trace, fmt.Sprintf(format, args...))
}

// live is the whole life: opening, the kills, the end.
func (j *job) live() (err error) {
	if err := j.open(); err != nil {
		return err
	}
	for rounds := 0; j.tally.kills() < killsPerFolder; rounds++ {
		if rounds > 5*killsPerFolder {
			return fmt.Errorf("only %d kills in %d rounds", j.tally.kills(), rounds)
		}
		if err := j.round(); err != nil {
			return err
		}
	}
	if err := j.settle(); err != nil {
		return err
	}
	return j.compare()
}

func (j *job) open() (err error) {
	j.sandbox, err = start(environment(j.folder), "", program(j.programs, "fieldpay-sandbox"), "serve",
		"--salesforce-listen", j.salesforce, "--stripe-listen", j.stripe)
	if err != nil {
		return err
	}
	if err := j.sandbox.waitFor(`"ready"`); err != nil {
		return err
	}
	if err := j.openServer(); err != nil {
		return err
	}
	if code, err := j.device("demo123\n", "sign-in", "--user", "demo@fieldpay.com", "--password-stdin"); err != nil || code != 0 {
		return fmt.Errorf("signing in ended with %d: %w", code, err)
	}
	objects, err := j.records()
	j.before = map[string]int{}
	for name, all := range objects {
		j.before[name] = len(all)
	}
	return err
}

func (j *job) openServer() error {
	if err := j.startServer(); err != nil {
		return err
	}
	return j.server.waitFor(`"ready"`)
}

func (j *job) startServer() (err error) {
	j.server, err = start(environment(j.folder,
		"FIELDPAY_BFF_LISTEN="+j.listen, "FIELDPAY_BFF_DATA_DIR="+filepath.Join(j.folder, "office"),
		"SALESFORCE_LOGIN_URL=http://"+j.salesforce, "STRIPE_API_BASE=http://"+j.stripe,
	), "", program(j.programs, "fieldpay-bff"), "serve")
	return err
}

func (j *job) startDevice(input string, args ...string) (*process, error) {
	args = append([]string{"--data-dir", filepath.Join(j.folder, "device"), "--bff", "http://" + j.listen}, args...)
	return start(environment(j.folder), input, program(j.programs, "fieldpayctl"), args...)
}

// device runs fieldpayctl to its end.
func (j *job) device(input string, args ...string) (int, error) {
	p, err := j.startDevice(input, args...)
	if err != nil {
		return 0, err
	}
	return p.wait()
}

// round is some work, and one kill at a random moment of it.
func (j *job) round() error {
	j.write()
	kind := j.random.IntN(6)
	if err := j.save(kind < 2); err != nil {
		return err
	}
	switch kind {
	case 0, 1:
		_, err := j.sync()
		return err
	case 2, 3:
		return j.killSending()
	case 4:
		return j.killServing()
	default:
		return j.killStarting()
	}
}

// write adds an invoice with a payment in cash and a visit, or two of each.
func (j *job) write() {
	for range 1 + j.random.IntN(2) {
		invoice, currency := j.newID(), []action.Currency{"usd", "jpy", "eur"}[j.random.IntN(3)]
		price := 1 + j.random.Int64N(100_000)
		j.add(invoice, &action.CreateInvoice{AccountID: "acc-001", Currency: currency, Lines: []action.Line{
			{Quantity: "2", UnitPrice: price, Description: "Filter"}, {Quantity: "0.5", UnitPrice: price, Description: "Labour", TaxRate: "8.875"},
		}})
		j.add(j.newID(), &action.RecordPayment{
			InvoiceID: invoice, Amount: 1 + j.random.Int64N(price), Currency: currency, Method: action.OtherMethod, Note: "in kind",
		})
		j.add(j.newID(), &action.LogVisit{AccountID: "acc-001", Note: "All well", Outcome: action.Met})
	}
}

func (j *job) add(id string, p action.Payload) {
	payload, err := action.Encode(p)
	if err != nil {
		j.t.Fatal(err)
	}
	j.lines = append(j.lines, line{ID: id, Type: p.Type(), Payload: payload})
}

func (j *job) newID() string {
	a, b := j.random.Uint64(), j.random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff)
}

// save writes down what has no receipt yet, again after a kill.
func (j *job) save(killed bool) error {
	from := 0
	for from < len(j.lines) && j.lines[from].receipt > 0 {
		from++
	}
	var input strings.Builder
	for _, l := range j.lines[from:] {
		text, err := json.Marshal(l)
		if err != nil {
			return err
		}
		input.Write(append(text, '\n'))
	}
	p, err := j.startDevice(input.String(), "journal", "append")
	if err != nil {
		return err
	}
	if killed && p.killAfter(j.moment(30*time.Millisecond)) {
		j.tally.appending++
		j.note("device killed after %d receipts of %d", strings.Count(p.out.String(), "\n"), len(j.lines)-from)
	}
	code, err := p.wait()
	if err != nil {
		return err
	}
	if err := j.receipts(p.out.String(), from); err != nil || code == 0 {
		return err
	}
	if code != -1 {
		return fmt.Errorf("appending ended with %d: %s%s", code, p.out, p.said)
	}
	return j.save(false)
}

// receipts keeps what the program acknowledged. The last line may be cut.
func (j *job) receipts(out string, from int) error {
	for i, text := range strings.SplitAfter(out, "\n") {
		var r receipt
		if !strings.HasSuffix(text, "\n") || json.Unmarshal([]byte(text), &r) != nil {
			break
		}
		l := &j.lines[from+i]
		if r.ID != l.ID || r.Sequence != int64(from+i)+1 {
			return fmt.Errorf("line %d, %s, was acknowledged as %d, %s", from+i+1, l.ID, r.Sequence, r.ID)
		}
		l.receipt = r.Sequence
	}
	return nil
}

// moment is a random one within a span.
func (j *job) moment(span time.Duration) time.Duration {
	return time.Duration(j.random.Int64N(int64(span)))
}

// sync sends what is due. That nothing can be reached is not its failure.
func (j *job) sync() (waiting int, err error) {
	began := time.Now()
	p, err := j.startDevice("", "sync", "--once", "--json")
	if err != nil {
		return 0, err
	}
	code, err := p.wait()
	if err != nil {
		return 0, err
	}
	var result struct{ Waiting, Accepted int }
	if err := json.Unmarshal([]byte(p.out.String()), &result); err != nil || code != 0 {
		return 0, errors.Join(fmt.Errorf("sync ended with %d: %s%s", code, p.out, p.said), err)
	}
	j.span = time.Since(began)
	return result.Waiting, nil
}

func (j *job) killSending() error {
	p, err := j.startDevice("", "sync", "--once", "--json")
	if err != nil {
		return err
	}
	if p.killAfter(j.moment(j.span)) {
		j.tally.sending++
		j.note("device killed while it sent")
	}
	return nil
}

func (j *job) killServing() error {
	p, err := j.startDevice("", "sync", "--once", "--json")
	if err != nil {
		return err
	}
	select {
	case <-time.After(j.moment(j.span)):
	case <-p.ended:
	}
	j.server.kill()
	j.tally.serving++
	code, err := p.wait()
	if err != nil {
		return err
	}
	if code != 0 {
		j.tally.noticed++
	}
	j.note("server killed; sync ended with %d: %s", code, strings.TrimSpace(p.out.String()))
	return j.openServer()
}

// killStarting kills the server over its work, and again while it starts.
func (j *job) killStarting() error {
	if err := j.killServing(); err != nil {
		return err
	}
	j.server.kill()
	if err := j.startServer(); err != nil {
		return err
	}
	if j.server.killAfter(j.moment(30 * time.Millisecond)) {
		j.tally.starting++
		j.note("server killed while it started")
	}
	return j.openServer()
}

// settle sends until nothing is open.
func (j *job) settle() error {
	return until(j.t.Context(), func() error {
		waiting, err := j.sync()
		if err != nil || waiting > 0 {
			return errors.Join(err, fmt.Errorf("%d still wait", waiting))
		}
		return j.allApplied()
	})
}
