package deptest_test

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// nameExceptions lists packages that leave the rules of names.
func nameExceptions() exceptions {
	return exceptions{
		"internal/buildinfo": "debug/buildinfo reads other programs' files, which nothing here does; ours is the word people know",
	}
}

// A package name is what every call of the package starts with.
func TestPackageNames(t *testing.T) {
	std := map[string]bool{}
	for _, p := range list(t, "", "std") {
		if !strings.HasPrefix(p.ImportPath, "vendor/") && !strings.Contains(p.ImportPath, "internal/") {
			std[p.Name] = true
		}
	}
	broken := map[string]bool{}
	allowed := nameExceptions()
	wrong := func(p pkg, why string) {
		broken[p.tree()] = true
		if _, ok := allowed[p.tree()]; !ok {
			t.Errorf("%s: package %q %s", p.tree(), p.Name, why)
		}
	}
	shelves := []string{"util", "utils", "common", "model", "models", "type", "types", "helper", "helpers", "misc", "base", "shared"}
	for _, p := range list(t, windowTags, "./...") {
		folder := path.Base(p.ImportPath)
		switch {
		case p.Name == "main" || p.Name == "":
		case slices.Contains(shelves, p.Name):
			wrong(p, "is a shelf, not a noun: put its content where it is used")
		case std[p.Name]:
			wrong(p, "shadows one of the standard library in every file that imports both")
		case p.Name != strings.ReplaceAll(folder, "-", ""):
			wrong(p, "does not carry the name of its folder")
		}
	}
	allowed.check(t, broken)
}
