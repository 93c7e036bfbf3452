package main

import (
	"io"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// defaultWidth is that of a terminal which does not say how wide it is.
const defaultWidth = 80

// terminal returns the descriptor of w when a person looks at it.
func terminal(w any) (int, bool) {
	file, ok := w.(interface{ Fd() uintptr })
	if !ok {
		return 0, false
	}
	fd := int(file.Fd())
	return fd, term.IsTerminal(fd)
}

// width is how many columns there are: those of the terminal, or of COLUMNS;
// 0 means no limit, because what is piped must stay whole.
func (c console) width(w io.Writer) int {
	fd, shown := terminal(w)
	if !shown {
		return 0
	}
	if n, err := strconv.Atoi(c.getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if n, _, err := term.GetSize(fd); err == nil && n > 0 {
		return n
	}
	return defaultWidth
}

// coloured reports whether w may be given colours: a terminal that can show
// them, and a person who did not ask for none (https://no-color.org).
func (c console) coloured(w io.Writer) bool {
	_, shown := terminal(w)
	return shown && c.getenv("NO_COLOR") == "" && c.getenv("TERM") != "dumb"
}

// attention sets a word off that needs a person. The word says it by itself;
// the colour only helps.
func (c console) attention(w io.Writer, word string) string {
	if !c.coloured(w) {
		return word
	}
	return "\x1b[1;31m" + word + "\x1b[0m"
}

// plain takes out what would steer a terminal: a text that a customer or a
// server wrote must not move the cursor or rename the window.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
}

// cut shortens a line to the width of a terminal; 0 means no limit.
func cut(line string, width int) string {
	runes := []rune(line)
	if width <= 0 || len(runes) <= width {
		return line
	}
	return string(runes[:width-1]) + "…"
}
