package main

import (
	"fmt"
	"strings"

	"fieldpay/action"
)

type explain struct {
	Code     string `arg:"" optional:"" help:"The code, e.g. card_declined; without one, all of them."`
	Language string `help:"Language of the words: en or de. Default: that of the company, or of LANG."`
	JSON     bool   `name:"json" help:"One JSON object a line."`
}

// reasonLine is a reason as the command shows it.
type reasonLine struct {
	Code     action.Code  `json:"code"`
	Class    action.Class `json:"class"`
	Owner    action.Owner `json:"owner"`
	Sentence string       `json:"sentence"`
	Fix      string       `json:"fix"`
	Link     string       `json:"link"`
}

// Run explains a code, or all; it asks nobody and opens nothing.
func (c *explain) Run(s *session) error {
	language := c.Language
	if language == "" {
		language = s.config.Language.Value
	}
	if language == "" {
		language = s.getenv("LANG")
	}
	codes := action.Codes()
	if c.Code != "" {
		code := action.Code(strings.ToLower(strings.TrimSpace(c.Code)))
		if !code.Known() {
			return &action.Error{Code: action.NotFound, Message: fmt.Sprintf("There is no reason %q", c.Code), Hint: "fieldpayctl explain shows all of them"}
		}
		codes = []action.Code{code}
	}
	for _, code := range codes {
		r, err := code.Explain()
		if err != nil {
			return err
		}
		if err := c.show(s, r, language); err != nil {
			return err
		}
	}
	return nil
}

func (c *explain) show(s *session, r action.Reason, language string) error {
	words := r.In(language)
	if c.JSON {
		return s.print(reasonLine{r.Code, r.Code.Class(), r.Owner, words.Sentence, words.Fix, r.Link})
	}
	who, what := "who can help", "what to do"
	owner := map[action.Owner]string{action.OwnerPerson: "you", action.OwnerOffice: "the office", action.OwnerIT: "IT"}[r.Owner]
	if words == r.German {
		who, what = "wer helfen kann", "was zu tun ist"
		owner = map[action.Owner]string{action.OwnerPerson: "Sie", action.OwnerOffice: "das Büro", action.OwnerIT: "die IT"}[r.Owner]
	}
	return s.say("%s (%s)\n  %s\n  %s: %s\n  %s: %s", r.Code, r.Code.Class(), words.Sentence, who, owner, what, words.Fix)
}

// Help has the examples.
func (explain) Help() string {
	return `The code stands beside every failed action:

  fieldpayctl explain card_declined
  fieldpayctl explain --language de
  fieldpayctl explain --json | jq -r 'select(.owner == "it") | .code'`
}
