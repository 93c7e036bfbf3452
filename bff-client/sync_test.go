package bffclient_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
)

func TestClient_Send(t *testing.T) {
	t.Run("returns an outcome for each action, in order", func(t *testing.T) {
		s, b := newServer(t), batch(3, 10)
		reply, err := newClient(t, s.URL, newWallet()).Send(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range reply.Outcomes {
			if o.ID != b.Actions[i].ID || o.Status != action.StatusApplied {
				t.Errorf("outcome %d is %+v", i, o)
			}
		}
		if len(reply.Outcomes) != 3 || reply.Acknowledged.Position != 7 || reply.Acknowledged.MAC != "ab" {
			t.Errorf("reply %+v", reply)
		}
	})
	t.Run("sends actions, fence and chain as the contract has them", func(t *testing.T) {
		s, b := newServer(t), batch(1, 10)
		if _, err := newClient(t, s.URL, newWallet()).Send(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(s.received[0].Body, &got); err != nil {
			t.Fatal(err)
		}
		if got["deviceId"] != "device-1" || got["fence"] != 3.0 || got["head"].(map[string]any)["mac"] != "cd" {
			t.Errorf("sent %v", got)
		}
		if _, there := got["acknowledged"]; there {
			t.Error("a point that was never acknowledged was sent")
		}
	})
	t.Run("compresses from 1 KiB on", func(t *testing.T) {
		for size, want := range map[int]string{100: "", 2000: "gzip"} {
			s := newServer(t)
			if _, err := newClient(t, s.URL, newWallet()).Send(t.Context(), batch(1, size)); err != nil {
				t.Fatal(err)
			}
			if got := s.received[0].Encoding; got != want {
				t.Errorf("%d bytes were sent as %q", size, got)
			}
		}
	})
	t.Run("calls nobody for an empty batch", func(t *testing.T) {
		s := newServer(t)
		s.Close()
		if _, err := newClient(t, s.URL, newWallet()).Send(t.Context(), batch(0, 0)); err != nil {
			t.Error(err)
		}
	})
	t.Run("lets an outcome wait that a newer server invented", func(t *testing.T) {
		s, b := newServer(t), batch(1, 10)
		s.on("/sync/actions", func(w http.ResponseWriter, _ *http.Request) {
			answer(w, http.StatusOK, map[string]any{"results": []map[string]string{{"id": b.Actions[0].ID, "status": "parked", "class": "parked"}}})
		})
		reply, err := newClient(t, s.URL, newWallet()).Send(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		if o := reply.Outcomes[0]; o.Status != action.StatusWaiting || o.Class != action.VersionSkew {
			t.Errorf("outcome %+v", o)
		}
	})
	t.Run("passes on how long to wait", func(t *testing.T) {
		s := newServer(t)
		s.on("/sync/actions", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "17")
			refuse(w, http.StatusTooManyRequests, action.RateLimited, map[string]any{"retryAfterMs": 3})
		})
		_, err := newClient(t, s.URL, newWallet()).Send(t.Context(), batch(1, 10))
		if e := wantCode(t, err, action.RateLimited); e.RetryAfter != 17*time.Second {
			t.Errorf("wait %v", e.RetryAfter)
		}
	})
	t.Run("passes on what is wrong in a request", func(t *testing.T) {
		s := newServer(t)
		s.on("/sync/actions", func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, http.StatusBadRequest, action.BadRequest, map[string]any{"fields": map[string]string{"actions": "are too many"}})
		})
		_, err := newClient(t, s.URL, newWallet()).Send(t.Context(), batch(1, 10))
		if e := wantCode(t, err, action.BadRequest); e.Fields["actions"] != "are too many" || e.Message != "the server's sentence" {
			t.Errorf("error %+v", e)
		}
	})
}

func TestClient_Send_WantsItsOwnIDsBack(t *testing.T) {
	outcome := func(id string) map[string]string {
		return map[string]string{"id": id, "status": "applied", "class": "applied"}
	}
	b := batch(2, 10)
	first, second := b.Actions[0].ID, b.Actions[1].ID
	cases := map[string][]map[string]string{
		"none":                {},
		"one too few":         {outcome(first)},
		"one twice":           {outcome(first), outcome(second), outcome(first)},
		"a foreign one":       {outcome(first), outcome(action.NewID())},
		"a foreign one extra": {outcome(first), outcome(second), outcome(action.NewID())},
	}
	for name, results := range cases {
		t.Run("and not "+name, func(t *testing.T) {
			s := newServer(t)
			s.on("/sync/actions", func(w http.ResponseWriter, _ *http.Request) {
				answer(w, http.StatusOK, map[string]any{"results": results})
			})
			_, err := newClient(t, s.URL, newWallet()).Send(t.Context(), b)
			wantCode(t, err, action.AnswerLost)
		})
	}
	t.Run("in any case and order", func(t *testing.T) {
		s := newServer(t)
		s.on("/sync/actions", func(w http.ResponseWriter, _ *http.Request) {
			answer(w, http.StatusOK, map[string]any{"results": []map[string]string{outcome(strings.ToUpper(second)), outcome(first)}})
		})
		reply, err := newClient(t, s.URL, newWallet()).Send(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		if reply.Outcomes[0].ID != first || reply.Outcomes[1].ID != second {
			t.Errorf("outcomes %+v", reply.Outcomes)
		}
	})
}

func TestClient_Outcomes(t *testing.T) {
	t.Run("tells known from unknown ids, however many", func(t *testing.T) {
		s := newServer(t)
		ids := make([]string, 2500)
		for i := range ids {
			ids[i] = "id-" + strconv.Itoa(i)
		}
		found, unknown, err := newClient(t, s.URL, newWallet()).Outcomes(t.Context(), ids)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 1250 || len(unknown) != 1250 || found[1].ID != "id-2" || unknown[0] != "id-1" {
			t.Errorf("%d found, %d unknown", len(found), len(unknown))
		}
	})
	t.Run("takes no answer to another question", func(t *testing.T) {
		s := newServer(t)
		s.on("/sync/outcomes", func(w http.ResponseWriter, _ *http.Request) {
			answer(w, http.StatusOK, map[string]any{"results": []string{}, "unknown": []string{"other"}})
		})
		_, _, err := newClient(t, s.URL, newWallet()).Outcomes(t.Context(), []string{"mine"})
		wantCode(t, err, action.Busy)
	})
	t.Run("leaves a lost answer without consequence", func(t *testing.T) {
		s := newServer(t)
		s.on("/sync/outcomes", writeRaw(""))
		_, _, err := newClient(t, s.URL, newWallet()).Outcomes(t.Context(), []string{"mine"})
		wantCode(t, err, action.Offline)
	})
}
