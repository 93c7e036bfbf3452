package manual

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Page is what a manual page says beside the command line.
type Page struct {
	// Section is the section of the manual: 1 for programs, 8 for servers.
	Section int
	// Purpose is the half sentence after the program's name.
	Purpose string
	// About are the paragraphs of the description.
	About []string
	// Parts follow the commands.
	Parts []Part
	// SeeAlso names other pages, as "fieldpay(1)".
	SeeAlso []string
}

// Part is a section of a page: sentences, then things with what they are.
type Part struct {
	Title string
	Text  string
	Items []Item
}

// Item is a thing with what it is. A term in angle brackets is a file or a
// placeholder, and set as such.
type Item struct{ Term, Text string }

// Write writes the page in the language of man. The date and the version are
// left as @DATE@ and @VERSION@: packaging fills them in.
func (p Page) Write(w io.Writer, app *kong.Application) error {
	r := &roff{}
	manual := "User Commands"
	if p.Section == 8 {
		manual = "System Administration"
	}
	r.line(".TH %s %d \"@DATE@\" \"FieldPay @VERSION@\" \"%s\"", strings.ToUpper(escape(app.Name)), p.Section, manual)
	r.line(".SH NAME\n%s \\- %s", escape(app.Name), escape(p.Purpose))
	r.line(".SH SYNOPSIS\n.B %s", escape(app.Name))
	r.line(".RI [ flags ]\n.I command\n.RI [ flags ]")
	r.line(".SH DESCRIPTION")
	for i, text := range p.About {
		if i > 0 {
			r.line(".PP")
		}
		r.paragraphs(text)
	}
	r.line(".SH OPTIONS")
	for _, f := range flagsOf(app.Node) {
		r.flag(f)
	}
	r.line(".SH COMMANDS")
	told := map[string]string{}
	for _, c := range commands(app) {
		if len(c.node.Children) == 0 {
			r.command(c, told)
		}
	}
	for _, part := range p.Parts {
		r.part(part)
	}
	if len(p.SeeAlso) > 0 {
		r.line(".SH SEE ALSO")
		for i, name := range p.SeeAlso {
			page, section, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
			comma := ","
			if i == len(p.SeeAlso)-1 {
				comma = ""
			}
			r.line(".BR %s (%s)%s", escape(page), section, comma)
		}
	}
	if _, err := io.WriteString(w, r.String()); err != nil {
		return fmt.Errorf("writing the manual page: %w", err)
	}
	return nil
}

// roff builds a page.
type roff struct{ strings.Builder }

func (r *roff) line(format string, args ...any) { fmt.Fprintf(r, format+"\n", args...) }

// text writes sentences, one a line, as the language wants them.
func (r *roff) text(text string) {
	for sentence := range strings.SplitSeq(strings.Join(strings.Fields(text), " "), ". ") {
		if sentence = escape(sentence); strings.HasPrefix(sentence, ".") || strings.HasPrefix(sentence, "'") {
			sentence = `\&` + sentence
		}
		if !strings.HasSuffix(sentence, ".") && !strings.HasSuffix(sentence, ":") {
			sentence += "."
		}
		r.line("%s", sentence)
	}
}

// paragraphs writes a help text: an indented paragraph is an example.
func (r *roff) paragraphs(text string) {
	for i, part := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		if strings.HasPrefix(part, "  ") || strings.HasPrefix(part, "\t") {
			r.line(".PP\n.RS 4\n.nf")
			for line := range strings.Lines(part) {
				line = escape(strings.TrimSpace(line))
				if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
					line = `\&` + line
				}
				r.line("%s", line)
			}
			r.line(".fi\n.RE")
			continue
		}
		if i > 0 {
			r.line(".PP")
		}
		r.text(part)
	}
}

// many is how many flags are not told twice.
const many = 6

// command writes one command. told has the sets of flags that were told, with
// the command that they were told for.
func (r *roff) command(c command, told map[string]string) {
	usage := ""
	for _, arg := range c.node.Positional {
		usage += ` \fI` + escape(arg.Name) + `\fP`
	}
	for _, f := range flagsOf(c.node) {
		if f.Required {
			usage += " " + flagName(f)
		}
	}
	r.line(".SS %s", escape(c.path))
	r.line(".B %s\\fR%s\\fP", escape(c.path), usage)
	r.line(".PP")
	r.text(c.node.Help)
	if c.node.Detail != "" {
		r.line(".PP")
		r.paragraphs(c.node.Detail)
	}
	flags := flagsOf(c.node)
	if before, known := told[setOf(flags)]; known && len(flags) >= many {
		r.line(".PP\nIt takes the flags of\n.BR %s .", escape(before))
		return
	}
	told[setOf(flags)] = c.path
	for _, f := range flags {
		r.flag(f)
	}
}

func setOf(flags []*kong.Flag) string {
	var names []string
	for _, f := range flags {
		names = append(names, f.Name)
	}
	return strings.Join(names, " ")
}

func (r *roff) flag(f *kong.Flag) {
	r.line(".TP\n%s", flagName(f))
	text := f.Help
	if f.HasDefault && f.Default != "" {
		text = strings.TrimSuffix(text, ".") + " (default: " + f.Default + ")."
	}
	r.text(text)
	for _, name := range f.Envs {
		r.line("Also by the variable\n.BR %s .", escape(name))
	}
}

func flagName(f *kong.Flag) string {
	name := `\fB` + escape("--"+f.Name) + `\fP`
	if wantsValue(f) {
		name += `=\fI` + escape(strings.Trim(f.FormatPlaceHolder(), `"`)) + `\fP`
	}
	return name
}

func (r *roff) part(p Part) {
	r.line(".SH %s", strings.ToUpper(escape(p.Title)))
	if p.Text != "" {
		r.paragraphs(p.Text)
	}
	for _, item := range p.Items {
		term := ".B " + escape(item.Term)
		if inner, ok := strings.CutPrefix(item.Term, "<"); ok {
			term = ".I " + escape(strings.TrimSuffix(inner, ">"))
		}
		r.line(".TP\n%s", term)
		r.text(item.Text)
	}
}

// escape keeps a text from being read as a command of the language. A hyphen
// stays a hyphen, because it is mostly one of a flag.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", `\&...`, "→", `\->`).Replace(text)
}
