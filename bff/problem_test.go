package bff_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"regexp"
	"slices"
	"testing"

	"fieldpay/action"
	"fieldpay/bff"
)

// failingCRM answers with one error, whatever it is asked.
type failingCRM struct {
	bff.CRM
	err error
}

func (c failingCRM) Accounts(context.Context, bff.AccountQuery) ([]bff.Account, error) {
	return nil, c.err
}

// statusesOf is the treatment of each class on a call: the statuses that clients
// and everything in between decide by. Those of the failure table are among
// them, and a class has no others.
func statusesOf(class action.Class) []int {
	switch class {
	case action.Invalid:
		return []int{400, 403, 422}
	case action.Gone:
		return []int{404, 410}
	case action.Conflict, action.Integrity, action.Held:
		return []int{409, 422}
	case action.Declined, action.CustomerAction:
		return []int{402}
	case action.SignIn:
		return []int{401}
	case action.Revoked.Class():
		return []int{403}
	case action.Oversize:
		return []int{413}
	case action.Transient:
		return []int{429, 503}
	case action.Operator, action.Accepted:
		return []int{503}
	case action.UnknownType.Class():
		return []int{422, 426}
	case action.NotPossible.Class(): // what a device says of itself; the server uses few of them
		return []int{409, 500, 503}
	default:
		return []int{500}
	}
}

// Every code has one treatment on the server: a status of its class, the same
// problem with the code and a sentence, and no other.
func TestProblem_everyCode(t *testing.T) {
	for _, code := range action.Codes() {
		r := newRig(t, func(o *bff.ServerOptions) {
			o.CRM = failingCRM{o.CRM, &action.Error{Code: code, Cause: errors.New("canary")}}
		})
		r.signIn()
		a := r.call("GET", "/salesforce/accounts", "")
		if !slices.Contains(statusesOf(code.Class()), a.status) {
			t.Errorf("%s, of class %s, is answered %d", code, code.Class(), a.status)
		}
		sentence, _ := a.body["error"].(string)
		if a.body["code"] != string(code) || sentence == "" || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s is answered %s as %s", code, a.text, a.header.Get("Content-Type"))
		}
		if regexp.MustCompile("canary").MatchString(a.text) {
			t.Errorf("%s tells its cause: %s", code, a.text)
		}
	}
}

// Every route answers an error as a problem with a sentence in error, also one
// that it has before it knows who asks.
func TestProblem_everyRoute(t *testing.T) {
	spec, err := os.ReadFile("../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	routes := 0
	path := ""
	for _, line := range regexp.MustCompile(`(?m)^  (/\S*):$|^    (get|post|put|patch|delete|head):$`).FindAllStringSubmatch(string(spec), -1) {
		if line[1] != "" {
			path = regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(line[1], "id-1")
			continue
		}
		method := map[string]string{"get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE", "head": "HEAD"}[line[2]]
		routes++
		r := newRig(t, nil)
		a := r.call(method, path, "{", "Content-Type", "application/json")
		if a.status < http.StatusBadRequest || method == "HEAD" {
			continue // it needs neither a person nor a body, or cannot answer with one
		}
		var problem struct{ Code, Error string }
		if err := json.Unmarshal([]byte(a.text), &problem); err != nil || problem.Error == "" || problem.Code == "" || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s is answered %d %s %s", method, path, a.status, a.header.Get("Content-Type"), a.text)
		}
	}
	if routes < 20 {
		t.Errorf("%d routes are in the contract", routes)
	}
}
