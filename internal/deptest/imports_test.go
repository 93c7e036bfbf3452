package deptest_test

import (
	"slices"
	"strings"
	"testing"
)

// An arrow says what the packages of one tree may import of the module. The
// arrow with the longest matching tree governs a package, so a folder below may
// be given more, or less, than the one above; what has an arrow of its own is
// named by itself. Packages under the same arrow may import each other, unless
// it is closed.
type arrow struct {
	from string
	to   []string
	// closed: the folders of the tree are separate parts.
	closed bool
	reason string
}

// arrows is DESIGN's "layout and arrows", one line a tree.
func arrows() []arrow {
	adapters := []string{"action", "bff", "internal/sqldb"}
	return []arrow{
		{from: "action", reason: "the domain is what both ends agree on; it must not know who stores or carries it"},
		{from: "api", reason: "the contract is generated from openapi.yaml alone"},
		{from: "queue", to: []string{"action", "internal/sqldb", "internal/sealed"},
			reason: "the journal outlives every transport: it declares Sender and Prober, app hands them in"},
		{from: "bff-client", to: []string{"action", "api", "internal/signed", "internal/handover"},
			reason: "the client outlives every store: nothing of it may depend on how actions are kept"},
		{from: "app", to: []string{"action", "queue", "bff-client", "frontend", "internal/sqldb", "internal/sealed", "internal/buildinfo", "internal/manual", "internal/release", "internal/handover"},
			reason: "the device is composed here, and carries nothing of the server"},
		{from: ".", to: []string{"app", "frontend", "internal/buildinfo"},
			reason: "main only parses, builds and runs"},
		{from: "frontend", reason: "it embeds the built screens and nothing else"},
		{from: "bff", to: []string{"action", "api", "internal/buildinfo", "internal/signed", "internal/release", "internal/handover"},
			reason: "the server's core declares its ports; technologies come in from outside"},
		{from: "bff/console", to: []string{"action", "bff"}, reason: "the office's pages work through ports, and know no store"},
		{from: "bff/sqlite", to: adapters, reason: "an adapter knows one technology"},
		{from: "bff/postgres", to: adapters, reason: "an adapter knows one technology"},
		{from: "bff/memory", to: adapters, reason: "an adapter knows one technology"},
		{from: "bff/storetest", to: adapters, reason: "the contract suite knows ports, never a store"},
		{from: "bff/salesforce", to: []string{"action", "bff"}, reason: "an adapter knows one technology"},
		{from: "bff/stripepay", to: []string{"action", "bff"}, reason: "an adapter knows one technology"},
		{from: "bff/cmd", to: append([]string{"api", "bff/sqlite", "bff/postgres", "bff/memory", "bff/salesforce",
			"bff/stripepay", "bff/console", "sandbox", "internal/buildinfo", "internal/manual", "internal/handover", "internal/release"}, adapters...),
			reason: "the server's composition root; the sandbox starts inside it by default"},
		{from: "sandbox", reason: "a stand-in that shares code with what it tests would share its mistakes"},
		{from: "internal", to: []string{"action"}, closed: true,
			reason: "helpers speak the domain's errors, and depend on nothing else that they help"},
		{from: "internal/bench", to: []string{"action", "app", "queue", "bff", "bff/memory", "bff/sqlite", "bff/postgres", "bff/cmd"},
			reason: "it measures both ends, and everything between them, in one run"},
		{from: "build", to: []string{"internal/release"}, reason: "tools of the build know the module by its commands, and what a release says of itself"},
	}
}

// importExceptions lists "importer -> imported" pairs that leave an arrow.
func importExceptions() exceptions { return exceptions{} }

func TestArrows(t *testing.T) {
	broken := map[string]bool{}
	allowed := importExceptions()
	for _, p := range list(t, windowTags, "./...") {
		a, ok := governing(p.tree())
		if !ok {
			t.Errorf("%s stands in no tree that has an arrow: add one, with its reason, to arrows()", p.tree())
			continue
		}
		for _, path := range p.Imports {
			if !ours(path) || a.allows(p.tree(), treeOf(path)) {
				continue
			}
			edge := p.tree() + " -> " + treeOf(path)
			broken[edge] = true
			if _, ok := allowed[edge]; !ok {
				t.Errorf("%s: %s may import only %s, because %s", edge, a.from, names(a.to), a.reason)
			}
		}
	}
	allowed.check(t, broken)
}

