package postgres

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// strange begins the stored form of text that PostgreSQL refuses: it holds a
// zero byte or is no UTF-8. Such text comes from faults and attacks alone, but
// one id of it must not make the store refuse a whole batch.
const strange = "\uFFFD"

// kept is the stored form of text: itself, or for strange text its bytes in hex.
// Different texts have different forms.
func kept(text string) string {
	if strings.IndexByte(text, 0) < 0 && utf8.ValidString(text) && !strings.HasPrefix(text, strange) {
		return text
	}
	return strange + hex.EncodeToString([]byte(text))
}

func keptAll(texts []string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = kept(text)
	}
	return all
}

// told is the text whose stored form it is given.
func told(stored string) string {
	digits, is := strings.CutPrefix(stored, strange)
	if !is {
		return stored
	}
	text, err := hex.DecodeString(digits)
	if err != nil {
		// Nobody but us writes here; what it is not, it cannot be asked for.
		return stored
	}
	return string(text)
}
