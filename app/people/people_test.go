package people_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	"fieldpay/app/people"
	bffclient "fieldpay/bff-client"
	"fieldpay/internal/sealed"
)

const (
	jordansPIN = "284736"
	alexesPIN  = "905172"
)

var cheap = people.Cost{Passes: 1, MemoryKiB: 8}

func jordan() bffclient.Person {
	return bffclient.Person{ID: "user-001", Name: "Jordan Rivera", Email: "jordan@fieldpay.example.com", Role: "rep"}
}

func alex() bffclient.Person {
	return bffclient.Person{ID: "user-002", Name: "Alex Kim", Email: "alex@fieldpay.example.com", Role: "office"}
}

func at(t *testing.T) people.Options {
	t.Helper()
	return people.Options{Path: filepath.Join(t.TempDir(), "people"), Key: bytes.Repeat([]byte{7}, sealed.KeySize), Cost: cheap}
}

func open(t *testing.T, o people.Options) *people.Register {
	t.Helper()
	r, err := people.Open(context.WithoutCancel(t.Context()), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// both is a register where Jordan and Alex have a PIN each.
func both(t *testing.T, o people.Options) *people.Register {
	t.Helper()
	r := open(t, o)
	for pin, person := range map[string]bffclient.Person{jordansPIN: jordan(), alexesPIN: alex()} {
		if err := r.Remember(t.Context(), person); err != nil {
			t.Fatal(err)
		}
		if err := r.SetPIN(t.Context(), person.ID, pin); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func try(t *testing.T, r *people.Register, id, pin string) action.Code {
	t.Helper()
	m, err := r.Unlock(t.Context(), id, pin)
	if err == nil && m.ID != id {
		t.Errorf("it opened for %q", m.ID)
	}
	if err == nil {
		return ""
	}
	return action.CodeOf(err)
}

func TestRegister_Unlock(t *testing.T) {
	o := at(t)
	r := both(t, o)
	t.Run("each PIN opens for its person alone", func(t *testing.T) {
		if got := try(t, r, jordan().ID, jordansPIN); got != "" {
			t.Errorf("Jordan's own: %s", got)
		}
		if got := try(t, r, alex().ID, jordansPIN); got != action.PINWrong {
			t.Errorf("Jordan's for Alex: %s", got)
		}
	})
	t.Run("it opens after a restart, without anybody to ask", func(t *testing.T) {
		if got := try(t, open(t, o), jordan().ID, jordansPIN); got != "" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("who is not known here, or has no PIN, signs in", func(t *testing.T) {
		if got := try(t, r, "user-404", jordansPIN); got != action.SignInNeeded {
			t.Errorf("a stranger: %s", got)
		}
		if err := r.Remember(t.Context(), bffclient.Person{ID: "user-003", Name: "Sam"}); err != nil {
			t.Fatal(err)
		}
		if got := try(t, r, "user-003", ""); got != action.SignInNeeded {
			t.Errorf("somebody without a PIN: %s", got)
		}
	})
	t.Run("another sign-in keeps the PIN, and a sign-out ends it", func(t *testing.T) {
		if err := r.Remember(t.Context(), jordan()); err != nil {
			t.Fatal(err)
		}
		if got := try(t, r, jordan().ID, jordansPIN); got != "" {
			t.Errorf("after the sign-in: %s", got)
		}
		if err := r.Forget(t.Context(), jordan().ID); err != nil {
			t.Fatal(err)
		}
		if got := try(t, r, jordan().ID, jordansPIN); got != action.SignInNeeded {
			t.Errorf("after the sign-out: %s", got)
		}
	})
}

func TestRegister_Unlock_SlowsGuessingDown(t *testing.T) {
	wait := func(t *testing.T, r *people.Register, id string) time.Duration {
		t.Helper()
		m, known, err := r.Member(t.Context(), id)
		if err != nil || !known {
			t.Fatalf("known %v, %v", known, err)
		}
		return m.Wait
	}
	guess := func(t *testing.T, r *people.Register, times int) {
		t.Helper()
		for range times {
			time.Sleep(wait(t, r, jordan().ID))
			if got := try(t, r, jordan().ID, "111222"); got != action.PINWrong {
				t.Fatalf("a guess: %s", got)
			}
		}
	}
	t.Run("two slips cost nothing, then each wait is twice as long, to a quarter of an hour", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := both(t, at(t))
			guess(t, r, 2)
			for _, want := range []time.Duration{0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900} {
				if got := wait(t, r, jordan().ID); got != want*time.Second {
					t.Fatalf("wait %v, want %v", got, want*time.Second)
				}
				guess(t, r, 1)
			}
		})
	})
	t.Run("what comes too soon is not looked at, were it the right one", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := both(t, at(t))
			guess(t, r, 3)
			if got := try(t, r, jordan().ID, jordansPIN); got != action.PINWait {
				t.Errorf("at once: %s", got)
			}
			if got := try(t, r, alex().ID, alexesPIN); got != "" {
				t.Errorf("a colleague meanwhile: %s", got)
			}
			time.Sleep(5 * time.Second)
			if got := try(t, r, jordan().ID, jordansPIN); got != "" {
				t.Errorf("after the wait: %s", got)
			}
			if got := wait(t, r, jordan().ID); got != 0 {
				t.Errorf("after a right one there is a wait of %v", got)
			}
		})
	})
	t.Run("a restart begins the wait anew, whatever the clock says", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o := at(t)
			guess(t, both(t, o), 4)
			time.Sleep(365 * 24 * time.Hour) // the clock set forward while it was off
			r := open(t, o)
			if got := wait(t, r, jordan().ID); got != 10*time.Second {
				t.Errorf("wait %v after the restart", got)
			}
			if got := try(t, r, jordan().ID, jordansPIN); got != action.PINWait {
				t.Errorf("at once: %s", got)
			}
			time.Sleep(10 * time.Second)
			if got := try(t, r, jordan().ID, jordansPIN); got != "" {
				t.Errorf("after the wait: %s", got)
			}
		})
	})
	t.Run("a second process cannot guess beside the first", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o := at(t)
			window, console := both(t, o), open(t, o)
			guess(t, window, 3)
			if got := try(t, console, jordan().ID, jordansPIN); got != action.PINWait {
				t.Errorf("got %s", got)
			}
		})
	})
	t.Run("many at once are no more than one by one", func(t *testing.T) {
		r := both(t, at(t))
		var all sync.WaitGroup
		var mu sync.Mutex
		looked := 0
		for range 12 {
			all.Go(func() {
				_, err := r.Unlock(t.Context(), jordan().ID, "111222")
				mu.Lock()
				defer mu.Unlock()
				if action.CodeOf(err) == action.PINWrong {
					looked++
				}
			})
		}
		all.Wait()
		if looked != 3 {
			t.Errorf("%d were looked at, want 3", looked)
		}
	})
}

