package deptest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// module is the import path of the module.
const module = "fieldpay"

// windowTags are the build tags of the desktop program; the other programs are
// built without any.
const windowTags = "desktop,production,webkit2_41"

// root is the module's folder, seen from this package's tests.
var root = filepath.Join("..", "..")

// pkg is what the tests read of one package that go list describes.
type pkg struct {
	ImportPath   string
	Dir          string
	Name         string
	Standard     bool
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string
}

// tree is the package's folder relative to the module, with "." for the root.
func (p pkg) tree() string { return treeOf(p.ImportPath) }

// tests are the imports of the package's tests.
func (p pkg) tests() []string {
	return append(append([]string{}, p.TestImports...), p.XTestImports...)
}

func treeOf(importPath string) string {
	if importPath == module {
		return "."
	}
	return strings.TrimPrefix(importPath, module+"/")
}

// ours reports whether a path is of this module.
func ours(importPath string) bool {
	return importPath == module || strings.HasPrefix(importPath, module+"/")
}

// within reports whether path is tree or lies below it.
func within(path, tree string) bool {
	return path == tree || strings.HasPrefix(path, tree+"/")
}

// list describes the packages that match, built with tags.
func list(t *testing.T, tags string, patterns ...string) []pkg {
	t.Helper()
	args := []string{"list", "-e", "-tags", tags,
		"-json=ImportPath,Dir,Name,Standard,Imports,TestImports,XTestImports,Deps"}
	cmd := exec.CommandContext(t.Context(), "go", append(args, patterns...)...)
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v\n%s", patterns, err, stderr.String())
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatalf("reading go list: %v", err)
		}
		pkgs = append(pkgs, p)
	}
}

// sources are the files of the module, by slash path, whose names end in one of
// the extensions. What is installed, built or generated is left out.
func sources(t *testing.T, extensions ...string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if skipFolder(filepath.ToSlash(rel)) {
				return filepath.SkipDir
			}
			return nil
		}
		if !hasExtension(d.Name(), extensions) {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !generated(b) {
			files[filepath.ToSlash(rel)] = b
		}
		return nil
	})
	if err != nil {
		t.Fatalf("walking the module: %v", err)
	}
	return files
}

func skipFolder(rel string) bool {
	switch name := filepath.Base(rel); {
	case rel == "build/bin":
		return true
	case name == "node_modules", name == "dist", name == "wailsjs", name == "testdata":
		return true
	default:
		return len(name) > 1 && name[0] == '.' && name != ".."
	}
}

func hasExtension(name string, extensions []string) bool {
	for _, e := range extensions {
		if strings.HasSuffix(name, e) {
			return true
		}
	}
	return false
}

// imports are the import paths of one Go file.
func imports(t *testing.T, file string, src []byte) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, src, parser.ImportsOnly)
	if err != nil {
		t.Fatalf("parsing %s: %v", file, err)
	}
	var paths []string
	for _, s := range parsed.Imports {
		paths = append(paths, strings.Trim(s.Path.Value, `"`))
	}
	return paths
}

// generated reports whether a file carries the mark of a generator in its first
// lines.
func generated(b []byte) bool {
	head := b[:min(len(b), 400)]
	return bytes.Contains(head, []byte("Code generated")) && bytes.Contains(head, []byte("DO NOT EDIT"))
}

// exceptions lets places leave a rule: place → why the rule makes it worse.
type exceptions map[string]string

// check reports places that are excepted though they keep the rule, so that the
// list only ever shrinks.
func (e exceptions) check(t *testing.T, broken map[string]bool) {
	t.Helper()
	for place, why := range e {
		if why == "" {
			t.Errorf("%s is excepted without a reason", place)
		}
		if !broken[place] {
			t.Errorf("%s keeps the rule: take it off the list of exceptions", place)
		}
	}
}
