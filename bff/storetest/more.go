package storetest

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

func retryOpens(t *testing.T, s bff.Stores) {
	for _, tt := range []struct {
		name   string
		out    action.Outcome
		effect bool
		change func(*bff.Claim)
		fresh  bool
	}{
		{"failed", failed("failed", action.UnknownAccount), false, func(c *bff.Claim) { c.Action.Try = 1 }, true},
		{"review", failed("review", action.VersionConflict), false, func(c *bff.Claim) { c.Action.Try = 1 }, true},
		{"same try", failed("same try", action.UnknownAccount), false, func(*bff.Claim) {}, false},
		{"with effect", failed("with effect", action.Overpaid), true, func(c *bff.Claim) { c.Action.Try = 1 }, false},
		{"applied", applied("applied"), true, func(c *bff.Claim) { c.Action.Try = 1 }, false},
		{"other content", failed("other content", action.UnknownAccount), false, func(c *bff.Claim) { c.Action.Try, c.Hash = 1, "x" }, false},
		{"other person", failed("other person", action.UnknownAccount), false, func(c *bff.Claim) { c.Action.Try, c.Action.Actor = 1, "x" }, false},
	} {
		c := claimOf(tt.name, "lane "+tt.name)
		mustClaim(t, s, c)
		mustRecord(t, s, mustBegin(t, s, tt.name, "w1", now()), tt.out, tt.effect)
		tt.change(&c)
		got := mustClaim(t, s, c)[0]
		if got.Fresh != tt.fresh || got.Settled() == tt.fresh {
			t.Errorf("%s: fresh %v, settled %v", tt.name, got.Fresh, got.Settled())
		}
		if tt.fresh && (got.Action.Try != 1 || got.Attempts != 0) {
			t.Errorf("%s: try %d, attempts %d", tt.name, got.Action.Try, got.Attempts)
		}
	}
}

// A retry opens an earlier entry of a lane while another worker is at a later one.
func oneWorkerOfLane(t *testing.T, s bff.Stores) {
	early := claimOf("early", "lane")
	mustClaim(t, s, early, claimOf("late", "lane"), claimOf("other", "other lane"))
	mustRecord(t, s, mustBegin(t, s, "early", "w1", now()), failed("early", action.UnknownAccount), false)
	late := mustBegin(t, s, "late", "w1", now())
	early.Action.Try = 1
	mustClaim(t, s, early)
	if _, ok := begin(t, s, "early", "w2", now().Add(time.Second)); ok {
		t.Error("two workers in one lane")
	}
	mustBegin(t, s, "other", "w2", now())
	mustRecord(t, s, late, applied("late"), true)
	mustBegin(t, s, "early", "w2", now().Add(time.Second))
}

// What comes over the wire may hold bytes that a database refuses as text.
func strangeIDs(t *testing.T, s bff.Stores) {
	c := claimOf("new", "lane\x00")
	c.Action.Replaces, c.Action.After = "old\x00", "\x00"
	mustClaim(t, s, c)
	ends, err := s.Ledger.Ends(t.Context(), []string{"old", "old\x00", "\x00"})
	if err != nil || len(ends) != 1 || ends["old\x00"].Action.ID != "new" {
		t.Errorf("ends %v %v", ends, err)
	}
	if e, open := head(t, s, "lane\x00"); !open || e.Lane != "lane\x00" {
		t.Errorf("next %+v %v", e, open)
	}
	if due, err := s.Ledger.Due(t.Context(), "w1\x00", now(), 10); err != nil || !slices.Equal(due, []string{"lane\x00"}) {
		t.Errorf("due %q %v", due, err)
	}
	for _, id := range []string{"d\x00", "d\uFFFD", "d", "\uFFFD64"} {
		if done, err := s.Devices.PutDevice(t.Context(), bff.Device{ID: id}); err != nil || !done {
			t.Errorf("a new device %q: %v %v", id, done, err)
		}
	}
	if _, err := s.Users.UserByLogin(t.Context(), "pat\x00"); action.CodeOf(err) != action.NotFound {
		t.Errorf("nobody: %v", err)
	}
	if _, err := s.Sessions.Session(t.Context(), "s\x00"); action.CodeOf(err) != action.NotFound {
		t.Errorf("no session: %v", err)
	}
}

