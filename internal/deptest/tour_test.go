package deptest_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// maxStops is how many files a stranger follows through one act.
const maxStops = 12

// link is a Markdown link or picture: its target without a title.
var link = regexp.MustCompile(`!?\[[^\]]*\]\(([^)\s]+)\)`)

func TestTour(t *testing.T) {
	tour, err := os.ReadFile(filepath.Join(root, "docs", "tour.md"))
	if err != nil {
		t.Fatal(err)
	}
	stops := map[string]bool{}
	for _, m := range link.FindAllStringSubmatch(string(tour), -1) {
		file, symbol, ok := strings.Cut(m[1], "#")
		if !ok || strings.Contains(file, "://") {
			continue
		}
		stops[file] = true
		src, err := os.ReadFile(filepath.Join(root, "docs", filepath.FromSlash(file)))
		if err != nil {
			t.Errorf("the tour stops at %s, which is not there: %v", file, err)
			continue
		}
		if !declares(string(src), symbol) {
			t.Errorf("the tour stops at %s#%s, and nothing of that name is declared there", file, symbol)
		}
	}
	if len(stops) == 0 || len(stops) > maxStops {
		t.Errorf("the tour has %d files, want 1 to %d: one act must be that easy to follow", len(stops), maxStops)
	}
}

// declares reports whether a Go or TypeScript source declares symbol; a method
// is written Type.Method.
func declares(src, symbol string) bool {
	pattern := `(?m)^\s*(export )?(async )?(func|type|const|var|function|class|interface) ` + regexp.QuoteMeta(symbol) + `\b`
	if typ, method, ok := strings.Cut(symbol, "."); ok {
		pattern = `(?m)^func \(\w+ \*?` + regexp.QuoteMeta(typ) + `\) ` + regexp.QuoteMeta(method) + `\(`
	}
	return regexp.MustCompile(pattern).MatchString(src)
}

func TestDeclares(t *testing.T) {
	const src = "type Journal struct{}\n\nfunc (j *Journal) Append() {}\n\nexport function InvoiceCreate(): void {}\n"
	for symbol, want := range map[string]bool{
		"Journal": true, "Journal.Append": true, "InvoiceCreate": true,
		"Append": false, "Journal.List": false, "Invoice": false,
	} {
		if got := declares(src, symbol); got != want {
			t.Errorf("declares(%q) = %v, want %v", symbol, got, want)
		}
	}
}

// Every relative link of every document leads somewhere.
func TestLinks(t *testing.T) {
	for file, src := range sources(t, ".md") {
		for _, m := range link.FindAllStringSubmatch(string(src), -1) {
			target, _, _ := strings.Cut(m[1], "#")
			if target == "" || strings.Contains(target, ":") {
				continue
			}
			to := path.Join(path.Dir(file), target)
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(to))); err != nil {
				t.Errorf("%s links to %s, which is not there", file, to)
			}
		}
	}
}

// Every setting that a program reads from its environment is explained.
func TestSettingsAreExplained(t *testing.T) {
	operations, err := os.ReadFile(filepath.Join(root, "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	setting := regexp.MustCompile("env:\"([A-Z_]+)\"|\"(FIELDPAY_[A-Z_]+)\"")
	for file, src := range sources(t, ".go") {
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "build/") {
			continue
		}
		for _, m := range setting.FindAllStringSubmatch(string(src), -1) {
			if name := m[1] + m[2]; !strings.Contains(string(operations), "`"+name+"`") {
				t.Errorf("%s reads %s, which docs/operations.md does not explain", file, name)
			}
		}
	}
}
