package main

import (
	"os"
	"path/filepath"
	"testing"
)

// root is the module's folder, seen from this package's.
var root = filepath.Join("..", "..")

// A bug that does not fit the code any more proves nothing. Whoever changes the
// code changes the bug with it.
func TestBugs(t *testing.T) {
	bugs, err := load(os.DirFS(filepath.Join(root, folder)))
	if err != nil {
		t.Fatal(err)
	}
	const promised = 40
	if len(bugs) < promised {
		t.Errorf("there are %d bugs, fewer than %d", len(bugs), promised)
	}
	for _, b := range bugs {
		t.Run(b.name+" still fits the code", func(t *testing.T) {
			src, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(b.file)))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.apply(string(src)); err != nil {
				t.Errorf("%v: write the same mistake for the code as it is now, in %s/%s.txt", err, folder, b.name)
			}
		})
	}
}

func TestParse(t *testing.T) {
	const good = "It forgets.\n\nfile: a/b.go\ntest: -run TestX ./a\n-- from --\n\tx := 1\n-- to --\n\tx := 2\n"
	t.Run("a bug is its sentence, its place, its tests and its lines", func(t *testing.T) {
		b, err := parse("forgets", []byte(good))
		if err != nil {
			t.Fatal(err)
		}
		if b.sentence != "It forgets." || b.file != "a/b.go" || len(b.tests) != 3 || b.from != "\tx := 1\n" || b.to != "\tx := 2\n" {
			t.Errorf("read %+v", b)
		}
	})
	for name, text := range map[string]string{
		"without a place":   "It forgets.\n\ntest: ./a\n-- from --\nx\n-- to --\ny\n",
		"without a test":    "It forgets.\n\nfile: a\n-- from --\nx\n-- to --\ny\n",
		"without a change":  "It forgets.\n\nfile: a\ntest: ./a\n-- from --\nx\n-- to --\nx\n",
		"without any lines": "It forgets.\n\nfile: a\ntest: ./a\n",
	} {
		t.Run("one "+name+" is refused", func(t *testing.T) {
			if _, err := parse("x", []byte(text)); err == nil {
				t.Error("it is taken")
			}
		})
	}
	t.Run("lines that are there twice are refused", func(t *testing.T) {
		if _, err := (bug{from: "x\n", to: "y\n"}).apply("x\nx\n"); err == nil {
			t.Error("they are taken")
		}
	})
}
