package action_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"fieldpay/action"
)

func TestCode_Explain(t *testing.T) {
	t.Run("every code has a whole entry in both languages", func(t *testing.T) {
		for _, code := range action.Codes() {
			r, err := code.Explain()
			if err != nil {
				t.Fatal(err)
			}
			if r.Code != code || !slices.Contains([]action.Owner{action.OwnerPerson, action.OwnerOffice, action.OwnerIT}, r.Owner) || !strings.HasPrefix(r.Link, "/") {
				t.Errorf("%s: %+v", code, r)
			}
			for _, text := range []string{r.English.Sentence, r.English.Fix, r.German.Sentence, r.German.Fix} {
				if len(text) < 10 || !strings.HasSuffix(text, ".") || strings.Contains(text, "!") {
					t.Errorf("%s has the text %q", code, text)
				}
			}
			if r.English.Fix == r.German.Fix || r.English.Sentence == r.German.Sentence {
				t.Errorf("%s says the same in both languages", code)
			}
		}
	})

	t.Run("no entry is about a code that is gone", func(t *testing.T) {
		text, err := os.ReadFile("reasons.json")
		if err != nil {
			t.Fatal(err)
		}
		var entries map[action.Code]json.RawMessage
		if err := json.Unmarshal(text, &entries); err != nil {
			t.Fatal(err)
		}
		codes := action.Codes()
		for _, code := range slices.Sorted(maps.Keys(entries)) {
			if !slices.Contains(codes, code) {
				t.Errorf("%s has an entry and is no code", code)
			}
		}
		if len(entries) != len(codes) {
			t.Errorf("%d entries for %d codes", len(entries), len(codes))
		}
	})

	t.Run("a code of a newer build is explained as what it is: unknown", func(t *testing.T) {
		r, err := action.Code("from_the_future").Explain()
		internal, _ := action.Internal.Explain()
		if err != nil || r.Code != "from_the_future" || r.English != internal.English {
			t.Errorf("%+v, %v", r, err)
		}
	})

	t.Run("the language is German or else English", func(t *testing.T) {
		r, _ := action.CardDeclined.Explain()
		for tag, want := range map[string]action.Advice{"de": r.German, "de-AT": r.German, "en": r.English, "fr": r.English, "": r.English} {
			if r.In(tag) != want {
				t.Errorf("%q", tag)
			}
		}
	})
}
