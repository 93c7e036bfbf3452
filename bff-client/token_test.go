package bffclient_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"fieldpay/action"
)

// expire makes the server refuse the access tokens it has given.
func (s *server) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access = "nobody has this one"
}

func TestClient_RenewsTheSignIn(t *testing.T) {
	t.Run("once for twenty callers that were refused at once", func(t *testing.T) {
		s, tokens := newServer(t), newWallet()
		s.expire()
		c := newClient(t, s.URL, tokens)
		var callers sync.WaitGroup
		failures := make(chan error, 20)
		for range 20 {
			callers.Go(func() {
				if _, err := c.Send(t.Context(), batch(1, 10)); err != nil {
					failures <- err
				}
			})
		}
		callers.Wait()
		close(failures)
		for err := range failures {
			t.Error(err)
		}
		if n := s.refreshes.Load(); n != 1 {
			t.Errorf("%d refresh tokens were spent", n)
		}
	})
	t.Run("before the end of the token, and stores it before it is used", func(t *testing.T) {
		s, tokens := newServer(t), newWallet()
		tokens.tokens.ExpiresAt = time.Now().Add(4 * time.Minute)
		stored := false
		s.on("/sync/actions", func(w http.ResponseWriter, r *http.Request) {
			tokens.mu.Lock()
			stored = slices.Equal(tokens.history, []string{"stored access-2"})
			tokens.mu.Unlock()
			s.actions(w, r)
		})
		if _, err := newClient(t, s.URL, tokens).Send(t.Context(), batch(1, 10)); err != nil {
			t.Fatal(err)
		}
		if !stored {
			t.Errorf("history %v", tokens.history)
		}
		if tokens.tokens.Person.ID != "user-001" {
			t.Error("the person was lost")
		}
	})
	t.Run("not while the token is good", func(t *testing.T) {
		s, tokens := newServer(t), newWallet()
		tokens.tokens.ExpiresAt = time.Now().Add(6 * time.Minute)
		if _, err := newClient(t, s.URL, tokens).Send(t.Context(), batch(1, 10)); err != nil {
			t.Fatal(err)
		}
		if n := s.refreshes.Load(); n != 0 {
			t.Errorf("%d refresh tokens were spent", n)
		}
	})
	t.Run("by the server's clock once a probe has measured it", func(t *testing.T) {
		s, tokens := newServer(t), newWallet()
		s.on("/health", func(w http.ResponseWriter, r *http.Request) {
			s.signHealth(w, r.URL.Query().Get("nonce"), time.Now().Add(58*time.Minute).UTC(), nil)
		})
		c := newClient(t, s.URL, tokens)
		if _, err := c.Probe(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Send(t.Context(), batch(1, 10)); err != nil {
			t.Fatal(err)
		}
		if n := s.refreshes.Load(); n != 1 {
			t.Errorf("%d refresh tokens were spent", n)
		}
	})
	t.Run("only once for a server that refuses the new token too", func(t *testing.T) {
		s, tokens := newServer(t), newWallet()
		s.on("/sync/actions", problemOf(http.StatusUnauthorized, action.SignInNeeded))
		_, err := newClient(t, s.URL, tokens).Send(t.Context(), batch(1, 10))
		wantCode(t, err, action.SignInNeeded)
		if n := s.refreshes.Load(); n != 1 {
			t.Errorf("%d refresh tokens were spent", n)
		}
	})
}

func TestClient_RenewalThatFails(t *testing.T) {
	t.Run("on the way signs nobody out", func(t *testing.T) {
		for name, route := range map[string]http.HandlerFunc{
			"cut": writeRaw(""), "portal": page(200, "text/html", "<html>"), "busy": problemOf(503, action.Busy),
			"foreign 401": page(401, "text/html", "<html>"),
		} {
			t.Run(name, func(t *testing.T) {
				s, tokens := newServer(t), newWallet()
				s.on("/auth/refresh", route)
				s.expire()
				_, err := newClient(t, s.URL, tokens).Send(t.Context(), batch(1, 10))
				if err == nil || action.CodeOf(err) == action.SignInNeeded {
					t.Errorf("got %v", err)
				}
				if len(tokens.history) != 0 {
					t.Errorf("the sign-in was touched: %v", tokens.history)
				}
			})
		}
	})
	t.Run("ahead of time does not keep a good token from being used", func(t *testing.T) {
		s, tokens := newServer(t), newWallet()
		tokens.tokens.ExpiresAt = time.Now().Add(time.Minute)
		s.on("/auth/refresh", problemOf(503, action.Busy))
		if _, err := newClient(t, s.URL, tokens).Send(t.Context(), batch(1, 10)); err != nil {
			t.Error(err)
		}
	})
	t.Run("by a refusal asks for a sign-in and keeps the person", func(t *testing.T) {
		s, tokens := newServer(t), newWallet()
		s.on("/auth/refresh", problemOf(http.StatusUnauthorized, action.SignInNeeded))
		s.expire()
		_, err := newClient(t, s.URL, tokens).Send(t.Context(), batch(1, 10))
		wantCode(t, err, action.SignInNeeded)
		if !slices.Equal(tokens.history, []string{"dropped"}) || tokens.person.ID == "" {
			t.Errorf("history %v, person %v", tokens.history, tokens.person)
		}
	})
	t.Run("because the device was blocked says so", func(t *testing.T) {
		s, tokens := newServer(t), newWallet()
		s.on("/auth/refresh", problemOf(http.StatusForbidden, action.Revoked))
		s.expire()
		_, err := newClient(t, s.URL, tokens).Send(t.Context(), batch(1, 10))
		wantCode(t, err, action.Revoked)
	})
}

func TestClient_RenewalOutlivesItsCaller(t *testing.T) {
	s, tokens := newServer(t), newWallet()
	s.expire()
	ctx, giveUp := context.WithCancel(t.Context())
	held := make(chan struct{})
	s.on("/auth/refresh", func(w http.ResponseWriter, r *http.Request) {
		giveUp()
		<-held
		s.renew(w, r)
	})
	c := newClient(t, s.URL, tokens)
	_, err := c.Send(ctx, batch(1, 10))
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	close(held)
	if _, err := c.Send(t.Context(), batch(1, 10)); err != nil {
		t.Fatal(err)
	}
	if n := s.refreshes.Load(); n != 1 {
		t.Errorf("%d refresh tokens were spent", n)
	}
}

// lockedWallet is a wallet that processes share: the lock is held while a
// refresh token is spent.
type lockedWallet struct {
	*wallet
	lock chan struct{}
}

// LockRefresh waits for the lock.
func (w lockedWallet) LockRefresh(ctx context.Context) (func(), error) {
	select {
	case w.lock <- struct{}{}:
		return func() { <-w.lock }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestClient_RenewsOnceForTwoProcesses(t *testing.T) {
	s := newServer(t)
	s.expire()
	shared := lockedWallet{newWallet(), make(chan struct{}, 1)}
	var processes sync.WaitGroup
	for range 2 {
		c := newClient(t, s.URL, shared)
		for range 5 {
			processes.Go(func() {
				if _, err := c.Send(t.Context(), batch(1, 10)); err != nil {
					t.Error(err)
				}
			})
		}
	}
	processes.Wait()
	if n := s.refreshes.Load(); n != 1 {
		t.Errorf("%d refresh tokens were spent", n)
	}
}

func TestClient_SignIn(t *testing.T) {
	t.Run("stores the tokens with their person", func(t *testing.T) {
		s, tokens := newServer(t), &wallet{}
		got, err := newClient(t, s.URL, tokens).SignIn(t.Context(), "demo@fieldpay.com", "right")
		if err != nil {
			t.Fatal(err)
		}
		if got.Person.Name != "Jordan Rivera" || tokens.person != got.Person || tokens.tokens.Access != "access-1" {
			t.Errorf("session %+v, wallet %+v", got, tokens)
		}
	})
	t.Run("tells a wrong password from a missing sign-in", func(t *testing.T) {
		s, tokens := newServer(t), newWallet()
		_, err := newClient(t, s.URL, tokens).SignIn(t.Context(), "demo@fieldpay.com", "wrong")
		wantCode(t, err, action.BadCredentials)
		if len(tokens.history) != 0 {
			t.Errorf("the sign-in was touched: %v", tokens.history)
		}
	})
	t.Run("is asked for without a call when nobody is signed in", func(t *testing.T) {
		s := newServer(t)
		s.Close()
		_, err := newClient(t, s.URL, &wallet{}).Send(t.Context(), batch(1, 10))
		wantCode(t, err, action.SignInNeeded)
	})
}

func TestClient_SignOut(t *testing.T) {
	t.Run("drops the tokens and tells the server", func(t *testing.T) {
		s, tokens := newServer(t), newWallet()
		told := ""
		s.on("/auth/logout", func(w http.ResponseWriter, r *http.Request) {
			told = r.Header.Get("Authorization")
			answer(w, http.StatusNoContent, nil)
		})
		if err := newClient(t, s.URL, tokens).SignOut(t.Context()); err != nil {
			t.Fatal(err)
		}
		if told != "Bearer access-1" || tokens.tokens.Access != "" {
			t.Errorf("told %q, tokens %+v", told, tokens.tokens)
		}
	})
	t.Run("drops the tokens offline too", func(t *testing.T) {
		s, tokens := newServer(t), newWallet()
		s.Close()
		wantCode(t, newClient(t, s.URL, tokens).SignOut(t.Context()), action.Offline)
		if tokens.tokens.Access != "" {
			t.Error("the tokens are still there")
		}
	})
}
