package deptest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The screens call the bound methods by name, in one file; Wails and the browser
// host offer them by reflection. Neither compiler sees the other side.
func TestBridgeMethods(t *testing.T) {
	bound := regexp.MustCompile(`(?m)^func \(\w+ \*Bridge\) ([A-Z]\w*)\(`)
	var offered []string
	for file, src := range sources(t, ".go") {
		if !strings.HasPrefix(file, "app/") || strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range bound.FindAllStringSubmatch(string(src), -1) {
			offered = append(offered, m[1])
		}
	}
	src, err := os.ReadFile(filepath.Join(root, "frontend", "src", "bridge", "wails.ts"))
	if err != nil {
		t.Fatal(err)
	}
	var called []string
	for _, m := range regexp.MustCompile(`\bcall\("(\w+)"`).FindAllStringSubmatch(string(src), -1) {
		called = append(called, m[1])
	}
	for _, name := range called {
		if !slices.Contains(offered, name) {
			t.Errorf("frontend/src/bridge/wails.ts calls %s, which app.Bridge does not have", name)
		}
	}
	for _, name := range offered {
		if !slices.Contains(called, name) {
			t.Errorf("app.Bridge offers %s, which no screen calls: it is one more way in for nothing", name)
		}
	}
}