func chainEnds(t *testing.T, s bff.Stores) {
	replacing := func(id, old string) bff.Claim {
		c := claimOf(id, "lane")
		c.Action.Replaces = old
		return c
	}
	mustClaim(t, s, claimOf("a", "lane"), replacing("b", "a"), replacing("c", "b"), claimOf("d", "lane"), replacing("e", "never sent"))
	ends, err := s.Ledger.Ends(t.Context(), []string{"a", "b", "c", "d", "never sent", "nobody's"})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"a": "c", "b": "c", "c": "c", "d": "d", "never sent": "e"} {
		if got := ends[id].Action.ID; got != want {
			t.Errorf("the end of %q is %q, want %q", id, got, want)
		}
	}
	if _, there := ends["nobody's"]; there || len(ends) != 5 {
		t.Errorf("ends %v", ends)
	}
}

func dueLanes(t *testing.T, s bff.Stores) {
	mustClaim(t, s, claimOf("a1", "a"), claimOf("a2", "a"), claimOf("b1", "b"), claimOf("c1", "c"), claimOf("d1", "d"))
	// a waits, b is being worked on by another, c by us, d is done.
	e := mustBegin(t, s, "a1", "w1", now())
	if !record(t, s, bff.Result{ID: "a1", Token: e.Lease.Token, Outcome: failed("a1", action.Busy), NextAt: now().Add(time.Hour)}) {
		t.Fatal("recording was fenced")
	}
	mustBegin(t, s, "b1", "w2", now())
	mustBegin(t, s, "c1", "w1", now())
	mustRecord(t, s, mustBegin(t, s, "d1", "w1", now()), applied("d1"), true)
	for _, tt := range []struct {
		after time.Duration
		want  []string
	}{
		{0, []string{"c"}},
		{2 * time.Minute, []string{"b", "c"}},
		{2 * time.Hour, []string{"b", "c", "a"}},
	} {
		got, err := s.Ledger.Due(t.Context(), "w1", now().Add(tt.after), 10)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("due after %v: %v %v, want %v", tt.after, got, err, tt.want)
		}
	}
	if got, err := s.Ledger.Due(t.Context(), "w1", now().Add(2*time.Hour), 1); err != nil || len(got) != 1 {
		t.Errorf("limited: %v %v", got, err)
	}
}

func users(t *testing.T, s bff.Stores) {
	u := bff.User{ID: "u1", Login: "Pat@example.com", Name: "Pat", Email: "pat@example.com", PasswordHash: "h", Disabled: true, Role: bff.RoleRep, Territories: []string{"north"}}
	if added, err := s.Users.AddUser(t.Context(), u); err != nil || !added {
		t.Fatalf("adding: %v %v", added, err)
	}
	if added, err := s.Users.AddUser(t.Context(), bff.User{ID: "u2", Login: "PAT@example.com"}); err != nil || added {
		t.Errorf("a taken login was added: %v %v", added, err)
	}
	byLogin, err := s.Users.UserByLogin(t.Context(), "pat@EXAMPLE.com")
	if err != nil || !reflect.DeepEqual(byLogin, u) {
		t.Errorf("by login %+v %v", byLogin, err)
	}
	byID, err := s.Users.UserByID(t.Context(), "u1")
	if err != nil || !reflect.DeepEqual(byID, u) {
		t.Errorf("by id %+v %v", byID, err)
	}
	if _, err := s.Users.UserByID(t.Context(), "u2"); action.CodeOf(err) != action.NotFound {
		t.Errorf("nobody: %v", err)
	}
}

