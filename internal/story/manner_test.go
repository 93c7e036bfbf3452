package story_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"fieldpay/bff/postgres/pgtest"
)

// database is the PostgreSQL of the offices that have one.
var database = pgtest.New()

// manner is how an office is run. Every story is told in each.
type manner struct {
	name string
	// live says that the server takes Salesforce and Stripe for the real ones:
	// nothing is made for it, and an operator does first what has to be done.
	live     bool
	postgres bool
	// salesperson and password sign in.
	salesperson, password string
}

func manners() []manner {
	return []manner{
		{name: "as it comes", salesperson: "demo@fieldpay.com", password: "demo123"},
		{name: "live", live: true, salesperson: "jo@example.com", password: "roof over head"},
		{name: "on PostgreSQL", postgres: true, salesperson: "demo@fieldpay.com", password: "demo123"},
	}
}

// The keys of the Salesforce and the Stripe of a live office. The sandbox's own
// are refused there.
const (
	ownClient = "fieldpay-of-the-story"
	ownSecret = "told-to-nobody-else"
	ownKey    = "sk_test_of_the_story"
)

// settings are what the programs of the office are told.
func (m manner) settings() []string {
	if !m.live {
		return nil
	}
	return []string{
		"SALESFORCE_MODE=live", "SALESFORCE_CLIENT_ID=" + ownClient, "SALESFORCE_CLIENT_SECRET=" + ownSecret,
		"STRIPE_MODE=live", "STRIPE_SECRET_KEY=" + ownKey,
		"FIELDPAY_SANDBOX_SALESFORCE_CLIENT_ID=" + ownClient, "FIELDPAY_SANDBOX_SALESFORCE_CLIENT_SECRET=" + ownSecret,
		"FIELDPAY_SANDBOX_STRIPE_KEY=" + ownKey,
	}
}

// prepare is what an operator does before the first start: a webhook at Stripe, a
// look at the configuration, and a person who may sign in.
func (o *office) prepare() error {
	secret, err := o.addWebhook()
	if err != nil {
		return err
	}
	o.env = append(o.env, "STRIPE_WEBHOOK_SECRET="+secret)
	if _, err := o.admin("", "migrate"); err != nil {
		return err
	}
	if _, err := o.admin("", "check-config"); err != nil {
		return err
	}
	_, err = o.admin(o.manner.password+"\n", "user", "add", o.manner.salesperson, "--territory", "*")
	return err
}

// addWebhook registers the server at Stripe, by Stripe's own means, and returns
// the secret that its events are signed with.
func (o *office) addWebhook() (secret string, err error) {
	form := url.Values{
		"url": {o.url.String() + "/stripe/webhook"}, "enabled_events[]": {"*"}, "api_version": {"2023-10-16"},
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+o.stripe+"/v1/webhook_endpoints", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(ownKey, "")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("registering the webhook: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // all of it was read
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("registering the webhook: %s %s %w", resp.Status, body, err)
	}
	var endpoint struct{ Secret string }
	return endpoint.Secret, json.Unmarshal(body, &endpoint)
}

// enrolCode asks for a code that lets one device in.
func (o *office) enrolCode() (string, error) {
	out, err := o.admin("", "device", "enrol-code", "--name", "the story's laptop")
	if err != nil {
		return "", err
	}
	var answer struct{ Code string }
	return answer.Code, json.Unmarshal(out, &answer)
}

// admin runs a command of the server's program.
func (o *office) admin(input string, args ...string) ([]byte, error) {
	cmd := exec.Command(program(o.programs, "fieldpay-bff"), args...)
	var out, complaint bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = o.env, strings.NewReader(input), &out, &complaint
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("fieldpay-bff %s: %w\n%s%s", strings.Join(args, " "), err, &out, &complaint)
	}
	return out.Bytes(), nil
}

// customer is the one who pays: at the page that a link leads to.
func customer(ts *testscript.TestScript, negated bool, args []string) {
	w := here(ts, negated)
	usage(ts, len(args) == 2 && args[0] == "pays", "customer pays NAME")
	var item struct {
		Outcome struct{ Link string }
	}
	errorf(ts, json.Unmarshal([]byte(w.ask(ts, "", 0, "journal", "show", "--json", w.act(ts, args[1]).id)), &item), "reading the journal")
	resp, err := http.PostForm(item.Outcome.Link, url.Values{"payment_method": {"pm_card_visa"}})
	errorf(ts, err, "opening the link "+item.Outcome.Link)
	_ = resp.Body.Close() // what the page says is for people
	if resp.StatusCode >= http.StatusBadRequest {
		ts.Fatalf("paying at %s: %s", item.Outcome.Link, resp.Status)
	}
}