// A rule that allows everything would look the same from afar.
func TestArrow_allows(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"queue", "bff-client", false},
		{"bff-client", "queue", false},
		{"bff-client", "action", true},
		{"bff/salesforce", "bff", true},
		{"bff/salesforce", "bff/stripepay", false},
		{"bff", "bff/sqlite", false},
		{"bff/cmd/fieldpay-bff", "bff/sqlite", true},
		{"app/cmd/fieldpayctl", "app/vault", true},
		{"app/vault", "sandbox", false},
		{"bff/cmd/fieldpay-bff", "sandbox/stripe", true},
		{"bff/salesforce", "sandbox/salesforce", false},
		{"sandbox/stripe", "action", false},
		{"internal/sqldb", "internal/sealed", false},
		{".", "queue", false},
	} {
		a, ok := governing(c.from)
		if !ok {
			t.Fatalf("no arrow governs %s", c.from)
		}
		if got := a.allows(c.from, c.to); got != c.want {
			t.Errorf("%s -> %s: allowed %v, want %v", c.from, c.to, got, c.want)
		}
	}
}

// Tests may reach further than the code they test: to a sandbox above all. Two
// arrows hold for them too.
func TestArrowsOfTests(t *testing.T) {
	for _, p := range list(t, windowTags, "./...") {
		for _, path := range p.tests() {
			switch from, to := p.tree(), treeOf(path); {
			case within(from, "queue") && within(to, "bff-client"), within(from, "bff-client") && within(to, "queue"):
				t.Errorf("test of %s -> %s: the journal and the client meet in app alone", from, to)
			case within(from, "sandbox") && ours(path) && !within(to, "sandbox"):
				t.Errorf("test of %s -> %s: the sandbox is checked against the providers' documents, not against our code", from, to)
			}
		}
	}
}

func TestPurity(t *testing.T) {
	impure := []string{"os", "net", "net/http", "database/sql", "io/fs", "syscall", "log", "log/slog"}
	pure := []string{"github.com/google/uuid", "golang.org/x/text"}
	for _, p := range list(t, windowTags, "./action/...") {
		for _, path := range p.Imports {
			if slices.Contains(impure, path) {
				t.Errorf("%s -> %s: the domain does no I/O, so that both ends may run it anywhere", p.tree(), path)
			}
			first, _, _ := strings.Cut(path, "/")
			if !strings.Contains(first, ".") || ours(path) {
				continue
			}
			if !slices.ContainsFunc(pure, func(lib string) bool { return within(path, lib) }) {
				t.Errorf("%s -> %s: the domain takes the standard library and %s only", p.tree(), path, names(pure))
			}
		}
	}
}

// A content names what no build of a program may contain, however it came in.
type content struct {
	program string
	never   []string
	reason  string
}

func contents() []content {
	server := []string{"fieldpay/bff", "fieldpay/sandbox", "github.com/jackc/pgx/v5", "github.com/riverqueue/river",
		"github.com/stripe/stripe-go/v76", "github.com/prometheus/client_golang"}
	const window = "github.com/wailsapp/wails/v2"
	return []content{
		{program: ".", never: server,
			reason: "a device holds no server code: no provider's secret has a place to be (PostgreSQL, Salesforce and Stripe stay behind the BFF)"},
		{program: "./app/cmd/fieldpayctl", never: append([]string{window}, server...),
			reason: "the console twin runs on machines without a desktop and holds no server code either"},
		{program: "./bff/cmd/fieldpay-bff", never: []string{window, "fieldpay/app", "fieldpay/queue", "fieldpay/bff-client", "fieldpay/frontend"},
			reason: "the server has no window and never acts as its own client"},
		{program: "./sandbox/cmd/fieldpay-sandbox", never: []string{window, "fieldpay/action", "fieldpay/api", "fieldpay/app", "fieldpay/bff", "fieldpay/queue"},
			reason: "the providers know nothing of us"},
	}
}

func TestPrograms(t *testing.T) {
	for _, c := range contents() {
		t.Run(c.program+" keeps out what it must not contain", func(t *testing.T) {
			tags := ""
			if c.program == "." {
				tags = windowTags
			}
			for _, p := range list(t, tags, c.program) {
				if p.Name != "main" {
					t.Fatalf("%s is %q, not a program", c.program, p.Name)
				}
				for _, path := range p.Deps {
					for _, banned := range c.never {
						if within(path, banned) {
							t.Errorf("%s contains %s: %s", c.program, path, c.reason)
						}
					}
				}
			}
		})
	}
}

func governing(tree string) (arrow, bool) {
	var best arrow
	found := false
	for _, a := range arrows() {
		if within(tree, a.from) && (!found || len(a.from) > len(best.from)) {
			best, found = a, true
		}
	}
	return best, found
}

func (a arrow) allows(from, to string) bool {
	target, _ := governing(to)
	if target.from == a.from {
		return !a.closed || part(a.from, from) == part(a.from, to)
	}
	return slices.ContainsFunc(a.to, func(tree string) bool {
		return within(to, tree) && len(tree) >= len(target.from)
	})
}

// part is the folder of tree that path lies in.
func part(tree, path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, tree+"/"), "/")
	return first
}

func names(list []string) string {
	if len(list) == 0 {
		return "nothing of the module"
	}
	return strings.Join(list, ", ")
}
