package proof_test

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"fieldpay/queue"
)

// eachSeed runs a proof for every seed of the form that was asked for.
func eachSeed(t *testing.T, short int, prove func(seed uint64)) {
	t.Helper()
	if one := number(t, "FIELDPAY_PROOF_SEED"); one > 0 {
		prove(one)
		return
	}
	from, count := number(t, "FIELDPAY_PROOF_FROM"), uint64(short)
	if times := number(t, "FIELDPAY_PROOF_TIMES"); times > 0 {
		count *= times
	}
	for seed := from + 1; seed <= from+count && !t.Failed(); seed++ {
		prove(seed)
	}
}

func number(t *testing.T, variable string) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// replayOf tells how to see a seed again.
func replayOf(t *testing.T, seed uint64) string {
	return fmt.Sprintf("seed %d (FIELDPAY_PROOF_SEED=%d go test -run '^%s$' ./internal/proof)", seed, seed, t.Name())
}

func key() []byte { return bytes.Repeat([]byte{7}, 32) }

const deviceID = "0193b1c2-0000-7000-8000-000000000001"

// journalFile is the journal's name on a disk in memory.
const journalFile = "journal.db"

func options(vfs string) queue.Options {
	return queue.Options{Path: journalFile, Key: key(), DeviceID: deviceID, VFS: vfs}
}

// rate words how many of something were done since start.
func rate(n int, start time.Time) string {
	took := time.Since(start)
	return fmt.Sprintf("%d in %v, %.0f/s", n, took.Round(time.Millisecond), float64(n)/took.Seconds())
}
