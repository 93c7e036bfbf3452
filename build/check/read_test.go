package main

import (
	"errors"
	"strings"
	"testing"
)

var errExit = errors.New("exit status 1")

// What go test -json writes.
const (
	green = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA/one"}
{"Action":"pass","Package":"p","Test":"TestA/two"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestB"}
{"Action":"pass","Package":"p"}
{"Action":"skip","Package":"without/tests"}
`
	red = `{"Action":"output","Package":"p","Test":"TestA/one","Output":"wrong sum\n"}
{"Action":"fail","Package":"p","Test":"TestA/one"}
{"Action":"pass","Package":"p","Test":"TestA/two"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p"}
`
	skipped = `{"Action":"skip","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestB"}
`
	broken = `{"Action":"build-output","ImportPath":"p [p.test]","Output":"undefined: x\n"}
{"Action":"build-fail","ImportPath":"p [p.test]"}
`
	panicked = `{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"panic: nil map\n"}
{"Action":"fail","Package":"p"}
`
)

func TestReaders(t *testing.T) {
	for name, c := range map[string]struct {
		read reader
		out  string
		err  error
		want tally
		said string
	}{
		"a command that ends well is one check":                  {exit, "anything", nil, tally{1, 0}, ""},
		"a command that fails is one failed check":               {exit, "why", errExit, tally{0, 1}, "why"},
		"gofmt fails by naming a file":                           {silence, "a.go\n", nil, tally{0, 1}, "a.go"},
		"vitest's closing line is counted":                       {vitest, "\n Test Files  2 passed (2)\n      Tests  12 passed (12)\n", nil, tally{12, 0}, ""},
		"vitest's failures are counted beside":                   {vitest, "      Tests  2 failed | 3 passed (5)\n", errExit, tally{3, 2}, "2 failed"},
		"a skipped test of the screens counts as failed":         {vitest, "      Tests  3 passed | 1 skipped (4)\n", nil, tally{3, 1}, ""},
		"vitest without a closing line failed":                   {vitest, "no config", errExit, tally{0, 1}, "no config"},
		"a run without any test failed":                          {vitest, "", nil, tally{0, 1}, ""},
		"node's closing lines are counted":                       {nodeTests, "# tests 3\n# pass 2\n# fail 1\n# cancelled 0\n", errExit, tally{2, 1}, "fail 1"},
		"Go's tests are counted by their leaves":                 {goTests, green, nil, tally{3, 0}, ""},
		"a failed subtest is counted once, with what it said":    {goTests, red, errExit, tally{1, 1}, "wrong sum"},
		"a skipped Go test counts as failed":                     {goTests, skipped, nil, tally{1, 1}, ""},
		"a package that does not build is one failure":           {goTests, broken, errExit, tally{0, 1}, "undefined: x"},
		"a package that panics outside of a test is one failure": {goTests, panicked, errExit, tally{1, 1}, "nil map"},
		"what the go command itself says is kept":                {goTests, "go: no such tool\n", errExit, tally{0, 1}, "no such tool"},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.read([]byte(c.out), c.err)
			if got.tally != c.want {
				t.Errorf("counted %+v, want %+v", got.tally, c.want)
			}
			if !strings.Contains(got.said, c.said) {
				t.Errorf("said %q, want %q in it", got.said, c.said)
			}
		})
	}
}
