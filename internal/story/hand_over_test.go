package story_test

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// handOver takes unsent work off the device in a file, which another device
// brings to the office.
func handOver(ts *testscript.TestScript, negated bool, args []string) {
	w := here(ts, negated)
	file, receipt := filepath.Join(w.folder, "work.fieldpay"), filepath.Join(w.folder, "receipt.json")
	switch strings.Join(args, " ") {
	case "seal":
		errorf(ts, os.RemoveAll(file), "clearing the way")
		w.ctl(ts, "", 0, "hand-over", "seal", file)
	case "bring":
		w.signIn(ts, "other", ts.Getenv("SALESPERSON"), ts.Getenv("PASSWORD"))
		out := w.on(ts, "other", "", 0, "hand-over", "bring", file)
		errorf(ts, os.WriteFile(receipt, []byte(out), 0o600), "keeping the receipt")
	case "receipt":
		w.ctl(ts, "", 0, "hand-over", "receipt", receipt)
	default:
		usage(ts, false, "hand-over seal | bring | receipt")
	}
}
