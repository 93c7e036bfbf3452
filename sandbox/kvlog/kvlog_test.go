package kvlog_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"fieldpay/sandbox/kvlog"
)

type values = map[string]json.RawMessage

func open(t *testing.T, path string) (*kvlog.Log, values) {
	t.Helper()
	l, got, err := kvlog.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l, got
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, got, want values) {
	t.Helper()
	if !maps.EqualFunc(got, want, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLog(t *testing.T) {
	t.Run("what was appended is there again, without what was removed", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "log")
		l, got := open(t, path)
		expect(t, got, values{})
		for _, change := range []values{{"a": json.RawMessage(`1`), "b": json.RawMessage(`"x"`)}, {"a": json.RawMessage(`2`)}, {"b": nil}, {}} {
			if err := l.Append(change); err != nil {
				t.Fatal(err)
			}
		}
		_, got = open(t, path)
		expect(t, got, values{"a": json.RawMessage(`2`)})
	})
	t.Run("opening rewrites the file to what it holds", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "log")
		write(t, path, "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n")
		open(t, path)
		raw, err := os.ReadFile(path)
		if err != nil || string(raw) != "{\"a\":3}\n" {
			t.Errorf("the file is %q, %v", raw, err)
		}
	})
	t.Run("a torn last line is dropped", func(t *testing.T) {
		for _, tail := range []string{`{"b":`, "{\"b\":\n", `{"b":2}`} {
			path := filepath.Join(t.TempDir(), "log")
			write(t, path, "{\"a\":1}\n"+tail)
			_, got := open(t, path)
			expect(t, got, values{"a": json.RawMessage(`1`)})
		}
	})
	t.Run("damage in the middle is told, not skipped", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "log")
		write(t, path, "{\"a\":1}\nrubbish\n{\"b\":2}\n")
		if _, _, err := kvlog.Open(path); err == nil {
			t.Error("it was opened")
		}
	})
}

func TestLog_Rewrite(t *testing.T) {
	t.Run("a rewrite replaces everything and takes appends", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "log")
		l, _ := open(t, path)
		for _, err := range []error{l.Append(values{"a": json.RawMessage(`1`)}), l.Rewrite(values{"b": json.RawMessage(`2`)}), l.Append(values{"c": json.RawMessage(`3`)})} {
			if err != nil {
				t.Fatal(err)
			}
		}
		_, got := open(t, path)
		expect(t, got, values{"b": json.RawMessage(`2`), "c": json.RawMessage(`3`)})
	})
	t.Run("a closed log refuses", func(t *testing.T) {
		l, _ := open(t, filepath.Join(t.TempDir(), "log"))
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if err := l.Append(values{"a": json.RawMessage(`1`)}); err == nil {
			t.Error("it took a commit")
		}
	})
	t.Run("no log at all keeps nothing and refuses nothing", func(t *testing.T) {
		var l *kvlog.Log
		if l.Append(values{"a": json.RawMessage(`1`)}) != nil || l.Rewrite(nil) != nil || l.Close() != nil {
			t.Error("it failed")
		}
	})
}

func FuzzOpen(f *testing.F) {
	f.Add("{\"a\":1}\n{\"a\":null}\n{\"b\"")
	f.Add("\n\n[]\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "log")
		write(t, path, text)
		l, first, err := kvlog.Open(path)
		if err != nil {
			return
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		_, second := open(t, path)
		if len(first) != len(second) {
			t.Errorf("first %s, then %s", first, second)
		}
	})
}

func ExampleOpen() {
	folder, err := os.MkdirTemp("", "kvlog")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "example.log")
	l, _, err := kvlog.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(l.Append(map[string]json.RawMessage{"greeting": json.RawMessage(`"hello"`)}), l.Close())
	l, values, err := kvlog.Open(path)
	fmt.Println(string(values["greeting"]), err, l.Close())
	// Output:
	// <nil> <nil>
	// "hello" <nil> <nil>
}
