package deptest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fieldpay/action"
)

// A layer keeps one file for each type of action, named by the same noun.
type layer struct {
	folder string
	// name makes the file's name of noun and verb.
	name func(noun, verb string) string
	// without lists the types that have no file here, and why.
	without map[action.Type]string
	what    string
}

func layers() []layer {
	snake := func(noun, verb string) string { return noun + "_" + verb + ".go" }
	kebab := func(noun, verb string) string { return noun + "-" + verb + ".tsx" }
	return []layer{
		{folder: "action", name: snake, what: "its payload and rules"},
		{folder: "bff/salesforce", name: snake, what: "how it is booked in the CRM", without: map[action.Type]string{
			action.CollectPaymentType: "nothing is booked for the wish; the money it brings is booked as payment_sync.go does",
		}},
		{folder: "frontend/src/forms", name: kebab, what: "its form", without: map[action.Type]string{
			action.SyncPaymentType:   "it reports an online card payment: nobody types it in",
			action.AddAttachmentType: "photos and signatures are added in the visit's form, which has no form of their own",
		}},
	}
}

func TestEveryTypeOnEveryLayer(t *testing.T) {
	for _, l := range layers() {
		for _, typ := range action.Types() {
			verb, noun, ok := strings.Cut(string(typ), "_")
			if !ok {
				t.Fatalf("type %q is not verb_noun", typ)
			}
			file := filepath.Join(root, filepath.FromSlash(l.folder), l.name(noun, verb))
			_, err := os.Stat(file)
			why, excused := l.without[typ]
			switch {
			case err != nil && !excused:
				t.Errorf("%s has no %s/%s: every type of action has %s there", typ, l.folder, l.name(noun, verb), l.what)
			case err == nil && excused:
				t.Errorf("%s has a file in %s, though %s: take it off the list", typ, l.folder, why)
			}
		}
	}
}