func TestRegister_SetPIN_RefusesWhatIsNone(t *testing.T) {
	r := both(t, at(t))
	for name, pin := range map[string]string{
		"an empty one": "", "a short one": "28473", "a long one": "2847362847362", "letters": "28473a",
		"digits of another script": "٢٨٤٧٣٦", "one digit": "777777", "a row": "345678", "a row downwards": "876543",
	} {
		t.Run(name, func(t *testing.T) {
			if err := r.SetPIN(t.Context(), jordan().ID, pin); action.FieldsOf(err)["pin"] == "" {
				t.Errorf("got %v", err)
			}
		})
	}
	if got := try(t, r, jordan().ID, jordansPIN); got != "" {
		t.Errorf("the PIN before: %s", got)
	}
}

func TestRegister_Badges(t *testing.T) {
	const code = "FP-BADGE-0017"
	o := at(t)
	r := both(t, o)
	if err := r.SetBadge(t.Context(), jordan().ID, code); err != nil {
		t.Fatal(err)
	}
	t.Run("a badge is its person's, after a restart too", func(t *testing.T) {
		m, err := open(t, o).ByBadge(t.Context(), code)
		if err != nil || m.ID != jordan().ID || !m.Badge {
			t.Errorf("got %+v, %v", m, err)
		}
	})
	t.Run("one badge is not two people's", func(t *testing.T) {
		if err := r.SetBadge(t.Context(), alex().ID, code); action.FieldsOf(err)["badge"] == "" {
			t.Errorf("got %v", err)
		}
		if err := r.SetBadge(t.Context(), jordan().ID, code); err != nil {
			t.Errorf("the same again: %v", err)
		}
	})
	t.Run("codes that nobody has are slowed down like PINs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := open(t, o)
			for range 3 {
				if _, err := r.ByBadge(t.Context(), "4006381333931"); action.CodeOf(err) != action.PINWrong {
					t.Fatalf("got %v", err)
				}
			}
			if _, err := r.ByBadge(t.Context(), code); action.CodeOf(err) != action.PINWait {
				t.Errorf("at once: %v", err)
			}
			time.Sleep(5 * time.Second)
			if _, err := r.ByBadge(t.Context(), code); err != nil {
				t.Errorf("after the wait: %v", err)
			}
		})
	})
	t.Run("a badge that was taken away opens nothing, and no code is nobody's", func(t *testing.T) {
		if err := r.SetBadge(t.Context(), jordan().ID, ""); err != nil {
			t.Fatal(err)
		}
		for _, c := range []string{code, ""} {
			if m, err := r.ByBadge(t.Context(), c); action.CodeOf(err) != action.PINWrong {
				t.Errorf("%q: got %+v, %v", c, m, err)
			}
		}
	})
	t.Run("codes that are too short or too long are refused", func(t *testing.T) {
		for _, c := range []string{"12345", strings.Repeat("1", 129)} {
			if err := r.SetBadge(t.Context(), alex().ID, c); action.FieldsOf(err)["badge"] == "" {
				t.Errorf("%d characters: got %v", len(c), err)
			}
		}
	})
}

func TestRegister_KeepsNothingInTheOpen(t *testing.T) {
	o := at(t)
	r := both(t, o)
	if err := r.SetBadge(t.Context(), jordan().ID, "FP-BADGE-0017"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	for _, canary := range []string{"Jordan", "jordan@", "FP-BADGE", jordansPIN} {
		if bytes.Contains(text, []byte(canary)) {
			t.Errorf("%q lies open", canary)
		}
	}
}

func TestMember_Manager(t *testing.T) {
	for role, want := range map[string]bool{"admin": true, "office": true, "rep": false, "kiosk": false, "": false} {
		if got := (people.Member{Person: bffclient.Person{Role: role}}).Manager(); got != want {
			t.Errorf("%q: %v", role, got)
		}
	}
}