func rotations(t *testing.T, s bff.Stores) {
	v := bff.Session{ID: "s1", UserID: "u1", DeviceID: "d1", Current: "h1", CreatedAt: now(), RotatedAt: now(), ExpiresAt: now().Add(time.Hour)}
	if err := s.Sessions.AddSession(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Sessions.Session(t.Context(), "s1"); err != nil || got != v {
		t.Errorf("session %+v %v", got, err)
	}
	at := now().Add(time.Minute)
	for i, want := range []bool{true, false} {
		if got, err := s.Sessions.Rotate(t.Context(), "s1", "h1", "h2", at, at.Add(time.Hour)); err != nil || got != want {
			t.Errorf("rotation %d: %v %v", i, got, err)
		}
	}
	got, err := s.Sessions.Session(t.Context(), "s1")
	if err != nil || got.Current != "h2" || got.Previous != "h1" || !got.RotatedAt.Equal(at) || !got.ExpiresAt.Equal(at.Add(time.Hour)) {
		t.Errorf("session %+v %v", got, err)
	}
	if _, err := s.Sessions.Session(t.Context(), "s2"); action.CodeOf(err) != action.NotFound {
		t.Errorf("no session: %v", err)
	}
}

func revoked(t *testing.T, s bff.Stores) {
	if err := s.Sessions.AddSession(t.Context(), bff.Session{ID: "s1", Current: "h1", CreatedAt: now()}); err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{now(), now().Add(time.Hour)} {
		if err := s.Sessions.Revoke(t.Context(), "s1", at); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Sessions.Session(t.Context(), "s1"); err != nil || !got.RevokedAt.Equal(now()) {
		t.Errorf("session %+v %v", got, err)
	}
	if rotated, err := s.Sessions.Rotate(t.Context(), "s1", "h1", "h2", now(), now()); err != nil || rotated {
		t.Errorf("a revoked session was rotated: %v %v", rotated, err)
	}
	if err := s.Sessions.Revoke(t.Context(), "nobody's", now()); err != nil {
		t.Errorf("revoking an unknown session: %v", err)
	}
}

func keys(t *testing.T, s bff.Stores) {
	for _, fresh := range []string{"first", "second"} {
		if got, err := s.Keys.Key(t.Context(), "jwt", []byte(fresh)); err != nil || string(got) != "first" {
			t.Errorf("key %q %v", got, err)
		}
	}
	if got, err := s.Keys.Key(t.Context(), "probe", []byte("other")); err != nil || string(got) != "other" {
		t.Errorf("another key %q %v", got, err)
	}
	for _, fresh := range []string{"", "late"} {
		if got, err := s.Keys.Key(t.Context(), "empty", []byte(fresh)); err != nil || len(got) != 0 {
			t.Errorf("a key that is empty for good: %q %v", got, err)
		}
	}
}

func devices(t *testing.T, s bff.Stores) {
	d, err := s.Devices.Device(t.Context(), "d1")
	if err != nil || d.ID != "d1" || d.Revision != 0 || d.Fence != 0 {
		t.Fatalf("new device %+v %v", d, err)
	}
	d.Fence, d.Points, d.FlaggedAt, d.SeenAt = 4, []bff.ChainPoint{{Position: 1, MAC: "aa", Confirmed: true}, {Position: 9, MAC: "bb"}}, now(), now()
	for i, want := range []bool{true, false} {
		if got, err := s.Devices.PutDevice(t.Context(), d); err != nil || got != want {
			t.Errorf("put %d: %v %v", i, got, err)
		}
	}
	got, err := s.Devices.Device(t.Context(), "d1")
	if err != nil || got.Revision != 1 || got.Fence != 4 || !slices.Equal(got.Points, d.Points) || !got.FlaggedAt.Equal(now()) || !got.SeenAt.Equal(now()) {
		t.Errorf("device %+v %v", got, err)
	}
	// A journal that a person goes on with replaces all that was known.
	got.Fence, got.Points = 5, []bff.ChainPoint{{Position: 3, MAC: "cc"}}
	if done, err := s.Devices.PutDevice(t.Context(), got); err != nil || !done {
		t.Errorf("changing it: %v %v", done, err)
	}
	if again, err := s.Devices.Device(t.Context(), "d1"); err != nil || again.Fence != 5 || !slices.Equal(again.Points, got.Points) {
		t.Errorf("changed it is %+v %v", again, err)
	}
	if done, err := s.Devices.PutDevice(t.Context(), bff.Device{ID: "d2", Revision: 3}); err != nil || done {
		t.Errorf("a device that was never there was changed: %v %v", done, err)
	}
}

func events(t *testing.T, s bff.Stores) {
	first := bff.ReceivedEvent{ID: "evt_1", Type: "payment_intent.succeeded", IntentID: "pi_1", ReceivedAt: now()}
	second := bff.ReceivedEvent{ID: "evt_2", Type: "other", ReceivedAt: now()}
	for _, tt := range []struct {
		e    bff.ReceivedEvent
		want bool
	}{{first, true}, {first, false}, {second, true}} {
		if got, err := s.Events.Receive(t.Context(), tt.e); err != nil || got != tt.want {
			t.Errorf("receiving %s: %v %v, want %v", tt.e.ID, got, err, tt.want)
		}
	}
	if err := s.Events.Finish(t.Context(), "evt_1", now()); err != nil {
		t.Fatal(err)
	}
	second.Attempts = 1
	if left, err := s.Events.Take(t.Context(), now(), now(), 10); err != nil || !slices.Equal(left, []bff.ReceivedEvent{second}) {
		t.Errorf("left: %v %v", left, err)
	}
	if fresh, err := s.Events.Receive(t.Context(), first); err != nil || fresh {
		t.Errorf("a finished event came again: %v %v", fresh, err)
	}
}

func takesWork(t *testing.T, s bff.Stores) {
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
}
