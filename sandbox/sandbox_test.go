package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fieldpay/sandbox"
)

const data = "/services/data/v63.0"

func start(t *testing.T, opts sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	return s
}

// call makes an authorized request and decodes the answer; an error is the network's.
func call(method, target, token, contentType, body string) (int, map[string]any, error) {
	r, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", contentType)
	w, err := new(http.Transport).RoundTrip(r)
	if err != nil {
		return 0, nil, err
	}
	defer w.Body.Close()
	raw, err := io.ReadAll(w.Body)
	if err != nil {
		return w.StatusCode, nil, err
	}
	var out map[string]any
	if len(raw) > 0 && raw[0] == '{' {
		err = json.Unmarshal(raw, &out)
	}
	return w.StatusCode, out, err
}

func signIn(t *testing.T, s *sandbox.Sandbox) string {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"fieldpay-sandbox"}, "client_secret": {"sandbox-secret"}}
	_, answer, err := call("POST", s.SalesforceURL()+"/services/oauth2/token", "", "application/x-www-form-urlencoded", form.Encode())
	if err != nil || answer["instance_url"] != s.SalesforceURL() {
		t.Fatalf("signing in: %v, %v", answer, err)
	}
	return answer["access_token"].(string)
}

func counts(t *testing.T, base string) map[string]any {
	t.Helper()
	_, state, err := call("GET", base+"/__control/state", "", "", "")
	if err != nil {
		t.Fatal(err)
	}
	return state["counts"].(map[string]any)
}

const ledgerRow = `{"Action_Id__c":"a-1"}`

func TestStart(t *testing.T) {
	t.Run("a reply that was lost leaves one effect, and the next try is told so", func(t *testing.T) {
		s := start(t, sandbox.Options{})
		token := signIn(t, s)
		fault := `[{"match":{"method":"POST","path":"/services/data","times":1},"effect":{"dropAfterCommit":true}}]`
		if status, _, err := call("POST", s.SalesforceURL()+"/__control/faults", "", "application/json", fault); status != 200 || err != nil {
			t.Fatalf("faults: %d, %v", status, err)
		}
		target := s.SalesforceURL() + data + "/sobjects/Sync_Action__c"
		if status, _, err := call("POST", target, token, "application/json", ledgerRow); err == nil {
			t.Errorf("the reply was not lost: %d", status)
		}
		if status, _, err := call("POST", target, token, "application/json", ledgerRow); status != 400 || err != nil {
			t.Errorf("the second try: %d, %v", status, err)
		}
		if n := counts(t, s.SalesforceURL())["Sync_Action__c"]; n != 1.0 {
			t.Errorf("there are %v rows", n)
		}
	})
	t.Run("a truncated reply is an error of the network", func(t *testing.T) {
		s := start(t, sandbox.Options{})
		call("POST", s.StripeURL()+"/__control/faults", "", "application/json", `[{"match":{"path":"/v1/"},"effect":{"truncate":true}}]`)
		if _, _, err := call("POST", s.StripeURL()+"/v1/customers", "sk_test_sandbox", "application/x-www-form-urlencoded", "name=A"); err == nil {
			t.Error("the reply came whole")
		}
		if n := counts(t, s.StripeURL())["customers"]; n != 2.0 { // the seed's and ours
			t.Errorf("there are %v customers", n)
		}
	})
}

func TestStart_DataDir(t *testing.T) {
	t.Run("what was acknowledged survives a restart, numbering included", func(t *testing.T) {
		dir := t.TempDir()
		opts := sandbox.Options{DataDir: dir}
		first, err := sandbox.Start(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		_, made, _ := call("POST", first.SalesforceURL()+data+"/sobjects/Sync_Action__c", signIn(t, first), "application/json", ledgerRow)
		intent := func(s *sandbox.Sandbox) map[string]any {
			r := httptest.NewRequest("POST", "/v1/payment_intents", strings.NewReader("amount=500&currency=usd"))
			r.Header.Set("Authorization", "Bearer sk_test_sandbox")
			r.Header.Set("Idempotency-Key", "k")
			w := httptest.NewRecorder()
			s.StripeHandler().ServeHTTP(w, r)
			var out map[string]any
			if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
				t.Fatal(err)
			}
			return out
		}
		before := intent(first)
		if err := first.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		second := start(t, opts)
		if got := intent(second)["id"]; got != before["id"] {
			t.Errorf("the key gave %v, then %v", before["id"], got)
		}
		token := signIn(t, second)
		if status, row, err := call("GET", second.SalesforceURL()+data+"/sobjects/Sync_Action__c/Action_Id__c/a-1", token, "", ""); status != 200 || row["Id"] != made["id"] {
			t.Errorf("the row is %v, %v", row, err)
		}
		if status, next, _ := call("POST", second.SalesforceURL()+data+"/sobjects/Sync_Action__c", token, "application/json", `{"Action_Id__c":"a-2"}`); status != 201 || next["id"] == made["id"] {
			t.Errorf("the next row is %v", next)
		}
	})
	t.Run("a reset goes back to the seeds, on disk too", func(t *testing.T) {
		opts := sandbox.Options{DataDir: t.TempDir()}
		s, err := sandbox.Start(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		call("POST", s.SalesforceURL()+data+"/sobjects/Sync_Action__c", signIn(t, s), "application/json", ledgerRow)
		call("POST", s.SalesforceURL()+"/__control/reset", "", "", "")
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := counts(t, start(t, opts).SalesforceURL())
		if got["Sync_Action__c"] != 0.0 || got["Account"] != 6.0 || got["Payment__c"] != 1.0 {
			t.Errorf("got %v", got)
		}
	})
}

func TestStart_Refusals(t *testing.T) {
	t.Run("an address in use is told, and nothing is left running", func(t *testing.T) {
		s := start(t, sandbox.Options{})
		taken := strings.TrimPrefix(s.StripeURL(), "http://")
		if _, err := sandbox.Start(t.Context(), sandbox.Options{StripeListen: taken}); err == nil {
			t.Error("it started")
		}
	})
	t.Run("half a webhook is refused", func(t *testing.T) {
		if _, err := sandbox.New(sandbox.Options{WebhookURL: "http://127.0.0.1:1"}); err == nil {
			t.Error("it was taken")
		}
	})
}

func ExampleStart() {
	ctx := context.Background()
	s, err := sandbox.Start(ctx, sandbox.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	reply, err := http.Get(s.SalesforceURL() + "/services/data/v63.0/sobjects/Account")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(reply.Status, reply.Body.Close(), s.Close(ctx))
	// Output: 401 Unauthorized <nil> <nil>
}
