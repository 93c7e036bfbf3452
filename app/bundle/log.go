package bundle

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// The fields of a line of a log that may leave, and what their values may be:
// a sentence of the program's own, or a token. The text of an error is not among
// them: it may quote what a person typed.
var (
	sentence = regexp.MustCompile(`^[A-Za-z][A-Za-z ,'()-]{0,119}$`)
	token    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}$`)
)

// CleanLog keeps of a log of JSON lines what is sure to say nothing about
// people: known fields with plain values. A line that is no JSON is left out.
func CleanLog(text string) string {
	allowed := []string{"time", "level", "message", "method", "code", "op", "took", "event", "window", "report", "problems", "lanes", "count"}
	var out strings.Builder
	for line := range strings.Lines(text) {
		var fields map[string]any
		if json.Unmarshal([]byte(line), &fields) != nil {
			continue
		}
		kept := map[string]any{}
		for _, name := range allowed {
			if value, ok := clean(name, fields[name]); ok {
				kept[name] = value
			}
		}
		if encoded, err := json.Marshal(kept); err == nil && len(kept) > 0 {
			out.Write(append(encoded, '\n'))
		}
	}
	return out.String()
}

func clean(name string, value any) (any, bool) {
	switch v := value.(type) {
	case float64:
		return json.Number(strconv.FormatFloat(v, 'f', -1, 64)), true
	case bool:
		return v, true
	case string:
		if name == "message" {
			return v, sentence.MatchString(v)
		}
		return v, token.MatchString(v)
	default:
		return nil, false
	}
}
