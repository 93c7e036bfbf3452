package deptest_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

// Bars of the module. A place over one of them is split, or excepted below with
// the reason why splitting makes it worse.
const (
	maxGoFile     = 450
	maxFunction   = 60
	maxScreenFile = 300
)

// measureExceptions lists "file" or "file#function" that pass a bar.
func measureExceptions() exceptions { return exceptions{} }

func TestMeasures(t *testing.T) {
	broken := map[string]bool{}
	allowed := measureExceptions()
	over := func(place string, format string, args ...any) {
		broken[place] = true
		if _, ok := allowed[place]; !ok {
			t.Errorf("%s %s", place, fmt.Sprintf(format, args...))
		}
	}
	for file, src := range sources(t, ".go") {
		if n := bytes.Count(src, []byte("\n")); n > maxGoFile {
			over(file, "has %d lines, more than %d: give one of its subjects a file", n, maxGoFile)
		}
		for _, f := range functions(t, file, src) {
			if f.lines > maxFunction {
				over(file+"#"+f.name, "has %d lines, more than %d: name its steps", f.lines, maxFunction)
			}
			if f.name == "init" {
				over(file+"#init", "works before main: wire it where it is used")
			}
		}
	}
	for file, src := range sources(t, ".ts", ".tsx") {
		if n := bytes.Count(src, []byte("\n")); n > maxScreenFile {
			over(file, "has %d lines, more than %d: a component is one subject", n, maxScreenFile)
		}
	}
	allowed.check(t, broken)
}

type function struct {
	name  string
	lines int
}

// functions measures the functions that a file declares. A subtest is a function
// of its own: its lines count for it, not for the test that lists it.
func functions(t *testing.T, file string, src []byte) []function {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("parsing %s: %v", file, err)
	}
	lines := func(n ast.Node) int { return set.Position(n.End()).Line - set.Position(n.Pos()).Line + 1 }
	var found []function
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		own := function{name: f.Name.Name, lines: lines(f)}
		if f.Recv != nil {
			own.name = "(method) " + own.name
		}
		for _, s := range subtests(f) {
			found = append(found, function{name: own.name + ", a subtest", lines: lines(s)})
			own.lines -= lines(s)
		}
		found = append(found, own)
	}
	return found
}

// subtests are the function literals that f hands to t.Run.
func subtests(f *ast.FuncDecl) []*ast.FuncLit {
	var found []*ast.FuncLit
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 {
			return true
		}
		selected, ok := call.Fun.(*ast.SelectorExpr)
		literal, isLiteral := call.Args[1].(*ast.FuncLit)
		if !ok || !isLiteral || selected.Sel.Name != "Run" {
			return true
		}
		found = append(found, literal)
		return false // what a subtest lists counts for it
	})
	return found
}

// A mark is text that has no place in a kind of file.
type mark struct {
	extensions []string
	pattern    *regexp.Regexp
	// unless: a file with this text may have the mark.
	unless string
	reason string
}

func marks() []mark {
	// Put together here, so that this file does not find itself.
	unfinished := strings.Join([]string{"TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"}, "|")
	return []mark{
		{extensions: []string{".go", ".ts", ".tsx", ".mjs", ".sh", ".css"}, pattern: regexp.MustCompile(`\b(` + unfinished + `)\b`),
			reason: "what is missing is built now or written down as an issue"},
		{extensions: []string{"_test.go"}, pattern: regexp.MustCompile(`\btime\.` + `Sleep\(`),
			unless: `"testing/synctest"`, reason: "a test waits for what it expects, or its time is virtual (testing/synctest)"},
		{extensions: []string{"_test.go"}, pattern: regexp.MustCompile(`\bt\.` + `Skip`),
			reason: "a skipped test is a hole that looks like a floor"},
		{extensions: []string{".test.ts", ".test.tsx", ".spec.ts", ".mjs"}, pattern: regexp.MustCompile(`\.(skip|only)` + `\(|waitForTime` + `out\(`),
			reason: "a test is run, with all others, and waits for what it expects"},
		{extensions: []string{".ts", ".tsx"}, pattern: regexp.MustCompile(`@ts-(ignore|nocheck|expect-error)|eslint-` + `disable`),
			reason: "a suppressed complaint is a defect somebody else finds"},
	}
}

func TestMarks(t *testing.T) {
	for _, m := range marks() {
		for file, src := range sources(t, m.extensions...) {
			if m.unless != "" && bytes.Contains(src, []byte(m.unless)) {
				continue
			}
			for i, line := range strings.Split(string(src), "\n") {
				if found := m.pattern.FindString(line); found != "" {
					t.Errorf("%s:%d has %q: %s", file, i+1, found, m.reason)
				}
			}
		}
	}
}
