package manual

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Shells are the shells that Complete writes for.
func Shells() []string { return []string{"bash", "zsh", "fish"} }

// Complete writes a script that completes the program's commands, flags and the
// words that flags take. An unknown shell is an error that names the known ones.
func Complete(w io.Writer, shell string, app *kong.Application) error {
	write, known := map[string]func(*script, *kong.Application){"bash": bash, "zsh": zsh, "fish": fish}[shell]
	if !known {
		return fmt.Errorf("there is no completion for %q; there is for %s", shell, strings.Join(Shells(), ", "))
	}
	s := &script{}
	write(s, app)
	if _, err := io.WriteString(w, s.String()); err != nil {
		return fmt.Errorf("writing the completion: %w", err)
	}
	return nil
}

// script builds a completion.
type script struct{ strings.Builder }

func (s *script) line(format string, args ...any) { fmt.Fprintf(s, format+"\n", args...) }

// choice is a word that may come next, with what it means.
type choice struct{ word, help string }

// places are the command paths, with what may follow at each. The root is "".
func places(app *kong.Application) ([]string, map[string][]choice) {
	paths := []string{""}
	next := map[string][]choice{}
	global := choicesOf(flagsOf(app.Node))
	for _, c := range commands(app) {
		paths = append(paths, c.path)
		parent, word := "", c.path
		if i := strings.LastIndex(c.path, " "); i >= 0 {
			parent, word = c.path[:i], c.path[i+1:]
		}
		next[parent] = append(next[parent], choice{word, firstSentence(c.node.Help)})
		for _, arg := range c.node.Positional {
			for _, word := range enumOf(arg) {
				next[c.path] = append(next[c.path], choice{word, firstSentence(arg.Help)})
			}
		}
		next[c.path] = append(next[c.path], choicesOf(flagsOf(c.node))...)
	}
	for _, path := range paths {
		next[path] = append(next[path], global...)
	}
	return paths, next
}

func enumOf(v *kong.Value) []string {
	if v.Enum == "" {
		return nil
	}
	return v.EnumSlice()
}

func choicesOf(flags []*kong.Flag) []choice {
	var list []choice
	for _, f := range flags {
		list = append(list, choice{"--" + f.Name, firstSentence(f.Help)})
	}
	return list
}

// valued are the flags that a word follows, once each, with their words.
func valued(app *kong.Application) ([]string, map[string]*kong.Flag) {
	var names []string
	byName := map[string]*kong.Flag{}
	add := func(n *kong.Node) {
		for _, f := range flagsOf(n) {
			if name := "--" + f.Name; wantsValue(f) && byName[name] == nil {
				names, byName[name] = append(names, name), f
			}
		}
	}
	add(app.Node)
	for _, c := range commands(app) {
		add(c.node)
	}
	return names, byName
}

// takesPath reports whether a flag's value is a file or a folder.
func takesPath(f *kong.Flag) bool {
	holder := strings.ToUpper(f.FormatPlaceHolder())
	return strings.Contains(holder, "DIR") || strings.Contains(holder, "FILE")
}

func words(list []choice) string {
	var all []string
	for _, c := range list {
		all = append(all, c.word)
	}
	return strings.Join(all, " ")
}

// bash finds the command by its words, skipping flags and what follows them.
func bash(s *script, app *kong.Application) {
	name := app.Name
	paths, next := places(app)
	flags, byName := valued(app)
	s.line("# Completion of %s for bash.", name)
	s.line("_%s() {", name)
	s.line("\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path= word i")
	s.line("\tCOMPREPLY=()")
	s.line("\tif [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi")
	s.line("\tcase $prev in")
	for _, flag := range flags {
		switch f := byName[flag]; {
		case len(values(f)) > 0:
			s.line("\t%s) COMPREPLY=($(compgen -W %s -- \"$cur\")); return ;;", flag, quote(strings.Join(values(f), " ")))
		case takesPath(f):
			s.line("\t%s) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;", flag)
		default:
			s.line("\t%s) return ;;", flag)
		}
	}
	s.line("\tesac")
	s.line("\tfor ((i = 1; i < COMP_CWORD; i++)); do")
	s.line("\t\tword=${COMP_WORDS[i]}")
	s.line("\t\tcase $word in")
	s.line("\t\t%s) ((i++)); [[ ${COMP_WORDS[i]} != = ]] || ((i++)) ;;", strings.Join(flags, "|"))
	s.line("\t\t-*|=) ;;")
	s.line("\t\t*) case \"$path $word\" in")
	for _, path := range paths[1:] {
		s.line("\t\t\t%s) path=\"$path $word\" ;;", quote(" "+path))
	}
	s.line("\t\t\tesac ;;\n\t\tesac\n\tdone\n\tcase $path in")
	for _, path := range paths {
		pattern := quote(" " + path)
		if path == "" {
			pattern = "''"
		}
		s.line("\t%s) COMPREPLY=($(compgen -W %s -- \"$cur\")) ;;", pattern, quote(words(next[path])))
	}
	s.line("\tesac\n}\ncomplete -F _%s %s", name, name)
}

