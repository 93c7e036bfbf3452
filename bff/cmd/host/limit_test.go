package host_test

import (
	"fmt"
	"net/http"
	"testing"

	"fieldpay/action"
	"fieldpay/bff/cmd/host"
)

func TestHost_LeavesAnOrgAloneWhoseCallsAreUsedUp(t *testing.T) {
	h := start(t, host.Config{DataDir: t.TempDir()})
	defer closeHost(t, h)
	c := signedIn(t, h.URL())
	org := h.Sandbox().SalesforceURL()
	control(t, "POST", org+"/__control/faults", `[{"match":{"path":"/services/data"},
		"effect":{"status":403,"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}}]`, nil)
	calls := func() int {
		var state struct{ RequestsTotal int }
		control(t, "GET", org+"/__control/state", "", &state)
		return state.RequestsTotal
	}
	visit := func() action.Outcome {
		var a synced
		c.call("POST", "/sync/actions", fmt.Sprintf(
			`{"actions":[{"id":%q,"type":"log_visit","payload":{"accountId":"acc-001","note":"n","outcome":"met"}}]}`, action.NewID()), http.StatusOK, &a)
		return a.Results[0]
	}
	visit() // learns it
	before := calls()
	for range 20 {
		if o := visit(); o.Status != action.StatusAccepted || o.Code != action.RateLimited {
			t.Errorf("outcome %+v", o)
		}
	}
	if made := calls() - before; made != 0 {
		t.Errorf("%d calls were made of an org that has none left", made)
	}
}
