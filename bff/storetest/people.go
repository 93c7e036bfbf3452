package storetest

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
)

func peopleChange(t *testing.T, s bff.Stores) {
	for _, u := range []bff.User{
		{ID: "u2", Login: "Zoe@example.com", Name: "Zoe", Role: bff.RoleOffice, Territories: []string{"north", "south"}},
		{ID: "u1", Login: "abe@example.com", Name: "Abe"},
	} {
		if added, err := s.Users.AddUser(t.Context(), u); err != nil || !added {
			t.Fatalf("adding %s: %v %v", u.ID, added, err)
		}
	}
	abe, err := s.Users.UserByID(t.Context(), "u1")
	if err != nil || abe.Role != bff.RoleRep || len(abe.Territories) != 0 {
		t.Fatalf("a new user %+v %v", abe, err)
	}
	abe.Login, abe.Name, abe.Email, abe.PasswordHash = "other@example.com", "Abraham", "a@example.com", "hash"
	abe.Disabled, abe.Role, abe.Territories = true, bff.RoleKiosk, []string{bff.EveryTerritory}
	if done, err := s.Users.PutUser(t.Context(), abe); err != nil || !done {
		t.Fatalf("changing: %v %v", done, err)
	}
	if done, err := s.Users.PutUser(t.Context(), bff.User{ID: "u\x009"}); err != nil || done {
		t.Errorf("changing nobody: %v %v", done, err)
	}
	list, err := s.Users.UserList(t.Context())
	if err != nil || len(list) != 2 || list[0].ID != "u1" || list[1].ID != "u2" {
		t.Fatalf("list %+v %v", list, err)
	}
	got := list[0]
	if got.Login != "abe@example.com" || got.Name != "Abraham" || got.Email != "a@example.com" || got.PasswordHash != "hash" ||
		!got.Disabled || got.Role != bff.RoleKiosk || !slices.Equal(got.Territories, []string{bff.EveryTerritory}) {
		t.Errorf("changed to %+v", got)
	}
	if list[1].Role != bff.RoleOffice || !slices.Equal(list[1].Territories, []string{"north", "south"}) {
		t.Errorf("the other is %+v", list[1])
	}
}

