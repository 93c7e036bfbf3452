package action

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"
)

// Owner is who can do something about a reason.
type Owner string

// The owners. The person is whoever works on the device.
const (
	OwnerPerson Owner = "you"
	OwnerOffice Owner = "office"
	OwnerIT     Owner = "it"
)

// Advice is what a person may read about a code, in one language.
type Advice struct {
	// Sentence says what the matter is, Fix what to do about it; both end with
	// a full stop.
	Sentence string `json:"sentence"`
	Fix      string `json:"fix"`
}

// Reason is the entry of a code in the catalogue of reasons: the long form of
// its one sentence, for screens, the console and support.
type Reason struct {
	Code Code `json:"code"`
	// Owner can do what Fix says; for what passes by itself it is who looks into
	// it when it does not.
	Owner Owner `json:"owner"`
	// Link is the address of the screen of the app where it is done.
	Link    string `json:"link"`
	English Advice `json:"en"`
	German  Advice `json:"de"`
}

// catalogueText is the one place where the words stand: the screens read the
// same file.
//
//go:embed reasons.json
var catalogueText []byte

var catalogue = sync.OnceValues(func() (map[Code]Reason, error) {
	var entries map[Code]Reason
	if err := json.Unmarshal(catalogueText, &entries); err != nil {
		return nil, fmt.Errorf("reading the catalogue of reasons: %w", err)
	}
	return entries, nil
})

// Explain returns what the catalogue says about a code. One that this build
// does not know (the other end is newer) has the entry of [Internal], under its
// own name.
func (c Code) Explain() (Reason, error) {
	entries, err := catalogue()
	if err != nil {
		return Reason{}, err
	}
	r, known := entries[c]
	if !known {
		r = entries[Internal]
	}
	r.Code = Code(clip(string(c), 64))
	return r, nil
}

// In returns the advice in a language, a BCP 47 tag: German, or else English.
func (r Reason) In(language string) Advice {
	if len(language) >= 2 && (language[:2] == "de" || language[:2] == "DE") {
		return r.German
	}
	return r.English
}
