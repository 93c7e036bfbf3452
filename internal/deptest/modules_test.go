package deptest_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A requirement is one line of a go.mod, as go mod edit -json tells it.
type requirement struct {
	Path     string
	Version  string
	Indirect bool
}

type modFile struct {
	Require []requirement
	Tool    []struct{ Path string }
}

func readModFile(t *testing.T, args ...string) modFile {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"mod", "edit", "-json"}, args...)...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go mod edit -json: %v", err)
	}
	var f modFile
	if err := json.Unmarshal(out, &f); err != nil {
		t.Fatalf("reading go mod edit: %v", err)
	}
	return f
}

// go mod tidy cannot be run (decision 0006), so this stands in for it.
func TestDirectModules(t *testing.T) {
	mods := readModFile(t)
	imported := importedModules(t, mods)
	for _, r := range mods.Require {
		switch {
		case imported[r.Path] && r.Indirect:
			t.Errorf("%s is imported, so its line in go.mod loses the // indirect", r.Path)
		case !imported[r.Path] && !r.Indirect:
			t.Errorf("%s is imported by nothing: its line in go.mod goes, or says // indirect", r.Path)
		}
	}
}

// importedModules are the required modules that a package or test of ours
// imports on any system, or that a tool of go.mod comes from.
func importedModules(t *testing.T, mods modFile) map[string]bool {
	t.Helper()
	var paths []string
	for file, src := range sources(t, ".go") {
		paths = append(paths, imports(t, file, src)...)
	}
	for _, tool := range mods.Tool {
		paths = append(paths, tool.Path)
	}
	found := map[string]bool{}
	for _, path := range append(paths, generatedImports(t)...) {
		best := ""
		for _, r := range mods.Require {
			if within(path, r.Path) && len(r.Path) > len(best) {
				best = r.Path
			}
		}
		if best != "" {
			found[best] = true
		}
	}
	return found
}

// generatedImports are those of the generated code, which sources leaves out.
func generatedImports(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, p := range list(t, "", "./api/...") {
		paths = append(paths, p.Imports...)
	}
	return paths
}

// documented are the names that docs/dependencies.md explains: each is the first
// cell of a row, in backquotes.
func documented(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(string(b), -1) {
		found = append(found, m[1])
	}
	return found
}

func TestDependenciesAreExplained(t *testing.T) {
	var direct []string
	for _, r := range readModFile(t).Require {
		if !r.Indirect {
			direct = append(direct, r.Path)
		}
	}
	direct = append(direct, packageJSON(t)...)
	explained := documented(t)
	for _, name := range direct {
		if !slices.Contains(explained, name) {
			t.Errorf("docs/dependencies.md does not say why %s is here", name)
		}
	}
	for _, name := range explained {
		if !slices.Contains(direct, name) {
			t.Errorf("docs/dependencies.md explains %s, which is no direct dependency", name)
		}
	}
}

// packageJSON are the direct dependencies of the screens, each of which must be
// one exact version.
func packageJSON(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, "frontend", "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Dependencies    map[string]string `json:"dependencies"`
		DevDependencies map[string]string `json:"devDependencies"`
	}
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatalf("reading package.json: %v", err)
	}
	exact := regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	var found []string
	for _, group := range []map[string]string{f.Dependencies, f.DevDependencies} {
		for name, version := range group {
			found = append(found, name)
			if !exact.MatchString(version) {
				t.Errorf("package.json: %s %s is not one exact version", name, version)
			}
		}
	}
	return found
}

// The lock file names packages, not places: a mirror serves as well.
func TestLockFileNamesNoHost(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "frontend", "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), `"resolved"`) {
		t.Error(`package-lock.json has download addresses: .npmrc wants omit-lockfile-registry-resolved=true`)
	}
}

// The SQLite driver is generated against one exact version of its libc; another
// one builds, and then corrupts memory.
func TestLibcMatchesDriver(t *testing.T) {
	const driver, libc = "modernc.org/sqlite", "modernc.org/libc"
	cmd := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.GoMod}}", driver)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("finding the driver's go.mod: %v", err)
	}
	wants := version(readModFile(t, strings.TrimSpace(string(out))), libc)
	has := version(readModFile(t), libc)
	if wants == "" || wants != has {
		t.Errorf("%s wants %s %q, go.mod has %q: go get %s@%s", driver, libc, wants, has, libc, wants)
	}
}

func version(f modFile, path string) string {
	for _, r := range f.Require {
		if r.Path == path {
			return r.Version
		}
	}
	return ""
}
