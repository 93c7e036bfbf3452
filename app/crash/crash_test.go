package crash_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fieldpay/app/crash"
)

const folderVar, kindVar = "FIELDPAY_TEST_CRASH", "FIELDPAY_TEST_CRASH_KIND"

// TestMain crashes when a test asks another process of this program to.
func TestMain(m *testing.M) {
	folder := os.Getenv(folderVar)
	if folder == "" {
		os.Exit(m.Run())
	}
	watch, err := crash.Watch(folder)
	if err != nil {
		os.Exit(3)
	}
	switch os.Getenv(kindVar) {
	case "value":
		panic("the customer is Ada Lovelace\nof 5 Main Street")
	case "runtime":
		panic(fmt.Sprint(os.Args[len(os.Args)]))
	}
	if watch.Close() != nil {
		os.Exit(4)
	}
	os.Exit(0)
}

func die(t *testing.T, folder, kind string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), folderVar+"="+folder, kindVar+"="+kind)
	err = cmd.Run()
	var ended *exec.ExitError
	if kind != "" && !errors.As(err, &ended) || kind == "" && err != nil {
		t.Fatalf("%q ended with %v", kind, err)
	}
}

func TestCollect(t *testing.T) {
	t.Run("a crash is told by kind and place, never by its value", func(t *testing.T) {
		dir := t.TempDir()
		die(t, dir, "value")
		die(t, dir, "runtime")
		reports, err := crash.Collect(dir)
		if err != nil || len(reports) != 2 {
			t.Fatalf("%+v, %v", reports, err)
		}
		kinds := []string{reports[0].Kind, reports[1].Kind}
		if slices.Sort(kinds); !slices.Equal(kinds, []string{"panic", "runtime-error"}) {
			t.Errorf("kinds %q", kinds)
		}
		for _, r := range reports {
			if !strings.Contains(r.Text, "goroutine 1") || !strings.Contains(r.Text, "crash_test.TestMain") || !strings.Contains(r.Text, "crash_test.go:") {
				t.Errorf("the report does not say where:\n%s", r.Text)
			}
			for _, word := range []string{"Ada", "Main Street", dir} {
				if strings.Contains(r.Text, word) {
					t.Errorf("the report has %q:\n%s", word, r.Text)
				}
			}
		}
	})

	t.Run("a report is new once and kept for a while", func(t *testing.T) {
		dir := t.TempDir()
		for range 7 {
			die(t, dir, "value")
		}
		if fresh, err := crash.Collect(dir); err != nil || len(fresh) != 7 {
			t.Fatalf("%d new, %v", len(fresh), err)
		}
		if fresh, err := crash.Collect(dir); err != nil || len(fresh) != 0 {
			t.Errorf("%d new the second time, %v", len(fresh), err)
		}
		kept, err := crash.Reports(dir)
		if err != nil || len(kept) != 5 || kept[0].ID < kept[4].ID || kept[0].Kind != "panic" {
			t.Errorf("%d kept, %v", len(kept), err)
		}
	})

	t.Run("a program that ends well leaves nothing", func(t *testing.T) {
		dir := t.TempDir()
		die(t, dir, "")
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
			t.Errorf("left %q", left)
		}
	})

	t.Run("a report that was changed from outside is read as anything", func(t *testing.T) {
		dir := t.TempDir()
		text := "panic: Ada Lovelace\n\ngoroutine 1 [running]:\nAda Lovelace lives here\nmain.main()\n\t/home/ada/main.go:3 +0x1\n"
		if err := os.WriteFile(filepath.Join(dir, "crash-1-1.txt"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		kept, err := crash.Reports(dir)
		if err != nil || len(kept) != 1 || strings.Contains(kept[0].Text, "da") || !strings.Contains(kept[0].Text, "main.main()\n\tmain.go:3") {
			t.Errorf("%+v, %v", kept, err)
		}
	})
}
