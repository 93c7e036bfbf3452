package manual_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"fieldpay/internal/manual"
)

// cli is a small program with one of everything.
type cli struct {
	Data   string `help:"Folder of data." placeholder:"DIR"`
	Ledger struct {
		List list `cmd:"" help:"List rows. Newest first."`
		Wipe wipe `cmd:"" hidden:"" help:"Never told."`
	} `cmd:"" help:"Look into the ledger."`
	Send struct {
		ID string `arg:"" help:"Which one."`
	} `cmd:"" help:"Send one row, the customer's too."`
}

type list struct {
	Kind string `help:"Only these." enum:"new,old" default:"new" env:"LEDGER_KIND"`
	All  bool   `help:"All of them."`
}

// Help has an example.
func (list) Help() string {
	return "Rows are shown as they are.\n\n  ledger list --kind=old\n  .hidden 'quoted'\n\nNothing changes."
}

type wipe struct{}

func model(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := kong.New(&cli{}, kong.Name("prog"), kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

func TestPage_Write(t *testing.T) {
	var out bytes.Buffer
	page := manual.Page{
		Section: 8, Purpose: "keeps a ledger", About: []string{"It keeps rows. It never forgets."},
		Parts:   []manual.Part{{Title: "Files", Items: []manual.Item{{Term: "</etc/prog>", Text: "Settings"}}}},
		SeeAlso: []string{"other(1)", "more(5)"},
	}
	if err := page.Write(&out, model(t)); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	for _, want := range []string{
		".TH PROG 8 \"@DATE@\" \"FieldPay @VERSION@\" \"System Administration\"\n", "prog \\- keeps a ledger\n",
		"It keeps rows.\nIt never forgets.\n", ".B ledger list\\fR", ".B send\\fR \\fIid\\fP", `\fB\-\-data\fP=\fIDIR\fP`,
		"Only these (default: new).\n", ".BR LEDGER_KIND .", "ledger list \\-\\-kind=old\n\\&.hidden 'quoted'\n.fi",
		".I /etc/prog\nSettings.\n", ".BR other (1),\n.BR more (5)\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	if strings.Contains(got, "wipe") {
		t.Error("a hidden command is told")
	}
	if t.Failed() {
		t.Log(got)
	}
}

func TestComplete(t *testing.T) {
	t.Run("bash offers what may follow", func(t *testing.T) {
		var script bytes.Buffer
		if err := manual.Complete(&script, "bash", model(t)); err != nil {
			t.Fatal(err)
		}
		for line, want := range map[string]string{
			"prog ":                           "ledger send --help --data",
			"prog l":                          "ledger",
			"prog --data ledger ":             "ledger send --help --data",
			"prog ledger ":                    "list --help --data",
			"prog ledger list --kind ":        "new old",
			"prog ledger list --kind = o":     "old",
			"prog ledger list --all --k":      "--kind",
			"prog --data = x ledger list --a": "--all",
			"prog send x --":                  "--help --data",
		} {
			ask := script.String() + "\nIFS=' ' read -ra COMP_WORDS <<<\"$1\"; [[ $1 != *' ' ]] || COMP_WORDS+=('')\n" +
				"COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _prog; echo \"${COMPREPLY[*]}\"\n"
			got, err := exec.CommandContext(t.Context(), "bash", "-c", ask, "bash", line).CombinedOutput()
			if err != nil {
				t.Fatalf("%s: %v\n%s", line, err, got)
			}
			if strings.TrimSpace(string(got)) != want {
				t.Errorf("%q: %q, want %q", line, strings.TrimSpace(string(got)), want)
			}
		}
	})
	t.Run("zsh and fish name each command and flag with what it means", func(t *testing.T) {
		for shell, wanted := range map[string][]string{
			"zsh":  {"#compdef prog\n", "' ledger list') choices=(", "'--kind:Only these'", "--data) _files", `'send:Send one row, the customer'\''s too'`},
			"fish": {`-n '__prog_at "ledger"' -a list -d 'List rows'`, `-n '__prog_at "ledger list"' -l kind -x -a 'new old'`, "-l data -r -F"},
		} {
			var script bytes.Buffer
			if err := manual.Complete(&script, shell, model(t)); err != nil {
				t.Fatal(err)
			}
			for _, want := range wanted {
				if !strings.Contains(script.String(), want) {
					t.Errorf("%s does not have %q:\n%s", shell, want, script.String())
				}
			}
			if strings.Contains(script.String(), "wipe") {
				t.Errorf("%s offers a hidden command", shell)
			}
		}
	})
	t.Run("an unknown shell is refused", func(t *testing.T) {
		if err := manual.Complete(&bytes.Buffer{}, "cmd", model(t)); err == nil || !strings.Contains(err.Error(), "bash, zsh, fish") {
			t.Errorf("got %v", err)
		}
	})
}
