package soql

import (
	"fmt"
	"strings"
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenString
	tokenNumber // also dates and times: everything that starts like a number
	tokenSign   // ( ) , . = != < > <= >=
)

type token struct {
	kind tokenKind
	text string
	at   int
}

func lex(src string) ([]token, error) {
	var out []token
	for i := 0; i < len(src); {
		c := src[i]
		start := i
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case isLetter(c):
			for i < len(src) && (isLetter(src[i]) || isDigit(src[i])) {
				i++
			}
			out = append(out, token{tokenName, src[start:i], start})
		case isDigit(c) || ((c == '-' || c == '+') && i+1 < len(src) && isDigit(src[i+1])):
			for i++; i < len(src) && (isDigit(src[i]) || strings.IndexByte(".:+-TZeE", src[i]) >= 0); {
				i++
			}
			out = append(out, token{tokenNumber, src[start:i], start})
		case c == '\'':
			text, end, err := lexString(src, i)
			if err != nil {
				return nil, err
			}
			i = end
			out = append(out, token{tokenString, text, start})
		case strings.IndexByte("(),.=", c) >= 0:
			i++
			out = append(out, token{tokenSign, src[start:i], start})
		case strings.IndexByte("<>!", c) >= 0:
			i++
			if i < len(src) && (src[i] == '=' || (c == '<' && src[i] == '>')) {
				i++
			}
			sign := src[start:i]
			if sign == "!" {
				return nil, &Error{Message: "unexpected token: '!'", Column: start + 1}
			}
			if sign == "<>" {
				sign = "!="
			}
			out = append(out, token{tokenSign, sign, start})
		default:
			return nil, &Error{Message: fmt.Sprintf("unexpected token: %q", rune(c)), Column: start + 1}
		}
	}
	return append(out, token{tokenEnd, "<EOF>", len(src)}), nil
}

// lexString reads a quoted literal and its escapes.
func lexString(src string, start int) (text string, end int, err error) {
	var b strings.Builder
	for i := start + 1; i < len(src); i++ {
		switch src[i] {
		case '\'':
			return b.String(), i + 1, nil
		case '\\':
			i++
			if i == len(src) {
				continue
			}
			// The wildcard escapes stay escaped: only LIKE knows what they mean.
			switch c := src[i]; c {
			case 'n', 'N':
				b.WriteByte('\n')
			case 'r', 'R':
				b.WriteByte('\r')
			case 't', 'T':
				b.WriteByte('\t')
			case '\'', '"':
				b.WriteByte(c)
			case '\\', '_', '%':
				b.WriteByte('\\')
				b.WriteByte(c)
			default:
				return "", 0, &Error{Message: fmt.Sprintf("Invalid string literal '\\%c'. Illegal character sequence in string literal.", c), Column: i}
			}
		default:
			b.WriteByte(src[i])
		}
	}
	return "", 0, &Error{Message: "unterminated string literal", Column: start + 1}
}

// plain undoes what lexString leaves escaped, for every operator but LIKE.
func plain(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\_`, `_`, `\%`, `%`).Replace(s)
}

func isLetter(c byte) bool { return c == '_' || (c|0x20 >= 'a' && c|0x20 <= 'z') }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
