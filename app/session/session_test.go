package session_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/app/session"
	bffclient "fieldpay/bff-client"
)

func key(name string) []byte {
	k := sha256.Sum256([]byte(name))
	return k[:]
}

func at(t *testing.T) session.Options {
	t.Helper()
	return session.Options{Path: filepath.Join(t.TempDir(), "session"), Key: key("device")}
}

func open(t *testing.T, o session.Options) *session.Session {
	t.Helper()
	s, err := session.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func jordan() bffclient.Tokens {
	return bffclient.Tokens{
		Access: "canary-access", Refresh: "canary-refresh", ExpiresAt: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
		Person: bffclient.Person{ID: "user-001", Name: "Jordan Rivera", Email: "jordan.rivera@fieldpay.example.com"},
	}
}

func store(t *testing.T, s *session.Session, tokens bffclient.Tokens) {
	t.Helper()
	if err := s.Store(t.Context(), tokens); err != nil {
		t.Fatal(err)
	}
}

func tokens(t *testing.T, s *session.Session) bffclient.Tokens {
	t.Helper()
	got, err := s.Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestSession_StartsWithNobody(t *testing.T) {
	s := open(t, at(t))
	if _, somebody := s.Person(); somebody || s.SignedIn() || tokens(t, s) != (bffclient.Tokens{}) {
		t.Error("somebody is there")
	}
}

func TestSession_SurvivesARestart(t *testing.T) {
	o := at(t)
	store(t, open(t, o), jordan())
	again := open(t, o)
	if tokens(t, again) != jordan() || !again.SignedIn() {
		t.Errorf("tokens %+v", tokens(t, again))
	}
	if person, ok := again.Person(); !ok || person != jordan().Person {
		t.Errorf("person %+v", person)
	}
}

func TestSession_EndsInTwoWays(t *testing.T) {
	t.Run("a refused renewal keeps the person", func(t *testing.T) {
		s := open(t, at(t))
		store(t, s, jordan())
		if err := s.Drop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if person, ok := s.Person(); s.SignedIn() || !ok || person.Name != "Jordan Rivera" {
			t.Errorf("person %+v, signed in %v", person, s.SignedIn())
		}
	})
	t.Run("a sign-out by hand forgets the person", func(t *testing.T) {
		s := open(t, at(t))
		store(t, s, jordan())
		if err := s.SetPin(t.Context(), "https://fieldpay.example.com", "k"); err != nil {
			t.Fatal(err)
		}
		if err := s.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, ok := s.Person(); ok || s.SignedIn() {
			t.Error("the person is still there")
		}
		if pin, err := s.Pin(t.Context(), "https://fieldpay.example.com"); pin != "k" || err != nil {
			t.Errorf("pin %q, %v", pin, err)
		}
	})
}

func TestSession_IsSharedByProcesses(t *testing.T) {
	o := at(t)
	window, console := open(t, o), open(t, o)
	store(t, console, jordan())
	if !window.SignedIn() {
		t.Error("the window does not see the console's sign-in")
	}
	next := jordan()
	next.Access = "access-2"
	store(t, window, next)
	if tokens(t, console).Access != "access-2" {
		t.Error("the console has spent tokens")
	}
	var writers sync.WaitGroup
	for i := range 20 {
		writers.Go(func() {
			s := []*session.Session{window, console}[i%2]
			if err := s.SetPin(t.Context(), fmt.Sprintf("https://server-%d", i), "k"); err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	for i := range 20 {
		if pin, err := console.Pin(t.Context(), fmt.Sprintf("https://server-%d", i)); pin != "k" || err != nil {
			t.Errorf("pin %d was lost: %q, %v", i, pin, err)
		}
	}
}

func TestSession_Pins(t *testing.T) {
	s := open(t, at(t))
	for _, want := range []string{"", "key-1", "key-2", ""} {
		if err := s.SetPin(t.Context(), "https://fieldpay.example.com", want); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Pin(t.Context(), "https://fieldpay.example.com"); got != want || err != nil {
			t.Errorf("pin %q, %v; want %q", got, err, want)
		}
	}
}

func TestSession_ThatCannotBeOpenedIsNobodys(t *testing.T) {
	damage := map[string]func(o *session.Options) error{
		"another key":  func(o *session.Options) error { o.Key = key("another device"); return nil },
		"a cut file":   func(o *session.Options) error { return os.Truncate(o.Path, 30) },
		"an empty one": func(o *session.Options) error { return os.Truncate(o.Path, 0) },
		"a foreign one": func(o *session.Options) error {
			return os.WriteFile(o.Path, []byte(`{"tokens":{"access":"forged"}}`), 0o600)
		},
	}
	for name, do := range damage {
		t.Run(name, func(t *testing.T) {
			o := at(t)
			store(t, open(t, o), jordan())
			if err := do(&o); err != nil {
				t.Fatal(err)
			}
			s := open(t, o)
			if s.SignedIn() {
				t.Error("somebody is signed in")
			}
			store(t, s, jordan())
			if !s.SignedIn() {
				t.Error("nobody can sign in again")
			}
		})
	}
}

// Invariant 8: no token and no person stands in any file of the data folder.
func TestSession_WritesNothingReadable(t *testing.T) {
	o := at(t)
	s := open(t, o)
	store(t, s, jordan())
	if err := s.Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	store(t, s, jordan())
	files, err := filepath.Glob(filepath.Join(filepath.Dir(o.Path), "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, canary := range []string{"canary", "Jordan", "Rivera", "user-001"} {
			if bytes.Contains(content, []byte(canary)) {
				t.Errorf("%s contains %q", filepath.Base(path), canary)
			}
		}
	}
}

func TestSession_LockRefresh(t *testing.T) {
	t.Run("lets one process in at a time", func(t *testing.T) {
		o := at(t)
		window, console := open(t, o), open(t, o)
		unlock, err := window.LockRefresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Millisecond)
		defer cancel()
		if _, err := console.LockRefresh(ctx); action.CodeOf(err) != action.Busy {
			t.Errorf("got %v", err)
		}
		unlock()
		again, err := console.LockRefresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		again()
	})
	t.Run("has one of two processes renew the tokens", func(t *testing.T) {
		o := at(t)
		bff := &rotatingBFF{}
		server := httptest.NewServer(bff)
		defer server.Close()
		first := jordan()
		first.Access, first.Refresh = "access-0", "refresh-0"
		store(t, open(t, o), first)
		var processes sync.WaitGroup
		for range 4 {
			c, err := bffclient.New(bffclient.Options{BaseURL: server.URL, Tokens: open(t, o)})
			if err != nil {
				t.Fatal(err)
			}
			processes.Go(func() {
				if _, err := c.Accounts(t.Context(), bffclient.AccountQuery{}); err != nil {
					t.Error(err)
				}
			})
		}
		processes.Wait()
		if n := bff.spent.Load(); n != 1 {
			t.Errorf("%d refresh tokens were spent", n)
		}
		if got := tokens(t, open(t, o)); got.Access != "access-1" || got.Person.ID != "user-001" {
			t.Errorf("tokens %+v", got)
		}
	})
}

// rotatingBFF knows one pair of tokens at a time and refuses every other. Its
// first pair is spent already.
type rotatingBFF struct{ spent atomic.Int64 }

// ServeHTTP answers a renewal or an empty list.
func (b *rotatingBFF) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("FieldPay-Protocol", "1")
	var body struct{ RefreshToken string }
	switch {
	case r.URL.Path == "/auth/refresh" && json.NewDecoder(r.Body).Decode(&body) == nil &&
		body.RefreshToken == fmt.Sprintf("refresh-%d", b.spent.Load()):
		n := b.spent.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"accessToken": fmt.Sprintf("access-%d", n), "refreshToken": fmt.Sprintf("refresh-%d", n),
			"instanceUrl": "", "expiresAt": time.Now().Add(time.Hour).UnixMilli()})
	case b.spent.Load() > 0 && r.Header.Get("Authorization") == fmt.Sprintf("Bearer access-%d", b.spent.Load()):
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("[]"))
	default:
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"code":"sign_in_needed","error":"Invalid or expired token"}`))
	}
}

func ExampleOpen() {
	folder, err := os.MkdirTemp("", "session")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()
	ctx := context.Background()
	s, err := session.Open(ctx, session.Options{Path: filepath.Join(folder, "session"), Key: key("device")})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := s.Store(ctx, jordan()); err != nil {
		fmt.Println(err)
		return
	}
	person, _ := s.Person()
	fmt.Println(person.Name, s.SignedIn())
	// Output: Jordan Rivera true
}

func TestSession_SharedByPeople(t *testing.T) {
	alex := func() bffclient.Tokens {
		return bffclient.Tokens{Access: "alex-1", Refresh: "r", ExpiresAt: jordan().ExpiresAt.Add(time.Hour), Person: bffclient.Person{ID: "user-002", Name: "Alex Kim"}}
	}
	shared := func(t *testing.T) *session.Session {
		t.Helper()
		s := open(t, at(t))
		store(t, s, jordan())
		store(t, s, alex())
		return s
	}
	enter := func(t *testing.T, s *session.Session, p bffclient.Person) {
		t.Helper()
		if err := s.Enter(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("each works with their own tokens", func(t *testing.T) {
		s := shared(t)
		for _, want := range []bffclient.Tokens{jordan(), alex(), jordan()} {
			enter(t, s, want.Person)
			if person, _ := s.Person(); person != want.Person || tokens(t, s) != want {
				t.Errorf("%s works with %+v", person.Name, tokens(t, s))
			}
		}
	})
	t.Run("a renewal that ends after a change of hands changes no hands", func(t *testing.T) {
		s := shared(t)
		next := jordan()
		next.Access = "jordan-2"
		store(t, s, next)
		if person, _ := s.Person(); person != alex().Person || tokens(t, s) != alex() {
			t.Errorf("%s works with %+v", person.Name, tokens(t, s))
		}
		enter(t, s, jordan().Person)
		if tokens(t, s) != next {
			t.Errorf("the renewal was lost: %+v", tokens(t, s))
		}
	})
	t.Run("who has no tokens sends with a colleague's", func(t *testing.T) {
		s := shared(t)
		enter(t, s, bffclient.Person{ID: "user-003", Name: "Sam"})
		if !s.SignedIn() || tokens(t, s) != alex() {
			t.Errorf("sends with %+v", tokens(t, s))
		}
		for range 2 { // refused ones are not tried again
			if err := s.Drop(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if person, _ := s.Person(); s.SignedIn() || person.Name != "Sam" {
			t.Errorf("%s, signed in %v", person.Name, s.SignedIn())
		}
	})
	t.Run("a sign-out ends one person's and no other's", func(t *testing.T) {
		s := shared(t)
		if err := s.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, somebody := s.Person(); somebody || tokens(t, s) != jordan() {
			t.Errorf("somebody %v, sends with %+v", somebody, tokens(t, s))
		}
		enter(t, s, alex().Person)
		if tokens(t, s) != jordan() {
			t.Errorf("Alex's tokens are back: %+v", tokens(t, s))
		}
	})
	t.Run("that there is a PIN is known after everybody signed out", func(t *testing.T) {
		s := shared(t)
		if s.Guarded() {
			t.Error("guarded from the start")
		}
		if err := s.Guard(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Forget(t.Context()); err != nil || !s.Guarded() {
			t.Errorf("guarded %v, %v", s.Guarded(), err)
		}
	})
}
