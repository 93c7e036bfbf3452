package proof_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"fieldpay/app/vault"
	"fieldpay/queue"
)

// killsPerFolder is how often the program dies on one data folder.
const killsPerFolder = 30

// receipt is what fieldpayctl prints for a line that is durable.
type receipt struct {
	ID       string `json:"id"`
	Sequence int64  `json:"sequence"`
}

// Invariant 1 for the program as it is shipped: killed at any moment, every line
// that it acknowledged is in the journal, and at most one more.
func TestKill(t *testing.T) {
	t.Parallel()
	ctl := program(build(t, "fieldpay/app/cmd/fieldpayctl"), "fieldpayctl")
	began, kills, lines := time.Now(), 0, 0
	eachSeed(t, killSeeds, func(seed uint64) {
		u := &user{program: ctl, folder: t.TempDir(), random: rand.New(rand.NewPCG(seed, 5)), marks: map[string]string{}}
		for range killsPerFolder {
			if err := u.appendUntilKilled(t.Context()); err != nil {
				t.Errorf("%s: %v", replayOf(t, seed), err)
				return
			}
			if err := u.check(t.Context()); err != nil {
				t.Errorf("%s: kill %d: %v", replayOf(t, seed), kills+1, err)
				return
			}
			kills++
		}
		lines += len(u.acknowledged)
	})
	t.Logf("kills: %s, %d lines acknowledged", rate(kills, began), lines)
	if lines < kills {
		t.Errorf("only %d lines were acknowledged in %d kills: they came too early", lines, kills)
	}
}

// noKeychain is a machine without one, so that the key lies in a file.
type noKeychain struct{}

// Get finds nothing.
func (noKeychain) Get(string, string) (string, error) { return "", errors.New("no keychain") }

// Set keeps nothing.
func (noKeychain) Set(string, string, string) error { return errors.New("no keychain") }

// user appends to one data folder and remembers every receipt.
type user struct {
	program, folder string
	random          *rand.Rand
	acknowledged    []receipt
	marks           map[string]string // by id
	sent            int
}

// appendUntilKilled starts the program, feeds it, and kills it after some
// receipts and a moment more.
func (u *user) appendUntilKilled(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, u.program, "--data-dir", filepath.Join(u.folder, "device"), "--bff", "http://127.0.0.1:9", "journal", "append")
	cmd.Env = environment(u.folder)
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		return err
	}
	first := u.sent + 1
	fed := make(chan int, 1)
	go func() { fed <- feed(in, first) }()
	err = u.readReceipts(out, first, cmd.Process)
	waitErr := cmd.Wait() // the signal
	u.sent += <-fed
	if exit := new(exec.ExitError); waitErr != nil && !errors.As(waitErr, &exit) {
		return waitErr
	}
	if complaint.Len() > 0 {
		return fmt.Errorf("the program complained: %s", &complaint)
	}
	return err
}

// feed writes lines until the pipe breaks, and returns how many it began.
func feed(in io.WriteCloser, first int) (lines int) {
	defer func() { _ = in.Close() }() // the reader may be dead
	for {
		lines++
		line := fmt.Sprintf(`{"type":"log_visit","payload":{"accountId":"acc-001","note":"#%d#","outcome":"met"}}`+"\n", first+lines-1)
		if _, err := io.WriteString(in, line); err != nil {
			return lines
		}
	}
}

// readReceipts kills the process after some receipts and a moment more, and
// keeps what came through the pipe all the same.
func (u *user) readReceipts(out io.Reader, first int, process *os.Process) error {
	const most = 40
	after, moment := u.random.IntN(most), time.Duration(u.random.IntN(2000))*time.Microsecond
	timer := time.AfterFunc(30*time.Second, func() { _ = process.Kill() }) // a program that hangs
	defer timer.Stop()
	if after == 0 { // while it starts
		time.AfterFunc(moment*10, func() { _ = process.Kill() })
	}
	scanner := bufio.NewScanner(out)
	for n := 0; scanner.Scan(); n++ {
		var r receipt
		if err := json.Unmarshal(scanner.Bytes(), &r); err != nil {
			break // the last line may be cut
		}
		u.acknowledged = append(u.acknowledged, r)
		u.marks[r.ID] = fmt.Sprint(first + n)
		if n+1 == after {
			time.AfterFunc(moment, func() { _ = process.Kill() })
		}
	}
	return scanner.Err()
}

// check opens the journal as the program does and holds it against the receipts.
func (u *user) check(ctx context.Context) error {
	dir := filepath.Join(u.folder, "device")
	path := filepath.Join(dir, "journal.db")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && len(u.acknowledged) == 0 {
		return nil // killed before there was a journal
	}
	v, err := vault.Open(ctx, vault.Options{
		DataDir: dir, Keyring: noKeychain{}, FallbackDir: filepath.Join(configuration(u.folder), "fieldpay"), Sealed: []string{path},
	})
	if err != nil {
		return fmt.Errorf("opening the vault: %w", err)
	}
	j, err := queue.Open(ctx, queue.Options{Path: path, Key: v.DataKey()})
	if err != nil {
		return err
	}
	return errors.Join(u.compare(ctx, j), j.Close())
}

func (u *user) compare(ctx context.Context, j *queue.Journal) error {
	report, err := j.Verify(ctx)
	if err != nil || !report.OK {
		return fmt.Errorf("%+v: %w", report.Problems, err)
	}
	found, err := readAll(ctx, j)
	if err != nil {
		return err
	}
	marks := map[string]string{}
	for i, item := range found {
		if item.Sequence != int64(i)+1 {
			return fmt.Errorf("action %d stands in place %d: a hole", item.Sequence, i+1)
		}
		marks[item.ID] = fmt.Sprint(markOf(item.Payload))
	}
	for _, r := range u.acknowledged {
		if marks[r.ID] != u.marks[r.ID] || found[r.Sequence-1].ID != r.ID {
			return fmt.Errorf("action %d, line %s, was acknowledged and is %q", r.Sequence, u.marks[r.ID], marks[r.ID])
		}
	}
	if extra := len(found) - len(u.acknowledged); extra > 1 {
		return fmt.Errorf("%d actions are there that were not acknowledged", extra)
	}
	u.adopt(found)
	return nil
}

// adopt takes the action whose receipt was lost for known.
func (u *user) adopt(found []queue.Item) {
	for _, item := range found {
		if _, known := u.marks[item.ID]; !known {
			u.marks[item.ID] = fmt.Sprint(markOf(item.Payload))
			u.acknowledged = append(u.acknowledged, receipt{ID: item.ID, Sequence: item.Sequence})
		}
	}
}