func revokesUser(t *testing.T, s bff.Stores) {
	for id, user := range map[string]string{"s1": "u1", "s2": "u1", "s3": "u2"} {
		if err := s.Sessions.AddSession(t.Context(), bff.Session{ID: id, UserID: user, Current: id, CreatedAt: now()}); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []time.Time{now(), now().Add(time.Hour)} {
		if err := s.Sessions.RevokeUser(t.Context(), "u1", at); err != nil {
			t.Fatal(err)
		}
	}
	for id, want := range map[string]time.Time{"s1": now(), "s2": now(), "s3": {}} {
		if got, err := s.Sessions.Session(t.Context(), id); err != nil || !got.RevokedAt.Equal(want) {
			t.Errorf("%s: %+v %v", id, got, err)
		}
	}
}

func keyLists(t *testing.T, s bff.Stores) {
	for _, name := range []string{"tokens", "tokens.1", "tokens.2", "token_x", "probe"} {
		if _, err := s.Keys.Key(t.Context(), name, []byte("key "+name)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Keys.KeyList(t.Context(), "tokens.")
	if err != nil || len(got) != 2 || !bytes.Equal(got["tokens.1"], []byte("key tokens.1")) || got["tokens.2"] == nil {
		t.Errorf("keys %q %v", got, err)
	}
	for range 2 {
		if err := s.Keys.DropKey(t.Context(), "tokens.1"); err != nil {
			t.Errorf("dropping a key: %v", err)
		}
	}
	got, err = s.Keys.KeyList(t.Context(), "tokens.")
	if err != nil || len(got) != 1 || got["tokens.2"] == nil {
		t.Errorf("after a key was dropped: %q %v", got, err)
	}
	if again, err := s.Keys.Key(t.Context(), "tokens.1", []byte("new")); err != nil || string(again) != "new" {
		t.Errorf("a name that is free again: %q %v", again, err)
	}
}

func enrolments(t *testing.T, s bff.Stores) {
	if _, err := s.Enrolments.Enrolment(t.Context(), "d\x00"); action.CodeOf(err) != action.NotFound {
		t.Errorf("an unknown device: %v", err)
	}
	e := bff.Enrolment{DeviceID: "d2", Name: "Van 2", UserID: "u1", Key: []byte("key"), EnrolledAt: now()}
	for _, put := range []bff.Enrolment{e, {DeviceID: "d1", RevokedAt: now()}} {
		if err := s.Enrolments.PutEnrolment(t.Context(), put); err != nil {
			t.Fatal(err)
		}
	}
	e.RevokedAt = now().Add(time.Hour)
	if err := s.Enrolments.PutEnrolment(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	list, err := s.Enrolments.EnrolmentList(t.Context())
	if err != nil || len(list) != 2 || list[0].DeviceID != "d1" || len(list[0].Key) != 0 || !list[0].RevokedAt.Equal(now()) {
		t.Fatalf("list %+v %v", list, err)
	}
	got := list[1]
	if got.Name != "Van 2" || got.UserID != "u1" || string(got.Key) != "key" || !got.EnrolledAt.Equal(now()) || !got.RevokedAt.Equal(e.RevokedAt) {
		t.Errorf("enrolment %+v", got)
	}
}

func codes(t *testing.T, s bff.Stores) {
	if _, err := s.Enrolments.Code(t.Context(), "none"); action.CodeOf(err) != action.NotFound {
		t.Errorf("an unknown code: %v", err)
	}
	code := bff.EnrolCode{ID: "K7QD", Hash: "h", Name: "Van", UserID: "u1", CreatedAt: now(), ExpiresAt: now().Add(time.Hour)}
	if err := s.Enrolments.AddCode(t.Context(), code); err != nil {
		t.Fatal(err)
	}
	if err := s.Enrolments.AddCode(t.Context(), code); err == nil {
		t.Error("a code was added twice")
	}
	for range 2 {
		if err := s.Enrolments.FailCode(t.Context(), code.ID); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []bool{true, false} {
		e := bff.Enrolment{DeviceID: []string{"d1", "d2"}[i], Key: []byte("key"), EnrolledAt: now()}
		if used, err := s.Enrolments.UseCode(t.Context(), code.ID, now(), e); err != nil || used != want {
			t.Errorf("use %d: %v %v", i, used, err)
		}
	}
	got, err := s.Enrolments.Code(t.Context(), code.ID)
	if err != nil || got.Failures != 2 || !got.UsedAt.Equal(now()) || got.Hash != "h" || got.Name != "Van" || got.UserID != "u1" ||
		!got.CreatedAt.Equal(now()) || !got.ExpiresAt.Equal(code.ExpiresAt) {
		t.Errorf("code %+v %v", got, err)
	}
	if _, err := s.Enrolments.Enrolment(t.Context(), "d1"); err != nil {
		t.Errorf("the device: %v", err)
	}
	if _, err := s.Enrolments.Enrolment(t.Context(), "d2"); action.CodeOf(err) != action.NotFound {
		t.Errorf("a used code enrolled another device: %v", err)
	}
}

func nonces(t *testing.T, s bff.Stores) {
	for _, tt := range []struct {
		device, nonce string
		at            time.Time
		want          bool
	}{
		{"d1", "n1", now(), true}, {"d1", "n1", now(), false}, {"d2", "n1", now(), true}, {"d1", "n\x00", now(), true},
		{"d1", "n1", now().Add(time.Minute), false}, {"d1", "n2", now().Add(time.Hour), true},
	} {
		got, err := s.Enrolments.Remember(t.Context(), tt.device, tt.nonce, tt.at.Add(5*time.Minute))
		if err != nil || got != tt.want {
			t.Errorf("%s %q at %v: %v %v", tt.device, tt.nonce, tt.at, got, err)
		}
	}
}

func auditLog(t *testing.T, s bff.Stores) {
	rows := []bff.AuditRow{
		{At: now(), Event: "user.add", Actor: "command", Subject: "u1", Detail: map[string]string{"role": "rep"}},
		{At: now().Add(time.Minute), Event: "action.record_payment", Actor: "u1", DeviceID: "d1", Subject: "inv-1", RequestID: "r1", Detail: map[string]string{"amount": "5"}},
		{At: now().Add(time.Hour), Event: "user.disable", Actor: "command", Subject: "u1"},
	}
	if err := s.Audit.AddAudit(t.Context(), rows[:2]...); err != nil {
		t.Fatal(err)
	}
	if err := s.Audit.AddAudit(t.Context(), rows[2]); err != nil {
		t.Fatal(err)
	}
	every, err := s.Audit.AuditRows(t.Context(), bff.AuditQuery{})
	if err != nil || len(every) != 3 {
		t.Fatalf("rows %+v %v", every, err)
	}
	got := every[1]
	if got.Event != "action.record_payment" || got.Actor != "u1" || got.DeviceID != "d1" || got.Subject != "inv-1" || got.RequestID != "r1" ||
		got.Detail["amount"] != "5" || !got.At.Equal(rows[1].At) || got.Position <= every[0].Position {
		t.Errorf("row %+v", got)
	}
	for name, tt := range map[string]struct {
		q    bff.AuditQuery
		want int
	}{
		"events by their beginning":      {bff.AuditQuery{Event: "user."}, 2},
		"a beginning is no pattern":      {bff.AuditQuery{Event: "%"}, 0},
		"of an actor":                    {bff.AuditQuery{Actor: "u1"}, 1},
		"about a subject":                {bff.AuditQuery{Subject: "u1"}, 2},
		"since a moment":                 {bff.AuditQuery{Since: rows[1].At}, 2},
		"until a moment":                 {bff.AuditQuery{Until: rows[1].At}, 1},
		"behind a position":              {bff.AuditQuery{After: every[1].Position}, 1},
		"no more than asked for":         {bff.AuditQuery{Limit: 2}, 2},
		"everything at once":             {bff.AuditQuery{Event: "user.", Actor: "command", Subject: "u1", Since: rows[2].At, Limit: 9}, 1},
		"what somebody else might write": {bff.AuditQuery{Subject: "' OR 1=1 --"}, 0},
	} {
		if found, err := s.Audit.AuditRows(t.Context(), tt.q); err != nil || len(found) != tt.want {
			t.Errorf("%s: %d rows %v, want %d", name, len(found), err, tt.want)
		}
	}
}

func backlog(t *testing.T, s bff.Stores) {
	b, ok := s.Ledger.(bff.Backlogger)
	if !ok {
		t.Fatal("the ledger does not tell its backlog")
	}
	if got, err := b.Backlog(t.Context()); err != nil || got != (bff.Backlog{}) {
		t.Errorf("an empty ledger: %+v %v", got, err)
	}
	old := claimOf("old", "lane")
	old.At = now().Add(-time.Hour)
	mustClaim(t, s, old, claimOf("new", "other"))
	if got, err := b.Backlog(t.Context()); err != nil || got.Open != 2 || !got.Oldest.Equal(old.At) {
		t.Errorf("two open: %+v %v", got, err)
	}
	mustRecord(t, s, mustBegin(t, s, "old", "w1", now()), applied("old"), true)
	if got, err := b.Backlog(t.Context()); err != nil || got.Open != 1 || !got.Oldest.Equal(now()) {
		t.Errorf("one open: %+v %v", got, err)
	}
}