// zsh shows what each word means.
func zsh(s *script, app *kong.Application) {
	name := app.Name
	paths, next := places(app)
	flags, byName := valued(app)
	s.line("#compdef %s\n# Completion of %s for zsh.", name, name)
	s.line("_%s() {", name)
	s.line("\tlocal word at='' i\n\tlocal -a choices")
	s.line("\tcase ${words[CURRENT-1]} in")
	for _, flag := range flags {
		switch f := byName[flag]; {
		case len(values(f)) > 0:
			s.line("\t%s) compadd -- %s; return ;;", flag, strings.Join(values(f), " "))
		case takesPath(f):
			s.line("\t%s) _files; return ;;", flag)
		default:
			s.line("\t%s) _message %s; return ;;", flag, quote(firstSentence(f.Help)))
		}
	}
	s.line("\tesac")
	s.line("\tfor ((i = 2; i < CURRENT; i++)); do\n\t\tword=${words[i]}\n\t\tcase $word in")
	s.line("\t\t%s) ((i++)) ;;\n\t\t-*) ;;", strings.Join(flags, "|"))
	s.line("\t\t*) case \"$at $word\" in")
	for _, path := range paths[1:] {
		s.line("\t\t\t%s) at=\"$at $word\" ;;", quote(" "+path))
	}
	s.line("\t\t\tesac ;;\n\t\tesac\n\tdone\n\tcase $at in")
	for _, path := range paths {
		pattern := quote(" " + path)
		if path == "" {
			pattern = "''"
		}
		s.line("\t%s) choices=(", pattern)
		for _, c := range next[path] {
			s.line("\t\t%s", quote(strings.ReplaceAll(c.word, ":", `\:`)+":"+c.help))
		}
		s.line("\t\t) ;;")
	}
	s.line("\tesac\n\t_describe 'command or flag' choices\n}\n_%s \"$@\"", name)
}

// fish asks a function of ours where on the command line it is.
func fish(s *script, app *kong.Application) {
	name := app.Name
	paths, next := places(app)
	flags, byName := valued(app)
	at := "__" + strings.ReplaceAll(name, "-", "_") + "_at"
	s.line("# Completion of %s for fish.", name)
	s.line("function %s\n\tset -l at ''\n\tset -l skip 0", at)
	s.line("\tfor word in (commandline -opc)[2..-1]\n\t\tif test $skip = 1\n\t\t\tset skip 0\n\t\t\tcontinue\n\t\tend\n\t\tswitch $word")
	s.line("\t\t\tcase %s\n\t\t\t\tset skip 1\n\t\t\tcase '-*'\n\t\t\tcase '*'", strings.Join(flags, " "))
	s.line("\t\t\t\tif contains -- (string trim -- \"$at $word\") %s", quoteAll(paths[1:]))
	s.line("\t\t\t\t\tset at (string trim -- \"$at $word\")\n\t\t\t\tend\n\t\tend\n\tend\n\ttest \"$at\" = \"$argv[1]\"\nend")
	s.line("complete -c %s -f", name)
	for _, path := range paths {
		for _, c := range next[path] {
			condition := quote(at + " " + quoteDouble(path))
			long, isFlag := strings.CutPrefix(c.word, "--")
			if !isFlag {
				s.line("complete -c %s -n %s -a %s -d %s", name, condition, c.word, quote(c.help))
				continue
			}
			more := ""
			switch f := byName[c.word]; {
			case f == nil:
			case len(values(f)) > 0:
				more = " -x -a " + quote(strings.Join(values(f), " "))
			case takesPath(f):
				more = " -r -F"
			default:
				more = " -x"
			}
			s.line("complete -c %s -n %s -l %s%s -d %s", name, condition, long, more, quote(c.help))
		}
	}
}

// quote writes a word for a shell. Fish, bash and zsh agree on this form.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func quoteDouble(text string) string { return `"` + text + `"` }

func quoteAll(list []string) string {
	quoted := make([]string, len(list))
	for i, text := range list {
		quoted[i] = quote(text)
	}
	return strings.Join(quoted, " ")
}
