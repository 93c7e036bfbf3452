package manual

import (
	"strings"

	"github.com/alecthomas/kong"
)

// command is one that can be run, or a group of such.
type command struct {
	// path is what is typed after the program's name: "journal append".
	path string
	node *kong.Node
}

// commands are all that are shown to people, a group before its members.
func commands(app *kong.Application) []command {
	var list []command
	var walk func(n *kong.Node, path string)
	walk = func(n *kong.Node, path string) {
		for _, child := range n.Children {
			if child.Type != kong.CommandNode || child.Hidden {
				continue
			}
			full := strings.TrimSpace(path + " " + child.Name)
			list = append(list, command{full, child})
			walk(child, full)
		}
	}
	walk(app.Node, "")
	return list
}

// flagsOf are the flags of a node alone that are shown to people.
func flagsOf(n *kong.Node) []*kong.Flag {
	var list []*kong.Flag
	for _, f := range n.Flags {
		if !f.Hidden {
			list = append(list, f)
		}
	}
	return list
}

// wantsValue reports whether a word follows the flag.
func wantsValue(f *kong.Flag) bool { return !f.IsBool() }

// values are the words that a flag takes, where it takes no others.
func values(f *kong.Flag) []string {
	if f.Enum == "" {
		return nil
	}
	return f.EnumSlice()
}

// firstSentence is what fits beside a name in a list.
func firstSentence(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	if before, _, ok := strings.Cut(text, ". "); ok {
		return before
	}
	return strings.TrimSuffix(text, ".")
}
